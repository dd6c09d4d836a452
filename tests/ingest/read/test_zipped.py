"""Archives within limits, and what is saved of broken ones."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.read.limits import Limits
from ingest.read.zipped import member, open_zip, salvage, was_salvaged
from rag.errors import Encrypted, Malformed, TooLarge, Unreadable
from tests.ingest.read.make_office import packed

LONG = " ".join(str(number) for number in range(20_000))
PARTS = {"a.xml": "<a/>", "folder/b.txt": LONG, "c.txt": "end"}


def test_members_are_read_whole() -> None:
    archive = open_zip(packed(PARTS), "a.zip", Limits())
    assert member(archive, "folder/b.txt", "a.zip", Limits()).decode() == LONG
    assert not was_salvaged(archive)


def test_a_missing_member_is_malformed() -> None:
    with pytest.raises(Malformed, match="x.xml is missing"):
        member(open_zip(packed(PARTS), "a.zip", Limits()), "x.xml", "a.zip", Limits())


def test_more_than_the_limit_is_too_large_before_anything_is_unpacked() -> None:
    with pytest.raises(TooLarge, match="unpacks"):
        open_zip(packed({"a": b"\0" * (65 * 2**20)}), "a.zip", Limits())
    with pytest.raises(TooLarge, match="parts"):
        open_zip(packed({str(number): "" for number in range(30)}), "a.zip", Limits(max_members=20))


def test_a_directory_that_lies_about_sizes_is_not_believed() -> None:
    data = bytearray(packed({"a": b"\0" * (65 * 2**20)}))
    directory = data.rfind(b"PK\x01\x02")
    struct.pack_into("<I", data, directory + 24, 10)
    with pytest.raises(Unreadable):
        member(open_zip(bytes(data), "a.zip", Limits()), "a", "a.zip", Limits())


def test_a_member_under_a_password_says_so() -> None:
    data = bytearray(packed(PARTS))
    for signature, offset in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        data[data.find(signature) + offset] |= 1
    with pytest.raises(Encrypted):
        open_zip(bytes(data), "a.zip", Limits())


def test_of_a_cut_archive_what_is_there_is_saved() -> None:
    data = packed(PARTS)
    archive = open_zip(data[: data.find(b"c.txt") - 2000], "a.zip", Limits())
    assert was_salvaged(archive)
    assert member(archive, "a.xml", "a.zip", Limits()) == b"<a/>"
    saved = member(archive, "folder/b.txt", "a.zip", Limits()).decode()
    assert len(saved) > 1000
    assert LONG.startswith(saved)


def test_members_written_as_a_stream_are_saved_too() -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("a.txt", LONG)
    data = pipe.getvalue()
    archive = salvage(data[: data.rfind(b"PK\x01\x02")], "a.zip", Limits())
    assert member(archive, "a.txt", "a.zip", Limits()).decode() == LONG


def test_bytes_that_are_no_archive_are_malformed() -> None:
    with pytest.raises(Malformed):
        open_zip(b"PK\x03\x04 and nothing more", "a.zip", Limits())


@given(st.integers(0, 3000), st.binary(min_size=1, max_size=20))
def test_damage_anywhere_is_named_and_never_crashes(place: int, noise: bytes) -> None:
    data = packed({"a.xml": "<a/>" * 50, "b.txt": LONG[:3000]})
    place %= len(data)
    try:
        archive = open_zip(data[:place] + noise + data[place + len(noise) :], "a.zip", Limits())
        for info in archive.infolist():
            member(archive, info.filename, "a.zip", Limits())
    except Unreadable:
        pass
