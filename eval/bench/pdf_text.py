"""Measure how well text layers are read: characters and boxes of Chinese PDFs made here, words of others' PDFs.

    python -m eval.bench.pdf_text [--shared DIR] [--pages N]      one JSON object on stdout

The Chinese pages are printed from DRCD (traditional) and CMRC 2018 (simplified), in fonts that are embedded and in CID
fonts that are only named and carry no ToUnicode map, in one, two and three columns, on turned pages and in turned text.
Where each line was drawn is known, and so what its box should be. The other PDFs are those of DIR/awkward; what
poppler's pdftotext finds in them and the reader does not is missing, running lines that the reader dropped aside.
"""

from __future__ import annotations

import argparse
import io
import json
import re
import subprocess
import sys
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pypdf
from fontTools.ttLib import TTFont as Font
from rapidfuzz.distance import Levenshtein
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import CIDFont, UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from docs.make_pdf import embeddable
from ingest.read import Limits, read
from rag.errors import Unreadable
from rag.types import BlockKind, Box, Document

EMBEDDED = "embedded"
MARGIN_POINTS = 60.0
GUTTER_POINTS = 24.0
SIZE_POINTS = 11.0
LEADING = 1.5
ABOVE_BASELINE = 0.85  # of the em
WITHIN_POINTS = 2.0
MIN_ACCURACY = 0.99
MIN_WORDS = 20  # of a file, to be compared
SETS = {"simplified": "cmrc2018/cmrc2018_trial.json", "traditional": "drcd/DRCD_dev.json"}
_NO_LINE_END = frozenset("（《「『“‘(")
_NO_LINE_START = frozenset("，。、；：？！）》」』”’…)")


@dataclass(frozen=True, slots=True)
class Print:
    """How a set of pages is printed."""

    text: str  # a key of SETS
    font: str  # the CID font's face, or EMBEDDED
    encoding: str = ""  # the CMap where it is not that of Unicode, and the codec that makes its bytes
    columns: int = 1
    degrees: int = 0  # /Rotate
    turned: int = 0  # degrees that the text itself is turned by


PRINTS = {
    "embedded, simplified": Print("simplified", EMBEDDED),
    "embedded, traditional": Print("traditional", EMBEDDED),
    "STSong-Light UniGB-UCS2-H": Print("simplified", "STSong-Light"),
    "STSong-Light GBK-EUC-H": Print("simplified", "STSong-Light", "GBK-EUC-H:gbk"),
    "MSung-Light UniCNS-UCS2-H": Print("traditional", "MSung-Light"),
    "MSung-Light ETen-B5-H": Print("traditional", "MSung-Light", "ETen-B5-H:big5"),
    "two columns, embedded": Print("simplified", EMBEDDED, columns=2),
    "two columns, GBK-EUC-H": Print("simplified", "STSong-Light", "GBK-EUC-H:gbk", columns=2),
    "three columns, MSung-Light": Print("traditional", "MSung-Light", columns=3),
    "rotated 90": Print("simplified", "STSong-Light", degrees=90),
    "rotated 180": Print("traditional", EMBEDDED, degrees=180),
    "rotated 270, two columns": Print("simplified", EMBEDDED, columns=2, degrees=270),
    "text turned 90": Print("simplified", "STSong-Light", turned=90),
    "text turned 270, two columns": Print("traditional", "MSung-Light", turned=270, columns=2),
    "text turned 90, rotated 90": Print("simplified", EMBEDDED, turned=90, degrees=90),
}


def measure(paragraphs: Sequence[str], how: Print) -> dict[str, Any]:
    texts = [_printable(text, how) for text in paragraphs]
    data, drawn = print_pdf(texts, how)
    began = time.perf_counter()
    document = read(data, "printed.pdf", limits=Limits(ocr=False))
    seconds = time.perf_counter() - began
    wanted, found = _squeezed("".join(texts)), _squeezed(document.text)
    off = [_off(lines, box) for lines, box in _matched(document, drawn)]
    return {
        "pages": document.metadata["pages"],
        "characters": len(wanted),
        "accuracy": round(1 - Levenshtein.distance(wanted, found) / len(wanted), 5),
        "boxes": len(off),
        "boxes_within_2_points": round(sum(value <= WITHIN_POINTS for value in off) / max(len(drawn), 1), 4),
        "worst_box_points": round(max(off, default=float("inf")), 2),
        "ms_per_page": round(1000 * seconds / document.metadata["pages"], 1),
    }


