from __future__ import annotations

from datetime import date

import pytest

from rag.library.cards import NO_DAY, own_day

NOON = 1_714_564_800 * 1_000_000_000  # on 2024-05-01, in UTC


@pytest.mark.parametrize(
    ("metadata", "day"),
    [
        ({"modified": "2024-05-02T10:00:00", "created": "2020-01-01"}, date(2024, 5, 2)),
        ({"created": "2020-01-01T23:30:00-05:00"}, date(2020, 1, 2)),
        ({"created": "2020-01-01T00:30:00+08:00"}, date(2019, 12, 31)),
        ({"date": "20240503"}, date(2024, 5, 3)),
        ({"date": "2024"}, date(2024, 1, 1)),
        ({"date": "2024-06"}, date(2024, 6, 1)),
        ({"date": "2024年6月7日"}, date(2024, 6, 7)),
        ({"date": "发布于 2024/6/7 10:00"}, date(2024, 6, 7)),
        ({"date": "Fri, 07 Jun 2024 23:30:00 -0500"}, date(2024, 6, 8)),
        ({"modified": "last week", "created": "2020-01-01"}, date(2020, 1, 1)),
        ({"modified": "0000-00-00", "created": 7}, date(2024, 5, 1)),
        ({"modified": "9999-12-31T23:59:59-12:00"}, date(2024, 5, 1)),
        ({}, date(2024, 5, 1)),
    ],
)
def test_a_documents_day_is_its_own_else_its_files(metadata: dict[str, object], day: date) -> None:
    assert own_day(metadata, [NOON]) == day.toordinal()


def test_of_several_files_the_earliest_counts_and_an_upload_has_no_time() -> None:
    assert own_day({}, [NOON + 10**18, 0, NOON]) == date(2024, 5, 1).toordinal()
    assert own_day({}, [0]) == NO_DAY
    assert own_day({}, []) == NO_DAY
    assert own_day({}, [10**30]) == NO_DAY
