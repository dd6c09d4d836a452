"""JSON and JSON Lines: each object as a record, 'name: value', in its place ("$.items[3]", "line 12").

Numbers stay as they are written, keys that come twice stay both. What is no JSON after all is read as plain text.
"""

from __future__ import annotations

import json
import re
from pathlib import PurePath
from typing import Any

from ingest.read.encoding import decode
from ingest.read.limits import Limits
from ingest.read.media import JSON, JSON_LINES
from ingest.read.plain import read_plain
from ingest.read.writer import DocumentWriter, check_length
from rag.errors import TooLarge, Unsupported
from rag.types import BlockKind, Document

MAX_ROW_FIELDS = 24  # a record of more, or longer, is written field by field
MAX_ROW_CHARACTERS = 800
MAX_VALUE_CHARACTERS = 240  # what is longer, or has lines, is a paragraph of its own
MAX_HEADING_LEVEL = 4
MAX_DROPPED_CHARACTERS = 60
# Keys that say of a text no more than that it is one.
_TEXT_KEYS = frozenset(
    "text content contents body page_content value message markdown paragraph 正文 内容 文本".split()
)
_ENCODED = re.compile(r"(?:data:[\w/+.;=-]+,)?[A-Za-z0-9+/_-]{400,}={0,2}")
_PARAGRAPHS = re.compile(r"\n\s*\n")
_TITLES = ("title", "name", "标题")


class Pairs(list[tuple[str, Any]]):
    """An object's members in order, with the keys that come twice."""


def read_json(data: bytes, name: str, limits: Limits) -> Document:
    """Raises NoText where all values are empty, TooLarge where it is nested too deeply."""
    text, encoding = _decoded(data, name, limits)
    try:
        value = parse(text, name)
    except ValueError:
        lines = _lines(text)
        if len(lines) > 1 and sum(_is_record(line, name) for line in lines[:20]) * 2 > min(len(lines), 20):
            return _document_of_lines(lines, name, encoding, limits)
        return read_plain(data, name, limits)
    records = _Records(name, limits)
    try:
        records.write(value, "$", level=1)
    except RecursionError as error:
        raise _too_deep(name) from error
    title = None
    if isinstance(value, Pairs):
        found = (item for key, item in value if key.lower() in _TITLES and isinstance(item, str))
        title = next(found, None)
    return records.writer.finish(
        name, JSON, title=title or PurePath(name).stem, metadata={"encoding": encoding, **records.metadata()}
    )


def read_json_lines(data: bytes, name: str, limits: Limits) -> Document:
    """A line that is no JSON is kept as it stands, and counted in metadata["bad_lines"]."""
    text, encoding = _decoded(data, name, limits)
    lines = _lines(text)
    if sum(_is_record(line, name) for line in lines[:200]) * 2 <= min(len(lines), 200):
        return read_plain(data, name, limits)
    return _document_of_lines(lines, name, encoding, limits)


def parse(text: str, name: str) -> Any:
    """Return a value with its numbers as strings. Raises ValueError where it is no JSON, TooLarge too deep down."""
    try:
        return json.loads(text, object_pairs_hook=Pairs, parse_int=str, parse_float=str, parse_constant=str)
    except RecursionError as error:
        raise _too_deep(name) from error


def _too_deep(name: str) -> TooLarge:
    return TooLarge(f"{name}: its values are nested too deeply", hint="flatten it, or export it in another form")


def _decoded(data: bytes, name: str, limits: Limits) -> tuple[str, str]:
    decoded = decode(data)
    if decoded is None:
        raise Unsupported(f"{name}: not text in any known encoding", hint="save it as UTF-8")
    check_length(name, len(decoded[0]), limits)
    return decoded[0].lstrip("\ufeff"), decoded[1]


