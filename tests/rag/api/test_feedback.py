from __future__ import annotations

import json
from typing import Any

import pytest

from rag.library.ratings import FILE_NAME
from rag.wire_ratings import FeedbacksOut
from tests.rag.api.conftest import Service, problem

CITED = {"document_id": "d", "version": 2, "source": "a.txt", "start": 3, "end": 7, "quote": "noon", "mark": 1}
SAID = {
    "question": "When does it leave?",
    "answer": "At noon. [1]",
    "citations": [CITED],
    "verdict": "wrong",
    "ratings": {"correct": 2, "readable": 5},
    "expected": "At one.",
    "comment": "中文评论",
}
HOSTILE = "<script>alert(1)</script>'; DROP TABLE feedback; -- \u202e\u0000=1+1"


def given(client: Any, **changes: Any) -> dict[str, Any]:
    response = client.post("/feedback", json={**SAID, **changes})
    assert response.status_code == 201, response.text
    return dict(response.json())


def kept(client: Any, **params: Any) -> list[dict[str, Any]]:
    response = client.get("/feedback", params=params)
    return list(FeedbacksOut.model_validate_json(response.content).model_dump(mode="json")["feedback"])


def test_what_is_said_is_kept_and_exported_a_line_each(client: Any) -> None:
    first, second = given(client), given(client, question="Who?", verdict=None, rater="Ada")
    response = client.get("/feedback", headers={"Accept": "application/x-ndjson"})
    assert response.headers["content-type"].startswith("application/x-ndjson")
    lines = [json.loads(line) for line in response.text.splitlines()]
    assert lines == [first, second] == kept(client)
    assert (
        lines[0].items()
        >= {**SAID, "ratings": {"correct": 2, "complete": None, "grounded": None, "readable": 5}}.items()
    )
    assert (lines[0]["collection"], lines[0]["refused"], lines[0]["rater"]) == ("default", False, None)
    assert lines[0]["asked_at"]


def test_it_comes_in_pages(client: Any) -> None:
    names = [given(client)["id"] for _ in range(3)]
    page = client.get("/feedback", params={"limit": 2}).json()
    assert [row["id"] for row in page["feedback"]] == names[:2]
    rest = client.get("/feedback", params={"limit": 2, "after": page["next"]}).json()
    assert ([row["id"] for row in rest["feedback"]], rest["next"]) == (names[2:], None)
    limited = client.get("/feedback", params={"limit": 1}, headers={"Accept": "application/x-ndjson"})
    assert len(limited.text.splitlines()) == 1
    problem(client.get("/feedback", params={"after": "nowhere"}), 404)


def test_a_change_leaves_what_it_does_not_name(client: Any) -> None:
    made = given(client)["id"]
    changed = client.patch(f"/feedback/{made}", json={"verdict": "right", "comment": "yes"}).json()
    assert (changed["verdict"], changed["comment"], changed["expected"]) == ("right", "yes", "At one.")
    cleared = client.patch(f"/feedback/{made}", json={"verdict": None, "expected": None}).json()
    assert (cleared["verdict"], cleared["expected"], cleared["id"]) == (None, "At one.", made)
    problem(client.patch("/feedback/nowhere", json={}), 404)
    problem(client.patch(f"/feedback/{made}", json={"answer": "another"}), 422)


def test_a_second_word_on_the_same_answer_of_a_conversation_takes_the_place_of_the_first(client: Any) -> None:
    first = given(client, conversation_id="c", verdict="right")
    second = given(client, conversation_id="c", verdict="wrong")
    assert second["id"] == first["id"]
    given(client, conversation_id="c", rater="Ada")
    given(client, conversation_id="c", answer="Another.")
    assert [row["verdict"] for row in kept(client)] == ["wrong"] * 3


def test_what_is_removed_is_gone_from_the_disk(service: Service) -> None:
    made = given(service.client, comment="unmistakable-words")
    folder = service.settings.data / "default"
    assert service.client.delete(f"/feedback/{made['id']}").status_code == 204
    assert kept(service.client) == []
    for file in folder.glob(f"{FILE_NAME}*"):
        assert b"unmistakable-words" not in file.read_bytes()
    problem(service.client.delete(f"/feedback/{made['id']}"), 404)


def test_it_goes_with_the_conversation_that_it_was_said_in(service: Service) -> None:
    made = service.client.post("/conversations", json={}).json()["id"]
    given(service.client, conversation_id=made, comment="unmistakable-words")
    other = given(service.client, conversation_id="another")
    assert service.client.delete(f"/conversations/{made}").status_code == 204
    assert kept(service.client) == [other]
    for file in (service.settings.data / "default").glob(f"{FILE_NAME}*"):
        assert b"unmistakable-words" not in file.read_bytes()


def test_it_belongs_to_one_collection(client: Any) -> None:
    client.post("/collections", json={"name": "harbour"})
    given(client, collection="harbour")
    assert kept(client) == []
    assert len(kept(client, collection="harbour")) == 1
    problem(client.get("/feedback", params={"collection": "nowhere"}), 404)
    problem(client.post("/feedback", json={**SAID, "collection": "nowhere"}), 404)


def test_to_look_for_feedback_makes_no_file(service: Service) -> None:
    assert kept(service.client) == []
    problem(service.client.delete("/feedback/nowhere"), 404)
    assert not (service.settings.data / "default" / FILE_NAME).exists()


def test_hostile_text_comes_back_as_it_was(client: Any) -> None:
    text = dict.fromkeys(("question", "answer", "expected", "comment"), HOSTILE)
    made = given(client, **text, citations=[{**CITED, "quote": HOSTILE, "source": "../../etc/passwd"}])
    [line] = client.get("/feedback", headers={"Accept": "application/x-ndjson"}).text.splitlines()
    assert json.loads(line) == made
    assert {name: made[name] for name in text} == text


@pytest.mark.parametrize(
    "wrong",
    [
        {"question": ""},
        {"question": "q" * 4001},
        {"answer": "a" * 100_001},
        {"comment": "c" * 4001},
        {"expected": "\ud800"},
        {"verdict": "perhaps"},
        {"ratings": {"correct": 0}},
        {"ratings": {"correct": 6}},
        {"ratings": {"correct": 4.5}},
        {"ratings": {"correct": True}},
        {"ratings": {"beautiful": 5}},
        {"rater": " "},
        {"rater": "two\nlines"},
        {"citations": [{**CITED, "start": -1}]},
        {"citations": [CITED] * 501},
        {"surprise": 1},
    ],
)
def test_what_cannot_be_feedback_is_refused(client: Any, wrong: dict[str, Any]) -> None:
    body = json.dumps({**SAID, **wrong})
    told = problem(client.post("/feedback", content=body, headers={"Content-Type": "application/json"}), 422)
    assert next(iter(wrong)) in told.detail
    assert kept(client) == []
