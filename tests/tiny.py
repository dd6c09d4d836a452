"""Models made on the spot, an embedder and a cross-encoder: random weights, a tokenizer trained on four lines."""

from __future__ import annotations

import json
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

LINES = ("the cat sat on the mat", "a dog waits at the door", "query passage : text", "大型语言模型 在 门口 等 猫 狗")
DIMENSION = 16
SEQUENCE_TOKENS = 32


def build_tiny_model(
    folder: Path, *, family: str = "bert", pooling: str = "mean", activation: str = "gelu", normalised: bool = False
) -> Path:
    """Write the model, with the prompts "query: " and "passage: ", and return its folder.

    family: a name that transformers has a bare encoder for: "bert", "roberta", "xlm-roberta", "distilbert".
    """
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.base.modules import Normalize, Transformer
    from sentence_transformers.sentence_transformer.modules import Pooling
    from transformers import AutoConfig, AutoModel
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    fast = _tokenizer()
    torch.manual_seed(0)
    bare = AutoModel.from_config(  # type: ignore[no-untyped-call]
        AutoConfig.for_model(
            family,
            vocab_size=len(fast),
            hidden_size=DIMENSION,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=32,
            max_position_embeddings=64,
            pad_token_id=0,
            hidden_act=activation,
        )
    )
    raw = folder.with_name(folder.name + "-raw")
    bare.save_pretrained(raw)
    fast.save_pretrained(raw)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = SentenceTransformer(
            modules=[Transformer(str(raw)), Pooling(DIMENSION, pooling), *([Normalize()] if normalised else [])],
            prompts={"query": "query: ", "passage": "passage: "},
            device="cpu",
        )
        model.save(str(folder))
    return folder


def build_tiny_reranker(folder: Path, *, labels: int = 1) -> Path:
    """Write a cross-encoder whose last function is the identity, and return its folder."""
    import torch
    from sentence_transformers import CrossEncoder
    from transformers import BertConfig, BertForSequenceClassification
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    fast = _tokenizer()
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(fast),
        hidden_size=DIMENSION,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=64,
        initializer_range=0.5,  # wide, so that scores differ
    )
    config.num_labels = labels
    raw = folder.with_name(folder.name + "-raw")
    BertForSequenceClassification(config).save_pretrained(raw)
    fast.save_pretrained(raw)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        CrossEncoder(str(raw), device="cpu", activation_fn=torch.nn.Identity()).save_pretrained(str(folder))
    return folder


def build_tiny_entailment(folder: Path, *, labels: Sequence[str] = ("contradiction", "entailment", "neutral")) -> Path:
    """Write a classifier of pairs whose config names its labels in this order, and return its folder."""
    build_tiny_reranker(folder, labels=len(labels))
    config = json.loads((folder / "config.json").read_text())
    config["id2label"] = {str(place): label for place, label in enumerate(labels)}
    config["label2id"] = {label: place for place, label in enumerate(labels)}
    (folder / "config.json").write_text(json.dumps(config))
    return folder


def _tokenizer() -> Any:
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.train_from_iterator(
        LINES, trainers.WordPieceTrainer(vocab_size=300, special_tokens=special, show_progress=False)
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer,
        unk_token="[UNK]",
        pad_token="[PAD]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
        model_max_length=SEQUENCE_TOKENS,
    )
