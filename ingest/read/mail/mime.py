"""Mail as MIME has it (EML), and boxes of it (mbox).

Python's own parser takes the message apart; headers, charsets and transfer encodings are decoded here, for what
mailers write is seldom what the standards say. Encrypted parts are named and not opened.
"""

from __future__ import annotations

import binascii
import email
import quopri
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.message import Message
from email.policy import Compat32
from email.utils import parsedate_to_datetime
from typing import Any, TypeAlias

from ingest.read.encoding import decode
from ingest.read.limits import Limits
from ingest.read.mail.charset import decode_base64, decode_declared, decode_header, parameters
from ingest.read.mail.invitation import Event, events
from ingest.read.mail.letter import Attachment, Letter, Part, chosen, read_letters
from ingest.read.mail.letter_text import unflowed
from ingest.read.mail.outlook_rtf import rtf_body
from ingest.read.mail.signed import signed_content
from ingest.read.mail.tnef import unpacked
from ingest.read.media import MAIL
from ingest.read.writer import check_length
from rag.errors import Malformed, TooLarge
from rag.types import Document

MAX_DEPTH = 60  # of parts within parts; mailers make five
_FROM_LINE = re.compile(rb"^From [^\r\n]{3,998}\r?\n(?=[!-9;-~]+[ \t]*:)", re.MULTILINE)
_ESCAPED_FROM = re.compile(rb"^>(>*From )", re.MULTILINE)
_SHOWN = ("From", "Sender", "To", "Cc", "Bcc", "Date")
_REPORT_FIELDS = frozenset({"message/delivery-status", "message/disposition-notification", "message/feedback-report"})
_SIGNATURES = frozenset(
    {
        "application/pgp-signature",
        "application/pkcs7-signature",
        "application/x-pkcs7-signature",
        "application/pgp-keys",
    }
)
_SMIME = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_TNEF = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
_CALENDARS = frozenset({"text/calendar", "application/ics"})
_UUENCODED = re.compile(
    r"^begin [0-7]{3,4} ([^\r\n]{1,200})\r?\n((?:[ -`]{1,62}[ \t]*\r?\n)+?)(?:`?[ \t]*\r?\n)?end[ \t]*$", re.MULTILINE
)
_RICH_TAG = re.compile(r"<(<)|</?[A-Za-z][\w-]*>")
_SUFFIXES = {
    "text/plain": ".txt", "text/html": ".html", "text/csv": ".csv", "text/calendar": ".ics", "text/x-vcard": ".vcf",
    "text/vcard": ".vcf", "application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png", "image/gif": ".gif",
    "message/rfc822": ".eml",
}  # fmt: skip

Mime: TypeAlias = "Message[Any, Any]"


class _AsWritten(Compat32):
    """Hands out headers as they stand: the library's own would lose bytes that are no ASCII."""

    def header_fetch_parse(self, name: str, value: Any) -> Any:  # noqa: ARG002
        return value


POLICY = _AsWritten()


