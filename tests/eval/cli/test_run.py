"""`footnote eval run`, as a person and as a program call it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import footnote
import rag.build
from eval.folder.names import JUNIT, SUMMARY
from rag.answer import Answerer
from tests.fakes import HashEmbedder

FACTS = {
    "gate.txt": ("The gate code of the Lisbon office is 4417.", "What is the gate code of the Lisbon office?", "4417"),
    "soup.txt": ("Soup is served in the canteen on Fridays.", "When is soup served in the canteen?", "Fridays"),
    "leave.txt": ("员工每年有十五天年假。", "员工每年有多少天年假？", "十五天"),
}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to stand in, with three documents and a question on each."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(rag.build, "build_embedder", lambda _settings: HashEmbedder())
    (tmp_path / "files").mkdir()
    rows = []
    for number, (name, (text, asked, said)) in enumerate(FACTS.items(), 1):
        (tmp_path / "files" / name).write_text(text, encoding="utf-8")
        support = [{"file": name, "quote": text}]
        rows.append({"id": f"q{number}", "question": asked, "answers": [said], "support": support, "type": name})
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (tmp_path / "set.jsonl").write_text(text, encoding="utf-8")
    return tmp_path


def run(*more: str) -> int:
    return footnote.main(["eval", "run", "--dataset", "qa:set.jsonl", "--out", "run", *more])


def test_a_person_sees_each_figure_with_its_interval(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--documents", "files") == 0
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("retrieval") and "recall@1 1.000 [1.000, 1.000]" in line for line in lines)
    assert lines[-1].endswith("written to run")
    assert (home / "run" / JUNIT).is_file()


def test_a_program_gets_one_object_with_all_that_was_promised(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--documents", "files", "--json", "--judge", "check", "--price-in", "2") == 0
    out = capsys.readouterr().out
    told = json.loads(out)
    assert out.count("\n") == 1
    assert told == json.loads((home / "run" / SUMMARY).read_text("utf-8"))
    assert {"recall@1", "recall@5", "mrr@10", "ndcg@10"} <= told["retrieval"].keys()
    assert {"contains", "f1", "exact"} <= told["answer"].keys()
    assert {"precision", "recall", "valid"} <= told["citation"].keys()
    assert {"answered", "refused_unanswerable", "auroc"} <= told["refusal"].keys()
    assert {"dataset", "questions", "seconds", "config"} <= told.keys()
    assert told["config"]["prices"] == {"in": 2.0, "out": 0.0}


def test_questions_are_drawn_by_the_seed(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def drawn(seed: int) -> list[str]:
        assert run("--documents", "files", "--limit", "2", "--seed", str(seed), "--fresh", "--json") == 0
        capsys.readouterr()
        rows = (home / "run" / "questions.jsonl").read_text("utf-8").splitlines()
        return [json.loads(row)["id"] for row in rows]

    found = {seed: drawn(seed) for seed in (0, 1, 2)}
    assert drawn(1) == found[1]
    assert len({tuple(ids) for ids in found.values()}) > 1


def test_a_question_that_fails_makes_the_run_fail(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: Any, **__: Any) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr(Answerer, "answer", breaks)
    assert run("--documents", "files") == 1
    assert "3 questions failed, the first with RuntimeError: boom" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--judge", "nobody"], "no judge is named"),
        (["--perplexity"], "needs a language model in this process"),
        (["--retrieval-only", "--judge", "check"], "gives no answers to judge"),
        (["--limit", "0"], "Invalid value"),
        (["--collection", "other"], "are given together"),
    ],
)
def test_wrong_usage_is_told_and_exits_2(
    home: Path, capsys: pytest.CaptureFixture[str], more: list[str], told: str
) -> None:
    assert run("--documents", "files", *more) == 2
    assert told in capsys.readouterr().err
    assert not (home / "run").exists()


def test_control_c_says_how_to_go_on(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = Answerer.answer

    def stops(self: Answerer, question: str, **options: Any) -> Any:
        if "soup" in question:
            raise KeyboardInterrupt
        return answer(self, question, **options)

    monkeypatch.setattr(Answerer, "answer", stops)
    command = ["eval", "run", "--dataset", "qa:set.jsonl", "--documents", "files", "--json"]
    monkeypatch.setattr("sys.argv", ["footnote", *command])
    assert footnote.main(command) == 130
    said = capsys.readouterr()
    assert said.out == ""
    assert "stopped after 1 question" in said.err
    again = said.err.strip().rpartition("goes on: footnote ")[2].split()
    monkeypatch.setattr(Answerer, "answer", answer)
    assert footnote.main(again) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["asked_before"], told["questions"]) == (1, 3)


def test_a_collection_is_asked_as_it_stands(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.cli.build_embedder", lambda _settings: HashEmbedder(), raising=False)
    assert footnote.main(["ingest", "files", "--collection", "house", "--json"]) == 0
    capsys.readouterr()
    assert run("--collection", "house", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["documents"], told["failed"], told["missing"]) == (3, 0, [])
    assert told["retrieval"]["recall@1"] == 1.0
    assert not (home / "runs" / "libraries").exists()
    assert run("--collection", "nowhere", "--fresh") == 1


def test_a_run_of_another_set_is_not_written_over(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--documents", "files") == 0
    assert run("--documents", "files", "--limit", "1") == 1
    said = capsys.readouterr().err
    assert "dataset.questions: 3, now 1" in said
    assert "--fresh" in said
    assert run("--documents", "files", "--limit", "1", "--fresh") == 0
