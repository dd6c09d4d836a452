"""Which parts of a page are its furniture, by element, role, class and place; and what they said. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from lxml import etree

from ingest.read.characters import flow

Element = Any  # an lxml.html.HtmlElement

MAX_ROWS = 200
MAX_CHARACTERS = 300  # of each row's text
MAIN_SHARE = 0.4  # of the page's text that an element must hold to be its main part, and may not hold to be furniture
SECTION_CHARACTERS = 200  # of prose under a heading: less may be the words around some buttons
LINK_SHARE = 0.75  # of a list's text inside links: above it the list is a menu

_NEVER_SHOWN_NAMES = """
    script style noscript template svg canvas iframe object embed audio video map head datalist rt rp
"""
_CONTROL_NAMES = "select button input textarea dialog nav footer"
_BLOCK_NAMES = """
    address article aside body center dd details div dl dt fieldset figure figcaption form h1 h2 h3 h4 h5 h6 header hr
    html li main ol p pre section summary table tbody td tfoot th thead tr ul blockquote caption legend
"""
NEVER_SHOWN = frozenset(_NEVER_SHOWN_NAMES.split())
SILENT = NEVER_SHOWN | frozenset(_CONTROL_NAMES.split())
BLOCKS = frozenset(_BLOCK_NAMES.split())
_FURNITURE_ROLES = frozenset(
    {"navigation", "banner", "contentinfo", "search", "complementary", "dialog", "alertdialog"}
)
# Whole words of class and id: "share" in "share-buttons", not in "shareholders".
_FURNITURE_NAME = re.compile(
    r"(?:^|[\s_-])(?:cookies?|consent|gdpr|nav(?:bar|igation)?|menu|sidebar|breadcrumbs?|footer|site-?header|masthead|"
    r"share|sharing|social|toolbar|pagination|pager|related|recommend(?:ed|ations?)?|comments?|adverts?|ads?|"
    r"advertisement|sponsor(?:ed)?|promo|newsletter|subscribe|popup|modal|skip-?links?|copyright|qr-?code|"
    r"back-?to-?top|login|print-only|sr-only|visually-hidden)(?:$|[\s_-])",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_]+")
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


@dataclass(slots=True)
class Measure:
    """How much an element shows: characters, those of them inside links, and links."""

    characters: int = 0
    linked: int = 0
    links: int = 0


def measured(root: Element) -> dict[Element, Measure]:
    """Measure every element in one pass: asking each for its text anew takes quadratic time on nested pages."""
    measures: dict[Element, Measure] = {}
    silent: Element | None = None
    above: list[Measure] = []
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        if event == "start":
            above.append(Measure())
            if element.tag in SILENT:
                silent = element
                walk.skip_subtree()
            else:
                above[-1].characters = len((element.text or "").strip())
            continue
        measure = above.pop()
        if element is silent:
            silent = None
        elif element.tag == "a" and element.get("href"):
            measure.linked, measure.links = measure.characters, 1
        measures[element] = measure
        if above:
            above[-1].characters += measure.characters + len((element.tail or "").strip())
            above[-1].linked += measure.linked
            above[-1].links += measure.links
    return measures


def main_part(root: Element, measures: dict[Element, Measure]) -> Element:
    total = measures[root].characters
    for path in (".//main", ".//*[@role='main']", ".//article"):
        found = [element for element in root.iterfind(path) if measures[element].characters >= MAIN_SHARE * total]
        if len(found) == 1:
            return found[0]
    return root


class Furniture:
    """Tells the parts of one page that are left out, and keeps what they said."""

    def __init__(self, measures: dict[Element, Measure], root: Element) -> None:
        """With no measures nothing but what is never shown is left out. root: the part of the page that is kept."""
        self._measures = measures
        self._root = root
        self._total = measures[root].characters if root in measures else 0
        self.rows: list[dict[str, str]] = []

    def takes(self, element: Element) -> bool:
        """Whether an element is left out, with all within it."""
        if element is self._root:
            return False
        if element.tag in NEVER_SHOWN or element.get("hidden") is not None:
            return True
        if _HIDDEN_STYLE.search(element.get("style") or ""):
            return True
        if element.tag in SILENT or self._is_furniture(element):
            self.note(element, "page furniture")
            return True
        return False

    def note_outside(self) -> None:
        """Keep what stands outside of the part that is kept."""
        inner = self._root
        for outer in self._root.iterancestors():
            for element in outer:
                if element is not inner and element.tag not in NEVER_SHOWN:
                    self.note(element, "outside the main part")
            inner = outer
            if outer.tag == "body":
                return

    def note(self, element: Element, reason: str) -> None:
        if len(self.rows) < MAX_ROWS and (text := flow(shown_text(element, NEVER_SHOWN)).replace("\n", " ")):
            self.rows.append({"reason": reason, "text": text[:MAX_CHARACTERS]})

    def _is_furniture(self, element: Element) -> bool:
        tag = element.tag
        if element not in self._measures:
            return False
        if element.get("role") in _FURNITURE_ROLES:
            return self._is_small(element)
        if tag in BLOCKS and _FURNITURE_NAME.search(element.get("class") or ""):
            return self._is_small(element)
        if tag in BLOCKS and _FURNITURE_NAME.search(element.get("id") or ""):
            return not self._is_section(element) and self._is_small(element)
        if tag == "aside":  # beside the text: a note within the main part, furniture outside it
            measure = self._measures[element]
            is_note = self._root.tag in {"main", "article"} and measure.linked < 0.5 * measure.characters
            return not is_note and self._is_small(element)
        if tag == "header" and element.getparent() is not None and element.getparent().tag == "body":
            return element.find(".//h1") is None and self._is_small(element)
        return tag in {"ul", "ol", "table"} and self._is_menu(element) and self._is_small(element)

    def _is_section(self, element: Element) -> bool:
        """Whether an id is made of the element's heading: "editing-and-navigation" names a chapter and no menu."""
        name = _WORD.findall((element.get("id") or "").lower())
        measure = self._measures[element]
        is_prose = measure.characters >= SECTION_CHARACTERS and measure.linked < 0.3 * measure.characters
        heading = next(element.iter("h1", "h2", "h3", "h4", "h5", "h6"), None) if len(name) > 1 and is_prose else None
        return heading is not None and _WORD.findall(shown_text(heading).lower())[-len(name) :] == name

    def _is_small(self, element: Element) -> bool:
        return self._measures[element].characters < MAIN_SHARE * self._total

    def _is_menu(self, element: Element) -> bool:
        measure = self._measures[element]
        is_linked = measure.linked > LINK_SHARE * measure.characters
        return measure.links >= 4 and is_linked and measure.characters / measure.links < 40


def shown_text(outer: Element, silent: frozenset[str] = SILENT) -> str:
    """Return an element's text with a space wherever an element begins, so that <p>a</p><p>b</p> is not 'ab'."""
    pieces: list[str] = []
    walk = etree.iterwalk(outer, events=("start", "end"))
    for event, element in walk:
        if event == "start":
            if element.tag in silent:
                walk.skip_subtree()
                continue
            pieces.append(" " if element.tag in BLOCKS or element.tag == "br" else "")
            pieces.append(element.text or "")
        elif element is not outer:
            pieces.append(element.tail or "")
    return "".join(pieces)
