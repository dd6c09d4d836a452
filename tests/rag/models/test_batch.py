"""rag.models.batch: questions of many, embedded together and remembered, with the vectors that each has alone."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from rag.errors import ModelError
from rag.models.batch import REMEMBERED_CHARACTERS, BatchingEmbedder
from rag.models.embed import LazyEmbedder
from rag.ports import Matrix
from tests.fakes import HashEmbedder

QUESTIONS = [f"Which cat number {number} waits{' and waits' * (number % 9)} at the door?" for number in range(60)]
QUESTIONS += ["猫在门口等谁？", "?", "", "Who " * 300]


class Counting(HashEmbedder):
    """Keeps what it was asked; has no vector for "bad"."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[list[str]] = []
        self.gate = threading.Event()
        self.gate.set()

    def embed_queries(self, texts: Sequence[str]) -> Matrix:
        self.asked.append(list(texts))
        assert self.gate.wait(30)
        if "bad" in texts:
            raise ModelError(f"no direction for {list(texts)}")
        return super().embed_queries(texts)


def test_it_is_the_inner_embedder_in_all_else() -> None:
    inner = Counting()
    embedder = BatchingEmbedder(inner)
    for name in ("name", "fingerprint", "dimension", "max_tokens", "languages"):
        assert getattr(embedder, name) == getattr(inner, name)
    assert list(embedder.token_starts("a cat")) == [0, 2]
    np.testing.assert_array_equal(embedder.embed_passages(["a", "a"]), inner.embed_passages(["a", "a"]))
    assert embedder.runtime == ""
    assert inner.asked == []


def test_a_question_asked_again_is_not_embedded_again() -> None:
    inner = Counting()
    embedder = BatchingEmbedder(inner)
    first = embedder.embed_queries(["cat", "dog", "cat"])
    again = embedder.embed_queries(["dog", "bird", "cat"])
    assert inner.asked == [["cat", "dog"], ["bird"]]
    np.testing.assert_array_equal(again, inner.embed_passages(["dog", "bird", "cat"]))
    np.testing.assert_array_equal(first, inner.embed_passages(["cat", "dog", "cat"]))


def test_a_text_is_another_where_one_character_is() -> None:
    inner = Counting()
    embedder = BatchingEmbedder(inner)
    for text in ("cat", "Cat", "cat ", "ｃat"):
        embedder.embed_queries([text])
    assert len(inner.asked) == 4


def test_vectors_cannot_be_written_to() -> None:
    embedder = BatchingEmbedder(Counting())
    for _ in range(2):
        [vector] = embedder.embed_queries(["cat"])
        with pytest.raises(ValueError, match="read-only"):
            vector[0] = 2.0


def test_those_asked_last_are_remembered_and_no_more() -> None:
    inner = Counting()
    embedder = BatchingEmbedder(inner, remembered=2)
    for text in ("one", "two", "one", "three", "one", "two"):
        embedder.embed_queries([text])
    assert inner.asked == [["one"], ["two"], ["three"], ["two"]]


def test_a_text_as_long_as_a_book_is_not_remembered() -> None:
    inner = Counting()
    embedder = BatchingEmbedder(inner)
    for _ in range(2):
        embedder.embed_queries(["x" * (REMEMBERED_CHARACTERS + 1)])
    assert len(inner.asked) == 2


def test_no_questions_make_an_empty_matrix_of_the_right_width() -> None:
    assert BatchingEmbedder(Counting()).embed_queries([]).shape == (0, 64)


def ask_at_once(embedder: BatchingEmbedder, inner: Counting, texts: Sequence[str]) -> list[Matrix]:
    """Let them all come while the inner embedder is at something else. Who gets an error has no rows."""

    def ask(text: str) -> Matrix:
        try:
            return embedder.embed_queries([text])
        except ModelError as error:
            assert str(error) == f"no direction for ['{text}']"  # noqa: PT017
            return embedder.embed_queries([])

    inner.gate.clear()
    with ThreadPoolExecutor(len(texts) + 64) as pool:
        before = [pool.submit(ask, f"before {number}") for number in range(embedder._together._room)]
        while len(inner.asked) < len(before):
            threading.Event().wait(0.001)
        asked = [pool.submit(ask, text) for text in texts]
        while len(embedder._together._waiting) < len(texts):
            threading.Event().wait(0.001)
        inner.gate.set()
        return [one.result(30) for one in asked]


def test_many_who_ask_at_once_are_embedded_together() -> None:
    inner = Counting()
    embedder = BatchingEmbedder(inner, batch_size=32)
    runs = embedder._together._room
    answers = ask_at_once(embedder, inner, QUESTIONS)
    np.testing.assert_array_equal(np.concatenate(answers), inner.embed_passages(QUESTIONS))
    assert len(inner.asked) <= 2 * runs + 2  # each run that ends lets another begin
    assert max(map(len, inner.asked)) <= 32


def test_those_who_ask_the_same_at_once_have_it_embedded_once() -> None:
    inner = Counting()
    embedder = BatchingEmbedder(inner)
    runs = embedder._together._room
    ask_at_once(embedder, inner, ["cat"] * 8 + ["dog"])
    assert sum(map(len, inner.asked[runs:])) <= 2 + runs


def test_a_text_that_has_no_vector_fails_for_who_asked_it_alone() -> None:
    inner = Counting()
    embedder = BatchingEmbedder(inner)
    answers = ask_at_once(embedder, inner, ["cat", "bad", "dog"])
    assert len(answers[1]) == 0
    np.testing.assert_array_equal(np.concatenate(answers), inner.embed_passages(["cat", "dog"]))
    with pytest.raises(ModelError):
        embedder.embed_queries(["bad"])


def test_vectors_of_many_at_once_are_those_of_each_alone_to_the_bit(tmp_path: Path) -> None:
    inner = LazyEmbedder.find("all-MiniLM-L6-v2", models=tmp_path, device="cpu", runtime="openvino")
    alone = np.concatenate([inner.embed_queries([text]) for text in QUESTIONS])
    embedder = BatchingEmbedder(inner)
    with ThreadPoolExecutor(64) as pool:
        together = np.concatenate(list(pool.map(lambda text: embedder.embed_queries([text]), QUESTIONS)))
    np.testing.assert_array_equal(together, alone)
    np.testing.assert_array_equal(embedder.embed_queries(QUESTIONS), alone)
