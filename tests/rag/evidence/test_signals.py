"""rag.evidence.signals and what it is made of: what a question seeks, and what passages hold of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.evidence.pieces import Thing, sentences_of
from rag.evidence.signals import signals
from rag.evidence.sought import Asks, Kind, sought
from rag.evidence.windows import Match, match
from tests.rag.makers import make_passage

CHUNKS = 1000


def frequency(term: str) -> int:
    return 400 if term in {"the", "of", "的"} else 4


def matched(question: str, text: str) -> Match:
    return match(sought(question, frequency, CHUNKS), make_passage(text), usual_length=20)


@pytest.mark.parametrize(
    ("question", "asks"),
    [
        ("When was the bridge built?", Asks.DATE),
        ("桥是哪一年建成的？", Asks.DATE),
        ("How many points did they score?", Asks.NUMBER),
        ("他们丢了多少分？", Asks.NUMBER),
        ("Who founded the gallery?", Asks.WHO),
        ("谁创办了画廊？", Asks.WHO),
        ("In which city is the gallery?", Asks.WHERE),
        ("为什么天是蓝的？", Asks.WHY),
        ("bats", Asks.OTHER),
    ],
)
def test_the_thing_that_is_asked_for_is_told_from_the_wording(question: str, asks: Asks) -> None:
    assert sought(question, frequency, CHUNKS).asks is asks


def test_terms_are_told_apart_by_kind() -> None:
    kinds = sought("Which river did Ashurst cross in 1848?", frequency, CHUNKS).kinds
    assert kinds[("river",)] is Kind.FOCUS
    assert kinds[("ashurst",)] is Kind.NAME
    assert kinds[("1848",)] is Kind.NUMBER


def test_numbers_dates_and_names_are_seen_in_both_languages() -> None:
    english, chinese = sentences_of("In May, Ada Lovelace counted 42 otters.\n1848年，威廉在北京数了三个水獭。")
    assert english.things[english.pieces.index("may")] & Thing.DATE
    assert english.things[english.pieces.index("42")] & Thing.NUMBER
    assert english.things[english.pieces.index("lovelac")] & Thing.PERSON
    assert chinese.things[chinese.pieces.index("1848")] & Thing.DATE
    assert chinese.things[chinese.pieces.index("威")] & Thing.PERSON
    assert chinese.things[chinese.pieces.index("北")] & Thing.PLACE


def test_a_misspelt_name_is_not_missing_altogether() -> None:
    right, slipped, other = (
        matched(f"What did {name} compose?", "Tchaikovsky composed a ballet.").in_part
        for name in ("Tchaikovsky", "Tchaikovksy", "Rachmaninoff")
    )
    assert right > slipped > other


def test_a_chinese_word_of_which_half_stands_there_counts_in_part() -> None:
    whole, part, none = (
        matched(f"{name}在哪里出生？", "柴可夫斯基出生于一座小城。").in_part
        for name in ("柴可夫斯基", "柴可夫斯", "拉赫玛尼诺夫")
    )
    assert whole >= part > none


def test_words_near_a_thing_of_the_kind_count_more_than_far_ones() -> None:
    near = "The bridge of Austin was built in 1910."
    far = "The bridge of Austin, " + "which many people of many kinds like to see, " * 3 + "is old. Moths came in 1910."
    question = "When was the bridge of Austin built?"
    assert matched(question, near).around > matched(question, far).around


def test_what_the_question_names_itself_is_no_answer_to_it() -> None:
    assert matched("Who met Ada?", "It was Ada, and Ada again, whom they met.").around == 0


def test_the_sum_of_signals_does_not_tell_how_large_the_library_is() -> None:
    passages = [make_passage("Otters sleep afloat in kelp.")]
    one, other = (signals("Where do otters sleep?", passages, frequency, chunks) for chunks in (270, 269))
    assert one == other


def test_a_passage_that_stands_out_is_told_from_one_of_many() -> None:
    alone = [make_passage("Otters sleep afloat in kelp.", document_id="a"), make_passage("Moths fly.", document_id="b")]
    among = [alone[0], make_passage("In kelp, otters sleep.", document_id="b")]
    apart, together = (signals("Do otters sleep in kelp?", some, frequency, CHUNKS) for some in (alone, among))
    assert apart is not None
    assert together is not None
    assert apart["score_gap"] > together["score_gap"]
    assert apart["worded_ahead"] > together["worded_ahead"]


def test_meaning_is_asked_of_few_sentences_and_only_where_somebody_knows() -> None:
    passages = [make_passage("Otters sleep. " * 9, document_id="a"), make_passage("Otters eat. " * 9, document_id="b")]
    asked: list[str] = []

    def alike(_question: str, texts: list[str]) -> list[float]:
        asked.extend(texts)
        return [0.5] * len(texts)

    known = signals("Where do otters sleep?", passages, frequency, CHUNKS, alike)  # type: ignore[arg-type]
    unknown = signals("Where do otters sleep?", passages, frequency, CHUNKS, lambda _question, _texts: None)
    assert known is not None
    assert unknown is not None
    assert (known["near"], known["near_known"]) == (0.5, 1.0)
    assert (unknown["near"], unknown["near_known"]) == (0.0, 0.0)
    assert len(asked) <= 6


def test_there_is_nothing_to_judge_where_there_are_no_words() -> None:
    assert signals("Where?", [], frequency, CHUNKS) is None
    assert signals("Where?", [make_passage("…")], frequency, CHUNKS) is None
    assert signals("???", [make_passage("Otters sleep.")], frequency, CHUNKS) is None


texts = st.text("otters sleep in kelp 水獭在海藻里睡觉。.?! 1910 Ada\n", max_size=60)


@given(texts, st.lists(texts.filter(str.strip), max_size=3), st.integers(0, 12))
def test_all_signals_are_always_there_and_shares_are_shares(question: str, found: list[str], chunks: int) -> None:
    passages = [make_passage(text, document_id=str(place)) for place, text in enumerate(found)]
    seen = signals(question, passages, lambda term: len(term) % 3, chunks)
    if seen is None:
        return
    expected = signals("otters", [make_passage("kelp")], frequency, CHUNKS)
    assert expected is not None
    assert list(seen) == list(expected)
    for name in ("sentence", "two", "window", "around", "beside", "runs", "longest", "passage", "in_part"):
        assert -1e-9 <= seen[name] <= 1 + 1e-9


def test_a_mistyped_name_counts_where_the_library_has_only_the_right_one() -> None:
    def rare(term: str) -> int:
        return 0 if term == "chatgtp" else 4

    text = "ChatGPT was shown to the public in November 2022."
    mistyped = match(sought("When was chatgtp shown to the public?", rare, CHUNKS), make_passage(text), usual_length=20)
    right = match(sought("When was chatgpt shown to the public?", rare, CHUNKS), make_passage(text), usual_length=20)
    assert mistyped.sentence == right.sentence
    assert dict(mistyped.missing) == {("chatgtp",): pytest.approx(0.3)}


@pytest.mark.parametrize(
    ("question", "holding", "lacking"),
    [
        ("When was GPT-4 shown?", "GPT-4 was shown in March.", "GPT-2 was shown on 4 May."),
        ("When was GPT4 shown?", "GPT-4 was shown in March.", "GPT-2 was shown on 4 May."),
        ("When was GPT-4 shown?", "GPT4 was shown in March.", "GPT2 was shown on 4 May."),
        ("BERT-large 有多少层？", "BERT large 有 24 层。", "BERT 有 12 层，另一个 large。"),
    ],
)
def test_a_name_of_parts_is_missing_where_they_stand_apart(question: str, holding: str, lacking: str) -> None:
    assert all(len(term) == 1 for term in matched(question, holding).missing)
    assert any(len(term) == 2 for term in matched(question, lacking).missing)
