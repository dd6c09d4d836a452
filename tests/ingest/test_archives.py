"""Archives are walked member by member, and none harms more than itself."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import stat
import struct
import tarfile
import warnings
import zipfile
import zlib
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.archives.walk import Member, clean_path, is_archive, members
from ingest.read import Limits
from ingest.read.sniff import sniff

FILES = [("a.txt", b"alpha"), ("docs/b.txt", b"beta" * 50), ("docs/中文.txt", b"gamma")]


def make_zip(files: Sequence[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "w", method) as archive:
        warnings.simplefilter("ignore")  # of names that stand twice
        for name, data in files:
            archive.writestr(name, data)
    return buffer.getvalue()


def zip_with_raw_names(names: Sequence[str], encoding: str) -> bytes:
    """Make what Windows makes: names in its own encoding, without the flag that says UTF-8."""
    stand_ins = [f"{index:02d}".ljust(len(name.encode(encoding)), "_") for index, name in enumerate(names)]
    data = make_zip([(stand_in, b"content") for stand_in in stand_ins], zipfile.ZIP_STORED)
    for stand_in, name in zip(stand_ins, names, strict=True):
        data = data.replace(stand_in.encode(), name.encode(encoding))
    return data


def make_tar(files: Sequence[tuple[str, bytes]], encoding: str = "utf-8") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT, encoding=encoding) as archive:
        for name, data in files:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def walked(data: bytes, name: str = "x.zip", limits: Limits | None = None) -> dict[str, Member]:
    found = list(members(data, name, limits or Limits()))
    assert len({member.name for member in found}) == len(found)
    assert all((member.data is None) == bool(member.error) == bool(member.outcome) for member in found)
    return {member.name: member for member in found}


def contents(found: dict[str, Member]) -> dict[str, bytes]:
    return {name: member.data for name, member in found.items() if member.data is not None}


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("x.zip", make_zip(FILES)),
        ("x.zip", make_zip(FILES, zipfile.ZIP_BZIP2)),
        ("x.zip", make_zip(FILES, zipfile.ZIP_LZMA)),
        ("x.tar", make_tar(FILES)),
        ("x.tgz", gzip.compress(make_tar(FILES))),
        ("x.tar.bz2", bz2.compress(make_tar(FILES))),
        ("x.tar.xz", lzma.compress(make_tar(FILES))),
    ],
)
def test_each_member_comes_with_its_bytes(name: str, data: bytes) -> None:
    assert is_archive(sniff(data, name))
    assert contents(walked(data, name)) == dict(FILES)


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
@pytest.mark.parametrize(("suffix"), ["gz", "bz2", "xz"])
def test_a_compressed_file_is_one_member(pack: object, suffix: str) -> None:
    data = pack(b"line\n" * 1000)  # type: ignore[operator]
    assert contents(walked(data, f"notes.txt.{suffix}")) == {"notes.txt": b"line\n" * 1000}


def test_joined_gzip_files_are_read_as_one_and_padding_is_passed() -> None:
    data = gzip.compress(b"one ") + gzip.compress(b"two") + b"\0" * 30
    assert contents(walked(data, "log.gz")) == {"log": b"one two"}


def test_the_name_that_gzip_noted_is_kept() -> None:
    buffer = io.BytesIO()
    with gzip.GzipFile("报告.txt".encode("gbk").decode("latin-1"), "wb", fileobj=buffer) as file:
        file.write(b"text")
    assert list(walked(buffer.getvalue(), "x.gz")) == ["报告.txt"]


@pytest.mark.parametrize(
    ("encoding", "names"),
    [
        ("gbk", ["报告.txt", "年度预算/总表.xlsx"]),
        ("gbk", ["通知.doc"]),  # its bytes happen to be UTF-8, of a Hebrew accent
        ("gbk", ["联通.txt"]),
        ("big5", ["報告書.txt", "會議記錄.doc"]),
        ("shift_jis", ["プレゼン資料.txt"]),
        ("utf-8", ["报告.txt", "Straße.txt", "café.txt"]),
        ("cp437", ["übersicht.txt"]),
    ],
)
def test_names_without_the_utf8_flag_are_read_as_they_were_written(encoding: str, names: list[str]) -> None:
    assert list(walked(zip_with_raw_names(names, encoding))) == names


def test_tar_names_in_gbk_are_read() -> None:
    assert list(walked(make_tar([("年度报告.txt", b"x")], "gbk"), "x.tar")) == ["年度报告.txt"]


def test_a_name_in_the_unicode_extra_field_wins() -> None:
    raw = b"bericht.txt"
    value = struct.pack("<BI", 1, zlib.crc32(raw)) + "総括.txt".encode()
    info = zipfile.ZipInfo(raw.decode())
    info.extra = struct.pack("<HH", 0x7075, len(value)) + value
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(info, b"x")
    assert list(walked(buffer.getvalue())) == ["総括.txt"]


@pytest.mark.parametrize(
    ("path", "clean"),
    [
        ("../../etc/passwd", "etc/passwd"),
        ("/etc/x.txt", "etc/x.txt"),
        ("C:\\Users\\me\\x.txt", "Users/me/x.txt"),
        ("a/./b//c.txt", "a/b/c.txt"),
        ("a\nb\x1b[31m.txt", "ab[31m.txt"),
        ("cafe\u0301.txt", "caf\u00e9.txt"),
        ("..", "unnamed"),
        ("\ud800.txt", "\ufffd.txt"),
    ],
)
def test_a_path_is_made_harmless(path: str, clean: str) -> None:
    assert clean_path(path) == clean


def test_members_of_one_name_are_kept_apart() -> None:
    data = make_zip([("a.txt", b"1"), ("a.txt", b"2"), ("../a.txt", b"3")])
    assert contents(walked(data)) == {"a.txt": b"1", "a.txt#2": b"2", "a.txt#3": b"3"}


def test_what_is_no_file_or_hidden_is_named_and_not_read() -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, kind in (("soft", tarfile.SYMTYPE), ("hard", tarfile.LNKTYPE), ("dev", tarfile.CHRTYPE)):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
        archive.addfile(tarfile.TarInfo(".DS_Store"), io.BytesIO())
        archive.addfile(tarfile.TarInfo("__MACOSX/x"), io.BytesIO())
    found = walked(buffer.getvalue(), "x.tar")
    assert {name: member.error for name, member in found.items()} == {
        "soft": "Link",
        "hard": "Link",
        "dev": "NotAFile",
        ".DS_Store": "Hidden",
        "__MACOSX/x": "Hidden",
    }
    assert all(member.outcome == "skipped" for member in found.values())
    assert found["soft"].detail == "a link, which is not followed"


def test_a_link_in_a_zip_is_not_followed() -> None:
    info = zipfile.ZipInfo("link")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(info, "/etc/passwd")
    assert walked(buffer.getvalue())["link"].error == "Link"


def test_archives_within_are_opened_to_the_limit() -> None:
    data = make_zip([("deep.txt", b"deep")])
    for level in range(4):
        data = make_zip([(f"{level}.zip", data), (f"beside{level}.txt", b"x")])
    found = walked(data, limits=Limits(max_nesting=3))
    assert found["3.zip/2.zip/beside1.txt"].depth == 3
    assert found["3.zip/2.zip/1.zip"].error == "TooLarge"


def test_office_files_are_members_and_no_archives() -> None:
    document = make_zip([("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<w/>")])
    assert contents(walked(make_zip([("a.docx", document)]))) == {"a.docx": document}


def test_a_bomb_stops_at_the_limit_and_says_what_was_left() -> None:
    data = make_zip([(f"{index}.bin", b"\0" * 30_000_000) for index in range(4)] + [("small.txt", b"fine")])
    found = walked(data)
    assert set(contents(found)) == {"0.bin", "1.bin", "small.txt"}
    assert (found[""].error, found[""].outcome) == ("TooLarge", "failed")
    assert "2.bin, 3.bin" in found[""].detail


@pytest.mark.parametrize("name", ["x.gz", "x.tgz"])
def test_a_compressed_bomb_is_not_unpacked_whole(name: str) -> None:
    inside = b"\0" * 80_000_000
    found = walked(gzip.compress(make_tar([("zeros", inside)]) if name == "x.tgz" else inside), name)
    assert not contents(found)
    assert found[""].error == "TooLarge"


def test_a_bomb_of_overlapping_members_stops_at_the_limit() -> None:
    """After Fifield: every entry of the directory names the same packed bytes."""
    data = make_zip([("0", b"\0" * 20_000_000)])
    start = data.index(b"PK\x01\x02")
    entry, end = data[start : data.index(b"PK\x05\x06")], data[data.index(b"PK\x05\x06") :]
    count = 500
    end = end[:8] + struct.pack("<HHII", count, count, len(entry) * count, start) + end[20:]
    found = walked(data[:start] + entry * count + end)
    assert sum(len(content) for content in contents(found).values()) <= 64 * 2**20
    assert found[""].error == "TooLarge"


def test_more_members_than_the_limit_are_named_together() -> None:
    data = make_zip([(f"{index}.txt", b"x") for index in range(30)])
    found = walked(data, limits=Limits(max_members=10))
    assert len(contents(found)) == 10
    assert "10.txt, 11.txt, 12.txt, 13.txt, 14.txt and 15 more" in found[""].detail


def test_a_member_over_the_size_of_a_file_is_passed_alone() -> None:
    data = make_zip([("big.bin", os.urandom(3000)), ("small.txt", b"x")])
    found = walked(data, limits=Limits(max_bytes=2000))
    assert (found["big.bin"].error, found["big.bin"].outcome) == ("TooLarge", "skipped")
    assert found["small.txt"].data == b"x"


def test_an_xz_file_that_asks_for_much_memory_is_refused() -> None:
    data = lzma.compress(b"x" * 100, filters=[{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 160 * 2**20}])
    assert walked(data, "x.xz")[""].error == "Malformed"


def encrypted_zip(name: str, content: bytes, password: bytes) -> bytes:
    """Make a zip under a password, by the old encryption (APPNOTE 6.1) that Python reads and does not write."""
    keys = [0x12345678, 0x23456789, 0x34567890]

    def step(crc: int, byte: int) -> int:
        return zlib.crc32(bytes([byte]), crc ^ 0xFFFFFFFF) ^ 0xFFFFFFFF

    def update(byte: int) -> None:
        keys[0] = step(keys[0], byte)
        keys[1] = ((keys[1] + (keys[0] & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
        keys[2] = step(keys[2], keys[1] >> 24)

    for byte in password:
        update(byte)
    hidden = bytearray()
    for byte in b"eleven byte" + bytes([zlib.crc32(content) >> 24]) + content:
        mixed = keys[2] | 2
        hidden.append(byte ^ (mixed * (mixed ^ 1) >> 8) & 0xFF)
        update(byte)
    plain = bytearray(make_zip([(name, bytes(hidden))], zipfile.ZIP_STORED))
    for header, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = plain.index(header) + offset
        plain[start] |= 1
        plain[start + 8 : start + 12] = struct.pack("<I", zlib.crc32(content))
        plain[start + 16 : start + 20] = struct.pack("<I", len(content))
    return bytes(plain)


@pytest.mark.parametrize(
    ("password", "raw"), [("pass", b"pass"), ("密码", "密码".encode()), ("密码", "密码".encode("gbk"))]
)
def test_a_member_under_a_password_is_read_with_it(password: str, raw: bytes) -> None:
    data = encrypted_zip("s.txt", b"secret words", raw)
    assert contents(walked(data, limits=Limits(passwords=("wrong", password)))) == {"s.txt": b"secret words"}
    found = walked(data, limits=Limits(passwords=("wrong",)))
    assert (found["s.txt"].error, found["s.txt"].outcome) == ("Encrypted", "failed")


def test_a_directory_that_lies_about_sizes_costs_its_member() -> None:
    data = bytearray(make_zip([("a.txt", b"a" * 1000), ("b.txt", b"b")]))
    where = data.index(b"PK\x01\x02") + 24
    data[where : where + 4] = struct.pack("<I", 10)
    found = walked(bytes(data))
    assert found["a.txt"].error == "Malformed"
    assert found["b.txt"].data == b"b"


@pytest.mark.parametrize("keep", [0.4, 0.6, 0.8, 0.97])
def test_of_a_cut_zip_what_is_there_is_read(keep: float) -> None:
    files = [(f"{index}.bin", os.urandom(1000)) for index in range(10)]
    data = make_zip(files)
    found = walked(data[: int(len(data) * keep)])
    assert contents(found).items() <= dict(files).items()
    assert len(contents(found)) >= int(10 * keep) - 1
    assert (found[""].error, found[""].outcome) == ("Malformed", "failed")


@pytest.mark.parametrize("name", ["x.tar", "x.tgz", "x.txz"])
def test_of_a_cut_tar_what_is_there_is_read(name: str) -> None:
    files = [(f"{index}.bin", os.urandom(1000)) for index in range(20)]
    whole = make_tar(files)
    data = {"x.tar": whole[:15000], "x.tgz": gzip.compress(whole)[:15000], "x.txz": lzma.compress(whole)[:15000]}[name]
    found = walked(data, name)
    assert len(contents(found)) >= 8
    assert contents(found).items() <= dict(files).items()
    assert found[""].error == "Malformed"


def test_of_a_cut_gzip_file_what_is_there_is_read() -> None:
    text = os.urandom(50_000).hex().encode()
    found = walked(gzip.compress(text)[:20_000], "log.gz")
    assert text.startswith(contents(found)["log"])
    assert found[""].error == "Malformed"


def test_a_damaged_tar_header_is_not_taken_for_the_end() -> None:
    data = bytearray(make_tar(FILES))
    data[1024 + 10] ^= 0xFF
    found = walked(bytes(data), "x.tar")
    assert list(contents(found)) == ["a.txt"]
    assert found[""].error == "Malformed"


def test_a_zip_behind_a_program_is_read() -> None:
    assert contents(walked(b"MZ" + b"\0" * 200 + make_zip(FILES))) == dict(FILES)


def test_zip64_is_read() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive, archive.open("a.txt", "w", force_zip64=True) as file:
        file.write(b"alpha")
    assert contents(walked(buffer.getvalue())) == {"a.txt": b"alpha"}


def test_a_method_that_is_not_read_is_named() -> None:
    data = make_zip([("a.txt", b"alpha")]).replace(b"\x08\x00", b"\x09\x00")
    found = walked(data)
    assert (found["a.txt"].error, found["a.txt"].outcome) == ("Unsupported", "skipped")
    assert "Deflate64" in found["a.txt"].detail


def test_an_empty_archive_says_so() -> None:
    assert walked(make_zip([]))[""].error == "NoText"


SAMPLES = {
    "x.zip": make_zip([*FILES, ("in.zip", make_zip(FILES)), ("in.tgz", gzip.compress(make_tar(FILES)))]),
    "x.tar": make_tar([*FILES, ("in.zip", make_zip(FILES))]),
    "x.tgz": gzip.compress(make_tar(FILES)),
    "x.bz2": bz2.compress(b"text" * 100),
    "x.xz": lzma.compress(make_tar(FILES)),
}


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_no_damage_ends_in_a_traceback(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(SAMPLES)))
    hurt = bytearray(SAMPLES[name])
    for _ in range(data.draw(st.integers(0, 6))):
        hurt[data.draw(st.integers(0, len(hurt) - 1))] = data.draw(st.integers(0, 255))
    hurt = hurt[: data.draw(st.integers(0, len(hurt)))]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = walked(bytes(hurt), name)
    assert found
