"""Blocks, headings and vectors as the store keeps them. Pure."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from rag.ports import Matrix
from rag.types import Block, BlockKind, Box

STORED = np.dtype("<f2")


def pack_blocks(blocks: Sequence[Block]) -> bytes:
    """One compressed column a document: a seventh of a row a block, and read as fast (eval/bench/vectors.py)."""
    rows = [
        [block.start, block.end, block.kind.value, block.level]
        + ([block.box.page, block.box.x0, block.box.y0, block.box.x1, block.box.y1] if block.box else [])
        + ([block.place] if block.place else [])
        for block in blocks
    ]
    return zlib.compress(json.dumps(rows, separators=(",", ":")).encode(), 3)


def unpack_blocks(packed: bytes) -> tuple[Block, ...]:
    return tuple(_block(*row) for row in json.loads(zlib.decompress(packed)))


def _block(start: int, end: int, kind: str, level: int, *rest: Any) -> Block:
    place = rest[-1] if rest and isinstance(rest[-1], str) else ""
    box = rest[:5] if len(rest) >= 5 else ()
    return Block(start, end, BlockKind(kind), Box(*box) if box else None, level, place)


def pack_headings(headings: Sequence[str]) -> str:
    return json.dumps(list(headings))


def unpack_headings(packed: str) -> tuple[str, ...]:
    return tuple(json.loads(packed))


def pack_metadata(metadata: Mapping[str, Any]) -> str:
    """What JSON has no form for (dates, say) is kept as its text."""
    return json.dumps(dict(metadata), default=str)


def pack_vectors(matrix: Matrix) -> list[bytes]:
    stored = np.ascontiguousarray(matrix, dtype=STORED)
    return [row.tobytes() for row in stored]


def unpack_vectors(rows: Sequence[bytes], dimension: int) -> Matrix:
    """Raises ValueError where a row has another length."""
    return np.frombuffer(b"".join(rows), dtype=STORED).reshape(len(rows), dimension).astype(np.float32)
