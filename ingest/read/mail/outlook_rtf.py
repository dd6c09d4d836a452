"""The compressed RTF in which Outlook keeps a body, and the page or text that Outlook wrapped in it.

Sources: MS-OXRTFCP (compression), MS-OXRTFEX (encapsulation). Of RTF's own layout it knows lines and paragraphs only.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, replace

from ingest.read.limits import Limits
from ingest.read.mail.charset import decode_declared
from ingest.read.mail.letter import Part
from rag.errors import Malformed, TooLarge

_DICTIONARY = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans Serif"
    rb"SymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0"
    b"\r\n"
    rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
_WINDOW = 4096
_TOKEN = re.compile(
    rb"\\(?:([A-Za-z]{1,32})(-?\d{1,10})?[ ]?|'([0-9A-Fa-f]{2})|([^A-Za-z]))|([{}])|[\r\n]+|([^\\{}\r\n]+)"
)
_BREAKS = {b"par": "\n", b"line": "\n", b"sect": "\n\n", b"page": "\n\n", b"row": "\n", b"tab": "\t", b"cell": "\t"}
_SIGNS = {
    b"lquote": "‘", b"rquote": "’", b"ldblquote": "“", b"rdblquote": "”", b"bullet": "•", b"endash": "–",
    b"emdash": "—", b"~": "\xa0", b"_": "-", b"-": "", b"\\": "\\", b"{": "{", b"}": "}", b"\n": "\n", b"\r": "\n",
}  # fmt: skip
_UNSHOWN = frozenset(
    b"fonttbl colortbl stylesheet info pict object header footer headerl headerr footerl footerr fldinst listtable"
    b" listoverridetable themedata datastore generator xmlnstbl rsidtbl mmathPr latentstyles".split()
)
_BY_FONT_CHARSET = {
    128: "cp932", 129: "cp949", 134: "cp936", 136: "cp950", 161: "cp1253", 162: "cp1254", 163: "cp1258",
    177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250",
}  # fmt: skip


def rtf_body(packed: bytes, name: str, limits: Limits) -> tuple[Part, ...]:
    """Return the body that is kept so, nothing where there is none or it is damaged. Raises TooLarge."""
    if not packed:
        return ()
    try:
        text, is_markup = unwrapped(unpacked_rtf(packed, name, limits.expanded_bytes(len(packed))))
    except Malformed:
        return ()
    text = text.replace("\0", "")
    return (Part(text, is_markup=is_markup),) if text.strip() else ()


def unpacked_rtf(data: bytes, name: str, most: int) -> bytes:
    """Return the RTF of a compressed body. Raises Malformed, and TooLarge past `most` bytes."""
    if len(data) < 16:
        raise Malformed(f"{name}: its body is cut off")
    _, size, kind, _ = struct.unpack_from("<IIII", data)
    if kind == 0x414C454D:  # "MELA": stored
        return data[16 : 16 + size]
    if kind != 0x75465A4C:  # "LZFu"
        raise Malformed(f"{name}: its body is packed in no known way")
    if size > most:
        raise TooLarge(f"{name}: its body unpacks to more than {most / 2**20:.0f} MiB")
    return _inflated(data, size)


def _inflated(data: bytes, size: int) -> bytes:
    window = bytearray(_DICTIONARY.ljust(_WINDOW, b"\0"))
    write, position, found = len(_DICTIONARY), 16, bytearray()

    def put(byte: int) -> None:
        nonlocal write
        found.append(byte)
        window[write] = byte
        write = (write + 1) % _WINDOW

    while position < len(data) and len(found) < size:
        flags = data[position]
        position += 1
        for bit in range(8):
            if not flags >> bit & 1:
                if position >= len(data):
                    return bytes(found)
                put(data[position])
                position += 1
                continue
            if position + 1 >= len(data):
                return bytes(found)
            reference = data[position] << 8 | data[position + 1]
            position += 2
            read = reference >> 4
            if read == write:  # the mark of the end
                return bytes(found)
            for step in range((reference & 0xF) + 2):
                put(window[(read + step) % _WINDOW])
    return bytes(found)


@dataclass(frozen=True, slots=True)
class _State:
    """What a group inherits from the one around it."""

    is_shown: bool = True
    is_tag: bool = False  # inside {\*\htmltag ...}, where the markup stands
    is_rtf_only: bool = False  # between \htmlrtf and \htmlrtf0: what the page itself does not have
    skips: int = 1  # bytes that stand in for a \u character
    font: int = -1


def unwrapped(rtf: bytes) -> tuple[str, bool]:
    """Return the page's markup and True where a page was wrapped in this RTF, else its text and False."""
    head = rtf[:2000]
    is_page = re.search(rb"\\fromhtml1?(?![a-z])", head) is not None
    return _Unwrapping(rtf, is_page=is_page).text(), is_page


