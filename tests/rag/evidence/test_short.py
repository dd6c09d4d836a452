"""rag.evidence.short: the very words asked for, where they are certain."""

from __future__ import annotations

import pytest

from rag.evidence.question import Question
from rag.evidence.short import placed, short_answer
from rag.types import Citation, CitationStatus, Evidence, EvidenceSentence, ShortAnswer, Span


@pytest.mark.parametrize(
    ("question", "text", "short"),
    [
        ("When was the bridge built?", "The bridge was built in 1910.", "1910"),
        ("How many arches has the bridge?", "The bridge has 1,204 arches.", "1,204"),
        ("What percentage of otters sleep?", "Of otters, 30 percent sleep.", "30"),
        ("When was the bridge built?", "The bridge was built in 1910 or 1911.", None),
        ("When was the bridge of 1910 mended?", "The bridge of 1910 was mended.", None),
        ("How much do otters eat?", "Otters eat ten times their weight.", None),
        ("Who built the bridge?", "The bridge was built by Robert Lane.", None),
        ("桥是哪一年建的？", "桥建于1910年。", None),
        ("When was the bridge built?", "", None),
    ],
)
def test_the_only_date_or_number_that_was_not_asked_with_is_the_answer(
    question: str, text: str, short: str | None
) -> None:
    span = short_answer(Question(question, {}), text, 1.0)
    assert (None if span is None else span.of(text)) == short


def test_there_is_none_in_a_sentence_that_may_not_answer() -> None:
    assert short_answer(Question("When was it built?", {}), "The bridge was built in 1910.", 0.5) is None


def test_it_is_told_where_it_stands_in_the_document_that_is_quoted_first() -> None:
    document = "Bats fly. The bridge was built in 1910. Bats sleep."
    text = "The bridge was built in 1910."
    start = document.index(text)
    sentence = EvidenceSentence(0, text, 1.0, 1, answer=Span(24, 28))
    quote = Span(start, start + len(text))
    citation = Citation(1, Span(0, 29), "doc", 2, "Title", "doc.txt", quote, text, CitationStatus.VERIFIED)
    short = placed(Evidence(0.9, (sentence,)), [citation])
    assert short == ShortAnswer("1910", 1, "doc", 2, Span(start + 24, start + 28))
    assert short.span.of(document) == short.text
    assert placed(Evidence(0.9, (sentence,)), []) is None
    assert placed(Evidence(0.9, (EvidenceSentence(0, text, 1.0, 1),)), [citation]) is None
