"""Of a masked document the service has the text, and neither the file nor pictures of its pages."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.config import IngestSettings, Settings
from tests.rag.api.conftest import Service, problem
from tests.rag.api.test_documents import pdf_of

NUMBER = "13800138000"
PDF = pdf_of(f"Call the keeper on {NUMBER} before seven in the morning.", "His name was Ada Winter.")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data", ingest=IngestSettings(privacy="mask"))


def originals(settings: Settings) -> list[Path]:
    folder = settings.data / "default" / "originals"
    return list(folder.iterdir()) if folder.is_dir() else []


def test_its_file_and_its_pages_are_not_found_and_the_hint_says_why(service: Service) -> None:
    [document_id] = service.ingest(("keeper.pdf", PDF))
    for path in ("original", "pages/1.png", "pages/2.png?highlight=0-4"):
        told = problem(service.client.get(f"/documents/{document_id}/{path}"), 404)
        assert "masked" in told.detail
        assert "/text" in told.hint
    text = service.client.get(f"/documents/{document_id}/text").text
    assert "Call the keeper on [PHONE-1] before" in text
    shown = service.client.get(f"/documents/{document_id}").json()
    assert shown["metadata"]["masked"] is True
    assert shown["metadata"]["personal"] == {"phone": 1}
    assert shown["pages"] == 2


def test_it_is_found_and_cited_by_what_is_left(service: Service) -> None:
    [document_id] = service.ingest(("keeper.pdf", PDF))
    [first, *_] = service.client.post("/search", json={"query": "call the keeper"}).json()["passages"]
    assert first["document_id"] == document_id
    assert NUMBER not in first["text"]
    boxes = service.client.get(f"/documents/{document_id}/boxes", params={"start": 0, "end": 10}).json()
    assert boxes["page"] == 1


def test_the_upload_is_kept_until_its_job_ends_and_no_longer(service: Service, settings: Settings) -> None:
    service.upload(("keeper.pdf", PDF), ("broken.pdf", b"%PDF-1.4 " + NUMBER.encode()))
    assert len(originals(settings)) == 2
    assert service.worker.run_one()
    assert originals(settings) == []


def test_the_upload_of_a_cancelled_job_goes_at_once(service: Service, settings: Settings) -> None:
    job = service.upload(("keeper.pdf", PDF))
    assert len(originals(settings)) == 1
    assert service.client.delete(f"/jobs/{job['id']}").status_code == 200
    assert originals(settings) == []


def test_the_same_file_uploaded_twice_waits_for_the_second_job(service: Service, settings: Settings) -> None:
    service.upload(("keeper.pdf", PDF))
    second = service.upload(("again.pdf", PDF))
    assert service.worker.run_one()
    assert len(originals(settings)) == 1
    assert service.worker.run_one()
    assert originals(settings) == []
    [row] = service.client.get(f"/jobs/{second['id']}").json()["report"]["files"]
    assert row["outcome"] == "duplicate"
