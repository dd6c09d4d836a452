"""The plain text of a letter as blocks: what is quoted is told from what is new. Knows nothing of mail formats."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from ingest.read.wrapped import unwrap
from ingest.structure import BULLET
from rag.types import BlockKind

_BETWEEN = "\x02"
_MARKS = re.compile(r"(?:> ?)+")
_RULE = re.compile(r"\s*(?:([-_=*~#+·—─═])[ \t]?)(?:\1[ \t]?)*[ \t]*")  # "-- " before a signature among them
_NUMBERED = re.compile(r"[ \t]*(?:\d{1,2}[.)、．]|[（(]\d{1,2}[)）])[ \t]*(?=[^\s\d])")
# "-----Original Message-----", "---------- 转发邮件 ----------", Outlook's long line: a header follows.
_DIVIDER = re.compile(r"\s*(?:-{3,}[ \t]?[^-\n]{3,60}?[ \t]?-{3,}|_{5,})[ \t]*")
_SENDER = re.compile(
    r"\s*\*?(?:From|Von|De|Da|Van|Från|Fra|Od|От|发件人|寄件者|寄件人|差出人|보낸 사람)\*?[ \t]*[:：]", re.IGNORECASE
)
_LABELLED = re.compile(r"\s*\*?[^\W\d][\w .-]{0,20}\*?[ \t]*[:：]")
_SIGNED = re.compile(r"-----BEGIN PGP SIGNED MESSAGE-----\n(?:[A-Z][\w-]*: [^\n]*\n)*\n?")
_SIGNATURE = re.compile(r"-----BEGIN PGP SIGNATURE-----.*?(?:-----END PGP SIGNATURE-----|\Z)", re.DOTALL)
_ENCRYPTED = re.compile(r"-----BEGIN PGP MESSAGE-----.*?(?:-----END PGP MESSAGE-----|\Z)", re.DOTALL)


def letter_blocks(text: str) -> Iterator[tuple[BlockKind, str]]:
    """Yield the paragraphs, list items and quotes of a letter; the marks of quotes are left out."""
    text = _without_entities(text.replace("\r\n", "\n").replace("\r", "\n"))
    lines = _without_seals(text).split("\n")
    own, old = _parted(lines)
    pieces = [(depth > 0, group) for depth, group in _by_depth(own)]
    pieces += [(True, group) for _, group in _by_depth(old)]
    # Unwrapped all at once: a short piece alone does not show how wide its lines may be.
    texts = ["\n".join(_unmarked(line) for line in group) for _, group in pieces]
    unwrapped = unwrap(f"\n\n{_BETWEEN}\n\n".join(texts)).split(_BETWEEN)
    for (is_quote, _), piece in zip(pieces, unwrapped, strict=False):
        for kind, paragraph in _paragraphs(piece):
            yield BlockKind.QUOTE if is_quote else kind, paragraph


def is_sealed(text: str) -> bool:
    """True where the text is nothing but an encrypted message."""
    return _ENCRYPTED.search(text) is not None and not _ENCRYPTED.sub("", text).strip()


def unflowed(text: str, *, delete_space: bool) -> str:
    """Join the lines of format=flowed: those that end in a space go on in the next of the same depth. RFC 3676."""
    joined: list[str] = []
    before: int | None = None  # the depth of a line that goes on
    for line in text.replace("\r\n", "\n").split("\n"):
        marks = re.match(r">*", line)
        depth = len(marks.group()) if marks else 0
        content = line[depth:].removeprefix(" ")  # the space that was stuffed
        if before == depth and joined:
            joined[-1] = (joined[-1][:-1] if delete_space else joined[-1]) + content
        else:
            joined.append("> " * depth + content)
        before = depth if content.endswith(" ") and content != "-- " else None
    return "\n".join(joined)


def _without_entities(text: str) -> str:
    """Some web mailers leave the spaces of their pages in the plain text, and then its other entities too."""
    return html.unescape(text).replace("\xa0", " ") if "&nbsp;" in text else text


def _without_seals(text: str) -> str:
    if "-----BEGIN PGP" not in text:
        return text
    return _SIGNATURE.sub("", _SIGNED.sub("", _ENCRYPTED.sub("", text)))


def _parted(lines: list[str]) -> tuple[list[str], list[str]]:
    """Return the lines above and below the divider behind which an older letter stands whole."""
    for index, line in enumerate(lines):
        is_divider = _DIVIDER.fullmatch(line) is not None
        if not is_divider and not _SENDER.match(line):
            continue
        following = [after for after in lines[index + 1 : index + 9] if after.strip()][:4]
        if sum(_LABELLED.match(after) is not None for after in following) >= 2:
            return lines[:index], [line.strip(" \t-_") if is_divider else line, *lines[index + 1 :]]
    return lines, []


def _by_depth(lines: list[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield the runs of lines that are quoted as deeply; an empty line belongs to what stands before it."""
    run: list[str] = []
    depth = 0
    for line in lines:
        deep = _depth(line) if line.strip() else depth
        if deep != depth and run:
            yield depth, run
            run = []
        depth = deep
        run.append(line)
    if run:
        yield depth, run


def _depth(line: str) -> int:
    marks = _MARKS.match(line)
    return marks.group().count(">") if marks and not line.startswith(">From ") else 0


def _unmarked(line: str) -> str:
    """Return the line without the marks of a quote, "" where it is a rule."""
    marks = _MARKS.match(line)
    content = line[marks.end() :] if marks and _depth(line) else line.removeprefix(">")
    return "" if _RULE.fullmatch(content) else content.replace(_BETWEEN, "")


def _paragraphs(text: str) -> Iterator[tuple[BlockKind, str]]:
    for paragraph in re.split(r"\n(?:[^\S\n]*\n)+", text.strip("\n")):
        plain: list[str] = []
        for line in paragraph.split("\n"):
            if BULLET.match(line) or _NUMBERED.match(line):
                if plain:
                    yield BlockKind.PARAGRAPH, "\n".join(plain)
                    plain = []
                yield BlockKind.LIST_ITEM, line.strip()
            elif line.strip():
                plain.append(line.strip())
        if plain:
            yield BlockKind.PARAGRAPH, "\n".join(plain)
