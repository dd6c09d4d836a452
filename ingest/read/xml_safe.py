"""Parse XML that nobody vouches for. Knows nothing of vocabularies.

Nothing outside the data is ever looked at, and no entity grows: of those that a document defines itself only plain
short texts are put in, within the document's own length; the names of HTML (&nbsp;) mean what they mean there. All
other references are left out. What is damaged is read as far as it goes on making sense.
"""

from __future__ import annotations

import re
from html.entities import name2codepoint
from typing import Any

from lxml import etree

from rag.errors import Malformed, TooLarge

Element = Any  # an lxml.etree._Element

MAX_ENTITY_CHARACTERS = 1000
_HINT = "save it again from the program that made it"
_REFERENCE = re.compile(rb"&([A-Za-z][A-Za-z0-9]{1,31});")
_PREDEFINED = frozenset({"amp", "lt", "gt", "quot", "apos"})
# The parser gives up at these and keeps what it has: to go on with that would lose the rest in silence.
_LIMITS = frozenset(
    {
        etree.ErrorTypes.ERR_ENTITY_LOOP,
        etree.ErrorTypes.ERR_NAME_TOO_LONG,
        etree.ErrorTypes.ERR_RESOURCE_LIMIT,
    }
)


def parse_xml(data: bytes, name: str) -> Element:
    """Return the root element. Comments and processing instructions are not in the tree: every tag is a string.

    Raises Malformed where there is no element, TooLarge where the tree is deeper or a text longer than is sane.
    """
    return parse_damaged_xml(data, name)[0]


def parse_damaged_xml(data: bytes, name: str) -> tuple[Element, bool]:
    """As parse_xml(), and whether the data had to be mended, in which case something of it may be missing."""
    data = data.lstrip(b" \t\r\n")
    mended = False
    try:
        root = _parsed(data, name, recover=False)
    except etree.XMLSyntaxError:
        root, mended = _parsed(data, name, recover=True), True
    if root is None:
        raise Malformed(f"{name}: not XML", hint=_HINT)
    _put_entities(root, len(data))
    return root, mended


def local_name(element: Element) -> str:
    """Return an element's name without its namespace."""
    tag: str = element.tag
    return tag[tag.rindex("}") + 1 :] if tag[0] == "{" else tag


def _parsed(data: bytes, name: str, *, recover: bool) -> Element | None:
    """With recover the parser mends what it can: the second choice.

    It then leaves out every reference that it is told not to resolve, "&amp;" with the others. So it resolves those
    that are defined within, up to its own limit of growth, and the names of HTML are put in before.
    """
    if recover:
        data = _REFERENCE.sub(_numeric, data)
    parser = etree.XMLParser(
        resolve_entities="internal" if recover else False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        recover=recover,
    )
    try:
        root = etree.fromstring(data, parser=parser)
    except etree.XMLSyntaxError as error:
        _check_limits(parser, name)
        if recover:
            raise Malformed(f"{name}: not XML: {error}", hint=_HINT) from error
        raise
    except (ValueError, LookupError) as error:
        raise Malformed(f"{name}: not XML: {error}", hint=_HINT) from error
    _check_limits(parser, name)
    return root


def _numeric(match: re.Match[bytes]) -> bytes:
    name = match.group(1).decode("ascii")
    known = name in name2codepoint and name not in _PREDEFINED
    return b"&#%d;" % name2codepoint[name] if known else match.group()


def _check_limits(parser: etree.XMLParser, name: str) -> None:
    for entry in parser.error_log:
        if entry.type in _LIMITS or "huge text node" in entry.message or "Excessive depth" in entry.message:
            message = f"{name}: XML past the parser's limits: {entry.message}"
            raise TooLarge(message, hint="split it, or export it again")


def _put_entities(root: Element, budget: int) -> None:
    references = list(root.iter(etree.Entity))
    if not references:
        return
    document_type = root.getroottree().docinfo.internalDTD
    own = (
        {entity.name: entity.content or "" for entity in document_type.entities()} if document_type is not None else {}
    )
    for reference in references:
        text = own.get(reference.name)
        if text is None:
            text = chr(name2codepoint[reference.name]) if reference.name in name2codepoint else ""
        elif len(text) > min(MAX_ENTITY_CHARACTERS, budget) or "&" in text or "<" in text:
            text = ""
        budget -= len(text)
        parent, before, text = reference.getparent(), reference.getprevious(), text + (reference.tail or "")
        if before is not None:
            before.tail = (before.tail or "") + text
        else:
            parent.text = (parent.text or "") + text
        reference.tail = None
        parent.remove(reference)
