"""Inverted lists: vectors lie in the list of the nearest centre, and a question looks into the nearest lists only.

A component is a byte, which halves what float16 takes: what comes out are candidates, to be scored by the stored
vectors. Knows nothing of where those are.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import faiss as typed_faiss
import numpy as np

from rag.library.threads import threads_for
from rag.library.whereabouts import Whereabouts, selector
from rag.ports import Keys, Matrix

faiss: Any = typed_faiss  # its stubs lag behind its code

LISTS_PER_ROOT = 2  # lists = 2 sqrt(n): twice as fast to train as 4 sqrt(n), and as fast to search
TRAINING_ROWS_PER_LIST = 40
SPARE_RANGE = 0.1  # beyond the least and greatest value of the sample, since what is added later is cut off at these
# A question looks into further lists until these have held so many vectors that it may find, for each hit and at all.
# Looking at as many costs no more than scoring the candidates, and real questions lie further from their passages than
# those that the recall is measured on.
LOOK_AT_PER_HIT = 20
LOOK_AT_LEAST = 32_000
LOOK_AT_ALLOWED = 4_000  # of a filter's: each lies by itself in memory, and costs more than one beside the last
MORE_LISTS_FOR_FEWER = 1 / 3  # the power of how much is left out by which more lists are looked into


class Lists:
    def __init__(self, index: Any) -> None:
        self.index = index
        self.lists = int(index.nlist)
        self._centres = np.asarray(index.quantizer.reconstruct_n(0, self.lists), dtype=np.float32)
        self._sizes = np.array([index.invlists.list_size(number) for number in range(self.lists)], dtype=np.int64)
        self._where = Whereabouts()
        self._where.note(self.keys(), np.repeat(np.arange(self.lists), self._sizes))

    @classmethod
    def trained(cls, sample: Matrix, count: int) -> Lists:
        """Empty lists, for so many vectors of which this is a sample."""
        dimension, lists = sample.shape[1], lists_for(count)
        index = faiss.IndexIVFScalarQuantizer(
            faiss.IndexFlatIP(dimension),
            dimension,
            lists,
            faiss.ScalarQuantizer.QT_8bit,
            faiss.METRIC_INNER_PRODUCT,
            False,  # no residuals: a vector's bytes are the same in whichever list
        )
        index.sq.rangestat_arg = SPARE_RANGE
        index.cp.niter = 8
        index.cp.seed = 1
        index.cp.min_points_per_centroid = 1  # silences a warning on stdout; the sample is ours to judge
        with threads_for(len(sample) * lists):
            index.train(sample)
        return cls(index)

    def __len__(self) -> int:
        return int(self.index.ntotal)

    @property
    def name(self) -> str:
        return f"ivf{self.lists} nprobe{self.probes} sq8"

    @property
    def made_for(self) -> float:
        """About how many vectors the lists were trained for."""
        return float((self.lists / LISTS_PER_ROOT) ** 2)

    @property
    def probes(self) -> int:
        """In how many lists a question looks, at the least."""
        return max(int(self.index.nprobe), self._least)

    @probes.setter
    def probes(self, probes: int) -> None:
        self.index.nprobe = max(probes, self._least)  # which a card's copy goes by

    @property
    def _least(self) -> int:
        return math.ceil(LOOK_AT_LEAST * self.lists / max(LOOK_AT_LEAST, len(self)))

    def add(self, keys: Keys, vectors: Matrix) -> None:
        with threads_for(len(keys) * self.lists):
            lists = self.lists_of(vectors)
            pointers = (faiss.swig_ptr(array) for array in (vectors, keys, lists))
            self.index.add_core(len(keys), *pointers)
        self._where.note(keys, lists)
        self._sizes += np.bincount(lists, minlength=self.lists)

    def remove(self, keys: Keys) -> int:
        """keys: ascending. Looks at every key there is: a table from keys to places would take 60 MB a million."""
        self._where.forget(keys)
        removed = int(self.index.remove_ids(selector(keys)))
        if removed:
            self._sizes = np.array([self.index.invlists.list_size(number) for number in range(self.lists)])
        return removed

    def search(self, queries: Matrix, k: int, among: Keys | None) -> tuple[Matrix, Keys]:
        """(n, k) keys and about what they score, best first; where there are fewer, -1 ends a row. among: ascending."""
        chosen = self._chosen(queries, k, among)
        most = max(1, *(len(lists) for lists in chosen))
        lists = np.full((len(queries), most), -1, dtype=np.int64)
        for row, some in zip(lists, chosen, strict=True):
            row[: len(some)] = some
        parameters = faiss.SearchParametersIVF(nprobe=most, sel=None if among is None else selector(among))
        with threads_for(sum(int(self._sizes[some].sum()) for some in chosen)):
            closeness = np.zeros(lists.shape, dtype=np.float32)  # read for residuals alone
            scores = np.empty((len(queries), k), dtype=np.float32)
            keys = np.empty((len(queries), k), dtype=np.int64)
            into = [faiss.swig_ptr(array) for array in (lists, closeness, scores, keys)]
            # Under its bare name, since the wrapped one takes no parameters.
            self.index.search_preassigned_c(len(queries), faiss.swig_ptr(queries), k, *into, False, parameters)
        return scores, keys

    def order(self, query: Matrix) -> Keys:
        """All lists, the nearest first. One question at a time: of many together the product differs in a last bit.

        Not by @, whose library shares it out among threads: on a busy machine they wait for each other for longer.
        """
        return np.argsort(-np.einsum("ij,j->i", self._centres, query), kind="stable")

    def lists_of(self, vectors: Matrix) -> Keys:
        _, lists = self.index.quantizer.search(vectors, 1)
        return np.ascontiguousarray(lists[:, 0], dtype=np.int64)

    def looked_at(self, query: Matrix) -> int:
        """How many vectors a question without a filter is compared with."""
        return int(self._sizes[self.order(query)[: self.probes]].sum())

    def reaches(self, k: int) -> bool:
        """Whether the lists that every question looks into will do for so many hits."""
        return self.probes * len(self) >= LOOK_AT_PER_HIT * k * self.lists

    def keys(self) -> Keys:
        """List by list."""
        lists = self.index.invlists
        parts = [
            faiss.rev_swig_ptr(lists.get_ids(number), lists.list_size(number)).copy()
            for number in range(self.lists)
            if lists.list_size(number)
        ]
        return np.concatenate(parts).astype(np.int64) if parts else np.zeros(0, dtype=np.int64)

    def save(self, path: Path) -> None:
        faiss.write_index(self.index, str(path))

    def _chosen(self, queries: Matrix, k: int, among: Keys | None) -> list[Keys]:
        """Of each question the lists to look into, those left out that hold nothing it may find."""
        sizes, probes, enough = self._sizes, self.probes, LOOK_AT_PER_HIT * k
        if among is not None:
            counts = self._where.counts(among, self.lists)
            if counts is None:
                return [self.order(query) for query in queries]
            # The nearest of a tenth are spread over more lists than the nearest of all, though not over ten times more.
            sizes, probes = counts, math.ceil(probes * max(1.0, len(self) / len(among)) ** MORE_LISTS_FOR_FEWER)
            enough = max(enough, LOOK_AT_ALLOWED)
        return [_until(self.order(query), sizes, probes, enough) for query in queries]


def lists_for(count: int) -> int:
    return max(1, round(LISTS_PER_ROOT * math.sqrt(count)))


def _until(order: Keys, sizes: Keys, probes: int, enough: int) -> Keys:
    """The first of the lists that hold anything: so many, and more until they hold enough."""
    order = order[sizes[order] > 0]
    reached = int(np.searchsorted(np.cumsum(sizes[order]), enough)) + 1
    return order[: max(probes, reached)]
