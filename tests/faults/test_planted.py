"""What is planted to harm the reader ends in a row of its own, and in no more memory than an honest file takes.

How long each takes is told by `python -m tests.faults.planted`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.planted import MEBIBYTES, PLANTS, plant_and_ingest

# What each planted thing must come to; the rest may be read, as long as it has its rows.
ERRORS = {
    "zip bomb": {"TooLarge"},
    "zips within zips": {"TooLarge"},
    "gzip bomb": {"TooLarge"},
    "tar that climbs out": {"", "Link", "NotAFile"},
    "DOCX bomb": {"TooLarge"},
    "PDF stream bomb": {"TooLarge"},
    "PDF bomb within a bomb": {"TooLarge"},
    "PDF page loop": {"TooLarge"},
    "PNG bomb": {"TooLarge"},
    "XXE": {"NoText"},
    "XXE in SVG": {"NoText"},
    "billion laughs": {"TooLarge"},
    "billion laughs in DOCX": {"TooLarge"},
    "deep JSON": {"TooLarge"},
    "link out of the root": {"Link"},
    "0 bytes": {"Empty"},
    "4 GiB sparse": {"TooLarge"},
    "odd names": {""},
}


@pytest.mark.slow
@pytest.mark.parametrize("name", PLANTS)
def test_a_planted_file_costs_its_own_row_and_no_more(name: str, tmp_path: Path) -> None:
    [came] = plant_and_ingest([name], tmp_path)
    assert came.rows
    assert came.peak < MEBIBYTES
    if name in ERRORS:
        assert {error for _, _, error in came.rows} == ERRORS[name]
