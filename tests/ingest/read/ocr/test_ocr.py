"""OCR: what is read in a picture, where, and in which order. Every picture is drawn here."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from ingest.read.ocr.join import Printed, ink_ems, joined
from ingest.read.ocr.order import even_sizes, reading_order
from ingest.read.ocr.recognise import Reading, is_available, recognise
from rag.errors import Unsupported

NOTO = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")  # Debian's fonts-noto-cjk
needs_ocr = pytest.mark.skipif(not is_available(), reason="the ocr extra is not installed")
needs_noto = pytest.mark.skipif(not NOTO.exists(), reason="no Chinese font: install fonts-noto-cjk")
ENGLISH = ("The quick brown fox jumps over", "the lazy dog, and nobody minds.")
SIMPLIFIED = ("人工智能正在改变人们的生活方式。它能够理解语言，", "回答问题（包括难题），并帮助人们完成许多工作。")
TRADITIONAL = ("臺灣的總統府位於臺北市中正區，", "是一座歷史悠久的建築物。")


def drawn(
    lines: tuple[str, ...], *, chinese: int | None = None, size: int = 24, x: int = 40, on: Image.Image | None = None
) -> Image.Image:
    """Draw black lines on white; chinese: which of Noto's faces, 2 for simplified and 3 for traditional."""
    font = ImageFont.truetype(NOTO, size, index=chinese) if chinese else ImageFont.load_default(size)
    image = on or Image.new("RGB", (700, 60 + len(lines) * 2 * size), "white")
    for index, line in enumerate(lines):
        ImageDraw.Draw(image).text((x, 30 + index * 1.7 * size), line, font=font, fill="black")
    return image


def texts(reading: Reading) -> list[str]:
    return [line.text for line in reading.lines]


@needs_ocr
def test_english_keeps_the_spaces_between_its_words() -> None:
    assert texts(recognise(drawn(ENGLISH))) == list(ENGLISH)


@needs_ocr
@needs_noto
@pytest.mark.parametrize(("lines", "face"), [(SIMPLIFIED, 2), (TRADITIONAL, 3)])
def test_chinese_of_both_scripts_is_read_with_its_full_width_marks(lines: tuple[str, ...], face: int) -> None:
    assert texts(recognise(drawn(lines, chinese=face))) == list(lines)


@needs_ocr
@needs_noto
def test_half_width_brackets_stay_half_width_and_english_within_chinese_keeps_its_spaces() -> None:
    line = "温泉关(1990)之（Computational Neuroscience）一书"
    assert "".join(texts(recognise(drawn((line,), chinese=2)))) == line


@needs_ocr
@pytest.mark.parametrize("turned", [90, 180, 270])
def test_a_turned_picture_is_read_and_its_boxes_are_those_of_the_picture_as_given(turned: int) -> None:
    image = drawn(ENGLISH)
    reading = recognise(image.rotate(turned, expand=True))
    assert texts(reading) == list(ENGLISH)
    assert reading.quarter_turns == (360 - turned) // 90
    level = recognise(image).lines[0]
    line = reading.lines[0]
    assert line.upright == pytest.approx((level.x0, level.y0, level.x1, level.y1), abs=3)
    # Turned counter-clockwise: a quarter lays the top left corner at the bottom left.
    width, height = image.size
    x0, y0, x1, y1 = level.x0, level.y0, level.x1, level.y1
    expected = {
        90: (y0, width - x1, y1, width - x0),
        180: (width - x1, height - y1, width - x0, height - y0),
        270: (height - y1, x0, height - y0, x1),
    }[turned]
    assert (line.x0, line.y0, line.x1, line.y1) == pytest.approx(expected, abs=3)


@needs_ocr
def test_a_box_is_close_about_the_ink_on_a_page_askew() -> None:
    image = drawn(ENGLISH[:1]).rotate(2, Image.Resampling.BICUBIC, fillcolor="white")
    (line,) = recognise(image).lines
    ink = image.convert("L").point(lambda grey: 255 * (grey < 128)).getbbox()
    assert (line.x0, line.y0, line.x1, line.y1) == pytest.approx(ink, abs=2)
    assert line.upright[3] - line.upright[1] < line.y1 - line.y0  # level again


@needs_ocr
def test_columns_are_read_one_after_the_other() -> None:
    left = ("The first column speaks of", "rivers and of the boats on", "them, until it has an end.")
    right = ("The second one is about the", "hills, where nobody sails at", "all, and ends the page here.")
    page = Image.new("RGB", (900, 200), "white")
    drawn(right, on=drawn(left, on=page, size=22), size=22, x=480)
    assert texts(recognise(page)) == [*left, *right]


@needs_ocr
def test_white_on_black_is_read() -> None:
    image = drawn(ENGLISH).point(lambda value: 255 - value)
    assert texts(recognise(image)) == list(ENGLISH)


@needs_ocr
def test_a_picture_without_print_has_no_lines() -> None:
    image = Image.new("RGB", (300, 200), "white")
    ImageDraw.Draw(image).polygon([(60, 40), (200, 60), (150, 160)], outline="black", width=5)
    assert recognise(image).lines == ()


