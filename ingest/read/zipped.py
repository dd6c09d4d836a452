"""Open files that are zip archives inside, within limits, and save what can be saved of cut ones.

Knows nothing of what the members mean.
"""

from __future__ import annotations

import io
import struct
import zlib
from zipfile import ZIP_STORED, BadZipFile, LargeZipFile, ZipFile, ZipInfo

from ingest.read.limits import Limits
from rag.errors import Encrypted, Malformed, TooLarge, Unsupported

SALVAGED = b"salvaged by footnote"  # the comment of an archive that was put together from a damaged one
_LOCAL = b"PK\x03\x04"
_LOCAL_HEADER = struct.Struct("<4sHHHHHIIIHH")
_IS_ENCRYPTED = 0x1
_IS_UTF8 = 0x800
_HINT = "save it again from the program that made it"


def open_zip(data: bytes, name: str, limits: Limits) -> ZipFile:
    """Return the archive, its directory checked against the limits.

    One that is cut or has no directory is put together anew from what is there; was_salvaged() then says so.
    Raises Malformed, TooLarge, and Encrypted where a member needs a password.
    """
    try:
        archive = ZipFile(io.BytesIO(data))
    except (BadZipFile, LargeZipFile, ValueError, NotImplementedError, struct.error, OSError) as error:
        return salvage(data, name, limits, error)
    check_directory(archive, len(data), name, limits)
    if any(info.flag_bits & _IS_ENCRYPTED for info in archive.infolist()):
        raise Encrypted(f"{name}: needs a password", hint="save a copy without one")
    return archive


def check_directory(archive: ZipFile, size: int, name: str, limits: Limits) -> None:
    """Raises TooLarge where there is more in the archive than a file of this size may unpack to."""
    members = archive.infolist()
    if len(members) > limits.max_members:
        raise TooLarge(f"{name}: more than {limits.max_members:,} parts", hint="raise ingest.max_members, or split it")
    expanded = sum(info.file_size for info in members)
    if expanded > limits.expanded_bytes(size):
        raise _bomb(name, expanded)


def member(archive: ZipFile, path: str, name: str, limits: Limits) -> bytes:
    """Return a member's bytes, however large the directory says they are.

    Raises Malformed where it is missing or damaged, TooLarge where it passes the limits.
    """
    most = limits.expanded_bytes(_size(archive))
    try:
        with archive.open(path) as stream:
            found = stream.read(most + 1)
    except KeyError as error:
        raise Malformed(f"{name}: {path} is missing from it", hint=_HINT) from error
    except NotImplementedError as error:
        raise Unsupported(f"{name}: {path} is packed in a way that is not read ({error})", hint=_HINT) from error
    except RuntimeError as error:  # zipfile has no class of its own for "password required"
        raise Encrypted(f"{name}: needs a password", hint="save a copy without one") from error
    except (BadZipFile, zlib.error, EOFError, OSError, ValueError, struct.error) as error:
        raise Malformed(f"{name}: {path} is damaged ({error})", hint=_HINT) from error
    if len(found) > most:
        raise _bomb(name, len(found))
    return found


def was_salvaged(archive: ZipFile) -> bool:
    return archive.comment == SALVAGED


def salvage(data: bytes, name: str, limits: Limits, cause: Exception | None = None) -> ZipFile:
    """Return an archive of what unpacks, found by the headers before each member, the last one maybe cut.

    Raises Malformed where nothing does, TooLarge past the limits.
    """
    budget = limits.expanded_bytes(len(data))
    target = io.BytesIO()
    with ZipFile(target, "w", ZIP_STORED) as made:
        made.comment = SALVAGED
        position, seen = data.find(_LOCAL), set[str]()
        while position >= 0:
            found = _local_member(data, position, budget)
            if found is not None and found[0] not in seen:
                path, content = found
                budget -= len(content)
                if budget <= 0 or len(seen) >= limits.max_members:
                    raise _bomb(name, limits.expanded_bytes(len(data)))
                made.writestr(ZipInfo(path), content)
                seen.add(path)
            position = data.find(_LOCAL, position + 4)
    if not seen:
        raise Malformed(f"{name}: the archive that it is made of is damaged", hint=_HINT) from cause
    return ZipFile(target)


def _local_member(data: bytes, position: int, most: int) -> tuple[str, bytes] | None:
    """Return the path and the content of the member whose header stands there."""
    header = data[position : position + _LOCAL_HEADER.size]
    if len(header) < _LOCAL_HEADER.size:
        return None
    _, _, flags, method, _, _, _, packed, _, name_length, extra_length = _LOCAL_HEADER.unpack(header)
    start = position + _LOCAL_HEADER.size
    raw = data[start : start + name_length]
    path = raw.decode("utf-8" if flags & _IS_UTF8 else "cp437", errors="replace")
    if flags & _IS_ENCRYPTED or not path or path.endswith("/") or "\0" in path:
        return None
    start += name_length + extra_length
    if method == 0:
        return path, data[start : start + packed] if packed else data[start : max(start, data.find(b"PK", start))]
    if method != zlib.DEFLATED:
        return None
    unpack = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        content = unpack.decompress(memoryview(data)[start:], most)
    except zlib.error:
        content = _up_to_the_damage(data, start, most)
    return (path, content) if content else None


def _up_to_the_damage(data: bytes, start: int, most: int) -> bytes:
    unpack, pieces = zlib.decompressobj(-zlib.MAX_WBITS), bytearray()
    for offset in range(start, len(data), 1024):
        try:
            pieces += unpack.decompress(data[offset : offset + 1024], max(1, most - len(pieces)))
        except zlib.error:
            break
        if unpack.eof or len(pieces) >= most:
            break
    return bytes(pieces)


def _size(archive: ZipFile) -> int:
    stream = archive.fp
    if stream is None:
        return 0
    return stream.seek(0, io.SEEK_END)


def _bomb(name: str, size: int) -> TooLarge:
    return TooLarge(
        f"{name}: it unpacks to more than {size / 2**20:.0f} MiB",
        hint="split it, or raise ingest.max_expansion if you trust it",
    )
