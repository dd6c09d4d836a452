"""Every vector compared with the question: exact, and fast while there are few. Holds float16, as the truth does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import faiss as typed_faiss
import numpy as np

from rag.library.threads import threads_for
from rag.library.whereabouts import selector
from rag.ports import Keys, Matrix

faiss: Any = typed_faiss  # its stubs lag behind its code


class Flat:
    def __init__(self, index: Any) -> None:
        self.index = index

    @classmethod
    def empty(cls, dimension: int) -> Flat:
        # Half of float32's memory, and measured faster too: what is slow is reading the rows.
        flat = faiss.IndexScalarQuantizer(dimension, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
        flat.is_trained = True
        return cls(faiss.IndexIDMap2(flat))

    def __len__(self) -> int:
        return int(self.index.ntotal)

    @property
    def name(self) -> str:
        return "flat fp16"

    def add(self, keys: Keys, vectors: Matrix) -> None:
        self.index.add_with_ids(vectors, keys)

    def remove(self, keys: Keys) -> int:
        """keys: ascending."""
        return int(self.index.remove_ids(selector(keys)))

    def search(self, queries: Matrix, k: int, among: Keys | None) -> tuple[Matrix, Keys]:
        """(n, k) scores and keys, best first; where there are fewer, -1 ends a row. among: ascending."""
        parameters = None if among is None else faiss.SearchParameters(sel=selector(among))
        with threads_for(len(queries) * len(self)):
            scores, keys = self.index.search(queries, k, params=parameters)
        return scores, keys

    def keys(self) -> Keys:
        return np.asarray(faiss.vector_to_array(self.index.id_map), dtype=np.int64)

    def save(self, path: Path) -> None:
        faiss.write_index(self.index, str(path))
