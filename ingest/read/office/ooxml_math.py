"""Formulas of Office's as one line of text: (a+b)/(2)-like, close to what people type. Knows nothing of documents."""

from __future__ import annotations

from collections.abc import Callable

from ingest.read.office.ooxml import children
from ingest.read.xml_safe import Element, local_name

M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"


def linear_math(element: Element) -> str:
    """Return the text of an m:oMath or a part of one."""
    name = local_name(element)
    if name == "t":
        return element.text or ""
    shape = _SHAPES.get(name)
    if shape is not None:
        return shape(element)
    return "" if name.endswith("Pr") else "".join(linear_math(child) for child in children(element))


def _inside(element: Element, tag: str) -> str:
    found = element.find(f"{M}{tag}")
    return "" if found is None else linear_math(found)


def grouped(text: str) -> str:
    return text if len(text) <= 1 or text.isalnum() or _is_bracketed(text) else f"({text})"


def _is_bracketed(text: str) -> bool:
    """Whether the bracket that a text begins with closes at its end."""
    depth = 0
    for at, character in enumerate(text):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth == 0:
            return at > 0 and at == len(text) - 1
    return False


def _fraction(element: Element) -> str:
    return f"{grouped(_inside(element, 'num'))}/{grouped(_inside(element, 'den'))}"


def _scripts(element: Element) -> str:
    low, high = _inside(element, "sub"), _inside(element, "sup")
    base = element.find(f"{M}e")
    is_compound = base is not None and any(local_name(part) in {"f", "nary", "sSup", "func"} for part in base)
    text = _inside(element, "e")
    return (
        (grouped(text) if is_compound else text)
        + (f"_{grouped(low)}" if low else "")
        + (f"^{grouped(high)}" if high else "")
    )


def _root(element: Element) -> str:
    degree = _inside(element, "deg")
    return f"{degree}√{grouped(_inside(element, 'e'))}"


def _property(element: Element, properties: str, name: str, default: str) -> str:
    found = element.find(f"{M}{properties}/{M}{name}")
    return default if found is None else found.get(f"{M}val", default)


def _large_operator(element: Element) -> str:
    sign = _property(element, "naryPr", "chr", "∫")
    low, high = _inside(element, "sub"), _inside(element, "sup")
    limits = (f"_{grouped(low)}" if low else "") + (f"^{grouped(high)}" if high else "")
    return f"{sign}{limits} {_inside(element, 'e')}"


def _delimited(element: Element) -> str:
    between = _property(element, "dPr", "sepChr", "|")
    inner = between.join(linear_math(part) for part in element.iterfind(f"{M}e"))
    return f"{_property(element, 'dPr', 'begChr', '(')}{inner}{_property(element, 'dPr', 'endChr', ')')}"


def _matrix(element: Element) -> str:
    rows = (", ".join(linear_math(cell) for cell in row.iterfind(f"{M}e")) for row in element.iterfind(f"{M}mr"))
    return "; ".join(rows)


def _lines(element: Element) -> str:
    return "; ".join(linear_math(part) for part in element.iterfind(f"{M}e"))


def _function(element: Element) -> str:
    return f"{_inside(element, 'fName')} {_inside(element, 'e')}"


_SHAPES: dict[str, Callable[[Element], str]] = {
    "f": _fraction,
    "sSup": _scripts,
    "sSub": _scripts,
    "sSubSup": _scripts,
    "rad": _root,
    "nary": _large_operator,
    "d": _delimited,
    "m": _matrix,
    "eqArr": _lines,
    "func": _function,
}
