"""Make Outlook messages: an OLE file of version 3 with the streams that are asked for, and no more."""

from __future__ import annotations

import struct
from datetime import UTC, datetime
from typing import TypeAlias

Tree: TypeAlias = "dict[str, bytes | Tree]"
Properties: TypeAlias = "dict[int, str | bytes | int | bool | datetime]"

_SECTOR, _MINI, _CUTOFF = 512, 64, 4096
_END, _FREE, _FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def message(properties: Properties, *, encoding: str = "", more: Tree | None = None, header: int = 32) -> Tree:
    """Return a message's streams. encoding: of strings that are not to be Unicode."""
    tree: Tree = dict(more or {})
    table = b"\0" * header
    for number, value in properties.items():
        kind, fixed, stream = _packed(value, encoding)
        table += struct.pack("<HHI8s", kind, number, 6, fixed)
        if stream is not None:
            tree[f"__substg1.0_{number:04X}{kind:04X}"] = stream
    tree["__properties_version1.0"] = table
    return tree


def _packed(value: str | bytes | int | bool | datetime, encoding: str) -> tuple[int, bytes, bytes | None]:
    if isinstance(value, str):
        stream = value.encode(encoding) if encoding else value.encode("utf-16-le")
        return (0x1E if encoding else 0x1F), struct.pack("<I", len(stream)), stream
    if isinstance(value, bytes):
        return 0x102, struct.pack("<I", len(value)), value
    if isinstance(value, bool):
        return 0x0B, bytes([value]), None
    if isinstance(value, int):
        return 0x03, struct.pack("<I", value), None
    ticks = int((value - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds()) * 10_000_000
    return 0x40, struct.pack("<Q", ticks), None


def ole_file(tree: Tree) -> bytes:
    names: list[str] = ["Root Entry"]
    kinds: list[int] = [5]
    links: list[list[int]] = [[_FREE, _FREE, _FREE]]  # left, right, child
    contents: list[bytes] = [b""]

    def add(children: Tree, parent: int) -> None:
        above = None
        for name in sorted(children, key=lambda name: (len(name), name.upper())):
            index = len(names)
            child = children[name]
            names.append(name)
            kinds.append(2 if isinstance(child, bytes) else 1)
            links.append([_FREE, _FREE, _FREE])
            contents.append(child if isinstance(child, bytes) else b"")
            if above is None:
                links[parent][2] = index
            else:
                links[above][1] = index
            above = index
            if not isinstance(child, bytes):
                add(child, index)

    add(tree, 0)
    fat: list[int] = []
    mini_fat: list[int] = []
    sectors, mini = bytearray(), bytearray()

    def put(content: bytes, table: list[int], store: bytearray, size: int) -> int:
        if not content:
            return _END
        start, count = len(table), -(-len(content) // size)
        table += [*range(start + 1, start + count), _END]
        store += content.ljust(count * size, b"\0")
        return start

    starts = [0] * len(names)
    for index, content in enumerate(contents):
        small = len(content) < _CUTOFF
        starts[index] = put(content, mini_fat, mini, _MINI) if small else put(content, fat, sectors, _SECTOR)
    contents[0], starts[0] = bytes(mini), put(bytes(mini), fat, sectors, _SECTOR)
    mini_start = put(struct.pack(f"<{len(mini_fat)}I", *mini_fat).ljust(_SECTOR, b"\xff"), fat, sectors, _SECTOR)
    entries = b"".join(
        name.encode("utf-16-le").ljust(64, b"\0")
        + struct.pack("<HBBIII", 2 * len(name) + 2, kind, 1, *link)
        + b"\0" * 36
        + struct.pack("<IQ", start, len(content))
        for name, kind, link, start, content in zip(names, kinds, links, starts, contents, strict=True)
    )
    directory = put(entries, fat, sectors, _SECTOR)
    count = 1
    while count * 128 < len(fat) + count:
        count += 1
    first = len(fat)
    fat += [_FAT] * count
    table = struct.pack(f"<{len(fat)}I", *fat).ljust(count * _SECTOR, b"\xff")
    mini_count = max(1, -(-len(mini_fat) * 4 // _SECTOR))
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16
    head += struct.pack("<HHHHH6xIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, count, directory, 0)
    head += struct.pack("<IIIII", _CUTOFF, mini_start, mini_count, _END, 0)
    head += struct.pack("<109I", *[first + n for n in range(count)], *[_FREE] * (109 - count))
    return head + bytes(sectors) + table
