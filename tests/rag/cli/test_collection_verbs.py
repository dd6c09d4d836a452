from __future__ import annotations

import io
from pathlib import Path

import pytest

import footnote
from rag.wire import CollectionOut, DocumentOut
from tests.fakes import HashEmbedder
from tests.rag.cli.conftest import Run


def ids(run: Run) -> list[str]:
    return [DocumentOut.model_validate(row).document_id for row in run("documents", "list")["documents"]]


def test_documents_are_listed_page_by_page_each_once(run: Run) -> None:
    everything, seen, after = ids(run), [], None
    while True:
        page = run("documents", "list", "--limit", "1", *(["--after", after] if after else []))
        seen += [row["document_id"] for row in page["documents"]]
        after = page["next"]
        if after is None:
            break
    assert seen == everything
    assert len(seen) == 3


def test_a_removed_document_is_neither_listed_nor_found(run: Run) -> None:
    [passage, *_] = run("search", "backup")["passages"]
    assert run("documents", "remove", passage["document_id"]) == {"removed": [passage["document_id"]]}
    assert passage["document_id"] not in ids(run)
    assert passage["document_id"] not in [found["document_id"] for found in run("search", "backup")["passages"]]
    assert run("library", "verify")["ok"]


def test_one_unknown_id_among_several_removes_nothing(run: Run) -> None:
    before = ids(run)
    assert run("documents", "remove", before[0], "nothing", code=1)["error"]["type"] == "NotFound"
    assert ids(run) == before


def test_a_document_is_shown_with_its_canonical_text(run: Run) -> None:
    document = ids(run)[0]
    shown = run("documents", "show", document, "--text")
    assert len(shown["text"]) == shown["characters"]
    assert "text" not in run("documents", "show", document)


def test_a_sound_library_verifies_and_a_damaged_one_does_not(run: Run, data: Path) -> None:
    assert run("library", "verify") == {"ok": True, "documents": 3, "problems": []}
    [original, *_] = [path for path in (data / "default" / "originals").rglob("*") if path.is_file()]
    original.write_bytes(b"something else")
    report = run("library", "verify", code=1)
    assert not report["ok"]
    assert report["problems"]


def test_stats_say_how_far_each_index_has_come(run: Run) -> None:
    stats = run("library", "stats")
    assert stats["documents"] == 3
    assert stats["seq"] == stats["vectors_seq"] == stats["lexical_seq"]


def test_a_collection_comes_is_listed_and_goes(run: Run) -> None:
    assert run("collections", "create", "handbook") == {"created": "handbook"}
    listed = [CollectionOut.model_validate(row) for row in run("collections", "list")["collections"]]
    assert [(row.name, row.documents) for row in listed] == [("default", 3), ("handbook", 0)]
    assert run("collections", "create", "handbook", code=1)["error"]["type"] == "Conflict"
    assert run("collections", "remove", "handbook", "--yes") == {"removed": "handbook"}
    assert [row["name"] for row in run("collections", "list")["collections"]] == ["default"]


def test_a_collection_of_another_embedder_is_listed_but_not_searched(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.cli.opening.build_embedder", lambda settings: HashEmbedder(48))
    assert run("collections", "list")["collections"][0]["documents"] == 3
    error = run("search", "backup", code=1)["error"]
    assert error["type"] == "LibraryMismatch"
    assert "footnote library rebuild" in error["hint"]


def test_a_damaged_collection_does_not_hide_the_others(run: Run, data: Path) -> None:
    (data / "broken").mkdir()
    (data / "broken" / "library.db").write_bytes(b"no database at all" * 100)
    rows = {row["name"]: row for row in run("collections", "list")["collections"]}
    assert rows["broken"]["problem"]
    assert rows["default"]["documents"] == 3


def test_nothing_is_removed_without_a_yes(data: Path, monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    assert footnote.main(["collections", "remove", "default"]) != 0
    assert (data / "default").exists()
    assert run("collections", "remove", "default", code=2)["error"]["type"] == "InvalidRequest"
    assert (data / "default").exists()
