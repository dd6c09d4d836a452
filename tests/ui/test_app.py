"""The page itself, run by Streamlit's own harness against the canned API."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from rag.wire import FacetOut, FacetsOut, ProblemOut
from tests.ui.fake_api import FakeApi, document
from ui.app import api_address
from ui.client import Client

APP = Path(__file__).resolve().parents[2] / "ui" / "app.py"
HOSTILE = '<script>window.hacked=1</script><img src=x onerror="alert(1)"> ![x](https://example.com/x.png) [a](b)'

FACETS = FacetsOut(
    documents=3,
    types=[FacetOut(value="pdf", documents=2), FacetOut(value="markdown", documents=1)],
    languages=[FacetOut(value="en", documents=3)],
    tags=[FacetOut(value="policy", documents=1)],
    sources=[FacetOut(value="hr/", documents=2), FacetOut(value="hr/2024/", documents=1)],
    first=date(2024, 1, 1),
    last=date(2024, 12, 31),
)


@pytest.fixture
def api() -> Iterator[FakeApi]:
    with FakeApi() as running:
        running.add(document("d", "Handbook"), "A backup is a copy of the data folder.")
        running.answers["How?"] = [
            ("A backup is a copy of the data folder.", "d", "A backup is a copy of the data folder.")
        ]
        yield running


def page(api: FakeApi, *, language: str = "English") -> AppTest:
    app = AppTest.from_file(str(APP), default_timeout=30)
    app.session_state["client"] = Client(api.address)
    app.session_state["language"] = language
    return app.run()


def markup(app: AppTest) -> str:
    """Return all that the page sends as HTML or Markdown; the components' data is not among it."""
    written = [block.value for block in app.markdown]
    written += [element.proto.body for element in app.get("html")]
    return "\n".join(written)


def test_an_empty_page_offers_examples_and_a_click_asks_one(api: FakeApi) -> None:
    api.add(document("h", "The handbook", source="examples/handbook.en.md"), "A backup is a copy.")
    app = page(api)
    assert not app.exception
    example = next(button for button in app.button if "backup" in button.label)
    example.click().run()
    assert api.asked == [example.label]


def test_no_question_about_footnote_is_offered_where_its_handbook_is_not(api: FakeApi) -> None:
    assert not any("backup" in button.label for button in page(api).button)


def test_a_question_is_asked_once_however_often_the_page_runs(api: FakeApi) -> None:
    app = page(api)
    app.chat_input[0].set_value("How?").run()
    app.run()
    app.button_group(key="language").set_value("中文").run()
    assert not app.exception
    assert api.asked == ["How?"]
    turn = app.session_state["footnote"].turns[0]
    assert turn.progress.answer.citations[0].quote == "A backup is a copy of the data folder."


@pytest.mark.parametrize("language", ["English", "中文"])
def test_nothing_of_a_question_or_an_answer_becomes_markup(api: FakeApi, language: str) -> None:
    api.add(document("evil", HOSTILE, source=HOSTILE), HOSTILE)
    api.answers[HOSTILE] = [(HOSTILE, "evil", HOSTILE)]
    app = page(api, language=language)
    app.chat_input[0].set_value(HOSTILE).run()
    assert not app.exception
    assert "<script>window" not in markup(app)
    assert "<img src=x" not in markup(app)
    assert "&lt;script&gt;" in markup(app)  # it was shown


def test_a_question_is_asked_of_the_documents_that_were_chosen(api: FakeApi) -> None:
    api.facets = FACETS
    app = page(api)
    boxes = {box.label: box for box in app.multiselect}
    assert set(boxes) == {"Folders", "Types", "Tags"}, "of one language alone there is nothing to choose"
    boxes["Folders"].select("hr/").run()
    {box.label: box for box in app.multiselect}["Tags"].select("policy").run()
    app.date_input[0].set_value(date(2024, 2, 1)).run()
    app.chat_input[0].set_value("How?").run()
    assert not app.exception
    assert api.filters == [{"sources": ["hr/"], "tags": ["policy"], "after": "2024-02-01"}]
    assert "Asked only of: hr/, policy, ≥ 2024-02-01" in markup(app)


def test_without_a_choice_all_documents_are_asked(api: FakeApi) -> None:
    api.facets = FACETS
    app = page(api)
    app.chat_input[0].set_value("How?").run()
    assert api.filters == [None]
    assert "Asked only of" not in markup(app)


