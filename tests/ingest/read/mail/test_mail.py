"""A mail to what a mail program shows of it."""

from __future__ import annotations

import base64
import quopri
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.read import Limits, sniff
from ingest.read.mail.mime import read_mail
from rag.errors import Encrypted, Malformed, TooLarge, Unreadable
from rag.types import BlockKind
from tests.ingest.read.make_mail import (
    CHINESE,
    TRADITIONAL,
    body_of,
    mail,
    opened,
    packed,
    part,
    parts,
    placed,
    rows,
    texts,
)

SAMPLES = Path(__file__).parents[5] / "shared" / "awkward" / "office_web" / "eml"


def test_the_header_stands_first_and_the_subject_is_the_title() -> None:
    document = opened(mail("Hello Bob.", subject="Budget 2025"))
    assert document.title == "Budget 2025"
    assert placed(document, "header") == [
        "Budget 2025",
        "From: Ann Lee <ann@a.example>\nTo: bob@b.example\nDate: Wed, 01 May 2024 09:30:00 +0800",
    ]
    assert texts(document, BlockKind.HEADING) == ["Budget 2025"]
    assert document.metadata["author"] == "Ann Lee <ann@a.example>"
    assert document.metadata["created"] == "2024-05-01T09:30:00+08:00"
    assert body_of(document) == "Hello Bob."


@pytest.mark.parametrize(
    ("charset", "encoding", "text"),
    [
        ("gb2312", "gbk", CHINESE + "朱镕基"),  # the last name needs GBK
        ("GBK", "gb18030", CHINESE),
        ("big5", "big5", TRADITIONAL),
        ("utf-8", "gbk", CHINESE),
        ("us-ascii", "utf-8", CHINESE),
        ("iso-8859-1", "gbk", CHINESE),
        ("iso-8859-1", "latin-1", "Grüße aus Köln an alle Kollegen"),
        ("unknown-8bit", "gbk", CHINESE),
        ("x-no-such-set", "utf-8", CHINESE),
        ("utf-7", "utf-7", CHINESE),
        ("hz-gb-2312", "hz", CHINESE),
        ("iso-2022-jp", "iso2022_jp", "会議の資料を送ります。"),
        ("utf_8", "utf-8", CHINESE),
    ],
)
def test_the_body_is_read_whatever_charset_it_claims(charset: str, encoding: str, text: str) -> None:
    body = base64.encodebytes(text.encode(encoding))
    document = opened(mail(body, f"text/plain; charset={charset}", "Content-Transfer-Encoding: base64"))
    assert body_of(document) == text


def test_iso_2022_cn_is_read() -> None:
    seven = bytes(byte & 0x7F for byte in "报告".encode("gb2312"))
    body = b"\x1b$)A" + b"Re: \x0e" + seven + b"\x0f ok"
    assert body_of(opened(mail(body, "text/plain; charset=iso-2022-cn"))) == "Re: 报告 ok"


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("=?gb2312?B?" + base64.b64encode("关于朱镕基".encode("gbk")).decode() + "?=", "关于朱镕基"),
        ("=?utf-8?q?caf=C3=A9_au?= =?utf-8?q?_lait?=", "café au lait"),
        ("=?utf-8?B?5oo=?=\r\n =?utf-8?B?peWRig==?=", "报告"),  # a character cut in two by the fold
        ("Re: =?big5?B?" + base64.b64encode("報告".encode("big5")).decode() + "?= (2)", "Re: 報告 (2)"),
        ("=?x-unknown?B?!!!?= plain", "plain"),
        ("二季度报告", "二季度报告"),
        ("long\r\n\tfolded  line", "long folded line"),
    ],
)
def test_a_subject_is_decoded_as_people_see_it(raw: str, shown: str) -> None:
    assert opened(mail("x", subject=raw)).title == shown


def test_a_raw_subject_in_gbk_is_read() -> None:
    data = mail("body", subject="SUBJECT").replace(b"SUBJECT", "关于召开年度工作会议的通知".encode("gbk"))
    assert opened(data).title == "关于召开年度工作会议的通知"


