"""`footnote collections lexicon`."""

from __future__ import annotations

from pathlib import Path

from tests.rag.cli.conftest import Run


def test_a_collections_words_and_synonyms_are_shown(run: Run, data: Path) -> None:
    path = data / "default" / "lexicon.txt"
    assert run("collections", "lexicon") == {"path": str(path), "words": [], "synonyms": []}
    path.write_text("云上贵州\n备份 = safety copy\n", encoding="utf-8")
    shown = run("collections", "lexicon", "default")
    assert (shown["words"], shown["synonyms"]) == (["云上贵州"], [["备份", "safety copy"]])
    assert "backup.zh.txt" in {passage["source"].split("/")[-1] for passage in run("search", "safety copy")["passages"]}


def test_a_faulty_line_is_named(run: Run, data: Path) -> None:
    (data / "default" / "lexicon.txt").write_text("\nsafety copy\n", encoding="utf-8")
    error = run("collections", "lexicon", "default", code=2)["error"]
    assert error["type"] == "Misconfigured"
    assert "lexicon.txt:2" in error["message"]
    assert run("search", "backup", code=2)["error"]["type"] == "Misconfigured"


def test_an_unknown_collection_has_no_lexicon(run: Run) -> None:
    assert run("collections", "lexicon", "nowhere", code=1)["error"]["type"] == "NotFound"
