"""`footnote eval robustness`, as a person and as a program call it, and the page that is made of it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

import footnote
import rag.build
from eval.robustness import page
from tests.eval.robustness.sets import TEXTS
from tests.fakes import HashEmbedder


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to stand in, with a small set."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(rag.build, "build_embedder", lambda _settings: HashEmbedder())
    paragraphs = [
        {"context": text, "qas": [{"id": f"q{number}", "question": asked, "answers": [{"text": answer}]}]}
        for number, (text, asked, answer) in enumerate(TEXTS)
    ]
    content = {"data": [{"title": "a set", "paragraphs": paragraphs}]}
    (tmp_path / "set.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return tmp_path


def ask(*more: str) -> int:
    return footnote.main(["eval", "robustness", "--dataset", "squad:set.json", "--out", "run", *more])


def test_a_person_sees_a_row_for_each_way_and_a_program_one_object(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ask("--only", "order,unanswerable", "--limit", "4") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(" | ")[0] for line in lines[2:6]] == [
        "| unanswerable",
        "| unanswerable-hard",
        "| order-shuffled",
        "| order-twice",
    ]
    assert lines[6].startswith("4 questions")
    assert ask("--only", "order,unanswerable", "--limit", "4", "--json") == 0
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    assert json.loads(out) == json.loads((home / "run" / "robustness.json").read_text("utf-8"))


def test_wrong_usage_is_told_as_such(home: Path) -> None:
    assert home.is_dir()
    assert ask("--only", "nothing-such") == 2


def test_the_page_shows_each_run_between_its_marks(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ask("--only", "spaced", "--limit", "3") == 0
    capsys.readouterr()
    written = home / "page.md"
    written.write_text("before\n<!-- made by eval.robustness.page -->\n<!-- end of eval.robustness.page -->\nafter\n")
    monkeypatch.setattr(sys, "argv", ["page", "run", "--write", str(written)])
    page.main()
    text = written.read_text("utf-8")
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "| spaced | Spaces stand between" in text
    assert "### set.json: 3 questions" in text
    assert "--limit 3 --seed 6" in text
