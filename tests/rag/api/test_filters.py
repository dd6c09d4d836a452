from __future__ import annotations

from typing import Any

import pytest

from tests.rag.api.conftest import Service, problem

FILES = (
    ("leave.md", b"# Leave\n\nEverybody has thirty days of leave a year."),
    ("canteen.txt", b"The canteen serves lunch at noon, and leave the trays at the door."),
    ("休假.md", "# 休假\n\n员工每年有十五天年假。请假须提前三天申请。\n".encode()),
)


def sources(service: Service, filters: dict[str, Any], query: str = "leave 年假") -> set[str]:
    found = service.client.post("/search", json={"query": query, "filters": filters})
    assert found.status_code == 200, found.text
    return {passage["source"] for passage in found.json()["passages"]}


def test_search_and_ask_look_only_where_they_are_told_to(service: Service) -> None:
    service.ingest(*FILES)
    assert sources(service, {"types": ["markdown"]}) == {"leave.md", "休假.md"}
    assert sources(service, {"types": ["text/*"], "languages": ["zh"]}) == {"休假.md"}
    assert sources(service, {"sources": ["*.txt", "LEAVE.md"]}) == {"leave.md", "canteen.txt"}
    assert sources(service, {"after": "1990-01-01"}) == set(), "an upload has no date"
    question = {"question": "How many days of leave are there?", "filters": {"sources": ["leave.md"]}}
    answer = service.client.post("/ask", json=question).json()
    assert {passage["source"] for passage in answer["passages"]} == {"leave.md"}


def test_documents_are_tagged_on_the_way_in_and_later(service: Service) -> None:
    parts: list[tuple[str, Any]] = [("tags", (None, "policy")), ("files", FILES[0]), ("tags", (None, "人事"))]
    job = service.client.post("/documents", files=parts).json()["job"]
    assert job["tags"] == ["policy", "人事"]
    assert service.worker.run_one()
    service.ingest(*FILES[1:])
    [leave] = [row for row in service.client.get("/documents").json()["documents"] if row["source"] == "leave.md"]
    assert leave["tags"] == ["policy", "人事"]
    assert sources(service, {"tags": ["Policy"]}) == {"leave.md"}
    changed = service.client.patch(f"/documents/{leave['document_id']}", json={"tags": ["draft"]})
    assert changed.json()["tags"] == ["draft"]
    assert sources(service, {"tags": ["policy"]}) == set()
    service.ingest(("leave.md", b"# Leave\n\nEverybody has forty days of leave a year."))
    assert sources(service, {"tags": ["draft"]}) == {"leave.md"}


def test_a_folders_documents_are_tagged(service: Service) -> None:
    [root] = service.settings.server.ingest_roots
    (root / "leave.md").write_bytes(FILES[0][1])
    for tags in (["policy"], ["2024"]):  # the second time the file is there already, unchanged
        job = service.client.post("/jobs", json={"paths": [str(root)], "tags": tags})
        assert job.status_code == 202, job.text
        while service.worker.run_one():
            pass
    [row] = service.client.get("/documents").json()["documents"]
    assert row["tags"] == ["2024", "policy"]


def test_facets_say_what_can_be_filtered_by(service: Service) -> None:
    service.client.post("/documents", files=[("files", FILES[0]), ("tags", (None, "policy"))])
    assert service.worker.run_one()
    service.ingest(*FILES[1:])
    facets = service.client.get("/facets").json()
    assert facets["documents"] == 3
    assert facets["types"] == [{"value": "markdown", "documents": 2}, {"value": "text", "documents": 1}]
    assert facets["tags"] == [{"value": "policy", "documents": 1}]
    assert {row["value"] for row in facets["languages"]} == {"en", "zh"}
    assert (facets["sources"], facets["first"], facets["last"]) == ([], None, None)
    problem(service.client.get("/facets", params={"collection": "none"}), 404)


@pytest.mark.parametrize(
    ("filters", "words"),
    [
        ({"types": ["wrod"]}, "known are pdf"),
        ({"sources": ["a[b"]}, "wildcards"),
        ({"languages": ["chinese"]}, "ISO 639-1"),
        ({"after": "2024-05-31", "before": "2024-05-30"}, "both ends"),
        ({"after": "yesterday"}, "openapi"),
        ({"tags": []}, "openapi"),
        ({"size": 3}, "openapi"),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_a_filter_that_can_mean_nothing_is_a_problem_with_a_hint(
    service: Service, filters: dict[str, Any], words: str, stream: bool
) -> None:
    asked = service.client.post("/ask", json={"question": "Why?", "filters": filters, "stream": stream})
    assert words in problem(asked, 422).hint
    assert words in problem(service.client.post("/search", json={"query": "why", "filters": filters}), 422).hint


@pytest.mark.parametrize("tag", ["", " ", "x" * 101, "x" * 2000])
def test_what_cannot_be_a_tag_is_a_problem(service: Service, tag: str) -> None:
    problem(service.client.post("/documents", files=[("files", FILES[0]), ("tags", (None, tag))]), 422)
    [document_id] = service.ingest(FILES[0])
    problem(service.client.patch(f"/documents/{document_id}", json={"tags": [tag]}), 422)
    problem(service.client.patch("/documents/nobody", json={"tags": ["fine"]}), 404)
