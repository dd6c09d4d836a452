"""The scores of published scripts: by hand, by a second program, and over the sets that they were made for."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.bench.official import SETS, by_another, by_us, compared, read
from eval.metrics.official import CMRC, SQUAD1, SQUAD2, Script, cmrc_tokens, script_for

pytest.importorskip("nltk", reason="the dev extra is not installed")

SCRIPTS = (SQUAD1, SQUAD2, CMRC)
SAMPLE = 60  # questions of a set; all are compared by eval/bench/official.py
# Without full stops: NLTK takes some of them inside a run for ends, by what its model has learnt.
TEXT = st.text(alphabet="aAbthe nT,-'$%308（跑车·，。《》的us—", max_size=25)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda one: one.name)
@given(said=TEXT, golds=st.lists(TEXT, min_size=1, max_size=3))
def test_a_second_program_agrees_on_made_answers(script: Script, said: str, golds: list[str]) -> None:
    assert by_us(script, [(said, golds)]) == pytest.approx(by_another(script, [(said, golds)]), abs=1e-9)


@pytest.mark.parametrize("name", SETS)
def test_a_second_program_agrees_on_published_questions(name: str, shared: Path) -> None:
    file = shared / "data" / name
    if not file.is_file():
        pytest.skip(f"../shared has no {name}")
    questions = read(file)
    chosen = questions[:: max(1, len(questions) // SAMPLE)]
    for script in SETS[name]:
        for kind, row in compared(chosen, script).items():
            assert row["equal"], (kind, row)
        assert compared(chosen, script)["gold"]["f1"] == 100.0


@pytest.mark.parametrize(
    ("said", "golds", "exact", "f1"),
    [
        ("the Denver Broncos!", ["Denver Broncos"], 1.0, 1.0),
        ("It was the Denver Broncos.", ["Denver Broncos"], 0.0, 2 * (2 / 4) * 1.0 / (2 / 4 + 1.0)),
        ("Broncos of Denver", ["Denver Broncos"], 0.0, 2 * (2 / 3) * 1.0 / (2 / 3 + 1.0)),  # a bag: order is nothing
        ("very very good", ["very good"], 0.0, 2 * (2 / 3) * 1.0 / (2 / 3 + 1.0)),  # each word counts as often as it is
        ("U.S.A", ["USA"], 1.0, 1.0),
        ("well-known", ["well known"], 0.0, 0.0),  # punctuation goes, and leaves no space
        ("1,000", ["1000"], 1.0, 1.0),
        ("Chopin’s", ["Chopin's"], 0.0, 0.0),  # of punctuation ASCII's alone
        ("308 points", ["none", "308 points"], 1.0, 1.0),
        ("", ["308"], 0.0, 0.0),
        ("308 points", ["308", "points"], 0.0, 2 / 3),
    ],
)
def test_squad_by_hand(said: str, golds: list[str], exact: float, f1: float) -> None:
    for script in (SQUAD1, SQUAD2):
        assert script.exact(said, golds) == exact
        assert script.f1(said, golds) == pytest.approx(f1, abs=1e-9)


def test_squad_2_scores_the_silence_that_squad_1_cannot() -> None:
    assert (SQUAD2.exact("", []), SQUAD2.f1("", [])) == (1.0, 1.0)
    assert (SQUAD2.exact("Denver", []), SQUAD2.f1("Denver", [])) == (0.0, 0.0)
    assert (SQUAD2.exact("the", [""]), SQUAD2.f1("the", [""])) == (1.0, 1.0)
    assert SQUAD2.f1("", ["The", "Denver"]) == 0.0  # a gold answer that comes to nothing is none
    assert (SQUAD1.exact("", ["The"]), SQUAD1.f1("", ["The"])) == (1.0, 0.0)
    assert SQUAD1.f1("Denver", []) == 0.0


@pytest.mark.parametrize(
    ("said", "golds", "exact", "f1"),
    [
        ("踢爆", ["踢爆"], 1.0, 1.0),
        ("即为一踢爆。", ["踢爆"], 0.0, 2 * (2 / 5) * 1.0 / (2 / 5 + 1.0)),
        ("《跑跑卡丁车》", ["跑跑卡丁车"], 1.0, 1.0),
        ("光荣和ω-force", ["光荣和Ω-FORCE"], 1.0, 1.0),
        ("1994年8月", ["1994年"], 0.0, 2 * (2 / 4) * 1.0 / (2 / 4 + 1.0)),  # 1994 年 8 月
        ("天下第一", ["第一天下"], 0.0, 2 / 4),  # the longest run, and not the bag
        ("村雨城", ["任天堂游戏谜之村雨城", "村雨城"], 1.0, 1.0),
        ("歐洲", ["欧洲"], 0.0, 2 * (1 / 2) * (1 / 2) / (1 / 2 + 1 / 2)),  # nothing is folded
        ("4 分钟", ["4分钟"], 0.0, 1.0),  # a space makes no token, and no match
        ("", ["踢爆"], 0.0, 0.0),
        ("‘踢爆’", ["踢爆"], 0.0, 2 * (2 / 3) * 1.0 / (2 / 3 + 1.0)),  # of these two marks the list has the second
    ],
)
def test_cmrc_by_hand(said: str, golds: list[str], exact: float, f1: float) -> None:
    assert CMRC.exact(said, golds) == exact
    assert CMRC.f1(said, golds) == pytest.approx(f1, abs=1e-9)


def test_latin_words_among_chinese_characters_are_tokens() -> None:
    assert cmrc_tokens("由GPT-4和U.S. Army研制，共3,000人") == [
        *"由", "gpt4", *"和", "u.s.", "army", *"研制共", "3,000", "人",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("question", "golds", "script"),
    [
        ("How many points?", ["308"], SQUAD1),
        ("防守丢了多少分？", ["308"], CMRC),
        ("Who made it?", ["任天堂"], CMRC),
        ("¿Quién?", ["Denver"], SQUAD1),
    ],
)
def test_the_script_of_the_words_decides(question: str, golds: list[str], script: Script) -> None:
    assert script_for(question, golds) is script
