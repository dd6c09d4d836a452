"""Tell a file's type by its first bytes; its name only breaks ties. Knows nothing of how a type is read."""

from __future__ import annotations

import re
from pathlib import PurePath

from ingest.read.encoding import decode

TEXT = "text/plain"
MARKDOWN = "text/markdown"
HTML = "text/html"
PDF = "application/pdf"
UNKNOWN = "application/octet-stream"

HEAD_BYTES = 4096
_SIGNATURES = (
    (b"{\\rtf", "application/rtf"),
    (b"\x89PNG\r\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"\x1f\x8b", "application/gzip"),
    (b"BZh", "application/x-bzip2"),
    (b"\xfd7zXZ\0", "application/x-xz"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"\x7fELF", "application/x-elf"),
    (b"SQLite format 3\0", "application/vnd.sqlite3"),
    (b"%!PS", "application/postscript"),
    (b"ID3", "audio/mpeg"),
    (b"OggS", "audio/ogg"),
    (b"fLaC", "audio/flac"),
    (b"\x1aE\xdf\xa3", "video/x-matroska"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
)
_OLE_BY_SUFFIX = {
    ".doc": "application/msword",
    ".xls": "application/vnd.ms-excel",
    ".ppt": "application/vnd.ms-powerpoint",
    ".msg": "application/vnd.ms-outlook",
}
_ZIP_MEMBERS = (
    (b"word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    (b"xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (b"ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
)
_MARKUP_SUFFIXES = frozenset({".html", ".htm", ".xhtml", ".shtml"})
_MARKDOWN_SUFFIXES = frozenset({".md", ".markdown", ".mkd", ".mdown"})
_TEXT_SUFFIXES = frozenset({".txt", ".text", ".log", ".csv", ".tsv", ".rst"})
_MAIL_FIELDS = re.compile(
    r"(?:From \S+ [^\n]*\n)?"
    r"(?:(?:from|to|subject|date|message-id|mime-version|received|return-path|delivered-to|reply-to|content-type"
    r"|x-[\w-]+|cc|sender|content-transfer-encoding|user-agent):[^\n]*\n(?:[ \t][^\n]*\n)*){3,}",
    re.IGNORECASE,
)
_HTML_START = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?>(?:<!--.*?-->\s*))*+<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)
_XML_START = re.compile(r"\s*(?:<\?xml\b|<!doctype\s+(?!html)\w+)", re.IGNORECASE)
_SVG_FILE = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?>(?:<!--.*?-->\s*|<!doctype\s+svg[^>]*>\s*))*+<svg\b", re.IGNORECASE | re.DOTALL
)
_BLOCK_TAG = re.compile(
    r"</?(?:p|div|h[1-6]|ul|ol|li|table|t[dhr]|br|span|a|section|article|blockquote|pre)\b[^<>]*>", re.IGNORECASE
)
_HEADING_MARK = re.compile(r"^#{1,6} \S", re.MULTILINE)
_OTHER_MARKS = re.compile(r"^(?:```|~~~|\|.+\|$|> \S)|\[[^\]\n]+\]\([^)\s]+\)|\*\*\S[^*\n]*\*\*", re.MULTILINE)
_SAMPLE_CHARACTERS = 20_000


def sniff(data: bytes, name: str) -> str:
    """Return the media type of the bytes; UNKNOWN where they are of no type known here."""
    head = data[:HEAD_BYTES]
    if is_pdf(data):
        return PDF
    suffix = PurePath(name).suffix.lower()
    for signature, mime in _SIGNATURES:
        if head.startswith(signature):
            return _OLE_BY_SUFFIX.get(suffix, mime) if mime == "application/x-ole-storage" else mime
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_type(data)
    if head[4:8] == b"ftyp":
        return "video/mp4"
    if head[:4] == b"RIFF":
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}.get(head[8:12], UNKNOWN)
    if head[:2] == b"BM" and head[6:10] == b"\0\0\0\0":
        return "image/bmp"
    if head[:2] == b"MZ" and b"\0" in head:
        return "application/vnd.microsoft.portable-executable"
    decoded = decode(data[: 4 * _SAMPLE_CHARACTERS])
    if decoded is not None:
        return _text_type(decoded[0][:_SAMPLE_CHARACTERS].lstrip("\ufeff"), suffix)
    # A page may name an encoding that cannot be guessed.
    declares = b"\0" not in head and _HTML_START.match(head.decode("latin-1")) is not None
    return HTML if declares else UNKNOWN


def is_pdf(data: bytes) -> bool:
    return b"%PDF-" in data[:1024]


def _zip_type(data: bytes) -> str:
    head = data[:HEAD_BYTES]
    if head[30:38] == b"mimetype":
        declared = re.match(rb"[\w.+/-]+", head[38:120])
        if declared:
            return declared.group().removesuffix(b"PK").decode("ascii")
    directory = data[-64 * 1024 :]  # the names stand once more at the end
    for member, mime in _ZIP_MEMBERS:
        if member in head or member in directory:
            return mime
    return "application/zip"


def _text_type(text: str, suffix: str) -> str:
    if _MAIL_FIELDS.match(text.replace("\r\n", "\n")) and suffix not in _MARKDOWN_SUFFIXES:
        return "message/rfc822"
    if _HTML_START.match(text):
        return HTML
    if _SVG_FILE.match(text) and text.rstrip().endswith("</svg>"):
        return "image/svg+xml"
    if _XML_START.match(text):
        return HTML if "http://www.w3.org/1999/xhtml" in text else "application/xml"
    if suffix in _MARKUP_SUFFIXES and "<" in text:
        return HTML
    if suffix in _MARKDOWN_SUFFIXES:
        return MARKDOWN
    if suffix in _TEXT_SUFFIXES:
        return TEXT
    tags = _BLOCK_TAG.findall(text)
    if text.lstrip().startswith("<") and len(tags) >= 4 and len(tags) * 200 > len(text):
        return HTML
    if len(_HEADING_MARK.findall(text)) >= 2 and _OTHER_MARKS.search(text):
        return MARKDOWN
    return TEXT
