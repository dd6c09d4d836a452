"""EPUB books: the chapters in the order of the spine, each as a page. A chapter that is missing does not cost the rest.

Each block's place is the chapter as the table of contents names it, else its file. Knows nothing of layout or pictures.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from lxml import etree

from ingest.read.characters import flow
from ingest.read.encoding import decode
from ingest.read.html import write_fragment
from ingest.read.limits import Limits
from ingest.read.media import EPUB
from ingest.read.office.ooxml import Package
from ingest.read.writer import DocumentWriter, check_length
from ingest.read.xml_safe import Element, local_name, parse_xml
from rag.errors import Encrypted, Malformed, TooLarge
from rag.types import BlockKind, Document

_HINT = "save it again from the program that made it"
_PAGES = frozenset({"application/xhtml+xml", "text/html", "application/x-dtbook+xml", "text/x-oeb1-document"})
_PAGE_SUFFIXES = (".xhtml", ".html", ".htm", ".xml")
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_METADATA = {
    "creator": "author",
    "language": "language",
    "date": "created",
    "publisher": "publisher",
    "subject": "subject",
    "identifier": "identifier",
}
_OBFUSCATION = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#rc")  # of fonts: hides no text


@dataclass(frozen=True, slots=True)
class _Item:
    path: str
    media_type: str
    properties: str


def read_epub(data: bytes, name: str, limits: Limits) -> Document:
    """Raises Encrypted where the chapters are, Malformed where no page is left in it, NoText where pages are bare."""
    package = Package(data, name, limits)
    _check_encryption(package, name)
    path = _opf_path(package)
    opf = package.xml(path) if path else None
    folder = posixpath.dirname(path)
    items = _manifest(opf, folder) if opf is not None else {}
    pages = _spine(opf, items) if opf is not None else []
    pages = [page for page in pages if package.has(page)] or _loose_pages(package)
    if not pages:
        raise Malformed(f"{name}: there is no chapter in it", hint=_HINT)
    missing = [page for page in (_spine(opf, items) if opf is not None else []) if not package.has(page)]
    chapters = _chapter_titles(package, items)
    writer = DocumentWriter()
    for page in pages:
        _write_page(writer, package, page, chapters.get(page, ""), name)
        check_length(name, len(writer), limits)
    metadata = _metadata(opf) if opf is not None else {}
    title = metadata.pop("title", None)
    damaged = [*package.damaged, *(f"{page} is missing" for page in missing)]
    return writer.finish(name, EPUB, title=title, metadata={**metadata, **({"damaged": damaged} if damaged else {})})


def _check_encryption(package: Package, name: str) -> None:
    root = package.xml("META-INF/encryption.xml") if package.has("META-INF/encryption.xml") else None
    for entry in root.iter("{*}EncryptedData") if root is not None else ():
        method = entry.find("{*}EncryptionMethod")
        algorithm = method.get("Algorithm") or "" if method is not None else ""
        targets = [reference.get("URI") or "" for reference in entry.iter("{*}CipherReference")]
        if algorithm not in _OBFUSCATION and any(target.lower().endswith(_PAGE_SUFFIXES) for target in targets):
            raise Encrypted(f"{name}: the book is locked (DRM)", hint="get a copy without a lock")


def _opf_path(package: Package) -> str:
    root = package.xml("META-INF/container.xml")
    for entry in root.iter("{*}rootfile") if root is not None else ():
        path = posixpath.normpath(unquote(entry.get("full-path") or ""))
        if package.has(path):
            return path
    return next((path for path in package.paths() if path.lower().endswith(".opf")), "")


def _manifest(opf: Element, folder: str) -> dict[str, _Item]:
    return {
        entry.get("id") or "": _Item(
            _joined(folder, entry.get("href") or ""), entry.get("media-type") or "", entry.get("properties") or ""
        )
        for entry in opf.iter("{*}item")
    }


def _spine(opf: Element, items: dict[str, _Item]) -> list[str]:
    found = [items[entry.get("idref")] for entry in opf.iter("{*}itemref") if entry.get("idref") in items]
    pages = [item.path for item in found if item.media_type in _PAGES or item.path.lower().endswith(_PAGE_SUFFIXES)]
    return list(dict.fromkeys(pages))


def _loose_pages(package: Package) -> list[str]:
    paths = [path for path in package.paths() if path.lower().endswith(_PAGE_SUFFIXES[:3])]
    return sorted(path for path in paths if not path.startswith(("META-INF/", "__MACOSX/")))


def _chapter_titles(package: Package, items: dict[str, _Item]) -> dict[str, str]:
    """Return the pages' names in the table of contents; of a page with several the first."""
    titles: dict[str, str] = {}
    for item in items.values():
        is_ncx = item.media_type == "application/x-dtbncx+xml"
        if not is_ncx and "nav" not in item.properties.split():
            continue
        root = package.xml(item.path)
        folder = posixpath.dirname(item.path)
        for target, title in _contents(root) if root is not None else ():
            titles.setdefault(_joined(folder, target), title)
    return titles


def _contents(root: Element) -> Iterator[tuple[str, str]]:
    for point in root.iter("{*}navPoint"):
        label, content = point.find("{*}navLabel"), point.find("{*}content")
        if label is not None and content is not None:
            yield content.get("src") or "", flow("".join(label.itertext()))
    for nav in root.iter("{*}nav"):
        if any(key.endswith("type") and value != "toc" for key, value in nav.items()):
            continue
        for link in nav.iter("{*}a"):
            yield link.get("href") or "", flow("".join(link.itertext()))


def _write_page(writer: DocumentWriter, package: Package, path: str, title: str, name: str) -> None:
    markup, has_heading = _markup(package.part(path) or b"", f"{name}: {path}")
    writer.stand(title or posixpath.basename(path))
    if title and not has_heading:
        writer.add(BlockKind.HEADING, title, level=1)
    write_fragment(writer, markup)


def _markup(data: bytes, name: str) -> tuple[str, bool]:
    """Return a page as HTML, and whether it has headings of its own."""
    try:
        root = parse_xml(data, name)
        # What is XML may close elements in ways that HTML does not know: <title/>, <script/>.
        for element in root.iter():
            element.tag = local_name(element).lower()
    except (Malformed, TooLarge, ValueError):  # the last: a damaged name, which the parser lets pass
        decoded = decode(data)
        return (decoded[0] if decoded else ""), True
    etree.cleanup_namespaces(root)
    has_heading = any(element.tag in _HEADINGS for element in root.iter())
    return etree.tostring(root, method="html", encoding="unicode"), has_heading


def _metadata(opf: Element) -> dict[str, Any]:
    found: dict[str, Any] = {}
    authors: list[str] = []
    for element in opf.iter():
        value = flow(element.text or "")[:500]
        tag = local_name(element)
        if not value or "purl.org/dc" not in element.tag:
            continue
        if tag == "creator":
            authors.append(value)
        elif tag == "title" or tag in _METADATA:
            found.setdefault(_METADATA.get(tag, tag), value)
    return {**found, **({"author": ", ".join(dict.fromkeys(authors))} if authors else {})}


def _joined(folder: str, target: str) -> str:
    return posixpath.normpath(posixpath.join(folder, unquote(target.partition("#")[0]))).lstrip("/")
