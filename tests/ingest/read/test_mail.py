"""A mail to what a mail program shows of it, attachments and all."""

from __future__ import annotations

import base64
import io
import quopri
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.read import Limits
from ingest.read.mail import read_mail
from rag.errors import Encrypted, Malformed, TooLarge, Unreadable
from rag.types import BlockKind, Document

SAMPLES = Path(__file__).parents[4] / "shared" / "awkward" / "office_web" / "eml"
CHINESE = "各位同事，请于周五之前提交年度报告，谢谢大家的配合。"
TRADITIONAL = "各位同事，請於週五之前提交年度報告，謝謝大家的配合。"


def mail(body: bytes | str, content: str = "text/plain; charset=utf-8", *more: str, subject: str = "Hi") -> bytes:
    lines = ["From: Ann Lee <ann@a.example>", "To: bob@b.example", f"Subject: {subject}", f"Content-Type: {content}"]
    lines += ["Date: Wed, 01 May 2024 09:30:00 +0800", "MIME-Version: 1.0", *more]
    return "\r\n".join(lines).encode("utf-8") + b"\r\n\r\n" + (body.encode() if isinstance(body, str) else body)


def parts(*pieces: bytes | str, kind: str = "mixed", boundary: str = "=b=") -> bytes:
    """Join whole parts, each with its own header, into the body of a mail."""
    joined = b"".join(
        f"--{boundary}\r\n".encode() + (p.encode() if isinstance(p, str) else p) + b"\r\n" for p in pieces
    )
    body = joined + f"--{boundary}--\r\n".encode()
    return mail(body, f'multipart/{kind}; boundary="{boundary}"')


def part(content: str, body: bytes | str, *more: str) -> bytes:
    data = body.encode() if isinstance(body, str) else body
    return "\r\n".join((f"Content-Type: {content}", *more)).encode() + b"\r\n\r\n" + data


def packed(content: str, data: bytes, name: str, disposition: str = "attachment") -> bytes:
    return part(
        content,
        base64.encodebytes(data),
        f'Content-Disposition: {disposition}; filename="{name}"',
        "Content-Transfer-Encoding: base64",
    )


def opened(data: bytes, limits: Limits | None = None) -> Document:
    return read_mail(data, "mail.eml", limits or Limits(ocr=False))


def texts(document: Document, kind: BlockKind) -> list[str]:
    return [document.text[b.start : b.end] for b in document.blocks if b.kind is kind]


def placed(document: Document, place: str) -> list[str]:
    return [document.text[b.start : b.end] for b in document.blocks if b.place == place]


def rows(document: Document) -> list[dict[str, Any]]:
    return list(document.metadata["attachments"])


def body_of(document: Document) -> str:
    return "\n".join(placed(document, ""))


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


def test_attachments_are_read_and_say_where_they_stand() -> None:
    document = opened(
        parts(
            part("text/plain", "See the notes."),
            packed("text/csv", b"Item,Price\nTea,5\nRice,7\n", "prices.csv"),
            packed("text/html", b"<h1>Plan</h1><p>We build the house in spring.</p>", "plan.html"),
        )
    )
    assert texts(document, BlockKind.HEADING) == ["Hi", "Attachment: prices.csv", "Attachment: plan.html", "Plan"]
    levels = [block.level for block in document.blocks if block.kind is BlockKind.HEADING]
    assert levels == [1, 2, 2, 3]
    assert "We build the house in spring." in placed(document, "attachment plan.html")
    assert [(row["name"], row["outcome"], row["error"]) for row in rows(document)] == [
        ("prices.csv", "read", ""),
        ("plan.html", "read", ""),
    ]
    assert rows(document)[0]["bytes"] == 24


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ("attachment; filename*=utf-8''%E6%8A%A5%E5%91%8A.txt", "报告.txt"),
        ("attachment; filename*0*=gb18030''%B1%A8; filename*1*=%B8%E6.txt", "报告.txt"),
        ("attachment; filename*0=re; filename*1=port.txt", "report.txt"),
        (f'attachment; filename="=?gbk?B?{base64.b64encode("报告.txt".encode("gbk")).decode()}?="', "报告.txt"),
        ('attachment; filename="C:\\\\tmp\\\\a.txt"', "a.txt"),
        ('attachment; filename="../../a.txt"', "a.txt"),
        ("attachment; filename=two words.txt", "two words.txt"),
        ("attachment", "unnamed.txt"),
    ],
)
def test_the_names_of_attachments_are_decoded(disposition: str, name: str) -> None:
    piece = part("text/plain", "the content of the file", f"Content-Disposition: {disposition}")
    assert rows(opened(parts(part("text/plain", "x"), piece)))[0]["name"] == name


