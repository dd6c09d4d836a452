"""Members of a tar archive, compressed or not, and the one member of a compressed file. Read as streams."""

from __future__ import annotations

import bz2
import io
import lzma
import struct
import tarfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import PurePath
from typing import IO, Any, Protocol, Self

from ingest.archives.entry import Budget, Entry, Tail, skipped, unwanted
from ingest.archives.zip import decode_name
from ingest.read.limits import Limits
from ingest.read.media import BZIP2, GZIP

_PIECE = 64 * 1024
_BLOCK = 512  # bytes of a tar header
_XZ_MEMORY_BYTES = 128 * 2**20  # the strongest preset's dictionary is 64 MiB; a header may ask for 4 GiB
_SUFFIXES = {".gz", ".bz2", ".xz", ".z", ".bgz"}
_TAR_SUFFIXES = {".tgz": ".tar", ".tbz": ".tar", ".tbz2": ".tar", ".txz": ".tar", ".svgz": ".svg", ".emz": ".emf"}
_DAMAGE = (
    tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError, struct.error, IndexError,
    OverflowError, KeyError, AttributeError, TypeError, RecursionError,
)  # fmt: skip  # from OverflowError on: what tarfile raises on maps and headers that make no sense


class _TooMuch(Exception):
    """More was unpacked than is allowed."""


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class _Gunzip:
    """zlib's decompressor with the face of the other two: it keeps what it has not taken in yet."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(16 + zlib.MAX_WBITS)

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def needs_input(self) -> bool:
        return not self._inner.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._inner.decompress(self._inner.unconsumed_tail + data, max_length)


class _Unpacked:
    """What a compressed file unpacks to, as a stream that ends in _TooMuch where it is a bomb."""

    def __init__(self, data: bytes, make: Callable[[], _Decompressor], budget: Budget) -> None:
        self._data, self._position = memoryview(data), 0
        self._make, self._now = make, make()
        self._budget = budget
        self._ahead = b""  # was unpacked to look at, and not read yet
        self._damage: Exception | None = None  # met behind bytes that are handed out first

    def peek(self, size: int) -> bytes:
        """Return the first bytes, fewer where there are no more or they are damaged."""
        self._ahead = self.read(size)
        return self._ahead

    def pieces(self) -> Iterator[bytes]:
        """Yield all of it. Raises what the decompressors raise, EOFError where the end is missing."""
        if self._ahead:
            piece, self._ahead = self._ahead, b""
            yield piece
        while piece := self._next(2**20):
            yield piece

    def read(self, size: int) -> bytes:
        pieces: list[bytes] = []
        try:
            while size > 0 and (piece := self._ahead or self._next(min(size, 2**20))):
                taken, self._ahead = piece[:size], piece[size:]
                pieces.append(taken)
                size -= len(taken)
        except _DAMAGE as error:
            self._damage = error
        return b"".join(pieces)

    def _next(self, size: int) -> bytes:
        """Return some bytes more, b"" at the end."""
        if self._damage is not None:
            raise self._damage
        while True:
            if self._now.eof and not self._starts_anew():
                return b""
            feed = b""
            if self._now.needs_input:
                feed = bytes(self._data[self._position : self._position + _PIECE])
                self._position += len(feed)
                if not feed:
                    raise EOFError("it is cut off")
            found = self._now.decompress(feed, min(size, self._budget.bytes + 1))
            self._budget.spend(len(found))
            if self._budget.bytes < 0:
                self._budget.bytes = 0
                raise _TooMuch
            if found:
                return found

    def _starts_anew(self) -> bool:
        """Go on with the stream behind the one that ended, for two may be joined; padding and rubbish end it."""
        self._position -= len(self._now.unused_data)
        while self._position < len(self._data) and self._data[self._position] == 0:
            self._position += 1
        head = bytes(self._data[self._position : self._position + 16])
        if not head:
            return False
        try:
            self._make().decompress(head, 1)
        except (zlib.error, lzma.LZMAError, OSError):
            return False
        self._now = self._make()
        return True


def _maker(mime: str) -> Callable[[], _Decompressor]:
    if mime == GZIP:
        return _Gunzip
    if mime == BZIP2:
        return bz2.BZ2Decompressor
    return lambda: lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=_XZ_MEMORY_BYTES)


def compressed_entries(data: bytes, mime: str, name: str, limits: Limits, budget: Budget) -> Iterator[Entry | Tail]:
    """Yield the members of a compressed tar, or the one file that is in there."""
    stream = _Unpacked(data, _maker(mime), budget)
    try:
        is_tar = _is_tar(stream.peek(_BLOCK))
    except _TooMuch:
        yield Tail(is_bomb=True)
        return
    if is_tar:
        yield from _tar(stream, "r|", limits, budget)
    else:
        yield from _single(stream, _inner_name(data, mime, name), limits, budget)


def tar_entries(data: bytes, limits: Limits, budget: Budget) -> Iterator[Entry | Tail]:
    return _tar(io.BytesIO(data), "r:", limits, budget)


def _single(stream: _Unpacked, name: str, limits: Limits, budget: Budget) -> Iterator[Entry | Tail]:
    if not budget.allows(0):
        yield Entry(name, is_left=True)
        return
    budget.members -= 1
    content = bytearray()
    try:
        for piece in stream.pieces():
            content += piece
            passed = unwanted(name, len(content), limits)
            if passed:
                yield passed
                return
    except _TooMuch:
        yield Entry(name, is_left=True)
        return
    except _DAMAGE as error:
        if content:
            yield Entry(name, bytes(content))
        yield Tail(
            f"it is damaged ({error}); " + ("what stands before that was read" if content else "nothing was read")
        )
        return
    yield Entry(name, bytes(content))


class _Header(tarfile.TarInfo):
    """One that says so where it is damaged: tarfile takes it for the archive's end."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        try:
            return super().frombuf(buf, encoding, errors)
        except tarfile.HeaderError as error:
            if len(buf) and any(buf):
                raise tarfile.ReadError(f"{error} among its members") from error
            raise


