"""A library is made of real texts: what is drawn from them stays what a library wants, and is drawn alike again."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from eval.bench.scale.copies import CHUNKS, COSINES, copies, make_copy, turned
from eval.bench.scale.originals import Pool, cut
from rag.types import BlockKind
from tests.fakes import HashEmbedder

ENGLISH = ("A library lends books. It is open on Sundays.", "Some rivers flow north; most do not.")
CHINESE = ("图书馆周日开放，可以借书。", "有些河流向北流。")


def pool_of(name: str, language: str, texts: tuple[str, ...]) -> Pool:
    pieces = tuple((cut(text, row=row),) for row, text in enumerate(texts))
    words = tuple(piece.parts[at] for [piece] in pieces for at in piece.words)
    return Pool(name, language, pieces, words, HashEmbedder(32).embed_passages(texts))


@pytest.fixture(scope="module")
def pools() -> list[Pool]:
    return [
        pool_of("english", "en", ENGLISH),
        pool_of("simplified", "zh", CHINESE),
        pool_of("traditional", "zh", CHINESE),
    ]


@pytest.mark.parametrize("text", ENGLISH + CHINESE)
def test_the_parts_of_a_text_make_it_up(text: str) -> None:
    assert "".join(cut(text, row=0).parts) == text


def test_a_library_has_as_many_chunks_as_asked_for(pools: list[Pool]) -> None:
    assert sum(len(copy.chunks) for copy in copies(pools, 333)) == 333


def test_chunks_lie_in_their_text_in_order_and_hold_all_of_it_but_white_space(pools: list[Pool]) -> None:
    for copy in copies(pools, 500):
        text = copy.document.text
        assert all(before.end <= after.start for before, after in pairwise(copy.chunks))
        held = "".join(text[one.start : one.end] for one in copy.chunks)
        assert "".join(held.split()) == "".join(text.split())
        headings = {text[one.start : one.end] for one in copy.document.blocks if one.kind is BlockKind.HEADING}
        assert {heading for one in copy.chunks for heading in one.headings} <= headings


def test_documents_are_of_natural_size(pools: list[Pool]) -> None:
    sizes = [len(copy.chunks) for copy in copies(pools, 2000)][:-1]  # the last is cut short
    assert CHUNKS[0] <= min(sizes)
    assert max(sizes) <= CHUNKS[1]
    assert len(set(sizes)) > 10


def test_a_number_gives_the_same_document_again_and_another_number_another(pools: list[Pool]) -> None:
    one, again, other = (make_copy(pools, number, most=1000) for number in (5, 5, 6))
    assert one.document == again.document
    assert one.facts == again.facts
    assert np.array_equal(one.vectors, again.vectors)
    assert one.data != other.data
    assert one.document.id != other.document.id


def test_a_vector_is_turned_by_as_much_as_is_said() -> None:
    random = np.random.default_rng(0)
    real = random.standard_normal((50, 64)).astype(np.float32)
    real /= np.linalg.norm(real, axis=1, keepdims=True)
    rows = list(range(50)) * 4
    cosines = np.sum(turned(real, rows, random) * real[rows], axis=1)
    assert COSINES[0] - 1e-4 < cosines.min()
    assert cosines.max() < COSINES[1] + 1e-4
