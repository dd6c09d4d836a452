from __future__ import annotations

from datetime import date

import pytest

from rag.errors import InvalidRequest
from rag.filters import EVERYTHING, Filters
from rag.media import MediaTypes, short_name


def test_filters_that_limit_nothing_are_none() -> None:
    assert not EVERYTHING
    assert Filters(tags=("policy",))
    assert Filters(before=date(2024, 1, 1))


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        ({"types": ("wrod",)}, "known are pdf"),
        ({"types": ("application/",)}, "known are pdf"),
        ({"sources": ("a[b",)}, "wildcards"),
        ({"sources": ("",)}, "wildcards"),
        ({"languages": ("chinese",)}, "ISO 639-1"),
        ({"tags": (" ",)}, "its name"),
        ({"after": date(2024, 1, 2), "before": date(2024, 1, 1)}, "both ends"),
    ],
)
def test_a_filter_that_can_mean_nothing_is_refused_with_a_hint(wrong: dict[str, object], hint: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        Filters(**wrong)  # type: ignore[arg-type]
    assert hint in refused.value.hint


def test_one_day_is_a_range() -> None:
    assert Filters(after=date(2024, 1, 1), before=date(2024, 1, 1))


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("pdf", "application/pdf"),
        (".PDF", "application/pdf"),
        ("*.pdf", "application/pdf"),
        ("application/pdf", "application/pdf"),
        ("image/*", "image/png"),
        ("image", "image/svg+xml"),
        ("markdown", "text/markdown"),
        ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("word", "application/msword"),
        ("x-own/format", "X-Own/Format"),
    ],
)
def test_a_type_goes_by_its_media_type_its_family_and_its_names(name: str, media_type: str) -> None:
    assert media_type in MediaTypes.of([name])


def test_a_type_is_no_other() -> None:
    assert "application/msword" not in MediaTypes.of(["docx", "text/*"])
    assert "text/plain" not in MediaTypes.of([])


def test_a_type_is_shown_by_what_people_call_it() -> None:
    assert short_name("application/pdf") == "pdf"
    assert short_name("text/markdown") == "markdown"
    assert short_name("x-own/format") == "x-own/format"