def print_pdf(texts: Sequence[str], how: Print) -> tuple[bytes, dict[str, list[Box]]]:
    """Return a PDF of the paragraphs, and where each line was drawn, as its page is shown."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=True)
    font, encode, width = _font("".join(texts), how)
    wide, high = A4 if how.turned % 180 == 0 else (A4[1], A4[0])
    column = (wide - 2 * MARGIN_POINTS - (how.columns - 1) * GUTTER_POINTS) / how.columns
    rows = int((high - 2 * MARGIN_POINTS) / (SIZE_POINTS * LEADING))
    drawn: dict[str, list[Box]] = {}
    page = 0
    for number, line in enumerate(line for text in texts for line in _wrapped(text, column, width)):
        place = number % (rows * how.columns)
        if place == 0:
            if page:
                canvas.showPage()
            page += 1
            _turn(canvas, how.turned)
            canvas.setFont(font, SIZE_POINTS)
        x = MARGIN_POINTS + (place // rows) * (column + GUTTER_POINTS)
        y = high - MARGIN_POINTS - (place % rows + 1) * SIZE_POINTS * LEADING
        canvas.drawString(x, y, encode(line))
        top = high - y - ABOVE_BASELINE * SIZE_POINTS
        box = (x, top, x + width(line), top + SIZE_POINTS)
        drawn.setdefault(_squeezed(line), []).append(_shown(page, box, (wide, high), how.turned, how.degrees))
    canvas.save()
    data = buffer.getvalue()
    return (_rotated(data, how.degrees) if how.degrees else data), drawn


def _font(text: str, how: Print) -> tuple[str, Callable[[str], str], Callable[[str], float]]:
    """Return a font's name, how a line is written in it, and how wide that is."""
    if how.font == EMBEDDED:
        name = f"Noto{len(pdfmetrics.getRegisteredFontNames())}"
        pdfmetrics.registerFont(TTFont(name, _called(name, embeddable(text))))
        return name, str, lambda line: float(pdfmetrics.stringWidth(line, name, SIZE_POINTS))
    if not how.encoding:
        pdfmetrics.registerFont(UnicodeCIDFont(how.font))
        return how.font, str, lambda line: float(pdfmetrics.stringWidth(line, how.font, SIZE_POINTS))
    cmap, codec = how.encoding.split(":")
    font = CIDFont(how.font, cmap)
    pdfmetrics.registerFont(font)
    # Without widths of its own every character is as wide as the font is high.
    return font.fontName, lambda line: line.encode(codec).decode("latin-1"), lambda line: len(line) * SIZE_POINTS


def _called(name: str, file: io.BytesIO) -> io.BytesIO:
    """Give a font another name: reportlab mixes up the characters of two that are called the same within."""
    font = Font(file)
    for record in font["name"].names:
        record.string = name
    renamed = io.BytesIO()
    font.save(renamed)
    renamed.seek(0)
    return renamed


def _printable(text: str, how: Print) -> str:
    """Return the text without what its font has no characters for, and without spaces, whose width fonts differ in."""
    codec = {"simplified": "gbk", "traditional": "big5"}[how.text]
    text = "".join(unicodedata.normalize("NFC", text).split())
    return text.encode(codec, "ignore").decode(codec)


def _wrapped(text: str, column: float, width: Callable[[str], float]) -> Iterator[str]:
    """Yield lines as a typesetter breaks them: no full stop begins one."""
    line = ""
    for character in text:
        if width(line + character) > column and character not in _NO_LINE_START:
            kept = line.rstrip("".join(_NO_LINE_END))
            yield kept
            line = line[len(kept) :]
        line += character
    if line:
        yield line


def _turn(canvas: Canvas, degrees: int) -> None:
    if degrees == 90:
        canvas.translate(A4[0], 0)
    elif degrees == 270:
        canvas.translate(0, A4[1])
    canvas.rotate(degrees)


