"""From bytes to a Document with blocks, one file a format. Knows nothing of cleaning or of the library."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import PurePath

from ingest.read import media as types
from ingest.read.limits import Limits
from ingest.read.sniff import sniff
from rag.errors import Empty, TooLarge, Unsupported
from rag.types import Document

__all__ = ["READER_VERSION", "Limits", "read", "reader_version", "sniff"]

READER_VERSION = "2"  # part of every document's id: raise it when the same bytes give another text

# Imported with the first file of its kind: an ingest that finds everything unchanged loads no PDF library (0.3 s).
_READERS = {
    types.TEXT: "plain.read_plain",
    types.MARKDOWN: "markdown.read_markdown",
    types.HTML: "html.read_html",
    types.PDF: "pdf.read.read_pdf",
    types.RST: "rst.read_rst",
    types.CSV: "sheets.delimited.read_delimited",
    types.TSV: "sheets.delimited.read_delimited",
    types.CODE: "code.read_code",
    types.JSON: "records.read_json",
    types.JSON_LINES: "records.read_json_lines",
    types.NOTEBOOK: "notebook.read_notebook",
    types.XML: "xml.read_xml",
    types.SVG: "xml.read_xml",
    types.RTF: "office.rtf.read_rtf",
    types.MAIL: "mail.mime.read_mail",
    types.MSG: "mail.msg.read_msg",
    types.DOCX: "office.docx.read_docx",
    types.PPTX: "office.pptx.read_pptx",
    types.DOC: "office.legacy.read_legacy",
    types.PPT: "office.legacy.read_legacy",
    types.OLE: "office.legacy.read_storage",
    types.ENCRYPTED_OFFICE: "office.encrypted.read_encrypted",
    types.XLSX: "sheets.workbook.read_sheet",
    types.XLSB: "sheets.workbook.read_sheet",
    types.XLS: "sheets.workbook.read_sheet",
    types.ODS: "sheets.workbook.read_sheet",
    types.ODT: "office.opendocument.read_opendocument",
    types.ODP: "office.opendocument.read_opendocument",
    types.EPUB: "epub.read_epub",
    **dict.fromkeys(types.PICTURES, "picture.read_picture"),
}


def reader_version(limits: Limits) -> str:
    """Name what makes a text of a file's bytes: what was read without masking is as good as never read to who masks."""
    return f"{READER_VERSION} masked" if limits.privacy == "mask" else READER_VERSION


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
        raise Empty(f"{name}: the file is empty")
    mime = sniff(data, name)
    plugin = limits.plugin(PurePath(name).suffix.lower(), mime) if limits.plugins else None
    if plugin is not None:
        from ingest.read.plugin import read_plugin

        return read_plugin(data, name, mime, plugin, limits)
    reader = _READERS.get(mime)
    if reader is None:
        what = "bytes of no known type" if mime == types.UNKNOWN else f"no reader for {mime}"
        raise Unsupported(f"{name}: {what}", hint="convert it to PDF, HTML, Markdown or plain text")
    module, _, function = reader.rpartition(".")
    reads: Callable[[bytes, str, Limits], Document] = getattr(import_module(f"{__name__}.{module}"), function)
    return reads(data, name, limits)
