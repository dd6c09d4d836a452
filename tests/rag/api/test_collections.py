from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from rag.api import create_app
from rag.api.shelf import Shelf
from rag.config import Settings
from rag.errors import ModelNotFound, NotFound
from rag.library.collections import remove_collection
from rag.library.library import Library
from tests.fakes import HashEmbedder
from tests.rag.api.conftest import HashBuild, Service, problem

QUESTION = {"question": "When does the ferry leave?"}
FERRY = ("ferry.txt", b"The ferry leaves at noon.")


def test_the_default_collection_is_there_from_the_beginning(client: TestClient) -> None:
    [row] = client.get("/collections").json()["collections"]
    assert (row["name"], row["documents"], row["embedder"], row["problem"]) == ("default", 0, "hash", None)
    assert row["created_at"]


def test_a_collection_is_made_once_and_answers_for_itself(service: Service) -> None:
    made = service.client.post("/collections", json={"name": "harbour"})
    assert made.status_code == 201
    assert service.client.get(made.headers["location"]).json() == made.json()
    problem(service.client.post("/collections", json={"name": "harbour"}), 409)
    problem(service.client.post("/collections", json={"name": "default"}), 409)
    service.ingest(FERRY, collection="harbour")
    assert service.client.post("/ask", json={**QUESTION, "collection": "harbour"}).json()["citations"]
    assert service.client.post("/ask", json=QUESTION).json()["reason"] == "empty_library"


@pytest.mark.parametrize("name", ["", "..", "a/b", "Upper", "文档", "🙂", "models", "-x", "x" * 65, "a\nb", "a\x00"])
def test_a_name_that_cannot_be_a_folder_is_refused(client: TestClient, name: str) -> None:
    assert problem(client.post("/collections", json={"name": name}), 422).hint


def test_a_removed_collection_is_gone_and_can_be_made_anew(service: Service) -> None:
    service.client.post("/collections", json={"name": "harbour"})
    service.ingest(FERRY, collection="harbour")
    assert service.client.delete("/collections/harbour").status_code == 204
    body = {**QUESTION, "collection": "harbour"}
    problem(service.client.post("/ask", json=body), 404)
    problem(service.client.delete("/collections/harbour"), 404)
    problem(service.client.get("/collections/harbour"), 404)
    service.client.post("/collections", json={"name": "harbour"})
    assert service.client.post("/ask", json=body).json()["reason"] == "empty_library"


def test_what_another_process_removes_and_makes_anew_is_noticed(service: Service) -> None:
    service.ingest(FERRY)
    assert service.client.post("/ask", json=QUESTION).json()["citations"]
    remove_collection(service.settings.data, "default")
    assert service.client.post("/ask", json=QUESTION).json()["reason"] == "empty_library"
    service.ingest(FERRY)
    assert service.client.post("/ask", json=QUESTION).json()["citations"]


def test_a_collection_that_is_being_written_is_not_removed(service: Service) -> None:
    service.ingest(FERRY)
    [row] = service.client.get("/documents").json()["documents"]
    embedder = HashEmbedder()
    with HashBuild().open_library(service.settings, embedder=embedder) as library, library.lease():
        refused: Any = service.client.delete("/collections/default")
        assert int(refused.headers["retry-after"]) > 0
        problem(refused, 503)
    assert service.client.get(f"/documents/{row['document_id']}").status_code == 200


def test_one_collection_that_cannot_be_opened_does_not_hide_the_others(settings: Settings) -> None:
    class Other(HashBuild):
        def __init__(self) -> None:
            self.embedder = HashEmbedder(32)

    from ingest.worker import Worker

    with TestClient(create_app(settings, build=HashBuild()), base_url="http://localhost") as client:
        client.post("/collections", json={"name": "old"})
        with Worker(settings, HashEmbedder(), threading.Event()) as worker:
            Service(settings, client, client.app, worker).ingest(FERRY, collection="old")  # type: ignore[arg-type]
    with TestClient(create_app(settings, build=Other()), base_url="http://localhost") as client:
        rows = {row["name"]: row for row in client.get("/collections").json()["collections"]}
        assert rows["default"]["problem"] is None
        assert "old" in rows["old"]["problem"]
        told = problem(client.post("/ask", json={**QUESTION, "collection": "old"}), 503)
        assert "rebuild" in told.hint
        assert client.get("/readyz").status_code == 200


def test_the_service_is_ready_once_the_default_collection_opens(client: TestClient) -> None:
    assert client.get("/healthz").json()["status"] == "alive"
    assert client.get("/readyz").json()["status"] == "ready"


def test_a_service_without_its_weights_lives_but_is_not_ready_and_says_why(settings: Settings) -> None:
    class Missing(HashBuild):
        def build_embedder(self, settings: Settings) -> HashEmbedder:
            raise ModelNotFound("no weights in data/models", hint="run `footnote models fetch`")

    with TestClient(create_app(settings, build=Missing()), base_url="http://localhost") as client:
        assert client.get("/healthz").status_code == 200
        told = problem(client.get("/readyz"), 503)
        assert (told.title, told.hint) == ("Model not found", "run `footnote models fetch`")
        problem(client.post("/ask", json=QUESTION), 503)


@pytest.fixture
def shelf(settings: Settings) -> Iterator[Shelf]:
    shelf = Shelf(settings, HashBuild())
    yield shelf
    shelf.close()


def test_a_collection_is_opened_once_for_all_who_ask_at_the_same_time(settings: Settings) -> None:
    opened: list[Library] = []

    class Counting(HashBuild):
        def open_library(self, *arguments: Any, **options: Any) -> Library:
            opened.append(HashBuild.open_library(*arguments, **options))
            return opened[-1]

    shelf = Shelf(settings, Counting())
    together = threading.Barrier(4)

    def ask(_: int) -> Library:
        together.wait()
        with shelf.use("default") as place:
            return place.library

    with ThreadPoolExecutor(4) as threads:
        assert len(set(map(id, threads.map(ask, range(4))))) == 1
    assert len(opened) == 1
    shelf.close()


def test_a_collection_removed_under_a_question_stays_open_until_it_is_answered(shelf: Shelf) -> None:
    with shelf.use("default") as opened:
        shelf.remove("default")
        assert opened.library.documents(limit=1) == []
        assert not shelf.folder("default").exists()


def test_a_closed_shelf_opens_nothing_more(shelf: Shelf, tmp_path: Path) -> None:
    shelf.close()
    with pytest.raises(NotFound), shelf.use("default"):
        pass