def test_a_collection_without_documents_says_how_to_add_some(api: FakeApi) -> None:
    api.documents.clear()
    app = page(api)
    assert "There are no documents here yet" in markup(app)
    assert not any("backup" in button.label for button in app.button)


def test_an_api_that_is_down_is_told_with_what_to_do(api: FakeApi) -> None:
    app = page(api)
    api.close()
    app.run()
    assert not app.exception
    assert "footnote up" in markup(app)


def test_a_problem_is_told_with_its_detail_and_hint(api: FakeApi) -> None:
    api.problem = ProblemOut(type="urn:x", title="Library mismatch", status=503, detail="<b>other</b>", hint="rebuild")
    app = page(api)
    assert "Library mismatch" in markup(app)
    assert "&lt;b&gt;other" in markup(app)
    assert "rebuild" in markup(app)


def test_a_new_collection_is_made_and_chosen(api: FakeApi) -> None:
    app = page(api)
    app.text_input(key="new-collection-name").set_value("reports")
    next(button for button in app.button if button.label == "Create").click().run()
    assert not app.exception
    assert api.collections == ["default", "reports"]
    assert app.selectbox(key="collection").value == "reports"


@pytest.mark.parametrize(
    ("query", "opens"),
    [
        ({"document": "d", "start": "2", "end": "8"}, True),
        ({"document": "d", "start": "2"}, False),
        ({"document": "d", "start": "-2", "end": "8"}, False),
        ({"document": "../x", "start": "2", "end": "99999999"}, True),  # opens, and says that there is none
    ],
)
def test_a_link_opens_its_document(api: FakeApi, query: dict[str, str], opens: bool) -> None:
    app = AppTest.from_file(str(APP), default_timeout=30)
    app.session_state["client"] = Client(api.address)
    app.query_params.update(query)
    app.run()
    assert not app.exception
    assert (app.session_state["footnote"].source is not None) == opens


def test_the_api_is_where_the_script_was_told() -> None:
    assert api_address(["app.py", "--api", "http://127.0.0.1:9"]) == "http://127.0.0.1:9"
    assert api_address(["app.py"]).endswith(":8000")


def asked_in(api: FakeApi) -> list[list[str]]:
    """The questions of each conversation that the API keeps."""
    return [[turn.question for turn in turns] for turns in api.conversations.values()]


def click(app: AppTest, label: str) -> None:
    next(button for button in app.button if button.label == label).click().run()


def test_a_question_goes_with_those_before_it_until_the_conversation_begins_anew(api: FakeApi) -> None:
    app = page(api)
    for question in ("How?", "Why?", "When?"):
        app.chat_input[0].set_value(question).run()
    click(app, "New questions")
    assert "How?" not in markup(app)
    app.chat_input[0].set_value("Where?").run()
    assert not app.exception
    assert asked_in(api) == [["How?", "Why?", "When?"], ["Where?"]]


def reloaded(api: FakeApi, address: dict[str, Any]) -> AppTest:
    app = AppTest.from_file(str(APP), default_timeout=30)
    app.session_state["client"] = Client(api.address)
    app.session_state["language"] = "English"
    app.query_params.update(address)
    return app.run()


def test_a_reload_finds_the_conversation_again_and_goes_on_in_it(api: FakeApi) -> None:
    app = page(api)
    app.chat_input[0].set_value("How?").run()
    again = reloaded(api, app.query_params)
    assert not again.exception
    assert "How?" in markup(again)
    [turn] = again.session_state["footnote"].turns
    assert turn.progress.answer.citations[0].quote == "A backup is a copy of the data folder."
    again.chat_input[0].set_value("Why?").run()
    assert asked_in(api) == [["How?", "Why?"]]
    assert api.asked == ["How?", "Why?"]


@pytest.mark.parametrize("address", ["default/gone", "gone", "default/", "/x", "no-such/%2e%2e"])
def test_an_address_with_no_conversation_is_a_page_without_questions(api: FakeApi, address: str) -> None:
    app = reloaded(api, {"conversation": address})
    assert not app.exception
    assert app.session_state["footnote"].turns == []
    app.chat_input[0].set_value("How?").run()
    assert asked_in(api) == [["How?"]]


def test_a_conversation_is_deleted_from_the_server_too(api: FakeApi) -> None:
    app = page(api)
    app.chat_input[0].set_value("How?").run()
    assert app.query_params
    click(app, "Delete them for good")
    assert not app.exception
    assert api.conversations == {}
    assert "How?" not in markup(app)
    assert not app.query_params
