"""One query, both legs, one ranking: weighed by what each leg can know of it. Knows nothing of passages.

A chunk that one leg found gets its true score of the other too. The few best of both are then looked at more closely:
how much of the question a single sentence holds, and in what order. See rag/closeness.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from rag.closeness import Closeness, Sought
from rag.errors import NotFound
from rag.fuse import Weights, fuse, normalise
from rag.library.library import Library
from rag.plan import Found, Leg, Query
from rag.ports import Embedder, Keys, Matrix
from rag.text import language_of
from rag.types import Hit

# Learnt by `python -m eval.tune_fusion`, which says on what.
WEIGHTS = Weights(dense=3.63, dense_for_missing=7.22, lexical=4.74, closeness=4.41)
CLOSELY = 10  # candidates that are looked at more closely; on no set did more of them help
USUALLY_HELD = 0.7  # of a question's words by the best candidate, before any is looked at closely
DEEPER = 2  # times the candidates asked of BM25, whose hits cost little: it has a score for more of the dense ones then
CLOSENESS = "closeness"


@dataclass(frozen=True, slots=True)
class Parts:
    """What is known of one query's candidates. near, worded and closeness: key -> score in [0, 1]."""

    near: Mapping[int, float]  # by the dense leg; of nothing where it was not asked
    worded: Mapping[int, float]  # by BM25
    closeness: Mapping[int, float]  # of the few that were looked at closely
    held: float  # the share of the question's words, by rarity, that the best of these holds
    legs: Mapping[str, Mapping[int, float]]  # each leg's own scores
    is_all: bool
    why: str  # for people

    def weights(self, weights: Weights) -> tuple[float, float, float]:
        """Return those of near, worded and closeness; 0 where there is nothing."""
        return (
            weights.of_dense(self.held) if self.near else 0.0,
            weights.lexical if self.worded else 0.0,
            weights.closeness if self.closeness else 0.0,
        )


class Ranker:
    def __init__(self, library: Library, embedder: Embedder, weights: Weights = WEIGHTS) -> None:
        self._library = library
        self._embedder = embedder
        self._weights = weights

    def rank(self, query: Query, vector: Callable[[str], Matrix], candidates: int, among: Keys | None) -> Found:
        """Rank the chunks that either leg finds; among: these keys alone.

        vector: embeds a text as float32 (1, d); called only where the dense leg is asked.
        """
        parts = self.parts(query, vector, candidates, among)
        weights = parts.weights(self._weights)
        ranking = fuse([parts.near, parts.worded, parts.closeness], weights)
        return Found(ranking, parts.legs, parts.is_all, _note(weights, parts.why))

    def parts(self, query: Query, vector: Callable[[str], Matrix], candidates: int, among: Keys | None) -> Parts:
        """Do as `rank`, but weigh nothing."""
        lexical: Sequence[Hit] = ()
        if Leg.LEXICAL in query.legs:
            lexical = self._library.lexical(query.text, DEEPER * candidates, among=among)
        dense: Sequence[Hit] = ()
        is_all = len(lexical) < DEEPER * candidates
        why = self.deaf(query) if lexical or Leg.DENSE not in query.legs else ""
        if not why and self._library.findable:
            asked = vector(query.text)
            [dense] = self._library.dense(asked, candidates, among=among)
            is_all = max(len(dense), len(lexical)) < candidates
            dense = [*dense, *self._unseen(asked, dense, lexical[:candidates])]
        legs: dict[str, Mapping[int, float]] = {
            Leg.DENSE: {hit.key: hit.score for hit in dense},
            Leg.LEXICAL: {hit.key: hit.score for hit in lexical},
        }
        near, worded = normalise(dense), normalise(lexical, floor=0.0)
        if not lexical:
            why = "no word of it is in any document" if Leg.LEXICAL in query.legs else "nearness alone was asked for"
            return Parts(near, worded, {}, 0.0, legs, is_all, why)
        usual = self._weights.of_dense(USUALLY_HELD) if near else 0.0
        first = fuse([near, worded], [usual, self._weights.lexical])[:CLOSELY]
        close = self._closeness(query.text, first)
        held = max((one.cover for one in close.values()), default=0.0)
        closeness = legs[CLOSENESS] = {key: one.score for key, one in close.items()}
        why = why or f"the best candidate holds {held:.0%} of its words"
        return Parts(near, worded, closeness, held, legs, is_all, why)

    def deaf(self, query: Query) -> str:
        """Say why the dense leg is not asked, whatever BM25 finds; nothing where it is.

        An embedder that never saw the question's language knows next to nothing of it, and would ruin what BM25 finds:
        docs/retrieval.md has both legs alone on XQuAD zh. It is asked only where no term of the question is in any
        document.
        """
        if Leg.DENSE not in query.legs:
            return "words alone were asked for"
        language = language_of(query.text)
        known = self._embedder.languages
        if "*" not in known and language not in known:
            return f"the embedder was not trained for {language}"
        return ""

    def _unseen(self, asked: Matrix, dense: Sequence[Hit], lexical: Sequence[Hit]) -> list[Hit]:
        """Return the dense scores of what BM25 alone found."""
        seen = {hit.key for hit in dense}
        keys = [hit.key for hit in lexical if hit.key not in seen]
        try:
            scores = self._library.vectors(keys) @ asked[0]
        except NotFound:  # removed a moment ago: those that were found must do
            return []
        return [Hit(key, float(score)) for key, score in zip(keys, scores, strict=True)]

    def _closeness(self, question: str, hits: Sequence[Hit]) -> dict[int, Closeness]:
        sought = Sought(question, self._library.lexical_frequency, self._library.findable)
        excerpts = self._library.excerpts(hit.key for hit in hits)
        return {key: sought.closeness(text) for key, text in excerpts.items()}


def _note(weights: Sequence[float], why: str) -> str:
    total = sum(weights) or 1.0
    dense, lexical, closeness = (weight / total for weight in weights)
    return f"dense {dense:.2f}, lexical {lexical:.2f}, closeness {closeness:.2f}: {why}"
