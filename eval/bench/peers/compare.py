"""Compare the systems on sets, and add up what came of it. Knows nothing of pages or command lines."""

from __future__ import annotations

import os
import random
import shutil
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from eval.bench.peers.measure import Row, measure, write_files
from eval.bench.peers.score import Scores, differences_of, figures_of, scores_of
from eval.bench.peers.systems import FOOTNOTE, System, systems_for
from eval.bench.spread import spread
from eval.datasets.load import load_dataset
from eval.questions import Dataset
from rag.config import Settings
from rag.models.find import find_model

SETS = {"en": "data/xquad/xquad.en.json", "zh": "data/xquad/xquad.zh.json", "drcd": "data/drcd/DRCD_dev.json"}


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
    files = peers / "files" / f"{language}-{len(dataset.paragraphs)}"  # LlamaIndex embeds the path: one for all runs
    shutil.rmtree(files, ignore_errors=True)
    characters = write_files(dataset, files)
    rows: list[Row] = []
    ours: Scores | None = None
    for system in systems_for(language, only):
        sys.stderr.write(f"{dataset.spec}: {system.name}\n")
        found = measure(system, dataset, files.absolute(), model, peers)
        row, scores = _row(system, found, dataset, characters)
        if system.name == FOOTNOTE:
            ours = scores
        elif scores is not None and ours is not None:
            row["less"] = differences_of(dataset, scores, ours)
        rows.append(row)
    shutil.rmtree(files)
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
            **spread(milliseconds),
            "cpu_ms": round(1000 * found["query"]["cpu_seconds"] / len(milliseconds), 2),
        },
        "peak_bytes": found["peak_bytes"],
    }, scores


def has_failed(report: Row) -> bool:
    """Say whether a system could not be measured."""
    return any("error" in row for one in report["sets"].values() for row in one["systems"])