@pytest.mark.parametrize(
    "head",
    [
        "X-Store: 1\nAuthentication-Results: x\nReceived: a\nDate: x\nFrom: a@b.example\n",
        "DKIM-Signature: v=1;\n\tb=x\nARC-Seal: i=1\nTo: b@b.example\n",
        "From: a@b.example\nSubject: x\nTo: b@b.example\n",
    ],
)
def test_a_mail_is_told_by_its_header(head: str) -> None:
    assert sniff(f"{head}\nBody.".encode(), "mail") == "message/rfc822"


def test_a_mail_whose_parts_are_in_several_encodings_is_a_mail() -> None:
    data = parts(
        part("text/plain; charset=gbk", (CHINESE * 20).encode("gbk")),
        part("text/plain; charset=latin-1", ("Grüße aus Köln. " * 40).encode("latin-1")),
        part("text/plain; charset=utf-8", CHINESE * 20),
    )
    assert sniff(data, "mail") == "message/rfc822"
    document = opened(data)
    assert document.text.count("年度报告") == 40
    assert document.text.count("Grüße aus Köln.") == 40


@pytest.mark.parametrize(
    "text",
    ["From here on: the way is long.\nTo: nobody.\n\nText.", "Title: x\nAuthor: y\nDate: z\n\nText.", "date: 1\n\nx"],
)
def test_a_text_with_a_colon_is_no_mail(text: str) -> None:
    assert sniff(text.encode(), "a.txt") == "text/plain"


def test_of_two_forms_the_plain_one_is_read_once() -> None:
    document = opened(
        parts(
            part("text/plain", "Dear all, the meeting is at ten."),
            part("text/html", "<p>Dear all, the <b>meeting</b> is at ten.</p>"),
            kind="alternative",
        )
    )
    assert body_of(document) == "Dear all, the meeting is at ten."


@pytest.mark.parametrize(
    "stub",
    [
        "",
        " \r\n",
        "Your mail program cannot show HTML.",
        "<html><body><p>"
        + "The report is due on Friday, and the figures of March are in it. " * 3
        + "</p></body></html>",
        "\n".join(f"https://track.example/{'x' * 80}{n}" for n in range(9)),
    ],
)
def test_a_stub_gives_way_to_the_page(stub: str) -> None:
    page = "<h2>Report</h2><p>" + "The report is due on Friday, and the figures of March are in it. " * 3 + "</p>"
    document = opened(parts(part("text/plain", stub), part("text/html", page), kind="alternative"))
    assert texts(document, BlockKind.HEADING) == ["Hi", "Report"]
    assert document.text.count("The report is due on Friday") == 3


def test_a_page_keeps_its_tables_and_quotes_and_loses_what_is_hidden() -> None:
    page = (
        "<html><head><title>no</title><style>p{}</style></head><body><div style='display:none'>preheader</div>"
        "<table><tr><th>Item</th><th>Price</th></tr><tr><td>Tea</td><td>5</td></tr></table>"
        "<p class=footer>Best, Ann</p><blockquote>Earlier words</blockquote></body></html>"
    )
    document = opened(mail(page, "text/html"))
    assert texts(document, BlockKind.TABLE_ROW) == ["Item: Tea | Price: 5"]
    assert texts(document, BlockKind.QUOTE) == ["Earlier words"]
    assert "Best, Ann" in document.text
    assert "preheader" not in document.text
    assert "no" not in document.text.split()


def test_what_is_quoted_is_kept_as_a_quote() -> None:
    body = "Agreed.\n\nOn Monday Bob wrote:\n> Shall we meet?\n> > At ten?\n>\n> Yes.\n\n-- \nAnn Lee\nSales"
    document = opened(mail(body))
    assert texts(document, BlockKind.QUOTE) == ["Shall we meet?", "At ten?", "Yes."]
    assert texts(document, BlockKind.PARAGRAPH)[1:] == ["Agreed.", "On Monday Bob wrote:", "Ann Lee\nSales"]


