from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from rag.library.conversations import FILE_NAME
from rag.types import Delta, Event, Failed, Finished, RefusalReason, Status, Turn
from rag.wire import ConversationTurnsOut
from tests.rag.api.conftest import PATIENCE_SECONDS, Service, answer_to, plain_script, problem, serving

MakeApp = Callable[..., FastAPI]
FERRY = ("ferry.txt", b"The Solent ferry was built by Ada Kern.\nThe Solent ferry leaves at noon.")


def made(client: Any, **body: str) -> str:
    response = client.post("/conversations", json=body)
    assert response.status_code == 201, response.text
    found = client.get(response.headers["location"])
    assert found.json() == {**response.json(), "turns": []}
    return str(response.json()["id"])


def turns_of(client: Any, conversation: str, **params: str) -> list[dict[str, Any]]:
    response = client.get(f"/conversations/{conversation}", params=params)
    return list(ConversationTurnsOut.model_validate_json(response.content).model_dump(mode="json")["turns"])


def test_a_follow_up_stands_alone_by_the_turns_that_are_kept(service: Service) -> None:
    service.ingest(FERRY)
    conversation = made(service.client)
    first = service.client.post(
        "/ask", json={"question": "Who built the Solent ferry?", "conversation_id": conversation}
    ).json()
    second = service.client.post(
        "/ask", json={"question": "When does it leave?", "conversation_id": conversation}
    ).json()
    assert second["conversation_id"] == conversation
    assert "Solent" in second["searched_for"]
    turns = turns_of(service.client, conversation)
    assert [turn["answer"] for turn in turns] == [first, second]
    assert [turn["text"] for turn in turns] == [first["answer"], second["answer"]]


def test_without_a_conversation_nothing_is_kept(service: Service) -> None:
    service.ingest(FERRY)
    service.client.post("/ask", json={"question": "Who built the Solent ferry?"})
    assert service.client.get("/conversations").json() == {"conversations": [], "next": None}
    assert not (service.settings.data / "default" / FILE_NAME).exists()


def test_they_are_listed_in_pages_and_removed(service: Service) -> None:
    names = [made(service.client) for _ in range(3)]
    service.client.post("/ask", json={"question": "Who?", "conversation_id": names[0]})
    page = service.client.get("/conversations", params={"limit": 2}).json()
    assert [(row["id"], row["title"], row["count"]) for row in page["conversations"]] == [
        (names[0], "Who?", 1),
        (names[2], "", 0),
    ]
    rest = service.client.get("/conversations", params={"limit": 2, "after": page["next"]}).json()
    assert ([row["id"] for row in rest["conversations"]], rest["next"]) == ([names[1]], None)
    assert service.client.delete(f"/conversations/{names[0]}").status_code == 204
    problem(service.client.get(f"/conversations/{names[0]}"), 404)
    problem(service.client.delete(f"/conversations/{names[0]}"), 404)


def test_a_conversation_that_is_not_there_is_told_before_anything_is_answered(client: Any) -> None:
    for body in ({"question": "Who?"}, {"question": "Who?", "stream": True}):
        told = problem(client.post("/ask", json={**body, "conversation_id": "nowhere"}), 404)
        assert "POST /conversations" in told.hint


def test_a_conversation_belongs_to_one_collection_and_goes_with_it(service: Service) -> None:
    client = service.client
    client.post("/collections", json={"name": "harbour"})
    conversation = made(client, collection="harbour")
    body = {"question": "Who?", "conversation_id": conversation}
    problem(client.post("/ask", json=body), 404)
    assert client.post("/ask", json={**body, "collection": "harbour"}).status_code == 200
    assert client.get("/conversations").json()["conversations"] == []
    client.delete("/collections/harbour")
    client.post("/collections", json={"name": "harbour"})
    problem(client.post("/ask", json={**body, "collection": "harbour"}), 404)
    problem(client.get("/conversations", params={"collection": "nowhere"}), 404)
    problem(client.post("/conversations", json={"collection": "nowhere"}), 404)


def test_a_history_of_ones_own_beside_a_stored_one_is_refused(client: Any) -> None:
    body = {"question": "Who?", "conversation_id": made(client), "history": ["Why?"]}
    assert "leave history out" in problem(client.post("/ask", json=body), 422).hint


def asked_in(app: FastAPI) -> list[tuple[str, tuple[Turn, ...]]]:
    return [(question, tuple(options["earlier"])) for question, options in app.state.build.asked]


