"""The page over a canned API: what a rerun, a hostile title and a dead API do to it."""

from __future__ import annotations

import re
import threading
from datetime import date

import pytest
from playwright.sync_api import FilePayload, expect

from rag.wire import FacetOut, FacetsOut, ProblemOut
from tests.e2e.conftest import Visitor
from tests.ui.fake_api import FakeApi, document

pytestmark = pytest.mark.e2e

HOSTILE = '<script>window.hacked=1</script><img src=x onerror="window.hacked=1"> ![x](https://example.com/x.png)'
QUESTION = "When are lost badges reported?"
SENTENCE = "Lost badges are reported to the front desk within one day."


def stock(api: FakeApi) -> None:
    api.add(document("badges", "Badges"), f"About badges.\n\n{SENTENCE}\n")
    api.answers[QUESTION] = [(SENTENCE, "badges", SENTENCE)]


def test_a_click_while_an_answer_is_written_neither_stops_nor_repeats_it(
    canned: FakeApi, canned_page: str, english: Visitor
) -> None:
    stock(canned)
    go_on = threading.Semaphore(6)  # so many pieces come at once; the rest when they are let through

    def pause() -> None:
        assert go_on.acquire(timeout=60)

    canned.between_events = pause
    page = english.page
    page.goto(canned_page)
    english.ask(QUESTION)
    expect(page.locator(".fn-answer")).to_contain_text("Lost badges")
    expect(page.locator("button.mark")).to_have_count(0)
    english.picture("page-1-streaming")

    page.get_by_role("radio", name="中文").click()  # any widget: the page runs again from its top
    expect(page.get_by_role("button", name="停止")).to_be_visible()
    go_on.release(1000)
    expect(page.locator("button.mark")).to_have_count(1)
    expect(page.locator(".text")).to_contain_text(SENTENCE)
    page.locator("button.mark").click()
    expect(page.locator("section mark")).to_have_text(SENTENCE)
    page.get_by_role("button", name="关闭").click()
    expect(page.locator("section .scroll")).to_have_count(0)
    expect(page.locator(".text")).to_contain_text(SENTENCE)
    assert canned.asked == [QUESTION]


def test_a_question_goes_to_the_documents_that_were_chosen(canned: FakeApi, canned_page: str, chinese: Visitor) -> None:
    stock(canned)
    folders = [FacetOut(value="hr/", documents=2), FacetOut(value="政策/", documents=1)]
    types = [FacetOut(value="pdf", documents=2), FacetOut(value="markdown", documents=1)]
    tags = [FacetOut(value="policy", documents=1)]
    canned.facets = FacetsOut(
        documents=3,
        types=types,
        languages=[],
        tags=tags,
        sources=folders,
        first=date(2024, 1, 1),
        last=date(2024, 12, 31),
    )
    page = chinese.page
    page.goto(canned_page)
    page.get_by_role("button", name="限定文档").click()
    page.get_by_label("文件夹").click()
    page.get_by_role("option", name="政策/ (1)").click()
    chinese.picture("page-filters")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    chinese.ask_and_wait(QUESTION)
    chinese.picture("page-filtered")
    assert canned.filters == [{"sources": ["政策/"]}]


def test_a_list_stands_on_lines_of_its_own_with_a_mark_after_each_item(
    canned: FakeApi, canned_page: str, chinese: Visitor
) -> None:
    items = ["上报遗失有两个步骤：", "- 打电话给前台。", "- 填写遗失单。"]
    canned.add(document("badges", "门禁卡"), "\n".join(items))
    canned.answers["怎样上报遗失？"] = [(item, "badges", item) for item in items]
    page = chinese.page
    page.goto(canned_page)
    chinese.ask_and_wait("怎样上报遗失？")
    expect(page.locator(".text p")).to_have_count(3)
    expect(page.locator(".text p.item")).to_have_count(2)
    tops = [mark.bounding_box() for mark in page.locator(".text button.mark").all()]
    assert len({round(box["y"]) for box in tops if box is not None}) == 3
    expect(page.locator("ol.notes[aria-label] .title")).to_have_count(1)  # said once for all three
    chinese.picture("page-7-list")


def test_an_answer_can_be_stopped_and_asked_again(canned: FakeApi, canned_page: str, english: Visitor) -> None:
    stock(canned)
    go_on = threading.Semaphore(5)

    def pause() -> None:
        assert go_on.acquire(timeout=60)

    canned.between_events = pause
    page = english.page
    page.goto(canned_page)
    english.ask(QUESTION)
    expect(page.locator(".fn-answer")).to_contain_text("Lost")
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Stopped.")).to_be_visible()
    go_on.release(1000)
    page.get_by_role("button", name="Ask again").click()
    expect(page.locator("button.mark")).to_have_count(1)
    assert canned.asked == [QUESTION, QUESTION]