@pytest.mark.parametrize(
    "divider",
    [
        "-----Original Message-----\nFrom: Bob\nSent: Monday\nTo: Ann",
        "------------------ 原始邮件 ------------------\n发件人: 鲍勃\n发送时间: 周一\n收件人: 安",
        "  _____  \n\nFrom: Bob\nSent: Monday\nTo: Ann",
        "发件人：鲍勃\n发送时间：周一\n收件人：安",
    ],
)
def test_an_older_letter_below_is_a_quote(divider: str) -> None:
    document = opened(mail(f"New words.\n\n{divider}\n\nOld words."))
    assert placed(document, "")[0] == "New words."
    assert texts(document, BlockKind.QUOTE)[-1] == "Old words."
    assert texts(document, BlockKind.PARAGRAPH)[1:] == ["New words."]


def test_the_entities_of_web_mailers_are_undone() -> None:
    assert body_of(opened(mail("主题:&nbsp;周报 &lt;li@b.example&gt;"))) == "主题: 周报 <li@b.example>"
    assert body_of(opened(mail("Write &lt; for a bracket."))) == "Write &lt; for a bracket."


def test_flowed_lines_are_joined() -> None:
    body = "This is one \r\nparagraph of \r\nthree lines.\r\nAnd another.\r\n> quoted \r\n> words\r\n-- \r\nAnn"
    document = opened(mail(body, "text/plain; format=flowed"))
    assert placed(document, "") == ["This is one paragraph of three lines.\nAnd another.", "quoted words", "Ann"]


def test_lines_wrapped_at_a_width_are_joined() -> None:
    line = "The figures of the second quarter have come in and they are better than what"
    body = f"{line}\nwe had hoped for when we last met in the office of the board of directors in\n{line}\nwe said."
    assert "\n" not in body_of(opened(mail(body)))


@pytest.mark.parametrize("packing", ["base64", "quoted-printable"])
def test_a_broken_transfer_encoding_gives_what_it_can(packing: str) -> None:
    text = CHINESE * 5
    body = base64.encodebytes(text.encode()) if packing == "base64" else quopri.encodestring(text.encode())
    hurt = body.rstrip()[:-3] + b"\r\n\r\n[a footer of the list]\r\n"
    document = opened(mail(hurt, "text/plain; charset=utf-8", f"Content-Transfer-Encoding: {packing}"))
    assert CHINESE * 4 in document.text


INVITATION = """BEGIN:VCALENDAR
METHOD:REQUEST
BEGIN:VTIMEZONE
TZID:Asia/Shanghai
DTSTART:19700101T000000
END:VTIMEZONE
BEGIN:VEVENT
DTSTART;TZID=Asia/Shanghai:20240501T090000
DTEND;TZID=Asia/Shanghai:20240501T103000
SUMMARY:Quarterly review\\, Q2
LOCATION:Room 5
ORGANIZER;CN=Ann Lee:mailto:ann@a.example
ATTENDEE;CN="Bob";ROLE=REQ-PARTICIPANT:mailto:bob@b.example
DESCRIPTION:Please bring
  the figures.\\nTea is served.
BEGIN:VALARM
DESCRIPTION:reminder
END:VALARM
END:VEVENT
END:VCALENDAR"""


def test_an_invitation_says_what_when_and_where() -> None:
    document = opened(
        parts(
            part("text/plain", "You are invited."),
            part("text/calendar; method=REQUEST; charset=utf-8", INVITATION),
            packed("application/ics", INVITATION.encode(), "invite.ics"),
        )
    )
    assert placed(document, "invitation") == [
        "\n".join(
            (
                "What: Quarterly review, Q2",
                "When: 2024-05-01 09:00 to 10:30 (Asia/Shanghai)",
                "Where: Room 5",
                "Organiser: Ann Lee <ann@a.example>",
                "Guests: Bob <bob@b.example>",
            )
        ),
        "Please bring the figures.\nTea is served.",
    ]


def test_a_bounce_says_whose_mail_came_back() -> None:
    document = opened(
        parts(
            part("text/plain", "Your message could not be delivered."),
            part("message/delivery-status", "Reporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; carl@c.example\n"),
            part("text/rfc822-headers", "Subject: Lunch"),
            kind="report",
        )
    )
    assert texts(document, BlockKind.QUOTE) == [
        "Reporting-MTA: dns; mx",
        "Final-Recipient: rfc822; carl@c.example",
        "Subject: Lunch",
    ]


