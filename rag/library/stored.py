"""The vectors of the truth, for an index to be made of and its answers to be scored by. Knows nothing of indexes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import numpy as np
import numpy.typing as npt

from rag.errors import LibraryDamaged
from rag.library.pack import unpack_vectors
from rag.library.store import Store
from rag.ports import Keys, Matrix


class Stored(Protocol):
    """Vectors by key, as float16 holds them."""

    def keys(self) -> Keys:
        """All, ascending."""
        ...

    def of(self, keys: Keys) -> tuple[Keys, Matrix]:
        """Those of these keys that there are, ascending, and their vectors."""
        ...

    def stream(self) -> Iterator[tuple[Keys, Matrix]]:
        """All, in the order of their keys, some thousands at a time."""
        ...


class StoredVectors:
    def __init__(self, store: Store, dimension: int) -> None:
        self._store = store
        self._dimension = dimension

    def keys(self) -> Keys:
        return self._store.keys()

    def of(self, keys: Keys) -> tuple[Keys, Matrix]:
        wanted = np.unique(keys).tolist()
        found = self._store.packed_vectors(wanted)
        return self._matrix([(key, found[key]) for key in wanted if key in found])

    def stream(self) -> Iterator[tuple[Keys, Matrix]]:
        yield from self.run(*self._store.key_range())

    def run(self, first: int, last: int) -> Iterator[tuple[Keys, Matrix]]:
        """Those of a run of keys, both ends included."""
        for rows in self._store.vector_rows(first, last):
            yield self._matrix(rows)

    def _matrix(self, rows: list[tuple[int, bytes]]) -> tuple[Keys, Matrix]:
        keys = np.array([key for key, _ in rows], dtype=np.int64)
        try:
            matrix = unpack_vectors([vector for _, vector in rows], self._dimension)
        except (ValueError, TypeError) as error:
            raise _damaged(
                f"a vector among the chunks {keys[0]} to {keys[-1]} has another dimension than {self._dimension}"
            ) from error
        wrong = np.flatnonzero(~directed(matrix))
        if wrong.size:
            raise _damaged(f"the vector of chunk {keys[wrong[0]]} is zero or no number")
        return keys, matrix


def directed(matrix: Matrix) -> npt.NDArray[np.bool_]:
    """Which rows have a direction: a row of zeros has none, nor one with a value that is no number."""
    with np.errstate(over="ignore", invalid="ignore"):
        lengths = np.einsum("ij,ij->i", matrix, matrix)
    return np.asarray((lengths > 0) & np.isfinite(lengths))


def _damaged(what: str) -> LibraryDamaged:
    return LibraryDamaged(what, hint="`footnote library rebuild` makes the vectors anew")
