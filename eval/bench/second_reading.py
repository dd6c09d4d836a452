"""Read files with programs that share no code with the readers: LibreOffice, openpyxl, Chromium, poppler.

A program that is not installed is no failure: `available` says what is there.
"""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from eval.bench import office
from ingest.read.limits import Limits
from ingest.read.media import DOCX, HTML, PDF, PPTX, XLSX
from ingest.read_apart import ReadApart, ReaderFault
from rag.errors import Malformed, Unreadable

CHROMIUM = "chromium"
PAGE_SECONDS = 20.0
POPPLER_SECONDS = 120.0
_LITERAL = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')
LIMITS = Limits(max_seconds=120.0)


@dataclass(frozen=True, slots=True)
class Reading:
    """texts: one, or several that are as good as each other. numbers: cells, whose text depends on who shows them."""

    texts: tuple[str, ...]
    numbers: tuple[float, ...] = ()


Readings = dict[Path, Reading]  # those files are left out on which the program fails


def documents(files: Sequence[Path]) -> Readings:
    """LibreOffice's text of Word documents: without headers, footers, notes and text boxes."""
    made = office.converted(files, "txt:Text (encoded):UTF8")
    return {path: Reading((data.decode("utf-8-sig", "replace"),)) for path, data in made.items()}


def slides(files: Sequence[Path]) -> Readings:
    """What is printed of presentations, hidden slides and speakers' notes aside."""
    return {path: _poppler(data) for path, data in office.converted(files, "pdf").items()}


def pdfs(files: Sequence[Path]) -> Readings:
    readings = {}
    for path in files:
        with_text = _poppler(path.read_bytes())
        if any(text.strip() for text in with_text.texts):
            readings[path] = with_text
    return readings


def workbooks(files: Sequence[Path]) -> Readings:
    """Each cell's value, which is what a number is whatever its format makes of it."""
    readings = {}
    reader = ReadApart()
    for path in files:
        try:
            readings[path] = reader.call(f"{__name__}:workbook", path.read_bytes(), path.name, LIMITS)
        except (Unreadable, ReaderFault):
            continue
    reader.close()
    return readings


def workbook(data: bytes, name: str, _limits: Limits) -> Reading:
    """Raises Malformed where openpyxl raises anything."""
    import openpyxl

    try:
        # Streamed: filling the rectangle between the outermost cells takes gigabytes over a stray one.
        book = openpyxl.load_workbook(io.BytesIO(data), data_only=True, read_only=True)
        texts: list[str] = []
        numbers: list[float] = []
        for sheet in book.worksheets:
            sheet.reset_dimensions()  # what a sheet says of its size need not be so
            title = sheet.title
            for row in sheet.iter_rows():
                for cell in row:
                    value = cell.value
                    if value is None:
                        continue
                    if isinstance(value, int | float) and not isinstance(value, bool):
                        numbers.append(float(value))
                    else:
                        texts.append(cell_text(value, cell.number_format or ""))
                    if title:  # that of an empty sheet names nothing
                        texts.append(title)
                        title = ""
    except Exception as error:
        raise Malformed(f"{name}: {type(error).__name__}: {error}") from error
    return Reading(("\n".join(texts),), tuple(numbers))


def cell_text(value: object, number_format: str) -> str:
    """Return a cell that holds no number as the reader writes such cells: of dates the parts that are shown."""
    match value:
        case bool():
            return str(value).upper()
        case datetime():
            shows = _LITERAL.sub("", number_format.lower())
            is_date = not shows or any(letter in shows for letter in "yd")
            is_time = any(letter in shows for letter in "hs")
            return (value.date().isoformat() if is_date else "") + (f" {value:%H:%M}" if is_time else "")
        case date():
            return value.isoformat()
        case time():
            return f"{value:%H:%M}"
        case timedelta():
            minutes = round(value.total_seconds()) // 60
            return f"{minutes // 60}:{minutes % 60:02}"
        case _:
            return str(value)


def pages(files: Sequence[Path]) -> Readings:
    """What Chromium shows of web pages; nothing is fetched and no script runs."""
    from playwright.sync_api import Error, sync_playwright

    readings: Readings = {}
    with TemporaryDirectory(prefix="footnote-") as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which(CHROMIUM))
        context = browser.new_context(java_script_enabled=False, offline=True)
        for number, path in enumerate(files):
            source = Path(folder) / f"{number:05}.html"
            shutil.copyfile(path, source)
            page = context.new_page()
            try:
                page.goto(source.as_uri(), timeout=1000 * PAGE_SECONDS, wait_until="load")
                shown = page.evaluate("() => document.body ? document.body.innerText : ''")
                readings[path] = Reading((str(shown),))
            except Error:
                continue
            finally:
                page.close()
        browser.close()
    return readings


def _poppler(data: bytes) -> Reading:
    return Reading(pdf_texts(data))


def pdf_texts(data: bytes) -> tuple[str, ...]:
    """Return the text in the order of the page and in that of its drawing: where words end is told differently."""
    with TemporaryDirectory(prefix="footnote-") as folder:
        source = Path(folder) / "in.pdf"
        source.write_bytes(data)
        return tuple(_pdftotext(source, options) for options in ((), ("-raw",)))


def _pdftotext(source: Path, options: Sequence[str]) -> str:
    command = ["pdftotext", "-enc", "UTF-8", *options, str(source), "-"]
    try:
        run = subprocess.run(command, capture_output=True, check=False, timeout=POPPLER_SECONDS)
    except subprocess.TimeoutExpired:
        return ""
    return run.stdout.decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Second:
    """The program that a format is read with for a second time."""

    label: str
    program: str
    reads: Callable[[Sequence[Path]], Readings]
    needs: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()

    def lacks(self) -> Iterator[str]:
        """Yield what is not installed."""
        from importlib.util import find_spec

        yield from (name for name in self.needs if shutil.which(name) is None)
        yield from (name for name in self.modules if find_spec(name) is None)


SECONDS = {
    DOCX: Second("DOCX", "LibreOffice, as text", documents, ("soffice",)),
    PPTX: Second("PPTX", "LibreOffice, printed; pdftotext", slides, ("soffice", "pdftotext")),
    XLSX: Second("XLSX", "openpyxl", workbooks, (), ("openpyxl",)),
    HTML: Second("HTML", "Chromium, without scripts", pages, (CHROMIUM,), ("playwright",)),
    PDF: Second("PDF with text", "pdftotext", pdfs, ("pdftotext",)),
}
