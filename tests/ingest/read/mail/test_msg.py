"""An Outlook message to what Outlook shows of it."""

from __future__ import annotations

import struct
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.read import Limits, sniff
from ingest.read.mail.msg import read_msg
from ingest.read.mail.outlook_rtf import unpacked_rtf, unwrapped
from rag.errors import Encrypted, Malformed, Unreadable
from rag.types import BlockKind, Document
from tests.ingest.read.make_msg import Properties, Tree, message, ole_file

SAMPLES = Path(__file__).parents[5] / "shared" / "awkward" / "office_web" / "msg"
CHINESE = "各位同事，请于周五之前提交年度报告，谢谢大家的配合。"
TRADITIONAL = "各位同事，請於週五之前提交年度報告，謝謝大家的配合。"
SENT = datetime(2024, 5, 1, 1, 30, tzinfo=UTC)
MAIL: Properties = {
    0x001A: "IPM.Note",
    0x0037: "Budget 2025",
    0x0C1A: "Ann Lee",
    0x5D01: "ann@a.example",
    0x0039: SENT,
    0x1000: "Hello Bob.\r\n\r\nSee below.\r\n",
}


def recipient(name: str, address: str, kind: int) -> Tree:
    return message({0x3001: name, 0x39FE: address, 0x0C15: kind}, header=8)


def attachment(name: str, data: bytes, **more: Any) -> Tree:
    fields: Properties = {0x3707: name, 0x3705: 1, 0x3701: data}
    return message(fields | {int(key[1:], 16): value for key, value in more.items()}, header=8)


def opened(properties: Properties, more: Tree | None = None, encoding: str = "") -> Document:
    data = ole_file(message(properties, more=more, encoding=encoding))
    assert sniff(data, "mail.msg") == "application/vnd.ms-outlook"
    return read_msg(data, "mail.msg", Limits(ocr=False))


def placed(document: Document, place: str) -> list[str]:
    return [document.text[b.start : b.end] for b in document.blocks if b.place == place]


def rows(document: Document) -> list[dict[str, Any]]:
    return list(document.metadata["attachments"])


def compressed(rtf: bytes) -> bytes:
    return struct.pack("<IIII", len(rtf) + 12, len(rtf), 0x414C454D, 0) + rtf


def test_the_header_stands_first() -> None:
    document = opened(
        MAIL,
        {
            "__recip_version1.0_#00000000": recipient("Bob", "bob@b.example", 1),
            "__recip_version1.0_#00000001": recipient("carl@c.example", "carl@c.example", 2),
            "__recip_version1.0_#00000002": recipient("Dora", "/o=First/cn=dora", 1),
        },
    )
    assert placed(document, "header") == [
        "Budget 2025",
        "From: Ann Lee <ann@a.example>\nTo: Bob <bob@b.example>, Dora\nCc: carl@c.example\nDate: 2024-05-01 01:30 UTC",
    ]
    assert placed(document, "") == ["Hello Bob.", "See below."]
    assert document.title == "Budget 2025"
    assert document.metadata["created"] == "2024-05-01T01:30:00+00:00"
    assert document.metadata["author"] == "Ann Lee <ann@a.example>"


def test_without_recipients_the_names_shown_are_used() -> None:
    assert "To: Bob; Carl" in opened(MAIL | {0x0E04: "Bob; Carl"}).text


def test_the_date_is_the_senders_where_the_mail_came_over_the_net() -> None:
    document = opened(MAIL | {0x007D: "Received: x\r\nDate: Wed, 1 May 2024 09:30:00 +0800\r\n"})
    assert "Date: Wed, 1 May 2024 09:30:00 +0800" in document.text


@pytest.mark.parametrize(
    ("codepage", "encoding", "text"),
    [
        (936, "gbk", CHINESE),
        (950, "big5", TRADITIONAL),
        (1252, "cp1252", "Grüße aus Köln"),
        (1252, "gbk", CHINESE),  # a program that did not know
        (65001, "utf-8", CHINESE),
        (0, "gbk", CHINESE),
    ],
)
def test_strings_that_are_not_unicode_are_read(codepage: int, encoding: str, text: str) -> None:
    document = opened({0x001A: "IPM.Note", 0x0037: "x", 0x1000: text, 0x3FFD: codepage}, encoding=encoding)
    assert placed(document, "") == [text]


