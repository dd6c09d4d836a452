"""What Outlook packs into winmail.dat is read as if it had been attached."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.read.mail.tnef import unpacked
from tests.ingest.read.make_mail import body_of, opened, packed, part, parts, placed, rows

RTF = rb"{\rtf1\ansi\ansicpg1252\fromtext Words of the body.\par}"
COMPRESSED = struct.pack("<IIII", len(RTF) + 12, len(RTF), 0x414C454D, 0) + RTF


def attribute(number: int, value: bytes, level: int = 2) -> bytes:
    return struct.pack("<BHHI", level, number, 6, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)


def properties(*rows: tuple[int, int, bytes]) -> bytes:
    found = struct.pack("<I", len(rows))
    for kind, number, value in rows:
        found += struct.pack("<HH", kind, number)
        found += struct.pack("<II", 1, len(value)) + value.ljust(-(-len(value) // 4) * 4, b"\0")
    return found


def winmail(*attributes: bytes) -> bytes:
    return b"\x78\x9f\x3e\x22\x01\x00" + b"".join(attributes)


WHOLE = winmail(
    attribute(0x9007, struct.pack("<II", 936, 0), 1),
    attribute(0x9003, properties((0x102, 0x1009, COMPRESSED)), 1),
    attribute(0x9002, b"\1\0" + b"\0" * 12),
    attribute(0x8010, "短名.txt".encode("gbk") + b"\0"),
    attribute(0x800F, "第一个文件的内容".encode()),
    attribute(0x9002, b"\1\0" + b"\0" * 12),
    attribute(0x8010, b"LONGNA~1.TXT\0"),
    attribute(0x800F, b"words of the second file"),
    attribute(0x9005, properties((0x1F, 0x3707, "long name.txt\0".encode("utf-16-le")))),
)


@pytest.mark.parametrize("mime", ["application/ms-tnef", "application/octet-stream"])
def test_the_files_within_are_read(mime: str) -> None:
    document = opened(parts(part("text/plain", "Hello."), packed(mime, WHOLE, "winmail.dat")))
    assert body_of(document) == "Hello."
    assert [(row["name"], row["outcome"]) for row in rows(document)] == [
        ("短名.txt", "read"),
        ("long name.txt", "read"),
    ]
    assert placed(document, "attachment long name.txt")[-1] == "words of the second file"


def test_the_body_within_is_read_where_there_is_no_other() -> None:
    assert body_of(opened(parts(packed("application/ms-tnef", WHOLE, "winmail.dat")))) == "Words of the body."


def test_what_is_cut_off_gives_what_is_there() -> None:
    found = unpacked(WHOLE[:-60])
    assert found is not None
    assert found.files[0] == ("短名.txt", "第一个文件的内容".encode())


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_damage_ends_in_a_traceback(data: st.DataObject) -> None:
    hurt = bytearray(WHOLE)
    for _ in range(data.draw(st.integers(1, 6))):
        hurt[data.draw(st.integers(4, len(hurt) - 1))] = data.draw(st.integers(0, 255))
    unpacked(bytes(hurt[: data.draw(st.integers(0, len(hurt)))]))
