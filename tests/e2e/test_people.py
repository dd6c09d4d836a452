"""What people say of answers: below one while another is written, and on a sheet that does not tell the runs."""

from __future__ import annotations

import threading

import pytest
from playwright.sync_api import expect

from rag.wire import ShownAnswer, ShownItem, ShownNote
from tests.e2e.conftest import Visitor
from tests.ui.fake_api import FakeApi, document

pytestmark = pytest.mark.e2e

HOSTILE = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>'
SENTENCE = "Lost badges are reported to the front desk within one day."
FIRST, SECOND = "When are lost badges reported?", "Where?"


def test_an_answer_is_judged_while_another_is_written(canned: FakeApi, canned_page: str, english: Visitor) -> None:
    canned.add(document("badges", "Badges"), SENTENCE)
    canned.answers = {FIRST: [(SENTENCE, "badges", SENTENCE)], SECOND: [(SENTENCE, "badges", SENTENCE)]}
    page = english.page
    page.goto(canned_page)
    english.ask_and_wait(FIRST)
    go_on = threading.Semaphore(5)

    def pause() -> None:
        assert go_on.acquire(timeout=60)

    canned.between_events = pause
    english.ask(SECOND)
    expect(page.locator(".fn-answer")).to_contain_text("Lost")
    page.get_by_role("radio", name="No", exact=True).click()
    expect(page.get_by_text("Thank you. Saved.")).to_be_visible()
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    go_on.release(1000)
    expect(page.locator(".meta")).to_have_count(2)
    assert canned.asked == [FIRST, SECOND]

    page.get_by_text("Say more").click()
    page.get_by_role("radio", name="2", exact=True).first.click()
    page.get_by_role("textbox", name="The right answer would have been").fill("Within two days.")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("radio", name="Yes", exact=True).first.click()
    expect(page.get_by_text("Thank you. Saved.")).to_be_visible()
    english.picture("people-1-feedback")
    [said] = canned.feedback.values()
    assert (said["question"], said["expected"], said["ratings"]["correct"]) == (FIRST, "Within two days.", 2)
    assert said["verdict"] == "right"


def test_a_sheet_is_rated_blind_and_gone_on_with_after_a_reload(
    canned: FakeApi, canned_page: str, chinese: Visitor
) -> None:
    note = ShownNote(mark=1, title=HOSTILE, source="h.md", quote="门禁卡遗失须在一天内上报。")
    answers = [ShownAnswer(answer=f"{HOSTILE} {name}。 [1]", refused=False, notes=[note]) for name in "甲乙"]
    canned.sheet = [ShownItem(question=f"问题{n}？", expected=["一天内"], answers=answers) for n in "一二"]
    page = chinese.page
    page.goto(canned_page)
    page.get_by_role("link", name="评分").click()
    page.get_by_role("textbox", name="您的姓名").fill("小王")
    page.get_by_role("button", name="开始").click()
    expect(page.get_by_text("问题一？")).to_be_visible()
    expect(page.get_by_text("一天内", exact=True)).to_have_count(0)
    page.get_by_role("radio", name="5", exact=True).first.click()
    page.get_by_role("radio", name="一样好").click()
    chinese.picture("people-2-rate")
    page.get_by_role("button", name="保存并继续").click()
    expect(page.get_by_text("问题二？")).to_be_visible()

    page.reload()
    page.get_by_role("textbox", name="您的姓名").fill("小王")
    page.get_by_role("button", name="开始").click()
    expect(page.get_by_text("问题二？")).to_be_visible()
    page.get_by_role("button", name="跳过").click()
    expect(page.get_by_text("全部完成，谢谢！")).to_be_visible()
    page.set_viewport_size({"width": 400, "height": 860})
    page.get_by_role("button", name="再看最后一题").click()
    expect(page.get_by_text("问题二？")).to_be_visible()
    chinese.picture("people-3-rate-narrow")
    said = canned.rated["小王", 1]
    assert (said.sides[0].correct, said.preference, said.saw_expected) == (5, "tie", False)
    assert canned.rated["小王", 2].skipped
    assert page.evaluate("window.hacked") is None
    assert not chinese.elsewhere
    assert not chinese.broken
