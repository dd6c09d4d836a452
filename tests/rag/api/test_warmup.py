"""rag.api.warmup: models are ready before the first question, and a server says so when they are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from rag.api.app import EXTRACTED_AT_ONCE, create_app
from rag.api.shelf import Shelf
from rag.api.warmup import Warmup
from rag.config import AnswerSettings, LlmSettings, ServerSettings, Settings
from rag.errors import ModelError
from rag.ports import LanguageModel, Message
from tests.fakes import FakeGenerator
from tests.rag.api.conftest import HashBuild


class Loads(FakeGenerator):
    """A language model that counts how often it is made ready, the first times in vain."""

    def __init__(self, *, failures: int = 0) -> None:
        super().__init__()
        self.loads = 0
        self._failures = failures

    def complete(self, messages: Sequence[Message], *, max_tokens: int) -> str:
        return ""

    def load(self) -> None:
        self.loads += 1
        if self.loads <= self._failures:
            raise ModelError("no such weights", hint="bring them")


class WithModel(HashBuild):
    def __init__(self, model: Loads) -> None:
        super().__init__()
        self.model = model

    def build_language_model(self, settings: Settings) -> LanguageModel:
        return self.model


def settled(warmup: Warmup) -> None:
    warmup.start()
    warmup.wait()


def test_the_language_model_is_loaded_before_the_first_question(tmp_path: Path) -> None:
    model = Loads()
    warmup = Warmup(Shelf(Settings(data=tmp_path), WithModel(model)))
    settled(warmup)
    assert (warmup.state, model.loads) == ("warm", 1)


def test_a_language_model_that_cannot_be_loaded_is_told_of_and_tried_again(tmp_path: Path) -> None:
    model = Loads(failures=1)
    warmup = Warmup(Shelf(Settings(data=tmp_path), WithModel(model)))
    settled(warmup)
    with pytest.raises(ModelError, match="no such weights"):
        warmup.check()
    warmup.wait()
    assert (warmup.state, model.loads) == ("warm", 2)


@pytest.mark.parametrize(
    ("answer", "server", "at_once"),
    [
        (AnswerSettings(), ServerSettings(), EXTRACTED_AT_ONCE),
        (AnswerSettings(generator="openai"), ServerSettings(), 7),
        (AnswerSettings(generator="openai"), ServerSettings(concurrent_answers=2), 2),
    ],
)
def test_as_many_answers_run_at_once_as_the_model_takes(
    tmp_path: Path, answer: AnswerSettings, server: ServerSettings, at_once: int
) -> None:
    settings = Settings(data=tmp_path, answer=answer, server=server, llm=LlmSettings(concurrent=7))
    app = create_app(settings, build=HashBuild())
    assert app.state.service.gate.running == at_once
