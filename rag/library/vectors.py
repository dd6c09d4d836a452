"""Nearest neighbours by FAISS: exact while small, inverted lists past that, on the card where there is one.

Knows nothing of the store: keys and vectors come in, keys and scores go out. Vectors are held as float16, which is
how the truth holds them, so nothing is lost. Safe to search from many threads while one changes it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import faiss as typed_faiss
import numpy as np

from rag.errors import LibraryDamaged, LibraryMismatch
from rag.library.device import DeviceCopy, has_device
from rag.library.gate import Gate
from rag.ports import Keys, Matrix
from rag.types import Hit

faiss: Any = typed_faiss  # its stubs lag behind its code

# Exact search takes 3.4 ms of one core at 100,000 vectors and 7.7 at 200,000, where lists take 1.6 and miss one in a
# hundred of the 20 nearest; below that, exactness is worth more than the time. Measured by eval/bench/vectors.py.
IVF_FROM = 200_000
RECALL_TARGET = 0.98  # of the 20 nearest, on a sample of questions; nprobe is doubled until it is met
RECALL_AT = 20
SAMPLE_QUERIES = 128
QUERY_NOISE = 0.5  # length of what is added to a passage to make a question: cosine 0.89 to where it came from
LISTS_PER_ROOT = 2  # lists = 2 sqrt(n): twice as fast to train as 4 sqrt(n), and as fast to search
TRAINING_ROWS_PER_LIST = 40
# Pairs of vectors to compare: some 50 ms of one core. Less is only slowed by handing it round, the more so on a busy
# machine: one question against 10,000 vectors took 17 ms of two threads and 0.25 ms of one.
PARALLEL_FROM = 2_000_000
REGROWN = 4  # trained anew when it has grown, or shrunk, by this factor


class FaissIndex:
    def __init__(self, dimension: int, *, ivf_from: int = IVF_FROM, recall_target: float = RECALL_TARGET) -> None:
        self._setup(_new_flat(dimension), ivf_from, recall_target)

    @classmethod
    def load(
        cls, path: Path, dimension: int, *, ivf_from: int = IVF_FROM, recall_target: float = RECALL_TARGET
    ) -> FaissIndex:
        """Read what save() wrote. The caller has checked the file's sum: faiss trusts every byte of it.

        Raises LibraryDamaged where it is no index of ours, or of another dimension.
        """
        try:
            index = faiss.read_index(str(path))
        except RuntimeError as error:
            raise LibraryDamaged(f"{path}: {error}") from error
        if not isinstance(index, faiss.IndexIDMap2 | faiss.IndexIVFScalarQuantizer) or index.d != dimension:
            raise LibraryDamaged(f"{path} holds a {type(index).__name__} of dimension {index.d}")
        made = cls.__new__(cls)
        made._setup(index, ivf_from, recall_target)
        return made

    def _setup(self, index: Any, ivf_from: int, recall_target: float) -> None:
        self.dimension = int(index.d)
        self._index = index
        self._ivf_from = ivf_from
        self._recall_target = recall_target
        self._gate = Gate()
        self._highest = int(self._all_keys().max(initial=-1))
        self._device = DeviceCopy() if has_device() else None

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def kind(self) -> str:
        layout = f"ivf{self._index.nlist} nprobe{self._index.nprobe}" if self._is_ivf else "flat"
        return f"{layout} fp16" + (" gpu" if self._device else "")

    @property
    def _is_ivf(self) -> bool:
        return isinstance(self._index, faiss.IndexIVFScalarQuantizer)

    def add(self, keys: Keys, vectors: Matrix) -> None:
        """Add; a key that is there already is replaced. Of a key given twice the last stands."""
        if not len(keys):
            return
        self._check(vectors)
        keys, vectors = _last_of_each(keys, vectors)
        with self._gate.writing():
            if keys.min() <= self._highest:  # keys grow, so only a replay comes by here
                self._drop(keys)
            with _threads_for(len(keys) * (self._index.nlist if self._is_ivf else 1)):
                self._index.add_with_ids(vectors, keys)
            self._highest = max(self._highest, int(keys.max()))
            if self._device:
                self._device.add(keys, vectors)

    def remove(self, keys: Keys) -> None:
        if not len(keys):
            return
        with self._gate.writing():
            self._drop(keys)

    def search(self, queries: Matrix, k: int, *, among: Keys | None = None) -> list[list[Hit]]:
        """Return the k nearest keys of each query, best first; fewer where the index is smaller.

        among: search these keys only, and exactly. Raises LibraryMismatch where the dimension differs.
        """
        self._check(queries)
        queries = np.ascontiguousarray(queries, dtype=np.float32)
        with self._gate.reading():
            k = min(k, len(self), len(self) if among is None else len(among))
            if k <= 0 or not len(queries):
                return [[] for _ in queries]
            if among is None and self._device and self._device.serves(k):
                scores, keys = self._device.search(self._index, queries, k)
            else:
                with _threads_for(len(queries) * len(self)):
                    scores, keys = self._index.search(queries, k, params=self._parameters(among))
        return [_hits(*row) for row in zip(scores, keys, strict=True)]

    def save(self, path: Path) -> None:
        with self._gate.reading():
            faiss.write_index(self._index, str(path))

    def keys(self) -> Keys:
        """All of them, ascending."""
        with self._gate.reading():
            return np.sort(self._all_keys())

    def organise(self) -> bool:
        """Give the index the layout that its size asks for; True where that changed. Takes seconds past the threshold.

        Only one thread may change the index meanwhile: the caller. Searches go on.
        """
        n = len(self)
        if self._is_ivf:
            trained_on = (self._index.nlist / LISTS_PER_ROOT) ** 2
            if trained_on / REGROWN < n < trained_on * REGROWN:
                return False
        elif n < self._ivf_from:
            return False
        with _threads_for(n * LISTS_PER_ROOT * math.isqrt(n)):
            made = self._made_ivf(n) if n >= self._ivf_from else _new_flat(self.dimension)
            for keys, vectors in self._stream():
                made.add_with_ids(vectors, keys)
            if n >= self._ivf_from:
                made.nprobe = self._probes(made)
        with self._gate.writing():
            self._index = made
            if self._device:
                self._device.forget()
        return True

    def _made_ivf(self, n: int) -> Any:
        lists = max(1, round(LISTS_PER_ROOT * math.sqrt(n)))
        made = faiss.IndexIVFScalarQuantizer(
            faiss.IndexFlatIP(self.dimension),
            self.dimension,
            lists,
            faiss.ScalarQuantizer.QT_fp16,
            faiss.METRIC_INNER_PRODUCT,
            False,  # residuals would cost precision: a vector is stored as the truth stores it
        )
        made.cp.niter = 8
        made.cp.seed = 1
        made.cp.min_points_per_centroid = 1  # silences a warning on stdout; the sample below is ours to judge
        made.train(self._some(np.random.default_rng(1), lists * TRAINING_ROWS_PER_LIST))
        made.set_direct_map_type(faiss.DirectMap.Hashtable)  # so that a key is removed without reading all
        return made

    def _probes(self, made: Any) -> int:
        """The least power of two of lists to look into that meets the recall target on noisy copies of passages."""
        random = np.random.default_rng(2)
        queries = self._some(random, SAMPLE_QUERIES)
        noise = random.normal(size=queries.shape).astype(np.float32)
        queries += QUERY_NOISE * noise / np.linalg.norm(noise, axis=1, keepdims=True)
        queries /= np.linalg.norm(queries, axis=1, keepdims=True)
        k = min(RECALL_AT, made.ntotal)
        _, wanted = self._index.search(queries, k, params=self._parameters(self._all_keys()))
        probes = 1
        while probes < made.nlist:
            _, found = made.search(queries, k, params=faiss.SearchParametersIVF(nprobe=probes))
            same = sum(len(np.intersect1d(a, b)) for a, b in zip(wanted, found, strict=True))
            if same >= self._recall_target * wanted.size:
                break
            probes *= 2
        return min(probes, int(made.nlist))

    def _some(self, random: np.random.Generator, most: int) -> Matrix:
        keys = self._all_keys()
        chosen = np.sort(random.choice(len(keys), min(most, len(keys)), replace=False))
        return self._vectors(keys, chosen)

    def _stream(self, rows: int = 16_384) -> Iterator[tuple[Keys, Matrix]]:
        keys = self._all_keys()
        for start in range(0, len(keys), rows):
            places = np.arange(start, min(start + rows, len(keys)))
            yield keys[places], self._vectors(keys, places)

    def _vectors(self, keys: Keys, places: Keys) -> Matrix:
        index, wanted = (self._index, keys[places]) if self._is_ivf else (self._index.index, places)
        return np.asarray(faiss.downcast_index(index).reconstruct_batch(wanted), dtype=np.float32)

    def _all_keys(self) -> Keys:
        """In the order of the rows."""
        if not self._is_ivf:
            return np.asarray(faiss.vector_to_array(self._index.id_map), dtype=np.int64)
        lists = self._index.invlists
        parts = [
            faiss.rev_swig_ptr(lists.get_ids(number), lists.list_size(number)).copy()
            for number in range(self._index.nlist)
            if lists.list_size(number)
        ]
        return np.concatenate(parts).astype(np.int64) if parts else np.zeros(0, dtype=np.int64)

    def _drop(self, keys: Keys) -> None:
        keys = np.unique(np.ascontiguousarray(keys, dtype=np.int64))
        if self._index.remove_ids(keys) and self._device:
            self._device.forget()

    def _parameters(self, among: Keys | None) -> Any:
        if among is None:
            return None
        selector = faiss.IDSelectorBatch(np.ascontiguousarray(among, dtype=np.int64))
        if self._is_ivf:  # these keys may lie in any list: look into all, so that a filtered answer is the exact one
            return faiss.SearchParametersIVF(sel=selector, nprobe=self._index.nlist)
        return faiss.SearchParameters(sel=selector)

    def _check(self, vectors: Matrix) -> None:
        if vectors.ndim != 2 or vectors.shape[1] != self.dimension:
            raise LibraryMismatch(
                f"vectors of shape {vectors.shape} meet an index of dimension {self.dimension}",
                hint="`footnote library rebuild` makes the vectors anew with the embedder now set",
            )


def _new_flat(dimension: int) -> Any:
    # Half of float32's memory, and measured faster too: what is slow is reading the rows.
    flat = faiss.IndexScalarQuantizer(dimension, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
    flat.is_trained = True
    return faiss.IndexIDMap2(flat)


@contextmanager
def _threads_for(comparisons: int) -> Iterator[None]:
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1 if comparisons < PARALLEL_FROM else before)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)  # this thread's torch looks at the same number


def _last_of_each(keys: Keys, vectors: Matrix) -> tuple[Keys, Matrix]:
    keys = np.ascontiguousarray(keys, dtype=np.int64)
    unique, from_the_end = np.unique(keys[::-1], return_index=True)
    if len(unique) != len(keys):
        places = np.sort(len(keys) - 1 - from_the_end)
        keys, vectors = keys[places], vectors[places]
    return keys, np.ascontiguousarray(vectors, dtype=np.float32)


def _hits(scores: Matrix, keys: Keys) -> list[Hit]:
    hits = [Hit(int(key), float(score)) for key, score in zip(keys, scores, strict=True) if key >= 0]
    return sorted(hits, key=lambda hit: (-hit.score, hit.key))
