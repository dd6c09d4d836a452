"""`footnote eval gate`: what it prints, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import footnote
from eval.gate import run as running
from eval.gate.run import Gate, Held
from eval.gate.verdict import Change, Verdict

DROP = Change("examples", "answer.contains", 0.9, 0.5, None)


def held(*drops: Change) -> Held:
    verdict = Verdict(questions=3, moved=(), drops=drops, rises=(), flips=(), breaches=())
    return Held(verdict, {"passed": verdict.passed}, "a page")


@pytest.mark.parametrize(("drops", "code"), [((), 0), ((DROP,), 1)])
def test_a_drop_ends_it_with_one(
    drops: tuple[Change, ...], code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(running, "hold", lambda _: held(*drops))
    assert footnote.main(["eval", "gate"]) == code
    assert capsys.readouterr().out == "a page\n"
    assert footnote.main(["eval", "gate", "--json"]) == code
    assert json.loads(capsys.readouterr().out) == {"passed": not drops}


def test_without_shared_examples_are_all_and_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[Gate] = []

    def hold(gate: Gate) -> Held:
        asked.append(gate)
        return held()

    monkeypatch.setattr(running, "hold", hold)
    assert footnote.main(["eval", "gate", "--shared", str(tmp_path / "none")]) == 0
    assert asked[0].shared is None
    assert "the questions on examples/ are all that is asked" in capsys.readouterr().err
    assert footnote.main(["eval", "gate", "--shared", str(tmp_path)]) == 0
    assert asked[1].shared == tmp_path


def test_an_update_says_what_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(running, "update", lambda gate: f"written to {gate.baseline}")
    file = tmp_path / "mine.json"
    assert footnote.main(["eval", "gate", "--update", "--baseline", str(file)]) == 0
    assert capsys.readouterr().out == f"written to {file}\n"


def test_a_baseline_that_is_not_there_ends_it_with_one_and_a_hint(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert footnote.main(["eval", "gate", "--baseline", str(tmp_path / "none.json")]) == 1
    assert "make gate-baseline" in capsys.readouterr().err
