"""Say what becomes of one file: must it be read, and what is its text to the library? Writes and embeds nothing.

In two steps, so that others are read meanwhile: first look at its bytes, then at the document that was read from them.
"""

from __future__ import annotations

import hashlib
import logging
import os
import stat
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Literal

from ingest.archives.walk import READS as ARCHIVES
from ingest.archives.walk import Member
from ingest.chunk import chunk
from ingest.dedup import Known, Near, marked
from ingest.read import Limits, reader_version, sniff
from ingest.read.sniff import is_packed
from ingest.report import bad, describe, duplicate, indexed, near_duplicate, unchanged
from ingest.walk import Found, Passed
from rag.errors import Changing, Empty, LibraryError, LowQuality, ModelError, NoText, TooLarge, Unreadable, Unsupported
from rag.library.library import Library
from rag.library.records import FileFacts, SourceRow
from rag.types import Chunk, Document
from rag.wire import FileOut

log = logging.getLogger(__name__)

DOCUMENT_ID_DIGITS = 32
TRIES = 3  # to read a file that is being written to
SKIPPED = (Unsupported, Empty, LowQuality)  # nobody's failure


@dataclass(frozen=True, slots=True)
class Settled:
    """A file that asks for no new document: its row, and its facts where they are news."""

    row: FileOut
    facts: FileFacts | None = None


@dataclass(frozen=True, slots=True)
class Loaded:
    """A file that must be read. before: what stood at its location, whatever reader had read it."""

    facts: FileFacts
    data: bytes
    before: SourceRow | None


@dataclass(frozen=True, slots=True)
class Archive:
    """A file that holds files."""

    found: Found
    data: bytes


@dataclass(frozen=True, slots=True)
class Ready:
    """A document to store, with all that its commit needs but the vectors.

    near: the document that it nearly repeats; bands: what others that nearly repeat it will be found by.
    """

    facts: FileFacts
    data: bytes
    document: Document
    chunks: tuple[Chunk, ...]
    near: Near | None
    bands: tuple[int, ...]

    @property
    def row(self) -> FileOut:
        """The row of its report, once it is stored."""
        source, identity, chunks = self.facts.source, self.document.id, len(self.chunks)
        return near_duplicate(source, identity, chunks, self.near) if self.near else indexed(source, identity, chunks)


def document_id(sha256: str, reader: str) -> str:
    """Name a document by its bytes and the reader that reads them."""
    return hashlib.sha256(f"{reader}\n{sha256}".encode()).hexdigest()[:DOCUMENT_ID_DIGITS]


