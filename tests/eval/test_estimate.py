"""How sure a figure is, and whether two runs differ."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from eval.estimate import Figure, Ratio, Whole, compare, draws_of, estimate, mean_of, paired
from eval.figures import FIGURES
from eval.record import Record

SETS = 300
SCORE = mean_of("some.score")
NAMED = {figure.name: figure for figure in FIGURES}
AUROC = NAMED["refusal.auroc"]


def record(name: str, score: float | None = None, unit: str = "", **scores: float) -> Record:
    told = ({} if score is None else {"some.score": score}) | {
        key.replace("__", "."): one for key, one in scores.items()
    }
    return Record(name, "?", "en", "factoid", True, True, told, unit=unit, answered=True)


def scored(values: Iterable[float], *, per_unit: int = 1) -> list[Record]:
    return [record(f"q{place}", float(value), f"u{place // per_unit}") for place, value in enumerate(values)]


def asked(confidences: Sequence[float], held: Sequence[bool]) -> list[Record]:
    rows = enumerate(zip(confidences, held, strict=True))
    return [
        Record(f"q{place}", "?", "en", "", yes, True, {"refusal.confidence": sure}, answered=True)
        for place, (sure, yes) in rows
    ]


@pytest.mark.parametrize(("count", "per_unit"), [(80, 1), (80, 5), (6, 5)])
def test_an_interval_holds_the_truth_as_often_as_it_says(count: int, per_unit: int) -> None:
    chance = np.random.default_rng(5)
    held = 0
    for seed in range(SETS):
        units = chance.normal(0.7, 0.2, size=count)  # what the questions of one document share
        found = estimate(SCORE, scored(np.repeat(units, per_unit), per_unit=per_unit), seed=seed)
        assert found.low is not None
        assert found.high is not None
        held += found.low <= 0.7 <= found.high
    assert 0.92 <= held / SETS <= 0.98


def test_an_interval_of_a_difference_holds_the_truth_and_chance_alone_is_seldom_called_a_difference() -> None:
    chance = np.random.default_rng(6)
    held = called = 0
    for seed in range(SETS):
        hard = chance.normal(0.0, 0.3, size=60)  # a question that is hard for one run is so for the other
        ours, theirs = (scored(hard + chance.normal(0.5, 0.1, size=60)) for _ in range(2))
        found = compare(SCORE, ours, theirs, seed=seed)
        assert found.low is not None
        assert found.high is not None
        assert found.p is not None
        held += found.low <= 0.0 <= found.high
        called += found.p < 0.05
    assert 0.92 <= held / SETS <= 0.98
    assert called / SETS < 0.08


def test_pairs_show_a_difference_that_either_run_alone_hides() -> None:
    hard = np.random.default_rng(7).normal(0.0, 0.3, size=60)
    found = compare(SCORE, scored(hard + 0.55), scored(hard + 0.5))
    assert found.value == pytest.approx(0.05)
    assert found.low is not None
    assert found.low > 0.04
    assert found.p == pytest.approx(1 / 2001)
    own, other = (estimate(SCORE, scored(hard + more)) for more in (0.55, 0.5))
    assert own.low is not None
    assert other.high is not None
    assert own.low < other.high


def test_only_questions_that_both_have_are_compared() -> None:
    ours, theirs = scored([1.0, 0.0, 1.0]), scored([0.0, 0.0])[::-1]
    found = compare(SCORE, ours, theirs)
    assert (found.value, found.questions) == (0.5, 2)
    assert [one.id for one in paired(ours, theirs)[1]] == ["q0", "q1"]


def test_a_run_beside_itself_does_not_differ() -> None:
    same = scored([0.0, 1.0, 0.25, 0.1])
    assert compare(SCORE, same, same) == compare(SCORE, same, list(reversed(same)))
    found = compare(SCORE, same, same)
    assert (found.value, found.low, found.high, found.p) == (0.0, 0.0, 0.0, 1.0)


def test_one_unit_says_nothing_of_chance_and_is_not_a_number_that_is_none() -> None:
    one = [record(f"q{place}", 0.5, "u") for place in range(3)]
    found = estimate(SCORE, one)
    assert (found.value, found.low, found.high, found.units) == (0.5, 0.5, 0.5, 1)
    other = compare(SCORE, one, [record(f"q{place}", 0.25, "u") for place in range(3)])
    assert (other.value, other.low, other.high, other.p) == (0.25, 0.25, 0.25, 1.0)


@pytest.mark.parametrize("figure", [SCORE, AUROC, NAMED["latency.total_p95"], NAMED["reference.perplexity"]])
def test_what_was_not_measured_is_none(figure: Figure) -> None:
    for records in ([], [record("q0")], [record("q0"), record("q1")]):
        found = estimate(figure, records)
        assert (found.value, found.low, found.high) == (None, None, None)
        other = compare(figure, records, records)
        assert (other.value, other.low, other.high, other.p) == (None, None, None, None)
    assert compare(SCORE, scored([1.0]), []).value is None


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.name)
def test_no_figure_is_ever_not_a_number(figure: Figure) -> None:
    ours = asked([0.9, 0.2, 0.4], [True, False, True])
    theirs = [record("q0"), record("q1", latency__total=3.0), Record("q2", "?", "en", "", True, True, {}, error="Boom")]
    for pair in ((ours, theirs), (theirs, ours), (ours, ours[:1])):
        found = compare(figure, *pair)
        values = [found.value, found.low, found.high, found.p]
        values += [estimate(figure, pair[0]).value, estimate(figure, pair[0]).low]
        assert all(value is None or math.isfinite(value) for value in values)


def test_the_seed_decides_all() -> None:
    records = scored(np.random.default_rng(1).random(30))
    assert estimate(SCORE, records, seed=3) == estimate(SCORE, records, seed=3)
    assert estimate(SCORE, records, seed=3) != estimate(SCORE, records, seed=4)


def test_a_draw_of_the_auroc_is_the_auroc_of_the_questions_drawn() -> None:
    chance = np.random.default_rng(8)
    held = [bool(one) for one in chance.random(40) < 0.6]
    records = asked([round(float(one), 1) for one in chance.random(40)], held)
    units, draws = draws_of(records, seed=0)
    found = AUROC.drawn(records, units, draws)
    for draw, value in list(zip(draws, found, strict=True))[:50]:
        chosen = [one for one, many in zip(records, draw, strict=True) for _ in range(many)]
        scores = [one.scores["refusal.confidence"] for one in chosen]
        assert value == pytest.approx(roc_auc_score([one.answerable for one in chosen], scores))


def test_a_whole_figure_and_a_ratio_of_the_same_sums_agree() -> None:
    whole = Whole(
        "some.score",
        lambda one: (one.scores["some.score"],),
        lambda rows, times: float(times @ rows[:, 0] / times.sum()),
    )
    chance = np.random.default_rng(9)
    ours, theirs = (scored(chance.random(24), per_unit=3) for _ in range(2))
    for measured, expected in (
        (estimate(whole, ours), estimate(SCORE, ours)),
        (compare(whole, ours, theirs), compare(SCORE, ours, theirs)),
    ):
        for name in ("value", "low", "high"):
            assert getattr(measured, name) == pytest.approx(getattr(expected, name))
    assert compare(whole, ours, theirs).p == compare(SCORE, ours, theirs).p


def test_a_ratio_weighs_each_question_by_what_it_adds_below_the_line() -> None:
    cited = Ratio("citation.precision", lambda one: (one.scores["some.score"], 2.0) if one.id == "q0" else (0.0, 1.0))
    assert cited.value(scored([1.0, 5.0])) == pytest.approx(1 / 3)


def test_perplexity_weighs_by_tokens_and_latency_takes_the_middle() -> None:
    perplexity, middle = NAMED["reference.perplexity"], NAMED["latency.total_p50"]
    records = [
        record("q0", reference__log_likelihood=-2.0, reference__tokens=1.0, latency__total=10.0),
        record("q1", reference__log_likelihood=-1.0, reference__tokens=3.0, latency__total=30.0),
        record("q2", latency__total=20.0),
    ]
    assert perplexity.value(records) == pytest.approx(math.exp(3 / 4))
    assert middle.value(records) == 20.0
    assert middle.better == "neither"


def test_a_judge_that_failed_is_counted_and_no_answer_of_its_is() -> None:
    records = [
        record("q0", faithfulness__llm=1.0, faithfulness__llm_of=1.0, faithfulness__llm_failed=0.0),
        record("q1", faithfulness__llm_failed=1.0),
        record("q2"),
    ]
    assert NAMED["faithfulness.llm"].value(records) == 1.0
    assert NAMED["faithfulness.failed"].value(records) == 0.5
