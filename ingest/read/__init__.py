"""From bytes to a Document with blocks, one file a format. Knows nothing of cleaning or of the library."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from ingest.read.limits import Limits
from ingest.read.sniff import HTML, MARKDOWN, PDF, TEXT, UNKNOWN, sniff
from rag.errors import NoText, TooLarge, Unsupported
from rag.types import Document

__all__ = ["READER_VERSION", "Limits", "read", "sniff"]

READER_VERSION = "1"  # part of every document's id: raise it when the same bytes give another text

# Imported with the first file of its kind: an ingest that finds everything unchanged loads no PDF library (0.3 s).
_READERS = {
    TEXT: "plain.read_plain",
    MARKDOWN: "markdown.read_markdown",
    HTML: "html.read_html",
    PDF: "pdf.read_pdf",
}


def read(data: bytes, name: str, *, limits: Limits) -> Document:
    """Return the text and structure of a file; id is "" and source is `name`, until the pipeline knows better.

    Raises one of the Unreadable family and nothing else.
    """
    if len(data) > limits.max_bytes:
        raise TooLarge(
            f"{name}: {len(data) / 2**20:.1f} MiB, over the limit of {limits.max_bytes / 2**20:.0f} MiB",
            hint="raise ingest.max_file_mb, or split the file",
        )
    if not data.strip(b"\0 \t\r\n\x0c"):
        raise NoText(f"{name}: the file is empty")
    mime = sniff(data, name)
    reader = _READERS.get(mime)
    if reader is None:
        what = "bytes of no known type" if mime == UNKNOWN else f"no reader for {mime}"
        raise Unsupported(f"{name}: {what}", hint="convert it to PDF, HTML, Markdown or plain text")
    module, function = reader.split(".")
    reads: Callable[[bytes, str, Limits], Document] = getattr(import_module(f"{__name__}.{module}"), function)
    return reads(data, name, limits)
