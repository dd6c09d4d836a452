"""The package that DOCX and PPTX files are: parts, how they refer to each other, and what they say of the whole.

Walked with lxml and not with python-docx or python-pptx: those stop at the first part that is missing, damaged or of
another type than declared, and know nothing of text boxes, SmartArt or tracked changes. Here a part that cannot be read
is absent, which `damaged` tells. Knows nothing of paragraphs or slides.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from ingest.read.office.zipped_parts import Parts
from ingest.read.xml_safe import Element, local_name
from rag.errors import Malformed

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
# "Strict" files write the same elements under other names.
_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(officeDocument|wordprocessingml|drawingml|presentationml)/(\w+)")
_STRICT_MATH = b"http://schemas.openxmlformats.org/officeDocument/2006/math"
_SAYS_NOTHING = re.compile(
    r"(?:(?:picture|image|graphic|grafik|bild|photo|logo|icon|img|dsc|screenshot|clip ?art|chart|diagram|object|"
    r"text ?box|shape|rectangle|table|图片|图像|圖片|图表|图形|图示|文本框|矩形|对象)[\s_-]*)?[\d\W_]*"
    r"|.{0,120}\.(?:png|jpe?g|gif|bmp|tiff?|emf|wmf|svg|webp|ico)|(?:https?|file):\S+|(?:[a-z]:)?\\\S.*",
    re.IGNORECASE,
)
_GENERATED = re.compile(
    r"\s*(?:Description automatically generated|AI-generated content may be incorrect|AI 生成的内容可能不正确"
    r"|(?:描述|說明)?已自动生成(?:说明|描述)?|自动生成的说明).*",
    re.DOTALL,
)
_CORE = {
    "title": "title",
    "creator": "author",
    "subject": "subject",
    "keywords": "keywords",
    "description": "description",
    "language": "language",
    "created": "created",
    "modified": "modified",
}


@dataclass(frozen=True, slots=True)
class Relation:
    kind: str  # the last word of its type: "hyperlink", "image", "footnotes", ...
    target: str  # a part's path; an address where external
    external: bool


class Package(Parts):
    def xml(self, path: str) -> Element | None:
        """As of any parts, in the usual namespaces."""
        data = self.part(path)
        if data is None:
            return None
        return self.parsed(_STRICT.sub(_usual_namespace, data) if b"purl.oclc.org/ooxml" in data[:8192] else data, path)

    def main(self, content: str, usual: str) -> tuple[str, Element]:
        """Return the path and the root of the part that all begins with.

        content: a word of its content type, such as "wordprocessingml"; usual: where it stands as a rule.
        Raises Malformed where there is none.
        """
        candidates = [relation.target for relation in self.relations("").values() if relation.kind == "officeDocument"]
        types = self.xml("[Content_Types].xml")
        if types is not None:
            overrides = ((entry.get("PartName") or "", entry.get("ContentType") or "") for entry in types)
            candidates += [path for path, kind in overrides if content in kind and ".main+xml" in kind]
        candidates.append(usual)
        file_name = posixpath.basename(usual)
        candidates += (path for path in self.paths() if posixpath.basename(path) == file_name)
        for path in candidates:
            root = self.xml(path)
            if root is not None:
                return path.lstrip("/"), root
        raise Malformed(
            f"{self.name}: the part that holds its text ({usual}) is missing or damaged",
            hint="save it again from the program that made it",
        )

    def relations(self, path: str) -> dict[str, Relation]:
        """Return what a part refers to, by the names it uses; "" is the package itself."""
        folder, file_name = posixpath.split(path.lstrip("/"))
        root = self.xml(posixpath.join(folder, "_rels", f"{file_name}.rels"))
        found: dict[str, Relation] = {}
        for entry in root if root is not None else ():
            target = entry.get("Target") or ""
            external = entry.get("TargetMode") == "External"
            if not external:
                target = _resolved(folder, target)
            found[entry.get("Id") or ""] = Relation((entry.get("Type") or "").rpartition("/")[2], target, external)
        return found

    def related(self, path: str, kind: str) -> list[str]:
        """Return the paths of the parts of a kind that a part refers to."""
        relations = self.relations(path).values()
        return [relation.target for relation in relations if relation.kind == kind and not relation.external]

    def properties(self) -> dict[str, str]:
        """Return what the package says of itself: "title", "author", "created", ..."""
        paths = [*self.related("", "core-properties"), "docProps/core.xml"]
        root = next((found for found in map(self.xml, paths) if found is not None), None)
        found: dict[str, str] = {}
        for entry in root if root is not None else ():
            key, value = _CORE.get(local_name(entry)), " ".join("".join(entry.itertext()).split())
            if key and value:
                found.setdefault(key, value[:500])
        return found


def children(element: Element) -> Iterator[Element]:
    """Yield the children, of alternatives the first one that is given."""
    for child in element:
        if child.tag == f"{MC}AlternateContent":
            choices = [choice for choice in child if len(choice)]
            if choices:
                yield from children(choices[0])
        else:
            yield child


def descendants(element: Element, *, inside: frozenset[str] = frozenset()) -> Iterator[Element]:
    """Yield what is below, in order, alternatives once; of the tags in `inside` the element but not what it holds."""
    waiting = [children(element)]
    while waiting:
        child = next(waiting[-1], None)
        if child is None:
            waiting.pop()
            continue
        yield child
        if child.tag not in inside:
            waiting.append(children(child))


def is_on(element: Element | None) -> bool:
    """Return whether a switch such as <w:b/> or <w:b w:val="0"/> is on; an absent one is not."""
    if element is None:
        return False
    value = element.get(f"{W}val")
    return value is None or value.lower() not in {"0", "false", "off", "none"}


def number(value: str | None, default: int = 0) -> int:
    try:
        return int(value) if value is not None else default
    except ValueError:
        return default


def alternative_text(element: Element) -> str:
    """Return what a picture's author says it shows; "" for its file's name and the like."""
    for key in ("descr", "alt", "title"):
        text = _GENERATED.sub("", " ".join((element.get(key) or "").split()))
        if text and not _SAYS_NOTHING.fullmatch(text):
            return text
    return ""


def _usual_namespace(match: re.Match[bytes]) -> bytes:
    family, last = match.group(1), match.group(2)
    if last == b"math":
        return _STRICT_MATH
    if family == b"officeDocument":
        return b"http://schemas.openxmlformats.org/officeDocument/2006/" + last
    return b"http://schemas.openxmlformats.org/" + family + b"/2006/" + last


def _resolved(folder: str, target: str) -> str:
    target = unquote(target.replace("\\", "/")).partition("#")[0]
    path = target if target.startswith("/") else posixpath.join(folder, target)
    return posixpath.normpath(path).lstrip("/")
