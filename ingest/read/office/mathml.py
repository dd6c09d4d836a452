"""Formulas of MathML as one line of text, close to what people type. Knows nothing of documents."""

from __future__ import annotations

from collections.abc import Callable

from ingest.read.office.ooxml_math import grouped
from ingest.read.xml_safe import Element, local_name

_SILENT = frozenset({"annotation", "annotation-xml", "mphantom", "none", "mprescripts"})


def linear_mathml(element: Element) -> str:
    """Return the text of a math element or a part of one."""
    name = local_name(element)
    if name in _SILENT:
        return ""
    shape = _SHAPES.get(name)
    parts = [linear_mathml(child) for child in element if isinstance(child.tag, str)]
    if shape is not None and len(parts) >= 1:
        return shape(parts)
    return "".join((element.text or "").split()) + "".join(parts) if name != "mtext" else element.text or ""


def _fraction(parts: list[str]) -> str:
    return "/".join(map(grouped, parts[:2]))


def _below(parts: list[str]) -> str:
    return parts[0] + "".join(f"_{grouped(part)}" for part in parts[1:2] if part)


def _above(parts: list[str]) -> str:
    return parts[0] + "".join(f"^{grouped(part)}" for part in parts[1:2] if part)


def _both(parts: list[str]) -> str:
    return _below(parts) + "".join(f"^{grouped(part)}" for part in parts[2:3] if part)


def _root(parts: list[str]) -> str:
    return f"{parts[1] if len(parts) > 1 else ''}√{grouped(parts[0])}"


_SHAPES: dict[str, Callable[[list[str]], str]] = {
    "mfrac": _fraction,
    "msub": _below,
    "munder": _below,
    "msup": _above,
    "mover": _above,
    "msubsup": _both,
    "munderover": _both,
    "msqrt": lambda parts: f"√{grouped(''.join(parts))}",
    "mroot": _root,
    "mtable": "; ".join,
    "mtr": ", ".join,
    "mfenced": lambda parts: f"({', '.join(parts)})",
}
