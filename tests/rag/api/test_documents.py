from __future__ import annotations

import io
from typing import Any
from urllib.parse import unquote

import numpy as np
import numpy.typing as npt
import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from rag.api import pages
from rag.api.pages import MARKER
from rag.pdfium import PDFIUM_LOCK
from tests.rag.api.conftest import Service, problem

HTML = b"<html><title>T</title><script>alert(1)</script><p>The harbour opens at seven in the morning.</p></html>"
CHINESE = "年度报告\n\n北京分公司的收入为三亿元。🙂 上海分公司的收入为两亿元。\n"


def pdf_of(*pages: str, rotation: int = 0, crop: tuple[int, int, int, int] | None = None) -> bytes:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(300, 200), cropBox=crop)
    for text in pages:
        canvas.setPageRotation(rotation)
        canvas.drawString(40, 150, text)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


PDF = pdf_of("The lighthouse was built in 1871.", "Its keeper was named Ada Winter.")


def get(client: TestClient, path: str, **options: Any) -> Any:
    return client.get(path, **options)


def pixels(png: bytes) -> npt.NDArray[np.uint8]:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def test_documents_are_listed_a_page_at_a_time(service: Service) -> None:
    wanted = set(service.ingest(*[(f"{n}.txt", f"Document number {n} speaks of {n}.".encode()) for n in range(5)]))
    seen: list[str] = []
    after: str | None = None
    while True:
        page = get(service.client, "/documents", params={"limit": 2} | ({"after": after} if after else {})).json()
        assert len(page["documents"]) <= 2
        seen += [row["document_id"] for row in page["documents"]]
        after = page["next"]
        if after is None:
            break
    assert len(seen) == 5
    assert set(seen) == wanted


def test_the_text_is_the_canonical_one_to_which_spans_point(service: Service) -> None:
    service.ingest(("报告.txt", CHINESE.replace("🙂", "").encode("gb18030")), ("emoji.txt", CHINESE.encode()))
    found = service.client.post("/search", json={"query": "上海分公司的收入"}).json()["passages"]
    assert found
    for passage in found:
        response = get(service.client, f"/documents/{passage['document_id']}/text")
        assert response.headers["content-type"] == "text/plain; charset=utf-8"
        assert response.content.decode()[passage["start"] : passage["end"]] == passage["text"]


def test_an_original_is_saved_and_never_shown(service: Service) -> None:
    [document_id] = service.ingest(("报告 “x”.html", HTML))
    response = get(service.client, f"/documents/{document_id}/original")
    assert response.content == HTML
    assert response.headers["content-type"] == "application/octet-stream"
    assert response.headers["content-disposition"].startswith("attachment;")
    assert "报告" in unquote(response.headers["content-disposition"])
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in response.headers["content-security-policy"]


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("crop", [None, (20, 100, 260, 190)])
def test_the_quoted_line_is_marked_where_it_is_printed(
    service: Service, rotation: int, crop: tuple[int, int, int, int] | None
) -> None:
    [document_id] = service.ingest(
        ("light.pdf", pdf_of("The lighthouse was built in 1871.", rotation=rotation, crop=crop))
    )
    start = get(service.client, f"/documents/{document_id}/text").text.index("1871")
    path, highlight = f"/documents/{document_id}/pages/1.png", f"{start}-{start + 4}"
    plain = pixels(get(service.client, path).content)
    marked = pixels(get(service.client, path, params={"highlight": highlight}).content)
    assert plain.shape == marked.shape
    changed = (plain != marked).any(axis=2)
    rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
    box = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    assert (marked[box].max(axis=(0, 1)) == MARKER).all(), "the mark is one rectangle of one colour"
    printed = plain.min(axis=2) < 128
    assert printed[box].sum() == printed.sum() > 0, "the whole line stands under the mark"
    assert (marked[printed] <= plain[printed]).all(), "the print shows through"
    assert changed.mean() < 0.3


def test_a_span_of_another_page_marks_nothing_here(service: Service) -> None:
    [document_id] = service.ingest(("light.pdf", PDF))
    text = get(service.client, f"/documents/{document_id}/text").text
    start = text.index("Ada")
    path = f"/documents/{document_id}/pages/1.png"
    assert (
        get(service.client, path, params={"highlight": f"{start}-{start + 3}"}).content
        == get(service.client, path).content
    )
    where = get(service.client, f"/documents/{document_id}/boxes", params={"start": start, "end": start + 3}).json()
    assert where["page"] == 2


