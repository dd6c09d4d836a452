"""PPTX: slides in the order they are shown, each with its title, texts, tables, charts, SmartArt, notes and comments.

Every block's place names its slide: "slide 3", "slide 3 notes", "slide 3 comment", "slide 4 (hidden)". Page numbers,
dates and footers are left out, and so is what all slides take from their master.
"""

from __future__ import annotations

import posixpath
import re
from typing import Any

from ingest.read.limits import Limits
from ingest.read.media import PPTX
from ingest.read.office.embedded import unwrapped, write_inner
from ingest.read.office.ooxml import P, Package, R, Relation, children
from ingest.read.office.ooxml_drawing import body_lines
from ingest.read.office.pptx_slide import Slide, Written
from ingest.read.writer import DocumentWriter, check_length
from ingest.read.xml_safe import Element, local_name
from ingest.structure import is_short
from rag.errors import Malformed, TooLarge
from rag.types import BlockKind, Document

TITLE_LEVEL = 2
PART_LEVEL = 1  # of the titles of title slides and section headers
_NUMBER = re.compile(r"(\d+)\.xml\Z")


def read_pptx(data: bytes, name: str, limits: Limits) -> Document:
    """Raises Malformed where there is no presentation in it, TooLarge past limits.max_pages slides."""
    package = Package(data, name, limits)
    deck = _Deck(package, name, limits)
    try:
        deck.write()
    except RecursionError as error:
        raise Malformed(f"{name}: it is nested too deeply", hint="save it again from PowerPoint") from error
    check_length(name, len(deck.writer), limits)
    package.check_text(len(deck.writer))
    properties: dict[str, Any] = package.properties()
    title = properties.pop("title", None)
    metadata = {**properties, "slides": deck.slides}
    if package.damaged:
        metadata["damaged"] = list(dict.fromkeys(package.damaged))[:20]
    if deck.not_read:
        metadata["not_read"] = deck.not_read[:100]
    return deck.writer.finish(name, PPTX, title=title, metadata=metadata)


