"""Read one file as far as it must be read to know what becomes of it. Writes nothing and embeds nothing."""

from __future__ import annotations

import hashlib
import logging
import os
import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ingest.chunk import chunk
from ingest.dedup import Known
from ingest.read import READER_VERSION, Limits, read
from ingest.read.sniff import is_pdf
from ingest.read_apart import ReadApart
from ingest.report import bad, describe, duplicate, unchanged
from ingest.walk import Found, Passed
from rag.errors import LibraryError, ModelError, NoText, TooLarge, Unreadable, Unsupported
from rag.library.library import Library
from rag.library.records import FileFacts, SourceRow
from rag.text import language_of
from rag.types import Chunk, Document
from rag.wire import FileOut

log = logging.getLogger(__name__)

DOCUMENT_ID_DIGITS = 32


@dataclass(frozen=True, slots=True)
class Ready:
    """A document to store, with all that its commit needs but the vectors."""

    facts: FileFacts
    data: bytes
    document: Document
    chunks: tuple[Chunk, ...]


@dataclass(frozen=True, slots=True)
class Settled:
    """A file that asks for no new document: its row, and its facts where they are news."""

    row: FileOut
    facts: FileFacts | None = None


def document_id(sha256: str) -> str:
    """Name a document by its bytes and the reader that reads them."""
    return hashlib.sha256(f"{READER_VERSION}\n{sha256}".encode()).hexdigest()[:DOCUMENT_ID_DIGITS]


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
        apart: ReadApart | None = None,
    ) -> None:
        """apart: what reads PDFs, the parser of which may hang or crash; without it they are read in this process."""
        self._library = library
        self._known = known
        self._token_starts = token_starts
        self._limits = limits
        self._max_tokens = max_tokens
        self._overlap_sentences = overlap_sentences
        self._apart = apart

    def examine(self, entry: Found | Passed) -> Settled | Ready:
        """Return what becomes of a file; whatever is wrong with it ends in its row.

        Raises LibraryError and ModelError alone: they are no file's fault.
        """
        if isinstance(entry, Passed):
            return Settled(bad(entry.source, entry.outcome, entry.error, entry.detail))
        before = self._library.source_at(entry.location) if self._library else None
        try:
            return self._read(entry, before)
        except (LibraryError, ModelError):
            raise
        except Unsupported as error:
            return Settled(bad(entry.source, "skipped", error.name, _with_old(describe(error), before)))
        except Unreadable as error:
            return Settled(bad(entry.source, "failed", error.name, _with_old(describe(error), before)))
        except OSError as error:
            detail = f"{entry.source}: {error.strerror or error}; look at the file's rights, and at the disk"
            return Settled(bad(entry.source, "failed", "Unreadable", _with_old(detail, before)))
        except Exception as error:  # the edge: one bad file must not stop the others
            log.exception("reading %s failed", ascii(entry.location))
            return Settled(bad(entry.source, "failed", "Internal", _with_old(_fault(entry.source, error), before)))

    def _read(self, entry: Found, before: SourceRow | None) -> Settled | Ready:
        if before is not None and before.reader != READER_VERSION:
            before = None  # another reader's text: as good as never read
        if before and entry.mtime_ns and (before.size, before.mtime_ns) == (entry.size, entry.mtime_ns):
            return Settled(unchanged(entry.source, before.document_id))
        if entry.size > self._limits.max_bytes:
            detail = _with_old(describe(_too_large(entry, self._limits)), before)
            return Settled(bad(entry.source, "skipped", "TooLarge", detail))
        data, facts = _load(entry, self._limits)
        if before and before.sha256 == facts.sha256:
            return Settled(unchanged(entry.source, before.document_id), facts)
        twin = self._known.with_bytes(facts.sha256)
        if twin is not None:
            return Settled(duplicate(entry.source, twin), facts)
        document = self._document(entry, data, document_id(facts.sha256))
        twin = self._known.with_text(document.text)
        if twin is not None and not self._is_older_self(twin, before):
            return Settled(duplicate(entry.source, twin), facts)
        chunks = chunk(
            document, self._token_starts, max_tokens=self._max_tokens, overlap_sentences=self._overlap_sentences
        )
        if not chunks:
            raise NoText(f"{entry.source}: it was read, and there is no text in it")
        return Ready(facts, data, document, tuple(chunks))

    def _document(self, entry: Found, data: bytes, identity: str) -> Document:
        from ingest.clean import clean  # not for files that are unchanged: its patterns take 0.2 s to compile

        reads = self._apart.read if self._apart is not None and is_pdf(data) else read
        document = clean(reads(data, entry.source, limits=self._limits))
        if not document.text.strip():
            raise NoText(f"{entry.source}: nothing is left of it once page furniture is taken away")
        return replace(
            document,
            id=identity,
            source=entry.source,
            title=document.title.strip() or Path(entry.source).stem,
            language=language_of(document.text) if document.language == "und" else document.language,
        )

    def _is_older_self(self, twin: str, before: SourceRow | None) -> bool:
        """Whether the twin is the earlier version of this very file, and stands nowhere else."""
        if self._library is None or before is None or before.document_id != twin or self._known.waits(twin):
            return False
        return not self._library.document_row(twin).also_at


def _load(entry: Found, limits: Limits) -> tuple[bytes, FileFacts]:
    """Read a file once. What was read is what is hashed; a file that changes meanwhile is read again next time."""
    # Not through a link or from a pipe that took the file's place since the walk.
    descriptor = os.open(entry.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise Unreadable(f"{entry.source}: it is not a regular file any more")
        data = file.read(limits.max_bytes + 1)
    if len(data) > limits.max_bytes:
        raise _too_large(entry, limits)
    mtime_ns = status.st_mtime_ns if entry.mtime_ns else 0
    sha256 = hashlib.sha256(data).hexdigest()
    return data, FileFacts(entry.location, entry.source, sha256, status.st_size, mtime_ns)


def _too_large(entry: Found, limits: Limits) -> TooLarge:
    return TooLarge(
        f"{entry.source}: {entry.size / 2**20:.1f} MiB, over the limit of {limits.max_bytes / 2**20:.0f} MiB",
        hint="raise ingest.max_file_mb, or split the file",
    )


def _fault(source: str, error: Exception) -> str:
    return f"{source}: {type(error).__name__}: {error}; this is a fault of Footnote's, and the log has its trace"


def _with_old(detail: str, before: SourceRow | None) -> str:
    """Say that a file's earlier text is kept: what can be read is not given up for what cannot."""
    return detail if before is None else f"{detail}; the text it had before stays in the library"
