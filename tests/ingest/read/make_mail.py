"""Make mails, as mail programs write them, and look into what is read of them."""

from __future__ import annotations

import base64
from typing import Any

from ingest.read import Limits
from ingest.read.mail.mime import read_mail
from rag.types import BlockKind, Document

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
