"""Measure Footnote, LlamaIndex, Haystack and txtai on the same files and questions, with the same embedding model.

    python -m eval.bench.peers [--shared ../shared] [--peers runs/peers] [--sets en,zh] [--limit N] [--only NAME ...]
                               [--write docs/peers.md]

Each paragraph of a set is a text file. Each system reads the folder and answers the questions in a process of its own,
one system after another, its libraries in a virtual environment of their own, which is made where it is absent. Every
ranking is of files, each where its best chunk stands, and is scored here by the scorer of every other run.

On the clock of an ingestion: from files to what can be searched; not: loading the model, and the first text that it
embeds. Questions are asked one at a time, after some that are not counted. peak: of the process (VmHWM), and of what it
started. The rows without a note are the system's documented defaults. One JSON object on stdout; exit 1 where a system
could not be measured.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shlex
import statistics
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from eval.bench.page import between_marks
from eval.bench.peers.measure import Row, measure, write_files
from eval.bench.peers.score import Scores, differences_of, figures_of, scores_of
from eval.bench.peers.systems import FOOTNOTE, System, systems_for
from eval.bench.peers.table import tables
from eval.datasets.load import load_dataset
from eval.questions import Dataset
from rag.config import Settings
from rag.models.find import find_model

ITSELF = "python -m eval.bench.peers"
SETS = {"en": "data/xquad/xquad.en.json", "zh": "data/xquad/xquad.zh.json", "drcd": "data/drcd/DRCD_dev.json"}
PERCENTILES = 100


def compare(
    sets: Sequence[str], *, shared: Path, peers: Path, only: tuple[str, ...] = (), limit: int | None = None
) -> Row:
    """sets: names of SETS, or FORM:PATH of any other whose documents stand in its file."""
    settings = Settings()
    model = find_model(settings.embedder.model, settings.data / "models")
    report: Row = {
        "processors": len(os.sched_getaffinity(0)),
        "load_before": round(os.getloadavg()[0], 1),
        "limit": limit,
        "sets": {},
    }
    for name in sets:
        spec = f"squad:{shared / SETS[name]}" if name in SETS else name
        report["sets"][name] = _compared(_drawn(load_dataset(spec), limit), model, peers, only)
    return report


def _drawn(dataset: Dataset, limit: int | None) -> Dataset:
    if limit is None or limit >= len(dataset.questions):
        return dataset
    return replace(dataset, questions=tuple(random.Random(0).sample(dataset.questions, limit)))


def _compared(dataset: Dataset, model: Path, peers: Path, only: tuple[str, ...]) -> Row:
    language = Counter(paragraph.language for paragraph in dataset.paragraphs).most_common(1)[0][0]
    with TemporaryDirectory() as name:
        files = Path(name) / "files"
        characters = write_files(dataset, files)
        rows: list[Row] = []
        ours: Scores | None = None
        for system in systems_for(language, only):
            sys.stderr.write(f"{dataset.spec}: {system.name}\n")
            found = measure(system, dataset, files, model, peers)
            row, scores = _row(system, found, dataset, characters)
            if system.name == FOOTNOTE:
                ours = scores
            elif scores is not None and ours is not None:
                row["less"] = differences_of(dataset, scores, ours)
            rows.append(row)
    return {
        "dataset": dataset.spec,
        "files": len(dataset.paragraphs),
        "characters": characters,
        "questions": len(dataset.questions),
        "systems": rows,
    }


def _row(system: System, found: Row, dataset: Dataset, characters: int) -> tuple[Row, Scores | None]:
    named: Row = {"system": system.name, "options": dict(system.options), "note": system.note}
    if "error" in found:
        return named | {"error": found["error"]}, None
    scores = scores_of(dataset, found["rankings"])
    ingest, milliseconds = found["ingest"], found["query"]["milliseconds"]
    cuts = statistics.quantiles(milliseconds, n=PERCENTILES, method="inclusive")
    return {
        **named,
        "versions": found["versions"],
        "figures": figures_of(dataset, scores),
        "load_seconds": round(found["load"]["seconds"], 2),
        "ingest": {
            "chunks": ingest["chunks"],
            "seconds": round(ingest["seconds"], 2),
            "cpu_seconds": round(ingest["cpu_seconds"], 2),
            "chunks_per_second": round(ingest["chunks"] / ingest["seconds"], 1),
            "characters_per_second": round(characters / ingest["seconds"]),
        },
        "query": {
            "p50_ms": round(cuts[49], 2),
            "p95_ms": round(cuts[94], 2),
            "cpu_ms": round(1000 * found["query"]["cpu_seconds"] / len(milliseconds), 2),
        },
        "peak_bytes": found["peak_bytes"],
    }, scores


def main(arguments: Sequence[str]) -> int:
    options = _options(arguments)
    report = compare(
        options.sets.split(","),
        shared=options.shared,
        peers=options.peers,
        only=tuple(options.only or ()),
        limit=options.limit,
    )
    report["command"] = shlex.join(["python", "-m", "eval.bench.peers", *arguments])
    if options.write is not None:
        page = between_marks(options.write.read_text(encoding="utf-8"), tables(report), ITSELF)
        options.write.write_text(page, encoding="utf-8")
    json.dump(report, sys.stdout, indent=1, ensure_ascii=False)
    sys.stdout.write("\n")
    rows: list[dict[str, Any]] = [row for one in report["sets"].values() for row in one["systems"]]
    return int(any("error" in row for row in rows))


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog=ITSELF, description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--peers", type=Path, default=Path("runs/peers"), help="their environments; made when absent")
    parser.add_argument("--sets", default="en,zh", help=f"of {', '.join(SETS)}, or squad:FILE, with commas between")
    parser.add_argument("--limit", type=int, help="so many questions, drawn at random; all files stay")
    parser.add_argument("--only", action="append", metavar="NAME", help="systems with this in their name; repeat it")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="put the tables between the marks of this page")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
