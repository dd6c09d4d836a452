"""What counts as a drop, and what is chance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from eval.gate.baseline import Before
from eval.gate.measure import Measured
from eval.gate.promises import Breach
from eval.gate.verdict import Verdict, judge
from eval.record import Record
from rag.types import NOTHING

GOOD = {"answer.contains": 1.0, "refusal.refused": 0.0, "refusal.confidence": 0.9, "passages.any": 1.0}
COUNT = 100


def records(worse: int = 0, scores: Mapping[str, float] = NOTHING) -> tuple[Record, ...]:
    """A hundred questions, the first ten of which are wrong, and so many more."""
    return tuple(
        Record(
            id=f"q{number}",
            question="",
            language="en",
            kind="factoid",
            answerable=True,
            told=True,
            scores={**GOOD, "answer.contains": float(number >= 10 + worse)} | dict(scores),
            unit=f"q{number}",
            gold={"": 1.0},
            answered=True,
        )
        for number in range(COUNT)
    )


def measured(now: tuple[Record, ...], *breaches: Breach, name: str = "set") -> Measured:
    return Measured(name, ours=True, content="", records=now, answers={}, breaches=breaches)


def verdict(now: tuple[Record, ...], then: tuple[Record, ...]) -> Verdict:
    return judge([measured(now)], {"set": Before("", {}, then)})


def test_the_same_again_passes_and_nothing_moved() -> None:
    found = verdict(records(), records())
    assert found.passed
    assert (found.moved, found.drops, found.rises, found.flips) == ((), (), (), ())


def test_the_order_of_the_questions_is_no_matter() -> None:
    assert verdict(records()[::-1], records()).moved == ()


def test_two_questions_that_flip_are_told_and_do_not_fail() -> None:
    found = verdict(records(worse=2), records())
    assert found.passed
    assert len(found.moved) == 2


def test_eight_questions_that_flip_one_way_fail_and_are_named() -> None:
    found = verdict(records(worse=8), records())
    assert not found.passed
    assert [one.figure for one in found.drops] == ["answer.contains"]
    assert len(found.flips) == 8
    assert {flip.id for flip in found.flips} == set(found.moved)
    assert all(flip.changes == {"answer.contains": (1.0, 0.0)} for flip in found.flips)


def test_as_many_flips_both_ways_pass() -> None:
    now = [replace(one, scores=GOOD) if number < 7 else one for number, one in enumerate(records(worse=8))]
    found = verdict(tuple(now), records())
    assert found.passed
    assert len(found.moved) == 15


def test_a_figure_that_rises_passes_and_is_told() -> None:
    found = verdict(records(), records(worse=20))
    assert found.passed
    assert [one.figure for one in found.rises] == ["answer.contains"]


def test_a_drop_of_less_than_a_hundredth_is_no_matter_however_sure() -> None:
    assert verdict(records(scores={"answer.f1": 0.495}), records(scores={"answer.f1": 0.5})).passed
    assert not verdict(records(scores={"answer.f1": 0.485}), records(scores={"answer.f1": 0.5})).passed


def test_a_figure_of_which_less_is_better_drops_when_it_rises() -> None:
    good = (*_chances(0.9, answerable=True), *_chances(0.1, answerable=False))
    bad = (*_chances(0.6, answerable=True), *_chances(0.4, answerable=False))
    assert verdict(good, bad).passed
    assert [one.figure for one in verdict(bad, good).drops] == ["refusal.calibration_error"]


def test_a_figure_that_can_no_longer_be_measured_fails() -> None:
    now = tuple(replace(one, scores={"answer.contains": one.scores["answer.contains"]}) for one in records())
    then = tuple(replace(one, scores={**one.scores, "citation.valid": 1.0, "citation.count": 1.0}) for one in records())
    lost = [one for one in verdict(now, then).drops if one.now is None]
    assert [one.figure for one in lost] == ["citation.valid"]


def test_a_broken_promise_fails_though_no_score_moved() -> None:
    broken = Breach("marks count from 1", "q1", "[2]")
    found = judge([measured(records(), broken)], {"set": Before("", {}, records())})
    assert not found.passed
    assert (found.moved, found.breaches) == ((), (("set", broken),))


def test_what_is_too_little_in_each_set_may_drop_in_all_of_them() -> None:
    names = ("a", "b", "c")
    found = judge(
        [measured(_named(records(worse=3), name), name=name) for name in names],
        {name: Before("", {}, _named(records(), name)) for name in names},
    )
    assert {(one.set, one.figure) for one in found.drops} == {("all", "answer.contains")}
    assert len(found.flips) == 9


@pytest.mark.parametrize("lost", ["error", "refused"])
def test_questions_that_fail_count_as_without_merit(lost: str) -> None:
    now = list(records())
    for number in range(20):
        now[number] = (
            replace(now[number], scores={}, answered=False, error="boom")
            if lost == "error"
            else replace(now[number], scores={**GOOD, "refusal.refused": 1.0, "answer.contains": 0.0})
        )
    assert "refusal.answered" in {one.figure for one in verdict(tuple(now), records()).drops}


def _chances(chance: float, *, answerable: bool) -> list[Record]:
    found = records(scores={"refusal.confidence": chance})
    return [replace(one, id=f"{answerable}{one.id}", unit="", answerable=answerable) for one in found]


def _named(found: tuple[Record, ...], name: str) -> tuple[Record, ...]:
    return tuple(replace(one, id=f"{name}{one.id}", unit=f"{name}{one.unit}") for one in found)
