"""A whole run, over a small set, with the embedder that tests use."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from eval import audit
from eval.asking import Scope
from eval.corpus import collection_name, open_corpus
from eval.datasets.load import load_dataset
from eval.questions import Dataset
from eval.run import Run, evaluate
from rag.build import build_answerer
from rag.config import ChunkSettings, Settings
from rag.library.library import Library
from rag.types import Span
from tests.fakes import HashEmbedder

FACTS = {
    "Lisbon": "The gate code of the Lisbon office is 4417. Visitors ring the bell.",
    "Canteen": "The canteen opens at noon and closes at three. Soup is served on Fridays.",
    "休假": "员工每年有十五天年假。请假须提前三天向主管申请。",
}
ASKED = {
    "q1": ("Lisbon", "What is the gate code of the Lisbon office?", "4417"),
    "q2": ("Canteen", "When does the canteen open?", "noon"),
    "q3": ("休假", "员工每年有多少天年假？", "十五天"),
}


def rows() -> list[dict[str, Any]]:
    return [
        {
            "title": title,
            "paragraphs": [
                {
                    "context": text,
                    "qas": [
                        {"id": name, "question": wording, "answers": [{"text": said, "answer_start": text.find(said)}]}
                        for name, (about, wording, said) in ASKED.items()
                        if about == title
                    ],
                }
            ],
        }
        for title, text in FACTS.items()
    ]


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    file = tmp_path / "small.json"
    file.write_text(json.dumps({"data": rows()}), encoding="utf-8")
    return load_dataset(f"squad:{file}")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "libraries")


def quiet(_what: str, _done: int, _of: int) -> None: ...


def run_of(dataset: Dataset, settings: Settings, embedder: HashEmbedder, folder: Path, scope: Scope) -> Run:
    return Run(dataset, settings, embedder, scope, folder, {"command": "a test"})


def test_a_run_finds_what_each_question_asks_for(
    dataset: Dataset, settings: Settings, embedder: HashEmbedder, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    summary = evaluate(run_of(dataset, settings, embedder, folder, Scope.ANSWERS), quiet)
    assert (summary["questions"], summary["failed"], summary["documents"]) == (3, 0, 3)
    assert summary["retrieval"]["recall@1"] == summary["legs"]["lexical"]["recall@1"] == 1.0
    assert set(summary["legs"]) == {"dense", "lexical"}
    assert summary["citation"]["valid"] in (1.0, None)
    assert json.loads((folder / "summary.json").read_text(encoding="utf-8")) == summary
    assert json.loads((folder / "config.json").read_text(encoding="utf-8"))["command"] == "a test"
    for name in ("questions.jsonl", "answers.jsonl"):
        written = (folder / name).read_text(encoding="utf-8").splitlines()
        assert [json.loads(line)["id"] for line in written] == list(ASKED)


def test_rankings_alone_give_no_scores_of_answers(
    dataset: Dataset, settings: Settings, embedder: HashEmbedder, tmp_path: Path
) -> None:
    summary = evaluate(run_of(dataset, settings, embedder, tmp_path / "run", Scope.RETRIEVAL), quiet)
    assert summary["retrieval"]["ndcg@10"] == 1.0
    assert not {"answer", "citation", "refusal"} & set(summary)


def test_one_question_that_fails_does_not_end_the_run(
    dataset: Dataset, settings: Settings, embedder: HashEmbedder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lexical = Library.lexical

    def breaks(self: Library, query: str, *more: Any, **options: Any) -> Any:
        if "canteen" in query:
            raise RuntimeError("boom")
        return lexical(self, query, *more, **options)

    monkeypatch.setattr(Library, "lexical", breaks)
    folder = tmp_path / "run"
    summary = evaluate(run_of(dataset, settings, embedder, folder, Scope.RETRIEVAL), quiet)
    assert (summary["questions"], summary["failed"]) == (3, 1)
    assert summary["retrieval"]["recall@5"] == pytest.approx(2 / 3, abs=1e-4)
    errors = [json.loads(line)["error"] for line in (folder / "questions.jsonl").read_text("utf-8").splitlines()]
    assert errors == [None, "RuntimeError: boom", None]


def test_a_second_run_embeds_no_document_again(
    dataset: Dataset, settings: Settings, embedder: HashEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_corpus(dataset, settings, embedder, lambda _done, _of: None) as corpus:
        assert corpus.library.verify() == []
        assert corpus.documents == {paragraph.id: paragraph.id for paragraph in dataset.paragraphs}

    def never(texts: object) -> None:
        raise AssertionError("embedded again")

    monkeypatch.setattr(embedder, "embed_passages", never, raising=False)
    with open_corpus(dataset, settings, embedder, lambda _done, _of: None) as corpus:
        assert corpus.library.stats().documents == 3


def test_another_cut_or_another_embedder_makes_another_library(
    dataset: Dataset, settings: Settings, embedder: HashEmbedder
) -> None:
    cut = settings.model_copy(update={"chunk": ChunkSettings(max_tokens=16)})
    names = {
        collection_name(dataset, settings, embedder),
        collection_name(dataset, cut, embedder),
        collection_name(dataset, settings, HashEmbedder(32)),
    }
    assert len(names) == 3
    assert collection_name(dataset.limited(1), settings, embedder) in names


def test_files_of_a_qa_set_go_through_the_whole_pipeline(
    settings: Settings, embedder: HashEmbedder, tmp_path: Path
) -> None:
    (tmp_path / "seeds").mkdir()
    for name, text in FACTS.items():
        (tmp_path / "seeds" / f"{name}.txt").write_text(text, encoding="utf-8")
    (tmp_path / "gold").mkdir()
    support = [{"file": "Lisbon.txt", "quote": "The gate code of the Lisbon office is 4417."}]
    row = {"id": "q1", "question": ASKED["q1"][1], "answers": ["4417"], "support": support}
    (tmp_path / "gold" / "qa.jsonl").write_text(json.dumps(row), encoding="utf-8")
    dataset = load_dataset(f"qa:{tmp_path / 'gold' / 'qa.jsonl'}")
    summary = evaluate(run_of(dataset, settings, embedder, tmp_path / "run", Scope.ANSWERS), quiet)
    assert summary["documents"] == 3
    assert summary["retrieval"]["recall@1"] == 1.0
    assert summary["passages"] == {"any": 1.0, "all": 1.0, "sentences": 1.0}


def test_an_audit_looks_at_every_citation_and_at_boxes_where_there_are_pages(
    dataset: Dataset, settings: Settings, embedder: HashEmbedder, tmp_path: Path
) -> None:
    found = audit.audit(dataset, 3, settings, embedder, seed=0)
    assert (found.answers, found.boxed, found.faults) == (3, 0, [])
    assert found.citations >= 3
    (tmp_path / "papers").mkdir()
    papers = audit.printed(dataset, tmp_path / "papers", seed=0)
    assert len(papers.questions) == 3
    printed = audit.audit(papers, 3, settings, embedder, seed=0)
    assert printed.faults == []
    assert printed.boxed == printed.covered == printed.citations > 0


def test_an_audit_sees_a_box_that_stands_elsewhere_and_a_quote_that_is_not_the_slice(
    dataset: Dataset, settings: Settings, embedder: HashEmbedder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    eager = settings.model_copy(update={"answer": settings.answer.model_copy(update={"min_confidence": 0.0})})
    (tmp_path / "papers").mkdir()
    papers = audit.printed(dataset, tmp_path / "papers", seed=0)
    boxes = Library.boxes_in

    def lower(self: Library, *where: Any) -> Any:
        return tuple(replace(box, y0=box.y0 + 100, y1=box.y1 + 100) for box in boxes(self, *where))

    monkeypatch.setattr(Library, "boxes_in", lower)
    found = audit.audit(papers, 3, settings, embedder, seed=0)
    assert (found.covered, len(found.faults)) == (0, found.citations)
    assert all("does not stand in its boxes" in fault for fault in found.faults)

    with open_corpus(dataset, eager, embedder, lambda _done, _of: None) as corpus:
        answer = build_answerer(eager, corpus.library, embedder).answer(ASKED["q1"][1])
        texts = {item.document_id: corpus.library.document(item.document_id).text for item in answer.citations}
        [citation, *_] = answer.citations
        moved = replace(citation, span=Span(citation.span.start + 1, citation.span.end + 1))
        assert not list(audit.slice_faults(citation, answer, texts))
        assert list(audit.slice_faults(moved, answer, texts))
        assert list(audit.slice_faults(replace(citation, answer_span=Span(0, 10_000)), answer, texts))
