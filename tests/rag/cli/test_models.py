from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from rag.models.find import DEFAULT_MODEL
from rag.ports import Matrix
from tests.fakes import HashEmbedder
from tests.rag.cli.conftest import Run


def test_the_packaged_weights_are_listed_as_the_published_ones(run: Run) -> None:
    report = run("models", "list")
    assert report["embedder"] == DEFAULT_MODEL
    assert ("package", "published") in [(model["place"], model["state"]) for model in report["models"]]


def test_altered_weights_and_those_of_others_are_told_apart(run: Run, data: Path) -> None:
    for name in (DEFAULT_MODEL, "ours"):
        folder = data / "models" / name
        folder.mkdir(parents=True)
        (folder / "model.safetensors").write_bytes(b"weights")
    states = {m["name"]: m["state"] for m in run("models", "list")["models"] if m["place"] == "data/models"}
    assert states == {DEFAULT_MODEL: "altered", "ours": ""}


def test_prompts_are_told_as_the_models_config_has_them(run: Run, data: Path) -> None:
    for name, config in (("with", '{"prompts": {"query": "query: ", "document": ""}}'), ("without", "{}")):
        folder = data / "models" / name
        folder.mkdir(parents=True)
        (folder / "model.safetensors").write_bytes(b"weights")
        (folder / "config_sentence_transformers.json").write_text(config)
    prompts = {m["name"]: m["query_prompt"] for m in run("models", "list")["models"] if m["place"] == "data/models"}
    assert prompts == {"with": "query: ", "without": ""}


def test_a_model_that_works_passes_its_check(run: Run) -> None:
    report = run("models", "check")
    assert report["dimension"] == 32
    assert report["published"] is True


def test_a_model_can_be_held_to_sentence_transformers(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("models", "check", "--compare")["least_cosine_to_torch"] == 1.0

    class Other(HashEmbedder):
        def embed_passages(self, texts: Sequence[str]) -> Matrix:
            return np.roll(super().embed_passages(texts), 1, axis=1)

    monkeypatch.setattr(
        "rag.cli.models_check.build_embedder",
        lambda settings: Other(32) if settings.embedder.runtime == "torch" else HashEmbedder(32),
    )
    assert "embedder.runtime" in run("models", "check", "--compare", code=1)["error"]["hint"]


def test_a_model_whose_vectors_are_not_of_unit_length_fails_its_check(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Long(HashEmbedder):
        def embed_queries(self, texts: Sequence[str]) -> Matrix:
            return np.full((1, self.dimension), 3.0, dtype=np.float32)

    monkeypatch.setattr("rag.cli.models_check.build_embedder", lambda settings: Long())
    assert run("models", "check", code=1)["error"]["type"] == "ModelMismatch"
