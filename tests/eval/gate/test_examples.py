"""Our own questions on examples/: each rests on words that stand there, and the committed baseline is of them."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from eval.gate.baseline import BASELINE, read
from eval.gate.sets import EXAMPLES, QUESTIONS, GateSet, gate_sets
from eval.metrics.answers import contains
from ingest.prepare import prepare
from ingest.read import Limits
from rag.text import to_simplified


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> GateSet:
    [one] = gate_sets(None, tmp_path_factory.mktemp("gate"))
    return one


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    folder = QUESTIONS.parents[2] / EXAMPLES
    return {path.name: prepare(path.read_bytes(), path.name, Limits()).text for path in sorted(folder.iterdir())}


def test_none_is_left_out(ours: GateSet) -> None:
    assert not ours.dataset.skipped
    assert len(ours.dataset.questions) == len(QUESTIONS.read_text(encoding="utf-8").splitlines())


def test_every_quote_stands_in_its_document_to_the_letter(ours: GateSet, texts: dict[str, str]) -> None:
    quotes = [(one.document, one.quote) for question in ours.dataset.questions for one in question.supports]
    assert [quote for document, quote in quotes if quote not in texts[document]] == []


def test_what_is_expected_can_be_said_in_the_documents_words(ours: GateSet, texts: dict[str, str]) -> None:
    every = "\n".join(texts.values())
    for question in ours.dataset.questions:
        if question.answerable:
            wanted = question.key_points or question.answers
            assert any(contains(every, [answer] if isinstance(answer, str) else answer) for answer in wanted), question


def test_a_quarter_has_no_answer_and_every_way_of_asking_is_there(ours: GateSet) -> None:
    questions = ours.dataset.questions
    unanswerable = [question for question in questions if not question.answerable]
    assert len(unanswerable) >= 25
    assert {question.language for question in questions} == {"en", "zh"}
    kinds = {"factoid", "howto", "multi", "list", "typo", "traditional", "keywords", "unanswerable"}
    assert kinds <= {question.kind for question in questions}
    written = [question.text for question in questions if question.kind == "traditional"]
    assert all(to_simplified(text) != unicodedata.normalize("NFKC", text) for text in written)


def test_the_committed_baseline_is_of_these_questions_and_documents(ours: GateSet) -> None:
    before = read(BASELINE)[EXAMPLES]
    assert before.content == ours.content, "make gate-baseline, and look at what changed"
    assert {record.id for record in before.records} == {question.id for question in ours.dataset.questions}


def test_the_baseline_holds_no_text() -> None:
    written = Path(BASELINE).read_text(encoding="utf-8")
    assert written.isascii()
    assert not any(record.question or record.answers for part in read(BASELINE).values() for record in part.records)
