"""Say of each file of a folder what becomes of it, and whether a program that people open such files with opens it.

    python -m eval.bench.formats [--folder ../shared/awkward] [--limit N] [--out FILE.json] [--write docs/formats.md]

Each file is read in a process of its own with the default limits, as an ingest does. A table by format goes to stdout,
the files that are opened and not indexed below it; --write puts both between the marks in a Markdown file. What holds
no word (an empty file, a page with a drawing on it) cannot be indexed: the share is given of all that are opened, and
of those that the program shows text of, which must be 97 %.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from eval.bench.opened import Opened, opened
from eval.bench.page import between_marks
from eval.bench.peak import Measured, prepared
from ingest.examine import SKIPPED
from ingest.read.limits import Limits
from ingest.read_apart import ReadApart, ReaderFault
from rag.errors import Unreadable

PREPARED = f"{prepared.__module__}:{prepared.__name__}"
ITSELF = "eval.bench.formats"
MIN_SHARE = 0.97
MAX_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Row:
    """outcome: as an ingest's report has it. has_text: as Opened's; peak_mb is of the reading process alone."""

    file: str
    format: str
    outcome: str
    error: str
    detail: str
    characters: int
    seconds: float
    peak_mb: int | None
    program: str
    has_text: bool | None

    @property
    def is_opened(self) -> bool:
        return self.has_text is not None


def outcome(reader: ReadApart, data: bytes, name: str, limits: Limits) -> tuple[str, str, str, Measured | None]:
    """Return what an ingest's report says of a file (outcome, error, detail), and what reading it took."""
    try:
        measured = reader.call(PREPARED, data, name, limits)
    except Unreadable as error:
        return "skipped" if isinstance(error, SKIPPED) else "failed", error.name, str(error), None
    except ReaderFault as error:
        return "failed", "Internal", str(error), None
    if measured.error is None:
        return "indexed", "", "", measured
    word = "skipped" if isinstance(measured.error, SKIPPED) else "failed"
    return word, measured.error.name, str(measured.error), measured


def measure(files: Sequence[Path], folder: Path) -> list[Row]:
    programs = opened(files)
    reader = ReadApart()
    rows = []
    for path in files:
        began = time.perf_counter()
        word, error, detail, measured = outcome(reader, path.read_bytes(), path.name, Limits())
        seconds = time.perf_counter() - began
        rows.append(_row(path, folder, (word, error, detail), measured, seconds, programs[path]))
    reader.close()
    return rows


def _row(
    path: Path, folder: Path, said: tuple[str, str, str], measured: Measured | None, seconds: float, one: Opened
) -> Row:
    return Row(
        str(path.relative_to(folder)),
        path.suffix.lower().removeprefix(".") or "none",
        *said,
        characters=measured.characters if measured else 0,
        seconds=round(seconds, 2),
        peak_mb=measured.peak_mb if measured else None,
        program=one.program,
        has_text=one.has_text,
    )


def markdown(rows: Sequence[Row]) -> Iterator[str]:
    """Yield the table by format, and the files that are opened and not indexed, with what was said of them."""
    yield "| format | files | opened by | opened | indexed | share | with text | indexed | share | slowest, s | MB |"
    yield "|---|---|---|---|---|---|---|---|---|---|---|"
    for name in sorted({row.format for row in rows}):
        yield _line(name.upper(), [row for row in rows if row.format == name])
    yield _line("**all**", list(rows))
    left = [row for row in rows if row.is_opened and row.outcome != "indexed"]
    if not left:
        return
    yield ""
    yield "Opened and not indexed:"
    yield ""
    yield "| file | the program shows text | outcome | why |"
    yield "|---|---|---|---|"
    for row in sorted(left, key=lambda row: (not row.has_text, row.file)):
        why = row.detail.removeprefix(f"{Path(row.file).name}: ").replace("|", "\\|")
        yield f"| {row.file} | {'yes' if row.has_text else 'no'} | {row.outcome}: {row.error} | {why} |"


def _line(label: str, rows: Sequence[Row]) -> str:
    there = [row for row in rows if row.is_opened]
    with_text = [row for row in there if row.has_text]
    programs = sorted({row.program for row in rows})
    cells = (
        label,
        len(rows),
        programs[0] if len(programs) == 1 else "",
        len(there),
        _indexed(there),
        _share(there),
        len(with_text),
        _indexed(with_text),
        _share(with_text),
        f"{max(row.seconds for row in rows):.1f}",
        max((row.peak_mb for row in rows if row.peak_mb is not None), default=""),
    )
    return f"| {' | '.join(map(str, cells))} |"


def _indexed(rows: Sequence[Row]) -> int:
    return sum(row.outcome == "indexed" for row in rows)


def _share(rows: Sequence[Row]) -> str:
    return f"{_indexed(rows) / len(rows):.1%}" if rows else "none"


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path("../shared/awkward"))
    parser.add_argument("--format", action="append", help="a suffix, without its dot")
    parser.add_argument("--limit", type=int, help="files of each format")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--write", type=Path, help="a Markdown file with the marks in it")
    options = parser.parse_args(arguments)
    groups: dict[str, list[Path]] = {}
    for path in sorted(path for path in options.folder.rglob("*") if path.is_file()):
        groups.setdefault(path.suffix.lower().removeprefix("."), []).append(path)
    chosen = options.format or list(groups)
    rows = measure([path for name in chosen for path in groups[name][: options.limit]], options.folder)
    there = [row for row in rows if row.is_opened]
    with_text = [row for row in there if row.has_text]
    share = _indexed(with_text) / max(len(with_text), 1)
    report = {
        "folder": str(options.folder),
        "files": len(rows),
        "outcomes": {word: sum(row.outcome == word for row in rows) for word in ("indexed", "skipped", "failed")},
        "opened": len(there),
        "indexed_of_opened": round(_indexed(there) / max(len(there), 1), 4),
        "with_text": len(with_text),
        "indexed_of_those_with_text": round(share, 4),
        "passed": share >= MIN_SHARE and all(row.seconds <= MAX_SECONDS for row in rows),
        "rows": [asdict(row) for row in rows],
    }
    if options.out is not None:
        options.out.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    made = "\n".join(markdown(rows))
    if options.write is not None:
        page = options.write.read_text(encoding="utf-8")
        options.write.write_text(between_marks(page, made, ITSELF), encoding="utf-8")
    sys.stdout.write(made + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
