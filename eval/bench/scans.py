"""Measure how well scans are read: characters, boxes and seconds a page.

    python -m eval.bench.scans [--shared DIR] [--pages N] [--dpi N] [--set NAME] [--columns N]

Pages are drawn from DRCD (traditional), CMRC 2018 (simplified) and XQuAD (English) with the system's fonts, as a
scanner would give them: at 150 dpi, turned by half a degree, with noise, through JPEG. Each is read twice, as a PNG and
as a PDF of one picture. Where every line's ink stands after turning is known, and so what each box should be.
"""

from __future__ import annotations

import argparse
import io
import json
import statistics
import sys
import time
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from rapidfuzz.distance import Levenshtein

from ingest.read import Limits, read
from rag.types import BlockKind, Box, Document

A4_POINTS = (595, 842)
MARGIN_POINTS = 60
GUTTER_POINTS = 24
NOTO = "/usr/share/fonts/opentype/noto/Noto{}CJK-Regular.ttc"
DEJAVU = "/usr/share/fonts/truetype/dejavu/DejaVuSerif.ttf"
# name -> (file of paragraphs, font, its index in the collection, points)
SETS: dict[str, tuple[str, str, int, float]] = {
    "simplified": ("cmrc2018/cmrc2018_trial.json", NOTO.format("Sans"), 2, 10.5),
    "simplified serif": ("cmrc2018/cmrc2018_trial.json", NOTO.format("Serif"), 2, 12.0),
    "traditional": ("drcd/DRCD_dev.json", NOTO.format("Sans"), 3, 10.5),
    "traditional serif": ("drcd/DRCD_dev.json", NOTO.format("Serif"), 3, 12.0),
    "english": ("xquad/xquad.en.json", NOTO.format("Serif"), 2, 10.5),
    "english dejavu": ("xquad/xquad.en.json", DEJAVU, 0, 10.0),
}
SKEW_DEGREES = 0.5
NOISE = 12.0  # standard deviation, of 255
JPEG_QUALITY = 60
NEAR_POINTS = 2.0


@dataclass(frozen=True, slots=True)
class DrawnPage:
    image: Image.Image  # grey
    paragraphs: tuple[str, ...]
    lines: tuple[tuple[str, Box], ...]  # what stands on each, and where its ink is, in points
    dpi: int


def draw_page(
    paragraphs: Sequence[str], font_file: str, index: int, points: float, *, dpi: int, columns: int, skew: float
) -> DrawnPage:
    """Draw as many of the paragraphs as there is room for, turned by `skew` degrees; the last may be cut."""
    scale = dpi / 72
    font = ImageFont.truetype(font_file, round(points * scale), index=index)
    size = (round(A4_POINTS[0] * scale), round(A4_POINTS[1] * scale))
    width = (A4_POINTS[0] - 2 * MARGIN_POINTS - (columns - 1) * GUTTER_POINTS) / columns
    pitch = 1.6 * points
    page = Image.new("L", size, 255)
    lines: list[tuple[str, Box]] = []
    shown: list[str] = []
    column, y = 0, float(MARGIN_POINTS)
    for paragraph in paragraphs:
        pieces = []
        for line in wrapped(paragraph, font, width * scale):
            if y + pitch > A4_POINTS[1] - MARGIN_POINTS:
                column, y = column + 1, float(MARGIN_POINTS)
            if column == columns:
                break
            x = MARGIN_POINTS + column * (width + GUTTER_POINTS)
            own = Image.new("L", size, 255)
            ImageDraw.Draw(own).text((x * scale, y * scale), line, font=font, fill=0)
            own = own.rotate(skew, Image.Resampling.BICUBIC, fillcolor=255)
            ink = own.point(lambda grey: 255 * (grey < 128)).getbbox()
            if ink is not None:
                lines.append((line, Box(1, *(value / scale for value in ink))))
                page.paste(own, mask=own.point(lambda grey: 255 * (grey < 250)))
            pieces.append(line)
            y += pitch
        shown.append((" " if paragraph.isascii() else "").join(pieces))
        if column == columns:
            break
        y += pitch
    return DrawnPage(page, tuple(piece for piece in shown if piece), tuple(lines), dpi)


def wrapped(paragraph: str, font: ImageFont.FreeTypeFont, width: float) -> Iterator[str]:
    """Yield the paragraph's lines: broken at spaces where it is English, anywhere where it is Chinese."""
    tokens = [f"{word} " for word in paragraph.split()] if paragraph.isascii() else list(paragraph)
    line = ""
    for token in tokens:
        if line and font.getlength((line + token).rstrip()) > width:
            yield line.rstrip()
            line = ""
        line += token
    if line.strip():
        yield line.rstrip()


def spoilt(image: Image.Image, seed: int) -> bytes:
    """Return the page as a JPEG of a noisy scan."""
    random = np.random.default_rng(seed)
    grey = np.asarray(image, dtype=np.float32) * 0.92 + random.normal(8.0, NOISE, (image.height, image.width))
    out = io.BytesIO()
    Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8)).save(out, "JPEG", quality=JPEG_QUALITY)
    return out.getvalue()


