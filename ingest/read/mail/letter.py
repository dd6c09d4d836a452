"""A letter, from whichever mail format: its header, its body, and every attachment read by its own reader.

Knows nothing of MIME or of Outlook. What becomes of each attachment is told, row by row.
"""

from __future__ import annotations

import codecs
import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import PurePath
from typing import Any

from ingest.archives.walk import is_archive, members
from ingest.read.characters import safe_text
from ingest.read.html import read_html, write_fragment
from ingest.read.limits import Limits
from ingest.read.mail.invitation import Event
from ingest.read.mail.letter_text import is_sealed, letter_blocks
from ingest.read.sniff import sniff
from ingest.read.writer import DocumentWriter, check_length
from rag.errors import Encrypted, NoText, TooLarge, Unreadable, Unsupported
from rag.types import Block, BlockKind, Document

log = logging.getLogger(__name__)

STUB_SHARE = 0.25  # plain text with less than this of the page's own is a stub: "your program cannot show this"
STUB_CHARACTERS = 40  # below this a page is no better than its plain text
_ADDRESS = re.compile(r"https?://\S+")
_UNSEEN = re.compile(r"https?://\S+|[\W_]+")
_IS_MARKUP = re.compile(r"\s*<(?:!doctype\s+html|html|head|body|div|p|table)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file in a letter: its bytes, or the letter that it is, or why there is neither."""

    name: str
    mime: str
    data: bytes | None = None
    letter: Letter | None = None
    is_inline: bool = False  # a picture that the text shows: a logo, or a pixel that tells when it is looked at
    error: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a body: plain text, or a page's markup."""

    text: str
    is_markup: bool = False
    is_quote: bool = False


@dataclass(frozen=True, slots=True)
class Letter:
    subject: str = ""
    sender: str = ""
    header: tuple[tuple[str, str], ...] = ()  # "From", "To", "Cc", "Date" as people see them
    date: datetime | None = None
    modified: datetime | None = None
    keywords: str = ""
    body: tuple[Part, ...] = ()
    events: tuple[Event, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    is_sealed: bool = False  # its body is encrypted

    def metadata(self) -> dict[str, str]:
        found: dict[str, str] = {"author": self.sender, "subject": self.subject, "keywords": self.keywords}
        dates = {"created": self.date, "modified": self.modified}
        found |= {name: date.isoformat() for name, date in dates.items() if date is not None}
        return {name: " ".join(safe_text(value).split()) for name, value in found.items() if value}


def read_letters(letters: Iterable[Letter], name: str, mime: str, limits: Limits) -> Document:
    """Return one letter, or a box of several, as a document.

    Raises Encrypted where there is nothing but what is encrypted, NoText where there is nothing.
    """
    post = LetterWriter(name, limits)
    return post.finish(mime, letters)


@dataclass(slots=True)
class LetterWriter:
    name: str
    limits: Limits
    writer: DocumentWriter = field(default_factory=DocumentWriter)
    rows: list[dict[str, Any]] = field(default_factory=list)  # what became of each attachment
    sealed: int = 0  # bodies that are encrypted
    read: int = 0  # bodies and attachments that gave text

    def finish(self, mime: str, letters: Iterable[Letter]) -> Document:
        metadata: dict[str, Any] = {}
        title = PurePath(self.name).stem
        for number, (letter, is_alone) in enumerate(_counted(letters), start=1):
            if is_alone:
                metadata, title = dict(letter.metadata()), letter.subject or title
            place = "" if is_alone else f"message {number}"
            self._add(BlockKind.HEADING, letter.subject or place, _within(place, "header"), 1)
            self._letter(letter, place, 1, self.limits)
            if not is_alone:
                metadata["messages"] = number
        if self.sealed and not self.read:
            raise Encrypted(f"{self.name}: the mail is encrypted", hint="save a copy that is decrypted")
        if self.rows:
            metadata["attachments"] = self.rows
        return self.writer.finish(self.name, mime, title=title, metadata=metadata)

    def _letter(self, letter: Letter, place: str, level: int, limits: Limits) -> None:
        self.sealed += letter.is_sealed
        """level: of the heading above it."""
        header = "\n".join(f"{name}: {value}" for name, value in letter.header if value)
        self._add(BlockKind.PARAGRAPH, header, _within(place, "header"))
        before = len(self.writer)
        for part in letter.body:
            self._part(part, place, level)
        self.read += len(self.writer) > before
        said = self._said(letter)
        for event in letter.events:
            self._event(event, place, said)
        check_length(self.name, len(self.writer), self.limits)
        is_empty = len(self.writer) == before
        for attachment in letter.attachments:
            self._attachment(attachment, place, min(level + 1, 6), limits, shows_pictures=is_empty)
            check_length(self.name, len(self.writer), self.limits)

    def _part(self, part: Part, place: str, level: int) -> None:
        if part.is_markup:
            page = markup_document(part.text, self.name, self.limits)
            if page is not None:
                copy_document(self.writer, page, place, level)
            return
        self.sealed += is_sealed(part.text)
        for kind, text in letter_blocks(part.text):
            self._add(BlockKind.QUOTE if part.is_quote else kind, text, place)

    def _said(self, letter: Letter) -> str:
        """Return what the body says, bare of space: an invitation mostly repeats it."""
        return _bare(" ".join(part.text for part in letter.body)) if letter.events else ""

    def _event(self, event: Event, place: str, said: str) -> None:
        where = _within(place, "invitation")
        self._add(BlockKind.PARAGRAPH, "\n".join((f"What: {event.summary}", *event.lines)), where)
        if event.description and _bare(event.description)[:400] not in said:
            for kind, text in letter_blocks(event.description):
                self._add(kind, text, where)
        self.read += 1

    def _attachment(
        self, attachment: Attachment, place: str, level: int, limits: Limits, *, shows_pictures: bool
    ) -> None:
        name = " ".join(safe_text(attachment.name).split()) or "unnamed"
        where = _within(place, f"attachment {name}")
        row = {"name": name, "type": attachment.mime, "bytes": len(attachment.data or b""), "place": where}
        try:
            inner = limits.inner(f"{self.name}: {name}")
            if attachment.error:
                self._row(row, "skipped" if attachment.error != Encrypted.__name__ else "failed", attachment)
            elif attachment.letter is not None:
                self._add(BlockKind.HEADING, f"Attachment: {name}", where, level)
                enclosed = attachment.letter
                header = (("Subject", enclosed.subject), *enclosed.header)
                self._letter(replace(enclosed, header=header), where, level, inner)
                self._row(row, "read")
            elif attachment.is_inline and not shows_pictures:
                why = replace(attachment, error="Inline", detail="a picture that the text shows, such as a logo")
                self._row(row, "skipped", why)
            else:
                self._file(attachment.data or b"", name, where, level, inner, row)
        except TooLarge as error:
            self._row(row, "failed", replace(attachment, error=error.name, detail=f"{error}; {error.hint}"))

    def _file(self, data: bytes, name: str, place: str, level: int, limits: Limits, row: dict[str, Any]) -> None:
        if data and is_archive(sniff(data, name)):
            self._archive(data, name, place, level, limits)
            self._row(row, "read")
            return
        outcome, error, detail = "read", "", ""
        try:
            document = _read_inner(data, name, limits)
            self._add(BlockKind.HEADING, f"Attachment: {name}", place, level)
            copy_document(self.writer, document, place, level)
            self.read += 1
        except Unreadable as problem:
            outcome = "skipped" if isinstance(problem, Unsupported) else "failed"
            error, detail = problem.name, f"{problem}; {problem.hint}" if problem.hint else str(problem)
        except MemoryError:
            outcome, error, detail = "failed", TooLarge.__name__, f"{name}: it takes more memory than it may"
        except Exception as problem:  # the edge: one bad attachment must not cost the mail
            log.exception("reading %s in %s failed", ascii(name), ascii(self.name))
            outcome, error, detail = "failed", "Internal", f"{name}: {type(problem).__name__}: {problem}"
        self.rows.append({**row, "outcome": outcome, "error": error, "detail": detail})

    def _archive(self, data: bytes, name: str, place: str, level: int, limits: Limits) -> None:
        for member in members(data, name, limits):
            path = f"{name}/{member.name}" if member.name else name
            where = place.removesuffix(name) + path
            row = {"name": path, "type": "", "bytes": len(member.data or b""), "place": where}
            if member.data is None:
                detail = f"{path}: {member.detail}"
                self.rows.append({**row, "outcome": member.outcome, "error": member.error, "detail": detail})
                continue
            row["type"] = sniff(member.data, path)
            inner = limits.within(member.depth)
            self._file(member.data, path, where, level, inner, row)
            check_length(self.name, len(self.writer), self.limits)

    def _row(self, row: dict[str, Any], outcome: str, why: Attachment | None = None) -> None:
        error, detail = (why.error, why.detail) if why else ("", "")
        self.rows.append({**row, "outcome": outcome, "error": error, "detail": detail})

    def _add(self, kind: BlockKind, text: str, place: str, level: int = 0) -> None:
        if kind is BlockKind.HEADING:
            text = " ".join(text.split())
        self.writer.add(kind, text, level=level, place=place)


def _counted(letters: Iterable[Letter]) -> Iterator[tuple[Letter, bool]]:
    """Yield each letter and whether it is the only one."""
    waiting = iter(letters)
    first, second = next(waiting, None), next(waiting, None)
    if first is not None:
        yield first, second is None
    if second is not None:
        yield second, False
    yield from ((letter, False) for letter in waiting)


def _read_inner(data: bytes, name: str, limits: Limits) -> Document:
    from ingest.read import read  # it names this module's readers

    return read(data, name, limits=limits)


def copy_document(writer: DocumentWriter, document: Document, place: str, level: int) -> None:
    """Append a document that stands within another: its headings below `level`, its pages named in its places."""
    position = 0
    blocks = [block for block in document.blocks if block.kind is not BlockKind.LINE]
    pages = _pages(document.blocks)
    for block in blocks:
        if document.text[position : block.start].strip():
            writer.add(BlockKind.PARAGRAPH, document.text[position : block.start], place=place)
        start = document.text.rfind("\n", 0, block.start) + 1 if block.kind is BlockKind.CODE else block.start
        inner = block.place or (f"page {pages[block.start]}" if block.start in pages else "")
        deeper = min(6, block.level + level) if block.kind is BlockKind.HEADING else block.level
        text = document.text[max(start, position) : block.end]
        writer.add(block.kind, text, level=deeper, place=_within(place, inner))
        position = block.end
    writer.add(BlockKind.PARAGRAPH, document.text[position:], place=place)


def _pages(blocks: Iterable[Block]) -> Mapping[int, int]:
    """Return the page of each block that has one, by its start; lines speak for the block around them."""
    pages: dict[int, int] = {}
    outer = -1
    for block in blocks:
        if block.kind is not BlockKind.LINE:
            outer = block.start
        if block.box is not None:
            pages.setdefault(outer, block.box.page)
    return pages


def chosen(plain: tuple[Part, ...], markup: tuple[Part, ...], name: str, limits: Limits) -> tuple[Part, ...]:
    """Return the plain text of a body that has both, unless it is a stub of the page, or addresses more than words."""
    if not markup or not plain:
        return plain or markup
    text = " ".join(part.text for part in plain)
    said = len(_UNSEEN.sub("", text))
    pages = (markup_document(part.text, name, limits) for part in markup)
    shown = sum(len(_UNSEEN.sub("", page.text)) for page in pages if page is not None)
    is_stub = not said or (shown > STUB_CHARACTERS and said < STUB_SHARE * shown)
    is_links = sum(map(len, _ADDRESS.findall(text))) * 2 > len(text) and shown * 2 > said
    if ((is_stub or is_links) and shown) or all(_IS_MARKUP.match(part.text) for part in plain):
        return markup
    return plain


def markup_document(text: str, name: str, limits: Limits) -> Document | None:
    """Return what a page in a letter shows: all of it, for a letter has no navigation. None where it shows nothing."""
    writer = DocumentWriter()
    try:
        write_fragment(writer, text)
        if len(writer):
            return writer.finish(name, "text/html")
        return read_html(codecs.BOM_UTF8 + text.encode("utf-8", "replace"), name, limits)
    except NoText:
        return None


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", text)


def _within(place: str, inner: str) -> str:
    return f"{place}, {inner}" if place and inner else place or inner
