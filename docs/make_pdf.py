"""Make examples/citations.pdf from docs/citations.md: `make examples`.

The same text, fonts and versions give the same bytes. The characters that occur are cut out of Noto Sans CJK and
embedded, so that the page looks alike on a machine without Chinese fonts.
"""

from __future__ import annotations

import io
import re
from itertools import pairwise
from pathlib import Path

from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont as Font
from fontTools.ttLib import newTable
from markdown_it import MarkdownIt
from reportlab.lib.enums import TA_JUSTIFY
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate
from reportlab.platypus.flowables import Flowable

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "docs" / "citations.md"
TARGET = ROOT / "examples" / "citations.pdf"
NOTO = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")  # Debian's fonts-noto-cjk
SIMPLIFIED_CHINESE = 2  # its place in the collection
CURVE_ERROR_UNITS = 1.0  # of 1,000 to the em: how far a quadratic curve may stray from the cubic one
MARGIN_POINTS = 64
HAN = re.compile("[\u4e00-\u9fff]")


def main() -> None:
    text = SOURCE.read_text(encoding="utf-8")
    pdfmetrics.registerFont(TTFont("Noto", embeddable(text)))
    document = SimpleDocTemplate(
        str(TARGET),
        pagesize=A4,
        invariant=True,
        title="How a citation is checked",
        author="Footnote",
        leftMargin=MARGIN_POINTS,
        rightMargin=MARGIN_POINTS,
        topMargin=MARGIN_POINTS,
        bottomMargin=MARGIN_POINTS,
    )
    document.build(story(text))


def embeddable(text: str) -> io.BytesIO:
    """Return Noto with the characters of the text alone, and quadratic outlines: reportlab embeds no others."""
    font = Font(NOTO, fontNumber=SIMPLIFIED_CHINESE, recalcTimestamp=False)
    subsetter = Subsetter(Options(layout_features=[], name_IDs=[1, 2, 4, 6], notdef_outline=True, hinting=False))
    subsetter.populate(text=text + " ")
    subsetter.subset(font)
    outlines = font.getGlyphSet()
    glyphs = {}
    for name in font.getGlyphOrder():
        pen = TTGlyphPen(None)
        outlines[name].draw(Cu2QuPen(pen, CURVE_ERROR_UNITS, reverse_direction=True))
        glyphs[name] = pen.glyph()
    font["loca"] = newTable("loca")
    table = font["glyf"] = newTable("glyf")
    table.glyphs, table.glyphOrder = glyphs, font.getGlyphOrder()
    for name, glyph in glyphs.items():
        glyph.recalcBounds(table)
        font["hmtx"][name] = (font["hmtx"][name][0], getattr(glyph, "xMin", 0))
    font["maxp"].tableVersion = 0x00010000
    for field in ("maxZones", "maxTwilightPoints", "maxStorage", "maxFunctionDefs", "maxInstructionDefs"):
        setattr(font["maxp"], field, 1)
    for field in ("maxStackElements", "maxSizeOfInstructions", "maxComponentElements"):
        setattr(font["maxp"], field, 0)
    font["post"].formatType = 3.0
    font.sfntVersion = "\x00\x01\x00\x00"
    for name in ("CFF ", "VORG", "GSUB", "GPOS", "BASE", "vhea", "vmtx"):
        if name in font:
            del font[name]
    file = io.BytesIO()
    font.save(file, reorderTables=False)
    file.seek(0)
    return file


def story(text: str) -> list[Flowable]:
    """Return the headings and paragraphs of the Markdown; each first heading begins a page."""
    flow: list[Flowable] = []
    tokens = MarkdownIt().parse(text)
    for opening, inline in pairwise(tokens):
        if inline.type != "inline":
            continue
        if opening.tag == "h1" and flow:
            flow.append(PageBreak())
        content = inline.content.replace("\n", " ").replace("&", "&amp;").replace("<", "&lt;")
        flow.append(Paragraph(content, style(opening.tag, chinese=bool(HAN.search(content)))))
    return flow


def style(tag: str, *, chinese: bool) -> ParagraphStyle:
    size = {"h1": 20, "h2": 14}.get(tag, 10.5)
    return ParagraphStyle(
        tag,
        fontName="Noto",
        fontSize=size,
        leading=size * 1.6,
        spaceBefore=12 if tag == "h2" else 0,
        spaceAfter=6,
        wordWrap="CJK" if chinese else None,
        alignment=TA_JUSTIFY if chinese else 0,
    )


if __name__ == "__main__":
    main()
