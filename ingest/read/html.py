"""HTML: the main content of a page, or of a fragment, as blocks. Page furniture is told by element, role and class."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree, html

from ingest.read.characters import LINE_BREAK, flow
from ingest.read.encoding import decode
from ingest.read.html_furniture import BLOCKS, Furniture, main_part, measured
from ingest.read.html_table import html_rows
from ingest.read.limits import Limits
from ingest.read.media import HTML
from ingest.read.writer import DocumentWriter, check_length
from rag.errors import NoText, Unsupported
from rag.types import BlockKind, Document

Element = Any  # an lxml.html.HtmlElement

_KINDS = {
    **{f"h{level}": BlockKind.HEADING for level in range(1, 7)},
    "li": BlockKind.LIST_ITEM,
    "dd": BlockKind.LIST_ITEM,
    "figcaption": BlockKind.CAPTION,
    "caption": BlockKind.CAPTION,
}
_DECLARED = re.compile(
    rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]+)|<\?xml[^>]{0,100}encoding=[\"']([\w.:-]+)", re.IGNORECASE
)
_SILENT_PART = re.compile(r"<(script|style|head|noscript)\b[^>]*>.{0,100000}?</\1\s*>", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[!/a-zA-Z][^<>]*>")
_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
# What pages declare, and what the bytes then are, by the Encoding Standard.
_ALIASES = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "us-ascii": "cp1252",
}


def read_html(data: bytes, name: str, limits: Limits) -> Document:
    """Raises NoText where the page shows no text of its own."""
    text, encoding = _decode(data, name)
    check_length(name, len(text), limits)
    tree = _parse(text)
    if tree is None:
        raise NoText(f"{name}: no text in the page")
    writer = DocumentWriter()
    body = tree.find("body")
    root = tree if body is None else body
    measures = measured(root)
    main = main_part(root, measures)
    heading = None if main is root else _outer_heading(root, main)
    if heading:
        writer.add(BlockKind.HEADING, heading, level=1)
    furniture = Furniture(measures, main)
    _Walk(writer, furniture).write(main)
    furniture.note_outside()
    if not len(writer):  # all of it was taken for furniture
        furniture = Furniture({}, root)
        _Walk(writer, furniture).write(root)
    if not len(writer):  # nested deeper than the parser goes
        writer.add(BlockKind.PARAGRAPH, flow(_TAG.sub(" ", _SILENT_PART.sub(" ", text))))
    metadata = {"encoding": encoding, **_metadata(tree), **({"dropped": furniture.rows} if furniture.rows else {})}
    return writer.finish(name, HTML, title=_title(tree), metadata=metadata)


def write_fragment(writer: DocumentWriter, markup: str) -> None:
    """Write a piece of markup, such as Markdown may hold."""
    tree = _parse(markup)
    if tree is not None:
        _Walk(writer, Furniture({}, tree)).write(tree)


def _decode(data: bytes, name: str) -> tuple[str, str]:
    decoded = decode(data)
    if decoded is not None and decoded[1].startswith("utf"):
        return decoded
    match = _DECLARED.search(data[:4096])
    if match:
        declared = (match.group(1) or match.group(2)).decode("ascii", errors="replace").lower()
        encoding = _ALIASES.get(declared, declared)
        try:
            return data.decode(encoding), encoding
        except (UnicodeError, LookupError):
            pass
    if decoded is None:
        raise Unsupported(f"{name}: HTML in no known encoding", hint="save it as UTF-8")
    return decoded


def _parse(text: str) -> Element | None:
    text = _XML_DECLARATION.sub("", text.replace("\0", "")).strip()
    if not text:
        return None
    # huge_tree: without it the parser drops what follows ten million characters, and says nothing.
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    try:
        tree = html.document_fromstring(text.encode("utf-8", errors="replace"), parser=parser)
    except etree.ParserError:
        return None
    except etree.XMLSyntaxError as error:  # it forgives every page; what it cannot do without is memory
        raise MemoryError(f"the parser gave up: {error}") from error
    return tree


def _outer_heading(root: Element, main: Element) -> str | None:
    if main.find(".//h1") is not None:
        return None
    outer = [flow(heading.text_content()) for heading in root.iterfind(".//h1")]
    return outer[0] if len(outer) == 1 else None


def _title(tree: Element) -> str | None:
    for path in (".//meta[@property='og:title']", ".//meta[@name='citation_title']"):
        found = tree.find(path)
        if found is not None and (found.get("content") or "").strip():
            return str(found.get("content"))
    found = tree.find(".//title")
    title = flow(found.text_content()) if found is not None else ""
    headings = [flow(heading.text_content()) for heading in tree.iterfind(".//h1")]
    # "How to brew tea | The Kettle": the page's own heading without the site's name.
    if len(headings) == 1 and headings[0] and headings[0] in title:
        return headings[0]
    return title or None


_META_NAMES = {
    "author": "author",
    "article:author": "author",
    "description": "description",
    "date": "date",
    "dc.date": "date",
    "article:published_time": "date",
    "article:modified_time": "modified",
}


def _metadata(tree: Element) -> dict[str, str]:
    found: dict[str, str] = {}
    for element in tree.iter("meta"):
        key = _META_NAMES.get((element.get("name") or element.get("property") or "").lower())
        content = flow(element.get("content") or "")
        if key and content:
            found.setdefault(key, content[:500])
    return found


class _Walk:
    """One pass over a tree, without recursion: pages nest thousands deep."""

    def __init__(self, writer: DocumentWriter, furniture: Furniture) -> None:
        self._writer = writer
        self._furniture = furniture
        self._pieces: list[str] = []
        self._kinds: list[tuple[BlockKind, int]] = []  # of the elements around, with their heading level
        self._lists: list[int | None] = []  # the next number of each open list, None for bullets
        self._marker = ""

    def write(self, root: Element) -> None:
        walk = etree.iterwalk(root, events=("start", "end"))
        skipped: Element | None = None  # its end comes all the same
        for event, element in walk:
            if event == "start":
                if self._furniture.takes(element) or not self._start(element):
                    walk.skip_subtree()
                    skipped = element
                continue
            if element is skipped:
                skipped = None
            else:
                self._end(element)
            if element is not root and element.tail:
                self._pieces.append(element.tail)
        self._flush()

    def _start(self, element: Element) -> bool:
        """Return False where the element was written whole, its inside with it."""
        tag = element.tag
        if tag not in BLOCKS:
            self._pieces.append(LINE_BREAK if tag == "br" else element.text or "")
            return True
        self._flush()
        if tag == "pre":
            self._writer.add(BlockKind.CODE, element.text_content())
            return False
        if tag == "table" and _is_data(element):
            self._table(element)
            return False
        if tag in {"ul", "ol"}:
            self._lists.append(_first_number(element) if tag == "ol" else None)
        elif tag == "li":
            self._marker = self._next_marker()
        if tag in _KINDS:
            self._kinds.append((_KINDS[tag], int(tag[1]) if tag[0] == "h" else 0))
        elif tag == "blockquote":
            self._kinds.append((BlockKind.QUOTE, 0))
        self._pieces.append(element.text or "")
        return True

    def _end(self, element: Element) -> None:
        tag = element.tag
        if tag not in BLOCKS:
            return
        self._flush()
        if tag in {"ul", "ol"} and self._lists:
            self._lists.pop()
        if tag == "li":
            self._marker = ""
        if (tag in _KINDS or tag == "blockquote") and self._kinds:
            self._kinds.pop()

    def _flush(self) -> None:
        text, self._pieces = flow("".join(self._pieces)), []
        for paragraph in re.split(r"\n{2,}", text):  # two <br> are how old pages part paragraphs
            if paragraph:
                self._write(paragraph)

    def _write(self, text: str) -> None:
        kind, level = self._kinds[-1] if self._kinds else (BlockKind.PARAGRAPH, 0)
        if kind is BlockKind.HEADING:
            text = text.replace("\n", " ")
        elif kind is BlockKind.LIST_ITEM:
            text, self._marker = self._marker + text, ""
            level = max(0, len(self._lists) - 1)
        self._writer.add(kind, text, level=level)

    def _next_marker(self) -> str:
        number = self._lists[-1] if self._lists else None
        if number is None:
            return "- "
        self._lists[-1] = number + 1
        return f"{number}. "

    def _table(self, table: Element) -> None:
        caption = table.find("caption")
        if caption is not None:
            self._writer.add(BlockKind.CAPTION, flow(caption.text_content()))
        for line in html_rows(table):
            self._writer.add(BlockKind.TABLE_ROW, line)


def _first_number(element: Element) -> int:
    start = (element.get("start") or "").strip()
    return int(start) if re.fullmatch(r"\d{1,6}", start) else 1


def _is_data(table: Element) -> bool:
    """True for a table of data; False for one that only lays out the page: it holds tables, headings or long cells."""
    if table.find(".//table") is not None or table.find(".//h1") is not None or table.find(".//pre") is not None:
        return False
    rows = table.findall(".//tr")
    widest = max((sum(cell.tag in {"td", "th"} for cell in row) for row in rows), default=0)
    if widest < 2:
        return False
    longest = max((len(cell.text_content()) for row in rows for cell in row if cell.tag in {"td", "th"}), default=0)
    return longest <= 2000
