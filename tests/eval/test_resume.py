"""A run that was stopped goes on where it was; one that cannot says why."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from eval.asking import Scope
from eval.folder.names import ANSWERS, CONFIG, HTML, JUNIT, LOCK, MARKDOWN, QRELS, QUESTIONS, SUMMARY, run_file
from eval.folder.opening import Start
from eval.folder.read import read_answers, read_records
from eval.judges.check import CheckJudge
from eval.metrics.cost import Prices
from eval.perplexity import Perplexity
from eval.questions import Dataset, Paragraph, Question, Remark, Support
from eval.record import Record
from eval.run import Run, evaluate
from rag.answer import Answerer
from rag.config import Settings
from rag.errors import Conflict, InvalidRequest, ModelError
from rag.types import Span
from tests.fakes import HashEmbedder

FACTS = [
    ("The gate code of the Lisbon office is 4417. Visitors ring the bell.", "What is the gate code?", "4417"),
    ("The canteen opens at noon. Soup is served on Fridays.", "When does the canteen open?", "noon"),
    ("员工每年有十五天年假。请假须提前三天申请。", "员工每年有多少天年假？", "十五天"),
    ("The printer on the third floor is called Ada.", "What is the printer on the third floor called?", "Ada"),
]
# Told to a process of its own, which is killed while its third question's record has not been written.
KILLED = """
import os, signal, sys
from pathlib import Path
from eval.folder.journal import Journal
from eval.run import evaluate
from tests.eval.test_resume import run_of, small
add = Journal.add
def killed(self, record, answer):
    if record.id == "q3":
        os.write(self._answers_file.fileno(), b'{"id": "q3", "answer": "half of')
        os.kill(os.getpid(), signal.SIGKILL)
    add(self, record, answer)
