"""What holds exactly is found broken where it is, and nowhere else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.gate.promises import of_answer, of_chunks, of_report
from ingest.chunk import chunk
from rag.types import (
    Answer,
    Block,
    BlockKind,
    Chunk,
    Citation,
    CitationStatus,
    Document,
    Passage,
    RefusalReason,
    ShortAnswer,
    Span,
)
from rag.wire import FileOut, ReportOut
from tests.fakes import HashEmbedder

STARTS = HashEmbedder().token_starts
TEXT = "The door is red. It opens at nine.\n\n门是红色的。九点开门。\n\n" + "words that go on " * 40 + "and end."
PARTS = [Block(0, 34), Block(36, 47), Block(49, len(TEXT))]
DOCUMENT = Document("d", "A title", "a.txt", "text/plain", TEXT, tuple(PARTS))
MOST = 24


def chunks_of(document: Document) -> list[Chunk]:
    return chunk(document, STARTS, max_tokens=MOST)


def rules(chunks: list[Chunk], document: Document = DOCUMENT) -> set[str]:
    return {breach.rule for breach in of_chunks(document, chunks, STARTS, MOST)}


def test_what_the_chunker_makes_keeps_every_promise() -> None:
    assert rules(chunks_of(DOCUMENT)) == set()


@given(st.lists(st.text("ab .。\n门九`|?！", min_size=1, max_size=60), min_size=1, max_size=6), st.booleans())
def test_it_does_of_any_text(parts: list[str], code: bool) -> None:
    text, blocks = "", []
    for part in parts:
        kind = BlockKind.CODE if code else BlockKind.PARAGRAPH
        blocks.append(Block(len(text), len(text) + len(part), kind))
        text += part + "\n\n"
    document = Document("d", "", "a.txt", "text/plain", text, tuple(blocks))
    assert rules(chunks_of(document), document) == set()


@pytest.mark.parametrize("by", [-1, 1])
def test_a_shifted_chunk_is_seen(by: int) -> None:
    shifted = [replace(one, start=max(0, one.start + by), end=one.end + by) for one in chunks_of(DOCUMENT)]
    assert "chunks begin where a block or a sentence does" in rules(shifted)


def test_a_lost_chunk_is_seen() -> None:
    assert rules(chunks_of(DOCUMENT)[1:]) == {"every character is in a chunk"}


def test_a_chunk_that_is_too_long_or_out_of_the_text_is_seen() -> None:
    assert "chunks fit" in rules([Chunk(0, "d", 0, len(TEXT))])
    assert "chunks lie within their text" in rules([Chunk(0, "d", 0, len(TEXT) + 1)])


def test_a_report_must_add_up_and_every_file_be_indexed() -> None:
    whole = ReportOut(discovered=2, indexed=2, files=[_file("a"), _file("b")])
    assert list(of_report(whole, 2)) == []
    assert [one.rule for one in of_report(whole, 3)] == ["the report's counts add up"]
    short = whole.model_copy(update={"indexed": 1, "skipped": 1, "files": [_file("a"), _file("b", "skipped")]})
    assert [(one.rule, one.where) for one in of_report(short, 2)] == [("every file is indexed", "b")]


def test_a_sound_answer_breaks_nothing() -> None:
    assert broken(ANSWER) == set()


def test_a_mark_that_does_not_count_from_one_is_seen() -> None:
    late = replace(ANSWER, text="The door is red. [2]", citations=(replace(CITATION, mark=2),))
    assert broken(late) == {"marks count from 1, in order, and stand in the text"}


def test_a_mark_that_is_not_in_the_text_is_seen() -> None:
    assert broken(replace(ANSWER, text="The door is red.")) == {"marks count from 1, in order, and stand in the text"}


@pytest.mark.parametrize(("start", "end"), [(0, 15), (1, 17), (4, 16)])
def test_a_quote_that_is_not_its_slice_is_seen(start: int, end: int) -> None:
    assert "a quote is the slice that its span names" in broken(cited(span=Span(start, end)))


def test_an_extract_that_lacks_a_letter_of_its_quote_is_seen() -> None:
    other = cited(quote="he door is red.", span=Span(1, 16))
    assert broken(other) == {"an extract is in its quote, to the letter"}


def test_words_that_are_not_those_of_the_footnote_are_seen() -> None:
    assert "a footnote's span is that of its words" in broken(cited(answer_span=Span(0, 17)))


def test_a_source_that_was_not_retrieved_is_seen() -> None:
    assert "what is cited was retrieved" in broken(replace(ANSWER, passages=()))


def test_a_passage_that_is_not_its_slice_is_seen() -> None:
    moved = replace(ANSWER, passages=(replace(PASSAGE, start=1),))
    assert broken(moved) == {"a passage is the slice that its span names"}


def test_a_page_without_a_place_is_seen() -> None:
    pdf = replace(DOCUMENT, mime="application/pdf")
    assert {one.rule for one in of_answer("q", ANSWER, {"d": pdf})} == {
        "what is cited of a PDF has its place on a page"
    }


def test_a_short_answer_outside_its_citation_is_seen() -> None:
    inside = ShortAnswer("red", 1, "d", 1, Span(12, 15))
    assert broken(replace(ANSWER, short=inside)) == set()
    for wrong in (replace(inside, mark=2), replace(inside, text="blue"), replace(inside, span=Span(20, 23))):
        assert broken(replace(ANSWER, short=wrong)) == {"the short answer stands in its citation"}


def test_an_answer_is_refused_or_cited_and_never_both() -> None:
    rule = {"an answer is either refused or cited"}
    refused = replace(ANSWER, refused=True, reason=RefusalReason.WEAK_EVIDENCE, citations=(), text="I cannot say.")
    assert broken(refused) == set()
    assert broken(replace(refused, reason=None)) == rule
    assert broken(replace(refused, text=" ")) == rule
    assert broken(replace(ANSWER, citations=())) == rule
    assert rule <= broken(replace(ANSWER, refused=True, reason=RefusalReason.NO_EVIDENCE))


def broken(answer: Answer) -> set[str]:
    return {one.rule for one in of_answer("q", answer, {"d": DOCUMENT})}


def cited(**changes: object) -> Answer:
    return replace(ANSWER, citations=(replace(CITATION, **changes),))  # type: ignore[arg-type]


def _file(path: str, outcome: str = "indexed") -> FileOut:
    return FileOut.model_validate({"path": path, "outcome": outcome})


CITATION = Citation(
    mark=1,
    answer_span=Span(0, 16),
    document_id="d",
    version=1,
    title="A title",
    source="a.txt",
    span=Span(0, 16),
    quote="The door is red.",
    status=CitationStatus.VERIFIED,
)
PASSAGE = Passage(Chunk(1, "d", 0, 34), 0, 34, TEXT[:34], "A title", "a.txt", 1, 1.0)
ANSWER = Answer(
    question="What colour is the door?",
    text="The door is red. [1]",
    citations=(CITATION,),
    passages=(PASSAGE,),
    refused=False,
    reason=None,
    confidence=0.9,
    model="extractive",
)
