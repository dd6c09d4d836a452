from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ingest.pipeline import Ingest
from ingest.read import Limits, read
from ingest.read_apart import ReadApart, ReaderFault
from rag.errors import Encrypted, Malformed, TooLarge, Unreadable
from tests.ingest.conftest import assert_adds_up, outcomes, row_of

LIMITS = Limits(max_seconds=10, max_memory_bytes=256 * 2**20)
IN_A_HURRY = Limits(max_seconds=0.05)


@pytest.fixture
def apart() -> Iterator[ReadApart]:
    made = ReadApart("tests.ingest.hostile:read")
    yield made
    made.close()


def test_a_file_reads_the_same_apart(root: Path) -> None:
    path = root / "examples" / "citations.pdf"
    data = path.read_bytes()
    apart = ReadApart()
    try:
        assert apart.read(data, path.name, limits=Limits()) == read(data, path.name, limits=Limits())
        with pytest.raises(Malformed, match="not a whole PDF"):
            apart.read(b"%PDF-1.7 and no more", "a.pdf", limits=Limits())
    finally:
        apart.close()


def test_one_child_reads_many_files(apart: ReadApart) -> None:
    pids = {apart.read(b"%PDF-1", "a.pdf", limits=LIMITS).text.split()[0] for _ in range(3)}
    assert len(pids) == 1


@pytest.mark.parametrize(
    ("content", "limits", "error", "words"),
    [
        ("hang", IN_A_HURRY, TooLarge, "0.05 s; raise ingest.max_seconds"),
        ("spin", IN_A_HURRY, TooLarge, "0.05 s; raise ingest.max_seconds"),
        ("devour", LIMITS, TooLarge, "256 MiB of memory; raise ingest.max_memory_mb"),
        ("killed", LIMITS, TooLarge, "was killed"),
        ("crash", LIMITS, Malformed, "Segmentation fault"),
        ("exit", LIMITS, Malformed, "exit code 3"),
    ],
)
def test_what_ends_the_reader_costs_one_file(
    apart: ReadApart, content: str, limits: Limits, error: type[Unreadable], words: str
) -> None:
    before = apart.read(b"%PDF-1", "a.pdf", limits=LIMITS)
    with pytest.raises(error) as caught:
        apart.read(b"%PDF-" + content.encode(), "bad.pdf", limits=limits)
    assert str(caught.value).startswith("bad.pdf: ")
    assert words in f"{caught.value}; {caught.value.hint}"
    after = apart.read(b"%PDF-1", "a.pdf", limits=LIMITS)
    assert after.text != before.text  # another process


def test_an_error_of_the_reader_comes_back_whole(apart: ReadApart) -> None:
    with pytest.raises(Encrypted, match="a.pdf: needs a password") as caught:
        apart.read(b"%PDF-encrypted", "a.pdf", limits=LIMITS)
    assert caught.value.hint == "save a copy without one"
    with pytest.raises(ReaderFault, match="^ZeroDivisionError: in the reader") as fault:
        apart.read(b"%PDF-fault", "a.pdf", limits=LIMITS)
    assert "tests/ingest/hostile.py" in fault.value.__notes__[0]


def test_what_a_reader_prints_is_not_taken_for_its_reply(apart: ReadApart) -> None:
    assert apart.read(b"%PDF-print", "a.pdf", limits=LIMITS).text.endswith("%PDF-print")


def test_the_rows_of_a_run_say_what_became_of_each_file(
    docs: Path, make_ingest: Callable[..., Ingest], apart: ReadApart
) -> None:
    for name in ("1", "hang", "devour", "killed", "crash", "fault", "2"):
        (docs / f"{name}.pdf").write_text(f"%PDF-{name}")
    (docs / "plain.txt").write_text("Soup is served on Fridays.")
    limits = Limits(max_seconds=1, max_memory_bytes=256 * 2**20)
    report = make_ingest(apart=apart, limits=limits).run([docs])
    assert_adds_up(report)
    assert {path.removeprefix("docs/"): outcome for path, outcome in outcomes(report).items()} == {
        "1.pdf": "indexed",
        "2.pdf": "indexed",
        "plain.txt": "indexed",
        **{f"{name}.pdf": "failed" for name in ("hang", "devour", "killed", "crash", "fault")},
    }
    errors = [row_of(report, f"docs/{name}.pdf").error for name in ("hang", "devour", "killed", "crash", "fault")]
    assert errors == ["TooLarge", "TooLarge", "TooLarge", "Malformed", "Internal"]
    assert apart._child is None
