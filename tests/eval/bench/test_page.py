"""What is made takes the place between its own marks, and nothing else."""

from __future__ import annotations

import pytest

from eval.bench.page import between_marks

PAGE = "头\n<!-- made by a.b -->\nold\n<!-- end of a.b -->\n<!-- made by c -->\nkept\n<!-- end of c -->\n"


def test_the_table_takes_the_place_between_its_marks_and_leaves_the_rest() -> None:
    once = between_marks(PAGE, "新", "a.b")
    assert once == PAGE.replace("old", "新")
    assert between_marks(once, "新", "a.b") == once


def test_a_page_without_marks_is_not_overwritten() -> None:
    with pytest.raises(ValueError, match="the page has no"):
        between_marks(PAGE, "new", "d")