@needs_ocr
def test_the_engine_says_nothing_and_loads_nothing_of_rapidocr(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        recognise(drawn(ENGLISH[:1]))
    assert capfd.readouterr() == ("", "")
    assert not [record for record in caplog.records if record.name.lower().startswith(("rapid", "onnx"))]


@needs_ocr
def test_the_same_picture_is_read_alike_whatever_was_read_before() -> None:
    first = recognise(drawn(ENGLISH))
    recognise(drawn(ENGLISH[:1], size=40))
    assert recognise(drawn(ENGLISH)) == first


def test_without_the_extra_the_error_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.read.ocr.recognise.NEEDS", ("no_such_module",))
    with pytest.raises(Unsupported, match="ocr extra") as caught:
        recognise(Image.new("RGB", (10, 10)))
    assert "'.[ocr]'" in caught.value.hint


@needs_ocr
def test_want_of_memory_within_the_engine_is_a_memory_error() -> None:
    if sys.platform != "linux":
        pytest.skip("limits on memory are Linux's")
    program = (
        "import resource; from PIL import Image\n"
        "from ingest.read.ocr import engine, page, recognise as ocr\n"
        "engine.engine(); ocr.ROOM_BYTES = 0; from ingest.read.memory import limit_growth\n"
        "limit_growth(40 * 2**20)\n"
        "try: ocr.recognise(Image.new('RGB', (1200, 1700), 'white'))\n"
        "except MemoryError: print('MemoryError')\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert ended.stdout == "MemoryError\n", ended.stderr


def printed(line: str, whites: dict[int, float], spaced: tuple[int, ...] = ()) -> list[Printed]:
    """Give each character the white before it, 0.1 em where nothing else is said."""
    return [Printed(character, whites.get(i, 0.1), i in spaced) for i, character in enumerate(line)]


def test_a_space_that_the_model_missed_is_seen_by_its_white() -> None:
    assert joined(printed("visualcortex", {6: 0.24})) == "visual cortex"
    assert joined(printed("letterspaced", dict.fromkeys(range(12), 0.21))) == "letterspaced"


def test_a_space_without_any_white_is_none() -> None:
    assert joined(printed("theUK'sown", {3: 0.3, 6: 0.0, 7: 0.3}, spaced=(3, 6, 7))) == "the UK's own"


def test_on_a_speckled_ground_the_models_spaces_stay() -> None:
    assert joined(printed("onetwo", dict.fromkeys(range(6), 0.0), spaced=(3,))) == "one two"


@needs_ocr
def test_a_dithered_page_of_a_fax_keeps_its_spaces() -> None:
    random = np.random.default_rng(5)
    grey = np.asarray(drawn(ENGLISH, size=40).convert("L"), np.float32) * 0.85 + 20
    noisy = Image.fromarray(np.clip(grey + random.normal(0, 10, grey.shape), 0, 255).astype(np.uint8))
    # A full stop may pass for one of the specks.
    assert [text.rstrip(".") for text in texts(recognise(noisy.convert("1")))] == [line.rstrip(".") for line in ENGLISH]


def test_between_chinese_only_a_wide_space_counts() -> None:
    assert joined(printed("第一章总则", {3: 1.1}, spaced=(3,))) == "第一章 总则"
    assert joined(printed("完（一）书", {4: 0.5}, spaced=(4,))) == "完（一）书"


def test_a_mark_beside_chinese_is_full_width_where_white_stands_on_its_outer_side() -> None:
    assert joined(printed("版(1990)之", {1: 0.12, 6: 0.12})) == "版(1990)之"
    assert joined(printed("问题(难题),并", {2: 0.5, 5: 0.1, 6: 0.5, 7: 0.5})) == "问题（难题），并"
    assert joined(printed("问题:", {})) == "问题："


def test_the_height_of_ink_tells_the_size_by_what_is_written() -> None:
    assert ink_ems("om.") < ink_ems("Tom") < ink_ems("Tom, Ann") < ink_ems("Tom pays")


@needs_ocr
def test_lines_of_one_size_are_found_to_be_of_about_one_size() -> None:
    lines = ("A page that was scanned has", "no ease", "can be read all the same.", "Yes")
    sizes = [line.size for line in recognise(drawn(lines, size=30)).lines]
    assert max(sizes) < 1.2 * min(sizes)
    assert sizes == pytest.approx([30] * 4, rel=0.15)


def boxes(*rows: tuple[float, float, float]) -> list[tuple[float, float, float, float]]:
    return [(x, y, x + width, y + 10) for x, y, width in rows]


def test_a_line_across_two_columns_parts_what_is_above_from_what_is_below() -> None:
    above = boxes((0, 20, 90), (120, 20, 90), (0, 35, 90), (120, 35, 90))
    heading, across = boxes((0, 0, 210), (0, 60, 200))
    below = boxes((0, 80, 90), (120, 80, 90), (0, 95, 90), (120, 95, 90))
    places = [heading, *above, across, *below]
    assert reading_order(places) == [0, 1, 3, 2, 4, 5, 6, 8, 7, 9]


def test_the_cells_of_a_table_are_read_row_by_row() -> None:
    places = boxes(*((x, y, 30) for y in (0, 20, 40) for x in (0, 80, 160)))
    assert reading_order(places) == list(range(9))


def test_no_lines_have_an_order_too() -> None:
    assert reading_order([]) == []


def test_sizes_near_the_commonest_become_it_and_headings_stay_apart() -> None:
    assert even_sizes([10.0, 10.4, 9.6, 14.1, 13.9, 10.0], [40, 40, 3, 8, 9, 40], apart=0.14) == [
        10.0, 10.0, 10.0, 13.9, 13.9, 10.0,
    ]  # fmt: skip