def test_every_end_of_an_answer_is_kept_as_what_it_is(scripted_app: MakeApp) -> None:
    def ask(question: str) -> Iterator[Event]:
        yield Status("retrieving")
        if question == "fails?":
            yield Failed("GenerationFailed", "it stopped", "")
        elif question == "breaks?":
            raise ZeroDivisionError
        elif question == "refused?":
            answer = answer_to(question, "The documents do not say.")
            yield Finished(replace(answer, refused=True, reason=RefusalReason.NO_EVIDENCE))
        else:
            yield from plain_script(question)

    app = scripted_app(ask)
    with serving(app) as client:
        conversation = made(client)
        for question in ("fails?", "breaks?", "refused?", "fine?"):
            client.post("/ask", json={"question": question, "conversation_id": conversation, "stream": True})
        turns = turns_of(client, conversation)
    assert [(turn["question"], turn["state"]) for turn in turns] == [
        ("fails?", "asked"),
        ("breaks?", "asked"),
        ("refused?", "refused"),
        ("fine?", "answered"),
    ]
    earlier = (Turn("fails?"), Turn("breaks?"), Turn("refused?", "The documents do not say."))
    assert asked_in(app)[-1] == ("fine?", earlier)


def test_an_answer_that_nobody_waited_for_is_a_question_that_was_asked(scripted_app: MakeApp) -> None:
    ended = threading.Event()

    def ask(question: str) -> Iterator[Event]:
        try:
            while True:
                yield Delta("and ")
        finally:
            ended.set()

    with serving(scripted_app(ask)) as client:
        conversation = made(client)
        with client.stream(
            "POST", "/ask", json={"question": "Who?", "conversation_id": conversation, "stream": True}
        ) as response:
            next(response.iter_bytes())
        assert ended.wait(PATIENCE_SECONDS)
        assert [turn["state"] for turn in turns_of(client, conversation)] == ["asked"]


def test_an_answer_is_kept_before_its_end_is_told(scripted_app: MakeApp) -> None:
    with serving(scripted_app()) as client:
        conversation = made(client)
        body = {"question": "Who?", "conversation_id": conversation, "stream": True}
        with client.stream("POST", "/ask", json=body) as response:
            for line in response.iter_lines():
                if line == "event: finished":
                    with httpx.Client(base_url=client.base_url, trust_env=False) as other:
                        assert [turn["state"] for turn in turns_of(other, conversation)] == ["answered"]


def test_two_who_ask_at_once_lose_no_turn(scripted_app: MakeApp) -> None:
    together = threading.Barrier(2, timeout=PATIENCE_SECONDS)

    def ask(question: str) -> Iterator[Event]:
        together.wait()
        yield from plain_script(question)

    with serving(scripted_app(ask)) as client, ThreadPoolExecutor(2) as askers:
        conversation = made(client)
        bodies = [{"question": question, "conversation_id": conversation} for question in ("Who?", "When?")]
        replies = list(askers.map(lambda body: client.post("/ask", json=body), bodies))
        assert [reply.status_code for reply in replies] == [200, 200]
        turns = turns_of(client, conversation)
    assert sorted((turn["question"], turn["state"]) for turn in turns) == [("When?", "answered"), ("Who?", "answered")]


def test_an_answer_of_another_versions_shape_still_tells_its_text(service: Service) -> None:
    conversation = made(service.client)
    with service.app.state.service.shelf.use("default") as opened:
        begun = opened.conversations.begin(conversation, "Who?")
        opened.conversations.finish(begun.number, "Ada.", json.dumps({"older": 1}), state="answered")
    [turn] = turns_of(service.client, conversation)
    assert (turn["text"], turn["answer"]) == ("Ada.", None)


@pytest.mark.parametrize("fault", ["disk", "removed"])
def test_an_answer_that_cannot_be_kept_is_given_all_the_same(
    scripted_app: MakeApp, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    app = scripted_app()
    with serving(app) as client:
        conversation = made(client)
        with app.state.service.shelf.use("default") as opened:
            kept = opened.conversations

            def ask(question: str) -> Iterator[Event]:
                if fault == "removed":
                    kept.remove(conversation)
                else:
                    with kept._file.writing() as connection:
                        connection.exec_driver_sql("ALTER TABLE turns RENAME TO elsewhere")
                yield from plain_script(question)

            app.state.build.ask = ask
            response = client.post("/ask", json={"question": "Who?", "conversation_id": conversation})
    assert response.status_code == 200
    assert response.json()["answer"] == "Yes."
    assert any("was not kept" in record.getMessage() for record in caplog.records) == (fault == "disk")
