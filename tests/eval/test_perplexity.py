"""Perplexity of the answers that are known to be right, beside transformers' own loss."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from eval.figures import FIGURES
from eval.perplexity import Perplexity
from eval.record import Record
from rag.config import AnswerSettings, LlmSettings, Settings
from rag.errors import Misconfigured, ModelNotFound
from tests.tiny_chat import WINDOW, build_saying_model, build_tiny_chat_model

QUESTION = "Where does the dog wait?"
ANSWERS = ("at the door", "狗在门口等")


@pytest.fixture(scope="module")
def babbling(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_tiny_chat_model(tmp_path_factory.mktemp("models") / "babbling")


def settings_of(model: Path | None, generator: str = "transformers") -> Settings:
    llm = LlmSettings(model=str(model) if model else None, device="cpu", max_tokens=16)
    return Settings(data=Path("data"), answer=AnswerSettings(generator=generator), llm=llm)


def perplexity(model: Path) -> Perplexity:
    found = Perplexity.of(settings_of(model))
    assert found is not None
    return found


def own_loss(folder: Path, prompt: str, answer: str) -> tuple[float, int]:
    """The mean loss of the answer's tokens as transformers computes it for training, and how many there are."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model: Any = AutoModelForCausalLM.from_pretrained(str(folder))
    tokenizer: Any = AutoTokenizer.from_pretrained(str(folder))
    before = tokenizer(prompt, add_special_tokens=False)["input_ids"]
    said = tokenizer(answer, add_special_tokens=False)["input_ids"]
    with torch.no_grad():
        tokens, labels = torch.tensor([[*before, *said]]), torch.tensor([[-100] * len(before) + said])
        return float(model(input_ids=tokens, labels=labels).loss), len(said)


def test_the_likelihood_is_transformers_own_loss_of_the_answers_tokens(babbling: Path) -> None:
    scores = perplexity(babbling).score(QUESTION, ANSWERS)
    prompt = f"<|user|>{QUESTION}<|end|><|assistant|>"
    losses = [own_loss(babbling, prompt, answer) for answer in ANSWERS]
    assert scores["reference.tokens"] == sum(count for _, count in losses)
    assert scores["reference.log_likelihood"] == pytest.approx(-sum(loss * count for loss, count in losses), rel=1e-5)
    assert set(scores) == {"reference.log_likelihood", "reference.tokens"}


def test_the_figure_weighs_tokens_and_not_questions(babbling: Path) -> None:
    measure = perplexity(babbling)
    records = [
        Record(f"q{place}", QUESTION, "en", "", True, True, measure.score(QUESTION, [answer]), answered=True)
        for place, answer in enumerate(ANSWERS)
    ]
    both = measure.score(QUESTION, ANSWERS)
    figure = next(one for one in FIGURES if one.name == "reference.perplexity")
    assert figure.value(records) == pytest.approx(
        math.exp(-both["reference.log_likelihood"] / both["reference.tokens"])
    )


def test_what_a_model_would_say_is_less_of_a_surprise_than_what_it_would_not(tmp_path: Path) -> None:
    measure = perplexity(build_saying_model(tmp_path / "saying", "the cat sat"))
    likely, unlikely = (measure.score("?", [answer]) for answer in ("the cat sat", "sat cat the"))
    assert likely["reference.tokens"] == unlikely["reference.tokens"]
    assert likely["reference.log_likelihood"] > unlikely["reference.log_likelihood"]


def test_a_base_model_is_asked_in_plain_words(tmp_path: Path) -> None:
    folder = build_tiny_chat_model(tmp_path / "base", template=None)
    loss, count = own_loss(folder, f"User: {QUESTION}\n\nAssistant:", f" {ANSWERS[0]}")
    scores = perplexity(folder).score(QUESTION, ANSWERS[:1])
    assert scores["reference.log_likelihood"] == pytest.approx(-loss * count, rel=1e-5)


def test_an_answer_that_does_not_fit_is_left_out_and_counted(babbling: Path) -> None:
    measure = perplexity(babbling)
    scores = measure.score(QUESTION, ["at the door", "门" * WINDOW, " "])
    assert scores == measure.score(QUESTION, ["at the door"]) | {"reference.skipped": 2.0}
    assert measure.score(QUESTION, ["门" * WINDOW]) == {"reference.skipped": 1.0}
    assert measure.score(QUESTION, []) == {}


def test_an_answer_that_is_given_twice_counts_once(babbling: Path) -> None:
    measure = perplexity(babbling)
    assert measure.score(QUESTION, ANSWERS * 2) == measure.score(QUESTION, ANSWERS)


def test_it_is_measured_of_models_in_this_process_alone(babbling: Path, tmp_path: Path) -> None:
    assert Perplexity.of(settings_of(babbling, "extractive")) is None
    assert Perplexity.of(settings_of(babbling, "openai")) is None
    with pytest.raises(Misconfigured, match="llm.model is not set"):
        Perplexity.of(settings_of(None))
    with pytest.raises(ModelNotFound):
        Perplexity.of(settings_of(tmp_path / "nowhere"))
