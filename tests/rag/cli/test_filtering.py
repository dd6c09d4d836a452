from __future__ import annotations

from pathlib import Path

import pytest

import footnote
from rag.wire import AnswerOut
from rag.wire_search import SearchOut
from tests.rag.cli.conftest import Run


@pytest.mark.parametrize(
    ("options", "sources"),
    [
        (["--source", "*.zh.txt"], {"shelf/backup.zh.txt"}),
        (["--source", "shelf/report.txt", "--source", "shelf/backup.txt"], {"shelf/report.txt", "shelf/backup.txt"}),
        (["--type", "txt", "--source", "shelf/backup*"], {"shelf/backup.txt", "shelf/backup.zh.txt"}),
        (["--type", "pdf"], set()),
        (["--language", "zh"], set()),
        (["--before", "1970-01-01"], {"shelf/backup.txt", "shelf/backup.zh.txt", "shelf/report.txt"}),
        (["--after", "1970-01-02"], set()),
    ],
)
def test_search_looks_only_where_it_is_told_to(run: Run, options: list[str], sources: set[str]) -> None:
    found = SearchOut.model_validate(run("search", "backup report 备份", *options))
    assert {passage.source for passage in found.passages} == sources


def test_an_answer_rests_only_on_what_passes(run: Run) -> None:
    answer = AnswerOut.model_validate(run("ask", "How do I take a backup?", "--source", "shelf/backup.txt"))
    assert {citation.source for citation in answer.citations} == {"shelf/backup.txt"}
    refused = AnswerOut.model_validate(run("ask", "How do I take a backup?", "--source", "shelf/report.txt"))
    assert refused.refused
    nothing = AnswerOut.model_validate(run("ask", "How do I take a backup?", "--tag", "none"))
    assert (nothing.refused, nothing.reason, nothing.passages) == (True, "no_evidence", [])


def test_documents_are_tagged_and_found_by_it(run: Run) -> None:
    [first, *_] = run("documents", "list")["documents"]
    shown = run("documents", "tag", first["document_id"], "--add", "policy", "--add", "Q3")
    assert shown["tags"] == ["Q3", "policy"]
    found = SearchOut.model_validate(run("search", "backup report 备份", "--tag", "POLICY"))
    assert {passage.document_id for passage in found.passages} == {first["document_id"]}
    assert run("documents", "tag", first["document_id"], "--remove", "q3")["tags"] == ["policy"]
    assert run("documents", "show", first["document_id"])["tags"] == ["policy"]


def test_a_filter_that_nothing_meets_says_so_beside_the_answer(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert footnote.main(["search", "backup", "--source", "shelv/", "--json"]) == 0
    shown = capsys.readouterr()
    assert "no document stands at 'shelv/'; did you mean 'shelf/'?" in shown.err
    assert '"passages": []' in shown.out


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        (["--type", "wrod"], "known are pdf"),
        (["--source", "a[b"], "wildcards"),
        (["--after", "yesterday"], "2024-05-31"),
        (["--after", "2024-05-31", "--before", "2024-05-30"], "both ends"),
        (["--language", "chinese"], "ISO 639-1"),
    ],
)
def test_a_filter_that_can_mean_nothing_is_wrong_usage(
    data: Path, capsys: pytest.CaptureFixture[str], options: list[str], hint: str
) -> None:
    assert footnote.main(["search", "backup", *options]) == 2
    assert hint in capsys.readouterr().err
