"""ODT, ODP and their relatives: text documents, slides in order, drawings. What is in a story is odf_story's.

Blocks of slides say so in their places: "slide 3", "slide 3 notes", "slide 4 (hidden)". Headers, footers and what
slides take from their masters are left out. Tracked changes count as accepted.
"""

from __future__ import annotations

import re
from typing import Any

from ingest.read.limits import Limits
from ingest.read.office.embedded import unwrapped, write_embedded, write_inner
from ingest.read.office.mathml import linear_mathml
from ingest.read.office.odf_inline import DRAW
from ingest.read.office.odf_story import SVG, TABLE, XLINK, OdfStory
from ingest.read.office.odf_styles import OFFICE, PRESENTATION, TEXT, OdfStyles
from ingest.read.office.shape_order import Place, reading_order
from ingest.read.office.unstyled import with_found_headings
from ingest.read.office.zipped_parts import Parts
from ingest.read.sniff import sniff
from ingest.read.writer import DocumentWriter, check_length
from ingest.read.xml_safe import Element, local_name, parse_xml
from rag.errors import Encrypted, Malformed, TooLarge
from rag.types import BlockKind, Document

TITLE_LEVEL = 2
_META = {
    "title": "title",
    "initial-creator": "author",
    "creator": "author",
    "subject": "subject",
    "keyword": "keywords",
    "description": "description",
    "language": "language",
    "creation-date": "created",
    "date": "modified",
}
_LENGTH = re.compile(r"(-?[\d.]+)(cm|mm|in|pt|pc|px)?")
_POINTS = {"cm": 28.35, "mm": 2.835, "in": 72.0, "pt": 1.0, "pc": 12.0, "px": 0.75, None: 1.0}


def read_opendocument(data: bytes, name: str, limits: Limits) -> Document:
    """Raises Encrypted where it is under a password, Malformed where content.xml is missing or beyond reading."""
    parts = Parts(data, name, limits) if data.startswith(b"PK") else _Flat(parse_xml(data, name))
    file = _File(parts, name, limits)
    try:
        file.write()
    except RecursionError as error:
        raise Malformed(f"{name}: it is nested too deeply", hint="save it again from LibreOffice") from error
    check_length(name, len(file.writer), limits)
    parts.check_text(len(file.writer))
    metadata: dict[str, Any] = _properties(parts.xml("meta.xml"))
    title = metadata.pop("title", None)
    if file.slides:
        metadata["slides"] = file.slides
    if parts.damaged:
        metadata["damaged"] = list(dict.fromkeys(parts.damaged))[:20]
    if file.not_read:
        metadata["not_read"] = file.not_read[:100]
    document = file.writer.finish(name, sniff(data, name), title=title, metadata=metadata)
    return document if file.slides else with_found_headings(document, file.bold, title=title)


class _Flat:
    """The parts of a document that is one XML file."""

    def __init__(self, root: Element) -> None:
        self.damaged: list[str] = []
        self._parts = {"content.xml": root, "styles.xml": root, "meta.xml": root.find(f"{OFFICE}meta")}

    def xml(self, path: str) -> Element | None:
        return self._parts.get(path)

    def part(self, path: str) -> bytes | None:  # noqa: ARG002  (as Parts has it)
        return None

    def check_text(self, characters: int) -> None:
        """Nothing is known of damage here."""


