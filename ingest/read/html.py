"""HTML: the main content of a page, or of a fragment, as blocks."""

from __future__ import annotations

from ingest.read.limits import Limits
from ingest.read.sniff import HTML
from ingest.read.writer import DocumentWriter
from rag.types import BlockKind, Document


def read_html(data: bytes, name: str, limits: Limits) -> Document:
    writer = DocumentWriter()
    return writer.finish(name, HTML)


class HtmlBody:
    def __init__(self, writer: DocumentWriter) -> None:
        self._writer = writer

    def write_fragment(self, markup: str) -> None: ...
