"""rag.evidence.apart: a text taken apart, whatever is asked of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.evidence.apart import pieces_of, sentences_of
from rag.evidence.things import Sort
from rag.text import sentence_spans


def things(text: str) -> set[tuple[Sort, str]]:
    return {(thing.sort, one.text[thing.start : thing.end]) for one in sentences_of(text) for thing in one.things}


@pytest.mark.parametrize(
    ("text", "sort", "said"),
    [
        ("He came in 1913.", Sort.DATE, "1913"),
        ("He came on 5 July 1934.", Sort.DATE, "July 1934"),
        ("It cost $1.2 million.", Sort.MONEY, "1.2 million"),
        ("It holds 30 percent.", Sort.PERCENT, "30"),
        ("It holds 5,000 students.", Sort.NUMBER, "5,000"),
        ("It took twenty years.", Sort.DURATION, "twenty"),
        ("They met Robert Lane there.", Sort.PERSON, "Robert Lane"),
        ("He left the University of Chicago.", Sort.BODY, "University of Chicago"),
        ("He lived in Paris.", Sort.PLACE, "Paris"),
        ('It is called "the war of currents".', Sort.QUOTED, "the war of currents"),
        ("他于1913年到达。", Sort.DATE, "1913"),
        ("占百分之三十。", Sort.PERCENT, "百分之三十"),
        ("花了20万美元。", Sort.MONEY, "20万"),
        ("有三名学生。", Sort.NUMBER, "三"),
        ("历时3年。", Sort.DURATION, "3"),
        ("凯文·尼维尔和别人来了。", Sort.PERSON, "凯文·尼维尔"),
        ("他在北京大学学习。", Sort.BODY, "北京大学"),
        ("用 Docker 部署。", Sort.NAME, "Docker"),
        ("他写了《红楼梦》。", Sort.QUOTED, "红楼梦"),
    ],
)
def test_a_sentence_tells_its_names_dates_and_numbers(text: str, sort: Sort, said: str) -> None:
    assert (sort, said) in things(text)


def test_a_word_that_only_begins_a_sentence_is_no_name() -> None:
    assert things("After that they slept.") == set()


def test_pieces_are_stems_and_single_characters() -> None:
    assert pieces_of("Otters 睡觉 at 1,000 m") == ("otter", "睡", "觉", "at", "1000", "m")


TEXT = st.text(st.sampled_from(list("Ab c.,$%19 年月三和·《》“”\"'\n。、ǅİﬁ")), max_size=60)


@given(TEXT)
def test_things_lie_in_their_sentence_and_pieces_count_them(text: str) -> None:
    sentences = sentences_of(text)
    assert [one.text for one in sentences] == [span.of(text) for span in sentence_spans(text)]
    for one in sentences:
        assert len(one.pieces) == len(one.clauses)
        assert list(one.clauses) == sorted(one.clauses)
        for thing in one.things:
            assert 0 <= thing.first < thing.last <= len(one.pieces)
            assert 0 <= thing.start < thing.end <= len(one.text)
