"""Bytes of RTF to characters: by the font they are set in, and by the file's own code page. Knows no structure."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from ingest.read.office.symbols import is_symbolic, plain, symbol

_CHARSETS = {
    77: "mac_roman", 78: "cp932", 128: "cp932", 129: "cp949", 130: "johab", 134: "gb18030", 136: "cp950", 161: "cp1253",
    162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874",
    238: "cp1250", 254: "cp437", 255: "cp850",
}  # fmt: skip
_BY_NUMBER = {936: "gb18030", 950: "cp950", 10000: "mac_roman", 54936: "gb18030", 65001: "utf-8", 1361: "johab"}
_BY_THE_FILE = frozenset(
    {0, 1}
)  # "ANSI" and "default": many writers give Chinese fonts these, and mean the file's page
_LATIN = "cp1252"
_HIGH = re.compile(rb"[\x80-\xff]")
_PAIR = re.compile(rb"[\x80-\xff]{2}")  # in Chinese text they come in pairs, or nearly all of them; accents stand alone


@dataclass(slots=True)
class Font:
    charset: int = 1
    page: int = 0  # a code page of its own
    name: str = ""


class Fonts:
    def __init__(self) -> None:
        self.fonts: dict[int, Font] = {}
        self.page = _LATIN  # the file's
        self.default = 0

    def set_page(self, number: int) -> None:
        self.page = codec_of_page(number) or self.page

    def font(self, number: int) -> Font:
        return self.fonts.get(number) or Font()

    def text(self, data: bytes, number: int, east_asian: int | None) -> str:
        """Return the characters of some bytes. east_asian: the font that double-byte characters are set in."""
        font = self.font(number)
        if is_symbolic(font.name) and (font.charset == 2 or font.name.lower().startswith("symbol")):
            return "".join(symbol(font.name, byte) for byte in data)
        if not _HIGH.search(data):
            return data.decode("ascii")
        own = self._codec(self.font(east_asian)) if east_asian is not None else None
        own = own or self._codec(font)
        if own is None:
            own = _LATIN if font.charset == 0 and not _PAIR.search(data) else self.page
        return _decoded(data, own)

    def private(self, text: str, number: int) -> str:
        return plain(text, self.font(number).name)

    @staticmethod
    def _codec(font: Font) -> str | None:
        if font.page and (codec := codec_of_page(font.page)) is not None:
            return codec
        return None if font.charset in _BY_THE_FILE else _CHARSETS.get(font.charset)


def _decoded(data: bytes, codec: str) -> str:
    """Decode bytes; one that means nothing in their code page is taken for Latin."""
    pieces: list[str] = []
    while data:
        try:
            pieces.append(data.decode(codec))
            break
        except UnicodeDecodeError as error:
            pieces.append(data[: error.start].decode(codec))
            pieces.append(data[error.start : error.start + 1].decode(_LATIN, errors="ignore"))
            data = data[error.start + 1 :]
    return "".join(pieces)


def codec_of_page(number: int) -> str | None:
    name = _BY_NUMBER.get(number, f"cp{number}")
    try:
        codecs.lookup(name)
    except LookupError:
        return None
    return name