class _Unwrapping:
    def __init__(self, rtf: bytes, *, is_page: bool) -> None:
        self._rtf = rtf
        self._is_page = is_page
        page = re.search(rb"\\ansicpg(\d{1,5})", rtf[:2000])
        self._charset = f"cp{int(page[1])}" if page and int(page[1]) else "cp1252"
        self._fonts = {
            int(match[1]): _BY_FONT_CHARSET.get(int(match[2]), self._charset)
            for match in re.finditer(rb"\\f(\d{1,5})\\[^;{}]{0,60}?\\fcharset(\d{1,3})", rtf)
        }
        self._pieces: list[str] = []
        self._bytes = bytearray()  # characters of the font's charset, some of two bytes
        self._now = _State()
        self._skip = 0  # bytes yet to come that stand in for the last \u character

    def text(self) -> str:
        above: list[_State] = []
        is_first = is_starred = False  # in a group; behind \*
        for match in _TOKEN.finditer(self._rtf):
            word, number, code, symbol, brace, run = match.groups()
            if brace == b"{":
                above.append(self._now)
                is_first, is_starred = True, False
                continue
            if symbol == b"*":
                is_starred = True
                continue
            if brace == b"}":
                self._become(above.pop() if above else _State())
            elif word is not None:
                self._word(word, int(number) if number else None, is_first=is_first, is_starred=is_starred)
            elif code is not None:
                self._literal(bytes([int(code, 16)]))
            elif symbol is not None:
                self._put(_SIGNS.get(symbol, ""))
            elif run is not None:
                self._literal(run)
            is_first = is_starred = False
        self._flush()
        # Characters past U+FFFF come as two halves.
        return "".join(self._pieces).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")

    def _word(self, word: bytes, number: int | None, *, is_first: bool, is_starred: bool) -> None:
        now = self._now
        if word == b"u" and number is not None:
            self._put(chr(number % 65536))
            self._skip = now.skips
        elif word == b"uc":
            self._now = replace(now, skips=min(number or 0, 16))
        elif word == b"f":
            self._become(replace(now, font=number or 0))
        elif word == b"htmlrtf":
            self._become(replace(now, is_rtf_only=number != 0))
        elif word == b"htmltag" and is_starred:
            self._become(replace(now, is_tag=True))
        elif (is_starred and is_first) or (is_first and word in _UNSHOWN):
            self._become(replace(now, is_shown=False))
        elif word in _BREAKS:
            self._put(_BREAKS[word])
        elif word in _SIGNS:
            self._put(_SIGNS[word])

    def _become(self, state: _State) -> None:
        self._flush()
        self._now = state

    def _literal(self, data: bytes) -> None:
        passed = min(self._skip, len(data))
        self._skip -= passed
        if self._is_shown():
            self._bytes += data[passed:]

    def _put(self, text: str) -> None:
        self._flush()
        self._skip = 0
        if self._is_shown():
            self._pieces.append(text)

    def _flush(self) -> None:
        if self._bytes:
            charset = self._charset if self._now.is_tag else self._fonts.get(self._now.font, self._charset)
            self._pieces.append(decode_declared(bytes(self._bytes), charset))
            self._bytes.clear()

    def _is_shown(self) -> bool:
        return self._now.is_shown and (self._now.is_tag or not (self._is_page and self._now.is_rtf_only))
