"""What may stand in a canonical text. Knows nothing of formats or of meaning."""

from __future__ import annotations

import re
import unicodedata

_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
# Controls but tab and line end, lone surrogates, noncharacters, byte order marks, and the marks that only turn the
# writing direction: none can be read, and each makes a search or a quote miss.
_UNWANTED = re.compile(
    "[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufeff\ufffe\uffff\u202a-\u202e\u2066-\u2069"
    + "".join(f"{chr(plane * 0x10000 + 0xFFFE)}{chr(plane * 0x10000 + 0xFFFF)}" for plane in range(1, 17))
    + "]"
)
_HAN_LIKE = re.compile(
    "[\u2e80-\u2fdf\u3001-\u30ff\u3100-\u312f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\ufe30-\ufe4f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65\U00020000-\U0003ffff]"
)


def safe_text(text: str) -> str:
    """Return the text in NFC with \\n line ends and nothing unprintable in it."""
    return unicodedata.normalize("NFC", _UNWANTED.sub("", _LINE_ENDS.sub("\n", text)))


def written_without_spaces(character: str) -> bool:
    """True for Han, kana and their punctuation: between two of them no space belongs."""
    return _HAN_LIKE.match(character) is not None


def is_han(character: str) -> bool:
    return (
        "\u4e00" <= character <= "\u9fff"
        or "\u3400" <= character <= "\u4dbf"
        or "\U00020000" <= character <= "\U0003ffff"
    )


LINE_BREAK = "\x01"  # a break that is meant, in a text whose line ends are not
_SPACE_RUN = re.compile("[ \t\n\r\f\xa0\u2000-\u200a\u202f\u205f]+")


def flow(text: str) -> str:
    """Join a text that was wrapped anywhere: runs of space become one; a line end between Han characters, none."""
    return "\n".join(_SPACE_RUN.sub(_joint, piece).strip() for piece in text.split(LINE_BREAK)).strip()


def _joint(match: re.Match[str]) -> str:
    start, end, whole = match.start(), match.end(), match.string
    if "\n" not in match.group() or start == 0 or end == len(whole):
        return " "
    return "" if written_without_spaces(whole[start - 1]) and written_without_spaces(whole[end]) else " "
