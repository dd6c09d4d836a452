from __future__ import annotations

from contextlib import closing, suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag.api.multipart import MAX_NAME_CHARACTERS, FileParts, label_of
from rag.errors import FootnoteError, InvalidRequest, TooLarge

TYPE = "multipart/form-data; boundary=X"


def body(*files: tuple[bytes, bytes], end: bytes = b"--X--\r\n") -> bytes:
    part = b'--X\r\nContent-Disposition: form-data; name="files"; filename="%s"\r\n\r\n%s\r\n'
    return b"".join(part % file for file in files) + end


def received(
    folder: Path, sent: bytes, *, piece: int = 1 << 16, max_file_bytes: int = 1000, kind: str = TYPE
) -> list[tuple[str, bytes]]:
    with closing(FileParts(kind, folder=folder, max_file_bytes=max_file_bytes)) as parts:
        for start in range(0, len(sent), piece):
            parts.feed(sent[start : start + piece])
        return [(file.name, parts.read(file)) for file in parts.files()]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(contents=st.lists(st.binary(max_size=300), min_size=1, max_size=4), piece=st.integers(1, 80))
def test_files_come_out_as_they_went_in_however_the_body_is_cut(
    tmp_path: Path, contents: list[bytes], piece: int
) -> None:
    contents = [data.replace(b"--X", b"--Y") for data in contents]
    sent = body(*[(b"%d.txt" % number, data) for number, data in enumerate(contents)])
    assert received(tmp_path, sent, piece=piece) == [(f"{n}.txt", data) for n, data in enumerate(contents)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
@given(sent=st.binary(max_size=200) | st.builds(lambda a, b: body((b"a.txt", a))[:b], st.binary(), st.integers(0, 90)))
def test_no_body_breaks_the_parser_in_an_unforeseen_way(tmp_path: Path, sent: bytes) -> None:
    with suppress(FootnoteError):
        received(tmp_path, sent)


def test_every_body_that_breaks_off_is_refused(tmp_path: Path) -> None:
    sent = body((b"a.txt", b"half of it"), end=b"--X--")
    for cut in range(len(sent)):
        with pytest.raises(InvalidRequest):
            received(tmp_path, sent[:cut])
    assert received(tmp_path, sent) == [("a.txt", b"half of it")]


def test_a_file_past_the_limit_is_refused_before_it_has_come_in(tmp_path: Path) -> None:
    start = body((b"a.txt", b"x" * 1000), end=b"")
    assert received(tmp_path, start + b"--X--")
    with closing(FileParts(TYPE, folder=tmp_path, max_file_bytes=1000)) as parts:
        parts.feed(body((b"big.txt", b"x" * 900), end=b"")[:-2])
        with pytest.raises(TooLarge, match=r"big\.txt"):
            parts.feed(b"x" * 101)


def test_nothing_is_left_on_the_disk(tmp_path: Path) -> None:
    received(tmp_path, body((b"a.txt", b"data")))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "kind", ["", "application/json", "multipart/form-data", "multipart/mixed; boundary=X", "\u4e2d"]
)
def test_another_type_of_body_is_refused(tmp_path: Path, kind: str) -> None:
    with pytest.raises(InvalidRequest, match="multipart"):
        received(tmp_path, body((b"a.txt", b"")), kind=kind)


def test_a_field_that_is_no_file_is_refused_and_not_ignored(tmp_path: Path) -> None:
    field = b'--X\r\nContent-Disposition: form-data; name="collection"\r\n\r\nhandbook\r\n--X--\r\n'
    with pytest.raises(InvalidRequest, match="collection") as caught:
        received(tmp_path, field)
    assert "?collection=" in caught.value.hint


def test_an_empty_file_input_of_a_form_is_no_file(tmp_path: Path) -> None:
    assert received(tmp_path, body((b"", b""), (b"a.txt", b"x"))) == [("a.txt", b"x")]
    with pytest.raises(InvalidRequest, match="no file"):
        received(tmp_path, body((b"", b"")))
    with pytest.raises(InvalidRequest, match="no name"):
        received(tmp_path, body((b"", b"something")))


def test_two_files_of_one_name_are_refused_and_neither_is_lost_silently(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="two files"):
        received(tmp_path, body((b"a/x.txt", b"1"), (b"b/x.txt", b"2")))


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ("报告.pdf".encode(), "报告.pdf"),
        ("报告.pdf".encode("gb18030"), "报告.pdf"),
        ("café.txt".encode("latin-1"), "café.txt"),
        ("cafe\u0301.txt".encode(), "café.txt"),
        ("👩‍🔬.md".encode(), "👩‍🔬.md"),
        (b"../../etc/passwd", "passwd"),
        (b"C:\\Users\\me\\a.txt", "a.txt"),
        (b"/abs/olute.txt", "olute.txt"),
        (b"two\nlines\r.txt", "two lines .txt"),
        (b"two%0D%0Alines.txt", "two lines.txt"),
        (b"say %22hello%22.txt", 'say "hello".txt'),
        (b"100%25.txt", "100%25.txt"),
        (b"nul\x00l.txt", "nul l.txt"),
        ("invoice\u202etxt.exe".encode(), "invoicetxt.exe"),
        (b"  spaced  out .txt ", "spaced out .txt"),
    ],
)
def test_a_name_is_a_label_and_never_a_path(sent: bytes, name: str) -> None:
    assert label_of(sent) == name


@pytest.mark.parametrize("sent", [b"..", b".", b"/", b"a/..", b"\x00\x01", b"   ", b"\\\\", "\u202e".encode()])
def test_a_name_of_which_nothing_is_left_is_refused(sent: bytes) -> None:
    with pytest.raises(InvalidRequest):
        label_of(sent)


def test_long_names_are_cut_and_stay_apart() -> None:
    names = {label_of(f"{'很' * 300}{n}.pdf".encode()) for n in range(5)}
    assert len(names) == 5
    assert all(len(name) <= MAX_NAME_CHARACTERS and name.endswith(".pdf") for name in names)


@given(st.binary(min_size=1, max_size=300))
def test_no_label_holds_what_could_harm(sent: bytes) -> None:
    try:
        name = label_of(sent)
    except InvalidRequest:
        return
    name.encode()
    assert name
    assert name == name.strip()
    assert len(name) <= MAX_NAME_CHARACTERS
    assert not set(name) & set("/\\\0\n\r\x7f\u202e")
    assert name not in (".", "..")