def test_a_picture_is_not_sent_twice_nor_after_its_document_is_gone(service: Service) -> None:
    [document_id] = service.ingest(("light.pdf", PDF))
    path = f"/documents/{document_id}/pages/2.png"
    first = get(service.client, path)
    again = get(service.client, path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert get(service.client, path, params={"highlight": "0-3"}).headers["etag"] == first.headers["etag"]
    service.client.delete(f"/documents/{document_id}")
    problem(get(service.client, path, headers={"If-None-Match": first.headers["etag"]}), 404)


def test_a_page_that_is_not_there_is_not_found(service: Service) -> None:
    [document_id] = service.ingest(("light.pdf", PDF))
    for page in ("0", "3", "-1", str(2**64), "9" * 400):
        problem(get(service.client, f"/documents/{document_id}/pages/{page}.png"), 404)


def test_a_text_has_no_pages(service: Service) -> None:
    [document_id] = service.ingest(("a.txt", b"Plain text has no pages at all."))
    told = problem(get(service.client, f"/documents/{document_id}/pages/1.png"), 404)
    assert "/text" in told.hint


def test_a_highlight_that_is_no_span_of_the_text_is_refused(service: Service) -> None:
    [document_id] = service.ingest(("light.pdf", PDF))
    backwards, beyond = ["9-3", "5-5"], ["0-999999", "0-" + "9" * 5000]
    for highlight in ["", "5", "5-", "-5", "a-b", "٣-٥", "0-3\n", "0--3", "1e3-2e3", *backwards, *beyond]:
        problem(get(service.client, f"/documents/{document_id}/pages/1.png", params={"highlight": highlight}), 422)


def test_a_removed_document_is_gone_from_answers_too(service: Service) -> None:
    [document_id] = service.ingest(("light.pdf", PDF))
    question = {"question": "When was the lighthouse built?"}
    assert service.client.post("/ask", json=question).json()["citations"]
    assert service.client.delete(f"/documents/{document_id}").status_code == 204
    answer = service.client.post("/ask", json=question).json()
    assert (answer["refused"], answer["reason"], answer["passages"]) == (True, "empty_library", [])
    for path in ("", "/text", "/original", "/pages/1.png", "/boxes?start=0&end=1"):
        problem(get(service.client, f"/documents/{document_id}{path}"), 404)
    problem(service.client.delete(f"/documents/{document_id}"), 404)


def test_search_finds_what_an_answer_would_rest_on(service: Service) -> None:
    [lighthouse, harbour] = service.ingest(("light.pdf", PDF), ("harbour.html", HTML))
    found = service.client.post("/search", json={"query": "lighthouse keeper", "k": 5}).json()
    assert found["passages"][0]["document_id"] == lighthouse
    only = {"query": "lighthouse keeper", "filters": {"document_ids": [harbour]}}
    assert {p["document_id"] for p in service.client.post("/search", json=only).json()["passages"]} <= {harbour}


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    document_id=st.text(min_size=1, max_size=40)
    | st.sampled_from(
        ["../default", "..%2f..%2fetc%2fpasswd", "%00", "文档🙂", "a\nb", "'; drop table documents; --", "*"]
    ),
    tail=st.sampled_from(["", "/text", "/original", "/pages/1.png", "/pages/x.png", "/boxes?start=0&end=9"]),
)
def test_no_id_reaches_what_is_not_a_document(service: Service, document_id: str, tail: str) -> None:
    quoted = "".join(f"%{byte:02X}" for byte in document_id.encode("utf-8", "surrogatepass"))
    for method in ("GET", "DELETE"):
        response: Any = service.client.request(method, f"/documents/{quoted}{tail}")
        assert response.status_code in (404, 405, 422), (document_id, response.text)
        assert response.headers["content-type"] == "application/problem+json"


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    collection=st.text(max_size=70)
    | st.sampled_from(["..", "../default", "/etc", "DEFAULT", "models", ".removed-x", "a" * 65])
)
def test_no_collection_name_climbs_out_of_the_data_folder(service: Service, collection: str) -> None:
    before = sorted(path.name for path in service.settings.data.iterdir()) if service.settings.data.exists() else []
    for path in ("/documents", "/jobs", "/documents/x/text"):
        response: Any = service.client.get(path, params={"collection": collection})
        assert response.status_code in (404, 422), response.text
    after = sorted(path.name for path in service.settings.data.iterdir()) if service.settings.data.exists() else []
    assert before == after


def test_a_page_that_takes_long_does_not_hold_those_who_wait_for_ever(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    [document_id] = service.ingest(("light.pdf", PDF))
    monkeypatch.setattr(pages, "PATIENCE_SECONDS", 0.01)
    with PDFIUM_LOCK:
        refused = get(service.client, f"/documents/{document_id}/pages/1.png")
    problem(refused, 503)
    assert int(refused.headers["retry-after"]) > 0


def test_an_original_that_pdfium_cannot_draw_is_a_problem(service: Service) -> None:
    [document_id] = service.ingest(("light.pdf", PDF))
    for original in (service.settings.data / "default" / "originals").iterdir():
        original.write_bytes(b"%PDF-1.7 broken on the disk")
    problem(get(service.client, f"/documents/{document_id}/pages/1.png"), 422)


def test_a_search_tells_its_stages_where_it_is_asked_to(service: Service) -> None:
    service.ingest(("light.pdf", PDF), ("harbour.html", HTML))
    asked = {"query": "And who kept it?", "history": ["Where is Skerry Lighthouse?"], "k": 3}
    plainly = service.client.post("/search", json=asked).json()
    assert (plainly["steps"], plainly["queries"], plainly["ranks"]) == (None, None, None)
    assert plainly["searched_for"] == "Who kept Skerry Lighthouse?"
    told = service.client.post("/search", json={**asked, "explain": True}).json()
    assert {"follow_up", "parts", "search", "widen"} <= {step["stage"] for step in told["steps"]}
    assert told["queries"][0]["origin"] == "follow_up"
    assert len(told["ranks"]) == len(told["passages"])


def test_an_answer_to_a_follow_up_says_what_was_searched_for(service: Service) -> None:
    service.ingest(("light.pdf", PDF))
    asked = {"question": "And who kept it?", "history": ["Where is Skerry Lighthouse?"]}
    answer = service.client.post("/ask", json=asked).json()
    assert answer["question"] == "And who kept it?"
    assert answer["searched_for"] == "Who kept Skerry Lighthouse?"
    assert {"follow_up", "search", "retrieve", "total"} <= set(answer["timings_ms"])
    assert service.client.post("/ask", json={"question": "Who kept the lighthouse?"}).json()["searched_for"] is None
