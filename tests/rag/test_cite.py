"""rag.cite: marks in a stream become checked citations."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from rag.cite import Citer, guard_marks
from rag.types import Citation, CitationStatus, Cited, Delta, Passage, Span
from tests.rag.makers import make_passage

PASSAGES = (
    make_passage(
        "GPT-1 包含 1.17 亿个参数。GPT-2 包含 15 亿个参数。GPT-3 包含 1750 亿个参数。", document_id="zh", start=100
    ),
    make_passage(
        "Paris is the capital of France. It lies on the Seine. About 2.1 million people live there.", document_id="en"
    ),
)
STREAM = (
    "GPT-2 包含 15 亿个参数。 [1]It lies on the Seine [2, 9]. Nothing says this [7]. "
    "Two million people live there【2】 [1"
)


def cite(pieces: list[str], passages: tuple[Passage, ...] = PASSAGES) -> tuple[str, list[Citation]]:
    citer = Citer(passages)
    events = [event for piece in pieces for event in citer.feed(piece)] + list(citer.close())
    text = "".join(event.text for event in events if isinstance(event, Delta))
    assert text == citer.text
    assert [event.citation for event in events if isinstance(event, Cited)] == citer.citations
    return text, citer.citations


@given(st.lists(st.integers(0, len(STREAM)), max_size=30))
def test_a_stream_cut_anywhere_gives_the_same_text_and_citations(cuts: list[int]) -> None:
    edges = sorted({0, len(STREAM), *cuts})
    assert cite([STREAM[a:b] for a, b in pairwise(edges)]) == cite([STREAM])


def test_a_stream_cut_at_every_character_gives_the_same() -> None:
    assert cite(list(STREAM)) == cite([STREAM])


@given(st.text(st.sampled_from(list("[]【】0123 ,，a。\n")), max_size=60), st.data())
def test_any_text_streams_as_it_stands_whole(text: str, data: st.DataObject) -> None:
    cuts = data.draw(st.lists(st.integers(0, len(text)), max_size=8))
    edges = sorted({0, len(text), *cuts})
    assert cite([text[a:b] for a, b in pairwise(edges)]) == cite([text])


@given(st.text(st.sampled_from(list("[]12 GPT包含个参数。.")), max_size=60))
def test_a_quote_is_always_the_exact_slice_of_its_document(text: str) -> None:
    documents = {"zh": " " * 100 + PASSAGES[0].text, "en": PASSAGES[1].text}
    shown, citations = cite([text])
    for citation in citations:
        assert citation.span.of(documents[citation.document_id]) == citation.quote
        assert 0 <= citation.answer_span.start <= citation.answer_span.end <= len(shown)


def test_a_sentence_in_the_documents_words_is_quoted_exactly_and_verified() -> None:
    text, [citation] = cite(["GPT-2 包含 15 亿个参数。 [1]"])
    assert text == "GPT-2 包含 15 亿个参数。 [1]"
    assert citation.quote == "GPT-2 包含 15 亿个参数。"
    assert citation.span == Span(119, 136)
    assert citation.answer_span.of(text) == "GPT-2 包含 15 亿个参数。"
    assert citation.status is CitationStatus.VERIFIED


def test_a_wrong_number_is_not_supported() -> None:
    _, [citation] = cite(["GPT-2 包含 16 亿个参数。[1]"])
    assert citation.status is CitationStatus.UNSUPPORTED


def test_a_mark_that_names_no_passage_never_reaches_the_reader() -> None:
    text, citations = cite(["Water is wet [3]. And so on [0]."])
    assert text == "Water is wet. And so on."
    assert citations == []


def test_footnotes_are_numbered_in_the_order_they_appear_one_for_each_quote() -> None:
    text, citations = cite(["It lies on the Seine. [2] GPT-3 包含 1750 亿个参数。 [1] It lies on the Seine. [2]"])
    assert text == "It lies on the Seine. [1] GPT-3 包含 1750 亿个参数。 [2] It lies on the Seine. [1]"
    assert [citation.mark for citation in citations] == [1, 2, 1]


def test_two_marks_after_one_sentence_are_both_about_it() -> None:
    text, [first, second] = cite(["GPT-2 lies on the Seine. [1][2]"])
    assert first.answer_span == second.answer_span
    assert first.answer_span.of(text) == "GPT-2 lies on the Seine."


def test_a_mark_before_the_full_stop_is_about_the_sentence_it_stands_in() -> None:
    text, [citation] = cite(["It lies on the Seine [2]. More follows."])
    assert citation.answer_span.of(text) == "It lies on the Seine"


def test_without_passages_every_mark_goes() -> None:
    assert cite(["Nothing [1] here [2]."], ()) == ("Nothing here.", [])


def test_brackets_that_stand_in_a_source_are_no_marks() -> None:
    passage = make_passage("该图来源于A Survey of Large Language Models[1]。")
    text, [citation] = cite([guard_marks(passage.text) + " [1]"], (passage,))
    assert text == "该图来源于A Survey of Large Language Models［1］。 [1]"
    assert citation.quote == passage.text
    assert citation.status is CitationStatus.VERIFIED


def test_a_mark_that_begins_a_line_is_about_what_follows() -> None:
    text, [first, second] = cite(["[2] It lies on the Seine.\n- [1] GPT-3 包含 1750 亿个参数。"])
    assert text == "[1] It lies on the Seine.\n- [2] GPT-3 包含 1750 亿个参数。"
    assert first.answer_span.of(text) == "It lies on the Seine."
    assert second.answer_span.of(text) == "GPT-3 包含 1750 亿个参数。"
