"""Feedback below answers, and the rating page, run by Streamlit's own harness against the canned API."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from rag.wire import ProblemOut, ShownAnswer, ShownItem, ShownNote
from tests.ui.fake_api import FakeApi, document
from tests.ui.test_app import markup, page
from ui.client import Client
from ui.rating_words import CHINESE, ENGLISH
from ui.session import Session

SENTENCE = "A backup is a copy of the data folder."
HOSTILE = '<script>window.hacked=1</script><img src=x onerror="alert(1)">'


@pytest.fixture
def api() -> Iterator[FakeApi]:
    with FakeApi() as running:
        running.add(document("d", "Handbook"), SENTENCE)
        running.answers["How?"] = [(SENTENCE, "d", SENTENCE)]
        yield running


def item(question: str, *answers: str) -> ShownItem:
    note = ShownNote(mark=1, title="Handbook", source="h.md", quote=SENTENCE)
    shown = [ShownAnswer(answer=text, refused=False, notes=[note]) for text in answers]
    return ShownItem(question=question, expected=["right"], answers=shown)


def answered(api: FakeApi, **options: Any) -> AppTest:
    app = page(api, **options)
    app.chat_input[0].set_value("How?").run()
    assert not app.exception
    return app


def pills(app: AppTest) -> Any:
    return next(group for group in app.button_group if group.label in (ENGLISH.was_it_right, CHINESE.was_it_right))


def button(app: AppTest, label: str) -> Any:
    return next(one for one in app.button if one.label == label)


@pytest.mark.parametrize(("language", "say"), [("English", ENGLISH), ("中文", CHINESE)])
def test_a_word_on_an_answer_is_kept_with_the_answer_and_its_quotes(api: FakeApi, language: str, say: Any) -> None:
    app = answered(api, language=language)
    assert say.was_it_right in markup(app)
    pills(app).set_value("wrong").run()
    assert not app.exception
    [said] = api.feedback.values()
    assert (said["question"], said["verdict"], said["collection"]) == ("How?", "wrong", "default")
    assert [(row["quote"], row["document_id"], row["mark"]) for row in said["citations"]] == [(SENTENCE, "d", 1)]
    assert said["conversation_id"] == "c1"
    assert say.thanks in markup(app)


def test_it_can_be_changed_and_more_be_said_under_the_same_id(api: FakeApi) -> None:
    app = answered(api)
    pills(app).set_value("wrong").run()
    turn = app.session_state["footnote"].turns[0].id
    app.button_group(key=f"score-{turn}-correct").set_value(2)
    app.text_area(key=f"expected-{turn}").set_value("A copy of data/.")
    button(app, ENGLISH.save).click().run()
    pills(app).set_value("right").run()
    assert not app.exception
    [said] = api.feedback.values()
    assert (said["verdict"], said["expected"], said["ratings"]["correct"]) == ("right", "A copy of data/.", 2)
    assert api.asked == ["How?"]


def test_what_could_not_be_saved_is_told_where_it_was_said(api: FakeApi) -> None:
    app = answered(api)
    api.problem = ProblemOut(type="urn:x", title="Conflict", status=409, detail="<b>too many</b>", hint="remove some")
    pills(app).set_value("right").run()
    assert "&lt;b&gt;too many" in markup(app)
    assert ENGLISH.thanks not in markup(app)
    api.problem = None
    pills(app).set_value("wrong").run()
    assert [said["verdict"] for said in api.feedback.values()] == ["wrong"]


def rating(api: FakeApi, **options: Any) -> AppTest:
    """Open the rating page and give a name."""
    app = AppTest.from_function(_rating_page, default_timeout=30)
    app.session_state["client"] = Client(api.address)
    app.session_state["language"] = options.get("language", "English")
    app.run()
    app.text_input(key="rater-name").set_value("Ada")
    next(one for one in app.button if one.label in (ENGLISH.begin, CHINESE.begin)).click().run()
    assert not app.exception
    return app


def _rating_page() -> None:
    from ui.views.rate import rate_page

    rate_page()


def test_two_answers_are_rated_side_by_side(api: FakeApi) -> None:
    api.sheet = [item("One?", "First. [1]", "Second."), item("Two?", "Third.", "Fourth.")]
    app = rating(api)
    assert "One?" in markup(app)
    assert "0 of 2" in markup(app)
    app.button_group(key="score-1-0-correct").set_value(5)
    app.button_group(key="score-1-1-readable").set_value(1)
    app.button_group(key="preference-1").set_value("left")
    button(app, ENGLISH.next).click().run()
    assert not app.exception
    said = api.rated["Ada", 1]
    assert (said.sides[0].correct, said.sides[1].readable, said.preference) == (5, 1, "left")
    assert "Two?" in markup(app)
    assert "1 of 2" in markup(app)


def test_a_rater_skips_goes_back_and_sees_what_they_said(api: FakeApi) -> None:
    api.sheet = [item("One?", "First."), item("Two?", "Second.")]
    app = rating(api)
    app.button_group(key="score-1-0-correct").set_value(4)
    button(app, ENGLISH.next).click().run()
    button(app, ENGLISH.skip).click().run()
    assert api.rated["Ada", 2].skipped
    assert ENGLISH.done in markup(app)
    button(app, ENGLISH.look_again).click().run()
    button(app, ENGLISH.back).click().run()
    assert app.button_group(key="score-1-0-correct").value == 4


def test_nothing_is_saved_where_nothing_was_said(api: FakeApi) -> None:
    api.sheet = [item("One?", "First.")]
    app = rating(api)
    button(app, ENGLISH.next).click().run()
    assert ENGLISH.nothing_said in markup(app)
    assert not api.rated


def test_the_expected_answer_is_shown_on_demand_and_that_is_kept(api: FakeApi) -> None:
    api.sheet = [item("One?", "First.")]
    app = rating(api)
    assert ">right</li>" not in markup(app)
    app.toggle[0].set_value(True).run()
    assert ">right</li>" in markup(app)
    app.button_group(key="score-1-0-correct").set_value(4)
    button(app, ENGLISH.next).click().run()
    assert api.rated["Ada", 1].saw_expected


def test_nothing_that_is_rated_becomes_markup(api: FakeApi) -> None:
    note = ShownNote(mark=1, title=HOSTILE, source=HOSTILE, place=HOSTILE, quote=HOSTILE)
    answer = ShownAnswer(answer=HOSTILE, refused=False, notes=[note])
    api.sheet = [ShownItem(question=HOSTILE, expected=[HOSTILE], answers=[answer])]
    app = rating(api, language="中文")
    app.toggle[0].set_value(True).run()
    assert "<script>window" not in markup(app)
    assert "<img src=x" not in markup(app)
    assert markup(app).count("&lt;script&gt;") >= 5


def test_who_has_nothing_to_rate_is_not_told_of_it(api: FakeApi) -> None:
    assert "Rate" not in [link.proto.label for link in page(api).get("page_link")]
    api.sheet = [item("One?", "First.")]
    assert "Rate" in [link.proto.label for link in page(api).get("page_link")]


def test_every_word_is_said_in_both_languages() -> None:
    for field in fields(ENGLISH):
        english, chinese = getattr(ENGLISH, field.name), getattr(CHINESE, field.name)
        assert english
        assert chinese
        assert sorted(_gaps(english)) == sorted(_gaps(chinese))
    assert Session().feedback == {}


def _gaps(words: str) -> list[str]:
    return re.findall(r"\{\w+\}", words)
