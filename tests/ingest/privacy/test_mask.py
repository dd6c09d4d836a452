from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.bench.privacy_cases import cases
from ingest.offsets import trim_block
from ingest.privacy import Privacy, mask_text, protect
from rag.cite import guard_marks
from rag.types import Block, BlockKind, Box, Document

TEXT = "联系 li.na@example.cn 或 13800138000。\n\n又：＋８６ 138-0013-8000，LI.NA@example.cn，13900139000。"
ROWS = [{"reason": "notice", "text": "广告电话 13700137000"}]


@pytest.fixture
def document() -> Document:
    first, second = TEXT.split("\n\n")
    return Document(
        "",
        "给 13800138000 的信",
        "信_13900139000.txt",
        "text/plain",
        TEXT,
        (
            Block(0, len(first), box=Box(1, 1, 2, 3, 4)),
            Block(0, len(first), BlockKind.LINE, Box(1, 1, 2, 3, 4)),
            Block(len(first) + 2, len(first) + 2 + len(second), place="attachment 13800138000.docx"),
        ),
        "zh",
        {"author": "li.na@example.cn", "dropped": ROWS, "pages": 3, "names": ("a", "13800138000")},
    )


def test_off_leaves_everything(document: Document) -> None:
    assert protect(document, Privacy.OFF) is document


def test_flag_counts_and_keeps_no_value(document: Document) -> None:
    flagged = protect(document, Privacy.FLAG)
    assert flagged.metadata["personal"] == {"mail": 2, "phone": 3}
    assert replace(flagged, metadata=document.metadata) == document


def test_flag_says_nothing_where_there_is_nothing(document: Document) -> None:
    assert "personal" not in protect(replace(document, text="Nothing here."), Privacy.FLAG).metadata


def test_mask_gives_the_same_value_the_same_mark(document: Document) -> None:
    masked = protect(document, Privacy.MASK)
    assert masked.text == "联系 [MAIL-1] 或 [PHONE-1]。\n\n又：[PHONE-1]，[MAIL-1]，[PHONE-2]。"
    assert masked.title == "给 [PHONE-1] 的信"
    assert masked.source == "信_[PHONE-2].txt"
    assert masked.metadata["author"] == "[MAIL-1]"
    assert masked.metadata["names"] == ("a", "[PHONE-1]")
    assert masked.metadata["dropped"] == [{"reason": "notice", "text": "广告电话 [PHONE-3]"}]
    assert masked.metadata["pages"] == 3
    assert masked.metadata["masked"] is True
    assert masked.metadata["personal"] == {"mail": 2, "phone": 3}


def test_blocks_stand_around_the_same_paragraphs(document: Document) -> None:
    masked = protect(document, Privacy.MASK)
    assert [masked.text[block.start : block.end] for block in masked.blocks] == [
        "联系 [MAIL-1] 或 [PHONE-1]。",
        "联系 [MAIL-1] 或 [PHONE-1]。",
        "又：[PHONE-1]，[MAIL-1]，[PHONE-2]。",
    ]
    assert masked.blocks[0].box == Box(1, 1, 2, 3, 4)
    assert masked.blocks[2].place == "attachment [PHONE-1].docx"


def test_a_value_over_two_blocks_is_masked_in_both() -> None:
    text = "手机 138 0013\n8000 转\n\n-----BEGIN PRIVATE KEY-----\nMIIEpAIBAAKC\n-----END PRIVATE KEY-----"
    rows = (Block(0, 11, BlockKind.TABLE_ROW), Block(12, 18, BlockKind.TABLE_ROW))
    code = tuple(Block(text.index(line), text.index(line) + len(line), BlockKind.CODE) for line in text.split("\n")[3:])
    masked = protect(Document("", "", "a.txt", "text/plain", text, (*rows, *code)), Privacy.MASK)
    assert masked.text == "手机 [PHONE-1]\n[PHONE-1] 转\n\n[SECRET-1]\n[SECRET-1]\n[SECRET-1]"
    assert [masked.text[block.start : block.end] for block in masked.blocks] == [
        "手机 [PHONE-1]",
        "[PHONE-1] 转",
        *["[SECRET-1]"] * 3,
    ]


@given(st.lists(st.integers(0, 120), max_size=8), st.integers(0, 500))
def test_structural_blocks_never_overlap(offsets: list[int], seed: int) -> None:
    text = "\n".join(case.text for case in cases(4, seed))
    ends = sorted({min(offset, len(text)) for offset in offsets})
    blocks = tuple(Block(start, end) for start, end in pairwise(ends))
    masked = protect(Document("", "", "a.txt", "text/plain", text, blocks), Privacy.MASK)
    for before, after in pairwise(masked.blocks):
        assert before.start < before.end <= after.start < after.end <= len(masked.text)


def test_a_masked_document_is_masked_already(document: Document) -> None:
    once = protect(document, Privacy.MASK)
    assert protect(once, Privacy.MASK).text == once.text


def test_a_mark_is_not_taken_for_a_footnote() -> None:
    assert guard_marks(mask_text("电话13800138000")) == "电话[PHONE-1]"


def test_names_of_files_are_masked_and_others_left() -> None:
    assert mask_text("简历/张三-13800138000.pdf") == "简历/张三-[PHONE-1].pdf"
    assert mask_text("reports/2024-11-05 v1.2.3.4.pdf") == "reports/2024-11-05 v1.2.3.4.pdf"


@given(st.integers(0, 10_000))
def test_whatever_is_masked_leaves_no_value_and_blocks_that_fit(seed: int) -> None:
    some = cases(8, seed)
    text, blocks = "", []
    for case in some:
        blocks.append(Block(len(text), len(text) + len(case.text)))
        text += case.text + "\n\n"
    masked = protect(Document("", "", "a.txt", "text/plain", text, tuple(blocks)), Privacy.MASK)
    assert len(masked.blocks) == len(some)
    for block, case in zip(masked.blocks, some, strict=True):
        assert trim_block(block, masked.text) == block
        assert masked.text[block.start : block.end].startswith(mask_text(case.text)[:3].rstrip("["))
