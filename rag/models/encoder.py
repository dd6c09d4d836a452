"""Say whether a model's folder is an encoder that can be built by hand, and what it is made of.

Reads configs only; knows no runtime. Whatever is not known for certain does not fit: sentence-transformers runs it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.models.card import ModelCard, modules_of, pooling_modes, read_json, tokenizer_file

FAMILIES = {
    "bert": "bert",
    "roberta": "roberta",
    "xlm-roberta": "roberta",
}  # model_type -> prefix of its weights' names
ACTIVATIONS = frozenset({"gelu", "gelu_new", "gelu_pytorch_tanh", "relu"})
POOLINGS = {"mean": "mean", "cls": "cls", "pooling_mode_mean_tokens": "mean", "pooling_mode_cls_token": "cls"}
# Tokenizers that transformers reads from tokenizer.json as it stands, and those that it makes anew from the vocabulary.
TOKENIZERS = frozenset(
    {"TokenizersBackend", "PreTrainedTokenizerFast", "XLMRobertaTokenizer", "RobertaTokenizer", "BertTokenizer"}
)
# Keys that are there in every folder, or say nothing about the vectors; the value of any other must be empty.
SENTENCE_KEYS = frozenset({"max_seq_length", "transformer_task", "modality_config", "module_output_name"})
PLAIN_MODALITY = {"text": {"method": "forward", "method_output_name": "last_hidden_state"}}


class DoesNotFit(Exception):
    """Why a model, or this machine, is not for the fast runtime. Never leaves rag.models."""


@dataclass(frozen=True, slots=True)
class Encoder:
    """A BERT with absolute positions, and how its tokens' vectors become one."""

    weights: tuple[Path, ...]
    tokenizer: Path
    prefix: str  # that the weights' names may have: "bert" or "roberta"
    hidden: int
    layers: int
    heads: int
    epsilon: float
    activation: str
    pooling: str
    pad_token: int
    first_position: int
    sequence_tokens: int


def read_encoder(card: ModelCard) -> Encoder:
    """Raises DoesNotFit, saying what is not known."""
    folder = _transformer_folder(card)
    config = read_json(folder / "config.json")
    prefix = FAMILIES.get(config.get("model_type", ""))
    if prefix is None:
        raise DoesNotFit(f"its architecture is {config.get('model_type')!r}")
    for key, usual in (
        ("position_embedding_type", "absolute"),
        ("is_decoder", False),
        ("add_cross_attention", False),
        ("quantization_config", None),
        ("embedding_size", config.get("hidden_size")),
    ):
        if config.get(key, usual) not in (usual, None):
            raise DoesNotFit(f"{key} is {config[key]!r}")
    if config.get("hidden_act") not in ACTIVATIONS:
        raise DoesNotFit(f"its activation is {config.get('hidden_act')!r}")
    if (folder / "adapter_config.json").exists():
        raise DoesNotFit("it has an adapter")
    pad = config.get("pad_token_id", 0 if prefix == "bert" else 1)
    first = 0 if prefix == "bert" else pad + 1
    try:
        encoder = Encoder(
            weights=tuple(sorted(folder.glob("*.safetensors"))),
            tokenizer=_tokenizer(card.folder),
            prefix=prefix,
            hidden=config["hidden_size"],
            layers=config["num_hidden_layers"],
            heads=config["num_attention_heads"],
            epsilon=float(config.get("layer_norm_eps", 1e-12)),
            activation=config["hidden_act"],
            pooling=_pooling(card.folder),
            pad_token=pad,
            first_position=first,
            sequence_tokens=card.sequence_tokens,
        )
        positions = config["max_position_embeddings"]
    except KeyError as error:
        raise DoesNotFit(f"its config.json does not say {error}") from error
    if encoder.sequence_tokens > positions - first:
        raise DoesNotFit(f"it has positions for {positions - first} tokens and takes {encoder.sequence_tokens}")
    return encoder


def _transformer_folder(card: ModelCard) -> Path:
    modules = modules_of(card.folder)
    kinds = [kind for kind, _ in modules]
    if kinds not in ([], ["Transformer"], ["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"]):
        raise DoesNotFit(f"its modules are {', '.join(kinds)}")
    folder = modules[0][1] if modules else card.folder
    for path in {*folder.glob("sentence_*_config.json"), *card.folder.glob("sentence_*_config.json")}:
        values = read_json(path)
        strange = [key for key, value in values.items() if key not in SENTENCE_KEYS and value]
        if values.get("transformer_task", "feature-extraction") != "feature-extraction":
            strange.append("transformer_task")
        if values.get("modality_config", PLAIN_MODALITY) != PLAIN_MODALITY:
            strange.append("modality_config")
        if strange:
            raise DoesNotFit(f"{path.name} sets {', '.join(strange)}")
    return folder


def _pooling(folder: Path) -> str:
    places = [path for kind, path in modules_of(folder) if kind == "Pooling"]
    config: Mapping[str, Any] = read_json(places[0] / "config.json") if places else {}
    modes = pooling_modes(config)
    if len(modes) != 1 or modes[0] not in POOLINGS:
        raise DoesNotFit(f"it pools by {' and '.join(modes)}")
    if config.get("include_prompt", True) is not True:
        raise DoesNotFit("it leaves its prompt out of the pooling")
    return POOLINGS[modes[0]]


def _tokenizer(folder: Path) -> Path:
    """Return tokenizer.json where transformers, too, goes by it."""
    path = tokenizer_file(folder)
    tokenizer = read_json(path)
    if not tokenizer:
        raise DoesNotFit("it has no tokenizer.json")
    config = read_json(path.with_name("tokenizer_config.json"))
    name = str(config.get("tokenizer_class", "")).removesuffix("Fast")
    if name not in {known.removesuffix("Fast") for known in TOKENIZERS}:
        raise DoesNotFit(f"its tokenizer is {name or 'not named'}")
    normalizer = tokenizer.get("normalizer") or {}
    if name == "BertTokenizer":  # its normalizer is made from the config, whatever tokenizer.json says
        for ours, theirs, usual in (
            ("lowercase", "do_lower_case", True),
            ("handle_chinese_chars", "tokenize_chinese_chars", True),
            ("strip_accents", "strip_accents", None),
        ):
            if normalizer.get("type") != "BertNormalizer" or normalizer.get(ours) != config.get(theirs, usual):
                raise DoesNotFit(f"tokenizer.json and tokenizer_config.json do not agree on {theirs}")
    return path
