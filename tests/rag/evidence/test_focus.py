"""rag.evidence.focus: what a question wants to be told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.evidence.focus import Kind, focus_of
from rag.text import fold


@pytest.mark.parametrize(
    ("question", "kind", "noun"),
    [
        ("Who built the bridge?", Kind.PERSON, ""),
        ("Which architect built the bridge?", Kind.PERSON, "architect"),
        ("What company built the bridge?", Kind.BODY, "company"),
        ("Where do otters sleep?", Kind.PLACE, ""),
        ("In which city is the bridge?", Kind.PLACE, "city"),
        ("When was it built?", Kind.DATE, ""),
        ("What year was it built?", Kind.DATE, "year"),
        ("How many arches does it have?", Kind.NUMBER, "arches"),
        ("How many years did it take?", Kind.DURATION, "years"),
        ("How much did the bridge cost?", Kind.MONEY, ""),
        ("What percentage of otters sleep?", Kind.PERCENT, "percentage"),
        ("Why do otters hold hands?", Kind.REASON, ""),
        ("How do otters sleep?", Kind.MANNER, ""),
        ("What is the den of an otter called?", Kind.NAME, "den"),
        ("What award did she win?", Kind.THING, "award"),
        ("What is a holt?", Kind.DEFINITION, "holt"),
        ("谁建的桥？", Kind.PERSON, ""),
        ("哪位建筑师建的桥？", Kind.PERSON, ""),
        ("哪所大学最老？", Kind.BODY, "大学"),
        ("桥在哪个城市？", Kind.PLACE, ""),
        ("桥是哪一年建的？", Kind.DATE, ""),
        ("橋有多少個橋拱？", Kind.NUMBER, "桥拱"),
        ("建橋花了多久？", Kind.DURATION, ""),
        ("建桥花了多少钱？", Kind.MONEY, ""),
        ("百分之多少的水獭睡觉？", Kind.PERCENT, ""),
        ("为什么水獭手拉手？", Kind.REASON, ""),
        ("水獭如何睡觉？", Kind.MANNER, ""),
        ("水獭的洞穴叫什么？", Kind.NAME, "洞穴"),
        ("她得过什么奖项？", Kind.THING, "奖项"),
        ("幻觉指的是什么？", Kind.DEFINITION, ""),
        ("otters", Kind.OTHER, ""),
    ],
)
def test_a_question_tells_what_kind_of_thing_it_wants_and_by_which_noun(question: str, kind: Kind, noun: str) -> None:
    focus = focus_of(question)
    assert (focus.kind, focus.noun) == (kind, noun)


@given(st.text(st.sampled_from(list("what how many 谁什么哪年多少 is的?？")), max_size=30))
def test_the_words_that_ask_stand_in_the_question(question: str) -> None:
    focus = focus_of(question)
    assert 0 <= focus.start <= focus.end <= len(fold(question))
