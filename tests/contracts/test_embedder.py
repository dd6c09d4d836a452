"""What every Embedder promises: the fake, the default model, and a model that was built here."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from rag.models.embed import LazyEmbedder
from rag.ports import Embedder, Matrix
from tests.fakes import HashEmbedder
from tests.tiny import build_tiny_model

TEXTS = [
    "The cat sat on the mat.",
    "大型语言模型在门口等猫。",
    "x",
    "A dog waits at the door, and the cat waits too, and so it goes on. " * 20,
    "",
    "The cat sat on the mat.",
    "half a pair: \ud83d, a null: \x00, an emoji: \U0001f600, combining: e\u0301",
]


@pytest.fixture(scope="module", params=["fake", "all-MiniLM-L6-v2", "tiny"])
def embedder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Embedder:
    if request.param == "fake":
        return HashEmbedder()
    folder = tmp_path_factory.mktemp("models")
    if request.param == "tiny":
        build_tiny_model(folder / "tiny")
    return LazyEmbedder.find(request.param, models=folder, device="cpu", batch_size=3)


@pytest.fixture(scope="module")
def together(embedder: Embedder) -> Matrix:
    return embedder.embed_passages(TEXTS)


def test_vectors_are_unit_rows_of_float32(embedder: Embedder, together: Matrix) -> None:
    for matrix in (together, embedder.embed_queries(TEXTS)):
        assert matrix.dtype == np.float32
        assert matrix.shape == (len(TEXTS), embedder.dimension)
        np.testing.assert_allclose(np.linalg.norm(matrix, axis=1), 1.0, atol=1e-5)


def test_rows_come_back_in_the_order_of_the_texts(embedder: Embedder, together: Matrix) -> None:
    for row, text in enumerate(TEXTS):
        np.testing.assert_allclose(together[row], embedder.embed_passages([text])[0], atol=1e-5)


def test_equal_texts_have_equal_vectors(together: Matrix) -> None:
    np.testing.assert_allclose(together[0], together[5], atol=1e-5)


def test_no_texts_make_an_empty_matrix_of_the_right_width(embedder: Embedder) -> None:
    assert embedder.embed_passages([]).shape == (0, embedder.dimension)
    assert embedder.embed_queries([]).shape == (0, embedder.dimension)


def test_token_starts_never_decrease_and_lie_inside_the_text(embedder: Embedder) -> None:
    for text in TEXTS:
        starts = list(embedder.token_starts(text))
        assert all(left <= right for left, right in pairwise(starts))
        assert all(0 <= start < len(text) for start in starts)
    assert list(embedder.token_starts("")) == []


def test_token_starts_count_code_points(embedder: Embedder) -> None:
    text = "\U0001f600 猫 cat"
    assert text.index("cat") in embedder.token_starts(text)
    assert text.index("猫") in embedder.token_starts(text)


def test_it_says_what_it_is(embedder: Embedder) -> None:
    assert embedder.name
    assert embedder.fingerprint
    assert embedder.max_tokens > 0
    assert embedder.languages
    assert all(code == code.lower() for code in embedder.languages)


def test_a_text_of_max_tokens_is_read_to_its_end_and_no_further(
    embedder: Embedder,
) -> None:
    if isinstance(embedder, HashEmbedder):
        pytest.skip("the fake reads everything")
    whole = ["cat"] * embedder.max_tokens
    ends_otherwise = [*whole[:-1], "dog"]
    goes_on = [*whole, "dog"]
    first, second, third = embedder.embed_passages([" ".join(words) for words in (whole, ends_otherwise, goes_on)])
    assert not np.allclose(first, second, atol=1e-4)
    np.testing.assert_allclose(first, third, atol=1e-5)


def test_the_same_folder_is_the_same_embedder(embedder: Embedder) -> None:
    if not isinstance(embedder, LazyEmbedder):
        pytest.skip("the fake has no folder")
    again = LazyEmbedder.find(str(embedder.folder), models=Path("nowhere"))
    assert again.fingerprint == embedder.fingerprint or again.name != embedder.name
