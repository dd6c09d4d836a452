"""What people see under an answer on a terminal: what supports it, what does not, and what has no source."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rag.cli.notes import marked, show_notes, show_text
from rag.types import Answer, Citation, CitationStatus, Disagreement, ShortAnswer, Span, Uncited

TEXT = "It opened in 1988. [1] It is blue. It opened in 1987. [2]"


def citation(mark: int, claim: str, quote: str, *problems: str) -> Citation:
    start = TEXT.index(claim)
    return Citation(
        mark=mark,
        answer_span=Span(start, start + len(claim)),
        document_id="d",
        version=1,
        title="Gallery",
        source="gallery.txt",
        span=Span(mark * 100, mark * 100 + len(quote)),
        quote=quote,
        status=CitationStatus.UNSUPPORTED if problems else CitationStatus.VERIFIED,
        problems=problems,
    )


def answer_to(question: str) -> Answer:
    return Answer(
        question=question,
        text=TEXT,
        citations=(
            citation(1, "It opened in 1988.", "The gallery opened in 1987.", "number"),
            citation(2, "It opened in 1987.", "It opened in 1987."),
        ),
        passages=(),
        refused=False,
        reason=None,
        confidence=0.9,
        model="says",
        short=ShortAnswer("1987", 2, "d", 1, Span(213, 217)),
        uncited=(Uncited(Span(23, 34), ("cover",)),),
        disagreements=(Disagreement((1, 2), ("1988", "1987")),),
    )


def shown(question: str, capsys: pytest.CaptureFixture[str]) -> str:
    answer = answer_to(question)
    show_text(answer)
    show_notes(answer)
    return capsys.readouterr().out


def test_what_is_to_be_minded_is_said_in_the_questions_language(capsys: pytest.CaptureFixture[str]) -> None:
    english = shown("When did it open?", capsys)
    assert english.startswith("1987 [2]\nIt opened in 1988. [1] It is blue. [?] It opened in 1987. [2]\n")
    assert "[1] Gallery — gallery.txt  (does not support its sentence: a number differs)" in english
    assert "[?] no source was found for this:\n    “It is blue.”" in english
    assert "The sources disagree: [1] says “1988”, [2] says “1987”" in english
    chinese = shown("它何时开放？", capsys)
    for words in ("数字不符", "没有找到这句话的出处", "资料说法不一"):
        assert words in chinese


def test_a_quote_that_fails_one_of_its_sentences_is_minded(capsys: pytest.CaptureFixture[str]) -> None:
    answer = answer_to("When?")
    holds = replace(answer.citations[0], answer_span=Span(0, 3), status=CitationStatus.VERIFIED, problems=())
    for citations in ((holds, answer.citations[0]), (answer.citations[0], holds)):
        show_notes(replace(answer, citations=citations))
        assert capsys.readouterr().out.count("a number differs") == 1


def test_an_answer_without_faults_is_shown_as_it_is() -> None:
    assert marked(replace(answer_to("When?"), uncited=())) == TEXT
