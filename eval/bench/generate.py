"""Measure many askers of one language model in process against one after another, and the wait for a first token.

    python -m eval.bench.generate [--askers 8] [--rounds 5] [--layers 8] [--hidden 512] [--first 32]

There are no weights of a language model here, so that it makes one: a Llama of random weights, by default of 8 layers
of 512 and 8,192 words (34 million weights, 134 MB in 32 bits), saved and loaded as any other. It is large enough that
a step is spent on reading the weights, which is what askers share, and small beside any model that people use. It ends
no answer, so that all are of one length, and says the same alone as in company or the report says so.

`loads` are two: short prompts with long answers, where the steps that are shared are nearly all there is, and long
prompts with short answers, as questions over documents are: prompts are read at the processor's full speed by
whoever comes alone, and sharing saves nothing there. Each is asked three ways: by one asker after another, by all at
once, and of the bare model's own `generate` one after another. `first_token` is how much later than from the bare
`generate` the first piece of an answer comes, of the same prompt: its template, tokens, queue and text. Rounds are
interleaved, since a shared machine changes its pace. One JSON object on stdout.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from rag.models.generate import LocalGenerator
from rag.ports import Message, Prompt
from rag.types import Evidence

WORDS = 8192
SPECIAL = ("<pad>", "<user>", "<answer>")
TEMPLATE = (
    "{% for message in messages %}<user> {{ message['content'] }} {% endfor %}"
    "{% if add_generation_prompt %}<answer>{% endif %}"
)
LOADS = {"short_prompts": (64, 128), "long_prompts": (512, 64)}  # words of a prompt, tokens of its answer
WINDOW = 2048
WARM = 2  # prompts
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Took:
    seconds: float
    cpu_seconds: float  # that the process worked, all its threads together


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--askers", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--layers", type=int, default=8)
    parser.add_argument("--hidden", type=int, default=512)
    parser.add_argument("--first", type=int, default=32, help="prompts whose first token is waited for")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = make_model(Path(name) / "made", options.layers, options.hidden)
        report = measure(folder, options.askers, options.rounds, options.first, LOADS)
    report["model"] = {"layers": options.layers, "hidden": options.hidden, "vocabulary": WORDS} | report["model"]
    json.dump(report, sys.stdout, indent=1)
    sys.stdout.write("\n")


def measure(folder: Path, askers: int, rounds: int, first: int, loads: dict[str, tuple[int, int]]) -> Row:
    import torch

    chance = random.Random(0)
    generators = {
        tokens: LocalGenerator.find(
            str(folder), models=folder, max_tokens=tokens, concurrent=askers, context_tokens=WINDOW
        )
        for _, tokens in loads.values()
    }
    model = _bare(folder)
    report: Row = {
        "processors": len(os.sched_getaffinity(0)),
        "threads": torch.get_num_threads(),
        "model": {"weights": sum(weight.numel() for weight in model.parameters()), "device": str(model.device)},
        "askers": askers,
        "rounds": rounds,
        "loads": {},
    }
    for name, (words, tokens) in loads.items():
        generator = generators[tokens]
        generator.load()
        prompts = [[_prompt(chance, words) for _ in range(askers)] for _ in range(rounds + 1)]
        report["loads"][name] = _compared(generator, model, prompts, tokens)
        generator.close()
    words, tokens = next(iter(loads.values()))
    singles = [_prompt(chance, words) for _ in range(first + WARM)]
    report["first_token"] = _first_token(generators[tokens], model, singles)
    generators[tokens].close()
    return report


def _compared(generator: LocalGenerator, model: Any, rounds: Sequence[Sequence[Prompt]], tokens: int) -> Row:
    """Ask each round's prompts three times; the first round only warms up."""
    askers = len(rounds[0])
    ratios: list[float] = []
    cpu_ratios: list[float] = []
    pace: dict[str, list[float]] = {"one_after_another": [], "all_at_once": [], "bare_one_after_another": []}
    same = 0
    with ThreadPoolExecutor(askers) as pool:
        for number, prompts in enumerate(rounds):
            singly, alone = _timed(lambda asked=prompts: [_answer(generator, prompt) for prompt in asked])  # type: ignore[misc]
            jointly, together = _timed(lambda asked=prompts: list(pool.map(partial(_answer, generator), asked)))  # type: ignore[misc]
            _, bare = _timed(lambda asked=prompts: [_generate(generator, model, prompt, tokens) for prompt in asked])  # type: ignore[misc]
            if not number:
                continue
            ratios.append(alone.seconds / together.seconds)
            cpu_ratios.append(alone.cpu_seconds / together.cpu_seconds)
            same += sum(left == right for left, right in zip(singly, jointly, strict=True))
            for paces, took in zip(pace.values(), (alone, together, bare), strict=True):
                paces.append(askers * tokens / took.seconds)
    return {
        "prompt_tokens": generator.count_tokens(rounds[0][0].messages),
        "answer_tokens": tokens,
        "times_tokens_a_second": round(statistics.median(ratios), 2),
        "each_round": [round(ratio, 2) for ratio in ratios],
        "times_tokens_a_cpu_second": round(statistics.median(cpu_ratios), 2),
        "tokens_a_second": {way: round(statistics.median(paces), 1) for way, paces in pace.items()},
        "identical": f"{same} of {askers * len(ratios)}",
    }


