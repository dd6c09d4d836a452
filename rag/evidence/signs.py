"""What speaks for each sentence of the passages as the answer: one row of numbers each.

A sentence is seen among the others: in its passage, after the sentences before it, against the best of all. Knows
nothing of weights.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rag.asked import holds_type
from rag.evidence import inside, likeness
from rag.evidence.apart import Sentence
from rag.evidence.question import Numbers, Question
from rag.evidence.reading import Read
from rag.words import ENGLISH_STOP_WORDS

LOOKED_AT = 24  # sentences, the best by the words they hold; the others cannot be chosen
# Of a sentence's score by rule, by which these are found; set by hand.
PASSAGE_COVER = 0.3
PASSAGE_RANK = 0.5
SENTENCE_BEFORE = 0.3
RIGHT_TYPE = 0.15
ANSWERS_NOTHING = -1.0
FAR = 4  # sentences; further off is as far
ELSEWHERE = 9.0  # where the best sentence is in another passage

NAMES = (
    (
        "earlier with_earlier wanted_before wanted_after from_top from_best rarest_wanted alone_wanted first_said "
        "cover_before cover_after pooled_before dense lexical pooled_anew "
        "units heaviest asked_from asked_to new_share "
        "cover pooled near with_before with_after passage_cover telling titled telling_before rank place lead empty "
        "apart holds_heaviest position length by_rule "
        "behind_cover behind_pooled behind_telling behind_rule behind_near behind_apart chinese kind sentences"
    ).split()
    + inside.NAMES
    + (
        "loose loose_before loose_with_before loose_around loose_so_far behind_loose "
        "best_wanted most_wanted ordered ordered_with_before"
    ).split()
    + likeness.NAMES
)

Table = npt.NDArray[np.float32]  # (sentences, signs)
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Signs:
    """rows[i] is of the sentence at places[i], (passage, position). by_rule: the score of every sentence by rule."""

    places: Sequence[tuple[int, int]]
    rows: Table
    by_rule: Sequence[tuple[tuple[int, int], float]]


def signs_of(read: Read) -> Signs:
    places = [(reading.index, i) for reading in read.readings for i in range(len(reading.texts))]
    if not places:
        return Signs((), np.zeros((0, len(NAMES)), np.float32), ())
    pool = _Pool(read, Question(read.asked.question, read.asked.rarity))
    chosen = np.argsort(-pool.by_rule, kind="stable")[:LOOKED_AT].tolist()
    looked_at = [places[i] for i in chosen]
    rows = np.hstack([np.array([pool.row(i) for i in chosen], np.float32), likeness.likeness(read, looked_at)])
    return Signs(looked_at, rows, list(zip(places, pool.by_rule.tolist(), strict=True)))


class _Pool:
    """All sentences of all passages, with what is known of them before any is looked at closely."""

    def __init__(self, read: Read, question: Question) -> None:
        self._question = question
        readings = read.readings
        self._sentences: list[Sentence] = [sentence for reading in readings for sentence in reading.sentences]
        order = np.repeat(np.arange(len(readings)), [len(reading.sentences) for reading in readings])
        self._passage = order  # of each sentence: which of the readings it is in
        self._starts = np.searchsorted(order, order)  # of each sentence: where its passage begins
        self._stops = np.searchsorted(order, order, side="right")
        self._held = np.array([[unit in one.units for unit in question.units] for one in self._sentences], np.float64)
        self._follows: Flags = np.arange(len(order)) > self._starts
        self._of_passages(read)
        self._of_words()
        self._of_pieces()
        self._of_things()

    def _of_passages(self, read: Read) -> None:
        readings = read.readings
        self._telling = np.array([cover for reading in readings for cover in reading.covers])
        self._empty = np.array([empty for reading in readings for empty in reading.empty], np.float64)
        self._titled = np.array([reading.cover for reading in readings])[self._passage]
        scores = np.array([reading.passage.score for reading in readings])
        self._rank = (scores / read.best_score)[self._passage]
        self._lead = float(scores[0] - scores[1]) if len(scores) > 1 else 1.0
        self._legs = []
        for leg in ("dense", "lexical"):
            found = np.array([float(reading.passage.scores.get(leg, 0.0)) for reading in readings])
            self._legs.append((found / (found.max() or 1.0))[self._passage])
        self._telling_before = self._before(self._telling)
        wanted = read.asked.wanted
        right_type = np.array([holds_type(text, wanted) for reading in readings for text in reading.texts], np.float64)
        self.by_rule = self._telling + PASSAGE_COVER * self._titled + PASSAGE_RANK * self._rank
        self.by_rule += SENTENCE_BEFORE * self._telling_before
        self.by_rule += RIGHT_TYPE * right_type + ANSWERS_NOTHING * self._empty

    def _of_words(self) -> None:
        question, held = self._question, self._held
        size = len(held)
        weights = question.weights
        # A word that every passage has says little of which sentence answers.
        self._pool_weights = weights * np.log((size + 1.0) / (held.sum(0) + 0.5))
        self._cover = _shares(held, weights)
        self._pooled = _shares(held, self._pool_weights)
        self._near = _shares(held, weights * question.near)
        before, after = self._before(held), self._after(held)
        self._with_before = _shares(np.maximum(held, before), weights)
        self._with_after = _shares(np.maximum(held, after), weights)
        self._passage_cover, self._apart, self._earlier = np.zeros(size), np.zeros(size), np.zeros_like(held)
        self._top = np.zeros(size, np.int64)
        for start, stop in sorted(set(zip(self._starts.tolist(), self._stops.tolist(), strict=True))):
            own = held[start:stop]
            self._passage_cover[start:stop] = _shares(own.max(0, keepdims=True), weights)
            within = weights * np.log((stop - start + 1.0) / (own.sum(0) + 0.5)).clip(0)
            self._apart[start:stop] = _shares(own, within)
            self._earlier[start + 1 : stop] = np.maximum.accumulate(own, axis=0)[:-1]
            self._top[start:stop] = start + self._cover[start:stop].argmax()
        self._holds_heaviest = held[:, int(weights.argmax())]
        self._own = (self._cover, self._pooled, self._telling, self.by_rule, self._near)
        self._best_by_rule = int(self.by_rule.argmax())
        self._best = [values.max() for values in self._own]

    def _of_pieces(self) -> None:
        """The same by single pieces: two words of Chinese for one thing often share a character, and no pair."""
        asked = self._question.loose
        held = np.array([[piece in one.units for piece in asked] for one in self._sentences], np.float64)
        weights = np.log((len(held) + 1.0) / (held.sum(0) + 0.5))
        before, after = self._before(held), self._after(held)
        earlier = np.zeros_like(held)
        for start, stop in sorted(set(zip(self._starts.tolist(), self._stops.tolist(), strict=True))):
            earlier[start:stop] = np.maximum.accumulate(held[start:stop], axis=0)
        self._loose = _shares(held, weights)
        self._loosest = float(self._loose.max())
        self._loose_with_before = _shares(np.maximum(held, before), weights)
        self._loose_around = _shares(np.maximum(np.maximum(held, before), after), weights)
        self._loose_so_far = _shares(earlier, weights)
        # Of the longest common subsequence by bits. Source: Hyyrö, 2004.
        pieces = self._question.pieces
        self._asked_at = {piece: sum(1 << i for i, one in enumerate(pieces) if one == piece) for piece in set(pieces)}
        self._none_in_order = (1 << len(pieces)) - 1
        self._rows: dict[int, int] = {}

    def _of_things(self) -> None:
        """Find what is wanted and not in the question, by sentence; what stands all over is seldom the answer."""
        wanted = [
            [" ".join(one.pieces[thing.first : thing.last]) for thing in inside.new_things(self._question, one)
             if thing.sort in self._question.wanted]
            for one in self._sentences
        ]  # fmt: skip
        self._wanted = wanted
        self._seen = Counter(name for names in wanted for name in set(names))

    def row(self, i: int) -> list[float]:
        """Return the signs of NAMES."""
        sentence, question = self._sentences[i], self._question
        before = self._sentences[i - 1] if self._follows[i] else None
        start, stop = int(self._starts[i]), int(self._stops[i])
        earlier = self._earlier[i]
        best = self._best_by_rule
        new = sum(piece not in question.held and piece not in ENGLISH_STOP_WORDS for piece in sentence.units)
        return [
            _share(earlier, question.weights),
            _share(np.maximum(self._held[i], earlier), question.weights),
            float(len(self._wanted[i - 1])) if before is not None else -1.0,
            float(len(self._wanted[i + 1])) if i + 1 < stop else -1.0,
            float(np.clip(i - self._top[i], -FAR, FAR)),
            float(np.clip(i - best, -FAR, FAR)) if self._passage[i] == self._passage[best] else ELSEWHERE,
            *self._rareness(i, start),
            self._cover[i - 1] if before is not None else 0.0,
            self._cover[i + 1] if i + 1 < stop else 0.0,
            self._pooled[start:i].max(initial=0.0),
            *(leg[i] for leg in self._legs),
            _share(self._held[i] * (1.0 - earlier), self._pool_weights),
            float(len(question.units)),
            max(question.shares.values()),
            float(question.before),
            float(question.after),
            new / (1 + len(sentence.units)),
            *self._standing(i, start, stop),
            *inside.inside(question, sentence, before),
            *self._loosely(i, start, stop),
        ]

    def _rareness(self, i: int, start: int) -> tuple[float, float, float]:
        """Return in how few sentences a wanted thing stands, how many here stand nowhere else, or not earlier."""
        names = self._wanted[i]
        said = {name for earlier in self._wanted[start:i] for name in earlier}
        rarest = min((self._seen[name] for name in names), default=0) / len(self._sentences)
        return rarest, sum(self._seen[name] == 1 for name in names), sum(name not in said for name in names)

    def _standing(self, i: int, start: int, stop: int) -> list[float]:
        """Return the sentence's shares of the question, and how far they are behind the best."""
        own = self._own
        return [
            *(some[i] for some in (self._cover, self._pooled, self._near, self._with_before, self._with_after)),
            *(some[i] for some in (self._passage_cover, self._telling, self._titled, self._telling_before, self._rank)),
            float(self._passage[i]),
            self._lead if self._passage[i] == 0 else 0.0,
            *(some[i] for some in (self._empty, self._apart, self._holds_heaviest)),
            float(i - start),
            float(len(self._sentences[i].pieces)),
            self.by_rule[i],
            *(best - some[i] for best, some in zip(self._best, own, strict=True)),
            self._apart[start:stop].max() - self._apart[i],
            float(self._question.chinese),
            float(self._question.focus.kind),
            float(stop - start),
        ]

    def _loosely(self, i: int, start: int, stop: int) -> list[float]:
        """Return what single pieces say, and how many wanted things the best sentence and the passage have."""
        return [
            self._loose[i],
            self._loose[i - 1] if self._follows[i] else 0.0,
            self._loose_with_before[i],
            self._loose_around[i],
            self._loose_so_far[i],
            self._loosest - self._loose[i],
            float(len(self._wanted[self._best_by_rule])),
            float(max(map(len, self._wanted[start:stop]))),
            *self._ordered(i),
        ]

    def _ordered(self, i: int) -> tuple[float, float]:
        """Return the share of the question's pieces that stand in its order, also with the sentence before it."""
        size = len(self._question.pieces)
        own = self._row(i)
        both = self._in_order(i, self._row(i - 1)) if self._follows[i] else own
        return (size - own.bit_count()) / max(1, size), (size - both.bit_count()) / max(1, size)

    def _row(self, i: int) -> int:
        if i not in self._rows:
            self._rows[i] = self._in_order(i, self._none_in_order)
        return self._rows[i]

    def _in_order(self, i: int, row: int) -> int:
        """Go on with a row of the longest common subsequence, a bit for each piece asked; 0 where it is met."""
        for piece in self._sentences[i].pieces:
            if (match := self._asked_at.get(piece)) is not None:
                row = ((row + (row & match)) | (row & ~match)) & self._none_in_order
        return row

    def _before(self, values: Numbers) -> Numbers:
        """Return of each sentence the value of the one before it in its passage; 0 where there is none."""
        moved = np.zeros_like(values)
        moved[1:] = values[:-1]
        moved[~self._follows] = 0.0
        return moved

    def _after(self, values: Numbers) -> Numbers:
        moved = np.zeros_like(values)
        moved[:-1] = values[1:]
        moved[self._stops - 1 == np.arange(len(moved))] = 0.0
        return moved


def _shares(held: Numbers, weights: Numbers) -> Numbers:
    """Return of each row the share of the weight that it holds."""
    shares: Numbers = held @ weights / (weights.sum() or 1.0)
    return shares


def _share(held: Numbers, weights: Numbers) -> float:
    return float(held @ weights / (weights.sum() or 1.0))
