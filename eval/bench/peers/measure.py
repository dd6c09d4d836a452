"""Run one system on one set in a process of its own. Knows nothing of what its figures are compared with."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from eval.bench.family import family
from eval.bench.peers.environments import NotMade, python_of
from eval.bench.peers.systems import System
from eval.bench.peers.task import peak_bytes
from eval.questions import Dataset

CHUNKS = 50  # asked for at a question: as many as Footnote ranks of each leg
LOOK_SECONDS = 0.2
LONGEST_SECONDS = 3600
SHOWN_CHARACTERS = 400  # of a traceback, in a row
ROOT = Path(__file__).parents[3]
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
        code, errors, children = _run(command)
        if code or not result.is_file():
            said = errors.strip().splitlines()
            return {"error": f"ended with {code}: {(said or ['nothing was said'])[-1][-SHOWN_CHARACTERS:]}"}
        report: Row = json.loads(result.read_text(encoding="utf-8"))
    report["peak_bytes"] += children
    return report


def _run(command: list[str]) -> tuple[int, str, int]:
    """Return the exit status, what was said on standard error, and the most that its children held."""
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=os.environ | QUIET,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    ) as process:
        with _watched(process.pid) as seen:
            try:
                _, errors = process.communicate(timeout=LONGEST_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                _, errors = process.communicate()
        return process.returncode, errors, max(seen)


@contextmanager
def _watched(pid: int) -> Iterator[list[int]]:
    """Yield a list that grows by what the process's children have held at most, summed over those that live."""
    seen, done = [0], threading.Event()

    def look() -> None:
        while not done.wait(LOOK_SECONDS):
            seen.append(sum(peak_bytes(str(child)) for child in family(pid) if child != pid))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        done.set()
        thread.join()
