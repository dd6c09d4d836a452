"""The whole gate over a few small files, with the embedder that tests use: green again and again, shut by a fault."""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from eval.gate import run as running
from eval.gate.measure import Measured
from eval.gate.promises import Breach
from eval.gate.run import Gate, hold, update
from eval.gate.sets import GateSet
from eval.questions import Dataset, Question, Support
from eval.record import Record
from rag.config import Settings
from rag.errors import Conflict, Malformed, NotFound
from tests.fakes import HashEmbedder
from tests.faults.gate import FAULTS, caught_by, right

FACTS = {
    "lisbon": "The gate code of the Lisbon office is 4417. Visitors ring the bell at the door.",
    "canteen": "The canteen opens at noon and closes at three. Soup is served on Fridays.",
    "garden": "The garden is watered by rain alone. Roses were planted there in 1931.",
    "library": "The reading room holds nine thousand maps. Pens are not allowed inside.",
    "leave": "员工每年有十五天年假。请假须提前三天向主管申请。",
    "stairs": "主楼共有十二层楼梯。电梯在周日停止运行。",
}
ASKED = (
    ("lisbon", "What is the gate code of the Lisbon office?", "4417"),
    ("lisbon", "What do visitors ring at the door?", "the bell"),
    ("canteen", "When does the canteen open?", "noon"),
    ("canteen", "On which days is soup served?", "Fridays"),
    ("garden", "In which year were the roses planted?", "1931"),
    ("library", "How many maps does the reading room hold?", "nine thousand"),
    ("leave", "员工每年有多少天年假？", "十五天"),
    ("stairs", "主楼共有几层楼梯？", "十二层"),
)
OTHERS = ("Who painted the ceiling of the chapel?", "How tall is the lighthouse?", "火车什么时候到站？")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "documents"
    found.mkdir()
    for name, text in FACTS.items():
        (found / f"{name}.txt").write_text(text, encoding="utf-8")
    return found


