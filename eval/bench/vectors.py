"""Measure exact against inverted lists by size, and a packed column of blocks against a row a block.

    python -m eval.bench.vectors [SIZE ...]      one JSON object on stdout

The vectors are drawn around centres, as texts on subjects are, and from few dimensions with noise in all the others,
as embeddings are: neighbours drawn from 384 independent dimensions are all equally far, which no index can tell apart.
Questions are drawn likewise, so none is a passage.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from rag.library.pack import pack_blocks, unpack_blocks
from rag.library.vectors import FaissIndex
from rag.ports import Keys, Matrix
from rag.types import Block, BlockKind, Box

DIMENSION = 384
INNER_DIMENSION = 32
SIZES = (10_000, 50_000, 100_000, 200_000, 300_000)
QUERIES = 200
K = 20
SPREAD = 0.8  # length of a text's own part beside its subject's
NOISE = 0.2
NEVER = 1 << 62


def measure(size: int) -> dict[str, Any]:
    random = np.random.default_rng(size)
    centres = _unit(random.normal(size=(max(20, size // 100), INNER_DIMENSION)))
    outwards = np.linalg.qr(random.normal(size=(DIMENSION, INNER_DIMENSION)))[0].T.astype(np.float32)
    keys, rows = np.arange(1, size + 1), _around(centres, outwards, size, random)
    queries = _around(centres, outwards, QUERIES, random)
    exact = FaissIndex(DIMENSION, ivf_from=NEVER)
    add_seconds = _seconds(lambda: exact.add(keys, rows))
    truth = [{hit.key for hit in hits} for hits in exact.search(queries, K)]
    lists = FaissIndex(DIMENSION, ivf_from=1)
    lists.add(keys, rows)
    organise_seconds = _seconds(lists.organise)
    found = [{hit.key for hit in hits} for hits in lists.search(queries, K)]
    recall = sum(len(a & b) for a, b in zip(truth, found, strict=True)) / (K * QUERIES)
    return {
        "vectors": size,
        "flat": {"add_seconds": round(add_seconds, 2)} | _latency(exact, queries, keys),
        "ivf": {
            "layout": lists.kind,
            "train_and_add_seconds": round(organise_seconds, 2),
            f"recall@{K}": round(recall, 4),
        }
        | _latency(lists, queries, keys),
    }


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
    sizes = [int(argument) for argument in arguments] or SIZES
    report = {"dimension": DIMENSION, "k": K, "blocks": measure_blocks(), "sizes": [measure(size) for size in sizes]}
    json.dump(report, sys.stdout, indent=1)
    sys.stdout.write("\n")


def _latency(index: FaissIndex, queries: Matrix, keys: Keys) -> dict[str, float]:
    alone = [_own_seconds(partial(index.search, queries[row : row + 1], K)) for row in range(len(queries))]
    some = np.random.default_rng(0).choice(keys, 50, replace=False)
    removal = _seconds(lambda: index.remove(some))
    return {
        "question_cpu_ms": round(float(np.median(alone)) * 1000, 2),
        "remove_50_ms": round(removal * 1000, 2),
    }


def _around(centres: Matrix, outwards: Matrix, count: int, random: np.random.Generator) -> Matrix:
    own = _unit(random.standard_normal((count, INNER_DIMENSION), dtype=np.float32))
    inner = _unit(centres[random.integers(0, len(centres), count)] + SPREAD * own)
    return _unit(inner @ outwards + NOISE * _unit(random.standard_normal((count, DIMENSION), dtype=np.float32)))


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
