"""Gaps between slices, and how sure they are."""

from __future__ import annotations

import random
from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from eval.estimate import mean_of
from eval.fairness.gaps import LEAST_QUESTIONS, by_slice, kinds_of
from eval.fairness.table import gaps_table, measure, slices_table
from eval.record import Record

FIGURE = mean_of("answer.contains")


def records(rates: dict[str, float], count: int, *, seed: int = 0, unit: Callable[[int], str] = str) -> list[Record]:
    chance = random.Random(seed)
    return [
        Record(
            f"{group}-{number}",
            "?",
            "en",
            "factoid",
            answerable=True,
            told=True,
            scores={"answer.contains": float(chance.random() < rate)},
            unit=f"{group} {unit(number)}",
            slices={"group": group},
            answered=True,
        )
        for group, rate in rates.items()
        for number in range(count)
    ]


def test_a_gap_that_is_there_is_found_with_an_interval_around_it() -> None:
    gap = by_slice(FIGURE, records({"a": 0.95, "b": 0.9, "c": 0.5}, 200), "group").gap
    assert gap is not None
    assert gap.low is not None
    assert gap.high is not None
    assert (gap.worst, gap.chance < 0.01) == ("c", True)
    assert gap.low < gap.value < gap.high
    assert gap.low > 0.25


def test_the_widest_of_many_gaps_that_are_not_there_is_put_down_to_chance() -> None:
    groups = {f"g{number}": 0.8 for number in range(10)}
    chances = [by_slice(FIGURE, records(groups, 30, seed=seed), "group").gap for seed in range(20)]
    surprising = [gap for gap in chances if gap is not None and gap.chance < 0.05]
    assert len(surprising) <= 4  # 1 of 20 is expected


def test_questions_on_one_document_are_dealt_together() -> None:
    """Two of three documents went wrong as a whole: that says less than as many questions apart."""
    apart = records({"a": 1.0, "b": 0.4}, 30)
    together = records({"a": 1.0, "b": 0.4}, 30, unit=lambda number: str(number % 3))
    found = [by_slice(FIGURE, some, "group").gap for some in (apart, together)]
    assert found[0] is not None
    assert found[1] is not None
    assert found[1].chance > found[0].chance


def test_a_slice_of_few_questions_is_shown_but_not_compared() -> None:
    some = records({"a": 1.0, "b": 0.9}, LEAST_QUESTIONS) + records({"rare": 0.0}, LEAST_QUESTIONS - 1)
    found = by_slice(FIGURE, some, "group")
    assert set(found.slices) == {"a", "b", "rare"}
    assert found.gap is not None
    assert found.gap.worst != "rare"
    assert kinds_of(records({"a": 1.0}, 50)) == []


def test_the_same_records_give_the_same_gap() -> None:
    some = records({"a": 0.9, "b": 0.7}, 50)
    assert by_slice(FIGURE, some, "group", seed=3) == by_slice(FIGURE, some, "group", seed=3)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from([0.0, 1.0]), st.integers(0, 9)), max_size=80))
def test_any_records_give_tables(drawn: list[tuple[str, float, int]]) -> None:
    some = [
        Record(str(n), "?", "en", "", True, True, {"answer.contains": score}, f"u{unit}", {"g|r": group}, answered=True)
        for n, (group, score, unit) in enumerate(drawn)
    ]
    found = measure(some)
    assert gaps_table(found).count("\n") >= 1
    for kind in {one.by for one in found}:
        assert "g\\|r" in slices_table(found, kind)
        assert "nan" not in slices_table(found, kind) + gaps_table(found)
