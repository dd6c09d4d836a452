"""A whole run over a small set: what is asked, kept, asked no more, and shown."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from eval.asking import ask_all
from eval.record import Record
from eval.robustness import run as running
from eval.robustness.catalogue import chosen, perturbations
from eval.robustness.perturbation import Perturbation
from eval.robustness.remembering import Remembering
from eval.robustness.run import Asked, Run, run_all
from eval.robustness.table import markdown, rows, summary
from rag.config import Settings
from rag.errors import InvalidRequest, Malformed
from rag.ports import Matrix
from tests.eval.robustness.sets import small
from tests.fakes import HashEmbedder


def run_of(folder: Path, embedder: HashEmbedder, names: Sequence[str], seed: int = 3) -> Run:
    return Run(
        dataset=small(),
        perturbations=chosen(perturbations(), names),
        settings=Settings(data=folder / "libraries"),
        embedder=embedder,
        seed=seed,
        folder=folder / "run",
        facts={"limit": None},
    )


def quiet(_what: str, _done: int, _of: int) -> None: ...


@pytest.fixture(scope="module")
def every(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, list[Asked]]:
    run = run_of(tmp_path_factory.mktemp("robust"), HashEmbedder(), [])
    return run, run_all(run, quiet)


def test_every_perturbation_is_asked_and_none_fails(every: tuple[Run, list[Asked]]) -> None:
    run, asked = every
    assert [one.name for one in asked] == ["clean", *(one.name for one in run.perturbations)]
    assert all(one.record.error is None for some in asked for one in some.kept)
    for one in asked:
        reached = {origin for kept in one.kept for origin in one.origins_of(kept.record.id)}
        assert reached | set(one.left_out) == {question.id for question in run.dataset.questions}
        assert not reached & set(one.left_out)


def test_the_order_of_the_questions_changes_no_answer(every: tuple[Run, list[Asked]]) -> None:
    for one in every[1]:
        if one.name.startswith("order-"):
            assert {kept.record.scores["same.answer"] for kept in one.kept} == {1.0}


def test_without_noise_only_the_document_that_answers_is_given(every: tuple[Run, list[Asked]]) -> None:
    by_name = {one.name: one for one in every[1]}
    for kept in by_name["noise-0"].kept:
        assert kept.record.scores["passages.any"] == 1.0
    assert {len(one.kept) for one in every[1] if one.name.startswith("noise-")} == {7}


def test_questions_are_drawn_with_those_of_the_document_they_rested_on(every: tuple[Run, list[Asked]]) -> None:
    clean = {one.record.id: one.record.unit for one in every[1][0].kept}
    for one in every[1][1:]:
        for kept in one.kept:
            assert kept.record.unit == clean[one.origins_of(kept.record.id)[0]]


def test_the_table_has_a_row_for_each_and_holds_what_was_measured(every: tuple[Run, list[Asked]]) -> None:
    run, asked = every
    made = rows(run.perturbations, asked, seed=3)
    assert [row.name for row in made] == [one.name for one in run.perturbations]
    found = json.loads(json.dumps(summary("test:small", 3, asked, made)))
    lines = markdown(found).splitlines()
    assert len(lines) == 2 + len(made)
    assert all(line.count("|") == lines[0].count("|") for line in lines)
    by_name = {row.name: row for row in made}
    assert by_name["unanswerable"].cells[0].figure == "refusal.refused"
    told = by_name["lower-case"].cells[0]
    assert told.before is not None
    assert told.change == pytest.approx(told.now - told.before)


def test_what_a_folder_holds_is_not_asked_again(
    tmp_path: Path, embedder: HashEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = run_all(run_of(tmp_path, embedder, ["spaced"]), quiet)

    def asks(perturbation: Perturbation, *_more: object) -> Asked:
        return replace(first[1], name=perturbation.name)

    monkeypatch.setattr(running, "_ask", asks)
    again = run_all(run_of(tmp_path, embedder, ["spaced", "lower-case"]), quiet)
    assert [one.name for one in again] == ["clean", "lower-case", "spaced"]
    assert [again[0], again[2]] == first


def test_a_folder_of_another_run_is_refused(tmp_path: Path, embedder: HashEmbedder) -> None:
    run_all(run_of(tmp_path, embedder, ["spaced"]), quiet)
    with pytest.raises(InvalidRequest, match="seed"):
        run_all(run_of(tmp_path, embedder, ["spaced"], seed=4), quiet)


def test_no_passage_is_embedded_twice() -> None:
    class Counting(HashEmbedder):
        texts = 0

        def embed_passages(self, texts: Sequence[str]) -> Matrix:
            self.texts += len(texts)
            return super().embed_passages(texts)

    inner = Counting()
    remembering = Remembering(inner)
    once = remembering.embed_passages(["a", "b", "a"])
    assert (once == remembering.embed_passages(["a", "b", "a"])).all()
    assert inner.texts == 2
    assert remembering.embed_passages([]).shape[0] == 0


def test_a_folder_whose_config_is_broken_is_named(tmp_path: Path, embedder: HashEmbedder) -> None:
    run = run_of(tmp_path, embedder, ["spaced"])
    run.folder.mkdir(parents=True)
    (run.folder / "config.json").write_text("{", "utf-8")
    with pytest.raises(Malformed, match=r"config\.json"):
        run_all(run, quiet)


def test_questions_that_failed_twice_have_no_same_answer(
    tmp_path: Path, embedder: HashEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*given: Any, **options: Any) -> Iterator[tuple[Record, None]]:
        for record, _ in ask_all(*given, **options):
            yield replace(record, scores={}, answered=False, error="Boom"), None

    monkeypatch.setattr(running, "ask_all", failing)
    asked = run_all(run_of(tmp_path, embedder, ["order-twice"]), quiet)
    assert {one.record.scores["same.answer"] for one in asked[1].kept} == {0.0}
