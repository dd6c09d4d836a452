"""Make a vector index of what is stored, in the layout that its size asks for; say when it should be made anew.

Reads the stored vectors once from end to end and never holds them all: at most this index and one beside it exist.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from rag.library.flat import Flat
from rag.library.lists import TRAINING_ROWS_PER_LIST, Lists, lists_for
from rag.library.stored import Stored
from rag.library.vectors import FaissIndex
from rag.ports import Keys, Matrix

# At 200,000 vectors exact search takes 7 ms of one core for ten hits, and lists 2.6, which find 0.987 of them in half
# the memory; below that, exactness is worth more than the time. Measured by eval/bench/vectors.py.
LISTS_FROM = 200_000
# Of the nearest, on questions made of passages; nprobe is the least that meets it. Filters, and questions that lie
# further from their passages, fall short of it by as much as a hundredth.
RECALL_TARGET = 0.985
RECALL_AT = 20
SAMPLE_QUERIES = 128
QUERY_NOISE = 1.0  # length of what is added to a passage to make a question: cosine 0.71 to where it came from
REGROWN = 4  # made anew when it has grown, or shrunk, by this factor
# Of vectors added since the recall was measured last: with so many it is measured anew, on questions made of them.
FRESH_SHARE = 0.2
RECALL_SLACK = 0.01  # 128 questions for 20 hits each tell no less than this
MOST_SKEW = 3  # times as many vectors looked at as in lists of one length


class Arranger:
    def __init__(
        self,
        stored: Stored,
        dimension: int,
        *,
        lists_from: int = LISTS_FROM,
        recall_target: float = RECALL_TARGET,
        stop_if_asked: Callable[[], None] = lambda: None,
    ) -> None:
        """stop_if_asked: called every few thousand vectors; what it raises ends the work."""
        self._stored = stored
        self._dimension = dimension
        self._lists_from = lists_from
        self._recall_target = recall_target
        self._stop_if_asked = stop_if_asked

    def made(self) -> FaissIndex:
        """Takes seconds past the threshold, half a minute for a million."""
        keys = self._stored.keys()
        index = self._lists(keys) if len(keys) >= self._lists_from else self._flat()
        return FaissIndex(index, self._stored)

    def outgrown(self, index: FaissIndex) -> bool:
        """Whether its size asks for another layout, or for another number of lists."""
        if isinstance(index.layout, Lists):
            return not 1 / REGROWN < len(index) / index.layout.made_for < REGROWN
        return len(index) >= self._lists_from

    def has_drifted(self, lists: Lists, since: int) -> bool:
        """Whether the vectors with keys past this one are no longer found as they should be, or too slowly.

        Compares some questions with everything that is stored.
        """
        keys = self._stored.keys()
        fresh = keys[keys > since]
        if not len(fresh):
            return False
        questions = self._questions(fresh)
        nearest = _Nearest(questions)
        for some, rows in self._stored.stream():
            self._stop_if_asked()
            nearest.see(some, rows)
        recall = float((self._ranks(lists, questions, nearest) < lists.probes).mean())
        looked_at = float(np.mean([lists.looked_at(question) for question in questions]))
        usual = lists.probes * len(lists) / lists.lists
        return recall < self._recall_target - RECALL_SLACK or looked_at > MOST_SKEW * usual

    def _flat(self) -> Flat:
        flat = Flat.empty(self._dimension)
        for keys, rows in self._stored.stream():
            self._stop_if_asked()
            flat.add(keys, rows)
        return flat

    def _lists(self, keys: Keys) -> Lists:
        random = np.random.default_rng(1)
        lists = Lists.trained(self._some(random, keys, TRAINING_ROWS_PER_LIST * lists_for(len(keys))), len(keys))
        # The newest may be about something else, and are what drift will be judged by: the target is theirs, too.
        groups = [self._questions(some) for some in (keys, keys[int((1 - FRESH_SHARE) * len(keys)) :])]
        nearest = [_Nearest(questions) for questions in groups]
        for some, rows in self._stored.stream():
            self._stop_if_asked()
            lists.add(some, rows)
            for each in nearest:
                each.see(some, rows)
        lists.probes = max(self._probes(self._ranks(lists, *each)) for each in zip(groups, nearest, strict=True))
        return lists

    def _probes(self, ranks: Keys) -> int:
        """In how many lists to look, so that the target's share of the neighbours is met."""
        if not len(ranks):  # all has been removed meanwhile
            return 1
        return int(np.sort(ranks)[int(np.ceil(self._recall_target * len(ranks))) - 1]) + 1

    def _ranks(self, lists: Lists, questions: Matrix, nearest: _Nearest) -> Keys:
        """For each question's true neighbours: how many lists are nearer to the question than the one it lies in."""
        ranks = []
        for question, wanted in zip(questions, nearest.keys, strict=True):
            place = np.empty(lists.lists, dtype=np.int64)
            place[lists.order(question)] = np.arange(lists.lists)
            ranks.append(place[lists.lists_of(self._stored.of(wanted)[1])])
        return np.concatenate(ranks)

    def _questions(self, keys: Keys) -> Matrix:
        random = np.random.default_rng(2)
        questions = self._some(random, keys, SAMPLE_QUERIES)
        noise = random.normal(size=questions.shape).astype(np.float32)
        questions += QUERY_NOISE * noise / np.linalg.norm(noise, axis=1, keepdims=True)
        return np.asarray(questions / np.linalg.norm(questions, axis=1, keepdims=True), dtype=np.float32)

    def _some(self, random: np.random.Generator, keys: Keys, most: int) -> Matrix:
        return self._stored.of(random.choice(keys, min(most, len(keys)), replace=False))[1]


class _Nearest:
    """The nearest neighbours of some questions, among all that it has seen."""

    def __init__(self, questions: Matrix) -> None:
        self._questions = questions
        self._scores = np.zeros((len(questions), 0), dtype=np.float32)
        self.keys = np.zeros((len(questions), 0), dtype=np.int64)

    def see(self, keys: Keys, rows: Matrix) -> None:
        scores = np.concatenate([self._scores, self._questions @ rows.T], axis=1)
        both = np.concatenate([self.keys, np.broadcast_to(keys, (len(scores), len(keys)))], axis=1)
        best = np.argpartition(-scores, min(RECALL_AT, scores.shape[1]) - 1, axis=1)[:, :RECALL_AT]
        self._scores = np.take_along_axis(scores, best, axis=1)
        self.keys = np.take_along_axis(both, best, axis=1)
