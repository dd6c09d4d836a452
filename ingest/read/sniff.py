"""Tell a file's type by its first bytes; its name only breaks ties. Knows nothing of how a type is read."""

from __future__ import annotations

import io
import json
import re
import struct
import zipfile
import zlib
from pathlib import PurePath

from ingest.read.encoding import decode
from ingest.read.media import (
    BZIP2,
    CODE,
    CSV,
    DOC,
    DOCX,
    ENCRYPTED_OFFICE,
    EPUB,
    GZIP,
    HTML,
    JSON,
    JSON_LINES,
    MAIL,
    MARKDOWN,
    MSG,
    NOTEBOOK,
    OLE,
    PDF,
    PPT,
    PPTX,
    RST,
    RTF,
    SVG,
    TAR,
    TEXT,
    TSV,
    UNKNOWN,
    XLS,
    XLSB,
    XLSX,
    XML,
    XZ,
    ZIP,
)

HEAD_BYTES = 4096
_SIGNATURES = (
    (b"{\\rtf", RTF),
    (b"\x89PNG\r\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"\x1f\x8b", GZIP),
    (b"BZh", BZIP2),
    (b"\xfd7zXZ\0", XZ),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"\x7fELF", "application/x-elf"),
    (b"SQLite format 3\0", "application/vnd.sqlite3"),
    (b"%!PS", "application/postscript"),
    (b"ID3", "audio/mpeg"),
    (b"OggS", "audio/ogg"),
    (b"fLaC", "audio/flac"),
    (b"\x1aE\xdf\xa3", "video/x-matroska"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OLE),
)
# The streams that the root of an OLE file holds; the first that is there decides.
_OLE_STREAMS = (
    ("EncryptedPackage", ENCRYPTED_OFFICE),
    ("__properties_version1.0", MSG),
    ("WordDocument", DOC),
    ("PowerPoint Document", PPT),
    ("Workbook", XLS),
    ("Book", XLS),
)
_OLE_BY_SUFFIX = {".doc": DOC, ".dot": DOC, ".xls": XLS, ".ppt": PPT, ".pps": PPT, ".msg": MSG}
_ZIP_MEMBERS = (
    (b"xl/workbook.bin", XLSB),
    (b"word/", DOCX),
    (b"xl/", XLSX),
    (b"ppt/", PPTX),
)
_MARKUP_SUFFIXES = frozenset({".html", ".htm", ".xhtml", ".shtml"})
_MARKDOWN_SUFFIXES = frozenset({".md", ".markdown", ".mkd", ".mdown"})
_TEXT_SUFFIXES = frozenset({".txt", ".text", ".log"})
_BY_SUFFIX = {".csv": CSV, ".tsv": TSV, ".tab": TSV, ".rst": RST}
_CODE_SUFFIXES = frozenset(
    ".py .pyi .js .mjs .cjs .jsx .ts .tsx .java .kt .kts .scala .go .rs .c .h .cc .cpp .cxx .hpp .cs .fs .vb .swift .m"
    " .mm .rb .php .pl .pm .lua .r .jl .sh .bash .zsh .fish .ps1 .bat .cmd .sql .css .scss .less .vue .svelte .dart"
    " .ex .exs .erl .hs .ml .clj .groovy .gradle .cmake .proto .thrift .tf .toml .ini .cfg .conf .yaml .yml"
    " .properties .dockerfile .mk".split()
)
_SHEBANG = re.compile(r"#![ \t]*/\S+")
_MAIL_HEAD = re.compile(r"\s*(?:From \S+ [^\n]*\n)?((?:[!-9;-~]+[ \t]*:[^\n]*\n(?:[ \t]+[^\n]*\n)*)+)")
_MAIL_FIELDS = re.compile(
    r"^(from|to|cc|subject|date|message-id|mime-version|received|return-path|delivered-to|reply-to|sender|content-type"
    r"|content-transfer-encoding|user-agent|x-mailer|authentication-results|dkim-signature|arc-seal|in-reply-to"
    r"|references|envelope-to|thread-topic):",
    re.IGNORECASE | re.MULTILINE,
)
_MAIL_SUFFIXES = frozenset({".eml", ".mbox", ".mbx", ".mht", ".mhtml"})
_MAIL_HEAD_BYTES = 16_384  # signatures and seals fill some kilobytes
_HTML_START = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?>(?:<!--.*?-->\s*))*+<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)
_XML_START = re.compile(r"\s*(?:<\?xml\b|<!doctype\s+(?!html)\w+)", re.IGNORECASE)
# Whole office files as one XML file: Word's own, and OpenDocument's.
_OFFICE_XML = re.compile(
    r"""<\?mso-application\s+progid=["']([\w.]+)["']"""
    r"""|\soffice:mimetype=["'](application/vnd\.oasis\.opendocument\.(?:text|presentation))["']"""
)
_SVG_FILE = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?>(?:<!--.*?-->\s*|<!doctype\s+svg[^>]*>\s*))*+<svg\b", re.IGNORECASE | re.DOTALL
)
_BLOCK_TAG = re.compile(
    r"</?(?:p|div|h[1-6]|ul|ol|li|table|t[dhr]|br|span|a|section|article|blockquote|pre)\b[^<>]*>", re.IGNORECASE
)
_HEADING_MARK = re.compile(r"^#{1,6} \S", re.MULTILINE)
_OTHER_MARKS = re.compile(r"^(?:```|~~~|\|.+\|$|> \S)|\[[^\]\n]+\]\([^)\s]+\)|\*\*\S[^*\n]*\*\*", re.MULTILINE)
_JSON_START = re.compile(r'\s*(?:\{\s*"(?:[^"\\]|\\.)*"\s*:|\[\s*(?:[\[{"\d-]|true|false|null))')
_RST_DIRECTIVE = re.compile(r"^\.\. [\w-]+::", re.MULTILINE)
_RST_UNDERLINE = re.compile(r"^\S[^\n]*\n([=\-~^\"*+#])\1{2,}[ \t]*$", re.MULTILINE)
_SAMPLE_CHARACTERS = 20_000


