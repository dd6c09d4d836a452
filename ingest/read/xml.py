"""XML of any vocabulary: the text of its elements in order. Headings, paragraphs and lists where their names tell.

Elements that hold only named values are records, written as rows. The items of RSS and Atom feeds come under their
titles. Of SVG pictures the words are read. Nothing outside the file is ever looked at (see xml_safe).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePath

from lxml import etree

from ingest.read.characters import flow
from ingest.read.html import write_fragment
from ingest.read.limits import Limits
from ingest.read.media import SVG, XML
from ingest.read.tables import table_rows
from ingest.read.writer import DocumentWriter, check_length
from ingest.read.xml_safe import Element, local_name, parse_xml
from rag.types import BlockKind, Document

MAX_FIELD_CHARACTERS = 240  # a longer value is a paragraph
MAX_ROW_FIELDS = 24
MAX_RECORD_FIELDS = 200  # of a record that has records inside, as a reference has its authors
_TABLES = frozenset({"table", "informaltable"})
_ROWS, _CELLS = frozenset({"tr", "row"}), frozenset({"td", "th", "entry", "cell"})
_TITLES = (
    *("{*}title", "{*}channel/{*}title", "{*}info/{*}title", "{*}bookinfo/{*}title", ".//{*}titleStmt/{*}title"),
    ".//{*}title-group/{*}article-title",
)
_HEADINGS = frozenset({"title", "head", "heading", "headline"})
_PARAGRAPHS = frozenset({"p", "para", "simpara", "ab", "l", "line", "verse", "text", "tspan", "desc"})
_ITEMS = frozenset({"li", "listitem", "item"})
_CODE = frozenset({"programlisting", "screen", "literallayout", "code", "pre"})
_SECTIONS = frozenset(
    "book part chapter appendix preface article section sect1 sect2 sect3 sect4 sect5 simplesect div div1 div2 div3"
    " body topic sec abstract".split()
)
_STRUCTURE = _HEADINGS | _PARAGRAPHS | _ITEMS | _CODE | _SECTIONS | _TABLES | {"title-group"}
_FIGURES = frozenset({"caption", "figure", "fig", "table", "informaltable", "example"})
_FEED_ITEMS = frozenset({"entry", "item"})
_FEEDS = frozenset({"rss", "feed", "RDF"})
_BODIES = frozenset({"encoded", "content", "description", "summary"})
_ENCODED = re.compile(r"[A-Za-z0-9+/\s]{400,}={0,2}\s*")
_LOOKS_LIKE_MARKUP = re.compile(r"</?[a-zA-Z][^<>]*>|&(?:\w+|#\d+);")
_IGNORED_IN_SVG = frozenset({"style", "script", "metadata"})


def read_xml(data: bytes, name: str, limits: Limits) -> Document:
    """Raises Malformed where it is no XML, NoText where its elements are empty."""
    root = parse_xml(data, name)
    is_prose = any(local_name(element).lower() in _PARAGRAPHS for element in root.iter())
    walk = _Walk(limits, name, is_prose=is_prose)
    tag = local_name(root)
    if tag == "svg":
        _write_picture(walk.writer, root)
    elif tag in _FEEDS:
        _write_feed(walk, root)
    if not len(walk.writer) and tag != "svg":
        walk.write(root)
    title = _title(root)
    metadata = {"dropped": walk.dropped} if walk.dropped else {}
    mime = SVG if tag == "svg" else XML
    return walk.writer.finish(name, mime, title=title or PurePath(name).stem, metadata=metadata)


def _title(root: Element) -> str | None:
    for path in _TITLES:
        found = root.find(path)
        if found is not None and (text := flow("".join(found.itertext()))):
            return text
    return None


def _write_picture(writer: DocumentWriter, root: Element) -> None:
    for element in root.iter("{*}title", "{*}desc", "{*}text"):
        if not any(local_name(above) in _IGNORED_IN_SVG for above in element.iterancestors()):
            pieces = (flow(piece) for piece in element.itertext())
            kind = BlockKind.CAPTION if local_name(element) in {"title", "desc"} else BlockKind.PARAGRAPH
            writer.add(kind, " ".join(filter(None, pieces)))


def _write_feed(walk: _Walk, root: Element) -> None:
    """Write a feed's own title and words, then its items."""
    writer = walk.writer
    items = [element for element in root.iter() if local_name(element) in _FEED_ITEMS]
    holder = root.find("{*}channel")
    for element in root if holder is None else holder:
        if local_name(element) in {"title", "description", "subtitle"} and (text := flow("".join(element.itertext()))):
            is_title = local_name(element) == "title"
            writer.add(BlockKind.HEADING if is_title else BlockKind.PARAGRAPH, text, level=int(is_title))
    for number, item in enumerate(items, start=1):
        writer.stand(f"item {number}")
        title = item.find("{*}title")
        if title is not None:
            writer.add(BlockKind.HEADING, flow("".join(title.itertext())), level=2)
        facts = [_fact(element) for element in item if local_name(element) not in _BODIES | {"title"}]
        writer.add(BlockKind.TABLE_ROW, " | ".join(filter(None, facts)))
        bodies = [element for element in item if local_name(element) in _BODIES]
        texts = {"".join(body.itertext()).strip() for body in bodies}
        for body in bodies:
            text = "".join(body.itertext()).strip()
            # A summary that is the beginning of the content says nothing of its own.
            if any(other != text and other.startswith(text.rstrip("….")) for other in texts):
                continue
            if _LOOKS_LIKE_MARKUP.search(text):
                write_fragment(writer, text)
            else:
                writer.add(BlockKind.PARAGRAPH, flow(text))
            texts.discard(text)
        walk.check()


