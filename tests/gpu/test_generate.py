"""rag.models.generate on a card: 16 bits, 8 and 4 bits, and many at once."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from rag.models.causal import find_causal, load_causal
from rag.models.generate import LocalGenerator
from rag.ports import Message, Prompt
from rag.types import Evidence
from tests.tiny_chat import build_saying_model, build_tiny_adapter, build_tiny_chat_model

pytestmark = pytest.mark.gpu

QUESTIONS = [f"the {animal} {verb}" for animal in ("cat", "dog", "猫", "question") for verb in ("sat", "waits")]
SAID = ("the mat", "脚注猫鱼三年")


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch = pytest.importorskip("torch")
    if not torch.cuda.is_available():
        pytest.skip("torch finds no CUDA device")
    folder = tmp_path_factory.mktemp("models")
    build_tiny_chat_model(folder / "tiny")
    build_saying_model(folder / "says", *SAID)
    return folder


@pytest.fixture
def find(models: Path) -> Callable[..., LocalGenerator]:
    def finding(name: str, **wanted: Any) -> LocalGenerator:
        return LocalGenerator.find(name, models=models, max_tokens=40, **wanted)

    return finding


def answer(generator: LocalGenerator, question: str = "who") -> str:
    return "".join(generator.generate(Prompt(question, "en", (), (Message("user", question),), Evidence(1.0, ()))))


def needs_bitsandbytes() -> None:
    if importlib.util.find_spec("bitsandbytes") is None:
        pytest.skip("bitsandbytes is not installed: it comes with the gpu extra")


def test_auto_takes_the_card_and_16_bits(models: Path) -> None:
    import torch

    model = load_causal(find_causal("tiny", models=models))
    assert (model.device.type, model.dtype) == ("cuda", torch.bfloat16)


def test_it_says_what_it_says_on_the_processor(find: Callable[..., LocalGenerator]) -> None:
    assert answer(find("says")) == answer(find("says", device="cpu")) == "".join(SAID)


def test_eight_at_once_get_the_answers_that_each_gets_alone(find: Callable[..., LocalGenerator]) -> None:
    generator = find("tiny", dtype="float32")
    alone = [answer(generator, question) for question in QUESTIONS]
    with ThreadPoolExecutor(len(QUESTIONS)) as pool:
        assert list(pool.map(lambda question: answer(generator, question), QUESTIONS)) == alone


def test_drawn_answers_are_the_seeds(find: Callable[..., LocalGenerator]) -> None:
    generator = find("tiny", dtype="float32", temperature=0.9, top_p=0.9, seed=1)
    assert answer(generator) == answer(generator)


@pytest.mark.parametrize("bits", ["8bit", "4bit"])
def test_a_model_in_fewer_bits_answers(find: Callable[..., LocalGenerator], models: Path, bits: Any) -> None:
    needs_bitsandbytes()
    assert answer(find("tiny", quantisation=bits))
    whole, less = (load_causal(find_causal("tiny", models=models, quantisation=wanted)) for wanted in ("none", bits))
    assert less.get_memory_footprint() < whole.get_memory_footprint()


def test_an_adapter_stands_beside_weights_in_fewer_bits(
    find: Callable[..., LocalGenerator], models: Path, tmp_path: Path
) -> None:
    needs_bitsandbytes()
    adapter = build_tiny_adapter(models / "tiny", tmp_path / "manners")
    assert answer(find("tiny", quantisation="4bit", adapter=str(adapter))) != answer(find("tiny", quantisation="4bit"))
