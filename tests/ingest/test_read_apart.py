from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ingest.ahead import PREPARE, ReadAhead
from ingest.pipeline import Ingest
from ingest.prepare import prepare
from ingest.read import Limits
from ingest.read_apart import ReadApart, ReaderFault
from rag.errors import Encrypted, Malformed, TooLarge, Unreadable
from tests.ingest.conftest import assert_adds_up, outcomes, row_of

HOSTILE = "tests.ingest.hostile:read"
LIMITS = Limits(max_seconds=10, max_memory_bytes=256 * 2**20)
IN_A_HURRY = Limits(max_seconds=0.05)


@pytest.fixture
def apart() -> Iterator[ReadApart]:
    made = ReadApart()
    yield made
    made.close()


def test_a_file_reads_the_same_apart(root: Path) -> None:
    path = root / "examples" / "citations.pdf"
    data = path.read_bytes()
    apart = ReadApart()
    try:
        assert apart.call(PREPARE, data, path.name, Limits()) == prepare(data, path.name, Limits())
        with pytest.raises(Malformed, match="not a whole PDF"):
            apart.call(PREPARE, b"%PDF-1.7 and no more", "a.pdf", Limits())
    finally:
        apart.close()


def test_one_child_reads_many_files(apart: ReadApart) -> None:
    pids = {apart.call(HOSTILE, b"%PDF-1", "a.pdf", LIMITS).text.split()[0] for _ in range(3)}
    assert len(pids) == 1


@pytest.mark.parametrize(
    ("content", "limits", "error", "words"),
    [
        ("hang", IN_A_HURRY, TooLarge, "0.05 s; raise ingest.max_seconds"),
        ("spin", IN_A_HURRY, TooLarge, "0.05 s; raise ingest.max_seconds"),
        ("devour", LIMITS, TooLarge, "more memory than a file of its size may; raise ingest.max_expansion"),
        ("killed", LIMITS, TooLarge, "was killed"),
        ("crash", LIMITS, Malformed, "Segmentation fault"),
        ("exit", LIMITS, Malformed, "exit code 3"),
    ],
)
def test_what_ends_the_reader_costs_one_file(
    apart: ReadApart, content: str, limits: Limits, error: type[Unreadable], words: str
) -> None:
    before = apart.call(HOSTILE, b"%PDF-1", "a.pdf", LIMITS)
    with pytest.raises(error) as caught:
        apart.call(HOSTILE, b"%PDF-" + content.encode(), "bad.pdf", limits)
    assert str(caught.value).startswith("bad.pdf: ")
    assert words in f"{caught.value}; {caught.value.hint}"
    after = apart.call(HOSTILE, b"%PDF-1", "a.pdf", LIMITS)
    assert after.text != before.text  # another process


def test_an_error_of_the_reader_comes_back_whole(apart: ReadApart) -> None:
    with pytest.raises(Encrypted, match="a.pdf: needs a password") as caught:
        apart.call(HOSTILE, b"%PDF-encrypted", "a.pdf", LIMITS)
    assert caught.value.hint == "save a copy without one"
    with pytest.raises(ReaderFault, match="^ZeroDivisionError: in the reader") as fault:
        apart.call(HOSTILE, b"%PDF-fault", "a.pdf", LIMITS)
    assert "tests/ingest/hostile.py" in fault.value.__notes__[0]


def test_what_a_reader_prints_is_not_taken_for_its_reply(apart: ReadApart) -> None:
    assert apart.call(HOSTILE, b"%PDF-print", "a.pdf", LIMITS).text.endswith("%PDF-print")


def test_the_rows_of_a_run_say_what_became_of_each_file(docs: Path, make_ingest: Callable[..., Ingest]) -> None:
    reading = ReadAhead(2, prepare=HOSTILE)
    for name in ("1", "hang", "devour", "killed", "crash", "fault", "2"):
        (docs / f"{name}.pdf").write_text(f"%PDF-{name}")
    limits = Limits(max_seconds=1, max_memory_bytes=256 * 2**20)
    report = make_ingest(reading=reading, limits=limits).run([docs])
    assert_adds_up(report)
    assert {path.removeprefix("docs/"): outcome for path, outcome in outcomes(report).items()} == {
        "1.pdf": "indexed",
        "2.pdf": "indexed",
        **{f"{name}.pdf": "failed" for name in ("hang", "devour", "killed", "crash", "fault")},
    }
    errors = [row_of(report, f"docs/{name}.pdf").error for name in ("hang", "devour", "killed", "crash", "fault")]
    assert errors == ["TooLarge", "TooLarge", "TooLarge", "Malformed", "Internal"]
    assert not reading._all
