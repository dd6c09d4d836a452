"""Chat models made on the spot: real checkpoints of random weights, or of weights that say what they are told to."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

LINES = ("the cat sat on the mat", "a dog waits at the door", "answer the question", "system user assistant")
SPECIAL = ("<|pad|>", "<|system|>", "<|user|>", "<|assistant|>", "<|end|>")
PAD, END = 0, 4
TEMPLATE = (
    "{% for message in messages %}<|{{ message['role'] }}|>{{ message['content'] }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
WITHOUT_SYSTEM = "{% if messages[0]['role'] == 'system' %}{{ raise_exception('no system role') }}{% endif %}" + TEMPLATE
VOCABULARY = 320
WINDOW = 512


def build_tiny_chat_model(folder: Path, *, template: str | None = TEMPLATE, family: str = "qwen2") -> Path:
    """Write a causal LM of two layers that babbles, and hardly ever ends, and return its folder.

    family: a name that transformers has a causal LM for: "qwen2", "llama", "gpt2", "gemma2", "bloom".
    """
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    torch.manual_seed(0)
    config = AutoConfig.for_model(
        family,
        vocab_size=VOCABULARY,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=WINDOW,
        initializer_range=0.6,  # wide, so that one token stands out
        tie_word_embeddings=False,
        eos_token_id=END,
        bos_token_id=None,
        pad_token_id=PAD,
        **({} if family in ("gpt2", "bloom") else {"num_key_value_heads": 2, "head_dim": 8}),
    )
    model = AutoModelForCausalLM.from_config(config)  # type: ignore[no-untyped-call]
    with torch.no_grad():
        model.lm_head.weight[: len(SPECIAL)] = 0.0  # some other token is always likelier
    return _save(model, _tokenizer(template), folder)


def build_saying_model(folder: Path, *says: str, again: bool = False, template: str | None = TEMPLATE) -> Path:
    """Write a causal LM that says these texts, a token of each one at a time, and then ends, or begins again.

    It knows of the last token alone which one follows, so that no token may come twice.
    """
    import torch
    from transformers import Qwen2Config, Qwen2ForCausalLM

    tokenizer = _tokenizer(template)
    tokens = [token for text in says for token in tokenizer(text)["input_ids"]]
    if len(set(tokens)) < len(tokens):
        raise ValueError(f"a token comes twice in {says}")
    first = tokenizer.convert_tokens_to_ids("<|assistant|>")
    chain = [first, *tokens, tokens[0] if again else END]
    config = Qwen2Config(
        vocab_size=VOCABULARY,
        hidden_size=VOCABULARY,
        num_hidden_layers=1,
        num_attention_heads=4,
        num_key_value_heads=2,
        intermediate_size=8,
        max_position_embeddings=WINDOW,
        tie_word_embeddings=False,
        eos_token_id=END,
        bos_token_id=None,
        pad_token_id=PAD,
    )
    model = Qwen2ForCausalLM(config)
    with torch.no_grad():
        for layer in model.model.layers:
            layer.self_attn.o_proj.weight.zero_()
            layer.mlp.down_proj.weight.zero_()
        model.model.embed_tokens.weight.copy_(torch.eye(VOCABULARY))
        model.lm_head.weight.zero_()
        for token, following in pairwise(chain):
            model.lm_head.weight[following, token] = 1.0
    return _save(model, tokenizer, folder)


def build_tiny_adapter(model: Path, folder: Path, *, targets: Sequence[str] = ("q_proj", "v_proj")) -> Path:
    """Write a LoRA adapter over the model, of random weights, and return its folder."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    torch.manual_seed(1)
    base: Any = AutoModelForCausalLM.from_pretrained(str(model))
    config = LoraConfig(r=2, lora_alpha=16, target_modules=list(targets), init_lora_weights=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        get_peft_model(base, config).save_pretrained(str(folder))
    return folder


def _save(model: Any, tokenizer: Any, folder: Path) -> Path:
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def _tokenizer(template: str | None) -> Any:
    """Bytes, and what is frequent in four lines of English: a character of Chinese is three tokens."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=list(SPECIAL),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(LINES, trainer)
    fast = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer,
        pad_token=SPECIAL[PAD],
        eos_token=SPECIAL[END],
        additional_special_tokens=list(SPECIAL[1:END]),
    )
    fast.chat_template = template
    return fast
