from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.paragraphs import Paragraphs
from rag.types import Block, BlockKind, Span

H, P, L, T, C = BlockKind.HEADING, BlockKind.PARAGRAPH, BlockKind.LIST_ITEM, BlockKind.TABLE_ROW, BlockKind.CAPTION
EVERYWHERE = 10_000


def page(*parts: tuple[BlockKind, str]) -> tuple[str, list[Block]]:
    text, blocks = "", []
    for kind, words in parts:
        blocks.append(Block(len(text), len(text) + len(words), kind))
        text += words + "\n\n"
    return text.rstrip(), blocks


def whole(parts: tuple[str, list[Block]], words: str, room: int = EVERYWHERE) -> str:
    text, blocks = parts
    start = text.index(words)
    end = start + len(words)
    within = Span(max(0, start - room), min(len(text), end + room))
    return Paragraphs(blocks).whole(text, Span(start, end), within).of(text)


LETTER = page(
    (H, "Otters"),
    (H, "Their food"),
    (P, "They are mammals. They eat much. Of these they eat most:"),
    (L, "crabs"),
    (L, "clams, and small fish"),
    (L, "urchins"),
    (P, "They sleep afloat. So do their young."),
    (C, "Table 1. Weights"),
    (T, "Who: male | kg: 40"),
    (T, "Who: female | kg: 30"),
    (P, "This is the end."),
)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("sleep", "They sleep afloat. So do their young."),
        ("female", "Table 1. Weights\n\nWho: male | kg: 40\n\nWho: female | kg: 30"),
        ("afloat. So do their young.\n\nTable 1.", "They sleep afloat. So do their young.\n\nTable 1. Weights"),
        ("end", "This is the end."),
    ],
)
def test_a_span_is_widened_to_what_it_would_tear(words: str, expected: str) -> None:
    assert whole(LETTER, words) == expected


@pytest.mark.parametrize("words", ["They eat much", "urchins", "small", "clams", "Of these they eat most:"])
def test_a_list_comes_whole_with_what_leads_to_it_and_the_headings_above(words: str) -> None:
    assert whole(LETTER, words) == LETTER[0][: LETTER[0].index("urchins") + len("urchins")]


def test_where_there_is_no_room_a_list_stays_as_it_is_but_no_item_is_torn() -> None:
    assert whole(LETTER, "small", room=13) == "clams, and small fish"
    assert whole(LETTER, "small", room=2) == "small"


def test_of_a_long_lead_the_last_sentence_is_enough() -> None:
    assert whole(LETTER, "crabs", room=45).startswith("Of these they eat most:\n\ncrabs")


def test_what_cannot_be_whole_at_one_end_may_be_at_the_other() -> None:
    text = page((P, "One two three. " * 20 + "Four."), (P, "Five."))
    assert whole(text, "two three. Four", room=20) == "two three. Four."


def test_a_text_without_blocks_leaves_the_span() -> None:
    assert Paragraphs(()).whole("Otters sleep.", Span(2, 5), Span(0, 13)) == Span(2, 5)


@given(st.data())
def test_the_span_is_kept_and_the_limits_too(data: st.DataObject) -> None:
    words = st.text("ab .\n:", min_size=1, max_size=30).filter(str.strip)
    text, blocks = page(*data.draw(st.lists(st.tuples(st.sampled_from(list(BlockKind)), words), max_size=12)))
    blocks = [block for block in blocks if block.end <= len(text)]
    points = sorted(data.draw(st.lists(st.integers(0, len(text)), min_size=4, max_size=4)))
    span, within = Span(points[1], points[2]), Span(points[0], points[3])
    found = Paragraphs(blocks).whole(text, span, within)
    assert within.start <= found.start <= span.start
    assert span.end <= found.end <= within.end
    again = Paragraphs(blocks).whole(text, found, within)
    assert again.start <= found.start
    assert found.end <= again.end


@given(st.lists(st.tuples(st.sampled_from([H, P, L, T]), st.text("ab ", min_size=1).filter(str.strip)), min_size=1))
def test_with_room_no_block_is_torn(parts: list[tuple[BlockKind, str]]) -> None:
    text, blocks = page(*parts)
    blocks = [Block(block.start, min(block.end, len(text)), block.kind) for block in blocks]
    for at in range(0, len(text), 3):
        found = Paragraphs(blocks).whole(text, Span(at, at + 1), Span(0, len(text)))
        for block in blocks:
            assert not block.start < found.start < block.end
            assert not block.start < found.end < block.end
