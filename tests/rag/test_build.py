"""rag.build: settings become objects, here and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.build import (
    build_answerer,
    build_generator,
    build_reranker,
    build_retriever,
    library_folder,
    manifest_of,
    open_library,
)
from rag.config import AnswerSettings, RerankSettings, RetrieveSettings, Settings
from rag.errors import InvalidRequest, LibraryMismatch, Misconfigured, ModelNotFound, NotFound
from rag.library.collections import create_collection
from rag.types import RefusalReason
from tests.fakes import HashEmbedder
from tests.rag.makers import EMBEDDER, shelve
from tests.tiny import build_tiny_reranker


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.chdir(tmp_path)
    return Settings(
        data=tmp_path / "data", retrieve=RetrieveSettings(keep=1), answer=AnswerSettings(min_confidence=1.0)
    )


def test_the_settings_own_collection_is_made_when_first_opened(settings: Settings) -> None:
    with open_library(settings, embedder=EMBEDDER) as library:
        assert library.folder == settings.data / "default" == library_folder(settings)
        assert len(library) == 0


def test_another_collection_must_be_there(settings: Settings) -> None:
    with pytest.raises(NotFound) as caught:
        open_library(settings, "handbook", embedder=EMBEDDER)
    assert "footnote collections create handbook" in caught.value.hint
    assert not (settings.data / "handbook").exists()
    create_collection(settings.data, "handbook")
    with open_library(settings, "handbook", embedder=EMBEDDER) as library:
        assert library.folder == library_folder(settings, "handbook")


@pytest.mark.parametrize("name", ["../up", "models", "A"])
def test_no_collection_lies_outside_the_data_folder(settings: Settings, name: str) -> None:
    with pytest.raises(InvalidRequest):
        library_folder(settings, name)
    with pytest.raises((InvalidRequest, NotFound)):
        open_library(settings, name, embedder=EMBEDDER)


def test_a_library_of_another_embedder_is_not_opened(settings: Settings) -> None:
    with open_library(settings, embedder=EMBEDDER) as library:
        shelve(library, "Otters hold hands.", "otters.txt")
    with pytest.raises(LibraryMismatch, match="hash-64"):
        open_library(settings, embedder=HashEmbedder(32))


def test_who_only_reads_leaves_chunker_and_reader_open() -> None:
    manifest = manifest_of(EMBEDDER)
    assert (manifest.embedder, manifest.fingerprint, manifest.dimension) == ("hash", "hash-64", 64)
    assert manifest.chunker == manifest.reader == ""
    assert manifest_of(EMBEDDER, chunker="c", reader="r").chunker == "c"


def test_what_is_built_does_as_the_settings_say(settings: Settings) -> None:
    with open_library(settings, embedder=EMBEDDER) as library:
        for number in range(3):
            shelve(library, f"Otter {number} holds hands.", f"{number}.txt")
        assert len(build_retriever(settings, library, EMBEDDER).retrieve("otter hands")) == 1
        answer = build_answerer(settings, library, EMBEDDER).answer("otter hands")
        assert (answer.model, answer.reason) == ("extractive", RefusalReason.WEAK_EVIDENCE)


def test_no_reranker_reads_unless_it_is_set(settings: Settings) -> None:
    assert build_reranker(settings) is None
    with open_library(settings, embedder=EMBEDDER) as library:
        shelve(library, "Otters hold hands.", "otters.txt")
        steps = build_retriever(settings, library, EMBEDDER).run("otter").steps
        assert "rerank" not in [step.stage for step in steps]


def test_a_reranker_that_is_not_there_is_named_before_any_question(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    other = settings.model_copy(update={"rerank": RerankSettings(model="no-such-model")})
    with pytest.raises(ModelNotFound, match="no-such-model"):
        build_reranker(other)
    with open_library(settings, embedder=EMBEDDER) as library, pytest.raises(ModelNotFound):
        build_retriever(other, library, EMBEDDER)


def test_a_reranker_that_is_set_reads_the_ranking(settings: Settings, tmp_path: Path) -> None:
    folder = build_tiny_reranker(tmp_path / "reranker")
    other = settings.model_copy(update={"rerank": RerankSettings(model=str(folder), device="cpu", budget_ms=100_000)})
    with open_library(settings, embedder=EMBEDDER) as library:
        shelve(library, "Otters hold hands.\nAn otter sleeps.", "otters.txt")
        retriever = build_retriever(other, library, EMBEDDER)
        retrieval = retriever.run("which otter sleeps")
        assert [step.detail for step in retrieval.steps if step.stage == "rerank"] == ["2 of 2 read"]
        assert retrieval.passages[0].scores["rerank"] == retrieval.passages[0].score
    assert build_reranker(other) is build_reranker(other)


def test_a_generator_that_is_not_there_is_named(settings: Settings) -> None:
    other = settings.model_copy(update={"answer": AnswerSettings(generator="oracle")})
    with pytest.raises(Misconfigured, match="oracle"):
        build_generator(other)


def test_diversity_is_a_stage_where_it_is_asked_for(settings: Settings) -> None:
    diverse = settings.model_copy(update={"retrieve": RetrieveSettings(diversity=0.5)})
    with open_library(settings, embedder=EMBEDDER) as library:
        shelve(library, "Otter 1 holds hands.", "1.txt")
        names = [
            [step.stage for step in build_retriever(some, library, EMBEDDER).run("otter hands").steps]
            for some in (settings, diverse)
        ]
    assert ["diversify" in some for some in names] == [False, True]