class _File:
    def __init__(self, parts: Parts | _Flat, name: str, limits: Limits) -> None:
        self.writer = DocumentWriter()
        self.not_read: list[str] = []
        self.slides = 0
        self.bold: set[str] = set()
        self._parts = parts
        self._name = name
        self._limits = limits
        self._objects: list[str] = []  # the folders of objects around the one being written

    def write(self) -> None:
        manifest = self._parts.part("META-INF/manifest.xml") or b""
        if b"encryption-data" in manifest:
            raise Encrypted(f"{self._name}: needs a password", hint="save a copy without one")
        content = self._parts.xml("content.xml")
        if content is None:
            raise Malformed(f"{self._name}: content.xml is missing or damaged", hint="save it again from LibreOffice")
        styles = OdfStyles(self._parts.xml("styles.xml"), content)
        story = OdfStory(self.writer, styles, self._object, self._formula)
        self.bold = story.bold
        body = content.find(f"{OFFICE}body")
        for child in body if body is not None else ():
            if local_name(child) in {"presentation", "drawing"}:
                self._pages(child, styles, story)
            elif local_name(child) in {"text", "spreadsheet"}:
                story.blocks(child)

    def _pages(self, body: Element, styles: OdfStyles, story: OdfStory) -> None:
        word = "slide" if local_name(body) == "presentation" else "page"
        for index, page in enumerate(body.iterfind(f"{DRAW}page"), start=1):
            if index > self._limits.max_pages:
                raise TooLarge(f"{self._name}: more than {self._limits.max_pages} slides", hint="split it")
            self.slides = index
            is_hidden = (page.get(f"{DRAW}style-name") or "") in styles.hidden_pages
            place = f"{word} {index}"
            with story.at(f"{place} (hidden)" if is_hidden else place):
                self._page(page, story, f"{place} (hidden)" if is_hidden else place)
            notes = page.find(f"{PRESENTATION}notes")
            with story.at(f"{place} notes"):
                for shape in notes if notes is not None else ():
                    if shape.tag.startswith(DRAW) and local_name(shape) != "page-thumbnail":
                        story.drawing(shape)

    def _page(self, page: Element, story: OdfStory, place: str) -> None:
        shapes = [child for child in page if child.tag.startswith(DRAW) and _is_shown(child)]
        titles = [shape for shape in shapes if shape.get(f"{PRESENTATION}class") == "title"]
        for shape in titles:
            text = " ".join(" ".join("".join(one.itertext()).split()) for one in shape.iter(f"{TEXT}p", f"{TEXT}h"))
            self.writer.add(BlockKind.HEADING, text, level=TITLE_LEVEL, place=place)
        rest = [shape for shape in shapes if shape not in titles]
        for shape in _in_order(rest):
            story.drawing(shape)
        for annotation in page.iterfind(f"{OFFICE}annotation"):
            story.comment(annotation)

    def _formula(self, frame: Element) -> str:
        named = frame.find(f"{DRAW}object")
        if named is None:
            return ""
        target = (named.get(f"{XLINK}href") or "").removeprefix("./").rstrip("/")
        root = self._parts.xml(f"{target}/content.xml") if target else None
        return linear_mathml(root) if root is not None and local_name(root) == "math" else ""

    def _object(self, element: Element, place: str) -> None:
        """Write an object that stands in a folder of its own, or in a part as a whole file."""
        target = (element.get(f"{XLINK}href") or "").removeprefix("./").rstrip("/")
        if not target or ":" in target:
            return
        inner = self._parts.xml(f"{target}/content.xml")
        if inner is None:
            self._whole_file(target, place)
        elif target not in self._objects:
            self._objects.append(target)
            styles = OdfStyles(self._parts.xml(f"{target}/styles.xml"), inner)
            story = OdfStory(self.writer, styles, self._object, self._formula)
            with story.at(place or "object"):
                for body in inner.iterfind(f"{OFFICE}body/*"):
                    self._inner_body(body, story, place)
            self._objects.pop()

    def _inner_body(self, body: Element, story: OdfStory, place: str) -> None:
        if local_name(body) != "chart":
            story.blocks(body)
            return
        with story.at(place or "chart"):
            for title in body.iter():
                if local_name(title) in {"title", "subtitle"}:
                    story.blocks(title)
            for table in body.iter(f"{TABLE}table"):
                story.blocks([table])

    def _whole_file(self, target: str, place: str) -> None:
        data = self._parts.part(target)
        found = unwrapped(data, target.rpartition("/")[2]) if data else None
        if found is None:
            return
        if place:
            reason = write_inner(self.writer, *found, self._limits, place=f"{place}, embedded {found[1]}")
        else:
            reason = write_embedded(self.writer, *found, self._limits)
        if reason:
            self.not_read.append(reason)


def _is_shown(shape: Element) -> bool:
    return shape.get(f"{DRAW}display") not in {"none", "printer"}


def _in_order(shapes: list[Element]) -> list[Element]:
    """Put free shapes into reading order; where any fills a layout's place, the file's own order is that."""
    if any(shape.get(f"{PRESENTATION}class") for shape in shapes):
        return shapes
    places: list[Place] = []
    for index, shape in enumerate(shapes):
        x, y, width, height = (_points(shape.get(f"{SVG}{key}")) for key in ("x", "y", "width", "height"))
        if x is None or y is None:
            return shapes
        places.append(Place(index, x, y, x + (width or 0.0), y + (height or 0.0)))
    return [shapes[index] for index in reading_order(places)]


def _points(length: str | None) -> float | None:
    match = _LENGTH.fullmatch(length or "")
    try:
        return float(match[1]) * _POINTS[match[2]] if match else None
    except ValueError:
        return None


def _properties(root: Element | None) -> dict[str, str]:
    found: dict[str, str] = {}
    for entry in root.iter() if root is not None else ():
        key, value = _META.get(local_name(entry)), " ".join((entry.text or "").split())
        if key and value:
            if key == "keywords" and key in found:
                found[key] = f"{found[key]}, {value}"[:500]
            else:
                found.setdefault(key, value[:500])
    return found
