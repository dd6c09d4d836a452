"""The report of a run, opened as a reader does: from a file, with no network."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Playwright, expect

from eval.report.html import write
from tests.e2e.conftest import CHROMIUM, FLAGS
from tests.eval.report.folders import answer, record, written, wrong

pytestmark = pytest.mark.e2e
HOSTILE = "<script>document.title = 'owned'</script><img src=https://example.com/x.png onerror=alert(1)>"


def test_a_report_opens_without_network_and_its_filter_and_details_work(playwright: Playwright, tmp_path: Path) -> None:
    records = [
        record("a"),
        wrong("b", question="谁写了这本书?", language="zh", kind=HOSTILE),
        record("c", answerable=False),
    ]
    file = write(written(tmp_path, records, [answer("b", HOSTILE, HOSTILE)]))
    asked: list[str] = []
    told: list[str] = []
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
    try:
        page = browser.new_context(offline=True, viewport={"width": 400, "height": 900}).new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: told.append(message.text))
        page.on("pageerror", lambda error: told.append(str(error)))
        page.goto(file.as_uri())
        expect(page).to_have_title("set.jsonl · Footnote")

        expect(page.locator("#all tbody tr:visible")).to_have_count(3)
        page.locator("#find").fill("这本书")
        expect(page.locator("#all tbody tr:visible")).to_have_count(1)
        expect(page.locator("#found")).to_have_text("1 of 3")
        page.locator("#find").fill("")
        page.locator("#only").select_option("right")
        expect(page.locator("#all tbody tr:visible")).to_have_count(2)

        page.locator("details.question summary").first.click()
        expect(page.locator("details.question .answer").first).to_have_text(HOSTILE)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")  # nothing hangs over a narrow screen
    finally:
        browser.close()
    assert asked == [file.as_uri()]
    assert told == []


def test_a_report_is_whole_without_scripts(playwright: Playwright, tmp_path: Path) -> None:
    file = write(written(tmp_path, [record("a"), wrong("b")]))
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
    try:
        page = browser.new_context(offline=True, java_script_enabled=False).new_page()
        page.goto(file.as_uri())
        expect(page.locator("#all tbody tr")).to_have_count(2)
        expect(page.locator("#filter")).to_be_hidden()
    finally:
        browser.close()
