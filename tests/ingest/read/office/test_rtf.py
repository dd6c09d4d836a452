"""RTF, as several programs write it, to what a person reads in it."""

from __future__ import annotations

import contextlib

from hypothesis import given
from hypothesis import strategies as st

from ingest.read import Limits, read
from rag.errors import Unreadable
from rag.types import Document
from tests.ingest.read.make_office import docx, p

FONTS = (
    rb"{\fonttbl{\f0\fnil\fcharset0 Arial;}{\f1\fnil\fcharset134 SimSun;}{\f2\fnil\fcharset2 Symbol;}"
    rb"{\f3\fnil\fcharset136 MingLiU;}{\f4\fnil\fcharset128 MS Mincho;}}"
)
STYLES = rb"{\stylesheet{\s0 Normal;}{\s1\outlinelevel0 heading 1;}{\s2 \'b1\'ea\'cc\'e2 2;}}"


def rtf(body: bytes, head: bytes = rb"\ansi\ansicpg936\deff0") -> Document:
    return read(rb"{\rtf1" + head + FONTS + STYLES + body + b"}", "a.rtf", limits=Limits())


def hexed(text: str, encoding: str) -> bytes:
    return b"".join(rb"\'%02x" % byte for byte in text.encode(encoding))


def rows(document: Document) -> list[tuple[str, int, str]]:
    return [(block.kind.value, block.level, document.text[block.start : block.end]) for block in document.blocks]


def test_text_is_decoded_by_the_font_it_is_set_in() -> None:
    body = rb"\f1 " + hexed("简体", "gbk") + rb"\f3 " + hexed("繁體", "cp950") + rb"\f4 " + hexed("かな", "cp932")
    assert rtf(body).text == "简体繁體かな"


def test_a_latin_font_with_chinese_bytes_is_read_in_the_files_own_page() -> None:
    assert rtf(rb"\f0 " + hexed("中文", "gbk") + rb" caf\'e9").text == "中文 café"


def test_a_second_byte_that_is_a_letter_or_a_sign_of_rtf_belongs_to_its_character() -> None:
    body = rb"\f1 \'81@\'8a\\\'81\'7d"  # 丂 and 奬 in GBK: 8a 5c
    assert rtf(body).text == b"\x81@\x8a\\\x81}".decode("gbk")


def test_unicode_words_replace_what_old_readers_are_shown() -> None:
    assert rtf(rb"\uc1\u20013?\u25991\'3f x {\uc2\u-10179\'81\'40\u-8704 ab}\u233 e").text == "中文 x 😀é"


def test_symbols_quotes_and_dashes() -> None:
    assert rtf(rb"{\f2 m\'b3}\ldblquote a\rdblquote\emdash b\~c\_d\-e").text == "μ≥“a”—b c-de"


def test_styles_make_headings_and_lists_show_their_markers() -> None:
    body = (
        rb"\pard\s1 Title\par\pard\s2 Sub\par\pard plain\par"
        rb"\pard{\listtext\pard\plain 1.\tab}\ls1\ilvl0 one\par\pard{\listtext\f2 \'b7\tab}\ls2\ilvl1 dot\par"
    )
    assert rows(rtf(body)) == [
        ("heading", 1, "Title"),
        ("heading", 2, "Sub"),
        ("paragraph", 0, "plain"),
        ("list_item", 0, "1. one"),
        ("list_item", 1, "- dot"),
    ]


def test_rows_carry_the_names_of_their_columns_and_nested_tables_stay_in_their_cell() -> None:
    row = rb"\trowd%b\cellx1000\cellx2000\pard\intbl %b\cell %b\cell\row "
    body = row % (rb"\trhdr", b"Tea", b"Price") + row % (b"", b"green", b"12") + rb"\pard after"
    assert [text for *_, text in rows(rtf(body))] == ["Tea: green | Price: 12", "after"]
    nested = (
        rb"\pard\intbl\itap2 x\nestcell y\nestcell{\*\nesttableprops\trowd\cellx500\cellx900\nestrow}"
        rb"{\nonesttables\par}\pard\intbl\itap1 z\cell w\cell\trowd\cellx1000\cellx2000\row"
    )
    assert [text for *_, text in rows(rtf(nested))] == ["x | y; z | w"]


