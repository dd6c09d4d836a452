"""Let a reranker read the best of a ranking, for as long as there is time. Knows nothing of models.

What it has read goes by its score, what it has not stays behind that in the order it had.
"""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from threading import Lock

from rag.errors import ModelError, NotFound
from rag.library.library import Library
from rag.plan import Found
from rag.ports import Reranker
from rag.types import Hit

log = logging.getLogger(__name__)

LEG = "rerank"
FIRST_TEXTS = 2  # read to learn the pace
MOST_TEXTS = 16  # in one batch
REMEMBERED_QUESTIONS = 64  # the same is asked again where one looks further, or a second time


class Rerank:
    """A reordering for the retriever."""

    def __init__(
        self,
        library: Library,
        reranker: Reranker,
        *,
        candidates: int,
        budget_seconds: float,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """candidates: of the ranking that are read at most. The first few are read however long that takes."""
        self._library = library
        self._reranker = reranker
        self._candidates = candidates
        self._budget_seconds = budget_seconds
        self._clock = clock
        self._scores: OrderedDict[str, dict[int, float]] = OrderedDict()
        self._turn = Lock()

    def __call__(self, question: str, found: Found) -> Found:
        """Return the ranking reordered; as it is, with a note, where the reranker fails."""
        first = found.ranking[: self._candidates]
        known = self._known(question)
        try:
            texts = self._library.excerpts([hit.key for hit in first if hit.key not in known])
            scores = self._read(question, {hit.key: texts[hit.key] for hit in first if hit.key in texts})
        except NotFound:  # removed a moment ago: the retriever will see that, and search again
            return found
        except ModelError as error:
            log.warning("reranking failed, and the fused order stands: %s", error)
            return replace(found, note=f"failed, the order stands: {error}")
        with self._turn:
            known.update(scores)
            scores = {hit.key: known[hit.key] for hit in first if hit.key in known}
        legs = {**found.legs, LEG: scores}
        return replace(found, ranking=_reordered(found.ranking, scores), legs=legs, note=_note(scores, first))

    def _read(self, question: str, texts: Mapping[int, str]) -> dict[int, float]:
        """Score as many as there is time for, in their order; the pace of those read tells how many more to begin."""
        scores: dict[int, float] = {}
        unread = list(texts)
        if unread:
            self._reranker.load()  # which may take seconds, once: not what the budget is for
        start, size = self._clock(), FIRST_TEXTS
        while unread and size:
            batch, unread = unread[:size], unread[size:]
            scores.update(zip(batch, self._reranker.score(question, [texts[key] for key in batch]), strict=True))
            spent = self._clock() - start
            left = self._budget_seconds - spent
            size = min(MOST_TEXTS, int(left * len(scores) / spent)) if spent > 0 else MOST_TEXTS
            size = max(0, size)
        return scores

    def _known(self, question: str) -> dict[int, float]:
        """The scores that this question had; keys are never used again, so they hold."""
        with self._turn:
            known = self._scores.setdefault(question, {})
            self._scores.move_to_end(question)
            if len(self._scores) > REMEMBERED_QUESTIONS:
                self._scores.popitem(last=False)
            return known


def _reordered(ranking: Sequence[Hit], scores: Mapping[int, float]) -> list[Hit]:
    """Return the hits that were read by score, then the others; their scores are brought below those."""
    read = [Hit(hit.key, scores[hit.key]) for hit in ranking if hit.key in scores]
    least = min((hit.score for hit in read), default=1.0)
    unread = [Hit(hit.key, least * hit.score) for hit in ranking if hit.key not in scores]
    return sorted(read, key=lambda hit: -hit.score) + unread  # a stable sort: equals keep their order


def _note(scores: Mapping[int, float], first: Sequence[Hit]) -> str:
    return f"{len(scores)} of {len(first)} read"
