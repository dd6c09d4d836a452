"""rag.wire: what crosses the wire has the shape that was promised."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from pydantic import ValidationError

from rag.types import (
    Answer,
    Box,
    Citation,
    CitationStatus,
    Cited,
    Delta,
    Event,
    Failed,
    Finished,
    RefusalReason,
    Retrieved,
    Span,
    Status,
)
from rag.wire import MAX_QUESTION_CHARACTERS, AnswerOut, AskRequest, event_out
from tests.rag.makers import make_passage

PASSAGE = replace(make_passage("水獭的洞穴叫做 holt。", start=10), also_at=("copy.txt",))
CITATION = Citation(
    mark=1,
    answer_span=Span(0, 13),
    document_id="doc",
    version=2,
    title="Title of doc",
    source="doc.txt",
    span=Span(10, 23),
    quote="水獭的洞穴叫做 holt。",
    status=CitationStatus.VERIFIED,
    boxes=(Box(3, 72.0, 90.1, 500.2, 104.0),),
    page=3,
)
ANSWER = Answer(
    question="What is it?",
    text="水獭的洞穴叫做 holt。 [1]",
    citations=(CITATION,),
    passages=(PASSAGE,),
    refused=False,
    reason=None,
    confidence=0.93,
    model="extractive",
    timings={"retrieve": 11.234, "total": 17.91},
)


def test_an_answer_has_the_promised_keys() -> None:
    shape = json.loads(AnswerOut.of(ANSWER).model_dump_json())
    assert set(shape) == set(
        "question searched_for answer refused reason confidence citations passages model conversation_id usage "
        "timings_ms short_answer uncited disagreements".split()
    )
    [citation], [passage] = shape["citations"], shape["passages"]
    assert set(citation) == set(
        "mark answer_start answer_end document_id version title source start end quote page place boxes status "
        "problems".split()
    )
    assert set(passage) == set(
        "rank document_id chunk start end text page title source also_at version date score scores instructions".split()
    )
    assert passage["also_at"] == ["copy.txt"]
    assert shape["usage"] == {"prompt_tokens": 0, "completion_tokens": 0}
    assert shape["timings_ms"] == {"retrieve": 11.2, "total": 17.9}
    assert citation["boxes"] == [{"page": 3, "x0": 72.0, "y0": 90.1, "x1": 500.2, "y1": 104.0}]
    assert (citation["status"], citation["start"], citation["end"]) == ("verified", 10, 23)
    assert (passage["rank"], passage["start"], passage["text"]) == (1, 10, PASSAGE.text)


def test_a_refusal_names_its_reason() -> None:
    for reason in RefusalReason:
        refused = Answer("q", "no", (), (), True, reason, 0.0, "extractive")
        assert AnswerOut.of(refused).reason == reason.value
    assert {reason.value for reason in RefusalReason} == {"empty_library", "no_evidence", "weak_evidence"}


@pytest.mark.parametrize(
    ("event", "name", "keys"),
    [
        (Status("retrieving"), "status", {"stage"}),
        (Retrieved((PASSAGE,)), "retrieved", {"passages"}),
        (Delta("holt"), "delta", {"text"}),
        (Failed("NotFound", "gone", "list them"), "failed", {"error", "detail", "hint"}),
    ],
)
def test_each_event_has_its_name_and_keys(event: Event, name: str, keys: set[str]) -> None:
    told, data = event_out(event)
    assert told == name
    assert set(data.model_dump()) == keys


def test_what_is_cited_and_finished_is_what_the_plain_answer_holds() -> None:
    whole = AnswerOut.of(ANSWER)
    assert event_out(Finished(ANSWER)) == ("finished", whole)
    assert event_out(Cited(CITATION)) == ("cited", whole.citations[0])


@pytest.mark.parametrize(
    "body",
    [{}, {"question": ""}, {"question": "x" * (MAX_QUESTION_CHARACTERS + 1)}, {"question": "q", "kep": 3}]
    + [{"question": "q", "keep": keep} for keep in (0, 101)],
)
def test_a_request_that_cannot_be_meant_is_refused(body: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        AskRequest.model_validate(body)
