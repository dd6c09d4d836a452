"""Numbers as cells show them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.read.sheets.number_format import BUILT_IN, plain_number, shown


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (3.0, "General", "3"),
        (0.1 + 0.2, "", "0.3"),
        (0.125, "0%", "13%"),
        (0.125, "0.0%", "12.5%"),
        (1234.5, "#,##0.00", "1234.50"),
        (-1599.99, "$#,##0.00;[Red]($#,##0.00)", "-$1599.99"),
        (1234.5, '_-* #,##0.00\\ "€"_-;-* #,##0.00', "1234.50 €"),
        (100, "[$€-407] #,##0", "€100"),
        (12.5, '0.0" kg"', "12.5 kg"),
        (1_200_000, '0.0,,"M"', "1.2M"),
        (42, "00000", "00042"),
        (123456789, "000-00-0000", "123-45-6789"),
        (3.14159, "0.##", "3.14"),
        (3, "0.##", "3"),
        (-0.001, "0.00", "0.00"),
        (1.5, "# ?/?", "1.5"),
        (5, "@", "5"),
        (5, 'General" pcs"', "5 pcs"),
        (45000, "yyyy-mm-dd", "2023-03-15"),
        (45000, 'yyyy"年"m"月"d"日"', "2023-03-15"),
        (45000, "mmm-yy", "2023-03"),
        (45000, "yyyy", "2023"),
        (45000.5, "m/d/yy h:mm", "2023-03-15 12:00"),
        (45000.5, "[$-804]aaaa", "2023-03-15"),
        (0.5, "h:mm AM/PM", "12:00"),
        (1.25, "[h]:mm:ss", "30:00:00"),
        (60, "yyyy-mm-dd", "1900-02-28"),
        (59, "yyyy-mm-dd", "1900-02-28"),
        (-5, "yyyy-mm-dd", "-5"),
        (1e300, "0.00", "1e+300"),
        (1e12, "yyyy-mm-dd", "1000000000000"),
    ],
)
def test_a_number_reads_as_its_format_shows_it(value: float, code: str, text: str) -> None:
    assert shown(value, code) == text


def test_days_are_counted_from_1904_where_the_workbook_says_so() -> None:
    assert shown(43538, "yyyy-mm-dd", from_1904=True) == "2023-03-15"


def test_whole_numbers_keep_all_their_digits() -> None:
    assert plain_number(1234567890123451.0) == "1234567890123451"
    assert plain_number(math.nan) == plain_number(math.inf) == ""


@given(st.floats(allow_nan=False), st.one_of(st.text(max_size=12), st.sampled_from([*BUILT_IN.values()])))
def test_any_number_in_any_format_reads_as_something(value: float, code: str) -> None:
    assert isinstance(shown(value, code), str)
