from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from rag.api.jobs import readable
from rag.api.problems import Problem
from rag.errors import InvalidRequest, NotFound
from tests.rag.api.conftest import HashBuild, Service, problem, serving

JSON = {"Content-Type": "application/json"}


def test_an_upload_becomes_a_job_whose_place_is_told(service: Service) -> None:
    response: Any = service.client.post("/documents", files=[("files", ("年报🙂.txt", "收入为三亿元。".encode()))])
    assert response.status_code == 202
    job = response.json()["job"]
    assert (job["kind"], job["state"], job["sources"]) == ("upload", "queued", ["年报🙂.txt"])
    assert service.client.get(response.headers["location"]).json() == job
    assert service.worker.run_one()
    done = service.client.get(response.headers["location"]).json()
    assert done["state"] == "done"
    [row] = done["report"]["files"]
    shown = service.client.get(f"/documents/{row['document_id']}").json()
    assert (row["outcome"], shown["source"]) == ("indexed", "年报🙂.txt")


def test_an_empty_file_is_taken_and_its_row_says_what_became_of_it(service: Service) -> None:
    job = service.upload(("empty.txt", b""), ("full.txt", b"The ferry leaves at noon."))
    service.worker.run_one()
    report = service.client.get(f"/jobs/{job['id']}").json()["report"]
    assert report["discovered"] == 2
    assert [row["path"] for row in report["files"]] == ["empty.txt", "full.txt"]
    assert report["files"][0]["outcome"] in ("failed", "skipped")


def test_a_changed_file_of_the_same_name_takes_the_place_of_the_former(service: Service) -> None:
    service.ingest(("rates.txt", b"The rate is five percent."))
    service.ingest(("rates.txt", b"The rate is seven percent."))
    [row] = service.client.get("/documents").json()["documents"]
    assert row["version"] == 2
    answer = service.client.post("/ask", json={"question": "What is the rate?"}).json()
    assert "seven" in answer["answer"]
    assert "five" not in str(answer)


def test_an_upload_past_the_limit_is_refused_and_leaves_nothing(service: Service) -> None:
    big = [("files", ("small.txt", b"x")), ("files", ("big.txt", b"x" * 1_000_001))]
    told = problem(service.client.post("/documents", files=big), 413)
    assert "max_upload_mb" in told.hint
    assert service.client.get("/jobs").json() == {"jobs": []}
    folder = service.settings.data / "default"
    assert not list(folder.glob("originals/*"))


def test_a_real_server_cuts_an_upload_past_the_limit_off(service: Service) -> None:
    from rag.api import create_app

    with serving(create_app(service.settings, build=HashBuild())) as client:
        try:
            status = client.post("/documents", files={"files": ("big.txt", b"x" * 30_000_000)}).status_code
        except httpx.TransportError:
            status = 413  # closed on us while we were still sending, as it may be
        assert status == 413
        assert client.get("/jobs").json() == {"jobs": []}


def test_an_upload_to_no_collection_is_not_found(service: Service) -> None:
    sent = {"files": ("a.txt", b"x")}
    problem(service.client.post("/documents", params={"collection": "nowhere"}, files=sent), 404)
    problem(service.client.post("/documents", params={"collection": "../up"}, files=sent), 422)
    problem(service.client.post("/documents"), 422)
    problem(service.client.post("/documents", json={"files": []}), 422)


def test_a_waiting_job_can_be_cancelled_once(service: Service) -> None:
    job = service.upload(("a.txt", b"Never read."))
    assert service.client.delete(f"/jobs/{job['id']}").json()["state"] == "cancelled"
    problem(service.client.delete(f"/jobs/{job['id']}"), 409)
    assert not service.worker.run_one()


@pytest.mark.parametrize("job_id", ["none", "%00", "..%2f..", "文", "' or 1=1", "\U0001f642"])
def test_a_job_that_is_not_there_is_not_found(client: TestClient, job_id: str) -> None:
    for method in ("GET", "DELETE"):
        problem(client.request(method, f"/jobs/{job_id}"), 404)


def test_jobs_are_listed_newest_first(service: Service) -> None:
    jobs = [service.upload((f"{n}.txt", b"x")) for n in range(3)]
    listed = service.client.get("/jobs", params={"limit": 2}).json()["jobs"]
    assert [job["id"] for job in listed] == [jobs[2]["id"], jobs[1]["id"]]
    problem(service.client.get("/jobs", params={"limit": "0"}), 422)


def test_a_folder_the_server_may_read_is_read(service: Service) -> None:
    [root] = service.settings.server.ingest_roots
    (root / "tide.txt").write_text("High tide is at six in the evening.")
    response = service.client.post("/jobs", json={"paths": [str(root)]})
    assert response.status_code == 202
    assert service.worker.run_one()
    done = service.client.get(response.headers["location"]).json()
    assert (done["state"], done["report"]["indexed"], done["sources"]) == ("done", 1, [str(root)])


def test_a_folder_the_server_may_not_read_is_refused(service: Service, tmp_path: Path) -> None:
    for path in ("/etc", str(tmp_path), str(tmp_path / "readable" / ".." / "data"), str(tmp_path / "readable-not")):
        problem(service.client.post("/jobs", json={"paths": [path]}), 403)
    problem(service.client.post("/jobs", json={"paths": [str(tmp_path / "readable" / "none")]}), 404)
    for path in ("relative", "", "\x00", "\ud800"):
        response = service.client.post("/jobs", content=json.dumps({"paths": [path]}), headers=JSON)
        assert response.status_code == 422, path


def test_no_link_leads_out_of_the_folders_that_may_be_read(tmp_path: Path) -> None:
    root, secret = tmp_path / "root", tmp_path / "secret"
    root.mkdir()
    secret.mkdir()
    (root / "in").mkdir()
    (root / "out").symlink_to(secret)
    (root / "home").symlink_to(root / "in")
    (root / "loop").symlink_to(root / "loop")
    assert readable([str(root / "home")], [root]) == [root / "in"]
    for name in ("out", "out/deeper", "in/../out"):
        with pytest.raises(Problem, match="outside"):
            readable([str(root / name)], [root])
    with pytest.raises((InvalidRequest, NotFound)):
        readable([str(root / "loop")], [root])


def test_without_roots_no_folder_is_read(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="no folders"):
        readable([str(tmp_path)], [])
