"""Chunks: exact slices, in budget, in order, and together the whole text."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.chunk import chunk
from ingest.read import Limits, read
from rag.types import Block, BlockKind, Chunk, Document

_TOKEN = re.compile(r"[\u4e00-\u9fff]|[^\W\u4e00-\u9fff]{1,5}|[^\w\s]")


def token_starts(text: str) -> Sequence[int]:
    """A tokenizer like the real ones: Han characters and signs one by one, words in pieces, long ones unknown."""
    starts = []
    for word in re.finditer(r"\S+", text):
        if len(word.group()) > 100 and word.group().isascii():
            starts.append(word.start())
        else:
            starts += [word.start() + match.start() for match in _TOKEN.finditer(word.group())]
    return starts


def plain(text: str) -> Document:
    return Document("id", "", "a.txt", "text/plain", text)


def markdown(text: str) -> Document:
    return read(text.encode(), "a.md", limits=Limits())


def check(document: Document, chunks: Sequence[Chunk], max_tokens: int) -> None:
    covered: set[int] = set()
    for one in chunks:
        assert 0 <= one.start < one.end <= len(document.text)
        piece = document.text[one.start : one.end]
        assert piece == piece.strip()
        assert len(token_starts(piece)) <= max_tokens
        covered.update(range(one.start, one.end))
    missing = [i for i, character in enumerate(document.text) if i not in covered and not character.isspace()]
    assert missing == []
    starts = [one.start for one in chunks]
    assert starts == sorted(set(starts))


FAMILY = "\N{WOMAN}\N{ZERO WIDTH JOINER}\N{WOMAN}\N{ZERO WIDTH JOINER}\N{GIRL}"
WORDS = st.sampled_from(
    [
        *("alpha ", "beta. ", "Is it? ", "\n", "\n\n", "人工智能，", "很好。", "3.5 ", "e.g. "),
        *(FAMILY, "same line. ", "x" * 130, " ", "；"),
    ]
)


@given(st.lists(WORDS, max_size=80).map("".join), st.integers(3, 40), st.integers(0, 3))
def test_chunks_cover_everything_in_order_and_in_budget(text: str, max_tokens: int, overlap: int) -> None:
    document = plain(text)
    check(document, chunk(document, token_starts, max_tokens=max_tokens, overlap_sentences=overlap), max_tokens)


@st.composite
def structured(draw: st.DrawFn) -> Document:
    text, blocks = "", []
    for kind in draw(st.lists(st.sampled_from(list(BlockKind)), max_size=14)):
        body = draw(st.lists(WORDS, min_size=1, max_size=12).map("".join)).strip()
        if not body or kind is BlockKind.LINE:
            text += " stray " + body
            continue
        start = len(text)
        text += body
        blocks.append(Block(start, len(text), kind, level=draw(st.integers(1, 4))))
        text += "\n\n"
    return Document("id", "", "a", "text/plain", text, tuple(blocks))


@given(structured(), st.integers(3, 60))
def test_structure_changes_nothing_about_that(document: Document, max_tokens: int) -> None:
    check(document, chunk(document, token_starts, max_tokens=max_tokens), max_tokens)


ENDLESS = {
    "han": "数据" * 50_000,
    "letters": "a" * 100_000,
    "emoji": FAMILY * 20_000,
    "repetitive": "the same line. " * 7_000,
    "repetitive han": "一样的一句话。" * 15_000,
    "short lines": "x\n" * 30_000,
}


def test_a_long_text_is_cut_as_if_it_were_tokenized_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    document = plain("A line of words, and another sentence. 很好，人工智能。\n" * 400 + "同一行" * 3000)
    wanted = chunk(document, token_starts, max_tokens=60)
    monkeypatch.setattr("ingest.chunk.STRETCH_CHARACTERS", 500)
    longest = []

    def measured(text: str) -> Sequence[int]:
        longest.append(len(text))
        return token_starts(text)

    assert chunk(document, measured, max_tokens=60) == wanted
    assert max(longest) <= 500


@pytest.mark.parametrize("text", ENDLESS.values(), ids=ENDLESS)
def test_a_hundred_thousand_characters_take_seconds(text: str) -> None:
    document = plain(text)
    began = time.process_time()
    chunks = chunk(document, token_starts, max_tokens=240)
    assert time.process_time() - began < 10
    check(document, chunks, 240)


def test_no_chunk_crosses_a_heading_and_each_knows_its_path() -> None:
    body = "This sentence has some words in it. " * 12
    document = markdown(f"# Book\n\n## One\n\n{body}\n\n### Deep\n\n{body}\n\n## Two\n\n{body}\n")
    chunks = chunk(document, token_starts, max_tokens=60)
    for heading in ("Deep", "Two"):
        at = document.text.index(f"\n{heading}\n") + 1
        assert not any(one.start < at < one.end for one in chunks)
    assert chunks[0].headings == ()
    paths = {one.headings for one in chunks}
    assert {("Book", "One"), ("Book", "One", "Deep"), ("Book", "Two")} <= paths


def test_a_list_of_short_items_is_not_scattered() -> None:
    items = "\n".join(f"- item number {n}" for n in range(8))
    document = markdown(f"# Things\n\nThese are they:\n\n{items}\n")
    assert len(chunk(document, token_starts, max_tokens=120)) == 1


def test_small_sections_under_one_parent_share_a_chunk() -> None:
    sections = "\n\n".join(f"## Part {n}\n\nShort." for n in range(6))
    document = markdown(f"# All\n\n{sections}\n")
    assert len(chunk(document, token_starts, max_tokens=120)) == 1


def test_a_heading_is_never_left_alone() -> None:
    body = "Words and more words in here. " * 10
    document = markdown(f"# Only a title\n\n## Part\n\n{body}\n")
    texts = [document.text[one.start : one.end] for one in chunk(document, token_starts, max_tokens=80)]
    assert texts[0].startswith("Only a title\n\nPart\n\nWords")


def test_table_rows_stay_whole() -> None:
    rows = "\n".join(f"| tea {n} | {n} minutes exactly |" for n in range(40))
    document = markdown(f"# T\n\n| Tea | Time |\n|---|---|\n{rows}\n")
    ends = {block.end for block in document.blocks if block.kind is BlockKind.TABLE_ROW}
    assert {one.end for one in chunk(document, token_starts, max_tokens=50)} <= ends


def test_a_tiny_last_piece_goes_to_the_chunk_before() -> None:
    document = plain("one two three four five. " * 5 + "End.")
    texts = [document.text[one.start : one.end] for one in chunk(document, token_starts, max_tokens=40)]
    assert texts[-1] != "End."


def test_overlap_repeats_whole_sentences() -> None:
    document = plain("".join(f"Sentence number {n} stands here. " for n in range(20)))
    chunks = chunk(document, token_starts, max_tokens=40, overlap_sentences=1)
    for before, after in pairwise(chunks):
        assert before.start < after.start < before.end
        assert document.text[after.start :].startswith("Sentence")


def test_a_long_sentence_is_cut_at_its_punctuation() -> None:
    document = plain("，".join(["这是一个很长的句子里的一个分句"] * 20) + "。")
    for one in chunk(document, token_starts, max_tokens=40)[:-1]:
        assert document.text[one.end - 1] == "，"


def test_an_empty_text_has_no_chunks() -> None:
    assert chunk(plain(" \n "), token_starts, max_tokens=10) == []
    with pytest.raises(ValueError, match="max_tokens"):
        chunk(plain("x"), token_starts, max_tokens=0)


def test_code_is_cut_between_lines_and_rather_at_empty_ones() -> None:
    functions = [f"def f{number}(a):\n    # Adds. Doubles.\n    return 2 * a" for number in range(6)]
    text = "\n\n".join(functions)
    document = Document("d", "t", "s", "text/markdown", text, (Block(0, len(text), BlockKind.CODE),))
    chunks = chunk(document, token_starts, max_tokens=50)
    assert [text[c.start : c.end] for c in chunks] == ["\n\n".join(functions[at : at + 2]) for at in (0, 2, 4)]
    tight = chunk(document, token_starts, max_tokens=18)
    assert all("Adds." not in text[c.start : c.end] or "Doubles." in text[c.start : c.end] for c in tight)
