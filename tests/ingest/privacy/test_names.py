from __future__ import annotations

import logging

from hypothesis import given
from hypothesis import strategies as st

from ingest.privacy import mask_location, mask_text
from ingest.privacy.logs import MaskingFilter, mask_logs


def test_a_location_without_personal_data_stays() -> None:
    for location in ("file:///docs/%E6%8A%A5%E5%91%8A/a%20b.txt", "upload:report 2024.pdf", "file:///a.zip!/b.txt"):
        assert mask_location(location) == location


def test_a_masked_location_holds_no_value_and_stays_its_own() -> None:
    first, second = (mask_location(f"file:///docs/%E5%BC%A0{number}.pdf") for number in (13800138000, 13900139000))
    assert first.startswith("file:///docs/张[PHONE-1]~")
    assert first.endswith(".pdf")
    assert "13800138000" not in first
    assert first != second
    assert mask_location("file:///docs/%E5%BC%A013800138000.pdf") == first


def test_what_lies_in_a_folder_or_an_archive_begins_with_it() -> None:
    folder = "file:///docs/13800138000/"
    assert mask_location(folder + "a.txt").startswith(mask_location(folder))
    archive = "file:///docs/13800138000.zip"
    assert mask_location(archive + "!/a.txt") == mask_location(archive) + "!/a.txt"


@given(st.lists(st.text(alphabet="ab13800138000@.c~!%"), max_size=4))
def test_locations_keep_their_depth(names: list[str]) -> None:
    location = "file:///" + "/".join(names)
    assert mask_location(location).count("/") == location.count("/")


def test_a_log_line_and_its_trace_are_masked() -> None:
    try:
        raise ValueError("bad row: li.na@example.com")
    except ValueError as error:
        fault = (ValueError, error, error.__traceback__)
    record = logging.LogRecord("x", logging.ERROR, "x.py", 1, "%s failed at %s", ("13800138000.pdf", "row 3"), fault)
    assert MaskingFilter().filter(record)
    told = logging.Formatter("%(message)s").format(record)
    assert "13800138000" not in told
    assert "li.na" not in told
    assert told.startswith("[PHONE-1].pdf failed at row 3\nTraceback")
    assert "ValueError: bad row: [MAIL-1]" in told


def test_a_handler_is_given_one_filter_only() -> None:
    handler = logging.NullHandler()
    logging.getLogger().addHandler(handler)
    try:
        mask_logs()
        mask_logs()
        assert sum(isinstance(one, MaskingFilter) for one in handler.filters) == 1
    finally:
        for one in logging.getLogger().handlers:
            for kept in [kept for kept in one.filters if isinstance(kept, MaskingFilter)]:
                one.removeFilter(kept)
        logging.getLogger().removeHandler(handler)


def test_a_label_is_masked_as_a_text_is() -> None:
    assert mask_text("docs/li.na@example.com.eml") == "docs/[MAIL-1].eml"
