"""PDF: words that a line's end has broken."""

from __future__ import annotations

import pytest
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from docs.make_pdf import NOTO, embeddable
from ingest.read.pdf.hyphens import Words
from tests.ingest.read.pdfs import made, read_made, write


@pytest.mark.parametrize(
    ("lines", "is_broken"),
    [
        (["It is an inter-", "national matter"], True),
        (["This is a state-of-the-", "art machine"], False),
        (["a well-", "known thing, and well-known it is"], False),
        (["the Franco-", "Prussian war"], False),
        (["the years 1990-", "1995 went by"], False),
        (["some light was there and the house is white", "the light-", "house is seen"], False),
        (["a lighthouse by the light of the house", "the light-", "house is seen"], True),
    ],
)
def test_a_hyphen_goes_only_where_it_broke_a_word(lines: list[str], is_broken: bool) -> None:
    assert Words(lines).is_broken(lines[-2], lines[-1]) is is_broken


def test_a_soft_hyphen_at_a_lines_end_is_gone() -> None:
    def draw(canvas: Canvas) -> None:
        write(canvas, ["The office is on the first floor of the build\u00ad", "ing by the river."])

    assert read_made(made(draw)).text == "The office is on the first floor of the building by the river."


def test_a_compound_that_breaks_at_its_own_hyphen_keeps_it() -> None:
    def draw(canvas: Canvas) -> None:
        write(canvas, ["What stands here is a state-of-the-", "art machine, and nobody has a newer one."])

    assert "state-of-the-art machine" in read_made(made(draw)).text


def test_ligatures_are_letters() -> None:
    def draw(canvas: Canvas) -> None:
        write(canvas, ["The \ufb01rst of\ufb01ce"], font=noto("The \ufb01rst of\ufb01ce"))

    assert read_made(made(draw)).text == "The first office"


def noto(text: str) -> str:
    if not NOTO.exists():
        pytest.skip("needs Noto Sans CJK")
    pdfmetrics.registerFont(TTFont("NotoForLigatures", embeddable(text)))
    return "NotoForLigatures"
