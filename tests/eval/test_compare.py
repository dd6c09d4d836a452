"""Two runs side by side."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

import footnote
from eval.compare import Compared, compare_runs, holm
from eval.estimate import Better, Difference
from eval.flips import flips
from eval.folder.journal import Journal
from eval.folder.names import CONFIG
from eval.record import Record
from rag.errors import Conflict, NotFound
from tests.eval.folder.records import answered, failed, ranked, refused

WRONG = {"answer__contains": 0.0, "citation__right": 0.0, "answer__f1": 0.0}


def write(folder: Path, records: Sequence[Record], config: Mapping[str, Any] | None = None) -> Path:
    folder.mkdir()
    with Journal(folder) as journal:
        for record in records:
            journal.add(record, {"answer": f"{folder.name} says | of {record.id}"} if record.answered else None)
    (folder / CONFIG).write_text(json.dumps(config or {}), encoding="utf-8")
    return folder


@pytest.fixture
def runs(tmp_path: Path) -> tuple[Path, Path]:
    """Sixty questions, of which B has half wrong that A has right, and one that neither has answered."""
    before = [answered(f"q{number}") for number in range(60)]
    after = [answered(f"q{number}", **(WRONG if number % 2 else {})) for number in range(60)]
    return (
        write(tmp_path / "a", [*before, failed("q99")], {"settings": {"retrieve": {"keep": 8}}, "commit": "1"}),
        write(tmp_path / "b", [*after, failed("q99")], {"settings": {"retrieve": {"keep": 3}}, "commit": "2"}),
    )


def test_what_fell_is_worse_and_what_stayed_is_not(runs: tuple[Path, Path]) -> None:
    found = compare_runs(*runs)
    figures = {one.name: one for one in found.figures}
    fell = figures["answer.contains"]
    assert fell.before == pytest.approx(60 / 61)
    assert fell.difference.value == pytest.approx(-30 / 61)
    assert fell.worse
    assert not fell.improved
    assert fell.corrected is not None
    assert fell.difference.p is not None
    assert fell.difference.p <= fell.corrected < 0.05
    assert not figures["retrieval.recall@1"].worse
    assert figures["retrieval.recall@1"].difference.value == 0.0
    assert "answer.contains" in found.worse
    again = {one.name: one for one in compare_runs(runs[1], runs[0]).figures}
    assert again["answer.contains"].improved


def test_what_rests_on_two_documents_is_not_sure(tmp_path: Path) -> None:
    def of_two(**scores: float) -> list[Record]:
        return [replace(answered(f"q{number}", **scores), unit=f"d{number % 2}") for number in range(20)]

    one, other = write(tmp_path / "a", of_two()), write(tmp_path / "b", of_two(**WRONG))
    figures = {figure.name: figure for figure in compare_runs(one, other).figures}
    assert figures["answer.contains"].difference.high == -1.0
    assert not figures["answer.contains"].worse


def test_of_what_is_better_when_it_is_less_a_rise_is_a_loss() -> None:
    rise = Difference(value=0.2, low=0.1, high=0.3, p=0.01, questions=100)
    for better, worse, improved in (("higher", False, True), ("lower", True, False), ("neither", False, False)):
        one = Compared("x", cast(Better, better), 0.5, 0.7, rise)
        assert (one.worse, one.improved) == (worse, improved)


def test_one_of_many_figures_that_is_off_by_chance_is_not_worse() -> None:
    fall = Difference(value=-0.2, low=-0.3, high=-0.1, p=0.03, questions=100)
    assert Compared("x", "higher", 0.7, 0.5, fall, corrected=0.03).worse
    assert not Compared("x", "higher", 0.7, 0.5, fall, corrected=0.42).worse


def test_the_questions_that_flipped_are_named_with_both_answers(runs: tuple[Path, Path]) -> None:
    found = compare_runs(*runs)
    assert len(found.flips) == 30
    [first, *_] = found.flips
    assert (first.id, first.change, first.worse) == ("q1", "right -> wrong", True)
    assert (first.before, first.after) == ("a says | of q1", "b says | of q1")


@pytest.mark.parametrize(
    ("before", "after", "change", "worse"),
    [
        (answered("q"), refused("q", answerable=True), "right -> refused", True),
        (refused("q", answerable=True), answered("q"), "refused -> right", False),
        (answered("q", **WRONG), failed("q"), "wrong -> failed", True),
        (answered("q"), answered("q", citation__right=0.0), "cited -> not cited", True),
        (answered("q", answer__contains=0.0), answered("q"), "not told -> told", False),
        (ranked("q", "d1"), ranked("q", "d9"), "right -> wrong", True),
    ],
)
def test_a_flip_says_what_changed(before: Record, after: Record, change: str, worse: bool) -> None:
    [flip] = flips([(before, after)], {}, {})
    assert (flip.change, flip.worse) == (change, worse)


def test_where_nothing_flipped_nothing_is_named() -> None:
    assert flips([(answered("q"), answered("q", answer__f1=0.1))], {}, {}) == ()


def test_the_configs_differences_are_told(runs: tuple[Path, Path]) -> None:
    assert compare_runs(*runs).configs == ("settings.retrieve.keep: 8, now 3", "commit: 1, now 2")


def test_of_different_sets_only_what_both_have_is_compared(tmp_path: Path) -> None:
    one = write(tmp_path / "a", [answered("q1"), answered("q2")])
    other = write(tmp_path / "b", [answered("q2"), answered("q3"), answered("q4")])
    found = compare_runs(one, other)
    assert (found.questions, found.only_before, found.only_after) == (1, 1, 2)
    third = write(tmp_path / "c", [answered("q7")])
    with pytest.raises(Conflict, match="no question in common"):
        compare_runs(one, third)


def test_a_run_without_answers_is_compared_by_its_rankings(tmp_path: Path) -> None:
    one = write(tmp_path / "a", [answered("q1"), answered("q2")])
    other = write(tmp_path / "b", [ranked("q1", "d1"), ranked("q2", "d9")])
    assert {figure.name.split(".")[0] for figure in compare_runs(one, other).figures} == {"retrieval", "legs"}


def test_holm_corrects_as_its_worked_example_does() -> None:
    # the least times 4, the next times 3 and never below the one before, and so on
    found = holm({"a": 0.01, "b": 0.04, "c": 0.03, "d": 0.005})
    assert found == pytest.approx({"d": 0.02, "a": 0.03, "c": 0.06, "b": 0.06})
    assert holm({"a": 0.9, "b": 0.8}) == {"b": 1.0, "a": 1.0}
    assert holm({}) == {}


def test_the_verb_prints_figures_flips_and_what_differs(
    runs: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    folders = [str(folder) for folder in runs]
    assert footnote.main(["eval", "compare", *folders, "--most", "2"]) == 0
    text = capsys.readouterr().out
    assert "61 questions in both" in text
    assert "settings.retrieve.keep: 8, now 3" in text
    assert "right -> wrong: 30 questions" in text
    assert "and 28 more" in text
    line = next(line for line in text.splitlines() if line.startswith("answer.contains"))
    assert line.endswith("worse")

    assert footnote.main(["eval", "compare", *folders, "--json", "--fail-on-drop"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert len(told["flips"]) == 30
    assert "answer.contains" in told["worse"]
    assert footnote.main(["eval", "compare", folders[0], folders[0], "--fail-on-drop"]) == 0
    same = capsys.readouterr().out
    assert "no question flipped" in same
    assert "answer.contains" not in same
    assert "figures are the same in both" in same


def test_markdown_keeps_its_columns_whatever_an_answer_holds(
    runs: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert footnote.main(["eval", "compare", *map(str, runs), "--markdown"]) == 0
    lines = capsys.readouterr().out.splitlines()
    row = next(line for line in lines if line.startswith("| q1: "))
    assert row.replace("\\|", "").count("|") == 4
    assert "<details><summary>right → wrong: 30 questions</summary>" in lines


def test_a_folder_that_is_no_run_is_named(tmp_path: Path, runs: tuple[Path, Path]) -> None:
    with pytest.raises(NotFound, match=r"questions\.jsonl"):
        compare_runs(tmp_path, runs[0])
