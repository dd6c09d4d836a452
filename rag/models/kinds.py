"""What a model's folder is good for, by its configs alone. Loads nothing."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Any

from rag.models.card import read_json
from rag.models.causal import WRITERS
from rag.models.entail import ENTAILS
from rag.models.rerank import CLASSIFIER, DECLARED, UNTOLD_LABELS


class Kind(StrEnum):
    EMBEDDER = "embedder"
    RERANKER = "reranker"
    INFERENCE = "inference"  # of natural language: whether one sentence entails another
    LLM = "llm"
    ADAPTER = "adapter"
    UNKNOWN = "unknown"


SETTINGS = {
    Kind.EMBEDDER: "embedder.model",
    Kind.RERANKER: "rerank.model",
    Kind.INFERENCE: "answer.entailment",
    Kind.LLM: "llm.model",
    Kind.ADAPTER: "llm.adapter",
}


def kind_of(folder: Path) -> Kind:
    """Return what it is. An embedder may be made of a causal LM, so what sentence-transformers wrote goes first."""
    if (folder / "adapter_config.json").is_file():
        return Kind.ADAPTER
    declared = read_json(folder / "config_sentence_transformers.json")
    config = read_json(folder / "config.json")
    architecture = str(next(iter(config.get("architectures") or []), ""))
    if architecture.endswith(CLASSIFIER) or declared.get("model_type") == DECLARED:
        return _classifier(config)
    if declared or (folder / "modules.json").is_file():
        return Kind.EMBEDDER
    if architecture.endswith(WRITERS):
        return Kind.LLM
    # A bare encoder, which sentence-transformers pools by itself.
    return Kind.EMBEDDER if architecture.endswith("Model") else Kind.UNKNOWN


def base_of(folder: Path) -> str:
    """Return the model that an adapter was made for; "" where it does not tell."""
    return str(read_json(folder / "adapter_config.json").get("base_model_name_or_path") or "")


def _classifier(config: dict[str, Any]) -> Kind:
    labels = config.get("id2label") or {}
    if any(str(label).lower().startswith(ENTAILS) for label in labels.values()):
        return Kind.INFERENCE
    count = len(labels) or config.get("num_labels", UNTOLD_LABELS)
    return Kind.RERANKER if count == 1 else Kind.UNKNOWN
