"""Take the files, and tags for them, out of a multipart/form-data body as it comes, onto disk.

No file is larger than the limit. Knows nothing of collections. Feed it bytes, then ask for the files.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from rag.errors import InvalidRequest, TooLarge

MAX_FILES = 1000
MAX_NAME_CHARACTERS = 200
TAGS = b"tags"  # the one field beside the files
MAX_TAGS = 100
MAX_TAG_BYTES = 1000
# What a browser writes for the three characters that would end the header's value.
_ESCAPES = {"%22": '"', "%0D": "\r", "%0A": "\n"}
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f]")  # would show evil.exe.txt for what is not
_HINT = "send multipart/form-data with one part for each file, each with a filename: curl -F files=@report.pdf"


@dataclass(frozen=True, slots=True)
class Received:
    """A file that has come in whole: `size` bytes of the spool, from `start`."""

    name: str
    start: int
    size: int


@dataclass(slots=True)
class _Part:
    disposition: bytes = b""
    name: str = ""
    start: int = 0
    size: int = 0
    tag: bytearray | None = None
    header: bytearray = field(default_factory=bytearray)
    value: bytearray = field(default_factory=bytearray)


class FileParts:
    """A body being parsed into one temporary file, which closing deletes, and so does a kill."""

    def __init__(self, content_type: str, *, folder: Path, max_file_bytes: int) -> None:
        """Raises InvalidRequest where the type is not multipart/form-data with a boundary."""
        kind, options = parse_options_header(content_type.encode("latin-1", "replace"))
        boundary = options.get(b"boundary", b"")
        if kind != b"multipart/form-data" or not boundary:
            raise InvalidRequest("the body is not multipart/form-data with a boundary", hint=_HINT)
        self._max_file_bytes = max_file_bytes
        self._received: dict[str, Received] = {}
        self._part = _Part()
        self._ended = False
        self.tags: list[str] = []
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._on_part_begin,
                    "on_header_field": self._on_header_field,
                    "on_header_value": self._on_header_value,
                    "on_header_end": self._on_header_end,
                    "on_headers_finished": self._on_headers_finished,
                    "on_part_data": self._on_part_data,
                    "on_part_end": self._on_part_end,
                    "on_end": self._on_end,
                },
            )
        except FormParserError as error:
            raise InvalidRequest(f"the boundary cannot be used: {error}", hint=_HINT) from error
        # Beside the originals and not in /tmp, which may be memory.
        self._spool = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  (closed by close)

    def close(self) -> None:
        self._spool.close()

    def feed(self, data: bytes) -> None:
        """Raises TooLarge, InvalidRequest."""
        try:
            self._parser.write(data)
        except FormParserError as error:
            raise InvalidRequest(f"the multipart body cannot be read: {error}", hint=_HINT) from error

    def files(self) -> list[Received]:
        """Return the files in their order. Raises InvalidRequest for a body that broke off, or held none."""
        if not self._ended:
            raise InvalidRequest("the multipart body broke off before its last boundary", hint="send it again")
        if not self._received:
            raise InvalidRequest("there is no file in the body", hint=_HINT)
        return list(self._received.values())

    def read(self, received: Received) -> bytes:
        self._spool.seek(received.start)
        return self._spool.read(received.size)

    def _on_part_begin(self) -> None:
        self._part = _Part()

    def _on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._part.header += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._part.value += data[start:end]

    def _on_header_end(self) -> None:
        if self._part.header.lower() == b"content-disposition":
            self._part.disposition = bytes(self._part.value)
        self._part.header.clear()
        self._part.value.clear()

    def _on_headers_finished(self) -> None:
        _, options = parse_options_header(self._part.disposition)
        if b"filename" not in options and options.get(b"name") == TAGS:
            if len(self.tags) >= MAX_TAGS:
                raise InvalidRequest(f"more than {MAX_TAGS} tags", hint="tag the rest later: PATCH /documents/{id}")
            self._part.tag = bytearray()
            return
        if b"filename" not in options:
            field_name = options.get(b"name", b"").decode("utf-8", "replace")
            raise InvalidRequest(
                f"the part {field_name!r} is not a file",
                hint="a field is a tag (tags), or none: the collection goes into the query: ?collection=NAME",
            )
        if options[b"filename"] == b"":
            return  # what a browser sends for an empty file input; a name is asked for once it holds something
        name = label_of(options[b"filename"])
        if name in self._received:
            raise InvalidRequest(
                f"two files are named {name!r}", hint="send them in two requests, or rename one: a name is a place here"
            )
        if len(self._received) >= MAX_FILES:
            raise InvalidRequest(f"more than {MAX_FILES} files", hint="send the rest in another request")
        self._part.name = name
        self._part.start = self._spool.tell()

    def _on_part_data(self, data: bytes, start: int, end: int) -> None:
        part = self._part
        if part.tag is not None:
            part.tag += data[start:end]
            if len(part.tag) > MAX_TAG_BYTES:
                raise InvalidRequest("a tag is longer than a line", hint="a tag is a word or a few")
            return
        if not part.name:
            raise InvalidRequest("a file has no name", hint=_HINT)
        part.size += end - start
        if part.size > self._max_file_bytes:
            raise TooLarge(
                f"{part.name!r} is larger than {self._max_file_bytes // 1_000_000} MB",
                hint="raise server.max_upload_mb, or put the file where `footnote ingest` can read it",
            )
        self._spool.write(memoryview(data)[start:end])

    def _on_part_end(self) -> None:
        part = self._part
        if part.tag is not None:
            self.tags.append(_decoded(bytes(part.tag)))
        elif part.name:
            self._received[part.name] = Received(part.name, part.start, part.size)

    def _on_end(self) -> None:
        self._ended = True


def label_of(filename: bytes) -> str:
    """Return the name that people see: no folders, no control characters, NFC, of bounded length.

    It never becomes a path. Raises InvalidRequest where nothing is left.
    """
    name = _decoded(filename)
    for escape, character in _ESCAPES.items():
        name = name.replace(escape, character)
    name = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    name = _BIDI.sub("", unicodedata.normalize("NFC", name))
    name = "".join(" " if unicodedata.category(character) in _UNSEEN else character for character in name)
    name = " ".join(name.split())
    if not name.strip("."):
        raise InvalidRequest("a file has no name that can be shown", hint=_HINT)
    if len(name) <= MAX_NAME_CHARACTERS:
        return name
    stem, dot, suffix = name.rpartition(".")
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]  # two long names that begin alike stay two
    tail = f"~{digest}{dot}{suffix}" if dot and len(suffix) <= 10 else f"~{digest}"
    return f"{(stem if dot and len(suffix) <= 10 else name)[: MAX_NAME_CHARACTERS - len(tail)]}{tail}"


_UNSEEN = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})


def _decoded(name: bytes) -> str:
    for encoding in ("utf-8", "gb18030"):  # browsers send UTF-8; old Chinese clients what their Windows speaks
        try:
            return name.decode(encoding)
        except UnicodeDecodeError:
            continue
    return name.decode("latin-1")