def _fact(element: Element) -> str:
    text = flow(" ".join(element.itertext())) or element.get("href") or element.get("term") or ""
    return f"{local_name(element)}: {text}" if text and len(text) <= MAX_FIELD_CHARACTERS else text


class _Walk:
    """Writes a tree without recursion: it may be as deep as the parser allows."""

    def __init__(self, limits: Limits, name: str, *, is_prose: bool) -> None:
        """is_prose: the attributes are marks for programs. Where all is data, they are data too."""
        self.writer = DocumentWriter()
        self.dropped: list[dict[str, str]] = []
        self._limits = limits
        self._name = name
        self._is_prose = is_prose

    def check(self) -> None:
        check_length(self._name, len(self.writer), self._limits)

    def write(self, root: Element) -> None:
        level = 0
        numbers: list[Counter[str]] = [Counter()]  # of each open element, how many of each name it has held so far
        walk = etree.iterwalk(root, events=("start", "end"))
        for event, element in walk:
            tag = local_name(element)
            if event == "start":
                level += tag in _SECTIONS
                numbers[-1][tag] += 1
                self.writer.stand(tag if element is root else f"{tag}[{numbers[-1][tag]}]")
                numbers.append(Counter())
                if self._write_whole(element, tag, level):
                    walk.skip_subtree()
                else:
                    self._text(element.text)
            else:
                level -= tag in _SECTIONS
                numbers.pop()
                if element is not root:
                    self._text(element.tail)
            self.check()

    def _write_whole(self, element: Element, tag: str, level: int) -> bool:
        """Write an element with all that is in it; False where it is but a frame around others."""
        name = tag.lower()
        if name in _TABLES and self._table(element):
            return True
        if (name in _HEADINGS or _is_article_title(element)) and not _has_blocks(element):
            parent = element.getparent()
            is_caption = parent is not None and local_name(parent) in _FIGURES
            kind = BlockKind.CAPTION if is_caption else BlockKind.HEADING
            self.writer.add(kind, _words(element), level=0 if is_caption else max(1, min(level, 6)))
        elif name in _CODE:
            self.writer.add(BlockKind.CODE, "".join(element.itertext()))
        elif name in _PARAGRAPHS and not _has_blocks(element):
            self.writer.add(BlockKind.PARAGRAPH, _words(element))
        elif name in _ITEMS and not _has_blocks(element) and not _is_record(element):
            words = _words(element)
            self.writer.add(BlockKind.LIST_ITEM, words and f"- {words}")
        elif not len(element):
            self._leaf(element)
        elif _is_record(element) or _is_nested_record(element):
            self._record(element)
        elif (element.text or "").strip() or any((child.tail or "").strip() for child in element):
            if _has_blocks(element) or any(len(child) and _is_record(child) for child in element):
                return False
            self.writer.add(BlockKind.PARAGRAPH, _words(element))
        else:
            return False
        return True

    def _table(self, table: Element) -> bool:
        """Write a table's rows; False where it has none that are marked as such."""
        rows = [row for row in table.iter() if local_name(row).lower() in _ROWS]
        cells = [[cell for cell in row if local_name(cell).lower() in _CELLS] for row in rows]
        if not any(cells) or any(local_name(below).lower() in _TABLES for below in table.iterdescendants()):
            return False
        titles = list(table.iter("{*}title", "{*}caption"))
        inside = sum(map(_characters, (*titles, *(cell for row in cells for cell in row))))
        if inside < _characters(table):  # there is text between the cells
            return False
        texts = [[_words(cell) for cell in row] for row in cells]
        above = (local_name(above).lower() for above in rows[0].iterancestors())
        for title in titles:
            self.writer.add(BlockKind.CAPTION, _words(title))
        headed = "thead" in above or all(local_name(cell).lower() == "th" for cell in cells[0])
        header, rest = (texts[0], texts[1:]) if headed and len(texts) > 1 else (None, texts)
        for line in table_rows(rest, header=header):
            self.writer.add(BlockKind.TABLE_ROW, line)
        return True

    def _leaf(self, element: Element) -> None:
        text = self._checked(flow(element.text or ""))
        if text:
            self.writer.add(BlockKind.PARAGRAPH, text)
        else:
            self._row(self._attributes(element))

    def _record(self, element: Element) -> None:
        fields = self._attributes(element)
        for child in element.iterdescendants():
            text = self._checked(flow(child.text or ""))
            name = local_name(child)
            inner = [(f"{name}.{key}", value) for key, value in self._attributes(child)]
            fields += [(name, text)] if text else inner
        self._row(fields)

    def _attributes(self, element: Element) -> list[tuple[str, str]]:
        if self._is_prose:
            return []
        return [(key.rpartition("}")[2], flow(value)) for key, value in element.items() if "schemaLocation" not in key]

    def _row(self, fields: Sequence[tuple[str, str]]) -> None:
        short = [f"{key}: {value}" for key, value in fields if value and len(value) <= MAX_FIELD_CHARACTERS]
        for start in range(0, len(short), MAX_ROW_FIELDS):
            row = " | ".join(short[start : start + MAX_ROW_FIELDS])
            self.writer.add(BlockKind.TABLE_ROW, row)
        for _, value in fields:
            if len(value) > MAX_FIELD_CHARACTERS:
                self.writer.add(BlockKind.PARAGRAPH, value)

    def _text(self, text: str | None) -> None:
        if text and not text.isspace():
            self.writer.add(BlockKind.PARAGRAPH, flow(text))

    def _checked(self, text: str) -> str:
        if len(text) < 400 or not _ENCODED.fullmatch(text) or text.count(" ") * 40 > len(text):
            return text
        self.dropped.append({"reason": "encoded bytes", "text": text[:60]})
        return ""