def test_what_cannot_be_read_is_said() -> None:
    document = opened(
        parts(
            part("text/plain", "Files."),
            packed("application/octet-stream", bytes(range(256)) * 4, "data.bin"),
            packed("application/pdf", b"%PDF-1.4 no more", "broken.pdf"),
            packed("application/ms-tnef", b"\x78\x9f\x3e\x22", "winmail.dat"),
            packed("application/pgp-signature", b"-----BEGIN PGP SIGNATURE-----", "signature.asc"),
            packed("text/plain", b"", "empty.txt"),
        )
    )
    told = {row["name"]: (row["outcome"], row["error"]) for row in rows(document)}
    assert told == {
        "data.bin": ("skipped", "Unsupported"),
        "broken.pdf": ("failed", "Malformed"),
        "winmail.dat": ("skipped", "Unsupported"),
        "signature.asc": ("skipped", "NotText"),
        "empty.txt": ("failed", "Empty"),
    }
    assert all(row["detail"] for row in rows(document))
    assert body_of(document) == "Files."


def test_a_fault_in_an_attachments_reader_costs_the_attachment(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(data: bytes, name: str, *, limits: Limits) -> Document:
        raise ZeroDivisionError("in the reader")

    monkeypatch.setattr("ingest.read.read", fail)
    document = opened(parts(part("text/plain", "Text."), packed("text/plain", b"words", "a.txt")))
    assert (rows(document)[0]["outcome"], rows(document)[0]["error"]) == ("failed", "Internal")
    assert body_of(document) == "Text."


def test_pages_of_an_attached_pdf_are_places_and_no_boxes() -> None:
    from reportlab.pdfgen.canvas import Canvas

    buffer = io.BytesIO()
    canvas = Canvas(buffer)
    for line in ("The offer is valid until June.", "The price of the house is high."):
        canvas.drawString(72, 700, line)
        canvas.showPage()
    canvas.save()
    document = opened(parts(part("text/plain", "Offer."), packed("application/pdf", buffer.getvalue(), "offer.pdf")))
    assert placed(document, "attachment offer.pdf, page 2") == ["The price of the house is high."]
    assert all(block.box is None for block in document.blocks)


PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")


def test_pictures_that_the_text_shows_are_not_read() -> None:
    logo = packed("image/gif", PIXEL, "logo.gif", "inline").replace(b"\r\n\r\n", b"\r\nContent-ID: <l>\r\n\r\n", 1)
    document = opened(parts(part("text/html", "<p>Hello <img src='cid:l'></p>"), logo, kind="related"))
    assert [(row["outcome"], row["error"]) for row in rows(document)] == [("skipped", "Inline")]


def test_a_forwarded_mail_is_an_attachment_with_its_own() -> None:
    inner = parts(part("text/plain", "Inner words."), packed("text/plain", b"deepest words", "deep.txt"), boundary="i")
    document = opened(parts(part("text/plain", "Outer."), part("message/rfc822", inner)))
    assert "Inner words." in placed(document, "attachment Hi.eml")
    assert placed(document, "attachment Hi.eml, header")[0].startswith("Subject: Hi\nFrom: Ann Lee")
    assert placed(document, "attachment Hi.eml, attachment deep.txt")[-1] == "deepest words"


@pytest.mark.parametrize("name", ["message/rfc822", "application/octet-stream"])
def test_a_forwarded_mail_in_base64_is_read(name: str) -> None:
    document = opened(parts(part("text/plain", "Outer."), packed(name, mail("Inner words."), "old.eml")))
    assert "Inner words." in document.text


def test_mails_within_mails_end_at_the_limit() -> None:
    data = mail("deepest")
    for _ in range(6):
        data = parts(part("text/plain", "level"), part("message/rfc822", data), boundary=f"b{len(data)}")
    document = opened(data, Limits(max_nesting=2))
    assert document.text.count("level") == 3
    assert [row["error"] for row in rows(document) if row["error"]] == ["TooLarge"]


def test_an_archive_in_a_mail_is_walked() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("docs/a.txt", "words of the first file")
        archive.writestr("b.bin", bytes(range(256)) * 4)
    document = opened(parts(part("text/plain", "Zip."), packed("application/zip", buffer.getvalue(), "all.zip")))
    assert placed(document, "attachment all.zip/docs/a.txt")[-1] == "words of the first file"
    assert [(row["name"], row["outcome"]) for row in rows(document)] == [
        ("all.zip/docs/a.txt", "read"),
        ("all.zip/b.bin", "skipped"),
        ("all.zip", "read"),
    ]


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


def test_a_box_gives_each_message_its_heading_and_place() -> None:
    first, second = (
        mail("First body.\n\n>From here on it is better.", subject="One"),
        mail("Second body.", subject="Two"),
    )
    box = b"From ann@a Wed May  1 09:30:00 2024\n" + first + b"\n\nFrom bob@b Thu May  2 09:30:00 2024\n" + second
    document = read_mail(box, "inbox.mbox", Limits())
    assert document.title == "inbox"
    assert texts(document, BlockKind.HEADING) == ["One", "Two"]
    assert placed(document, "message 1") == ["First body.", "From here on it is better."]
    assert placed(document, "message 2") == ["Second body."]
    assert placed(document, "message 2, header")[0] == "Two"
    assert document.metadata["messages"] == 2


def test_a_box_of_one_is_a_mail() -> None:
    document = opened(b"From ann@a Wed May  1 09:30:00 2024\n" + mail("Body."))
    assert document.metadata["author"].startswith("Ann Lee")
    assert placed(document, "") == ["Body."]


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


@settings(max_examples=200, deadline=None)
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


@settings(max_examples=200, deadline=None)
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