def test_hostile_titles_names_and_quotes_are_text_everywhere(
    canned: FakeApi, canned_page: str, english: Visitor
) -> None:
    canned.add(document("evil", HOSTILE, source=HOSTILE), f"{HOSTILE}\n")
    canned.answers[HOSTILE] = [(HOSTILE, "evil", HOSTILE)]
    page = english.page
    page.goto(canned_page)
    english.ask_and_wait(HOSTILE)
    expect(page.locator(".fn-question")).to_have_text(HOSTILE)
    page.locator("button.mark").click()
    expect(page.locator("section mark")).to_have_text(HOSTILE)
    page.get_by_role("link", name="Documents").click()
    expect(page.locator("td button.name")).to_have_text(HOSTILE)
    page.locator(".acts button").click()
    expect(page.get_by_role("dialog")).to_contain_text(HOSTILE)
    english.picture("page-2-hostile")
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_text("Removed “<script>")).to_be_visible()
    assert page.evaluate("window.hacked") is None
    assert not english.elsewhere
    assert not english.broken


def test_a_file_that_is_uploaded_is_watched_until_its_row_says_what_became_of_it(
    canned: FakeApi, canned_page: str, english: Visitor
) -> None:
    page = english.page
    page.goto(f"{canned_page}/documents")
    expect(page.get_by_text("No documents yet")).to_be_visible()
    english.picture("page-3-no-documents")
    payload = FilePayload(name="说明<b>.txt", mimeType="text/plain", buffer=b"hello")
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(payload)
    page.get_by_test_id("stBaseButton-primary").click()
    expect(page.locator(".job[data-state=running]")).to_be_visible()
    expect(page.locator(".job[data-state=done]")).to_be_visible()
    expect(page.locator(".job tbody tr")).to_contain_text("说明<b>.txt")
    expect(page.locator("table.documents tbody tr")).to_have_count(1)
    page.get_by_role("button", name="Dismiss").click()
    expect(page.locator(".job")).to_have_count(0)


def test_a_page_whose_api_has_gone_says_what_to_do_and_keeps_the_answers(
    canned: FakeApi, canned_page: str, english: Visitor
) -> None:
    stock(canned)
    page = english.page
    page.goto(canned_page)
    english.ask_and_wait(QUESTION)
    canned.problem = ProblemOut(
        type="urn:x", title="Library mismatch", status=503, detail="built by another <embedder>", hint="rebuild it"
    )
    page.get_by_role("link", name="Documents").click()
    expect(page.locator(".fn-notice")).to_contain_text("built by another <embedder>")
    expect(page.locator(".fn-notice")).to_contain_text("rebuild it")
    canned.close()
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".fn-notice")).to_contain_text("footnote up")
    expect(page.locator(".text")).to_contain_text(SENTENCE)
    english.picture("page-4-api-down")


def test_a_narrow_page_shows_the_source_over_the_answer(canned: FakeApi, canned_page: str, chinese: Visitor) -> None:
    stock(canned)
    canned.add(document("plan", "Floor plan", pages=3), f"A floor plan.\n\n{SENTENCE}\n")
    canned.answers[QUESTION] = [(SENTENCE, "plan", SENTENCE)]
    page = chinese.page
    page.set_viewport_size({"width": 420, "height": 860})
    page.goto(canned_page)
    chinese.ask_and_wait(QUESTION)
    chinese.picture("page-5-narrow")
    page.locator("button.mark").click()
    expect(page.locator("section img")).to_be_visible()
    chinese.picture("page-6-narrow-source")
    page.get_by_role("button", name="下一页").click()
    expect(page.get_by_text("第 2 页，共 3 页")).to_be_visible()
    page.get_by_role("button", name="关闭").click()
    expect(page.locator("section .scroll")).to_have_count(0)


def test_a_reload_keeps_what_was_asked_until_it_is_deleted(canned: FakeApi, canned_page: str, english: Visitor) -> None:
    stock(canned)
    page = english.page
    page.goto(canned_page)
    english.ask_and_wait(QUESTION)
    expect(page).to_have_url(re.compile(r"[?&]conversation=default(?:/|%2F)c1"))
    page.reload()
    expect(page.locator(".text")).to_contain_text(SENTENCE)
    page.locator("button.mark").click()
    expect(page.locator("section mark")).to_have_text(SENTENCE)
    page.reload()  # with a source open too
    expect(page.locator("section mark")).to_have_text(SENTENCE)
    expect(page.locator(".fn-question")).to_have_text(QUESTION)
    page.get_by_role("button", name="Close").click()
    expect(page.locator("section .scroll")).to_have_count(0)
    assert canned.asked == [QUESTION]
    page.get_by_role("button", name="Delete these").click()
    english.picture("page-8-delete")
    page.get_by_role("button", name="Delete them for good").click()
    expect(page.locator(".fn-question")).to_have_count(0)
    expect(page).not_to_have_url(re.compile("conversation="))
    assert not canned.conversations
    page.reload()
    expect(page.locator(".fn-question")).to_have_count(0)
