from __future__ import annotations

from pathlib import Path

import pytest

import footnote
from rag.wire import AnswerOut
from rag.wire_search import SearchOut
from tests.rag.cli.conftest import BACKUP, BACKUP_ZH, Run
from tests.rag.library.shelf import chunked, document_of, facts_of, open_shelf


@pytest.mark.parametrize(("question", "sentence"), [("How do I take a backup?", BACKUP), ("怎样做备份？", BACKUP_ZH)])
def test_an_answer_is_the_promised_object_and_its_quotes_are_exact(run: Run, question: str, sentence: str) -> None:
    answer = AnswerOut.model_validate(run("ask", question))
    assert not answer.refused
    assert sentence in answer.answer
    for citation in answer.citations:
        text = run("documents", "show", citation.document_id, "--text")["text"]
        assert text[citation.start : citation.end] == citation.quote


def test_a_refusal_is_an_answer_and_carries_the_nearest_passages(run: Run) -> None:
    answer = AnswerOut.model_validate(run("ask", "Who was the third king of Norway?"))
    assert answer.refused
    assert answer.reason
    assert not answer.citations


def test_people_see_the_nearest_passages_under_a_refusal(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert footnote.main(["ask", "Who was the third king of Norway?"]) == 0
    assert "Nearest passages:" in capsys.readouterr().out


def test_people_see_the_answer_then_its_footnotes(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert footnote.main(["ask", "How do I take a backup?"]) == 0
    out = capsys.readouterr().out
    answer, notes = out.split("\n\n", 1)
    assert "[1]" in answer
    assert "[1] Operations — shelf/backup.txt" in notes
    assert f"“{BACKUP}”" in notes


def test_a_streamed_answer_is_the_plain_one_in_pieces(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shown = []
    for arguments in (["ask", "How do I take a backup?"], ["ask", "How do I take a backup?", "--stream"]):
        assert footnote.main(arguments) == 0
        shown.append(capsys.readouterr().out.splitlines()[:-1])  # the last line holds the time it took
    assert shown[0] == shown[1]


def test_what_a_document_holds_cannot_drive_the_terminal(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert footnote.main(["search", "red letters report"]) == 0
    out = capsys.readouterr().out
    assert "\x1b[31m" not in out
    assert "red" in out
    assert footnote.main(["documents", "list"]) == 0
    assert "[bold]Report[/bold]" in capsys.readouterr().out  # markup of others is text


def test_a_search_shows_what_each_leg_thought(run: Run) -> None:
    found = SearchOut.model_validate(run("search", "backup", "-k", "2"))
    assert [passage.rank for passage in found.passages] == list(range(1, len(found.passages) + 1))
    assert "lexical" in found.passages[0].scores


def test_a_search_names_a_few_of_the_places_that_say_the_same(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    notice = "Whoever finds this umbrella is asked to bring it back to the porter, and a reward of two pies is there."
    with open_shelf(data / "default") as library:
        for number in range(6):
            document = document_of(notice + " " * number)
            library.keep_original(document.text.encode())
            library.put(document, *chunked(document, 999), facts_of(document.text, f"{number}.txt"))
    assert footnote.main(["search", "umbrella reward", "-k", "2"]) == 0
    out = capsys.readouterr().out
    assert out.count("umbrella") == 1
    assert "also at shelf/1.txt, shelf/2.txt, shelf/3.txt, 2 more" in out


@pytest.mark.parametrize("verb", [["ask", "why"], ["search", "why"], ["documents", "list"], ["library", "stats"]])
def test_a_collection_that_does_not_exist_is_named_and_not_made(run: Run, data: Path, verb: list[str]) -> None:
    error = run(*verb, "--collection", "nowhere", code=1)["error"]
    assert error["type"] == "NotFound"
    assert "nowhere" in error["message"]
    assert not (data / "nowhere").exists()


@pytest.mark.parametrize("name", ["../elsewhere", "models", "", "A B"])
def test_a_name_that_no_collection_can_have_is_wrong_usage(run: Run, name: str) -> None:
    assert run("ask", "why", f"--collection={name}", code=2)["error"]["type"] == "InvalidRequest"


def test_a_search_explains_its_stages(run: Run) -> None:
    found = SearchOut.model_validate(run("search", "What is a backup and how do I take one?", "--explain"))
    assert found.steps is not None
    assert found.queries is not None
    assert found.ranks is not None
    assert {"follow_up", "parts", "search", "widen"} <= {step.stage for step in found.steps}
    assert len(found.ranks) == len(found.passages)
    assert found.queries[0].text == "What is a backup and how do I take one?"
    plainly = SearchOut.model_validate(run("search", "backup"))
    assert (plainly.steps, plainly.queries, plainly.ranks) == (None, None, None)


def test_people_see_the_stages_of_a_search(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert footnote.main(["search", "backup \x1b[31m vs [bold]report", "--explain"]) == 0
    out = capsys.readouterr().out
    assert "searched for" in out
    assert all(f"  {stage}" in out for stage in ("follow_up", "parts", "search", "widen"))
    assert "(no. 1)" in out
    assert "\x1b[31m" not in out
