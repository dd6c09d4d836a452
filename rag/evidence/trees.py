"""Add up many small decision trees over rows of numbers. Knows nothing of what they mean or how they were learnt."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Trees:
    """All nodes of all trees in one row. What is to the left of a node comes next; a leaf leads to itself.

    columns: the names of the numbers in a row, in order. roots: where each tree begins. depth: of the deepest.
    """

    columns: Sequence[str]
    roots: npt.NDArray[np.int32]
    column: npt.NDArray[np.int32]
    limit: npt.NDArray[np.float32]  # at most: to the left
    right: npt.NDArray[np.int32]
    value: npt.NDArray[np.float32]
    depth: int

    @classmethod
    def read(cls, path: Path) -> Trees:
        """Read what eval/learn_sentences.py wrote."""
        data = json.loads(path.read_text(encoding="utf-8"))
        return cls(
            columns=data["columns"],
            roots=np.array(data["roots"], np.int32),
            column=np.array(data["column"], np.int32),
            limit=np.array(data["limit"], np.float32),
            right=np.array(data["right"], np.int32),
            value=np.array(data["value"], np.float32),
            depth=data["depth"],
        )

    def score(self, rows: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        """Return of each row the sum of what the trees say. rows: (n, columns)."""
        nodes = np.broadcast_to(self.roots, (len(rows), len(self.roots)))
        flat, offsets = rows.ravel(), (np.arange(len(rows)) * rows.shape[1])[:, None]
        for _ in range(self.depth):
            goes_left = flat[offsets + self.column[nodes]] <= self.limit[nodes]
            nodes = self._next[nodes * 2 + goes_left]
        total: npt.NDArray[np.float64] = self.value[nodes].sum(axis=1, dtype=np.float64)
        return total

    @cached_property
    def _next(self) -> npt.NDArray[np.int32]:
        """Of node n, at 2n what is to the right, and at 2n + 1 what is to the left."""
        here = np.arange(len(self.right), dtype=np.int32)
        left = np.where(self.right == here, here, here + 1)
        return np.stack([self.right, left], axis=1).ravel().astype(np.int32)