class _Deck:
    def __init__(self, package: Package, name: str, limits: Limits) -> None:
        self.writer = DocumentWriter()
        self.not_read: list[str] = []
        self.slides = 0
        self._package = package
        self._name = name
        self._limits = limits
        self._roots: dict[str, Element | None] = {}  # of layouts and masters, which many slides share
        self._authors: dict[str, str] = {}

    def write(self) -> None:
        paths = self._slide_paths()
        self.slides = len(paths)
        if len(paths) > self._limits.max_pages:
            raise TooLarge(f"{self._name}: {len(paths)} slides", hint="raise ingest.max_pages, or split the file")
        self._authors = self._read_authors()
        for index, path in enumerate(paths, start=1):
            self._slide(path, f"slide {index}")
        if not len(self.writer):
            self._furniture(paths)

    def _slide_paths(self) -> list[str]:
        found: list[str] = []
        try:
            path, root = self._package.main("presentationml", "ppt/presentation.xml")
        except Malformed:
            found = []
        else:
            relations = self._package.relations(path)
            listed = (entry.get(f"{R}id") or "" for entry in root.iterfind(f"{P}sldIdLst/{P}sldId"))
            found = [relations[key].target for key in listed if key in relations and not relations[key].external]
        if not any(self._package.has(path) for path in found):
            found = [one for one in self._package.paths() if posixpath.dirname(one).endswith("ppt/slides")]
            found = sorted((one for one in found if _NUMBER.search(one)), key=_rank)
        if not found:
            raise Malformed(f"{self._name}: there are no slides in it", hint="save it again from PowerPoint")
        return found

    def _slide(self, path: str, place: str) -> None:
        root = self._package.xml(path)
        if root is None:
            self.not_read.append(f"{self._name}: {place} is missing or damaged")
            return
        relations = self._package.relations(path)
        layout_path = _target(relations, "slideLayout")
        layout = self._shared(layout_path)
        master = self._shared(_target(self._package.relations(layout_path), "slideMaster")) if layout_path else None
        shown = f"{place} (hidden)" if root.get("show") in {"0", "false"} else place

        def part(key: str) -> Element | None:
            relation = relations.get(key)
            return self._package.xml(relation.target) if relation is not None and not relation.external else None

        is_part = layout is not None and layout.get("type") in {"title", "secHead"}
        written = list(Slide(root, layout, master, part).blocks())
        self._blocks(_titled(written), relations, shown, PART_LEVEL if is_part else TITLE_LEVEL)
        self._notes(relations, f"{place} notes")
        self._comments(relations, f"{place} comment")

    def _furniture(self, paths: list[str]) -> None:
        """Write what all slides have from masters and in footers: where there is nothing else, it counts."""
        roots = [root for root in (*map(self._package.xml, paths), *self._roots.values()) if root is not None]
        texts = (text for root in roots for text in Slide(root, None, None, lambda _: None).furniture())
        for text in dict.fromkeys(texts):
            self.writer.add(BlockKind.PARAGRAPH, text)

    def _shared(self, path: str) -> Element | None:
        if path not in self._roots:
            self._roots[path] = self._package.xml(path) if path else None
        return self._roots[path]

    def _blocks(self, blocks: list[Written], relations: dict[str, Relation], place: str, title_level: int) -> None:
        for block in blocks:
            if block.embedded:
                self._embedded(relations.get(block.embedded), place)
            else:
                level = title_level if block.kind is BlockKind.HEADING else block.level
                self.writer.add(block.kind, block.text, level=level, place=place)

    def _embedded(self, relation: Relation | None, place: str) -> None:
        data = self._package.part(relation.target) if relation is not None and not relation.external else None
        found = unwrapped(data, posixpath.basename(relation.target)) if relation is not None and data else None
        if found is not None:
            inner, its_name = found
            reason = write_inner(self.writer, inner, its_name, self._limits, place=f"{place}, embedded {its_name}")
            if reason:
                self.not_read.append(reason)

    def _notes(self, relations: dict[str, Relation], place: str) -> None:
        root = self._shared_part(relations, "notesSlide")
        for shape in root.iter(f"{P}sp") if root is not None else ():
            holder = shape.find(f"{P}nvSpPr/{P}nvPr/{P}ph")
            body = shape.find(f"{P}txBody")
            if body is None or (holder is not None and holder.get("type") not in {None, "body"}):
                continue
            for line in body_lines(body):
                kind = BlockKind.LIST_ITEM if line.marker else BlockKind.PARAGRAPH
                self.writer.add(kind, line.marker + line.text, level=line.level if line.marker else 0, place=place)

    def _shared_part(self, relations: dict[str, Relation], kind: str) -> Element | None:
        target = _target(relations, kind)
        return self._package.xml(target) if target else None

    def _comments(self, relations: dict[str, Relation], place: str) -> None:
        root = self._shared_part(relations, "comments")
        for comment in root.iter() if root is not None else ():
            if local_name(comment) not in {"cm", "reply"}:
                continue
            author = self._authors.get(comment.get("authorId") or "", "")
            text = "\n".join(_comment_texts(comment))
            if text:
                said = f"Comment by {author}: {text}" if author else f"Comment: {text}"
                self.writer.add(BlockKind.PARAGRAPH, said, place=place)

    def _read_authors(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for path in self._package.paths():
            if posixpath.basename(path).lower() in {"commentauthors.xml", "authors.xml"}:
                root = self._package.xml(path)
                for entry in root if root is not None else ():
                    found[entry.get("id") or ""] = " ".join((entry.get("name") or "").split())
        return found


def _comment_texts(comment: Element) -> list[str]:
    texts = [(comment.findtext(f"{P}text") or "").strip()]
    for body in children(comment):
        if local_name(body) == "txBody":
            texts += (line.text for line in body_lines(body))
    return [text for text in texts if text]


def _titled(blocks: list[Written]) -> list[Written]:
    """Take the first line for the title of a slide that has none: many are made of text boxes alone."""
    if any(block.is_title for block in blocks) or len(blocks) < 2:
        return blocks
    first = blocks[0]
    if first.kind is BlockKind.PARAGRAPH and not first.embedded and is_short(first.text):
        return [Written(BlockKind.HEADING, first.text.replace("\n", " "), is_title=True), *blocks[1:]]
    return blocks


def _target(relations: dict[str, Relation], kind: str) -> str:
    found = (relation.target for relation in relations.values() if relation.kind == kind and not relation.external)
    return next(found, "")


def _rank(path: str) -> int:
    match = _NUMBER.search(path)
    return int(match[1]) if match else 0
