"""Run one system on one set in a process of its own. Knows nothing of what its figures are compared with."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from eval.bench.peers.environments import NotMade, python_of
from eval.bench.peers.systems import System
from eval.bench.processes import run_watched
from eval.questions import Dataset

CHUNKS = 50  # asked for at a question: as many as Footnote ranks of each leg
QUIET = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HAYSTACK_TELEMETRY_ENABLED": "False",
    "TOKENIZERS_PARALLELISM": "true",
    "CUDA_VISIBLE_DEVICES": "",
}
Row = dict[str, Any]


def write_files(dataset: Dataset, folder: Path) -> int:
    """Write each paragraph as a text file, named by its number; return the characters."""
    folder.mkdir(parents=True)
    for number, paragraph in enumerate(dataset.paragraphs):
        (folder / file_name(number)).write_text(paragraph.text, encoding="utf-8")
    return sum(len(paragraph.text) for paragraph in dataset.paragraphs)


def file_name(number: int) -> str:
    return f"{number:05}.txt"


def measure(system: System, dataset: Dataset, files: Path, model: Path, peers: Path) -> Row:
    """Return what the system's program reports and the peak of all its processes; {"error": ...} where it failed."""
    try:
        python = Path(sys.executable) if system.environment is None else python_of(system.environment, peers)
    except NotMade as error:
        return {"error": f"its environment cannot be made: {error}"}
    with TemporaryDirectory() as name:
        task, result, data = Path(name) / "task.json", Path(name) / "result.json", Path(name) / "data"
        row = {
            "files": str(files),
            "model": str(model),
            "scratch": str(data),
            "chunks": CHUNKS,
            "questions": [question.text for question in dataset.questions],
            "options": dict(system.options),
        }
        task.write_text(json.dumps(row), encoding="utf-8")
        command = [str(python), "-m", f"eval.bench.peers.{system.program}", str(task), str(result)]
        ran = run_watched(command, QUIET)
        if ran.status or not result.is_file():
            return {"error": f"ended with {ran.status}: {ran.last_words}"}
        report: Row = json.loads(result.read_text(encoding="utf-8"))
    report["peak_bytes"] += ran.children_bytes
    return report