@pytest.fixture
def sets(folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[GateSet]:
    questions = [
        Question(f"q{number}", text, "en", "factoid", (said,), (Support(f"{about}.txt", said),))
        for number, (about, text, said) in enumerate(ASKED)
    ]
    questions += [Question(f"n{number}", text, "en", "unanswerable", (), ()) for number, text in enumerate(OTHERS)]
    found = [GateSet("ours", Dataset("qa:ours", tuple(questions), folder=folder), ours=True)]
    monkeypatch.setattr(running, "gate_sets", lambda *_, **__: found)
    return found


@pytest.fixture
def gate(sets: list[GateSet], tmp_path: Path, embedder: HashEmbedder) -> Gate:
    settings = Settings(data=tmp_path / "data")
    return Gate(settings, embedder, shared=None, baseline=tmp_path / "baseline.json", out=tmp_path / "out")


def test_it_is_open_on_what_the_baseline_was_made_of_and_shut_by_a_fault(gate: Gate) -> None:
    assert "ours: new, 11 questions" in update(gate)
    held = hold(gate)
    assert held.verdict.passed, held.page
    assert held.verdict.moved == ()
    assert "every score is the baseline's" in held.page
    with ExitStack() as stack:
        FAULTS["chunker offset by one"].plant(stack)
        found = hold(gate)
    assert not found.verdict.passed
    assert right(FAULTS["chunker offset by one"], caught_by(dict(found.summary)))
    with ExitStack() as stack:
        FAULTS["BM25 silent"].plant(stack)
        found = hold(gate)
    assert "legs.lexical.mrr@10" in {one.figure for one in found.verdict.drops}
    assert gate.out is not None
    written = json.loads((gate.out / "gate.json").read_text(encoding="utf-8"))
    assert written["passed"] is False
    assert {row["id"] for row in written["flipped"]} >= {"q0", "q6"}


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> Found:
    """What is found of every question, without a library."""
    found = Found()
    monkeypatch.setattr(running, "measure", found.measure)
    return found


@dataclass
class Found:
    contains: float = 1.0
    breaches: tuple[Breach, ...] = ()
    times: int = 0

    def measure(self, one: GateSet, *_: object) -> Measured:
        self.times += 1
        records = [
            Record(
                question.id,
                question.text,
                question.language,
                question.kind,
                answerable=question.answerable,
                told=question.answerable,
                scores={"answer.contains": self.contains} if question.answerable else {"refusal.refused": 1.0},
                unit=question.id,
                answers=question.answers,
                answered=True,
            )
            for question in one.dataset.questions
        ]
        said = {record.id: "This is said." for record in records}
        return Measured(one.name, one.ours, one.content, tuple(records), said, self.breaches)


def test_questions_of_ours_are_shown_with_what_was_expected_and_said(gate: Gate, found: Found) -> None:
    update(gate)
    found.contains = 0.0
    page = hold(gate).page
    assert '  q0 "What is the gate code of the Lisbon office?": answer.contains 1 -> 0' in page
    assert "    expected: 4417; said: This is said." in page


def test_the_text_of_others_is_neither_shown_nor_written(gate: Gate, found: Found, sets: list[GateSet]) -> None:
    sets[:] = [replace(sets[0], ours=False)]
    update(gate)
    found.contains = 0.0
    held = hold(gate)
    assert "  ours q0: answer.contains 1 -> 0" in held.page
    assert gate.out is not None
    files = [gate.baseline, *gate.out.iterdir()]
    every = held.page + "".join(path.read_text(encoding="utf-8") for path in files)
    assert not any(text in every for _, text, _ in ASKED)


def test_a_baseline_of_other_questions_or_files_is_told_before_anything_is_measured(
    gate: Gate, found: Found, sets: list[GateSet], folder: Path
) -> None:
    update(gate)
    whole = sets[0]
    sets[:] = [replace(whole, dataset=whole.dataset.limited(3))]
    with pytest.raises(Conflict, match="its questions or documents have changed") as raised:
        hold(gate)
    assert "make gate-baseline" in raised.value.hint
    sets[:] = [replace(whole, name="another")]
    with pytest.raises(Conflict, match="no set another"):
        hold(gate)
    sets[:] = [whole]
    (folder / "stairs.txt").write_text("主楼共有三层楼梯。", encoding="utf-8")
    with pytest.raises(Conflict, match="its questions or documents have changed"):
        hold(gate)
    assert found.times == 1


def test_a_baseline_of_another_embedder_is_told(gate: Gate, found: Found) -> None:
    update(gate)
    with pytest.raises(Conflict, match="another embedder: hash-64, not hash-32"):
        hold(replace(gate, embedder=HashEmbedder(32)))
    assert found.times == 1


def test_a_new_baseline_says_what_changed_and_keeps_the_sets_that_are_not_here(
    gate: Gate, found: Found, sets: list[GateSet]
) -> None:
    whole = sets[0]
    sets[:] = [whole, replace(whole, name="elsewhere", ours=False)]
    update(gate)
    sets[:] = [whole]
    before = json.loads(gate.baseline.read_text(encoding="utf-8"))["sets"]["elsewhere"]
    found.contains = 0.5
    said = update(gate)
    assert "elsewhere: not here, kept as it was" in said
    assert "8 of 11 questions have other scores" in said
    assert "worse: answer.contains of ours: 1.000 -> 0.500" in said
    assert json.loads(gate.baseline.read_text(encoding="utf-8"))["sets"]["elsewhere"] == before


def test_no_baseline_is_made_of_what_breaks_a_promise(gate: Gate, found: Found) -> None:
    found.breaches = (Breach("marks count from 1", "q1", "[2]"),)
    with pytest.raises(Conflict, match="so no baseline is written"):
        update(gate)
    assert not gate.baseline.exists()


@pytest.mark.parametrize("content", ["", "[]", '{"sets": {"x": {}}}', '{"scores": [], "sets": {"x": 1}}'])
def test_what_is_no_baseline_is_named_and_can_be_made_anew(content: str, gate: Gate, found: Found) -> None:
    with pytest.raises(NotFound, match=r"baseline\.json"):
        hold(gate)
    gate.baseline.write_text(content, encoding="utf-8")
    with pytest.raises(Malformed, match=r"baseline\.json"):
        hold(gate)
    assert "the old one is of no use" in update(gate)
    assert hold(gate).verdict.passed
