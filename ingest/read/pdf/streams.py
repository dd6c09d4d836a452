"""Measure what a PDF's packed streams unpack to, before a parser unpacks them. Knows nothing of what is in them.

A few kilobytes may unpack to gigabytes, filter within filter. The parser would be stopped by the memory limit, and
could not say why; here the file is told to be too large. What is packed otherwise, or encrypted, is left to that limit.
"""

from __future__ import annotations

import re
import zlib

from ingest.read.limits import Limits
from rag.errors import TooLarge

MAX_NESTED = 4  # filters of one stream
_PIECE_BYTES = 256 * 1024
_STREAM = re.compile(rb"stream\r?\n")
_DICTIONARY_BYTES = 512
# The first two bytes of zlib's streams.
_PACKED = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda", b"\x58\x85", b"\x68\xde", b"\x48\x89")


def check_streams(data: bytes, name: str, limits: Limits) -> None:
    """Raise TooLarge where the streams, pictures aside, unpack to more than a file of this size may."""
    most = limits.expanded_bytes(len(data))
    total = 0
    for match in _STREAM.finditer(data):
        start = match.end()
        if not data.startswith(_PACKED, start) or _is_picture(data, match.start()):
            continue
        total += _unpacked(data, start, most - total)
        if total > most:
            raise TooLarge(
                f"{name}: its pages unpack to more than {most / 2**20:,.0f} MiB",
                hint="raise ingest.max_expansion, or export it to PDF again",
            )


def _is_picture(data: bytes, end: int) -> bool:
    """True for the stream of a picture, which is unpacked only where it is drawn."""
    before = data[max(0, end - _DICTIONARY_BYTES) : end]
    return b"/Image" in before[max(0, before.rfind(b" obj")) :]


def _unpacked(data: bytes, start: int, most: int) -> int:
    """Return how many bytes a stream unpacks to, at its widest filter; somewhat more than `most` where it is more."""
    chain = [zlib.decompressobj()]
    totals = [0]
    position = start
    while position < len(data) and not chain[0].eof and max(totals) <= most:
        piece = data[position : position + _PIECE_BYTES]
        position += len(piece)
        try:
            _feed(chain, totals, 0, piece, most)
        except zlib.error:  # cut short or damaged: what came out so far is what a parser gets
            break
    return max(totals)


def _feed(chain: list[zlib._Decompress], totals: list[int], level: int, piece: bytes, most: int) -> None:
    while piece and max(totals) <= most:
        out = chain[level].decompress(piece, _PIECE_BYTES)
        piece = chain[level].unconsumed_tail
        if totals[level] == 0 and level + 1 == len(chain) < MAX_NESTED and out.startswith(_PACKED):
            chain.append(zlib.decompressobj())
            totals.append(0)
        totals[level] += len(out)
        if level + 1 < len(chain) and out:
            _feed(chain, totals, level + 1, out, most)
        if not out:
            break