@pytest.mark.parametrize(
    "data",
    [
        mail(base64.encodebytes(b"0\x82"), "application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m"),
        parts(
            part("application/pgp-encrypted", "Version: 1"),
            part("application/octet-stream", "-----BEGIN PGP MESSAGE-----\nxx\n-----END PGP MESSAGE-----"),
            kind="encrypted",
        ),
        mail("-----BEGIN PGP MESSAGE-----\n\nhQEMA\n-----END PGP MESSAGE-----\n"),
    ],
)
def test_a_mail_that_is_encrypted_says_so(data: bytes) -> None:
    with pytest.raises(Encrypted):
        opened(data)


def test_what_is_beside_an_encrypted_part_is_read() -> None:
    document = opened(
        parts(part("text/plain", "The rest is sealed."), packed("application/pkcs7-mime", b"0\x82", "smime.p7m"))
    )
    assert body_of(document) == "The rest is sealed."
    assert rows(document)[0]["error"] == "Encrypted"


def test_a_signed_text_loses_its_seal() -> None:
    body = (
        "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nThe text.\n"
        "-----BEGIN PGP SIGNATURE-----\n\niQEzBAEBCAAd\n-----END PGP SIGNATURE-----\n"
    )
    assert body_of(opened(mail(body))) == "The text."


def test_a_mail_saved_in_utf_16_is_read() -> None:
    assert body_of(opened(mail("Body of it.").decode().encode("utf-16"))) == "Body of it."


def nested(depth: int) -> bytes:
    body = "".join(f"--b{i}\nContent-Type: multipart/mixed; boundary=b{i + 1}\n\n" for i in range(depth))
    return mail(body, "multipart/mixed; boundary=b0")


def test_parts_nested_deeply_are_cut() -> None:
    assert [row["error"] for row in rows(opened(nested(200)))] == ["TooLarge"]


def test_parts_nested_without_end_are_refused() -> None:
    with pytest.raises(Malformed):
        opened(nested(3000))


def test_a_mail_of_too_many_parts_is_refused() -> None:
    with pytest.raises(TooLarge):
        opened(parts(*[part("text/plain", "x")] * 50), Limits(max_members=20))


WHOLE = parts(
    part("text/plain; charset=gb2312; format=flowed", CHINESE.encode("gbk")),
    part("text/html; charset=big5", f"<p>{TRADITIONAL}</p>".encode("big5")),
    part("text/calendar", INVITATION),
    packed("text/plain", b"words in a file", "a.txt"),
    part("message/rfc822", mail("Inner words.", "text/plain", "Content-Transfer-Encoding: quoted-printable")),
    part("message/delivery-status", "Final-Recipient: rfc822; carl@c.example\n"),
)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_no_damage_ends_in_a_traceback(data: st.DataObject) -> None:
    hurt = bytearray(WHOLE)
    for _ in range(data.draw(st.integers(0, 8))):
        hurt[data.draw(st.integers(0, len(hurt) - 1))] = data.draw(st.integers(0, 255))
    hurt = hurt[: data.draw(st.integers(0, len(hurt)))]
    try:
        document = opened(bytes(hurt))
    except Unreadable:
        return
    assert all(row["outcome"] in {"read", "skipped", "failed"} for row in document.metadata.get("attachments", ()))
    assert not any(row["error"] == "Internal" for row in document.metadata.get("attachments", ()))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
def test_a_header_of_any_bytes_is_read(data: bytes) -> None:
    try:
        opened(b"Subject: " + data + b"\nContent-Type: " + data + b"\nContent-Disposition: " + data + b"\n\nBody.")
    except Unreadable:
        return


def test_the_found_mails_are_read() -> None:
    if not SAMPLES.is_dir():
        pytest.skip("../shared/awkward is not here")
    for path in sorted(SAMPLES.glob("*.eml")):
        if path.name == "fake-encrypted.eml":
            continue
        document = read_mail(path.read_bytes(), path.name, Limits(ocr=False))
        assert placed(document, "header"), path.name
