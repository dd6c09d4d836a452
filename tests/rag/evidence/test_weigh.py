"""rag.evidence.weigh: which sentences answer, and how likely it is that any does."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.evidence.weigh import MAX_SENTENCES, weigh
from rag.types import Evidence, Passage
from tests.rag.makers import make_passage

CHUNKS = 1000
COMMON = {"the", "of", "is", "in", "的", "是"}


def frequency(term: str) -> int:
    return 600 if term in COMMON else 5


def weighed(question: str, *texts: str) -> Evidence:
    passages = [make_passage(text, document_id=f"d{n}", score=1.0 - n / 10) for n, text in enumerate(texts)]
    return weigh(question, passages, frequency, CHUNKS)


def best(question: str, *texts: str) -> str:
    return weighed(question, *texts).sentences[0].text


def test_the_sentence_that_holds_what_is_asked_about_comes_first() -> None:
    text = "Otters eat crabs and clams. The den of an otter is called a holt. Bats fly at night."
    assert best("What is the den of an otter called?", text) == "The den of an otter is called a holt."


def test_a_heading_that_repeats_the_question_is_no_answer() -> None:
    assert best("水獭的洞穴在哪里", "水獭的洞穴\n它通常建在河岸的树根下面，入口在水下。").startswith("它通常")
    assert best("otter den", "Otter den\nOtters dig it under the roots of old trees by the bank.").startswith(
        "Otters dig"
    )


def test_a_question_in_the_text_is_no_answer() -> None:
    text = "Where do otters sleep? Afloat on their backs, wrapped in kelp, otters of the sea sleep in groups."
    assert best("Where do otters sleep?", text).startswith("Afloat")


@pytest.mark.parametrize(
    ("question", "wanted"),
    [("When was the bridge of Austin built?", "The bridge of Austin was built in 1910."), ("桥有多长", "桥长三百米。")],
)
def test_of_two_sentences_the_one_with_a_date_or_number_answers(question: str, wanted: str) -> None:
    texts = (
        "The bridge of Austin was built by hand. The bridge of Austin was built in 1910.\n桥很长很长。\n桥长三百米。"
    )
    assert best(question, texts) == wanted


def test_positions_count_the_sentences_of_their_passage() -> None:
    evidence = weighed("otters", "One fish. Two otters swim there. Three.", "Otters sleep here.")
    assert {(sentence.passage, sentence.position, sentence.text) for sentence in evidence.sentences} == {
        (0, 0, "One fish."),
        (0, 1, "Two otters swim there."),
        (0, 2, "Three."),
        (1, 0, "Otters sleep here."),
    }


def test_there_is_no_evidence_where_there_is_no_text() -> None:
    assert weighed("otters") == Evidence(0.0, ())
    assert weighed("otters", "", " \n ") == Evidence(0.0, ())


def test_confidence_is_high_where_all_is_held_and_low_where_little_is() -> None:
    question = "What is the den of an otter called?"
    sure = weighed(question, "The den of an otter is called a holt, it is said.", "Bats fly.").confidence
    unsure = weighed(question, "Bats sleep under the bridge, an old one.", "Moths fly.").confidence
    assert sure > 0.5 > 0.1 > unsure


def test_another_name_than_the_one_asked_about_lowers_confidence() -> None:
    text = "GPT-2 holds 1.5 billion parameters in all, as its authors say."
    assert weighed("How many parameters does GPT-2 hold?", text).confidence > (
        weighed("How many parameters does GPT-9 hold?", text).confidence
    )


def test_the_title_counts_for_its_passage() -> None:
    passage = make_passage("It has five pages, and forms to fill.")
    titled = replace(passage, title="Travel expenses")
    question = "How many pages on travel expenses?"
    bare = weigh(question, [passage], frequency, CHUNKS).confidence
    assert weigh(question, [titled], frequency, CHUNKS).confidence > bare


PASSAGES = st.lists(
    st.text(st.sampled_from(list("ab 12.?\n模型。？是\ud800")), max_size=40).map(make_passage), max_size=4
)


@given(st.text(max_size=30), PASSAGES, st.integers(0, 50))
def test_any_question_on_any_text_gives_a_chance_and_sentences_best_first(
    question: str, passages: list[Passage], chunks: int
) -> None:
    evidence = weigh(question, passages, lambda term: len(term) % 3, chunks)
    assert 0.0 <= evidence.confidence <= 1.0
    scores = [sentence.score for sentence in evidence.sentences]
    assert scores == sorted(scores, reverse=True)
    assert len(scores) <= MAX_SENTENCES
    assert scores or not evidence.confidence
    assert all(sentence.text in passages[sentence.passage].text for sentence in evidence.sentences)
