"""The page shows what is to be doubted, on wide and narrow screens, by day and by night."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Visitor
from tests.ui.doubted import UNSAID, doubted
from tests.ui.fake_api import FakeApi

pytestmark = pytest.mark.e2e

QUESTION = "When was the harbour gallery opened?"


def test_doubts_are_seen_and_heard_wherever_the_page_is_read(
    canned: FakeApi, canned_page: str, english: Visitor
) -> None:
    doubted(canned, QUESTION)
    page = english.page
    page.goto(canned_page)
    english.ask_and_wait(QUESTION)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for width in (1280, 420):
            page.set_viewport_size({"width": width, "height": 900})
            expect(page.locator(".doubt.uncited").first).to_be_visible()
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            english.picture(f"doubts-{scheme}-{width}")
    uncited = page.locator(".doubt.uncited")
    assert "".join(uncited.all_text_contents()) == UNSAID
    assert uncited.first.get_attribute("title") == "No source was found for this sentence"
    assert uncited.first.evaluate("node => getComputedStyle(node).textDecorationStyle") == "dotted"
    expect(page.locator(".sign")).to_contain_text("No source was found")
    expect(page.locator("button.mark.unsupported").first).to_have_attribute(
        "aria-label", "Footnotes 2: The quoted words do not clearly support this sentence: a number differs"
    )
    expect(page.locator(".short strong")).to_have_text("1988")
    expect(page.locator(".disagree .value")).to_have_text(["1988", "1987"])
    page.get_by_text("Passages looked at").click()
    expect(page.get_by_text("They were not followed")).to_be_visible()
    page.set_viewport_size({"width": 1280, "height": 900})
    page.get_by_role("radio", name="中文").click()
    expect(page.locator(".sign")).to_contain_text("没有找到这句话的出处")
    english.picture("doubts-chinese")
    assert not english.broken
