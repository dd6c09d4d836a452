"""rag.check.verdict and rag.check.checker: what is seen becomes one verdict, whatever the texts are."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rag.check.checker import Checker
from rag.check.verdict import LINE, verdict
from rag.errors import ModelError

QUOTE = "On March 5, 2019, Ann Lee founded the Alpha society in Oslo with 1,750 members."
CLAIM = "The Alpha society was founded by Ann Lee in Oslo in March 2019."
OTHER = "Bananas grow in warm countries."
TEXTS = st.text(st.characters(codec=None), max_size=120) | st.text(
    alphabet="aB 12.,%-年月日不没有 notGPT《》·张伟", max_size=120
)


@settings(max_examples=50)
@given(TEXTS)
def test_a_claim_that_is_its_quote_is_supported_if_it_says_anything(text: str) -> None:
    assert verdict(text, text).supported == bool(text.strip())


@settings(max_examples=50)
@given(TEXTS, TEXTS)
@example("\ud83d", "\ud83d\ude00")
@example("İİİ 5 km", "ǅ 5 km")
@example("²³ ½ ㊿ ⅷ", "٣٤ १२")
def test_no_text_is_an_error_and_a_problem_is_told_where_there_is_one(claim: str, quote: str) -> None:
    found = verdict(claim, quote)
    assert 0.0 <= found.score <= 1.0
    assert found.supported == (not found.problems)


@pytest.mark.parametrize(
    "piece",
    [
        "1",
        "1,",
        "一",
        "not ",
        "Ab ",
        "A.",
        "·",
        "张·",
        "《",
        "百分之",
        "twenty ",
        "1990-",
        "公元前",
        " ",
        "\n",
        "不",
        "前后",
        "%",
        "the ",
    ],
)
def test_a_long_run_of_anything_is_read_in_time(piece: str) -> None:
    verdict(piece * 1000, piece * 999 + "x")
    verdict("x" + piece * 999, piece * 500)


def test_a_rewording_is_supported() -> None:
    assert verdict(CLAIM, QUOTE).supported
    assert verdict(CLAIM, QUOTE).score > LINE


def test_each_error_is_named() -> None:
    assert verdict("Ann Lee founded the Alpha society with 1,850 members.", QUOTE).problems == ("number",)
    assert verdict("Ann Lee founded the Alpha society in May 2019.", QUOTE).problems == ("date",)
    assert verdict("Bob Ray founded the Alpha society in Oslo.", QUOTE).problems == ("name",)
    assert verdict("Ann Lee did not found the Alpha society.", QUOTE).problems == ("negation",)
    assert verdict(OTHER, QUOTE).problems == ("cover",)


def test_an_error_lowers_the_chance() -> None:
    assert verdict(CLAIM.replace("2019", "2018"), QUOTE).score < verdict(CLAIM, QUOTE).score


def test_either_script_says_the_same() -> None:
    assert verdict("张伟在北京大学发表了演讲", "張偉於北京大學發表了關於模型的演講。").supported


class Told:
    """An embedder's and a model's answers, counted."""

    name = "told"

    def __init__(self, answer: float | None = None, *, fails: bool = False) -> None:
        self.answer = answer
        self.fails = fails
        self.asked = 0

    def alike(self, claim: str, texts: Sequence[str]) -> Sequence[float] | None:
        return None if self._said() is None else [self._said() or 0.0] * len(texts)

    def entails(self, pairs: Sequence[tuple[str, str]]) -> Sequence[float]:
        return [self._said() or 0.0] * len(pairs)

    def _said(self) -> float | None:
        self.asked += 1
        if self.fails:
            raise ModelError("out of memory")
        return self.answer


def test_without_models_it_is_the_plain_verdict() -> None:
    assert Checker()(CLAIM, QUOTE) == verdict(CLAIM, QUOTE)
    assert Checker(alike=Told(None).alike)(CLAIM, QUOTE) == verdict(CLAIM, QUOTE)


def test_a_quotation_and_a_wrong_claim_cost_no_model() -> None:
    told = Told(0.9)
    check = Checker(alike=told.alike, entailment=told)
    assert check(QUOTE[:40], QUOTE).supported
    assert not check(CLAIM.replace("2019", "2018"), QUOTE).supported
    assert not check(" ", QUOTE).supported
    assert told.asked == 0


def test_the_nearer_by_the_embedder_the_likelier() -> None:
    near, far = (Checker(alike=Told(cosine).alike)(CLAIM, QUOTE).score for cosine in (0.9, 0.1))
    assert near > far


def test_a_model_of_inference_can_save_a_paraphrase_and_speak_against_a_copy() -> None:
    paraphrase = "Some club began with many who belonged to it."
    assert not verdict(paraphrase, QUOTE).supported
    assert Checker(entailment=Told(0.97))(paraphrase, QUOTE).supported
    against = Checker(entailment=Told(0.03))(CLAIM, QUOTE)
    assert against.problems == ("entailment",)


def test_a_model_that_fails_costs_no_answer_and_is_told_of(caplog: pytest.LogCaptureFixture) -> None:
    broken = Told(fails=True)
    with caplog.at_level(logging.WARNING):
        assert Checker(alike=broken.alike, entailment=broken)(CLAIM, QUOTE) == verdict(CLAIM, QUOTE)
    assert len(caplog.records) == 2
    assert "out of memory" in caplog.text