def _is_record(element: Element) -> bool:
    """True for an element with nothing but named values in it."""
    if not len(element) or (element.text or "").strip():
        return False
    if any(len(child) or (child.tail or "").strip() for child in element):
        return False
    names = {local_name(child).lower() for child in element}
    return len(names) > 1 and not names & (_PARAGRAPHS | _ITEMS | _CODE)


def _is_nested_record(element: Element) -> bool:
    """True for a record with small records in it; not for a list of records."""
    parents = [child for child in element if len(child)]
    if len(parents) > 1 and len({child.tag for child in parents}) == 1:
        return False
    if element.getparent() is None or len(element) < 2:
        return False
    for count, below in enumerate(element.iterdescendants()):
        if count > MAX_RECORD_FIELDS or local_name(below).lower() in _STRUCTURE or (below.tail or "").strip():
            return False
        if len(below) and (below.text or "").strip():
            return False
    return not (element.text or "").strip()


def _is_article_title(element: Element) -> bool:
    """Of articles in JATS the title; those of the works it cites are named alike."""
    parent = element.getparent()
    return local_name(element) == "article-title" and parent is not None and local_name(parent) == "title-group"


def _has_blocks(element: Element) -> bool:
    """True where paragraphs, lists or code stand inside."""
    names = _PARAGRAPHS | _ITEMS | _CODE
    return any(local_name(below).lower() in names for below in element.iterdescendants())


def _characters(element: Element) -> int:
    return sum(len("".join(text.split())) for text in element.itertext())


def _words(element: Element) -> str:
    return flow("".join(element.itertext()))
