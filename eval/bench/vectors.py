"""Measure the layouts of a vector index by size, and a packed column of blocks against a row a block.

    python -m eval.bench.vectors [SIZE ...]      one JSON object on stdout

The vectors are drawn around centres, as texts on subjects are, and from few dimensions with noise in all the others,
as embeddings are: neighbours drawn from 384 independent dimensions are all equally far, which no index can tell apart.
Questions are drawn likewise, so none is a passage. Vectors lie in a library's database, and candidates are scored by
what is read from there. Times are the thread's own on its processor, and of one question at a time. Making and opening
are measured in processes of their own.
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import faiss as typed_faiss
import numpy as np

from rag.library.arrange import Arranger
from rag.library.database import Database
from rag.library.jobs import FILE_NAME
from rag.library.lists import Lists
from rag.library.pack import pack_blocks, pack_vectors, unpack_blocks
from rag.library.records import Manifest
from rag.library.store import Store
from rag.library.stored import StoredVectors
from rag.library.vector_cache import VectorCache
from rag.library.vectors import FaissIndex
from rag.library.writing import fill_manifest
from rag.ports import Keys, Matrix
from rag.types import Block, BlockKind, Box

faiss: Any = typed_faiss  # its stubs lag behind its code

DIMENSION = 384
INNER_DIMENSION = 32
SIZES = (50_000, 100_000, 200_000, 400_000)
QUERIES = 200
K, MOST = 10, 100
SPREAD = 0.8  # length of a text's own part beside its subject's
NOISE = 0.2
NEVER = 1 << 62
SHARES = (0.5, 0.1, 0.01, 0.001)
ROWS = 20_000  # drawn at once


class Drawn:
    """Vectors under the keys from 1 on, some at a time, and questions; the same ones for the same size."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._random = np.random.default_rng(size)
        self._centres = _unit(self._random.normal(size=(max(20, size // 100), INNER_DIMENSION)))
        outwards = np.linalg.qr(self._random.normal(size=(DIMENSION, INNER_DIMENSION)))[0].T
        self._outwards = outwards.astype(np.float32)
        self.queries = self._some(QUERIES)

    def rows(self) -> Iterator[tuple[Keys, Matrix]]:
        for first in range(0, self.size, ROWS):
            keys = np.arange(first + 1, min(first + ROWS, self.size) + 1)
            yield keys, self._some(len(keys))

    def _some(self, count: int) -> Matrix:
        random = self._random
        own = _unit(random.standard_normal((count, INNER_DIMENSION), dtype=np.float32))
        inner = _unit(self._centres[random.integers(0, len(self._centres), count)] + SPREAD * own)
        noise = _unit(random.standard_normal((count, DIMENSION), dtype=np.float32))
        return _unit(inner @ self._outwards + NOISE * noise)


def measure(size: int) -> dict[str, Any]:
    drawn = Drawn(size)
    with tempfile.TemporaryDirectory() as base:
        folder = Path(base)
        _write_library(folder, drawn)
        made, opened = _apart("--make", folder), _apart("--open", folder)
        database = Database(folder / FILE_NAME)
        stored = StoredVectors(Store(database), DIMENSION)
        flat = Arranger(stored, DIMENSION, lists_from=NEVER).made()
        lists = Arranger(stored, DIMENSION, lists_from=1).made()
        report: dict[str, Any] = {
            "vectors": size,
            "made": made,
            "opened": opened,
            "flat": _searched(flat, flat, drawn.queries),
            "lists": _searched(lists, flat, drawn.queries),
            "lists of fp16, bare": _bare(lists, stored, drawn.queries),
            "filters": _filtered(lists, flat, drawn.queries),
        }
        report["flat"] |= _changed(flat, folder)
        report["lists"] |= _changed(lists, folder)
        database.close()
    return report


def _searched(index: FaissIndex, exact: FaissIndex, queries: Matrix, among: Keys | None = None) -> dict[str, Any]:
    wanted = exact.search(queries, MOST, among=among)
    report: dict[str, Any] = {"layout": index.kind} if among is None else {}
    for k in (K, MOST):
        times, same, of_ten = [], 0.0, 0.0
        for row, best in enumerate(wanted):
            begun = time.thread_time()
            found = index.search(queries[row : row + 1], k, among=among)[0]
            times.append(time.thread_time() - begun)
            same += _share(found, best, k)
            of_ten += _share(found, best, K)
        report[f"k={k}"] = {
            "recall": round(same / len(wanted), 4),
            f"recall@{K}": round(of_ten / len(wanted), 4),
            "p50_ms": round(float(np.median(times)) * 1000, 2),
            "p99_ms": round(float(np.percentile(times, 99)) * 1000, 2),
        }
    return report


def _share(found: list[Any], wanted: list[Any], k: int) -> float:
    return len({hit.key for hit in found[:k]} & {hit.key for hit in wanted[:k]}) / max(1, len(wanted[:k]))


def _changed(index: FaissIndex, folder: Path) -> dict[str, Any]:
    path = folder / "saved"
    index.save(path)
    some = np.sort(np.random.default_rng(0).choice(index.keys(), 50, replace=False))
    seconds = _own_seconds(partial(index.remove, some))
    return {"file_mib": round(path.stat().st_size / 2**20), "remove_50_ms": round(seconds * 1000, 2)}


def _bare(lists: FaissIndex, stored: StoredVectors, queries: Matrix) -> dict[str, Any]:
    """The same lists with two bytes a component, looked into by FAISS alone."""
    assert isinstance(lists.layout, Lists)
    half = faiss.ScalarQuantizer.QT_fp16
    inner = faiss.METRIC_INNER_PRODUCT
    index = faiss.IndexIVFScalarQuantizer(
        lists.layout.index.quantizer, DIMENSION, lists.layout.lists, half, inner, False
    )
    index.is_trained, index.nprobe = True, lists.layout.probes
    for keys, rows in stored.stream():
        index.add_with_ids(rows, keys)
    report: dict[str, Any] = {"mib": round(index.ntotal * (index.code_size + 8) / 2**20)}
    faiss.omp_set_num_threads(1)
    for k in (K, MOST):
        times = [_own_seconds(partial(index.search, queries[row : row + 1], k)) for row in range(len(queries))]
        report[f"k={k}"] = {"p50_ms": round(float(np.median(times)) * 1000, 2)}
    return report


def _filtered(lists: FaissIndex, flat: FaissIndex, queries: Matrix) -> dict[str, Any]:
    """Keys drawn anywhere, and keys of vectors that lie together, in few of the lists."""
    random = np.random.default_rng(3)
    keys = lists.keys()
    direction = queries[0]
    score = np.concatenate([rows @ direction for rows in _rows_of(flat, keys)])
    report: dict[str, Any] = {}
    for share in SHARES:
        count = max(1, int(share * len(keys)))
        report[f"{share} scattered"] = _searched(
            lists, flat, queries, np.sort(random.choice(keys, count, replace=False))
        )
        report[f"{share} together"] = _searched(lists, flat, queries, np.sort(keys[np.argsort(-score)[:count]]))
    return report


def _rows_of(flat: FaissIndex, keys: Keys) -> Iterator[Matrix]:
    inside = faiss.downcast_index(flat.layout.index.index)
    for first in range(0, len(keys), ROWS):
        yield np.asarray(inside.reconstruct_n(first, min(ROWS, len(keys) - first)), dtype=np.float32)


def _write_library(folder: Path, drawn: Drawn) -> None:
    """Chunks and vectors of one document that is not there: no index asks for it."""
    database = Database(folder / FILE_NAME)
    fill_manifest(database, Manifest("drawn", f"drawn-{drawn.size}", DIMENSION, "none", "none"))
    generation = Store(database).state().generation
    database.close()
    connection = sqlite3.connect(folder / FILE_NAME)
    for keys, rows in drawn.rows():
        chunks = [(key, generation, 1, 0, 1, "[]") for key in keys.tolist()]
        connection.executemany(
            'insert into chunks ("key", generation, document, start, "end", headings) values (?, ?, ?, ?, ?, ?)', chunks
        )
        packed = zip(keys.tolist(), pack_vectors(rows), strict=True)
        connection.executemany('insert into vectors ("key", vector) values (?, ?)', packed)
    connection.execute(
        "insert into operations (kind, document_id, first_key, last_key, mark, at) values ('add', '', 1, ?, 'm', '')",
        (drawn.size,),
    )
    connection.commit()
    connection.close()


def _apart(what: str, folder: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "eval.bench.vectors", what, str(folder)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
    return dict(json.loads(done.stdout))


def make(folder: Path) -> dict[str, Any]:
    """Make the index of a library that has none, and save it."""
    database = Database(folder / FILE_NAME)
    store, begun, own = Store(database), time.perf_counter(), time.process_time()
    cache = VectorCache(folder / "vectors", store, store.state())
    cache.save_if_worth()
    return {
        "layout": cache.index.kind,
        "seconds": round(time.perf_counter() - begun, 1),
        "cpu_seconds": round(time.process_time() - own, 1),
        "peak_mib": _peak_mib(),
    }


def open_made(folder: Path) -> dict[str, Any]:
    database = Database(folder / FILE_NAME)
    store, begun = Store(database), time.perf_counter()
    cache = VectorCache(folder / "vectors", store, store.state())
    return {
        "layout": cache.index.kind,
        "seconds": round(time.perf_counter() - begun, 2),
        "peak_mib": _peak_mib(),
    }


def _peak_mib() -> int:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM:"))


def measure_blocks(pages: int = 400, lines: int = 45) -> dict[str, Any]:
    blocks = [
        Block(
            start := 60 * (page * lines + line),
            start + 59,
            BlockKind.LINE,
            Box(page + 1, 72.0, 14.5 * line, 523.25, 14.5 * line + 12),
        )
        for page in range(pages)
        for line in range(lines)
    ]
    with tempfile.TemporaryDirectory() as folder:
        rows, packed = Path(folder) / "rows.db", Path(folder) / "packed.db"
        report: dict[str, Any] = {"blocks": len(blocks)}
        for name, path, write, read in (
            ("row_a_block", rows, _write_rows, _read_rows),
            ("packed", packed, _write_packed, _read_packed),
        ):
            connection = sqlite3.connect(path)
            write_seconds = _seconds(partial(write, connection, blocks))
            read_seconds = min(_seconds(partial(read, connection)) for _ in range(5))
            connection.close()
            report[name] = {
                "bytes": path.stat().st_size,
                "write_ms": round(write_seconds * 1000, 1),
                "read_ms": round(read_seconds * 1000, 1),
            }
    return report


def main(arguments: list[str]) -> None:
    report: dict[str, Any]
    if arguments[:1] == ["--make"]:
        report = make(Path(arguments[1]))
    elif arguments[:1] == ["--open"]:
        report = open_made(Path(arguments[1]))
    else:
        sizes = [int(argument) for argument in arguments] or SIZES
        report = {"dimension": DIMENSION, "blocks": measure_blocks(), "sizes": [measure(size) for size in sizes]}
    json.dump(report, sys.stdout, indent=1)
    sys.stdout.write("\n")


def _unit(rows: Any) -> Matrix:
    rows = np.asarray(rows, dtype=np.float32)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _own_seconds(work: Callable[[], object]) -> float:
    """Of this thread on its processor: a question is answered by one thread, and the machine may have other work."""
    start = time.thread_time()
    work()
    return time.thread_time() - start


def _write_rows(connection: sqlite3.Connection, blocks: list[Block]) -> None:
    connection.execute(
        "create table b (document integer, place integer, start, end, kind, level, page, x0, y0, x1, y1, "
        "primary key (document, place)) without rowid"
    )
    rows = (
        (1, place, block.start, block.end, block.kind.value, block.level)
        + ((block.box.page, block.box.x0, block.box.y0, block.box.x1, block.box.y1) if block.box else (None,) * 5)
        for place, block in enumerate(blocks)
    )
    connection.executemany(f"insert into b values ({','.join('?' * 11)})", rows)
    connection.commit()


def _read_rows(connection: sqlite3.Connection) -> tuple[Block, ...]:
    return tuple(
        Block(start, end, BlockKind(kind), Box(page, *box) if page is not None else None, level)
        for _, _, start, end, kind, level, page, *box in connection.execute(
            "select * from b where document = 1 order by place"
        )
    )


def _write_packed(connection: sqlite3.Connection, blocks: list[Block]) -> None:
    connection.execute("create table d (number integer primary key, blocks blob)")
    connection.execute("insert into d values (1, ?)", (pack_blocks(blocks),))
    connection.commit()


def _read_packed(connection: sqlite3.Connection) -> tuple[Block, ...]:
    return unpack_blocks(connection.execute("select blocks from d where number = 1").fetchone()[0])


if __name__ == "__main__":
    main(sys.argv[1:])