def _first_token(generator: LocalGenerator, model: Any, prompts: Sequence[Prompt]) -> Row:
    """Return milliseconds. Each prompt is asked both ways, and neither has seen it before; the first only warm up."""
    bare: list[float] = []
    ours: list[float] = []
    for number, prompt in enumerate(prompts):
        ways: list[tuple[list[float], Callable[[], Any]]] = [
            (bare, partial(_generate, generator, model, prompt, 1)),
            (ours, partial(_first_piece, generator, prompt)),
        ]
        for times, ask in ways if number % 2 else reversed(ways):
            times.append(_timed(ask)[1].seconds * 1000)
    bare, ours = bare[WARM:], ours[WARM:]
    later = [mine - its for mine, its in zip(ours, bare, strict=True)]
    return {
        "prompts": len(later),
        "bare_ms": round(statistics.median(bare), 2),
        "ours_ms": round(statistics.median(ours), 2),
        "later_ms": round(statistics.median(later), 2),
        "later_ms_worst": round(max(later), 2),
    }


def make_model(folder: Path, layers: int, hidden: int) -> Path:
    """Write a checkpoint of random weights with a tokenizer whose tokens are words."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    torch.manual_seed(0)
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=WORDS,
            hidden_size=hidden,
            num_hidden_layers=layers,
            num_attention_heads=8,
            num_key_value_heads=4,
            intermediate_size=3 * hidden,
            max_position_embeddings=WINDOW,
            initializer_range=0.05,
            tie_word_embeddings=False,
            bos_token_id=None,
            eos_token_id=None,
            pad_token_id=0,
        )
    )
    names = [*SPECIAL, *(f"w{number}" for number in range(len(SPECIAL), WORDS))]
    tokenizer = Tokenizer(models.WordLevel({name: number for number, name in enumerate(names)}, unk_token="<pad>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="<pad>")  # type: ignore[no-untyped-call]
    fast.chat_template = TEMPLATE
    model.save_pretrained(folder)
    fast.save_pretrained(folder)
    return folder


def _bare(folder: Path) -> Any:
    """The model as transformers alone has it."""
    from rag.models.causal import find_causal, load_causal

    return load_causal(find_causal(str(folder), models=folder))


def _generate(generator: LocalGenerator, model: Any, prompt: Prompt, tokens: int) -> Any:
    import torch

    given = torch.tensor([generator.encode(prompt.messages)], device=model.device)
    with torch.no_grad():
        return model.generate(
            given, attention_mask=torch.ones_like(given), max_new_tokens=tokens, do_sample=False, pad_token_id=0
        )


def _answer(generator: LocalGenerator, prompt: Prompt) -> str:
    return "".join(generator.generate(prompt))


def _first_piece(generator: LocalGenerator, prompt: Prompt) -> str:
    with closing(generator.generate(prompt)) as pieces:
        return next(pieces)


def _prompt(chance: random.Random, words: int) -> Prompt:
    """Return a prompt that begins as no other does: nothing of it is known beforehand."""
    text = " ".join(f"w{chance.randrange(len(SPECIAL), WORDS)}" for _ in range(words))
    return Prompt(text, "en", (), (Message("user", text),), Evidence(1.0, ()))


def _timed(work: Callable[[], Any]) -> tuple[Any, Took]:
    cpu, start = time.process_time(), time.perf_counter()
    result = work()
    return result, Took(time.perf_counter() - start, time.process_time() - cpu)


if __name__ == "__main__":
    main(sys.argv[1:])
