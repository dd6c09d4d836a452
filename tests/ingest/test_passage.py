from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ingest.passage import embed_once, passage_text
from rag.ports import Matrix
from rag.types import Chunk
from tests.fakes import HashEmbedder

starts = HashEmbedder().token_starts


def text_of(title: str, headings: tuple[str, ...], text: str, max_tokens: int) -> str:
    return passage_text(title, Chunk(0, "d", 0, len(text), headings), text, token_starts=starts, max_tokens=max_tokens)


def test_title_and_headings_stand_before_the_text() -> None:
    assert text_of("Handbook", ("Backups", "Restoring"), "Stop it first.", 64) == (
        "Handbook > Backups > Restoring\nStop it first."
    )


def test_a_heading_that_repeats_the_title_is_said_once() -> None:
    assert text_of("Backups", ("Backups",), "Daily.", 64) == "Backups\nDaily."


def test_without_title_and_headings_the_text_stands_alone() -> None:
    assert text_of("", (), "Daily.", 64) == "Daily."


def test_where_room_is_short_the_nearest_heading_is_kept() -> None:
    assert text_of("Handbook", ("Backups", "Restoring"), "a b c", 4) == "Restoring\na b c"
    assert text_of("Handbook", ("Backups", "Restoring"), "a b c d", 4) == "a b c d"


@given(
    st.text(),
    st.lists(st.text(), max_size=3).map(tuple),
    st.text(min_size=1),
    st.integers(min_value=1, max_value=40),
)
def test_the_context_never_pushes_the_text_out(
    title: str, headings: tuple[str, ...], text: str, max_tokens: int
) -> None:
    passage = text_of(title, headings, text, max_tokens)
    assert passage.endswith(text)
    assert len(starts(passage)) <= max(max_tokens, len(starts(text)))


@given(st.lists(st.sampled_from(["a licence", "a notice", "a letter", "a list"])))
def test_equal_texts_are_embedded_once_and_all_have_their_vector(texts: list[str]) -> None:
    embedder = HashEmbedder()
    asked: list[str] = []

    def embed(some: Sequence[str]) -> Matrix:
        asked.extend(some)
        return embedder.embed_passages(some)

    np.testing.assert_array_equal(embed_once(texts, embed), embedder.embed_passages(texts))
    assert asked == list(dict.fromkeys(texts))
