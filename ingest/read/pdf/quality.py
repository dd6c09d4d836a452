"""Tell whether a page's text layer says what a person would read there. Knows nothing of PDF: lines go in.

A font may name its characters wrongly or not at all; then the layer is full of characters that nobody wrote, or of
letters in a mixture that no language has. Where a page is too short to tell, it is believed.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from enum import Enum

from ingest.read.characters import is_han
from ingest.read.pdf.lines import PrintedLine

MAX_UNREADABLE_SHARE = 0.3  # of characters that the fonts give no meaning; the worst sound file seen had 0.05
MAX_DOUBTFUL_SHARE = 0.3
MIN_LETTERS = 120  # fewer say nothing about a language
MIN_HAN = 40
# The ten commonest letters of English, and likewise of German, French, Spanish and Italian, make up two thirds of any
# text in them; of letters drawn at random they are 0.38, and of a text whose letters are shifted less.
_COMMON_LETTERS = frozenset("etaoinsrhl")
MIN_COMMON_SHARE = 0.5
MIN_COMMON_HAN_SHARE = 0.7  # of the Chinese characters drawn at random 0.3 are common ones
MAX_MOJIBAKE_SHARE = 0.4  # of the letters: Chinese in GBK read as Western text has nothing else
MAX_SAMPLED = 2_000
MIN_IN_THREE_SCRIPTS = 0.8  # of the letters; Japanese with Latin names has four scripts, but few of the fourth
_FOREIGN = re.compile("[^\\W\\d_a-zA-Z\u00aa-\u024f\u4e00-\u9fff\u3400-\u4dbf]")
_LATIN = re.compile("[a-zA-Z\u00c0-\u024f]")
_HIGH_LATIN = re.compile("[\u0080-\u00ff]")


class Layer(Enum):
    SOUND = "sound"
    SUSPECT = "suspect"  # OCR would know better; without it the layer is better than nothing
    GARBLED = "garbled"  # nobody can read it


def judge(lines: Sequence[PrintedLine]) -> Layer:
    text = "".join(line.text for line in lines)
    shown = sum(not character.isspace() for character in text)
    unreadable = sum(line.unreadable for line in lines)
    if unreadable > MAX_UNREADABLE_SHARE * (shown + unreadable):
        return Layer.GARBLED
    if not shown:
        return Layer.SOUND
    implausible = _is_implausible(text)
    if implausible and sum(line.doubtful for line in lines) > MAX_DOUBTFUL_SHARE * shown:
        return Layer.GARBLED
    return Layer.SUSPECT if implausible else Layer.SOUND


def _is_implausible(text: str) -> bool:
    if _is_medley(text):
        return True
    han = [character for character in text if is_han(character)]
    latin = _LATIN.findall(text)
    if len(_FOREIGN.findall(text)) > 0.2 * (len(han) + len(latin)):
        return False  # another script: nothing is known here of its letters
    if len(han) >= MIN_HAN and len(han) >= 0.2 * len(latin):
        return sum(map(_is_common_han, han)) < MIN_COMMON_HAN_SHARE * len(han)
    high = _HIGH_LATIN.findall(text)
    if len(high) >= MIN_HAN and len(high) > MAX_MOJIBAKE_SHARE * (len(latin) + len(high)):
        return True
    if len(latin) >= MIN_LETTERS:
        lower = [character.lower() for character in latin]
        return sum(character in _COMMON_LETTERS for character in lower) < MIN_COMMON_SHARE * len(lower)
    signs = sum(33 <= ord(character) < 127 and not character.isalnum() for character in text)
    shown = sum(not character.isspace() for character in text)
    return shown >= MIN_LETTERS and signs > 0.6 * shown and not _has_leaders(text)


def _is_medley(text: str) -> bool:
    """True for letters of many scripts at once."""
    letters = [character for character in text if character.isalpha()][:MAX_SAMPLED]
    if len(letters) < MIN_LETTERS:
        return False
    scripts = Counter(unicodedata.name(character, "").split(" ")[0] for character in letters)
    return sum(count for _, count in scripts.most_common(3)) < MIN_IN_THREE_SCRIPTS * len(letters)


def _has_leaders(text: str) -> bool:
    return text.count(".") + text.count("_") + text.count("-") > 0.4 * len(text)


def _is_common_han(character: str) -> bool:
    """True for the first level of any of the national standards: 3,755, 5,401 and 2,965 characters."""
    for encoding, first, last in (("gb2312", 0xB0, 0xD7), ("big5", 0xA4, 0xC6), ("shift_jis", 0x88, 0x97)):
        try:
            if first <= character.encode(encoding)[0] <= last:
                return True
        except UnicodeEncodeError:
            continue
    return False
