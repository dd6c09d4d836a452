"""A copy of a FAISS index on the graphics card, with the same ids, for searching. Knows nothing of the truth."""

from __future__ import annotations

from threading import Lock
from typing import Any

import faiss as typed_faiss
import numpy as np

from rag.ports import Keys, Matrix

faiss: Any = typed_faiss  # its stubs lag behind its code
MOST = 2048  # hits that a card's search returns, and lists that it looks into


def has_device() -> bool:
    """Whether this faiss was built for cards and sees one."""
    return hasattr(faiss, "StandardGpuResources") and faiss.get_num_gpus() > 0


class DeviceCopy:
    """Made at the first search after a removal; additions go along. One search at a time: its memory is shared."""

    def __init__(self) -> None:
        self._resources = faiss.StandardGpuResources()
        self._copy: Any = None
        self._turn = Lock()

    def serves(self, index: Any, k: int) -> bool:
        probes = index.nprobe if isinstance(index, faiss.IndexIVF) else 1
        return max(k, int(probes)) <= MOST

    def add(self, keys: Keys, vectors: Matrix) -> None:
        with self._turn:
            if self._copy is not None:
                self._copy.add_with_ids(vectors, keys)

    def forget(self) -> None:
        """The index on the host changed in a way that a card cannot follow."""
        with self._turn:
            self._copy = None

    def search(self, index: Any, queries: Matrix, k: int) -> tuple[Matrix, Keys]:
        with self._turn:
            if self._copy is None:
                self._copy = faiss.index_cpu_to_gpu(self._resources, 0, _cloneable(index))
            scores, keys = self._copy.search(queries, k)
        return scores, keys


def _cloneable(index: Any) -> Any:
    """Lists of bytes go over as they are; a flat index of float16 has no twin on the card, so it goes as float32."""
    if not isinstance(index, faiss.IndexIDMap2):
        return index
    flat = faiss.IndexIDMap(faiss.IndexFlatIP(index.d))
    rows = np.arange(index.ntotal)
    if len(rows):
        vectors = faiss.downcast_index(index.index).reconstruct_batch(rows)
        flat.add_with_ids(vectors, faiss.vector_to_array(index.id_map))
    return flat
