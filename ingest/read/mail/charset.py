"""The characters of a mail's headers and parts, whatever charset they declare. Knows nothing of MIME's structure.

ISO-2022-CN is read as far as it is GB 2312; its planes of CNS 11643 become U+FFFD.
"""

from __future__ import annotations

import base64
import binascii
import quopri
import re
from urllib.parse import unquote_to_bytes

from ingest.read.encoding import decode

# What mailers declare, and what the bytes then are: the larger set that holds the one named.
_CHINESE = {
    **dict.fromkeys("gb2312 gb231280 gbk xgbk cp936 ms936 gb18030 chinese csgb2312 euccn zhcn".split(), "gb18030"),
    **dict.fromkeys("big5 bigfive xxbig5 cnbig5 big5hkscs cp950 csbig5 big5eten zhtw".split(), "big5hkscs"),
    **dict.fromkeys("hzgb2312 hz".split(), "hz"),
}
_OTHERS = {
    **dict.fromkeys("iso88591 latin1 usascii ascii ansix341968 iso885915".split(), "cp1252"),
    "unicode11utf7": "utf-7",
    "unicode20utf7": "utf-7",
    "iso88598i": "iso8859_8",
    "iso88596i": "iso8859_6",
    "ksc56011987": "cp949",
    "euckr": "cp949",
    "shiftjis": "cp932",
    "xsjis": "cp932",
    "iso2022jp": "iso2022_jp_ext",
}
_NONE = frozenset("unknown8bit xunknown unknown default 8bit 7bit binary none xuserdefined".split())
_WEAK = frozenset({"cp1252"})  # declared by programs that were told nothing
_ISO_2022_CN = frozenset({"iso2022cn", "iso2022cnext"})
_CN_PART = re.compile(rb"\x1b\$[)*+]([AEGHIJKLM])|\x1bN(..)|\x0e|\x0f|\n", re.DOTALL)
_WORD = re.compile(r"=\?([^?\s]{1,60}?)(?:\*[^?]{0,60})?\?([bBqQ])\?(.{0,4000}?)\?=", re.DOTALL)
_FOLD = re.compile(r"\r?\n(?=[ \t])")
_SEGMENT = re.compile(rb"[A-Za-z0-9+/]+={0,2}")
_PARAMETER = re.compile(r";\s*([\w!#$&.+^`|~-]+?)(\*\d+)?(\*)?\s*=\s*(\"(?:[^\"\\]|\\.)*\"?|[^;]*)", re.DOTALL)


def decode_declared(data: bytes, charset: str | None) -> str:
    """Return the text of the bytes: in the declared charset if they fit it, else in the likeliest."""
    key = re.sub(r"[^a-z0-9]", "", (charset or "").lower())
    if key in _ISO_2022_CN:
        return _iso_2022_cn(data)
    if key in _NONE or not key:
        return _likeliest(data)
    encoding = _CHINESE.get(key) or _OTHERS.get(key) or (charset or "").strip().strip("\"'").replace("_", "-")
    try:
        text = data.decode(encoding)
    except (UnicodeError, LookupError, ValueError):
        found = decode(data)
        if found is not None and not (encoding in _CHINESE.values() and found[1].startswith("cp12")):
            return found[0]
        try:
            return data.decode(encoding, "replace")
        except (UnicodeError, LookupError, ValueError):
            return data.decode("latin-1")
    if encoding in _WEAK and not data.isascii() and _is_foreign(data):
        return _likeliest(data)
    return text


def _is_foreign(data: bytes) -> bool:
    """True where more than a third of the bytes are high, or all is UTF-8: no Western European text is like that."""
    high = sum(byte > 0x7F for byte in data)
    if high * 3 > len(data) - data.count(b" ") - data.count(b"\n"):
        return True
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _likeliest(data: bytes) -> str:
    if data.isascii() and not any(escape in data for escape in (b"\x1b", b"~{", b"\0")):
        return data.decode("ascii")
    found = decode(data)
    return found[0] if found is not None else data.decode("cp1252", "replace")