def read_mail(data: bytes, name: str, limits: Limits) -> Document:
    """Raises Encrypted where all of it is encrypted, Malformed where it cannot be taken apart."""
    check_length(name, len(data) // 64, limits)  # a floor: pictures in it are bytes and no characters
    data = _as_bytes(data)
    return read_letters(_letters(data, name, limits), name, MAIL, limits)


def _as_bytes(data: bytes) -> bytes:
    """Return the mail in an encoding that holds ASCII: editors save copies of it in UTF-16."""
    if b"\0" in data[:64] or data.startswith((b"\xff\xfe", b"\xfe\xff")):
        decoded = decode(data)
        if decoded is not None:
            return decoded[0].lstrip("\ufeff").encode("utf-8", "replace")
    return data.removeprefix(b"\xef\xbb\xbf").lstrip()


def _letters(data: bytes, name: str, limits: Limits) -> Iterator[Letter]:
    for number, message in enumerate(_messages(data), start=1):
        if number > limits.max_members:
            raise TooLarge(f"{name}: more than {limits.max_members:,} messages", hint="split it into several boxes")
        try:
            yield MimeReader(name, limits).letter(email.message_from_bytes(message, policy=POLICY))
        except RecursionError as error:
            raise Malformed(f"{name}: message {number} is nested without end") from error


def _messages(data: bytes) -> Iterator[bytes]:
    """Yield the messages of a box, or the one that this is."""
    if not data.startswith(b"From "):
        yield data
        return
    cuts = [match for match in _FROM_LINE.finditer(data) if match.start() == 0 or _follows_gap(data, match.start())]
    if not cuts:
        yield data.partition(b"\n")[2]
    for index, cut in enumerate(cuts):
        end = cuts[index + 1].start() if index + 1 < len(cuts) else len(data)
        yield _ESCAPED_FROM.sub(rb"\1", data[cut.end() : end])


def _follows_gap(data: bytes, position: int) -> bool:
    return data[max(0, position - 4) : position].replace(b"\r", b"").endswith(b"\n\n")


@dataclass(slots=True)
class _Found:
    """What a part holds, gathered from its own parts."""

    body: list[Part] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    is_sealed: bool = False
    spare: list[Part] = field(default_factory=list)  # a body for a mail that has no other

    def take(self, other: _Found, body: Sequence[Part]) -> None:
        self.body += body
        self.events += (event for event in other.events if event not in self.events)
        self.attachments += other.attachments
        self.is_sealed = self.is_sealed or other.is_sealed
        self.spare += other.spare


@dataclass(slots=True)
class MimeReader:
    name: str
    limits: Limits
    parts: int = 0

    def letter(self, message: Mime, depth: int = 0) -> Letter:
        found = self._part(message, depth, around="")
        headers = {name: _header(message, name) for name in ("Subject", "Keywords", *_SHOWN)}
        if headers["Sender"] and headers["From"]:
            headers["Sender"] = ""  # the program that sent it
        return Letter(
            subject=headers["Subject"],
            sender=_unquoted(headers["From"] or headers["Sender"]),
            header=tuple((name, _unquoted(headers[name])) for name in _SHOWN),
            date=_date(headers["Date"]),
            keywords=headers["Keywords"],
            body=tuple(found.body or found.spare),
            events=tuple(found.events),
            attachments=tuple(found.attachments),
            is_sealed=found.is_sealed,
        )

    def _part(self, part: Mime, depth: int, around: str) -> _Found:
        self.parts += 1
        if self.parts > self.limits.max_members:
            raise TooLarge(f"{self.name}: more than {self.limits.max_members:,} parts", hint="split the mail")
        mime = part.get_content_type()
        found = _Found()
        if depth > MAX_DEPTH:
            found.attachments.append(_passed(part, "TooLarge", f"parts are nested more than {MAX_DEPTH} deep"))
        elif mime == "multipart/encrypted":
            found.attachments.append(_passed(part, "Encrypted", "an encrypted part"))
            found.is_sealed = True
        elif part.is_multipart() and mime in _REPORT_FIELDS:
            found.body.append(Part("\n\n".join(_fields(block) for block in _inner(part)), is_quote=True))
        elif part.is_multipart() and part.get_content_maintype() == "message":
            self._enclosed(part, found, depth)
        elif part.is_multipart():
            self._parts(part, mime, found, depth)
        else:
            self._leaf(part, mime, found, around, depth)
        return found

    def _parts(self, part: Mime, mime: str, found: _Found, depth: int) -> None:
        inside = [self._part(inner, depth + 1, mime) for inner in _inner(part)]
        if mime == "multipart/alternative":
            bodies = [tuple(alternative.body) for alternative in inside if alternative.body]
            plain = next((body for body in bodies if not any(piece.is_markup for piece in body)), ())
            markup = next((body for body in reversed(bodies) if any(piece.is_markup for piece in body)), ())
            found.body += chosen(plain, markup, self.name, self.limits)
        for inner in inside:
            found.take(inner, () if mime == "multipart/alternative" else inner.body)

    def _enclosed(self, part: Mime, found: _Found, depth: int) -> None:
        enclosed = _inner(part)
        if part.get_content_type() == "message/external-body" or not enclosed:
            found.attachments.append(_passed(part, "Unsupported", "it is kept elsewhere, not in the mail"))
            return
        letter = self.letter(_unpacked(part, enclosed[0]), depth + 1)
        name = _file_name(part) or f"{letter.subject or 'message'}.eml"
        found.attachments.append(Attachment(name, MAIL, letter=letter))

    def _leaf(self, part: Mime, mime: str, found: _Found, around: str, depth: int) -> None:
        disposition = str(part.get("content-disposition", "")).partition(";")[0].strip().lower()
        name = _file_name(part)
        is_file = disposition == "attachment" or bool(name and disposition != "inline")
        if (
            (mime in _CALENDARS or name.lower().endswith(".ics"))
            and (text := _text(part))
            and "BEGIN:VCALENDAR" in text.upper()
        ):
            found.events += events(text)
        elif mime in _SIGNATURES or mime == "application/applefile":
            found.attachments.append(_passed(part, "NotText", "a signature or a key"))
        elif mime in _SMIME:
            self._smime(part, found, depth)
        elif mime in _TNEF or name.lower() == "winmail.dat":
            self._tnef(part, found)
        elif mime in {"text/plain", "text/html", "text/enriched", "text/richtext"} and not is_file:
            found.body += _body(part, mime)
            if mime == "text/plain":
                _take_out_files(found)
        elif mime in {"text/rfc822-headers", "message/delivery-status"} and not is_file:
            found.body.append(Part(_text(part), is_quote=True))
        elif mime == "text/x-amp-html" and around == "multipart/alternative":
            return  # a third form of the same
        else:
            is_shown = "content-id" in part or around == "multipart/related"
            is_inline = mime.startswith("image/") and disposition != "attachment" and is_shown
            found.attachments.append(Attachment(_named(part), mime, _payload(part), is_inline=is_inline))

    def _tnef(self, part: Mime, found: _Found) -> None:
        """Take in what Outlook packed for itself: its body too, for that of the mail around it may be empty."""
        packed = unpacked(_payload(part))
        if packed is None or not (packed.files or packed.text or packed.page or packed.rtf):
            found.attachments.append(_passed(part, "Unsupported", "Outlook's own packing (TNEF), with nothing to read"))
            return
        plain = (Part(packed.text),) if packed.text.strip() else ()
        page = decode_declared(packed.page, None)
        markup = (Part(page, is_markup=True),) if page.strip() else ()
        found.spare += chosen(plain, markup, self.name, self.limits) or rtf_body(packed.rtf, self.name, self.limits)
        found.attachments += (Attachment(name, "application/octet-stream", data) for name, data in packed.files)

    def _smime(self, part: Mime, found: _Found, depth: int) -> None:
        """Take in a mail that is packed with its signature; one that is encrypted is named."""
        content = signed_content(_payload(part))
        if content is not None and depth <= MAX_DEPTH:
            inner = self._part(email.message_from_bytes(content, policy=POLICY), depth + 1, "")
            found.take(inner, inner.body)
        elif "certs-only" in str(part.get("content-type", "")).lower():
            found.attachments.append(_passed(part, "NotText", "certificates"))
        else:
            found.attachments.append(_passed(part, "Encrypted", "an encrypted part (S/MIME)"))
            found.is_sealed = True


def _raw(part: Mime) -> Any:
    """Return a part's content as it was parsed: get_payload() decodes by the charset, and loses the misfits."""
    return getattr(part, "_payload", None)


def _inner(part: Mime) -> list[Mime]:
    return list(_raw(part))


def _unpacked(part: Mime, enclosed: Mime) -> Mime:
    """Return an enclosed message; some programs pack it in base64, against the standard."""
    packing = str(part.get("content-transfer-encoding", "")).strip().lower()
    if packing not in {"base64", "quoted-printable"} or enclosed.keys() or enclosed.is_multipart():
        return enclosed
    enclosed["Content-Transfer-Encoding"] = packing
    return email.message_from_bytes(_payload(enclosed).lstrip(), policy=POLICY)


def _body(part: Mime, mime: str) -> list[Part]:
    text = _text(part)
    if mime == "text/html":
        return [Part(text, is_markup=True)] if text.strip() else []
    if mime != "text/plain":
        text = _RICH_TAG.sub(r"\1", text)
    said = parameters(str(part.get("content-type", "")))
    if said.get("format", "").lower() == "flowed":
        text = unflowed(text, delete_space=said.get("delsp", "").lower() == "yes")
    return [Part(text)] if text.strip() else []


def _text(part: Mime) -> str:
    charset = parameters(str(part.get("content-type", ""))).get("charset")
    return decode_declared(_payload(part), charset)


def _payload(part: Mime) -> bytes:
    """Return a part's bytes, its transfer encoding undone as far as that goes."""
    raw = _raw(part)
    data = raw.encode("ascii", "surrogateescape") if isinstance(raw, str) else b""
    encoding = str(part.get("content-transfer-encoding", "")).strip().strip("\"'").lower()
    if encoding == "base64":
        return decode_base64(data)
    if encoding == "quoted-printable":
        return quopri.decodestring(data)
    if encoding in {"x-uuencode", "uuencode", "uue", "x-uue"}:
        return _uudecoded(data)
    return data


def _take_out_files(found: _Found) -> None:
    """Part a text from the files that old programs wrote into it."""
    for index, piece in enumerate(found.body):
        for match in _UUENCODED.finditer(piece.text):
            name = " ".join(match[1].split())
            data = _uudecoded(match[2].encode("ascii", "replace"))
            found.attachments.append(Attachment(name, "application/octet-stream", data))
        found.body[index] = replace(piece, text=_UUENCODED.sub("", piece.text))


def _uudecoded(data: bytes) -> bytes:
    pieces = []
    for line in data.splitlines():
        if line.startswith((b"begin ", b"end")):
            continue
        try:
            pieces.append(binascii.a2b_uu(line))
        except binascii.Error:  # some programs write spaces for zeros, and leave out those at a line's end
            most = (((line[0] - 32) & 63) * 4 + 5) // 3 if line else 0
            try:
                pieces.append(binascii.a2b_uu(line[:most]))
            except binascii.Error:
                continue
    return b"".join(pieces)


def _fields(message: Mime) -> str:
    """Return a report's fields as lines."""
    return "\n".join(f"{name}: {decode_header(str(value))}" for name, value in message.raw_items())


def _header(message: Mime, name: str) -> str:
    values = message.get_all(name, [])
    return ", ".join(decode_header(str(value)) for value in (values if name in {"To", "Cc", "Bcc"} else values[:1]))


def _unquoted(addresses: str) -> str:
    """Return 'Ann Lee <a@b.c>' for '"Ann Lee" <a@b.c>', and 'a@b.c' for '<a@b.c>'."""
    bare = re.sub(r"(?:\"'([^\"]*)'\"|\"([^\"]*)\")(?=\s*<)", lambda match: match[1] or match[2] or "", addresses)
    return re.sub(r"(?:^|(?<=, ))<([^<>\s]+)>", r"\1", bare.strip())


def _date(value: str) -> datetime | None:
    try:
        return parsedate_to_datetime(value)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None


def _file_name(part: Mime) -> str:
    for header, key in (("content-disposition", "filename"), ("content-type", "name")):
        found = parameters(str(part.get(header, ""))).get(key, "")
        if found:
            return found.replace("\\", "/").rsplit("/", 1)[-1].strip()[:200]
    return ""


def _named(part: Mime) -> str:
    mime = part.get_content_type()
    return _file_name(part) or f"unnamed{_SUFFIXES.get(mime, '')}"


def _passed(part: Mime, error: str, detail: str) -> Attachment:
    return replace(Attachment(_named(part), part.get_content_type()), error=error, detail=f"{_named(part)}: {detail}")
