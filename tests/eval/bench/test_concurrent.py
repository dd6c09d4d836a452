"""eval.bench.concurrent: both ways of asking are held to each other, question by question."""

from __future__ import annotations

import os

import numpy as np

from eval.bench.concurrent import _compared, _equal, _same_bits, _spans
from tests.rag.makers import make_passage

TEXTS = [f"question {number}" for number in range(64)]


def test_every_question_is_compared_and_the_same_answers_counted() -> None:
    row = _compared(lambda text: [{"document_id": text, "start": 0, "end": 1}], TEXTS, 4, 16, 2, [os.getpid()], _equal)
    assert row["identical"] == row["the_same_passages"] == "32 of 32"
    assert len(row["each_round"]) == 2


def test_an_answer_that_changes_is_seen() -> None:
    scores = iter(range(1000))

    def ask(text: str) -> list[dict[str, object]]:
        return [{"document_id": text, "start": 0, "end": 1, "score": next(scores)}]

    row = _compared(ask, TEXTS, 4, 16, 1, [os.getpid()], _equal)
    assert (row["identical"], row["the_same_passages"]) == ("0 of 16", "16 of 16")


def test_vectors_are_compared_to_the_bit_and_passages_by_their_spans() -> None:
    one = np.ones((1, 4), dtype=np.float32)
    assert _same_bits(one, one.copy())
    assert not _same_bits(one, np.nextafter(one, 2))
    assert _spans((make_passage("otters", score=0.5),)) == _spans((make_passage("otters", score=0.4),))
    assert _spans((make_passage("otters"),)) != _spans((make_passage("bats"),))