def _shown(
    page: int, box: tuple[float, float, float, float], size: tuple[float, float], turned: int, degrees: int
) -> Box:
    """Return where a box of the upright sheet stands on the shown page.

    Text is turned against the clock, and pages with it.
    """
    x0, y0, x1, y1 = box
    wide, high = size
    for _ in range((degrees - turned) // 90 % 4):
        x0, y0, x1, y1 = high - y1, x0, high - y0, x1
        wide, high = high, wide
    return Box(page, x0, y0, x1, y1)


def _rotated(data: bytes, degrees: int) -> bytes:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(data))
    for page in writer.pages:
        page.rotate(degrees)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _matched(document: Document, drawn: dict[str, list[Box]]) -> Iterator[tuple[list[Box], Box]]:
    for block in document.blocks:
        if block.kind is BlockKind.LINE and block.box is not None:
            boxes = drawn.get(_squeezed(document.text[block.start : block.end]))
            if boxes:
                yield boxes, block.box


def _off(drawn: Sequence[Box], found: Box) -> float:
    """Return how far the nearest of the boxes that were drawn with this text is off, at the worst edge."""
    return min(
        max(abs(a.x0 - found.x0), abs(a.y0 - found.y0), abs(a.x1 - found.x1), abs(a.y1 - found.y1))
        if a.page == found.page
        else float("inf")
        for a in drawn
    )


def _squeezed(text: str) -> str:
    return "".join(unicodedata.normalize("NFC", text).split())


# --- other people's PDFs


def words_missing(path: Path) -> dict[str, Any] | None:
    """Return which words pdftotext finds and the reader does not; None where either reads next to nothing."""
    try:
        document = read(path.read_bytes(), path.name, limits=Limits(ocr=False))
    except Unreadable:
        return None
    shown = subprocess.run(["pdftotext", str(path), "-"], capture_output=True, check=False, timeout=120)
    text = shown.stdout.decode("utf-8", "replace")
    dropped = " ".join(
        f"{row['text']} " * int((re.findall(r"on (\d+) pages", row["reason"]) or ["1"])[0])
        for row in document.metadata.get("dropped", ())
    )
    ours = _words(document.text) + _words(dropped)
    # A hyphen at a line's end may or may not belong to the word: either reading will do.
    readings = [_words(text), _words(re.sub(r"(\w)[-\u2010\u00ad]\n(?=\w)", r"\1", text))]
    if min(reading.total() for reading in readings) < MIN_WORDS:
        return None
    missing = min((reading - ours for reading in readings), key=Counter.total)
    return {
        "file": path.name,
        "words": readings[0].total(),
        "missing": missing.total(),
        "share": round(missing.total() / readings[0].total(), 4),
        "examples": [word for word, _ in missing.most_common(12)],
    }


def _words(text: str) -> Counter[str]:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return Counter(re.findall(r"[a-z\u00df-\u024f\d]{2,}|[\u0400-\u05ff\uac00-\ud7af]+|[\u4e00-\u9fff]", folded))


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--paragraphs", type=int, default=40, help="of each set")
    options = parser.parse_args(arguments)
    paragraphs = {name: _paragraphs(options.shared / "data" / file) for name, file in SETS.items()}
    # One font for all: reportlab mixes up the subsets of two whose names within are the same.
    pdfmetrics.registerFont(
        TTFont(EMBEDDED, embeddable("".join(text for texts in paragraphs.values() for text in texts)))
    )
    printed = {name: measure(paragraphs[how.text][: options.paragraphs], how) for name, how in PRINTS.items()}
    files = sorted((options.shared / "awkward").glob("pdf_*/*.pdf"))
    rows = [row for path in files if (row := words_missing(path)) is not None]
    total, missing = sum(row["words"] for row in rows), sum(row["missing"] for row in rows)
    result = {
        "printed": printed,
        "passed": all(row["accuracy"] >= MIN_ACCURACY for row in printed.values()),
        "words": {
            "files": len(rows),
            "words": total,
            "missing": missing,
            "share": round(missing / max(total, 1), 4),
            "mean_share": round(sum(row["share"] for row in rows) / max(len(rows), 1), 4),
            "worst": sorted(rows, key=lambda row: -row["share"])[:10],
        },
    }
    json.dump(result, sys.stdout, ensure_ascii=False, indent=1)
    sys.stdout.write("\n")


def _paragraphs(path: Path) -> list[str]:
    """Return the longest paragraph of each article, in the file's order."""
    articles = json.loads(path.read_text(encoding="utf-8"))["data"]
    return [max((paragraph["context"] for paragraph in article["paragraphs"]), key=len) for article in articles]


if __name__ == "__main__":
    main(sys.argv[1:])
