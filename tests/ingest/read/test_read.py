"""The front door: what kind of file it is, and what is refused."""

from __future__ import annotations

import io
import unicodedata
import zipfile

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ingest.read import Limits, read, sniff
from rag.errors import Empty, TooLarge, Unreadable, Unsupported
from rag.types import BlockKind, Document


def read_text(text: str, name: str = "a.txt") -> Document:
    return read(text.encode(), name, limits=Limits())


def zipped(*members: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for member in members:
            archive.writestr(member, "x")
    return buffer.getvalue()


def office(member: str) -> bytes:
    return zipped("[Content_Types].xml", member)


@pytest.mark.parametrize(
    ("data", "name", "mime"),
    [
        (b"%PDF-1.7 ...", "letter.txt", "application/pdf"),
        (b"<!DOCTYPE html><p>Hi", "notes.txt", "text/html"),
        (b"<!-- a --><!-- b --><html><p>Hi", "notes", "text/html"),
        (b"<p>one</p><p>two</p><ul><li>three</li></ul>", "page", "text/html"),
        (b"# Title\n\ntext\n", "notes.md", "text/markdown"),
        (b"# Title\n\ntext\n", "notes.txt", "text/plain"),
        (b"# Title\n\n## Part\n\n[link](a.html)\n", "README", "text/markdown"),
        (
            office("word/document.xml"),
            "x.pdf",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        (office("xl/workbook.xml"), "x", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (zipped("a.txt"), "x.txt", "application/zip"),
        (zipped("word/document.xml"), "notes.docx", "application/zip"),
        (zipped("OPS/a.xhtml", "META-INF/container.xml"), "x", "application/epub+zip"),
        (b"\x89PNG\r\n\x1a\n", "x.html", "image/png"),
        (b"{\\rtf1 hello}", "x.txt", "application/rtf"),
        (b"From a@b.c Wed Jul 16 2008\nTo: d@e.f\nSubject: Hi\nDate: x\n\nText\n", "x.txt", "message/rfc822"),
        (b"From: a@b.c\nTo: d@e.f\nSubject: Hi\n\nText\n", "x.txt", "message/rfc822"),
    ],
)
def test_a_file_is_what_its_bytes_say_and_not_its_name(data: bytes, name: str, mime: str) -> None:
    assert sniff(data, name) == mime


def test_text_that_begins_with_stray_markup_is_still_text() -> None:
    text = "<svg><path/></svg> <p>随着技术的发展，它走进了生活。</p>\n" + "第二行说的是别的事情，没有任何标记。\n" * 20
    assert sniff(text.encode(), "page.txt") == "text/plain"


@pytest.mark.parametrize("data", [b"", b"  \n\t\n", b"\0\0\0\0"])
def test_an_empty_file_is_said_to_be_empty(data: bytes) -> None:
    with pytest.raises(Empty):
        read(data, "a.txt", limits=Limits())


def test_a_type_without_a_reader_is_named() -> None:
    with pytest.raises(Unsupported, match="7z"):
        read(b"7z\xbc\xaf\x27\x1c" + b"\1" * 50, "letters.7z", limits=Limits())


def test_a_file_over_the_limit_is_too_large() -> None:
    with pytest.raises(TooLarge):
        read(b"x" * 100, "a.txt", limits=Limits(max_bytes=50))
    with pytest.raises(TooLarge):
        read(b"x" * 100, "a.txt", limits=Limits(max_characters=50))


@given(
    st.binary(max_size=400),
    st.sampled_from("a.txt a.md a.html a.pdf a a.csv a.json a.jsonl a.ipynb a.rst a.py a.xml".split()),
)
@settings(max_examples=150, deadline=None)
def test_whatever_the_bytes_a_reader_answers_or_says_unreadable(data: bytes, name: str) -> None:
    try:
        document = read(data, name, limits=Limits())
    except Unreadable:
        return
    assert document.text.strip()
    assert unicodedata.is_normalized("NFC", document.text)


@given(st.text(max_size=300), st.sampled_from("a.txt a.md a.html a.csv a.json a.jsonl a.rst a.py".split()))
@example("\t0 ", "a.md")
@example("```\n  \n  x = 1 \n\n```", "a.md")
@example("<pre>  x </pre>", "a.html")
@settings(max_examples=200, deadline=None)
def test_blocks_are_in_order_and_lie_inside_the_text(text: str, name: str) -> None:
    try:
        document = read_text(text, name)
    except Unreadable:
        return
    position = 0
    for block in document.blocks:
        assert position <= block.start < block.end <= len(document.text)
        assert document.text[block.start : block.end].strip() == document.text[block.start : block.end]
        position = block.end
    forbidden = [c for c in document.text if unicodedata.category(c) in {"Cs"} or (c < " " and c not in "\n\t")]
    assert forbidden == []


def test_chapters_and_numbers_of_plain_text_are_headings() -> None:
    document = read_text(
        "员工手册\n\n第一章 总则\n本手册适用于全体员工。\n\n1.1 适用范围\n包括实习生。\n\n- 第一条\n- 第二条\n"
    )
    found = [(document.text[b.start : b.end], b.level) for b in document.blocks if b.kind is BlockKind.HEADING]
    assert found == [("员工手册", 1), ("第一章 总则", 1), ("1.1 适用范围", 3)]
    assert [b.kind for b in document.blocks][-2:] == [BlockKind.LIST_ITEM, BlockKind.LIST_ITEM]
    assert document.title == "员工手册"


def test_a_number_with_a_unit_is_no_heading() -> None:
    document = read_text("3.5 GB 内存\n1.8 万亿个参数\n")
    assert all(block.kind is not BlockKind.HEADING for block in document.blocks)


def test_lines_broken_to_a_width_are_joined_and_others_are_not() -> None:
    prose = (
        "The quarterly report shall be sent to the board within ten working\n"
        "days of the end of the quarter, together with a statement by the\n"
        "treasurer that the figures have been compared with those that were\n"
        "published in the preceding quarter, and an explanation of each of\n"
        "the differences.\n"
    )
    verse = "Roses are red,\nviolets are blue.\n"
    document = read_text(prose + "\n" + verse)
    first, *rest = document.text.split("\n")
    assert first.endswith("an explanation of each of the differences.")
    assert rest[1:] == ["Roses are red,", "violets are blue."]


def test_rows_of_data_are_not_joined_however_wide_they_all_are() -> None:
    rows = [
        f"{1000 + number},Müller GmbH Straße {10 + number},79100,Freiburg im Breisgau,paid in full"
        for number in range(30)
    ]
    assert read_text("\n".join(rows), "a.txt").text.split("\n") == rows
    assert read_text("\n".join(rows), "a.csv").text.split("\n") == [row.replace(",", " | ") for row in rows]


def test_lines_of_a_log_are_not_joined() -> None:
    lines = [f"2024-01-01 12:00:{second} INFO the request was served in 4 ms" for second in range(10, 50)]
    assert read_text("\n".join(lines), "server.log").text.split("\n") == lines


def test_a_number_its_full_stop_and_a_space_may_begin_a_heading() -> None:
    document = read_text(
        "1. Introduction\nThis text explains how the thing works, and in some detail.\n\n"
        "2. Installing\n\n2.1 Linux\nUse the packages.\n\n2.2 Shopping list\n1. Eggs\n2. Milk\n",
        "manual.txt",
    )
    found = [(document.text[b.start : b.end], b.level) for b in document.blocks if b.kind is BlockKind.HEADING]
    assert found == [("1. Introduction", 2), ("2. Installing", 2), ("2.1 Linux", 3), ("2.2 Shopping list", 3)]
    assert document.title == "manual"
