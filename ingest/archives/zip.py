"""Members of a zip archive, by its directory, or by the headers before each member where that is gone.

Names without the UTF-8 flag are in whatever the maker's Windows used: Chinese ones in GBK or Big5. WinZip's AES is
named, not opened.
"""

from __future__ import annotations

import io
import re
import stat
import struct
import unicodedata
import zlib
from collections.abc import Iterator, Sequence
from itertools import pairwise
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, LargeZipFile, ZipFile, ZipInfo

from ingest.archives.entry import Budget, Entry, Tail, failed, skipped, unwanted
from ingest.read.encoding import decode
from ingest.read.limits import Limits

_IS_ENCRYPTED, _IS_UTF8 = 0x1, 0x800
_AES_METHOD = 99
_UNICODE_PATH = 0x7075  # Info-ZIP's extra field: version, CRC of the plain name, the name in UTF-8
_METHODS = {1: "Shrink", 6: "Implode", 9: "Deflate64", 93: "Zstandard", 95: "XZ", 97: "WavPack", 98: "PPMd"}
_EAST_ASIAN = frozenset({"gb18030", "big5hkscs", "cp950", "shift_jis", "euc_jp", "cp949"})
_LOCAL = b"PK\x03\x04"
_LOCAL_HEADER = struct.Struct("<4sHHHHHIIIHH")
_DESCRIPTOR = b"PK\x07\x08"
_HIGH_PAIR = re.compile(rb"[\x80-\xff]{2}")
_PIECE = 64 * 1024
# What zipfile raises on hostile bytes; RuntimeError for a password, NotImplementedError for a method among them.
_DAMAGE = (BadZipFile, LargeZipFile, zlib.error, EOFError, OSError, ValueError, struct.error, IndexError, OverflowError)


def zip_entries(data: bytes, limits: Limits, budget: Budget) -> Iterator[Entry | Tail]:
    try:
        archive = ZipFile(io.BytesIO(data))
    except (*_DAMAGE, NotImplementedError, RuntimeError):
        yield from _salvaged(data, limits, budget)
        return
    with archive:
        listed = archive.infolist()
        encoding = _name_encoding([_raw_name(info) for info in listed if not info.flag_bits & _IS_UTF8])
        for info in listed:
            name = _name(info, encoding)
            if not name.endswith(("/", "\\")):
                yield _entry(archive, info, name, limits, budget)


def _entry(archive: ZipFile, info: ZipInfo, name: str, limits: Limits, budget: Budget) -> Entry:
    passed = unwanted(name, 0, limits)
    if passed:
        return passed
    if stat.S_ISLNK(info.external_attr >> 16):
        return skipped(name, "Link", "a link, which is not followed")
    if not budget.allows(info.file_size):
        return Entry(name, is_left=True)
    budget.members -= 1
    passed = unwanted(name, info.file_size, limits)
    if passed:
        return passed
    if info.flag_bits & _IS_ENCRYPTED:
        return _encrypted_entry(archive, info, name, limits, budget)
    try:
        return _read(archive, info, name, budget, None)
    except NotImplementedError:
        method = _METHODS.get(info.compress_type, f"method {info.compress_type}")
        return skipped(name, "Unsupported", f"packed by {method}, which is not read; pack it anew as a plain zip")
    except (*_DAMAGE, RuntimeError) as error:
        return failed(name, "Malformed", f"it is damaged ({error}); make the archive again")


def _read(archive: ZipFile, info: ZipInfo, name: str, budget: Budget, password: bytes | None) -> Entry:
    with archive.open(info, pwd=password) as stream:
        found = stream.read(info.file_size + 1)  # no more than the directory says, and that was allowed
    budget.spend(len(found))
    return Entry(name, found)


def _encrypted_entry(archive: ZipFile, info: ZipInfo, name: str, limits: Limits, budget: Budget) -> Entry:
    if info.compress_type == _AES_METHOD:
        return failed(name, "Encrypted", "encrypted by AES, which is not opened here; unpack it with its password")
    for password in limits.passwords:
        for attempt in dict.fromkeys((password.encode(), password.encode("gb18030", "replace"))):
            try:
                return _read(archive, info, name, budget, attempt)
            except (*_DAMAGE, RuntimeError, NotImplementedError):
                continue  # the wrong one: one in 256 passes the first check, and then the bytes make no sense
    return failed(name, "Encrypted", "needs a password; give it in ingest.passwords, or unpack the archive")


def _raw_name(info: ZipInfo) -> bytes:
    name = info.orig_filename
    return name.encode("utf-8", "surrogatepass") if info.flag_bits & _IS_UTF8 else name.encode("cp437", "replace")


def _name(info: ZipInfo, encoding: str) -> str:
    if info.flag_bits & _IS_UTF8:
        return info.orig_filename.split("\0")[0]
    raw = _raw_name(info)
    return (_unicode_path(info.extra, raw) or _decoded_name(raw, encoding)).split("\0")[0]


