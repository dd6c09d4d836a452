"""Measure an ingest by kind of file: chunks, characters and bytes a second, and the memory that it takes.

    footnote eval bench ingest --documents ~/handbook

Each kind (by suffix) is read into a new library, and then all files into another, by what `footnote ingest` runs. The
model is loaded and has embedded a text before the clock starts; the reading processes are started on it. Each kind
runs in a process of its own, so that its peak is its own: of the process (VmHWM), and of those it started. What could
not be read is counted and named. Knows nothing of whether the text is right: eval.bench.text_recall does.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from eval.bench.processes import run_watched
from eval.bench.spread import lines
from ingest.opening import build_ingest, open_for_writing
from rag.build import build_embedder, runtime_of
from rag.config import load_settings
from rag.errors import FootnoteError, InvalidRequest

ALL = "all"
MEGABYTE = 2**20
COLLECTION = "bench"
Row = dict[str, Any]


def measure(documents: Path) -> Row:
    """Raises InvalidRequest where there are no files, FootnoteError where an ingest broke off."""
    kinds: dict[str, list[Path]] = defaultdict(list)
    for path in sorted(path for path in documents.rglob("*") if path.is_file()):
        kinds[path.suffix.lower() or "(none)"].append(path)
    if not kinds:
        raise InvalidRequest(f"{documents} holds no files", hint="--documents names a folder")
    with TemporaryDirectory() as name:
        rows = {kind: _row(Path(name) / f"{number}", paths) for number, (kind, paths) in enumerate(kinds.items())}
        if len(kinds) > 1:
            rows[ALL] = _row(Path(name) / ALL, [path for paths in kinds.values() for path in paths])
    return {"documents": str(documents), "processors": len(os.sched_getaffinity(0)), "kinds": rows}


def _row(folder: Path, paths: list[Path]) -> Row:
    files, result = folder / "files", folder / "result.json"
    for number, path in enumerate(paths):  # numbered: files of one name may lie in different folders
        copy = files / f"{number:05}" / path.name
        copy.parent.mkdir(parents=True)
        shutil.copyfile(path, copy)
    command = [sys.executable, "-m", "eval.bench.ingest", str(files), str(folder / "data"), str(result)]
    run = run_watched(command)
    if run.status:
        raise FootnoteError(f"an ingest ended with {run.status}: {run.last_words}")
    row: Row = json.loads(result.read_text(encoding="utf-8"))
    return row | {"peak_bytes": row["peak_bytes"] + run.children_bytes}


def ingest(files: Path, data: Path) -> Row:
    """Runs in a process of its own."""
    from eval.bench.peers.task import peak_bytes

    settings = load_settings(data=data)
    embedder = build_embedder(settings)
    embedder.embed_passages(["warm"])
    cpu, start = _cpu_seconds(), time.perf_counter()
    with open_for_writing(settings, COLLECTION, embedder) as library:
        report = build_ingest(settings, library, embedder).run([files])
        seconds, cpu = time.perf_counter() - start, _cpu_seconds() - cpu
        characters = sum(len(library.document(row.document_id).text) for row in library.sources())
    size = sum(path.stat().st_size for path in files.rglob("*") if path.is_file())
    return {
        "files": report.discovered,
        "outcomes": dict(Counter(row.outcome for row in report.files)),
        "failed": [f"{Path(row.path).name}: {row.error}" for row in report.files if row.outcome == "failed"],
        "chunks": report.chunks,
        "characters": characters,
        "bytes": size,
        "seconds": round(seconds, 3),
        "cpu_seconds": round(cpu, 3),
        "chunks_per_second": round(report.chunks / seconds, 1),
        "chunks_per_cpu_second": round(report.chunks / cpu, 1) if cpu else None,
        "characters_per_second": round(characters / seconds),
        "megabytes_per_second": round(size / MEGABYTE / seconds, 3),
        "runtime": runtime_of(embedder),
        "peak_bytes": peak_bytes("self"),
    }


def _cpu_seconds() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def table(report: Row) -> str:
    return "\n\n".join([f"{report['documents']}: {report['processors']} processors", lines(list(_shown(report)))])


def _shown(report: Row) -> Iterator[Row]:
    for kind, row in report["kinds"].items():
        yield {
            "kind": kind,
            "files": row["files"],
            "indexed": row["outcomes"].get("indexed", 0),
            "failed": len(row["failed"]),
            "chunks": row["chunks"],
            "chunks/s": row["chunks_per_second"],
            "chunks/CPU s": row["chunks_per_cpu_second"],
            "characters/s": row["characters_per_second"],
            "MB/s": row["megabytes_per_second"],
            "peak MB": round(row["peak_bytes"] / MEGABYTE),
        }


if __name__ == "__main__":
    _files, _data, _result = map(Path, sys.argv[1:])
    _result.write_text(json.dumps(ingest(_files, _data)), encoding="utf-8")
