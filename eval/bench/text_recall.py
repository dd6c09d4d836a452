"""Measure which words another program finds in a file and the reader does not.

    python -m eval.bench.text_recall [--folder ../shared/awkward] [--format DOCX ...] [--limit N] [--out FILE.json]
        [--write docs/formats.md]

Writes a table to stdout with the worst files below it, to FILE all it rests on, and with --write the table between the
marks in a Markdown file. A word that the reader leaves out and says so (metadata's "dropped": menus, running lines,
what is drawn invisibly) is not missing but set aside; nor is one that is found in two pieces, or run together with the
next, but parted. All are given. Words count as often as they stand there. A file that the reader refuses lacks every
word. PDFs are read without OCR: a page without a text layer has no words in the other program either.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.bench.first_reading import FirstReading, first_reading
from eval.bench.page import between_marks
from eval.bench.second_reading import SECONDS, Reading, Second
from eval.bench.words import joined_at_hyphens, lacking, numbers_lacking, words
from ingest.read import Limits, sniff
from ingest.read_apart import ReadApart, ReaderFault
from rag.errors import Unreadable

ITSELF = "eval.bench.text_recall"
MAX_SHARE = 0.02
WORST = 10
EXAMPLES = 12
MIN_WORDS = 10  # of a file, for its share to say something
READS = f"{first_reading.__module__}:{first_reading.__name__}"


@dataclass(frozen=True, slots=True)
class Row:
    """What of one file's words is missing. words: the other program's."""

    file: str
    words: int
    missing: int
    set_aside: int
    examples: tuple[str, ...]
    parted: int = 0  # found as parts of words or in several: whoever looks for the word itself does not find it
    error: str = ""

    @property
    def share(self) -> float:
        return self.missing / self.words if self.words else 0.0


def compared(file: str, second: Reading, mine: FirstReading) -> Row:
    """Compare with the reading of the second's that lacks least."""
    indexed, was_read = words(mine.text), words(mine.read)
    found = (indexed | was_read) + words(mine.dropped)
    lists = [words(variant) for text in second.texts for variant in (text, joined_at_hyphens(text))]
    missing, theirs = min(((lacking(theirs, found), theirs) for theirs in lists), key=lambda pair: pair[0].total())
    parted = (theirs - found).total() - missing.total()
    numbers = numbers_lacking(second.numbers, f"{mine.read}\n{mine.dropped}")
    unnamed = lacking(theirs, indexed).total() + len(numbers_lacking(second.numbers, mine.text))
    lost = missing.total() + len(numbers)
    examples = [word for word, _ in missing.most_common(EXAMPLES)] + [f"{number:.15g}" for number in numbers]
    count = theirs.total() + len(second.numbers)
    return Row(file, count, lost, max(0, unnamed - lost), tuple(examples[:EXAMPLES]), parted)


def refused(file: str, second: Reading, error: str) -> Row:
    theirs = words(second.texts[0])
    count = theirs.total() + len(second.numbers)
    return Row(file, count, count, 0, tuple(word for word, _ in theirs.most_common(EXAMPLES)), error=error)


def measure(mime: str, files: Sequence[Path], second: Second, folder: Path) -> dict[str, Any]:
    began = time.perf_counter()
    readings = second.reads(files)
    reader = ReadApart()
    rows: list[Row] = []
    for path in files:
        if path not in readings or not (words(readings[path].texts[0]) or readings[path].numbers):
            continue
        name = str(path.relative_to(folder))
        try:
            mine = reader.call(READS, path.read_bytes(), path.name, Limits(ocr=False))
            rows.append(compared(name, readings[path], mine))
        except Unreadable as error:
            rows.append(refused(name, readings[path], f"{error.name}: {error}"))
        except ReaderFault as error:
            rows.append(refused(name, readings[path], str(error)))
    reader.close()
    return {
        "format": second.label,
        "type": mime,
        "second": second.program,
        "left_out": [str(path.relative_to(folder)) for path in files if path not in readings],
        **totals(rows),
        "seconds": round(time.perf_counter() - began, 1),
        "worst": [as_json(row) for row in worst(rows)],
        "rows": [as_json(row) for row in rows],
    }


