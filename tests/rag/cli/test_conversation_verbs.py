"""`footnote ask --conversation`, and `footnote conversations`."""

from __future__ import annotations

from pathlib import Path

import pytest

import footnote
from rag.library.conversations import FILE_NAME
from rag.wire import ConversationsOut, ConversationTurnsOut
from tests.rag.cli.conftest import Run

QUESTION = "How do I take a backup?"


def test_questions_asked_in_turn_are_kept_and_removed(run: Run) -> None:
    first = run("ask", QUESTION, "--conversation", "new")
    name = first["conversation_id"]
    second = run("ask", "And why?", "--conversation", name)
    shown = ConversationTurnsOut.model_validate(run("conversations", "show", name))
    assert [turn.answer.model_dump(mode="json") for turn in shown.turns if turn.answer] == [first, second]
    [row] = ConversationsOut.model_validate(run("conversations", "list")).conversations
    assert (row.id, row.title, row.count, row.collection) == (name, QUESTION, 2, "default")
    assert "--yes" in run("conversations", "remove", name, code=2)["error"]["hint"]
    assert run("conversations", "remove", name, "--yes") == {"removed": name}
    assert run("conversations", "list") == {"conversations": [], "next": None}
    assert run("conversations", "show", name, code=1)["error"]["type"] == "NotFound"


def test_without_a_conversation_nothing_is_kept(run: Run, data: Path) -> None:
    assert run("ask", QUESTION)["conversation_id"] is None
    run("conversations", "list")
    assert not (data / "default" / FILE_NAME).exists()


def test_people_are_told_how_to_go_on(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert footnote.main(["ask", QUESTION, "--stream", "--conversation", "new"]) == 0
    told = capsys.readouterr().out.splitlines()[-2]
    assert footnote.main(["ask", "And why?", *told.split()]) == 0
    capsys.readouterr()
    assert footnote.main(["conversations", "list"]) == 0
    assert QUESTION in capsys.readouterr().out
    assert footnote.main(["conversations", "show", told.split()[1]]) == 0
    assert "And why?" in capsys.readouterr().out


@pytest.mark.parametrize("verb", [["ask", QUESTION, "--conversation"], ["conversations", "show"]])
def test_a_conversation_that_is_not_there_is_told(run: Run, verb: list[str]) -> None:
    assert run(*verb, "nowhere", code=1)["error"]["type"] == "NotFound"


def test_a_collection_that_is_not_there_has_none_and_is_not_made(run: Run, data: Path) -> None:
    assert run("conversations", "list", "-c", "nowhere", code=1)["error"]["type"] == "NotFound"
    assert not (data / "nowhere").exists()


def test_the_rules_of_a_collection_are_shown_copied_and_checked(run: Run, data: Path) -> None:
    ours = run("collections", "prompt", "--language", "zh")["prompts"]
    assert [(row["language"], row["own"]) for row in ours] == [("zh", False)]
    own = run("collections", "prompt", "--language", "zh", "--write")["prompts"]
    assert [(row["own"], row["text"]) for row in own] == [(True, ours[0]["text"])]
    assert own[0]["version"] != ours[0]["version"]
    assert run("collections", "prompt", "--write", code=1)["error"]["type"] == "Conflict"
    Path(own[0]["path"]).write_text("Be brief.", encoding="utf-8")
    assert run("collections", "prompt", code=2)["error"]["type"] == "Misconfigured"
    assert run("collections", "prompt", "nowhere", code=1)["error"]["type"] == "NotFound"
