"""In which list each key lies, and a set of keys as FAISS wants it. Both lean on keys being handed out in runs.

Knows nothing of vectors.
"""

from __future__ import annotations

from typing import Any

import faiss as typed_faiss
import numpy as np

from rag.ports import Keys

faiss: Any = typed_faiss  # its stubs lag behind its code

# One place for every key from the first to the last. Past this many, keys are as scattered as no library's ever were.
MOST_PLACES = 1 << 26
NOWHERE = 0  # the first list is 1 in here


class Whereabouts:
    """One array over all keys, so that a filter's keys are counted by list in no time."""

    def __init__(self) -> None:
        self._first = 0
        self._lists = np.zeros(0, dtype=np.int32)
        self._scattered = False

    def note(self, keys: Keys, lists: Keys) -> None:
        if self._scattered or not len(keys):
            return
        if not len(self._lists):
            self._first = int(keys.min())
        self._reach(int(keys.min()), int(keys.max()))
        if not self._scattered:
            self._lists[keys - self._first] = lists + 1

    def forget(self, keys: Keys) -> None:
        """keys: ascending."""
        self._lists[self._within(keys) - self._first] = NOWHERE

    def counts(self, keys: Keys, lists: int) -> Keys | None:
        """How many of these keys lie in each list; None where they are too scattered to say. keys: ascending."""
        if self._scattered:
            return None
        found = self._lists[self._within(keys) - self._first]
        return np.bincount(found, minlength=lists + 1)[1:]

    def _within(self, keys: Keys) -> Keys:
        return keys[slice(*np.searchsorted(keys, (self._first, self._first + len(self._lists))))]

    def _reach(self, lowest: int, highest: int) -> None:
        first, end = min(lowest, self._first), max(highest + 1, self._first + len(self._lists))
        if end - first > MOST_PLACES:
            self._scattered, self._lists = True, np.zeros(0, dtype=np.int32)
        elif (first, end) != (self._first, self._first + len(self._lists)):
            spare = (end - first) // 8 if self._lists.size else 0  # so that not every addition copies them all
            grown = np.full(end - first + spare, NOWHERE, dtype=np.int32)
            grown[self._first - first :][: len(self._lists)] = self._lists
            self._first, self._lists = first, grown


def selector(keys: Keys) -> Any:
    """keys: ascending. A bitmap, where they lie close: a test of one bit, and made in no time."""
    if not len(keys) or keys[0] < 0 or keys[-1] - keys[0] > MOST_PLACES or keys[-1] > 64 * MOST_PLACES:
        return faiss.IDSelectorBatch(keys)
    base = int(keys[0]) & ~7
    bits = np.zeros(int(keys[-1]) - base + 1, dtype=np.bool_)
    bits[keys - base] = True
    packed = np.packbits(bits, bitorder="little")
    bitmap = np.zeros(base // 8 + len(packed), dtype=np.uint8)
    bitmap[base // 8 :] = packed
    return faiss.IDSelectorBitmap(bitmap)
