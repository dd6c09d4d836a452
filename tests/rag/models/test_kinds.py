from __future__ import annotations

import json
from pathlib import Path

import pytest

from rag.models.kinds import Kind, base_of, kind_of
from tests.tiny import build_tiny_entailment, build_tiny_model, build_tiny_reranker
from tests.tiny_chat import build_tiny_adapter, build_tiny_chat_model


def test_each_kind_is_known_by_what_its_own_library_saves(tmp_path: Path) -> None:
    assert kind_of(build_tiny_model(tmp_path / "embedder")) is Kind.EMBEDDER
    assert kind_of(tmp_path / "embedder-raw") is Kind.EMBEDDER
    assert kind_of(build_tiny_reranker(tmp_path / "reranker")) is Kind.RERANKER
    assert kind_of(build_tiny_entailment(tmp_path / "inference")) is Kind.INFERENCE
    chat = build_tiny_chat_model(tmp_path / "chat")
    assert kind_of(chat) is Kind.LLM
    adapter = build_tiny_adapter(chat, tmp_path / "adapter")
    assert kind_of(adapter) is Kind.ADAPTER
    assert base_of(adapter)
    assert kind_of(tmp_path / "nowhere") is Kind.UNKNOWN


@pytest.mark.parametrize(
    ("config", "declared", "kind"),
    [
        ({"architectures": ["Qwen3ForCausalLM"]}, None, Kind.LLM),
        ({"architectures": ["GPT2LMHeadModel"]}, None, Kind.LLM),
        ({"architectures": ["Qwen3ForCausalLM"]}, {"prompts": {"query": "Find: "}}, Kind.EMBEDDER),
        ({"architectures": ["Qwen3ForCausalLM"]}, {"model_type": "CrossEncoder"}, Kind.UNKNOWN),
        ({"architectures": ["XLMRobertaForSequenceClassification"], "id2label": {"0": "LABEL_0"}}, None, Kind.RERANKER),
        (
            {"architectures": ["DebertaV2ForSequenceClassification"], "id2label": {"0": "ENTAILMENT", "1": "neutral"}},
            None,
            Kind.INFERENCE,
        ),
        (
            {"architectures": ["BertForSequenceClassification"], "id2label": {"0": "ham", "1": "spam"}},
            None,
            Kind.UNKNOWN,
        ),
        ({"architectures": ["BertForSequenceClassification"]}, None, Kind.UNKNOWN),
        ({"architectures": ["BertModel"]}, None, Kind.EMBEDDER),
        ({}, None, Kind.UNKNOWN),
    ],
)
def test_a_kind_is_told_by_the_configs(
    tmp_path: Path, config: dict[str, object], declared: dict[str, object] | None, kind: Kind
) -> None:
    (tmp_path / "config.json").write_text(json.dumps(config), encoding="utf-8")
    if declared is not None:
        (tmp_path / "config_sentence_transformers.json").write_text(json.dumps(declared), encoding="utf-8")
    assert kind_of(tmp_path) is kind