class Examiner:
    def __init__(
        self,
        library: Library | None,
        known: Known,
        token_starts: Callable[[str], Sequence[int]],
        *,
        limits: Limits,
        max_tokens: int,
        overlap_sentences: int,
        before: Callable[[str], SourceRow | None],
    ) -> None:
        """before: what stands at a location, as far as the library knows."""
        self._library = library
        self._known = known
        self._token_starts = token_starts
        self._limits = limits
        self._reader = reader_version(limits)
        self._max_tokens = max_tokens
        self._overlap_sentences = overlap_sentences
        self._before = before

    def look(self, entry: Found | Passed) -> Settled | Loaded | Archive:
        """Return what a file's bytes say of it; whatever is wrong with them ends in its row.

        Raises LibraryError alone: that is no file's fault.
        """
        if isinstance(entry, Passed):
            return Settled(bad(entry.source, entry.outcome, entry.error, entry.detail))
        before = self._before(entry.location)
        try:
            if is_as_it_was(entry, before, self._reader):
                assert before is not None
                return Settled(unchanged(entry.source, before.document_id))
            data, facts = load(entry, self._limits)
            if is_packed(data) and sniff(data, entry.source) in ARCHIVES:
                return Archive(entry, data)
            return self._stored(facts, before) or Loaded(facts, data, before)
        except Exception as error:  # noqa: BLE001  (the edge: one bad file must not stop the others)
            return self.refused(entry.source, error, before)

    def look_within(self, archive: Archive, member: Member) -> Settled | Loaded:
        """As look(), for a file in an archive."""
        location, source = within(archive.found, member.name)
        if member.data is None:
            outcome: Literal["skipped", "failed"] = "skipped" if member.outcome == "skipped" else "failed"
            return Settled(bad(source, outcome, member.error, f"{source}: {member.detail}"))
        before = self._before(location)
        facts = FileFacts(location, source, hashlib.sha256(member.data).hexdigest(), len(member.data), 0)
        return self._stored(facts, before) or Loaded(facts, member.data, before)

    def settle(self, loaded: Loaded, reading: Future[Document]) -> Settled | Ready:
        """Return what becomes of a file once it is read. Raises LibraryError and ModelError alone."""
        try:
            twin = self._known.with_bytes(loaded.facts.sha256)  # which was not there yet when this one was looked at
            if twin is not None:
                return Settled(duplicate(loaded.facts.source, twin), loaded.facts)
            return self._settle(loaded, reading.result())
        except Exception as error:  # noqa: BLE001  (the edge, as above)
            return self.refused(loaded.facts.source, error, loaded.before)

    def refused(self, source: str, error: Exception, before: SourceRow | None = None) -> Settled:
        """Return the row of a file that this was raised on. Raises what is no file's fault."""
        match error:
            case LibraryError() | ModelError():
                raise error
            case TooLarge() if isinstance(error, Oversized):
                outcome, name, detail = "skipped", "TooLarge", describe(error)
            case Unreadable():
                outcome, name = "skipped" if isinstance(error, SKIPPED) else "failed", error.name
                detail = describe(error)
            case OSError():
                outcome, name = "failed", "Unreadable"
                detail = f"{source}: {error.strerror or error}; look at the file's rights, and at the disk"
            case _:
                log.error("reading %s failed", ascii(source), exc_info=error)
                outcome, name = "failed", "Internal"
                detail = f"{source}: {type(error).__name__}: {error}; a fault of Footnote's: the log has its trace"
        if before is not None:  # what can be read is not given up for what cannot
            detail = f"{detail}; the text it had before stays in the library"
        return Settled(bad(source, "skipped" if outcome == "skipped" else "failed", name, detail))

    def _stored(self, facts: FileFacts, before: SourceRow | None) -> Settled | None:
        """Return what becomes of bytes that the library has read already."""
        before = of_this_reader(before, self._reader)
        if before and before.sha256 == facts.sha256:
            return Settled(unchanged(facts.source, before.document_id), facts)
        twin = self._library.document_with_bytes(facts.sha256, self._reader) if self._library is not None else None
        return Settled(duplicate(facts.source, twin), facts) if twin is not None else None

    def _settle(self, loaded: Loaded, document: Document) -> Settled | Ready:
        facts = loaded.facts
        twin = self._known.with_text(document.text)
        if twin is not None and not self._is_older_self(twin, loaded.before):
            return Settled(duplicate(facts.source, twin), facts)
        document = replace(document, id=document_id(facts.sha256, self._reader), source=facts.source)
        near = self._known.near(document, replaces=loaded.before.document_id if loaded.before else None)
        document = marked(document, near)
        chunks = chunk(
            document, self._token_starts, max_tokens=self._max_tokens, overlap_sentences=self._overlap_sentences
        )
        if not chunks:
            raise NoText(f"{facts.source}: it was read, and there is no text in it")
        return Ready(facts, loaded.data, document, tuple(chunks), near, self._known.bands(document.id))

    def _is_older_self(self, twin: str, before: SourceRow | None) -> bool:
        """Whether the twin is the earlier version of this very file, and stands nowhere else."""
        if self._library is None or before is None or before.document_id != twin or self._known.waits(twin):
            return False
        return not self._library.document_row(twin).also_at


class Oversized(TooLarge):
    """A file that was not read at all for its size: that is skipped, and no failure."""


def of_this_reader(before: SourceRow | None, reader: str) -> SourceRow | None:
    """Another reader's text is as good as never read."""
    return before if before is not None and before.reader == reader else None


def is_as_it_was(entry: Found, before: SourceRow | None, reader: str) -> bool:
    """Whether size and time say that the file is still what the library holds."""
    before = of_this_reader(before, reader)
    return before is not None and entry.mtime_ns != 0 and (before.size, before.mtime_ns) == (entry.size, entry.mtime_ns)


def within(archive: Found, name: str) -> tuple[str, str]:
    """Return the location and the label of a file in an archive; "" is the archive itself."""
    if not name:
        return archive.location, archive.source
    return f"{archive.location}!/{name}", f"{archive.source}/{name}"


def load(entry: Found, limits: Limits) -> tuple[bytes, FileFacts]:
    """Read a file's bytes, which are those that are hashed.

    Raises Oversized, Changing where it is written to meanwhile, Unreadable, OSError.
    """
    for _ in range(TRIES):
        if entry.size > limits.max_bytes:
            break
        # Not through a link or from a pipe that took the file's place since the walk.
        descriptor = os.open(entry.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise Unreadable(f"{entry.source}: it is not a regular file any more")
            data = file.read(limits.max_bytes + 1)
            after = os.fstat(descriptor)
        if len(data) > limits.max_bytes:
            break
        if (status.st_size, status.st_mtime_ns) == (after.st_size, after.st_mtime_ns):
            mtime_ns = status.st_mtime_ns if entry.mtime_ns else 0
            sha256 = hashlib.sha256(data).hexdigest()
            return data, FileFacts(entry.location, entry.source, sha256, status.st_size, mtime_ns)
    else:
        raise Changing(f"{entry.source}: it is being written to", hint="ingest again when it is finished")
    raise Oversized(
        f"{entry.source}: {entry.size / 2**20:.1f} MiB, over the limit of {limits.max_bytes / 2**20:.0f} MiB",
        hint="raise ingest.max_file_mb, or split the file",
    )
