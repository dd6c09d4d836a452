from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.types import Span

pytest.importorskip("llama_index.core", reason="the llama extra is not installed")

from rag.llama.layout import Piece, laid_out


def test_offsets_that_can_be_are_kept() -> None:
    text = "One two three four.  Five six."
    spans = [Span(0, 13), Span(8, 19), Span(21, 30)]
    assert laid_out([Piece(span.of(text), span) for span in spans]) == ("One two three four.\n\nFive six.", spans)


@pytest.mark.parametrize(
    "claims",
    [
        [Span(0, 4), Span(2, 6)],  # they disagree about what stands there
        [Span(0, 4), Span(0, 4)],  # one of two that look alike was found in the other's place
        [Span(0, 5), Span(5, 9)],  # a length that is not its text's
        [Span(0, 4), None],
        [Span(0, 4), Span(10**9, 10**9 + 4)],
    ],
)
def test_where_offsets_cannot_be_the_nodes_stand_one_after_another(claims: Sequence[Span | None]) -> None:
    pieces = [Piece(text, claim) for text, claim in zip(("abcd", "abXd"), claims, strict=True)]
    assert laid_out(pieces) == ("abcd\n\nabXd", [Span(0, 4), Span(6, 10)])


@given(st.text(min_size=1, max_size=60), st.data())
def test_every_node_is_the_slice_at_its_place(text: str, data: st.DataObject) -> None:
    starts = st.integers(0, len(text) - 1)
    pieces = []
    for start in data.draw(st.lists(starts, min_size=1, max_size=8)):
        end = data.draw(st.integers(start + 1, len(text)))
        shift = data.draw(st.sampled_from([0, 0, 0, 1]))  # as by a splitter that found it in another place
        pieces.append(Piece(text[start:end], Span(start + shift, end + shift)))
    whole, spans = laid_out(pieces)
    assert [span.of(whole) for span in spans] == [piece.text for piece in pieces]
    assert len(set(spans)) == len(spans)