@pytest.mark.parametrize(("codepage", "encoding"), [(65001, "utf-8"), (936, "gbk"), (54936, "gb18030")])
def test_a_page_is_read_in_the_bodys_charset(codepage: int, encoding: str) -> None:
    page = f"<html><body><p>{CHINESE}</p></body></html>".encode(encoding)
    document = opened({0x001A: "IPM.Note", 0x0037: "x", 0x1013: page, 0x3FDE: codepage})
    assert placed(document, "") == [CHINESE]


def test_of_text_and_page_the_text_is_read_once() -> None:
    assert opened(MAIL | {0x1013: b"<p>Hello Bob.</p><p>See below.</p>"}).text.count("Hello Bob.") == 1


def test_a_page_wrapped_in_rtf_is_unwrapped() -> None:
    rtf = (
        rb"{\rtf1\ansi\ansicpg936\fromhtml1 \deff0{\fonttbl{\f0\fcharset134 SimSun;}}"
        rb"{\*\htmltag19 <html>}{\*\htmltag34 <body>}{\*\htmltag64 <p>}\htmlrtf {\b \htmlrtf0 "
        rb"\'b1\'a8\'b8\'e6 \u24180? &{\*\htmltag84 &lt;}\htmlrtf }\htmlrtf0 {\*\htmltag72 </p>}{\*\htmltag64 <p>}"
        rb"two\line lines{\*\htmltag72 </p>}{\*\htmltag27 </body>}}"
    )
    document = opened({0x001A: "IPM.Note", 0x0037: "x", 0x1009: compressed(rtf)})
    assert placed(document, "") == ["报告 年 &<", "two lines"]


def test_text_wrapped_in_rtf_is_unwrapped() -> None:
    text = rb"Caf\'e9 \u26085\'3f.\par\par Second\tab line \{x\}\par"
    rtf = rb"{\rtf1\ansi\ansicpg1252\fromtext{\fonttbl{\f0 Arial;}}" + text + b"}"
    document = opened({0x001A: "IPM.Note", 0x0037: "x", 0x1009: compressed(rtf)})
    assert placed(document, "") == ["Café 日.", "Second\tline {x}"]


def test_the_compression_is_undone() -> None:
    """The two examples of MS-OXRTFCP, section 3."""
    plain = bytes.fromhex(
        "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c09002062770 5b06c647d0a800fa0".replace(
            " ", ""
        )
    )
    assert unpacked_rtf(plain, "x", 1000) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
    repeated = bytes.fromhex("1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0")
    assert unpacked_rtf(repeated, "x", 1000) == b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}"


def test_attachments_are_read_and_those_that_are_not_are_named() -> None:
    document = opened(
        MAIL,
        {
            "__attach_version1.0_#00000000": attachment("notes.txt", b"words of the notes"),
            "__attach_version1.0_#00000001": attachment("data.bin", bytes(range(256)) * 4),
            "__attach_version1.0_#00000002": attachment("far.docx", b"", x3705=2),
            "__attach_version1.0_#00000003": attachment("message.rpmsg", b"x"),
            "__attach_version1.0_#00000004": attachment("logo.png", b"\x89PNG\r\n", x3714=4),
        },
    )
    assert placed(document, "attachment notes.txt") == ["Attachment: notes.txt", "words of the notes"]
    assert [(row["name"], row["outcome"], row["error"]) for row in rows(document)] == [
        ("notes.txt", "read", ""),
        ("data.bin", "skipped", "Unsupported"),
        ("far.docx", "skipped", "Unsupported"),
        ("message.rpmsg", "failed", "Encrypted"),
        ("logo.png", "skipped", "Inline"),
    ]


def test_a_message_within_is_read_with_what_is_attached_to_it() -> None:
    deepest: Tree = {"__attach_version1.0_#00000000": attachment("deep.txt", b"deepest words")}
    enclosed = message({0x001A: "IPM.Note", 0x0037: "Inner", 0x1000: "Inner words."}, more=deepest, header=24)
    outer = message({0x3001: "Inner", 0x3705: 5}, more={"__substg1.0_3701000D": enclosed}, header=8)
    document = opened(MAIL, {"__attach_version1.0_#00000000": outer})
    assert placed(document, "attachment Inner") == ["Attachment: Inner", "Inner words."]
    assert placed(document, "attachment Inner, header") == ["Subject: Inner"]
    assert placed(document, "attachment Inner, attachment deep.txt")[-1] == "deepest words"


def test_a_mail_signed_in_the_clear_is_read() -> None:
    mime = b"Content-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\nSigned words.\r\n--b--\r\n"
    signed = attachment("smime.p7m", mime, x370E="multipart/signed")
    document = opened(
        {0x001A: "IPM.Note.SMIME.MultipartSigned", 0x0037: "x"}, {"__attach_version1.0_#00000000": signed}
    )
    assert "Signed words." in document.text