def _unicode_path(extra: bytes, raw: bytes) -> str | None:
    position = 0
    while position + 4 <= len(extra):
        tag, length = struct.unpack_from("<HH", extra, position)
        value = extra[position + 4 : position + 4 + length]
        if tag == _UNICODE_PATH and len(value) > 5 and struct.unpack_from("<I", value, 1)[0] == zlib.crc32(raw):
            return value[5:].decode("utf-8", "replace")
        position += 4 + length
    return None


def _decoded_name(raw: bytes, encoding: str) -> str:
    return _as_utf8(raw) or raw.decode(encoding, "replace")


def _name_encoding(names: Sequence[bytes]) -> str:
    """Return the encoding of names that are not UTF-8: judged together, for one name alone is short."""
    foreign = [name for name in names if not name.isascii() and _as_utf8(name) is None]
    # Of two-byte characters most have two high bytes; an umlaut stands alone among letters.
    if not any(_HIGH_PAIR.search(name) for name in foreign):
        return "cp437"
    joined = b"\n".join(foreign[:500])
    decoded = decode(joined)
    if decoded is not None and decoded[1].startswith("utf"):  # by chance, as the name 通知 in GBK
        return "gb18030"
    return decoded[1] if decoded is not None and decoded[1] in _EAST_ASIAN else "cp437"


def decode_name(raw: bytes) -> str:
    """Return a member's name that stands alone, as those of a tar do."""
    return _decoded_name(raw, _name_encoding([raw]))


def _as_utf8(raw: bytes) -> str | None:
    """Return the name if it is UTF-8, and not two-byte characters of GBK that happen to pass for it."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return None
    odd = any(
        unicodedata.category(c) in {"Cn", "Co"} or (unicodedata.category(c) == "Mn" and not before.isalpha())
        for before, c in pairwise(" " + text)
        if c < "\u0800"
    )
    return None if odd else text


def _salvaged(data: bytes, limits: Limits, budget: Budget) -> Iterator[Entry | Tail]:
    """Yield what can be read of an archive without a directory, the last member maybe cut."""
    position, found = data.find(_LOCAL), 0
    while position >= 0:
        entry, end = _local_entry(data, position, limits, budget)
        if entry is not None:
            found += 1
            yield entry
        position = data.find(_LOCAL, end)
    saved = f"{found:,} members were found by their own headers" if found else "nothing in it can be read"
    yield Tail(f"its directory is missing or damaged; {saved}")


def _local_entry(data: bytes, position: int, limits: Limits, budget: Budget) -> tuple[Entry | None, int]:
    """Return the member whose header stands there, None for a folder or a chance match, and where to look on."""
    start = position + _LOCAL_HEADER.size
    if start > len(data):
        return None, len(data)
    fields = _LOCAL_HEADER.unpack_from(data, position)
    flags, method, crc, packed, size, name_length, extra_length = fields[2], fields[3], *fields[6:]
    raw = data[start : start + name_length]
    start += name_length + extra_length
    name = (raw.decode("utf-8", "replace") if flags & _IS_UTF8 else decode_name(raw)).split("\0")[0]
    if not name or name.endswith("/") or method > _AES_METHOD or start > len(data):
        return None, position + 4
    after = start + packed
    passed = unwanted(name, size, limits)
    if passed:
        return passed, after
    if not budget.allows(size):
        return Entry(name, is_left=True), after
    budget.members -= 1
    if flags & _IS_ENCRYPTED:
        return failed(name, "Encrypted", "needs a password, and the archive is damaged"), after
    most = min(limits.max_bytes, budget.bytes)
    if method == ZIP_STORED:
        content, end = _stored(data, start, packed)
    elif method == ZIP_DEFLATED:
        content, end = _inflated(data, start, most)
    else:
        return skipped(name, "Unsupported", f"packed by {_METHODS.get(method, f'method {method}')}"), after
    if content is None or (size and len(content) != size) or (crc and zlib.crc32(content) != crc):
        return failed(name, "Malformed", "it is cut off or damaged; make the archive again"), max(end, position + 4)
    budget.spend(len(content))
    return Entry(name, content), end


def _stored(data: bytes, start: int, packed: int) -> tuple[bytes | None, int]:
    if packed:
        end = start + packed
        return (data[start:end], end) if end <= len(data) else (None, len(data))
    end = data.find(_DESCRIPTOR, start)  # its length stands behind it
    return (data[start:end], end) if end >= 0 else (b"", start)


def _inflated(data: bytes, start: int, most: int) -> tuple[bytes | None, int]:
    """Return the bytes, None where they are damaged, cut off, or more than `most`; and where their packed form ends."""
    unpack, pieces, position = zlib.decompressobj(-zlib.MAX_WBITS), bytearray(), start
    try:
        while not unpack.eof and position < len(data):
            pieces += unpack.decompress(unpack.unconsumed_tail + data[position : position + _PIECE], most + 1)
            position += _PIECE
            while unpack.unconsumed_tail and len(pieces) <= most:
                pieces += unpack.decompress(unpack.unconsumed_tail, most + 1)
            if len(pieces) > most:
                return None, start
    except zlib.error:
        return None, start
    if not unpack.eof:
        return None, len(data)
    return bytes(pieces), min(position, len(data)) - len(unpack.unused_data)
