"""eval.situations: the small libraries that a question is asked of."""

from __future__ import annotations

import pytest

from eval.cases import Case
from eval.situations import Kind, Situation, _small
from tests.rag.makers import make_passage

QUESTION = "When was the bridge built?"
ANSWER = make_passage("The bridge was built in 1848.", document_id="answer")
BESIDE = make_passage("The bridge is long.", document_id="beside")
ELSEWHERE = make_passage("Otters eat fish.", document_id="elsewhere")
FREQUENCIES = {"bridg": 70, "built": 30}
CASE = Case(
    id="one",
    question=QUESTION,
    article="Bridges",
    answers=("1848",),
    gold=frozenset({"answer"}),
    passages=(BESIDE, ANSWER),
    without=(BESIDE,),
    frequencies=FREQUENCIES,
    chunks=1000,
    lost={},
    lost_chunks=0,
)


def asked(article: str, *passages: object) -> Situation:
    return Situation("one", QUESTION, "en", article, Kind.WHOLE, passages, FREQUENCIES, 1000)  # type: ignore[arg-type]


@pytest.mark.parametrize("size", [1, 2, 3])
def test_a_small_library_holds_the_answer_or_what_stood_beside_it_or_another_subject(size: int) -> None:
    found = {one.kind: one for one in _small(CASE, asked("Bridges", BESIDE, ANSWER), asked("Otters", ELSEWHERE), size)}
    assert ANSWER in found[Kind.SMALL].passages
    assert found[Kind.SMALL_DELETED].passages == (BESIDE,)
    assert found[Kind.STRANGE].passages == (ELSEWHERE,)
    assert [one.held for one in found.values()] == [True, False, False]


def test_terms_are_counted_in_the_small_library() -> None:
    *_, strange = _small(CASE, asked("Bridges", BESIDE, ANSWER), asked("Otters", ELSEWHERE), 2)
    assert (strange.chunks, strange.frequency("bridg")) == (1, 0)


def test_one_passage_alone_is_what_a_filter_leaves_of_a_large_library() -> None:
    small, *_ = _small(CASE, asked("Bridges", BESIDE, ANSWER), asked("Otters", ELSEWHERE), 1)
    assert (small.passages, small.chunks, small.frequency("bridg")) == ((ANSWER,), 1000, 70)
