"""Mend damaged characters: wrong decoding, invisible and odd-width ones, pinyin notes. Each pass is text -> edits.

Full-width punctuation and Chinese quotation marks are not damage, and are never turned into ASCII.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

import ftfy

from ingest.offsets import Edit, nfc_edits
from ingest.pinyin import is_noted, note_edits, shift_edits
from ingest.read.characters import is_han
from ingest.read.encoding import is_common_han

Pass = Callable[[str], Sequence[Edit]]

MAX_LINE_CHARACTERS = 20_000  # longer lines are data, and ftfy is slow
MIN_MOJIBAKE_HAN = 3  # fewer Chinese characters may read as valid UTF-8 by chance
# Joiners (U+200C, U+200D) stay: emoji and Persian need them.
_INVISIBLE = re.compile(
    "[\u00ad\u180e\u200b\u200e\u200f\u2060-\u2064\ufeff\ufff9-\ufffb]|[\u200c\u200d](?=[\x00-\x7f\u3400-\u9fff])"
)
_ODD_SPACE = re.compile("[\xa0\u2000-\u200a\u202f\u205f]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_WESTERN_HIGH = re.compile("[\x80-\xff\u0152-\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]")
_LINE = re.compile(r"[^\n]+")


def mojibake_edits(text: str) -> list[Edit]:
    """Return the edits that mend text decoded by the wrong table, line by line."""
    edits = []
    for match in _LINE.finditer(text):
        line = match.group()
        if line.isascii():
            continue
        mended = _mended(line)
        if mended != line:
            edits.append(_narrow(match.start(), line, mended))
    return edits


def _mended(line: str) -> str:
    han = sum(map(is_han, line))
    if han >= MIN_MOJIBAKE_HAN:
        mended = _recoded(line, "gb18030", "utf-8")
        if mended is not None and len(mended) < len(line) and _is_common_chinese(mended):
            return mended
        return line
    high = len(_WESTERN_HIGH.findall(line))
    if high >= 4 and high * 2 >= len(line.replace(" ", "")):
        for encoding in ("utf-8", "gb18030", "big5"):
            mended = _recoded(line, "cp1252", encoding) or _recoded(line, "latin-1", encoding)
            if mended is not None and _is_common_chinese(mended):
                return mended
    return ftfy.fix_encoding(line) if high > 0 and len(line) <= MAX_LINE_CHARACTERS else line


def _recoded(line: str, wrong: str, right: str) -> str | None:
    try:
        return line.encode(wrong).decode(right)
    except UnicodeError:
        return None


def _is_common_chinese(text: str) -> bool:
    han = [character for character in text if is_han(character)]
    return len(han) >= 2 and sum(map(is_common_han, han)) >= 0.9 * len(han)


def _narrow(start: int, old: str, new: str) -> Edit:
    """Return the edit without what is the same at both ends."""
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    return Edit(start + head, start + len(old) - tail, new[head : len(new) - tail])


def invisible_edits(text: str) -> list[Edit]:
    return list(_invisible(text))


def _invisible(text: str) -> Iterator[Edit]:
    for pattern in (_INVISIBLE, _CONTROL):
        yield from (Edit(match.start(), match.end()) for match in pattern.finditer(text))
    yield from (Edit(match.start(), match.end(), " ") for match in _ODD_SPACE.finditer(text))


def lost_bytes_edits(text: str) -> list[Edit]:
    return shift_edits(text) if is_noted(text) else []


def pinyin_edits(text: str) -> list[Edit]:
    return note_edits(text) if is_noted(text) else []


# In this order: each pass works on what the one before has left.
PASSES: tuple[Pass, ...] = (mojibake_edits, invisible_edits, lost_bytes_edits, pinyin_edits, nfc_edits)