def totals(rows: Sequence[Row]) -> dict[str, Any]:
    count, missing = sum(row.words for row in rows), sum(row.missing for row in rows)
    shares = [row.share for row in rows]
    return {
        "files": len(rows),
        "words": count,
        "missing": missing,
        "share": round(missing / count, 5) if count else 0.0,
        "median_share": round(statistics.median(shares), 5) if shares else 0.0,
        "mean_share": round(statistics.fmean(shares), 5) if shares else 0.0,
        "files_within": sum(share <= MAX_SHARE for share in shares),
        "set_aside": round(sum(row.set_aside for row in rows) / count, 5) if count else 0.0,
        "parted": round(sum(row.parted for row in rows) / count, 5) if count else 0.0,
    }


def worst(rows: Sequence[Row]) -> list[Row]:
    """By share; files of few words come last."""
    losing = [row for row in rows if row.missing]
    return sorted(losing, key=lambda row: (row.words < MIN_WORDS, -row.share, -row.missing))[:WORST]


def as_json(row: Row) -> dict[str, Any]:
    return {
        "file": row.file,
        "words": row.words,
        "missing": row.missing,
        "share": round(row.share, 4),
        "set_aside": row.set_aside,
        "parted": row.parted,
        "examples": list(row.examples),
        **({"error": row.error} if row.error else {}),
    }


def table(results: Sequence[dict[str, Any]]) -> Iterator[str]:
    yield "| format | read again by | files | words | missing | share | mean | median | within | set aside | parted |"
    yield "|---|---|---|---|---|---|---|---|---|---|---|"
    for result in results:
        counts = f"{result['files']} | {result['words']:,} | {result['missing']:,}"
        shares = f"{result['share']:.2%} | {result['mean_share']:.2%} | {result['median_share']:.2%}"
        rest = f"{result['files_within']} | {result['set_aside']:.2%} | {result['parted']:.2%}"
        yield f"| {result['format']} | {result['second']} | {counts} | {shares} | {rest} |"


def worst_files(results: Sequence[dict[str, Any]]) -> Iterator[str]:
    for result in results:
        yield f"\n{result['format']}: the worst; left out, for the other program fails: {len(result['left_out'])}"
        for row in result["worst"]:
            error = f" ({row['error']})" if "error" in row else ""
            yield (
                f"  {row['share']:7.2%}  {row['missing']:5} of {row['words']:6}  {row['file']}{error}: "
                + " ".join(row["examples"])
            )


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path("../shared/awkward"))
    parser.add_argument("--format", action="append", choices=[second.label for second in SECONDS.values()])
    parser.add_argument("--limit", type=int, help="files of each format")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--write", type=Path, help="a Markdown file with the marks in it")
    options = parser.parse_args(arguments)
    files: dict[str, list[Path]] = {}
    for path in sorted(options.folder.rglob("*")):
        if path.is_file():
            files.setdefault(sniff(path.read_bytes(), path.name), []).append(path)
    results, skipped = [], {}
    for mime, second in SECONDS.items():
        if options.format and second.label not in options.format:
            continue
        if absent := list(second.lacks()):
            skipped[second.label] = f"not installed: {', '.join(absent)}"
            continue
        results.append(measure(mime, files.get(mime, [])[: options.limit], second, options.folder))
    report = {"folder": str(options.folder), "max_share": MAX_SHARE, "formats": results, "skipped": skipped}
    if options.out is not None:
        options.out.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    made = [*table(results), *(f"\n{label}: skipped, {why}" for label, why in skipped.items())]
    if options.write is not None:
        page = options.write.read_text(encoding="utf-8")
        options.write.write_text(between_marks(page, "\n".join(made), ITSELF), encoding="utf-8")
    sys.stdout.write("\n".join([*made, *worst_files(results)]) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