def as_png(jpeg: bytes, dpi: int) -> bytes:
    out = io.BytesIO()
    with Image.open(io.BytesIO(jpeg)) as image:
        image.save(out, "PNG", dpi=(dpi, dpi))
    return out.getvalue()


def as_pdf(jpeg: bytes, dpi: int) -> bytes:
    out = io.BytesIO()
    with Image.open(io.BytesIO(jpeg)) as image:
        image.save(out, "PDF", resolution=dpi)
    return out.getvalue()


def paragraphs_of(file: Path) -> list[str]:
    """Return the different contexts of a file of SQuAD's shape."""
    articles = json.loads(file.read_text(encoding="utf-8"))["data"]
    contexts = [paragraph["context"] for article in articles for paragraph in article["paragraphs"]]
    return list(dict.fromkeys(" ".join(context.split()) for context in contexts))


def measure(name: str, shared: Path, pages: int, *, dpi: int, columns: int) -> dict[str, Any]:
    file, font, index, points = SETS[name]
    paragraphs = paragraphs_of(shared / "data" / file)
    reports: dict[str, list[dict[str, float]]] = {"png": [], "pdf": []}
    misses: list[float] = []
    for number in range(pages):
        chosen = paragraphs[number * 20 : number * 20 + 20]
        page = draw_page(chosen, font, index, points, dpi=dpi, columns=columns, skew=SKEW_DEGREES)
        jpeg = spoilt(page.image, number)
        for kind, data in (("png", as_png(jpeg, dpi)), ("pdf", as_pdf(jpeg, dpi))):
            cpu, clock = time.process_time(), time.perf_counter()
            document = read(data, f"page.{kind}", limits=Limits())
            report = {
                "cpu_seconds": time.process_time() - cpu,
                "seconds": time.perf_counter() - clock,
                "accuracy": accuracy(page.paragraphs, document.text),
                "accuracy_folded": accuracy(page.paragraphs, document.text, fold=True),
            }
            distances = box_distances(page, document)
            report |= {"lines": len(page.lines), "lines_matched": len(distances)}
            misses += distances
            reports[kind].append(report)
    return {
        kind: {key: round(statistics.fmean(row[key] for row in rows), 4) for key in rows[0]}
        for kind, rows in reports.items()
    } | {"boxes": spread(misses), "worst_accuracy": min(row["accuracy"] for rows in reports.values() for row in rows)}


def accuracy(paragraphs: Sequence[str], read_text: str, *, fold: bool = False) -> float:
    """Return 1 - edit distance / length. Space counts where the text is English, and nowhere else."""
    english = all(paragraph.isascii() for paragraph in paragraphs)
    joint = " " if english else ""
    texts = [joint.join(text.split()) for text in ("\n".join(paragraphs), read_text)]
    if fold:
        texts = [unicodedata.normalize("NFKC", text) for text in texts]
    return 1 - Levenshtein.distance(*texts) / max(len(texts[0]), 1)


def box_distances(page: DrawnPage, document: Document) -> list[float]:
    """Return for each line that was found by its text how far its box's worst edge is from the ink, in points."""
    found = [
        ("".join(document.text[block.start : block.end].split()), block.box)
        for block in document.blocks
        if block.kind is BlockKind.LINE and block.box is not None
    ]
    distances = []
    for text, true in page.lines:
        wanted = "".join(text.split())
        best = max(found, key=lambda item: Levenshtein.normalized_similarity(wanted, item[0]), default=None)
        if best is None or Levenshtein.normalized_similarity(wanted, best[0]) < 0.6:
            continue
        box = best[1]
        edges = ((box.x0, true.x0), (box.y0, true.y0), (box.x1, true.x1), (box.y1, true.y1))
        distances.append(max(abs(ours - drawn) for ours, drawn in edges))
    return distances


def spread(distances: Sequence[float]) -> dict[str, float]:
    if not distances:
        return {"lines": 0}
    values = np.array(distances)
    return {
        "lines": len(values),
        "median_points": round(float(np.median(values)), 2),
        "p95_points": round(float(np.percentile(values, 95)), 2),
        "worst_points": round(float(values.max()), 2),
        "within_2_points": round(float((values <= NEAR_POINTS).mean()), 4),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--pages", type=int, default=2)
    parser.add_argument("--dpi", type=int, default=150)
    parser.add_argument("--columns", type=int, default=1)
    parser.add_argument("--set", dest="sets", action="append", choices=sorted(SETS))
    chosen = parser.parse_args()
    report = {
        name: measure(name, chosen.shared, chosen.pages, dpi=chosen.dpi, columns=chosen.columns)
        for name in chosen.sets or SETS
    }
    json.dump(
        {"dpi": chosen.dpi, "pages": chosen.pages, "columns": chosen.columns, "sets": report}, sys.stdout, indent=1
    )
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
