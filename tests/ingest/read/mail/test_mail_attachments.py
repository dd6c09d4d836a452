"""What is attached to a mail: read, or named with the reason why not."""

from __future__ import annotations

import base64
import binascii
import io
import zipfile

import pytest

from ingest.read import Limits
from rag.types import BlockKind, Document
from tests.ingest.read.make_mail import body_of, mail, opened, packed, part, parts, placed, rows, texts


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


def test_a_file_written_into_the_text_is_taken_out() -> None:
    data = b"words of the old file, line after line.\n" * 4
    lines = b"".join(binascii.b2a_uu(data[start : start + 45]) for start in range(0, len(data), 45))
    document = opened(mail(b"See below.\n\nbegin 644 old notes.txt\n" + lines + b"`\nend\n\nBye.\n"))
    assert placed(document, "") == ["See below.", "Bye."]
    assert placed(document, "attachment old notes.txt")[-1] == "words of the old file, line after line."


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


def test_a_mail_is_not_encrypted_because_its_attachment_is() -> None:
    from pypdf import PdfWriter

    writer, buffer = PdfWriter(), io.BytesIO()
    writer.add_blank_page(100, 100)
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(buffer)
    document = opened(parts(packed("application/pdf", buffer.getvalue(), "offer.pdf")))
    assert rows(document)[0]["error"] == "Encrypted"
    assert document.title == "Hi"


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
