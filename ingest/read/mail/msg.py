"""Outlook's own format (MSG): mails, and the fields of contacts, appointments, tasks and notes.

Source: MS-OXMSG, MS-OXPROPS. Times are UTC as the file has them: it does not say where its writer was.
"""

from __future__ import annotations

import email
from datetime import datetime
from itertools import islice

from ingest.read.limits import Limits
from ingest.read.mail.charset import decode_declared, decode_header
from ingest.read.mail.letter import Attachment, Letter, Part, chosen, read_letters
from ingest.read.mail.mime import POLICY, MimeReader
from ingest.read.mail.msg_store import Store, open_message
from ingest.read.mail.outlook_rtf import rtf_body
from ingest.read.mail.signed import signed_content
from ingest.read.media import MSG
from rag.errors import TooLarge
from rag.types import Document

_CLASS, _SUBJECT, _BODY, _HTML, _RTF = 0x001A, 0x0037, 0x1000, 0x1013, 0x1009
_SENT, _RECEIVED, _MADE, _CHANGED = 0x0039, 0x0E06, 0x3007, 0x3008
_HEADERS = 0x007D  # as the mail came over the net
_RECIPIENTS = (("To", 1, 0x0E04), ("Cc", 2, 0x0E03), ("Bcc", 3, 0x0E02))
_METHOD, _CONTENT, _FLAGS, _HIDDEN, _CONTENT_ID = 0x3705, 0x3701, 0x3714, 0x7FFE, 0x3712
_BY_REFERENCE, _OLE_OBJECT = frozenset({2, 3, 4, 7}), 6
_RENDERED_IN_BODY = 4
_SIGNED_CLASS = "ipm.note.smime"
# By the beginning of the class, what is shown: standard properties, and from 0x8000 on those that a file numbers anew.
_FIELDS: dict[str, tuple[tuple[str, int], ...]] = {
    "ipm.contact": (
        ("Name", 0x3001), ("Company", 0x3A16), ("Department", 0x3A18), ("Title", 0x3A17), ("Email", 0x8083),
        ("Email 2", 0x8093), ("Email 3", 0x80A3), ("Business phone", 0x3A08), ("Business phone 2", 0x3A1B),
        ("Mobile phone", 0x3A1C), ("Home phone", 0x3A09), ("Fax", 0x3A24), ("Business address", 0x801B),
        ("Home address", 0x801A), ("Other address", 0x801C), ("Web page", 0x802B), ("Business web page", 0x3A51),
        ("Birthday", 0x3A42), ("Messenger", 0x8062),
    ),
    "ipm.appointment": (("Start", 0x820D), ("End", 0x820E), ("Where", 0x8208), ("Repeats", 0x8232), ("Who", 0x8238)),
    "ipm.schedule": (("Start", 0x820D), ("End", 0x820E), ("Where", 0x8208), ("Repeats", 0x8232)),
    "ipm.task": (("Start", 0x8104), ("Due", 0x8105), ("Owner", 0x811F)),
    "ipm.activity": (("Start", 0x8706), ("End", 0x8708), ("Kind", 0x8700)),
}  # fmt: skip


def read_msg(data: bytes, name: str, limits: Limits) -> Document:
    """Raises Malformed where it is no message, Encrypted where all of it is encrypted."""
    letter = _Reader(name, limits).letter(open_message(data, name), 0)
    return read_letters([letter], name, MSG, limits)


