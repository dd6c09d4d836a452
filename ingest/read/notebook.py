"""Jupyter notebooks, formats 3 and 4: prose as Markdown, code as it stands, and what the cells printed.

Pictures are not read: they stand in the file as bytes written in letters. What is cut from long outputs is told in
metadata["dropped"].
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ingest.read.encoding import decode
from ingest.read.html import write_fragment
from ingest.read.limits import Limits
from ingest.read.markdown import write_markdown
from ingest.read.media import NOTEBOOK
from ingest.read.records import read_json
from ingest.read.writer import DocumentWriter, check_length
from rag.errors import TooLarge, Unsupported
from rag.types import BlockKind, Document

MAX_OUTPUT_CHARACTERS = 4000  # of one output: enough for a table, and progress bars print for ever
MAX_SHOWN_CHARACTERS = 120  # of what was cut, in its row
_TERMINAL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_IS_OBJECT = re.compile(r"\s*<[^<>]*>\s*\Z")  # what stands for a picture where none can be shown
_OVERWRITTEN = re.compile(r"[^\n]*\r(?!\n)")  # a progress bar shows its last state


def read_notebook(data: bytes, name: str, limits: Limits) -> Document:
    """Raises NoText where all cells are empty. What is no notebook is read as the JSON that it is."""
    decoded = decode(data)
    if decoded is None:
        raise Unsupported(f"{name}: not text in any known encoding", hint="save it as UTF-8")
    text, encoding = decoded
    check_length(name, len(text), Limits(max_characters=max(limits.max_characters, limits.max_bytes)))
    try:
        notebook = json.loads(text.lstrip("\ufeff"))
    except ValueError:
        return read_json(data, name, limits)
    except RecursionError as error:
        raise TooLarge(f"{name}: its values are nested too deeply", hint="export it anew") from error
    cells = list(_cells(notebook)) if isinstance(notebook, dict) else []
    if not cells:
        return read_json(data, name, limits)
    pages = _Cells(limits, name)
    for number, cell in enumerate(cells, start=1):
        pages.write(cell, f"cell {number}")
    about = notebook.get("metadata")
    metadata: dict[str, Any] = {"encoding": encoding, **(_metadata(about) if isinstance(about, dict) else {})}
    if pages.dropped:
        metadata["dropped"] = pages.dropped
    title = metadata.pop("title", None)
    return pages.writer.finish(name, NOTEBOOK, title=title, metadata=metadata)


def _cells(notebook: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the cells; up to format 3 they stand on worksheets."""
    sheets = notebook.get("worksheets")
    holders = [notebook, *(sheets if isinstance(sheets, list) else [])]
    for holder in holders:
        found = holder.get("cells") if isinstance(holder, dict) else None
        yield from (cell for cell in (found if isinstance(found, list) else []) if isinstance(cell, dict))


def _metadata(about: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if isinstance(about.get("title"), str):
        found["title"] = about["title"]
    authors = about.get("authors")
    names = [entry.get("name") for entry in authors if isinstance(entry, dict)] if isinstance(authors, list) else []
    if names:
        found["author"] = ", ".join(name for name in names if isinstance(name, str))
    language = about.get("language_info") or about.get("kernelspec")
    if isinstance(language, dict) and isinstance(language.get("name"), str):
        found["programming_language"] = language["name"]
    return found


class _Cells:
    def __init__(self, limits: Limits, name: str) -> None:
        self.writer = DocumentWriter()
        self.dropped: list[dict[str, str]] = []
        self._limits = limits
        self._name = name

    def write(self, cell: Mapping[str, Any], place: str) -> None:
        self.writer.stand(place)
        source = _joined(cell.get("source", cell.get("input")))
        match cell.get("cell_type"):
            case "markdown":
                write_markdown(self.writer, source)
            case "heading":
                level = cell.get("level")
                level = level if isinstance(level, int) and 1 <= level <= 6 else 1
                self.writer.add(BlockKind.HEADING, " ".join(source.split()), level=level)
            case "code":
                self.writer.add(BlockKind.CODE, source)
                outputs = cell.get("outputs")
                for output in outputs if isinstance(outputs, list) else []:
                    if isinstance(output, dict):
                        self._output(output, place)
            case _:
                self.writer.add(BlockKind.PARAGRAPH, source)
        check_length(self._name, len(self.writer), self._limits)

    def _output(self, output: Mapping[str, Any], place: str) -> None:
        kind = output.get("output_type")
        if kind == "stream":
            self._code(_joined(output.get("text")), place)
            return
        if kind in {"error", "pyerr"}:
            name, value = _joined(output.get("ename")), _joined(output.get("evalue"))
            self._code(f"{name}: {value}" if value else name, place)
            return
        data = output.get("data")
        shown: Mapping[str, Any] = data if isinstance(data, dict) else output
        # Format 3 names them "html" and "text", and puts them beside the output's own members.
        markup = _joined(shown.get("text/html", shown.get("html")))
        plain = _joined(shown.get("text/plain", shown.get("text")))
        if any(key.startswith("image/") or key in {"png", "jpeg", "svg"} for key in shown) and _IS_OBJECT.match(plain):
            plain = ""
        if "<table" in markup.lower() and len(markup) <= self._limits.max_characters:
            before = len(self.writer)
            write_fragment(self.writer, markup)
            if len(self.writer) > before:
                return
        if marked := _joined(shown.get("text/markdown")):
            write_markdown(self.writer, marked)
        elif latex := _joined(shown.get("text/latex", shown.get("latex"))):
            self._code(latex, place)
        else:
            self._code(plain, place)

    def _code(self, text: str, place: str) -> None:
        text = _OVERWRITTEN.sub("", _TERMINAL.sub("", text).replace("\r\n", "\n"))
        if len(text) > MAX_OUTPUT_CHARACTERS:
            end = text.rfind("\n", MAX_OUTPUT_CHARACTERS // 2, MAX_OUTPUT_CHARACTERS)
            end = end if end > 0 else MAX_OUTPUT_CHARACTERS
            reason = f"output of {place}: {len(text) - end:,} characters more"
            self.dropped.append({"reason": reason, "text": text[end : end + MAX_SHOWN_CHARACTERS].strip()})
            text = text[:end]
        self.writer.add(BlockKind.CODE, text)


def _joined(value: object) -> str:
    """Return a text that may be given as a list of its lines."""
    if isinstance(value, list):
        return "".join(line for line in value if isinstance(line, str))
    return value if isinstance(value, str) else ""