def sniff(data: bytes, name: str) -> str:
    """Return the media type of the bytes; UNKNOWN where they are of no type known here."""
    head = data[:HEAD_BYTES]
    if is_pdf(data):
        return PDF
    suffix = PurePath(name).suffix.lower()
    for signature, mime in _SIGNATURES:
        if head.startswith(signature):
            return _ole_type(data, suffix) if mime == OLE else mime
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_type(data)
    if data[257:262] == b"ustar":
        return TAR
    if head[4:8] == b"ftyp":
        return "video/mp4"
    if head[:4] == b"RIFF":
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}.get(head[8:12], UNKNOWN)
    if head[:2] == b"BM" and head[6:10] == b"\0\0\0\0":
        return "image/bmp"
    if head[:2] == b"MZ" and b"\0" in head:
        return "application/vnd.microsoft.portable-executable"
    # Before anything is decoded: the parts of a mail may each have an encoding of their own.
    if b"\0" not in head and _is_mail(data[:_MAIL_HEAD_BYTES].removeprefix(b"\xef\xbb\xbf").decode("latin-1"), suffix):
        return MAIL
    decoded = decode(data[: 4 * _SAMPLE_CHARACTERS])
    if decoded is not None:
        return _text_type(decoded[0][:_SAMPLE_CHARACTERS].lstrip("\ufeff"), suffix)
    # A page may name an encoding that cannot be guessed.
    declares = b"\0" not in head and _HTML_START.match(head.decode("latin-1")) is not None
    return HTML if declares else UNKNOWN


