"""rag.build.build_check: the check has the embedder where it knows the languages, and the model that is set."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.build import build_check, build_entailment
from rag.config import load_settings
from rag.errors import ModelError, ModelNotFound
from tests.fakes import HashEmbedder
from tests.tiny import build_tiny_entailment, build_tiny_model


def test_none_is_asked_where_none_is_set() -> None:
    assert build_entailment(load_settings()) is None


def test_the_model_that_is_set_is_asked(tmp_path: Path) -> None:
    folder = build_tiny_entailment(tmp_path / "tiny")
    settings = load_settings(answer={"entailment": str(folder)})
    with_it, without = build_check(settings, HashEmbedder()), build_check(load_settings(), HashEmbedder())
    claim, quote = "the cat sat there", "a cat sat on the mat there"
    assert with_it(claim, quote).score != without(claim, quote).score


def test_one_that_is_none_or_nowhere_is_told_when_the_check_is_built(tmp_path: Path) -> None:
    embedder = build_tiny_model(tmp_path / "embedder")
    with pytest.raises(ModelError, match="no model of language inference"):
        build_check(load_settings(answer={"entailment": str(embedder)}), HashEmbedder())
    with pytest.raises(ModelNotFound):
        build_check(load_settings(answer={"entailment": str(tmp_path / "nowhere")}), HashEmbedder())