def test_merged_cells_are_told_by_their_edges_and_marks() -> None:
    body = (
        rb"\trowd\cellx3000\pard\intbl Sales\cell\row"
        rb"\trowd\cellx1000\cellx2000\cellx3000 Region\cell City\cell Sold\cell\row"
        rb"\trowd\clvmgf\cellx1000\cellx2000\cellx3000 East\cell Shanghai\cell 5\cell\row"
        rb"\trowd\clvmrg\cellx1000\cellx2000\cellx3000 \cell Hangzhou\cell 3\cell\row"
    )
    assert [text for *_, text in rows(rtf(body))] == [
        "Sales",
        "Region: East | City: Shanghai | Sold: 5",
        "Region: East | City: Hangzhou | Sold: 3",
    ]


def test_hidden_and_deleted_text_fields_codes_and_pictures_are_not_read() -> None:
    body = (
        rb"a{\v hidden}{\deleted gone}{\field{\*\fldinst HYPERLINK x}{\fldrslt link}}{\*\unknown q}"
        rb"{\pict\wmetafile8 0102}{\*\bkmkstart m}b{\pict\bin4 }{{}}c"
    )
    assert rtf(body).text == "alinkbc"


def test_notes_and_comments_stand_behind_their_paragraph() -> None:
    body = rb"text{\footnote\pard\chftn  note}{\*\atnid LL}{\*\atnauthor Li Lei}{\*\annotation\pard check it}.\par next"
    document = rtf(body)
    assert [(block.place, row[2]) for block, row in zip(document.blocks, rows(document), strict=True)] == [
        ("", "text."),
        ("footnote 1", "note"),
        ("comment", "Comment by Li Lei: check it"),
        ("", "next"),
    ]


def test_headers_and_what_the_file_says_of_itself_are_metadata() -> None:
    information = rb"{\info{\title " + hexed("手册", "gbk") + rb"}{\author Mei}{\creatim\yr2024\mo5\dy6}}"
    document = rtf(information + rb"{\header Company\par}body")
    assert (document.title, document.text) == ("手册", "body")
    assert {key: document.metadata[key] for key in ("author", "created", "header")} == {
        "author": "Mei",
        "created": "2024-05-06",
        "header": "Company",
    }


def test_an_object_is_read_as_the_file_it_is() -> None:
    def counted(text: bytes) -> bytes:
        return len(text + b"\0").to_bytes(4, "little") + text + b"\0"

    inner = docx(p("里面"))
    wrapped = b"\x01\x05\0\0\x02\0\0\0" + counted(b"Word.Document.12") + b"\0" * 8 + len(inner).to_bytes(4, "little")
    data = (wrapped + inner).hex().encode()
    document = rtf(rb"{\object\objemb{\*\objclass Word.Document.12}{\*\objdata " + data + rb"}{\result shown}}")
    assert [row[2] for row in rows(document)] == ["shown", "里面"]
    assert document.blocks[1].place == "embedded Word.Document.12"


def test_braces_without_end_hide_nothing() -> None:
    assert read(rb"{\rtf1\ansi {\b one\par {two", "a.rtf", limits=Limits()).text == "one\n\ntwo"
    assert read(rb"{\rtf1\ansi one}} two", "a.rtf", limits=Limits()).text == "one two"


WORDS = rb"{ } \par_ \cell \row \trowd \intbl \itap2 x \u-10179 \'d6 \* \footnote \listtext \nestrow \bin9"
WORDS += rb" \objdata_01 \info \title \annotation \ \stylesheet \fonttbl \f3 \nestcell"


@given(st.lists(st.sampled_from(WORDS.replace(b"_", b" ").split(b" "))))
def test_no_order_of_words_breaks_the_reader(words: list[bytes]) -> None:
    with contextlib.suppress(Unreadable):
        read(rb"{\rtf1 " + b"".join(words), "a.rtf", limits=Limits())