def _tar(stream: IO[bytes] | _Unpacked, mode: str, limits: Limits, budget: Budget) -> Iterator[Entry | Tail]:
    try:
        # Bytes that are no UTF-8 come through as surrogates, to be told by decode_name.
        archive: Any = tarfile.open(  # noqa: SIM115
            fileobj=stream, mode=mode, tarinfo=_Header, encoding="utf-8", errors="surrogateescape"
        )  # type: ignore[call-overload]
        while (info := archive.next()) is not None:
            archive.members.clear()  # it would keep every header
            if info.isdir():
                continue
            entry = _tar_entry(archive, info, limits, budget, is_counted=mode == "r|")
            yield entry
    except _TooMuch:
        yield Tail(is_bomb=True)
    except _DAMAGE as error:
        yield Tail(f"it is cut off or damaged ({error}); the members before that were read")


def _tar_entry(archive: Any, info: tarfile.TarInfo, limits: Limits, budget: Budget, *, is_counted: bool) -> Entry:
    """is_counted: the stream itself counts what it unpacks."""
    name = decode_name(info.name.encode("utf-8", "surrogateescape"))
    if info.issym() or info.islnk():
        return skipped(name, "Link", "a link, which is not followed")
    if not info.isreg():
        return skipped(name, "NotAFile", "a device or a pipe, not a file")
    passed = unwanted(name, 0, limits)
    if passed:
        return passed
    if not budget.allows(info.size):
        return Entry(name, is_left=True)
    budget.members -= 1
    passed = unwanted(name, info.size, limits)
    if passed:
        return passed
    content = archive.extractfile(info).read()
    if not is_counted or info.issparse():
        budget.spend(len(content))
    return Entry(name, content)


def _is_tar(head: bytes) -> bool:
    try:
        tarfile.TarInfo.frombuf(head, "utf-8", "surrogateescape")
    except (tarfile.TarError, ValueError):
        return False
    return True


def _inner_name(data: bytes, mime: str, name: str) -> str:
    """Return what gzip noted as the file's name, else the archive's name without its suffix."""
    if mime == GZIP and data[3:4] and data[3] & 0x0C == 0x08:  # a name, and no extra field before it
        noted = data[10:266].split(b"\0")[0]
        if noted and len(noted) < 256:
            return decode_name(noted)
    path = PurePath(name)
    suffix = path.suffix.lower()
    if suffix in _TAR_SUFFIXES:
        return path.stem + _TAR_SUFFIXES[suffix]
    return path.stem if suffix in _SUFFIXES else path.name
