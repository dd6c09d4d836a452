"""What the benchmark of robustness asks and shows."""

from __future__ import annotations

from eval.bench.robustness import rewrites, table
from eval.questions import Dataset, Question


def asked(*texts: str) -> Dataset:
    return Dataset("a set", tuple(Question(str(at), text, "zh", "", (), ()) for at, text in enumerate(texts)))


def test_a_set_is_asked_in_the_script_that_most_of_its_questions_are_not_in() -> None:
    assert set(rewrites(asked("发展", "历史"))) == {"traditional questions", "full width", "one wrong character"}
    assert set(rewrites(asked("發展", "歷史"))) == {"simplified questions", "full width", "one wrong character"}
    assert set(rewrites(asked("Who wrote it?"))) == {"full width", "one wrong character"}


def test_the_table_shows_what_each_way_loses() -> None:
    row = {"questions": 9, "clean": 0.99, "full width": {"recall@5": 0.98, "lost": 1.0}}
    other = {"questions": 8, "clean": 1.0}
    assert table({"A": row, "B": other}).splitlines()[2:] == [
        "| A (9) | 0.9900 | 0.9800 (-1.00) |",
        "| B (8) | 1.0000 | – |",
    ]
