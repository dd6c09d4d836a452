"""From a question to passages: planned, searched, fused, reranked, widened. Each step is a named stage.

Knows nothing of generators or answers.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from functools import cache
from itertools import zip_longest
from threading import Lock

from rag.courtesy import without_courtesy
from rag.filters import EVERYTHING, Filters
from rag.fuse import fuse, normalise
from rag.library.library import Library
from rag.plan import Found, NextHop, Plan, Query, Retrieval, Stage, Step
from rag.ports import Embedder, Keys, Matrix
from rag.rank import Ranker
from rag.types import Hit, Passage
from rag.widen import Widener

MORE = 4  # times as many candidates, where those there were said the same so often that too few passages were left
MOST_TIMES = 16  # as many candidates as usual
TRIES = 3  # where what was ranked is removed or replaced before it is read

# What a ranking goes through before it is widened: a reranker, say. The question stands alone.
Reorder = Callable[[str, Found], Found]


class Retriever:
    def __init__(
        self,
        library: Library,
        embedder: Embedder,
        *,
        candidates: int,
        keep: int,
        budget_characters: int,
        stages: Sequence[Stage] = (),
        hop: NextHop | None = None,
        reorder: Sequence[tuple[str, Reorder]] = (),
    ) -> None:
        """stages: between the question and its searches, in order; reorder: named, after fusion, in order."""
        self._library = library
        self._embedder = embedder
        self._candidates = candidates
        self._keep = keep
        self._budget_characters = budget_characters
        self._stages = stages
        self._hop = hop
        self._reorder = reorder
        self._ranker = Ranker(library, embedder)
        self._widener = Widener(library)
        # Threads that read rows hand the interpreter to each other at every row: many that search at once get less
        # done than one (eval/bench/concurrent.py). So they take turns, but where a reranker computes without it.
        self._turn: AbstractContextManager[object] = nullcontext() if reorder else Lock()

    def retrieve(
        self, question: str, *, keep: int | None = None, filters: Filters = EVERYTHING, earlier: Sequence[str] = ()
    ) -> tuple[Passage, ...]:
        """Return the passages most likely to hold the answer, best first; passages of one document do not overlap.

        What stands in a better passage already is no passage of its own: that one says where else it was found.

        keep: how many, where not the usual number; the budget grows with it. filters: what may be searched.
        earlier: the conversation's questions before this one. Raises LibraryMismatch if the library was built by
        another embedder.
        """
        return self.run(question, keep=keep, filters=filters, earlier=earlier).passages

    def run(
        self, question: str, *, keep: int | None = None, filters: Filters = EVERYTHING, earlier: Sequence[str] = ()
    ) -> Retrieval:
        """Do as `retrieve`, and say what each stage did."""
        stages = self.stages(question, keep=keep, filters=filters, earlier=earlier)
        while True:
            try:
                next(stages)
            except StopIteration as done:
                retrieval: Retrieval = done.value
                return retrieval

    def stages(
        self,
        question: str,
        *,
        keep: int | None = None,
        filters: Filters = EVERYTHING,
        earlier: Sequence[str] = (),
        answered: str = "",
    ) -> Generator[str, None, Retrieval]:
        """Yield the name of each slow stage before it begins; return what `run` does.

        answered: what the last of the earlier questions was answered with.
        """
        log = _Log()
        asked = without_courtesy(question)
        plan = Plan(asked, (Query(asked),), tuple(earlier), answered)
        for stage in self._stages:
            if stage.is_slow(plan):
                yield stage.name
                log.rest()
            before, plan = plan, stage(replace(plan, note=""))
            log.add(stage.name, _changes(before, plan))
        vectors = cache(lambda text: self._embedder.embed_queries([text]))
        keep = keep or self._keep
        budget = self._budget_characters * max(keep, self._keep) // self._keep
        found, passages = self._standing(plan, vectors, keep, budget, filters, log)
        if self._hop is not None:
            more = self._hop(plan, passages)
            log.add(self._hop.name, "; ".join(query.text for query in more))
            if more:
                plan = replace(plan, queries=(*plan.queries, *more))
                found, passages = self._standing(plan, vectors, keep, budget, filters, log)
        return Retrieval(plan.question, passages, tuple(log.steps), plan.queries, found)

    def find(self, question: str, *, filters: Filters = EVERYTHING) -> Found:
        """Rank chunks for the question as it stands, before widening."""
        among = self._library.matching(filters)
        vectors = cache(lambda text: self._embedder.embed_queries([text]))
        found = self._ranker.rank(Query(question), vectors, self._candidates, among)
        for _, reorder in self._reorder:
            found = reorder(question, found)
        return found

    def _standing(
        self,
        plan: Plan,
        vectors: Callable[[str], Matrix],
        keep: int,
        budget: int,
        filters: Filters,
        log: _Log,
    ) -> tuple[Found, tuple[Passage, ...]]:
        """Search until what was ranked is still there when it has been read."""
        for query in plan.queries:
            if len(self._library) and not self._ranker.deaf(query):
                vectors(query.text)  # before its turn, so that the questions of many are embedded together
        with self._turn:
            for _ in range(TRIES):
                self._library.refresh()
                among = self._library.matching(filters)
                found, passages = self._different(plan, vectors, keep, budget, among, log)
                # A key is never used again: what still has its chunk was read from the text that the chunk is of.
                standing = self._library.living(passage.chunk.key for passage in passages)
                if len(standing) == len(passages) and (passages or not found.ranking):
                    break
        return found, tuple(passage for passage in passages if passage.chunk.key in standing)

    def _different(
        self,
        plan: Plan,
        vectors: Callable[[str], Matrix],
        keep: int,
        budget: int,
        among: Keys | None,
        log: _Log,
    ) -> tuple[Found, list[Passage]]:
        """Return passages of different texts: where a hundred documents hold one text, look further for others."""
        candidates = self._candidates
        while True:
            found = _interleaved([self._ranked(part, vectors, candidates, among, log) for part in plan.parts])
            passages, lacking = self._widener.passages(found, keep, budget)
            log.add("widen", f"{len(passages)} passages")
            if not lacking or found.is_all or candidates >= MOST_TIMES * self._candidates:
                return found, passages
            candidates *= MORE

    def _ranked(
        self, part: Sequence[Query], vectors: Callable[[str], Matrix], candidates: int, among: Keys | None, log: _Log
    ) -> Found:
        """Rank for one part of a question, by its own words."""
        found = [self._ranker.rank(query, vectors, candidates, among) for query in part]
        told = [f"{query.text}: {one.note}" if one.note else query.text for query, one in zip(part, found, strict=True)]
        log.add("search", "; ".join(told))
        joined = _joined(found, part)
        for name, reorder in self._reorder:
            joined = reorder(part[0].text, joined)
            log.add(name, joined.note)
        return joined


def _joined(found: Sequence[Found], queries: Sequence[Query]) -> Found:
    """Fuse the rankings of one part: the same asked in several ways."""
    if len(found) == 1:
        return found[0]
    weights = [query.weight for query in queries]
    ranking = fuse([normalise(one.ranking, floor=0.0) for one in found], weights)
    return Found(ranking, _legs(found), all(one.is_all for one in found), _notes(found))


def _interleaved(found: Sequence[Found]) -> Found:
    """Take the best of each part in turn, so that each has its place in the first few."""
    if len(found) == 1:
        return found[0]
    turns = (hit for turn in zip_longest(*(one.ranking for one in found)) for hit in turn if hit is not None)
    ranking: dict[int, Hit] = {}
    for hit in turns:
        ranking.setdefault(hit.key, hit)
    return Found(list(ranking.values()), _legs(found), all(one.is_all for one in found), _notes(found))


def _legs(found: Sequence[Found]) -> dict[str, dict[int, float]]:
    """A chunk's score of a leg is its best of any query."""
    legs: dict[str, dict[int, float]] = {}
    for one in found:
        for name, scores in one.legs.items():
            into = legs.setdefault(name, {})
            for key, score in scores.items():
                into[key] = max(score, into.get(key, score))
    return legs


def _notes(found: Sequence[Found]) -> str:
    return "; ".join(dict.fromkeys(one.note for one in found if one.note))


def _changes(before: Plan, after: Plan) -> str:
    """Say for people what a stage did; nothing where it did nothing."""
    said = [after.question] if after.question != before.question else []
    said += [f"{query.origin}: {query.text}" for query in after.queries if query not in before.queries]
    return "; ".join(dict.fromkeys([*said, *([after.note] if after.note else [])]))


class _Log:
    """What each stage did, and how long it took: from the end of the one before."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self._last = time.perf_counter()

    def rest(self) -> None:
        """Leave out the time that went by since the last stage: others had it."""
        self._last = time.perf_counter()

    def add(self, stage: str, detail: str = "") -> None:
        now = time.perf_counter()
        self.steps.append(Step(stage, (now - self._last) * 1000, detail))
        self._last = now
