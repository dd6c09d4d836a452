"""The check of boxes is itself checked: it must see a box that is somewhere else."""

from __future__ import annotations

import pytest

from eval.boxes import Pages, bare, covers, lies_on
from eval.paper import Layout, print_pdf
from rag.types import Box

ENGLISH = "The quick brown fox jumps over the lazy dog, again and again. " * 12
CHINESE = "对齐是指将模型的行为与人类偏好对齐的过程，需要大量的数据。" * 12


@pytest.mark.parametrize("layout", Layout)
@pytest.mark.parametrize("text", [ENGLISH, CHINESE], ids=["en", "zh"])
def test_a_whole_page_holds_all_its_text_and_an_empty_corner_none(layout: Layout, text: str) -> None:
    with Pages(print_pdf([text], "Paper", layout)) as pages:
        width, height = pages.size(1)
        assert covers(pages.text_in([Box(1, 0, 0, width, height)]), text[:40])
        assert not covers(pages.text_in([Box(1, 0, 0, 25, 25)]), text[:40])


def test_a_turned_page_is_measured_as_it_is_shown() -> None:
    with Pages(print_pdf([ENGLISH], "Paper", Layout.PLAIN)) as upright:
        width, height = upright.size(1)
        top = upright.text_in([Box(1, 0, 0, width, height / 4)])
    with Pages(print_pdf([ENGLISH], "Paper", Layout.TURNED)) as turned:  # by 90 degrees: the top is now at the right
        assert turned.size(1) == (height, width)
        right = turned.text_in([Box(1, height * 3 / 4, 0, height, width)])
    assert sorted(bare(right)) == sorted(bare(top))  # pdfium gives the lines of a turned page in another order


def test_white_space_and_broken_words_do_not_count() -> None:
    assert covers("the al-\r\nign ment", "alignment")
    assert covers("对齐\r\n是指", "对齐是指")
    assert not covers("对齐", "对齐是指")


def test_boxes_off_the_page_and_turned_inside_out_are_seen() -> None:
    with Pages(print_pdf([ENGLISH], "Paper", Layout.PLAIN)) as pages:
        assert lies_on([Box(1, 10, 10, 20, 20)], pages)
        assert not lies_on([Box(1, 10, 10, 20, 20), Box(1, 10, 10, 2000, 20)], pages)
        assert not lies_on([Box(1, 20, 10, 10, 20)], pages)