def is_packed(data: bytes) -> bool:
    """Whether the first bytes are an archive's, or those of the many formats that are archives within."""
    return data.startswith((b"PK", b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0")) or data[257:262] == b"ustar"


def is_pdf(data: bytes) -> bool:
    return b"%PDF-" in data[:1024]


def _ole_type(data: bytes, suffix: str) -> str:
    import olefile

    try:
        with olefile.OleFileIO(data) as storage:
            roots = {path[0].lower() for path in storage.listdir()}  # names differ in case, and none tells them apart
    except (OSError, ValueError, IndexError, struct.error):  # a broken directory: its name is all that is left
        roots = set()
    found = next((mime for stream, mime in _OLE_STREAMS if stream.lower() in roots), None)
    return found or _OLE_BY_SUFFIX.get(suffix, OLE)


def _zip_type(data: bytes) -> str:
    head = data[:HEAD_BYTES]
    if head[30:38] == b"mimetype" and head[8:10] == b"\0\0":  # not packed, as it has to be
        declared = re.match(rb"[\w.+/-]+", head[38:120])
        if declared:
            return declared.group().removesuffix(b"PK").decode("ascii")
    directory = data[-64 * 1024 :]  # the names stand once more at the end
    names = (head + directory).replace(b"\\", b"/").lower()  # writers differ, and readers take what they are given
    if b"[content_types].xml" in names or b"_rels/" in names:
        for member, mime in _ZIP_MEMBERS:
            if member in names:
                return mime
        if b"PK\x05\x06" not in directory:  # cut: its directory is missing, and what is there still has its names
            return next((mime for member, mime in _ZIP_MEMBERS if member in data), ZIP)
    if b"mimetype" in directory or b"META-INF/container.xml" in directory + head:
        return _declared_type(data)
    return ZIP


def _declared_type(data: bytes) -> str:
    """Return the type a file says it is where the member that says so is not the first, as zip tools leave it."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
            if "META-INF/container.xml" in names:
                return EPUB
            if "mimetype" in names and "META-INF/manifest.xml" in names:
                with archive.open("mimetype") as stream:
                    declared = re.match(rb"application/[\w.+-]{1,100}", stream.read(120))
                return declared.group().decode("ascii") if declared else ZIP
    except (zipfile.BadZipFile, zlib.error, OSError, RuntimeError, NotImplementedError, ValueError, EOFError):
        return ZIP
    return ZIP


def _text_type(text: str, suffix: str) -> str:
    if _is_mail(text, suffix):
        return MAIL
    if suffix in _CODE_SUFFIXES or _SHEBANG.match(text):
        return CODE
    if suffix in _BY_SUFFIX:
        return _BY_SUFFIX[suffix]
    if text.lstrip()[:1] in ("{", "["):
        found = _json_type(text, suffix)
        if found:
            return found
    return _markup_type(text, suffix)


def _is_mail(text: str, suffix: str) -> bool:
    match = _MAIL_HEAD.match(text.replace("\r\n", "\n"))
    if match is None or suffix in _MARKDOWN_SUFFIXES:
        return False
    return len({name.lower() for name in _MAIL_FIELDS.findall(match[1])}) >= (1 if suffix in _MAIL_SUFFIXES else 3)


def _json_type(text: str, suffix: str) -> str | None:
    """Tell by the beginning alone whether this is JSON; its reader falls back on plain text where it is not."""
    lines = [line for line in text.splitlines()[:20] if line.strip()]
    if suffix in {".jsonl", ".ndjson"} or (len(lines) > 2 and all(_is_json(line) for line in lines[:-1])):
        return JSON_LINES
    if suffix == ".ipynb" or ('"cells"' in text and '"nbformat' in text):
        return NOTEBOOK
    return JSON if suffix == ".json" or _JSON_START.match(text) else None


def _is_json(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict | list)
    except (ValueError, RecursionError):
        return False


def _markup_type(text: str, suffix: str) -> str:
    if _HTML_START.match(text):
        return HTML
    if _SVG_FILE.match(text) and text.rstrip().endswith("</svg>"):
        return SVG
    if _XML_START.match(text):
        office = _OFFICE_XML.search(text[:HEAD_BYTES])
        if office:
            return {"Word.Document": DOC, "PowerPoint.Show": PPT}.get(office[1]) or office[2] or XML
        return HTML if "http://www.w3.org/1999/xhtml" in text else XML
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
    if _RST_DIRECTIVE.search(text) and _RST_UNDERLINE.search(text):
        return RST
    return TEXT
