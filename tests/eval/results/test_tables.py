"""docs/results.md, from the summaries of runs."""

from __future__ import annotations

import re
from typing import Any

from eval.results.tables import page

MODELS = {
    "embedder": {"name": "small", "sha256": "ab" * 32, "published": True, "runtime": "openvino bf16"},
    "language model": None,
    "entailment": {"name": "mine", "sha256": "cd" * 32, "published": False},
}


def summary(**changed: Any) -> dict[str, Any]:
    config = {
        "command": "footnote eval run --dataset squad:a.json",
        "limit": None,
        "machine": {"processor": "One", "cpus": 2, "memory_gib": 4.0, "platform": "Linux"},
        "packages": {"torch": "2.13"},
        "python": "3.11",
        "commit": "abc",
        "code": "def",
        "models": MODELS,
    }
    return {
        "dataset": "squad:a.json",
        "questions": 1190,
        "documents": 240,
        "failed": 0,
        "skipped": [],
        "retrieval": {"recall@1": 0.9644},
        "legs": {"dense": {"recall@1": 0.8861}},
        "latency": {"total_p50": 60.04},
        "intervals": {"retrieval.recall@1": [0.9521, 0.9749], "latency.total_p50": [58.1, 61.96]},
        "config": config,
        **changed,
    }


def made(**summaries: dict[str, Any]) -> str:
    return page(summaries, {"drcd": "data/drcd is not there"}, {"one": "the first set"})


def test_a_figure_stands_with_its_interval_and_what_no_run_has_is_left_out() -> None:
    text = made(one=summary())
    assert "| one | 0.964 [0.952, 0.975] | 0.886 |" in text
    assert "| one | 60.0 [58.1, 62.0] |" in text
    assert "| one | the first set | 1190 | 240 | 0 | 0 |" in text
    assert "### Safety" not in text
    assert "MRR" not in text


def test_a_run_without_the_figures_of_a_theme_has_no_row_there() -> None:
    text = made(one=summary(), two=summary(answer={"contains": 0.5}))
    rows = [line for line in text.partition("### Answers")[2].partition("###")[0].splitlines() if line.startswith("| ")]
    assert rows[1:] == ["| two | 0.500 |"]


def test_it_says_which_weights_were_real_and_what_was_not_measured() -> None:
    text = made(one=summary())
    assert "embedder: small, on openvino bf16, sha256 abababababababab: byte for byte the weights" in text
    assert "entailment: mine, sha256 cdcdcdcdcdcdcdcd: weights that we cannot hold to published ones" in text
    assert "language model: none; answers are sentences of the documents" in text
    assert "- `drcd` was not measured: data/drcd is not there." in text
    assert "footnote eval run --dataset squad:a.json" in text


def test_what_runs_agree_in_is_said_once_and_else_of_each() -> None:
    other = summary()
    other["config"] = {**other["config"], "commit": "xyz"}
    text = made(one=summary(), two=other)
    assert text.count("machine: One, 2 CPUs, 4.0 GiB, Linux") == 1
    assert "- commit (one): abc (code def)" in text
    assert "- commit (two): xyz (code def)" in text


def test_what_was_left_out_is_counted_by_its_reason() -> None:
    skipped = [
        {"item": f"q{n}", "reason": f"it rests on {n}.txt: there is none" if n else "it is empty"} for n in (0, 1)
    ]
    text = made(one=summary(skipped=skipped, missing=["b.pdf"]), two=summary())
    assert "- one: 1 (q0): it is empty" in text
    assert "- one: b.pdf could not be read" in text
    assert "- two: nothing" in text


def test_a_part_of_a_set_is_not_shown_as_the_whole() -> None:
    limited = summary()
    limited["config"] = {**limited["config"], "limit": 20}
    assert made(one=limited).startswith("**A part of the questions only**, of one.")


def test_every_table_has_as_many_cells_in_each_row() -> None:
    text = made(one=summary(), two=summary(answer={"contains": 0.5, "f1": None}))
    for table in re.findall(r"(?:^\|.*\n?)+", text, re.MULTILINE):
        assert len({line.count("|") for line in table.splitlines()}) == 1


def test_runs_of_another_version_are_shown_as_far_as_they_go() -> None:
    assert "| one | – | – | – | – | 0 |" in page({"one": {}}, {}, {}).replace("| one |  |", "| one | – |")