class _Reader:
    def __init__(self, name: str, limits: Limits) -> None:
        self._name = name
        self._limits = limits

    def letter(self, store: Store, depth: int) -> Letter:
        kind = store.text(_CLASS).lower()
        plain = _clean(store.text(_BODY))
        markup = _page(store)
        body = chosen(_part(plain), _part(markup, is_markup=True), self._name, self._limits)
        if not body:
            body = rtf_body(store.data(_RTF), self._name, self._limits)
        sent = (
            store.time(_SENT) or store.time(_RECEIVED) or (None if kind.startswith("ipm.note") else store.time(_MADE))
        )
        sender = _sender(store)
        written = _written_date(store) or (f"{sent:%Y-%m-%d %H:%M} UTC" if sent else "")
        attachments, is_sealed = self._attachments(store, kind, markup, depth)
        header = (
            ("From", sender),
            *_recipients(store),
            ("Date", written),
            *_fields(store, kind),
        )
        return Letter(
            subject=" ".join(_clean(store.text(_SUBJECT)).split()),
            sender=sender,
            header=tuple(header),
            date=sent,
            modified=store.time(_CHANGED),
            body=body,
            attachments=attachments,
            is_sealed=is_sealed,
        )

    def _attachments(self, store: Store, kind: str, markup: str, depth: int) -> tuple[tuple[Attachment, ...], bool]:
        """Return what is attached, and whether the body itself lies there encrypted."""
        found: list[Attachment] = []
        is_sealed = False
        names = store.folders("__attach_version1.0_")
        if len(names) > self._limits.max_members:
            raise TooLarge(f"{self._name}: more than {self._limits.max_members:,} attachments", hint="split it")
        for folder in names:
            attachment = self._attachment(store.inner(folder), markup, depth)
            if kind.startswith(_SIGNED_CLASS) and attachment.data:
                signed = self._signed(attachment)
                is_sealed = is_sealed or signed.error == "Encrypted"
                attachment = signed
            found.append(attachment)
        return tuple(found), is_sealed

    def _signed(self, attachment: Attachment) -> Attachment:
        """A signed or encrypted mail lies whole in its one attachment: as MIME where it is signed in the clear."""
        data = attachment.data or b""
        data = signed_content(data) or data
        if data[:1] == b"\x30":  # still packed: encrypted
            detail = f"{attachment.name}: an encrypted mail (S/MIME)"
            return Attachment(attachment.name, attachment.mime, error="Encrypted", detail=detail)
        letter = MimeReader(self._name, self._limits).letter(email.message_from_bytes(data, policy=POLICY))
        return Attachment(attachment.name, attachment.mime, letter=letter)

    def _attachment(self, store: Store, markup: str, depth: int) -> Attachment:
        name = _attachment_name(store)
        mime = store.text(0x370E).lower() or "application/octet-stream"
        method = store.integer(_METHOD)
        enclosed = store.message()
        if enclosed is not None:
            if depth >= self._limits.max_nesting:
                detail = f"{name}: files are nested too deeply; save it by itself, or raise ingest.max_nesting"
                return Attachment(name, MSG, error="TooLarge", detail=detail)
            return Attachment(name, MSG, letter=self.letter(enclosed, depth + 1))
        if method in _BY_REFERENCE:
            detail = f"{name}: only a reference; the file is kept elsewhere"
            return Attachment(name, mime, error="Unsupported", detail=detail)
        data = store.data(_CONTENT)
        if method == _OLE_OBJECT and not data:
            detail = f"{name}: an object of another program, embedded in the text"
            return Attachment(name, mime, error="Unsupported", detail=detail)
        if name.lower().endswith(".rpmsg"):
            detail = f"{name}: a mail under rights management"
            return Attachment(name, mime, error="Encrypted", detail=detail)
        identity = store.text(_CONTENT_ID)
        is_shown = store.flag(_HIDDEN) or bool((store.integer(_FLAGS) or 0) & _RENDERED_IN_BODY)
        is_shown = is_shown or (identity != "" and f"cid:{identity}" in markup)
        return Attachment(name, mime, data, is_inline=is_shown and _is_picture(data))


def _part(text: str, *, is_markup: bool = False) -> tuple[Part, ...]:
    return (Part(text, is_markup=is_markup),) if text.strip() else ()


def _page(store: Store) -> str:
    """Return the page of the body: bytes in the body's own charset, seldom a string."""
    raw = store.data(_HTML)
    return decode_declared(raw, store.body_charset) if raw else store.text(_HTML)


def _clean(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")


def _written_date(store: Store) -> str:
    """Return the date as the sender's program wrote it, with the sender's time zone."""
    headers = store.text(_HEADERS)
    if not headers:
        return ""
    message = email.message_from_string(headers.lstrip(), policy=POLICY)
    return decode_header(str(message.get("Date", "")))


def _sender(store: Store) -> str:
    """Return who it is from: on whose behalf it was sent, else who sent it."""
    for name, smtp, address in ((0x0042, 0x5D02, 0x0065), (0x0C1A, 0x5D01, 0x0C1F)):
        found = _person(store.text(name), store.text(smtp) or store.text(address))
        if found:
            return found
    return ""


def _person(name: str, address: str) -> str:
    name, address = name.strip().strip("'\""), address.strip()
    if "@" not in address or address in name:  # within an organisation it is "/o=First/ou=Exchange/cn=..."
        return name
    return address if not name else f"{name} <{address}>"


def _recipients(store: Store) -> list[tuple[str, str]]:
    people: dict[int, list[str]] = {}
    for folder in islice(store.folders("__recip_version1.0_"), 5000):
        recipient = store.inner(folder)
        person = _person(recipient.text(0x3001), recipient.text(0x39FE) or recipient.text(0x3003))
        if person:
            people.setdefault((recipient.integer(0x0C15) or 1) & 0xF, []).append(person)
    return [(label, ", ".join(people.get(kind, [])) or store.text(shown)) for label, kind, shown in _RECIPIENTS]


def _fields(store: Store, kind: str) -> list[tuple[str, str]]:
    """Return the fields of what is no mail."""
    wanted = next((fields for prefix, fields in _FIELDS.items() if kind.startswith(prefix)), ())
    named = store.named() if wanted else {}
    rows: list[tuple[str, str]] = []
    for label, number in wanted:
        actual = named.get(number) if number >= 0x8000 else number
        if actual is None:
            continue
        value = " ".join(store.text(actual).split()) or _shown(store.time(actual))
        if value:
            rows.append((label, value))
    return rows


def _shown(time: datetime | None) -> str:
    if time is None:
        return ""
    return f"{time:%Y-%m-%d}" if (time.hour, time.minute) == (0, 0) else f"{time:%Y-%m-%d %H:%M} UTC"


def _attachment_name(store: Store) -> str:
    name = store.text(0x3707) or store.text(0x3704) or store.text(0x3001)
    name = name.replace("\\", "/").rsplit("/", 1)[-1].strip()[:200]
    return " ".join(name.split()) or "unnamed"


def _is_picture(data: bytes) -> bool:
    return data.startswith((b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\0", b"MM\0*", b"RIFF", b"\x01\0\0\0"))