Journal.add = killed
evaluate(run_of(small(), Path(sys.argv[1])), lambda *_: None)
"""


def small() -> Dataset:
    paragraphs, questions = [], []
    for number, (text, asked, said) in enumerate(FACTS, 1):
        paragraphs.append(Paragraph(f"{number:032}", text, "en"))
        start = text.find(said)
        support = Support(f"{number:032}", said, Span(start, start + len(said)))
        questions.append(Question(f"q{number}", asked, "en", "factoid", (said,), (support,)))
    return Dataset("squad:small.json", tuple(questions), tuple(paragraphs), skipped=(Remark("q9", "it is empty"),))


def run_of(dataset: Dataset, home: Path, **changed: Any) -> Run:
    settings = Settings(data=home / "data")
    config = {"command": "a test", "started_at": "2026-01-02T03:04:05+00:00"}
    run = Run(dataset, settings, HashEmbedder(), Scope.ANSWERS, home / "run", config, libraries=home / "libraries")
    return replace(run, **changed)


def quiet(_what: str, _done: int, _of: int) -> None: ...


def timeless(records: list[Record]) -> list[Record]:
    return [
        replace(one, scores={name: value for name, value in one.scores.items() if not name.startswith("latency")})
        for one in records
    ]


def without_times(summary: dict[str, Any]) -> dict[str, Any]:
    left = {"seconds", "asked_before", "config", "latency", "intervals"}
    return {name: value for name, value in summary.items() if name not in left}


def assert_as_if_never_stopped(home: Path, summary: dict[str, Any], whole: Path, expected: dict[str, Any]) -> None:
    assert timeless(read_records(home / "run")) == timeless(read_records(whole / "run"))
    kept, others = ([{**row, "timings_ms": 0} for row in read_answers(one / "run")] for one in (home, whole))
    assert kept == others
    assert without_times(summary) == without_times(expected)


@pytest.fixture
def whole(tmp_path: Path) -> tuple[Path, dict[str, Any]]:
    """The folder, and the summary, of a run that nobody stopped."""
    home = tmp_path / "whole"
    return home, evaluate(run_of(small(), home), quiet)


def test_a_run_leaves_all_that_a_folder_is_to_hold(whole: tuple[Path, dict[str, Any]]) -> None:
    home, summary = whole
    names = {path.name for path in (home / "run").iterdir()}
    legs = {run_file(leg) for leg in ("hybrid", "dense", "lexical")}
    assert {CONFIG, QUESTIONS, ANSWERS, SUMMARY, QRELS, JUNIT, MARKDOWN, HTML} | legs <= names
    config = json.loads((home / "run" / CONFIG).read_text("utf-8"))
    assert summary["config"] == config
    assert config["dataset"]["questions"] == 4
    assert config["models"]["language model"] is None
    assert {"torch", "numpy", "tantivy"} <= config["packages"].keys()
    assert config["machine"]["cpus"] >= 1


def test_a_run_that_was_killed_goes_on_and_ends_as_if_it_never_was(
    whole: tuple[Path, dict[str, Any]], tmp_path: Path, root: Path
) -> None:
    home = tmp_path / "killed"
    done = subprocess.run([sys.executable, "-c", KILLED, str(home)], cwd=root, check=False)
    assert done.returncode == -signal.SIGKILL
    assert [record.id for record in read_records(home / "run")] == ["q1", "q2"]
    summary = evaluate(run_of(small(), home), quiet)
    assert (summary["asked_before"], summary["questions"]) == (2, 4)
    assert len(summary["config"]["resumed_at"]) == 1
    assert_as_if_never_stopped(home, summary, *whole)


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError])
def test_a_run_that_was_interrupted_anywhere_goes_on(
    whole: tuple[Path, dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    def stops(_what: str, done: int, _of: int) -> None:
        if done == 3:
            raise error

    home = tmp_path / "stopped"
    with pytest.raises(error):
        evaluate(run_of(small(), home), stops)
    assert not (home / "run" / SUMMARY).exists()
    asked = []
    answer = Answerer.answer

    def counted(self: Answerer, question: str, **options: Any) -> Any:
        asked.append(question)
        return answer(self, question, **options)

    monkeypatch.setattr(Answerer, "answer", counted)
    summary = evaluate(run_of(small(), home), quiet)
    assert asked == [FACTS[3][1]]
    assert_as_if_never_stopped(home, summary, *whole)


def test_a_finished_run_asks_nothing_again(whole: tuple[Path, dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("asked again")

    monkeypatch.setattr("eval.run.open_corpus", never)
    home, summary = whole
    assert evaluate(run_of(small(), home), quiet) == summary


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"embedder": HashEmbedder(32)}, "models.embedder.fingerprint: hash-64, now hash-32"),
        ({"scope": Scope.RETRIEVAL}, "scope: answers, now retrieval"),
        ({"prices": Prices(1.0, 2.0)}, "prices.in: nothing, now 1.0"),
        ({"judges": [CheckJudge()]}, r"judges: \[\], now \['check'\]"),
        ({"dataset": small().limited(2)}, "dataset.questions: 4, now 2"),
    ],
)
def test_a_run_that_differs_is_not_gone_on_with_and_says_in_what(
    whole: tuple[Path, dict[str, Any]], changed: dict[str, Any], named: str
) -> None:
    home, _ = whole
    before = (home / "run" / QUESTIONS).read_bytes()
    with pytest.raises(Conflict, match=named) as refused:
        evaluate(replace(run_of(small(), home), **changed), quiet)
    assert "--fresh" in refused.value.hint
    assert (home / "run" / QUESTIONS).read_bytes() == before


def test_a_setting_that_differs_is_named(whole: tuple[Path, dict[str, Any]]) -> None:
    home, _ = whole
    run = run_of(small(), home)
    retrieve = run.settings.retrieve.model_copy(update={"keep": 3})
    run = replace(run, settings=run.settings.model_copy(update={"retrieve": retrieve}))
    with pytest.raises(Conflict, match=r"settings\.retrieve\.keep: 8, now 3"):
        evaluate(run, quiet)
    assert evaluate(replace(run, start=Start.ANEW), quiet)["config"]["settings"]["retrieve"]["keep"] == 3


def test_where_the_run_stands_and_when_it_is_made_may_differ(
    whole: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    home, summary = whole
    (home / "run").rename(tmp_path / "moved")
    run = run_of(small(), tmp_path / "other", folder=tmp_path / "moved", config={"command": "another day"})
    assert evaluate(run, quiet) == summary


def test_a_folder_that_holds_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "report.md").write_text("mine")
    for start in Start:
        with pytest.raises(Conflict, match=r"holds report\.md and no run"):
            evaluate(run_of(small(), tmp_path, start=start), quiet)
    assert (tmp_path / "run" / "report.md").read_text() == "mine"


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("mine")
    with pytest.raises(InvalidRequest, match="is a file"):
        evaluate(run_of(small(), tmp_path), quiet)


def test_two_runs_do_not_write_to_one_folder(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    with FileLock(tmp_path / "run" / LOCK), pytest.raises(Conflict, match="another run is writing"):
        evaluate(run_of(small(), tmp_path), quiet)


def test_a_set_without_questions_says_why(tmp_path: Path) -> None:
    with pytest.raises(
        InvalidRequest, match="has no question to ask: 1 were left out, the first, q9, since it is empty"
    ):
        evaluate(run_of(replace(small(), questions=()), tmp_path), quiet)
    assert not (tmp_path / "run").exists()


def test_where_every_question_fails_the_run_is_whole_and_counts_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object, **__: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr(Answerer, "answer", breaks)
    summary = evaluate(run_of(small(), tmp_path), quiet)
    assert (summary["failed"], summary["questions"]) == (4, 4)
    assert list(read_answers(tmp_path / "run")) == []


def test_a_document_that_could_not_be_read_is_named_and_its_questions_are_not_found(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "good.txt").write_text(FACTS[0][0], encoding="utf-8")
    (tmp_path / "files" / "empty.txt").write_text("", encoding="utf-8")
    questions = (
        Question("q1", FACTS[0][1], "en", "factoid", ("4417",), (Support("good.txt", FACTS[0][0][:43]),)),
        Question("q2", "Where?", "en", "factoid", ("here",), (Support("empty.txt", "It is here."),)),
    )
    summary = evaluate(run_of(Dataset("qa:two.jsonl", questions, folder=tmp_path / "files"), tmp_path), quiet)
    assert (summary["missing"], summary["failed"]) == (["empty.txt"], 0)
    assert summary["retrieval"]["recall@1"] == 0.5


def test_an_answer_of_any_length_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = Answerer.answer

    def long(self: Answerer, question: str, **options: Any) -> Any:
        return replace(answer(self, question, **options), text="长" * 100_000)

    monkeypatch.setattr(Answerer, "answer", long)
    evaluate(run_of(small().limited(1), tmp_path), quiet)
    [row] = read_answers(tmp_path / "run")
    assert len(row["answer"]) == 100_000
    assert (tmp_path / "run" / JUNIT).stat().st_size < 10_000


def test_what_is_measured_besides_is_in_the_record_and_a_model_that_fails_costs_no_question(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def score(_self: Perplexity, question: str, answers: Any) -> dict[str, float]:
        if "canteen" in question:
            raise ModelError("it is too long")
        return {"reference.log_likelihood": -2.0, "reference.tokens": float(len(answers))}

    monkeypatch.setattr(Perplexity, "score", score)
    perplexity = Perplexity.__new__(Perplexity)
    run = run_of(small(), tmp_path, judges=[CheckJudge()], perplexity=perplexity, prices=Prices(1.0, 2.0))
    summary = evaluate(run, quiet)
    assert summary["failed"] == 0
    assert summary["reference"] == {"perplexity": pytest.approx(7.3891), "skipped": 1}
    assert summary["cost"]["money_per_1000"] == 0.0
    assert summary["faithfulness"]["check"] is not None
    assert "faithfulness.check" in read_records(tmp_path / "run")[0].scores
    assert summary["config"]["judges"] == ["check"]