def _lines(text: str) -> list[tuple[int, str]]:
    return [(number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]


def _is_record(line: tuple[int, str], name: str) -> bool:
    try:
        return isinstance(parse(line[1], name), list)  # objects are lists of pairs
    except (ValueError, TooLarge):
        return False


def _document_of_lines(lines: list[tuple[int, str]], name: str, encoding: str, limits: Limits) -> Document:
    records = _Records(name, limits)
    bad = 0
    for number, line in lines:
        place = f"line {number}"
        try:
            records.write(parse(line, name), place, level=0)
        except (ValueError, TooLarge, RecursionError):
            if len(records.writer) + len(line) > limits.max_characters:
                raise
            records.writer.add(BlockKind.PARAGRAPH, line, place=place)
            bad += 1
    metadata = {"encoding": encoding, **records.metadata(), **({"bad_lines": bad} if bad else {})}
    return records.writer.finish(name, JSON_LINES, title=PurePath(name).stem, metadata=metadata)


class _Records:
    def __init__(self, name: str, limits: Limits) -> None:
        self.writer = DocumentWriter()
        self._name = name
        self._limits = limits
        self._dropped: list[dict[str, str]] = []

    def metadata(self) -> dict[str, Any]:
        return {"dropped": self._dropped} if self._dropped else {}

    def write(self, value: Any, path: str, *, level: int) -> None:
        """Write a value. level: of the headings that keys become, 0 for none."""
        if isinstance(value, Pairs):
            self._object(value, path, level)
        elif isinstance(value, list):
            self._array(value, path)
        else:
            self._add(BlockKind.PARAGRAPH, _scalar(value), path)

    def _array(self, values: list[Any], path: str) -> None:
        if values and all(not isinstance(value, list) for value in values):
            texts = [self._checked(_scalar(value), path) for value in values]
            if max(map(len, texts)) <= MAX_VALUE_CHARACTERS:
                for index, text in enumerate(texts):
                    self._add(BlockKind.LIST_ITEM, text, _inside(path, f"[{index}]"))
                return
        for index, value in enumerate(values):
            place = _inside(path, f"[{index}]")
            is_row = isinstance(value, list) and not isinstance(value, Pairs)
            if is_row and all(not isinstance(cell, list) for cell in value):
                self._add(BlockKind.TABLE_ROW, " | ".join(filter(None, map(_scalar, value))), place)
            else:
                self.write(value, place, level=0)

    def _object(self, pairs: Pairs, path: str, level: int) -> None:
        """Write an object's own values as a record, then what is nested in it."""
        fields: list[tuple[str, str]] = []
        nested: list[tuple[str, Any]] = []
        for key, value in pairs:
            self._sort(key, value, level, fields, nested)
        self._record(fields, path)
        for key, value in nested:
            if level:
                self.writer.add(
                    BlockKind.HEADING, key, level=min(level, MAX_HEADING_LEVEL), place=_inside(path, f".{key}")
                )
            self.write(value, _inside(path, f".{key}"), level=level and level + 1)

    def _sort(
        self, key: str, value: Any, level: int, fields: list[tuple[str, str]], nested: list[tuple[str, Any]]
    ) -> None:
        """Put a member with the record's fields, or with what comes after them."""
        if isinstance(value, Pairs) and not level:
            for inner, item in value:
                self._sort(f"{key}.{inner}", item, level, fields, nested)
        elif isinstance(value, list) and not isinstance(value, Pairs):
            texts = [] if any(isinstance(item, list) for item in value) else [_scalar(item) for item in value]
            together = ", ".join(filter(None, texts))
            if texts and len(together) <= MAX_VALUE_CHARACTERS:
                fields.append((key, together))
            elif value:
                nested.append((key, value))
        elif isinstance(value, Pairs):
            if value:
                nested.append((key, value))
        else:
            fields.append((key, _scalar(value)))

    def _record(self, fields: list[tuple[str, str]], path: str) -> None:
        fields = [(key, self._checked(text, _inside(path, f".{key}"))) for key, text in fields]
        short = [(key, text) for key, text in fields if text and not _is_long(text)]
        lines = [f"{key}: {' '.join(text.split())}" for key, text in short]
        if len(lines) <= MAX_ROW_FIELDS and sum(map(len, lines)) <= MAX_ROW_CHARACTERS:
            self._add(BlockKind.TABLE_ROW, " | ".join(lines), path)
        else:
            for (key, _), line in zip(short, lines, strict=True):
                self._add(BlockKind.TABLE_ROW, line, _inside(path, f".{key}"))
        for key, text in fields:
            if not _is_long(text):
                continue
            label = "" if key.rpartition(".")[2].lower() in _TEXT_KEYS else f"{key}: "
            for index, paragraph in enumerate(_PARAGRAPHS.split(text)):
                self._add(BlockKind.PARAGRAPH, paragraph if index else label + paragraph, _inside(path, f".{key}"))

    def _checked(self, text: str, path: str) -> str:
        """Return the text, "" where it is no text but bytes written in letters."""
        if len(text) < 400 or " " in text[:400] or text.isdigit() or not _ENCODED.fullmatch(text.replace("\n", "")):
            return text
        self._dropped.append({"reason": f"encoded bytes at {path}", "text": text[:MAX_DROPPED_CHARACTERS]})
        return ""

    def _add(self, kind: BlockKind, text: str, place: str) -> None:
        self.writer.add(kind, text, place=place)
        check_length(self._name, len(self.writer), self._limits)


def _inside(path: str, step: str) -> str:
    """Return the path of what is inside; of a line of a file the line is place enough."""
    return path + step if path.startswith("$") else path


def _is_long(text: str) -> bool:
    return len(text) > MAX_VALUE_CHARACTERS or "\n" in text.strip()


def _scalar(value: Any) -> str:
    if value is None or isinstance(value, list):
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
