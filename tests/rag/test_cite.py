"""rag.cite: marks in a stream become checked citations."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.cite import Citer, guard_marks
from rag.text import sentence_spans
from rag.types import Citation, CitationStatus, Cited, Delta, Passage, Span, Uncited, Verdict
from tests.rag.makers import make_passage, word_check

Policy = Literal["flag", "drop"]
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


MARKUP = "[ ] 【 】 [1] [2] [9] [0] [1,2] [1-2] [^2^] [citation:1] [来源：2] [2019] 1. - | ** # ` > ``` ( ) †".split()
WORDS = ["It lies on the Seine", "GPT-2 包含 15 亿个参数", "The documents do not tell", "Sorry", "It is green", "Hello"]
JOINTS = [
    *"。.！!?？：:,，、”一",
    " and ",
    "According to ",
    "根据文档",
    " ",
    " ",
    "\n",
    "\n- ",
    "\n```\n",
    "\t",
    "\r\n",
    "[0, 1]",
]
PIECES = [*MARKUP, *WORDS, *JOINTS, "\ud83d", "\ude00"]  # and the halves of one character
HOSTILE = st.lists(st.sampled_from(PIECES), max_size=16).map("".join)
POLICIES: tuple[Policy, ...] = ("flag", "drop")


@dataclass(frozen=True)
class Told:
    text: str
    citations: list[Citation]
    uncited: list[Uncited]
    not_found: bool

    def claims(self) -> list[str]:
        return [citation.answer_span.of(self.text) for citation in self.citations]

    def unsaid(self) -> list[str]:
        return [one.answer_span.of(self.text) for one in self.uncited]


def told(pieces: list[str], unsupported: Policy = "flag", passages: tuple[Passage, ...] = PASSAGES) -> Told:
    citer = Citer(passages, word_check, unsupported=unsupported)
    events = [event for piece in pieces for event in citer.feed(piece)] + list(citer.close())
    text = ""
    for event in events:
        if isinstance(event, Delta):
            text += event.text
        else:
            assert text.endswith(f"[{event.citation.mark}]")
    assert text == citer.text
    assert [event.citation for event in events if isinstance(event, Cited)] == citer.citations
    return Told(text, citer.citations, citer.uncited, citer.not_found)


def cite(pieces: list[str], passages: tuple[Passage, ...] = PASSAGES) -> tuple[str, list[Citation]]:
    answer = told(pieces, passages=passages)
    return answer.text, answer.citations


@given(st.lists(st.integers(0, len(STREAM)), max_size=30))
def test_a_stream_cut_anywhere_gives_the_same_text_and_citations(cuts: list[int]) -> None:
    edges = sorted({0, len(STREAM), *cuts})
    assert told([STREAM[a:b] for a, b in pairwise(edges)]) == told([STREAM])


def test_a_stream_cut_at_every_character_gives_the_same() -> None:
    assert told(list(STREAM)) == told([STREAM])


@settings(max_examples=200)
@given(HOSTILE, st.sampled_from(POLICIES), st.data())
def test_any_text_streams_as_it_stands_whole(text: str, policy: Policy, data: st.DataObject) -> None:
    cuts = data.draw(st.lists(st.integers(0, len(text)), max_size=8))
    edges = sorted({0, len(text), *cuts})
    whole = told([text], policy)
    assert told(list(text), policy) == whole
    assert told([text[a:b] for a, b in pairwise(edges)], policy) == whole


@settings(max_examples=200)
@given(HOSTILE, st.sampled_from(POLICIES))
def test_every_span_is_exact_and_every_mark_has_its_citation(text: str, policy: Policy) -> None:
    documents = {"zh": " " * 100 + PASSAGES[0].text, "en": PASSAGES[1].text}
    answer = told([text], policy)
    for citation in answer.citations:
        assert citation.span.of(documents[citation.document_id]) == citation.quote
        assert 0 <= citation.answer_span.start <= citation.answer_span.end <= len(answer.text)
    for claim in [*answer.claims(), *answer.unsaid()]:
        assert claim == claim.strip() != ""
    if "`" not in text:  # in code they are no marks
        shown = {int(number) for number in re.findall(r"(?<!\[)\[(\d{1,3})\](?!\])", answer.text)}
        assert shown <= {citation.mark for citation in answer.citations}
    if policy == "drop":
        assert not answer.uncited
        assert all(citation.status is CitationStatus.VERIFIED for citation in answer.citations)


@pytest.mark.parametrize(
    "text", ["[" * 9000, "[1]" * 9000, "] " * 9000, "." * 9000, "`" * 9000, "\n" * 9000, "[[1" * 9000]
)
def test_brackets_galore_come_through(text: str) -> None:
    assert told([text]) == told([text[:7], text[7:8000], text[8000:]])


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


@pytest.mark.parametrize(
    "text",
    [
        "It lies on the Seine [2].",
        "It lies on the Seine. [2]",
        "It lies on the Seine.[2]",
        "It lies on the Seine.\n[2]",
        "- It lies on the Seine [^2^]\n",
        "1. It lies on the Seine. 【2】",
        "[2] It lies on the Seine.",
        "According to [2], it lies on the Seine.",
        "根据文档[2]，It lies on the Seine.",
        "**It lies on the Seine** [source 2].",
        "| It lies on the Seine [citation:2] |",
        "It lies on the Seine [2, 9], [0].",
    ],
)
def test_a_mark_may_stand_anywhere_at_its_sentence(text: str) -> None:
    answer = told([text])
    assert [(c.quote.rstrip("."), c.status) for c in answer.citations] == [
        ("It lies on the Seine", CitationStatus.VERIFIED)
    ]
    assert not answer.uncited


def test_a_mark_within_a_sentence_is_about_the_clause_before_it() -> None:
    answer = told(["Paris is the capital of France [2] and GPT-2 包含 15 亿个参数 [1]."])
    assert answer.claims() == ["Paris is the capital of France", "and GPT-2 包含 15 亿个参数"]
    assert [citation.document_id for citation in answer.citations] == ["en", "zh"]


def test_marks_joined_by_commas_are_about_the_same() -> None:
    answer = told(["GPT-2 lies on the Seine [1], [2]、[1] and so."])
    assert answer.text == "GPT-2 lies on the Seine [1], [2] and so."
    assert len(set(answer.claims())) == 1


def test_a_sentence_without_a_mark_gets_one_where_its_source_is_found() -> None:
    answer = told(["It lies on the Seine. Nobody knows why."])
    assert answer.text == "It lies on the Seine. [1] Nobody knows why."
    assert answer.claims() == ["It lies on the Seine."]
    assert answer.unsaid() == ["Nobody knows why."]
    assert answer.uncited[0].problems


def test_what_claims_nothing_gets_no_mark_and_is_not_told_of() -> None:
    text = "Here is what the documents say:\n\n## Paris\n| city | river |\nIs it so?\n```\nx[9] = 1\n```\n"
    assert told([text]) == Told(text, [], [], not_found=False)


def says_together(claim: str, quote: str) -> Verdict:
    """A check that wants every capitalised word of the claim."""
    lacking = set(re.findall(r"[A-Z]\w+", claim)) - set(re.findall(r"[A-Z]\w+", quote))
    return Verdict(not lacking, 1.0, ("name",) if lacking else ())


def statuses(text: str, *passages: str) -> list[str]:
    made = [make_passage(passage, document_id=f"d{number}") for number, passage in enumerate(passages)]
    citer = Citer(made, says_together)
    list(citer.feed(text)) + list(citer.close())
    return [f"{citation.document_id} {citation.status.value}" for citation in citer.citations]


def test_a_claim_joined_from_two_sources_is_verified_by_both() -> None:
    passages = "Ann founded Alpha long ago.", "Alpha moved to Oslo with Ben.", "Bananas grow in warm places."
    assert statuses("Ann founded Alpha, which moved to Oslo. [1][2]", *passages) == ["d0 verified", "d1 verified"]


def test_a_source_that_has_nothing_to_do_with_it_is_not_verified_by_its_neighbour() -> None:
    passages = "Ann founded Alpha long ago.", "Bananas grow in warm places."
    assert statuses("Ann founded Alpha. [1][2]", *passages) == ["d0 verified", "d1 unsupported"]


def test_a_claim_drawn_from_two_places_far_apart_cites_both() -> None:
    filler = "The sun shone on the harbour all day long. " * 5
    passage = f"Ann founded Alpha long ago. {filler}The board met at Oslo each year."
    assert statuses("Ann founded Alpha, whose board met at Oslo. [1]", passage) == ["d0 verified"] * 2


def test_a_list_of_sources_at_the_end_is_no_claim() -> None:
    answer = told(["It lies on the Seine. [2]\n\nSources:\n[2] Title of en\n[^1]: zh.txt"])
    assert answer.text == "It lies on the Seine. [1]\n\nSources:\nTitle of en\nzh.txt"
    assert len(answer.citations) == 1
    assert not answer.uncited


def test_code_and_years_are_shown_as_they_are() -> None:
    text = "`seine[0]` [2019] [0, 1]: is it so?"
    assert told([text]).text == text


@pytest.mark.parametrize("text", ["The documents do not tell.", "Sorry, the documents do not contain the answer. [1]"])
def test_an_answer_that_only_says_that_the_documents_do_not_tell_gives_no_text(text: str) -> None:
    assert told([text]) == told(list(text)) == Told("", [], [], not_found=True)


def test_within_an_answer_it_is_plain_text() -> None:
    text = "The documents do not tell who built it. It lies on the Seine."
    assert told([text]).text == f"{text} [1]"


def test_dropped_sentences_leave_neither_text_nor_numbers_behind() -> None:
    text = (
        "Bananas grow here [1]. It lies on the Seine. [2]\n- Otters sing [2].\n- GPT-3 包含 1750 亿个参数。 [1]\nMaybe."
    )
    answer = told([text], "drop")
    assert answer.text == "It lies on the Seine. [1]\n- GPT-3 包含 1750 亿个参数。 [2]"
    assert answer.claims() == ["It lies on the Seine.", "GPT-3 包含 1750 亿个参数。"]


@pytest.mark.parametrize("text", ["Bananas grow here [1].", "Here it is:\n- Otters sing.\n- Bats sing.\nIs it so?"])
def test_where_all_is_dropped_nothing_is_left(text: str) -> None:
    assert told([text], "drop").text == ""


def test_text_is_given_as_it_comes() -> None:
    citer = Citer(PASSAGES, word_check)
    given = [event.text for piece in ("It lies", " on the", " Seine") for event in citer.feed(piece)]  # type: ignore[union-attr]
    assert given == ["It lies", " on the", " Seine"]


@pytest.mark.parametrize(
    ("text", "claims"),
    [
        (
            "According to [1], it holds 15 亿; according to [2], it lies on the Seine.",
            ["According to [1], it holds 15 亿;", "according to [2], it lies on the Seine."],
        ),
        (
            "[1] says it holds 15 亿, while [2] says it lies on the Seine.",
            ["says it holds 15 亿,", "while [2] says it lies on the Seine."],
        ),
        ("[1]说有 15 亿个参数。[2]则说 Paris。", ["说有 15 亿个参数。", "则说 Paris。"]),
        ("According to [1] and [2], it moved.", ["According to [1] and [2], it moved."] * 2),
    ],
)
def test_sources_that_are_named_as_speakers_are_about_what_follows(text: str, claims: list[str]) -> None:
    answer = told([text])
    assert answer.text == text
    assert answer.claims() == claims
    assert told(list(text)) == answer


# What a document may hold that would mean something else in a model's answer.
ODD = (
    "Hi David,",
    "Sources:",
    "Title of doc",
    "According to the documents, it is red.",
    "The documents do not tell.",
    "文档中没有提到。",
    "根据文档：",
    "[3] says so.",
    "据[1]，水獭。",
    "```python",
    "`x [1]`",
    "| a | b |",
    "- item one",
    "1. Start it.",
    "What is it?",
    "是的。",
    "**Bold**",
    "# Heading",
)


@given(st.lists(st.sampled_from(ODD), min_size=1, max_size=6), st.sampled_from([" ", "\n"]))
def test_every_sentence_that_is_quoted_has_its_footnote_whatever_it_says(sentences: list[str], between: str) -> None:
    passage = make_passage(between.join(sentences))
    spans = sentence_spans(passage.text)
    citer = Citer((passage,), words="quoted")
    given = between.join(f"{guard_marks(span.of(passage.text))} [1]" for span in spans)
    citations = [event.citation for piece in given for event in citer.feed(piece) if isinstance(event, Cited)]
    citations += [event.citation for event in citer.close() if isinstance(event, Cited)]
    assert not citer.uncited
    assert all(citation.status is CitationStatus.VERIFIED for citation in citations)
    quotes = [citation.quote for citation in citations]
    assert all(any(span.of(passage.text) in quote for quote in quotes) for span in spans)
