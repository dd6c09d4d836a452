from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from rag.library.ratings import Ratings
from rag.library.sheets import Item, Sheet, Sheets
from rag.wire_ratings import ShownAnswer, ShownItem, ShownNote
from tests.rag.api.conftest import Service, problem

SECRET = "run-of-tuesday"


def body(number: int, sides: int) -> str:
    note = ShownNote(mark=1, title="T", source="s.md", quote="q")
    answers = [ShownAnswer(answer=f"{number}.{side}", refused=False, notes=[note]) for side in range(sides)]
    return ShownItem(question=f"问题{number}？", expected=["right"], answers=answers).model_dump_json()


@pytest.fixture
def sheet(service: Service) -> Iterator[str]:
    """A sheet of three items, side by side."""
    with Ratings(service.settings.data / "default") as kept:
        items = [Item(number, body(number, 2), f'{{"order": [1, 0], "of": "{SECRET}"}}') for number in (1, 2, 3)]
        yield Sheets(kept).add(Sheet("", "spring", "", 2, f'{{"runs": ["{SECRET}"]}}', 3), items).id


def said(**changes: Any) -> dict[str, Any]:
    return {"rater": "Ada", "position": 1, "sides": [{"correct": 5}, {"correct": 2}], "preference": "left", **changes}


def rate(client: Any, sheet: str, **changes: Any) -> dict[str, Any]:
    response = client.post(f"/rating-sheets/{sheet}/ratings", json=said(**changes))
    assert response.status_code == 200, response.text
    return dict(response.json())


def after(client: Any, sheet: str, rater: str = "Ada", **params: Any) -> dict[str, Any]:
    return dict(client.get(f"/rating-sheets/{sheet}/next", params={"rater": rater, **params}).json())


def test_a_rater_comes_back_to_where_they_were(client: Any, sheet: str) -> None:
    first = after(client, sheet)
    assert (first["position"], first["rating"]) == (1, None)
    assert first["progress"] == {"items": 3, "rated": 0, "skipped": 0}
    assert rate(client, sheet) == {"items": 3, "rated": 1, "skipped": 0}
    assert after(client, sheet)["position"] == 2
    assert after(client, sheet, rater="Bob")["position"] == 1


def test_what_was_skipped_is_offered_again_when_asked_for(client: Any, sheet: str) -> None:
    assert rate(client, sheet, position=1, skipped=True, sides=[], preference=None)["skipped"] == 1
    rate(client, sheet, position=2)
    rate(client, sheet, position=3)
    done = after(client, sheet)
    assert (done["position"], done["item"]) == (None, None)
    assert after(client, sheet, skipped=True)["position"] == 1
    assert rate(client, sheet, position=1) == {"items": 3, "rated": 3, "skipped": 0}


def test_a_second_word_takes_the_place_of_the_first(client: Any, sheet: str) -> None:
    rate(client, sheet)
    rate(client, sheet, preference="both_bad", comment="worse than I thought")
    shown = client.get(f"/rating-sheets/{sheet}/items/1", params={"rater": "Ada"}).json()
    assert (shown["rating"]["preference"], shown["rating"]["comment"]) == ("both_bad", "worse than I thought")
    assert client.get(f"/rating-sheets/{sheet}/items/1", params={"rater": "Bob"}).json()["rating"] is None


def test_nothing_that_a_rater_is_sent_tells_the_run(client: Any, sheet: str) -> None:
    rate(client, sheet)
    path = f"/rating-sheets/{sheet}"
    sent = [
        client.get("/rating-sheets"),
        client.get(f"{path}/next", params={"rater": "Ada"}),
        client.get(f"{path}/items/1", params={"rater": "Ada"}),
        client.post(f"{path}/ratings", json=said()),
    ]
    for response in sent:
        assert response.status_code == 200
        assert SECRET not in response.text
        assert "order" not in response.text


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"sides": [{"correct": 5}]}, "1 rows"),
        ({"sides": [{"correct": 6}, {}]}, "correct"),
        ({"sides": [{}, {}], "preference": None}, "nothing is rated"),
        ({"preference": "mine"}, "preference"),
        ({"rater": ""}, "rater"),
        ({"rater": "a\x00b"}, "rater"),
        ({"comment": "c" * 4001}, "comment"),
        ({"position": 0}, "position"),
    ],
)
def test_what_says_nothing_of_the_answers_is_refused(client: Any, sheet: str, wrong: dict[str, Any], why: str) -> None:
    told = problem(client.post(f"/rating-sheets/{sheet}/ratings", json=said(**wrong)), 422)
    assert why in told.detail
    assert after(client, sheet)["progress"]["rated"] == 0


def test_what_is_not_there_is_not_found(client: Any, sheet: str) -> None:
    problem(client.post(f"/rating-sheets/{sheet}/ratings", json=said(position=9)), 404)
    problem(client.get(f"/rating-sheets/{sheet}/items/9", params={"rater": "Ada"}), 404)
    problem(client.get("/rating-sheets/nowhere/next", params={"rater": "Ada"}), 404)
    problem(client.get("/rating-sheets", params={"collection": "nowhere"}), 404)


def test_without_a_sheet_there_is_nothing_to_rate(client: Any) -> None:
    assert client.get("/rating-sheets").json() == {"sheets": []}
    problem(client.get("/rating-sheets/s/next", params={"rater": "Ada"}), 404)