def test_an_encrypted_mail_says_so() -> None:
    sealed: Tree = {"__attach_version1.0_#00000000": attachment("smime.p7m", b"\x30\x82\x01")}
    with pytest.raises(Encrypted):
        opened({0x001A: "IPM.Note.SMIME", 0x0037: "x"}, sealed)


def test_a_contact_gives_its_fields() -> None:
    names = struct.pack("<IHH", 0x8083, 0, 3) + struct.pack("<IHH", 0x801B, 0, 4)
    document = opened(
        {
            0x001A: "IPM.Contact",
            0x0037: "Bob Fox",
            0x3001: "Bob Fox",
            0x3A16: "Fence Co",
            0x3A08: "123 456",
            0x3A42: datetime(1980, 2, 3, tzinfo=UTC),
            0x8003: "bob@b.example",
            0x8004: "1 Dog Lane\r\nTown",
        },
        {"__nameid_version1.0": {"__substg1.0_00030102": names}},
    )
    assert placed(document, "header")[1] == (
        "Name: Bob Fox\nCompany: Fence Co\nEmail: bob@b.example\nBusiness phone: 123 456\n"
        "Business address: 1 Dog Lane Town\nBirthday: 1980-02-03"
    )


def test_an_appointment_says_when_and_where() -> None:
    names = struct.pack("<IHHIHHIHH", 0x820D, 0, 0, 0x820E, 0, 1, 0x8208, 0, 2)
    document = opened(
        {0x001A: "IPM.Appointment", 0x0037: "Review", 0x8000: SENT, 0x8001: SENT.replace(hour=3), 0x8002: "Room 5"},
        {"__nameid_version1.0": {"__substg1.0_00030102": names}},
    )
    assert "Start: 2024-05-01 01:30 UTC\nEnd: 2024-05-01 03:30 UTC\nWhere: Room 5" in document.text


@pytest.mark.parametrize("data", [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, b"/etc/passwd", b"", ole_file({})])
def test_what_is_no_message_is_malformed(data: bytes) -> None:
    with pytest.raises(Malformed):
        read_msg(data, "x.msg", Limits())


WHOLE = ole_file(
    message(
        MAIL | {0x1013: b"<p>Page</p>" * 500, 0x1009: compressed(b"{\\rtf1\\fromtext x}")},
        more={
            "__recip_version1.0_#00000000": recipient("Bob", "bob@b.example", 1),
            "__attach_version1.0_#00000000": attachment("notes.txt", b"words of the notes"),
            "__attach_version1.0_#00000001": message(
                {0x3001: "Inner", 0x3705: 5},
                more={"__substg1.0_3701000D": message({0x0037: "Inner", 0x1000: "Words."}, header=24)},
                header=8,
            ),
        },
    )
)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_no_damage_ends_in_a_traceback(data: st.DataObject) -> None:
    hurt = bytearray(WHOLE)
    for _ in range(data.draw(st.integers(0, 8))):
        hurt[data.draw(st.integers(0, len(hurt) - 1))] = data.draw(st.integers(0, 255))
    hurt = hurt[: data.draw(st.sampled_from([len(hurt), len(hurt) // 2, data.draw(st.integers(0, len(hurt)))]))]
    try:
        document = read_msg(bytes(hurt), "x.msg", Limits(ocr=False))
    except Unreadable:
        return
    assert not any(row["error"] == "Internal" for row in document.metadata.get("attachments", ()))


@settings(max_examples=100, deadline=None)
@given(
    st.binary(max_size=200), st.lists(st.sampled_from([b"{", b"}", b"\\'", b"\\u-5", b"\\*", b"\\htmltag", b"\\f9"]))
)
def test_any_bytes_of_rtf_are_unwrapped(data: bytes, pieces: list[bytes]) -> None:
    unwrapped(b"{\\rtf1\\fromhtml1 " + data.join(pieces))
    try:
        unpacked_rtf(struct.pack("<IIII", 0, 5000, 0x75465A4C, 0) + data, "x", 10_000)
    except Unreadable:
        return


def test_the_found_messages_are_read() -> None:
    if not SAMPLES.is_dir():
        pytest.skip("../shared/awkward is not here")
    for path in sorted(SAMPLES.glob("*.msg")):
        document = read_msg(path.read_bytes(), path.name, Limits(ocr=False))
        assert placed(document, "header"), path.name
        assert any(block.kind is BlockKind.PARAGRAPH and not block.place for block in document.blocks), path.name