def _iso_2022_cn(data: bytes) -> str:
    """Decode the shifts between ASCII and two-byte sets; Python has no codec for them."""
    pieces: list[str] = []
    in_set, chinese, position = "", False, 0

    def put(chunk: bytes) -> None:
        if not chinese:
            pieces.append(chunk.decode("ascii", "replace"))
        elif in_set == "A":
            pieces.append(bytes(byte | 0x80 for byte in chunk).decode("gb2312", "replace"))
        else:
            pieces.append("\ufffd" * (len(chunk) // 2))

    for match in _CN_PART.finditer(data):
        put(data[position : match.start()])
        position = match.end()
        mark = match.group()
        if match[1] is not None:
            in_set = match[1].decode() if mark[2:3] == b")" else in_set
        elif match[2] is not None:
            pieces.append("\ufffd")
        else:
            chinese = mark == b"\x0e"
            pieces.append("\n" if mark == b"\n" else "")
    put(data[position:])
    return "".join(pieces)


def decode_header(raw: str) -> str:
    """Return a header's value as people see it: encoded words joined even where one cuts a character in two.

    raw: as email.message holds it, bytes that are no ASCII being surrogates.
    """
    text = _plain(_FOLD.sub("", raw))
    pieces: list[str] = []
    pending, charset, position = b"", "", 0
    for match in _WORD.finditer(text):
        between = text[position : match.start()]
        position = match.end()
        content = _word_bytes(match[2], match[3])
        if pending and not between.strip() and match[1].lower() == charset:
            pending += content
            continue
        if pending:
            pieces.append(decode_declared(pending, charset))
        if between.strip() or not pending:
            pieces.append(between)
        pending, charset = content, match[1].lower()
    if pending:
        pieces.append(decode_declared(pending, charset))
    pieces.append(text[position:])
    return " ".join("".join(pieces).split())


def _plain(raw: str) -> str:
    data = raw.encode("utf-8", "surrogateescape")
    return raw if data.isascii() else _likeliest(data)


def _word_bytes(encoding: str, text: str) -> bytes:
    if encoding in "bB":
        return decode_base64(text.encode("ascii", "ignore"))
    return quopri.decodestring("".join(text.split("\n")).replace("_", " ").encode("utf-8", "replace"), header=True)


def decode_base64(data: bytes) -> bytes:
    """Return what can be decoded: padding may be missing, or stand in the middle; lines of anything else are passed."""
    lines = [line.strip() for line in data.splitlines()]
    packed = b"".join(line.replace(b" ", b"") for line in lines if _SEGMENT.fullmatch(line.replace(b" ", b"")))
    if not packed and lines:  # one line with rubbish in it
        packed = re.sub(rb"[^A-Za-z0-9+/=]", b"", data)
    pieces = []
    for segment in _SEGMENT.findall(packed):
        whole = segment.rstrip(b"=")
        whole = whole[: len(whole) - (len(whole) % 4 == 1)]
        try:
            pieces.append(base64.b64decode(whole + b"=" * (-len(whole) % 4)))
        except binascii.Error:
            continue
    return b"".join(pieces)


def parameters(raw: str) -> dict[str, str]:
    """Return the parameters of a header such as Content-Type, by RFC 2231 and by what mailers make of it."""
    found: dict[str, list[tuple[int, bool, str]]] = {}
    for match in _PARAMETER.finditer(_FOLD.sub("", raw)):
        name, part, starred, value = match[1].lower(), match[2], match[3], match[4].strip()
        if value.startswith('"'):
            value = re.sub(r"\\(.)", r"\1", value[1:].removesuffix('"'))
        found.setdefault(name, []).append((int(part[1:][:6]) if part else 0, starred is not None, value))
    return {name: _joined(pieces) for name, pieces in found.items()}


def _joined(pieces: list[tuple[int, bool, str]]) -> str:
    pieces = sorted(pieces, key=lambda piece: piece[0])
    if not any(starred for _, starred, _ in pieces):
        return decode_header("".join(value for _, _, value in pieces))
    charset, data = "", b""
    for index, (_, starred, value) in enumerate(pieces):
        if starred and index == 0 and value.count("'") >= 2:
            charset, _, value = value.split("'", 2)
        raw = value.encode("utf-8", "surrogateescape")
        data += unquote_to_bytes(raw) if starred else raw
    return " ".join(decode_declared(data, charset).split())
