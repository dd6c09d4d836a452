"""Mend traditional Chinese that a converter has filled with pinyin notes: 發(fā)布 for 發布.

The converter walks GBK bytes, not characters, so here and there it also parts a character: its lead byte is lost as
"?" and what follows is read one byte off, up to the next byte that stands for itself. 對前綴 is 8CA6 C7B0 BE59; with a
note put behind 8C and that byte lost, what is left reads ?qū)η熬Y. Knows nothing of documents.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

from ingest.offsets import Edit
from rag.text import HAN, to_simplified

MIN_NOTES = 2  # a teacher's text may explain one character; a converter never stops at one
SHORT_TEXT_HAN = 100  # in a text of so few characters one note is enough
MAX_SHIFTED_CHARACTERS = 16

_INITIAL = "zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw]"
_FINAL = (
    "iang|iong|uang|ueng|ang|eng|ing|ong|iao|ian|uai|uan|üan|ai|ei|ao|ou|an|en|er|ia|ie|iu|in|ua|uo|ue|ui|un|üe|ün|"
    "a|o|e|i|u|ü|n|ng"
)
_SYLLABLE = re.compile(f"(?:{_INITIAL})?(?:{_FINAL})")
_TONES = frozenset("\u0304\u0301\u030c\u0300")
_NOTE = re.compile(rf"(?<=[{HAN}])[(（]\s*([a-zü\u0300-\u030c\u00e0-\u01dc]{{1,8}})\s*[)）]")
# Syllables that are written without a tone mark because they are spoken without a tone.
_NEUTRAL = frozenset("de le zi me men ma ba ne tou li ge zhe guo la ya a".split())
_LOST_BEHIND_NOTE = re.compile(rf"\?([a-zü\u00e0-\u01dc]{{1,6}})[)）]([^\x00-\x3f\x7f]{{1,{MAX_SHIFTED_CHARACTERS}}})")
_LOST_STOP = re.compile(rf"\?([,，;；?？!！:：])([^\x00-\x3f\x7f]{{1,{MAX_SHIFTED_CHARACTERS}}})")
_LEAD_BYTES = range(0x81, 0xFF)
_FULL_WIDTH = str.maketrans(",;?!:", "，；？！：")


def is_noted(text: str) -> bool:
    """Tell whether a converter has been at the text."""
    notes = sum(_is_converted(text, match) for match in _NOTE.finditer(text))
    return notes >= MIN_NOTES or (notes == 1 and len(re.findall(f"[{HAN}]", text)) <= SHORT_TEXT_HAN)


def shift_edits(text: str) -> list[Edit]:
    """Return the edits that put back parted characters. Only for a text that is_noted."""
    return [*_behind_notes(text), *_behind_stops(text)]


def note_edits(text: str) -> list[Edit]:
    """Return the edits that take the notes out; all other brackets stay. Only for a text that is_noted."""
    return [
        Edit(match.start(), match.end())
        for match in _NOTE.finditer(text)
        if _is_toned(match.group(1)) or (match.group(1) in _NEUTRAL and _is_traditional(text[match.start() - 1]))
    ]


def _is_converted(text: str, match: re.Match[str]) -> bool:
    return _is_toned(match.group(1)) and _is_traditional(text[match.start() - 1])


@lru_cache(maxsize=4096)
def _is_traditional(character: str) -> bool:
    return to_simplified(character) != character


def _is_toned(letters: str) -> bool:
    """True for one syllable of pinyin with one tone mark."""
    decomposed = unicodedata.normalize("NFD", letters)
    if sum(mark in _TONES for mark in decomposed) != 1:
        return False
    plain = unicodedata.normalize("NFC", "".join(mark for mark in decomposed if mark not in _TONES))
    return _SYLLABLE.fullmatch(plain) is not None


def _behind_notes(text: str) -> Iterator[Edit]:
    """Yield the mending of ?qū)η熬Y. The lost byte is that which gives characters that the text has elsewhere."""
    found = [match for match in _LOST_BEHIND_NOTE.finditer(text) if _is_toned(match.group(1))]
    counts = Counter(text)
    by_note: dict[str, list[re.Match[str]]] = {}
    for match in found:
        by_note.setdefault(match.group(1), []).append(match)
    for matches in by_note.values():
        lead = max(_LEAD_BYTES, key=lambda lead: sum(_likelihood(lead, match, counts) for match in matches))
        for match in matches:
            mended = _reread(bytes([lead]), match.group(2))
            if mended is not None and counts[mended[0][0]]:
                new, used = mended
                yield Edit(match.start(), match.start(2) + used, new)


def _likelihood(lead: int, match: re.Match[str], counts: Counter[str]) -> float:
    mended = _reread(bytes([lead]), match.group(2))
    # What follows the first character is the same for every lead byte. A traditional one is what the converter parts.
    return 0.0 if mended is None else min(counts[mended[0][0]], 50) * (1 + _is_traditional(mended[0][0]))


def _behind_stops(text: str) -> Iterator[Edit]:
    """Yield the mending of ?，F for 。現: the lead byte of a full stop is lost, and its trail byte taken for a lead."""
    for match in _LOST_STOP.finditer(text):
        mended = _reread(b"\xa1", match.group(1).translate(_FULL_WIDTH) + match.group(2))
        if mended is not None and mended[0].startswith("。"):
            new, used = mended
            yield Edit(match.start(), match.start() + 1 + used, new)


def _reread(lost: bytes, rest: str) -> tuple[str, int] | None:
    """Decode GBK again with the lost byte in front; return the Han text and how many characters of rest it used up.

    It ends with the first ASCII letter, which is the trail byte that puts the reading right again.
    """
    end = next((index for index, character in enumerate(rest) if character <= "\x7f"), None)
    if end is None:
        return None
    try:
        mended = (lost + rest[: end + 1].encode("gbk")).decode("gbk")
    except UnicodeError:
        return None
    is_han = all(re.match(f"[{HAN}。，、]", character) for character in mended)
    return (mended, end + 1) if mended and is_han else None
