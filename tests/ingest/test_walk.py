from __future__ import annotations

import os
from pathlib import Path

import pytest

from ingest.walk import Found, Passed, Walk, label, walk


def sources(result: Walk) -> list[str]:
    return [entry.source for entry in result.entries if isinstance(entry, Found)]


def passed(result: Walk) -> dict[str, str]:
    return {entry.source: entry.error for entry in result.entries if isinstance(entry, Passed)}


@pytest.fixture
def tree(docs: Path) -> Path:
    for name in ("b.txt", "a.txt", "sub/c.txt", "sub/deep/d.txt", "Z.txt"):
        path = docs / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return docs


def test_files_come_in_one_order_with_the_folders_name_before_them(tree: Path, data: Path) -> None:
    result = walk([tree], data)
    assert sources(result) == ["docs/Z.txt", "docs/a.txt", "docs/b.txt", "docs/sub/c.txt", "docs/sub/deep/d.txt"]
    assert result.complete == [tree.as_uri() + "/"]
    first = result.entries[1]
    assert isinstance(first, Found)
    assert (first.location, first.size) == ((tree / "a.txt").as_uri(), 5)


def test_a_file_reached_twice_counts_once(tree: Path, data: Path) -> None:
    twice = walk([tree, tree / "a.txt", tree / "sub", tree], data)
    assert len(twice.entries) == 5


def test_a_file_given_alone_has_the_label_it_has_in_its_folder(tree: Path, data: Path) -> None:
    alone = walk([tree / "a.txt"], data)
    assert sources(alone) == ["docs/a.txt"]
    assert alone.complete == []


def test_a_relative_path_means_the_same_place(tree: Path, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tree)
    assert walk([Path()], data).entries == walk([tree], data).entries


def test_hidden_files_and_folders_are_named_and_not_read(tree: Path, data: Path) -> None:
    (tree / ".git" / "objects").mkdir(parents=True)
    (tree / ".git" / "objects" / "x.txt").write_text("x")
    (tree / ".hidden.txt").write_text("x")
    result = walk([tree], data)
    assert passed(result) == {"docs/.git/": "Hidden", "docs/.hidden.txt": "Hidden"}
    assert len(sources(result)) == 5


def test_a_hidden_folder_that_is_given_by_name_is_meant(tree: Path, data: Path) -> None:
    (tree / ".notes").mkdir()
    (tree / ".notes" / "x.txt").write_text("x")
    assert sources(walk([tree / ".notes"], data)) == [".notes/x.txt"]


def test_links_are_followed_inside_the_folder_and_never_out_of_it(tree: Path, data: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    (tree / "inside.txt").symlink_to(tree / "a.txt")
    (tree / "outside.txt").symlink_to(secret)
    (tree / "folder-outside").symlink_to(tmp_path)
    (tree / "round").symlink_to(tree)
    (tree / "nowhere.txt").symlink_to(tree / "gone.txt")
    (tree / "circle").symlink_to(tree / "circle")
    (tree / ".hidden").write_text("hidden")
    (tree / "to-hidden.txt").symlink_to(tree / ".hidden")
    result = walk([tree], data)
    names = ("outside.txt", "folder-outside", "round", "nowhere.txt", "circle", "to-hidden.txt")
    assert passed(result) == {f"docs/{name}": "Link" for name in names} | {"docs/.hidden": "Hidden"}
    assert "docs/inside.txt" in sources(result)
    assert len(sources(result)) == 6


def test_a_link_given_by_name_is_followed(tree: Path, data: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tree)
    assert walk([tmp_path / "link"], data).entries == walk([tree], data).entries


def test_pipes_are_named_and_not_opened(tree: Path, data: Path) -> None:
    os.mkfifo(tree / "pipe.txt")
    assert passed(walk([tree], data)) == {"docs/pipe.txt": "NotAFile"}
    assert passed(walk([tree / "pipe.txt"], data)) == {label(str(tree / "pipe.txt")): "NotAFile"}
    assert passed(walk([Path("/dev/null")], data)) == {"/dev/null": "NotAFile"}


def test_footnotes_own_data_is_nobodys_document(tree: Path) -> None:
    for name in ("data/default/library.db", "data/default/originals/ab", "data/models/m/config.json", "data/mine.txt"):
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text("x")
    result = walk([tree], tree / "data")
    assert passed(result) == {"docs/data/default/": "OwnData", "docs/data/models/": "OwnData"}
    assert "docs/data/mine.txt" in sources(result)
    assert "OwnData" in passed(walk([tree / "data" / "default"], tree / "data")).values()


def test_names_that_are_no_utf8_get_a_label_that_can_be_printed(docs: Path, data: Path) -> None:
    for name in (b"new\nline.txt", b"byte\xff.txt", "e\u0301.txt".encode()):
        (Path(os.fsdecode(os.path.join(os.fsencode(docs), name)))).write_text("x")  # noqa: PTH118  (bytes)
    result = walk([docs], data)
    assert sorted(sources(result)) == ["docs/byte\ufffd.txt", "docs/new\nline.txt", "docs/\u00e9.txt"]
    for entry in result.entries:
        assert isinstance(entry, Found)
        entry.source.encode()
        entry.location.encode("ascii")


def test_an_uploads_name_may_be_no_text_at_all() -> None:
    assert label("a\ud800b\udcff.txt") == "a\ufffdb\ufffd.txt"


def test_a_path_that_is_not_there_is_a_failed_entry(docs: Path, data: Path) -> None:
    result = walk([docs / "gone", Path("nul\0l")], data)
    assert set(passed(result).values()) == {"NotFound"}
    assert len(result.entries) == 2


def test_a_folder_that_cannot_be_listed_leaves_its_root_incomplete(
    tree: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scandir = os.scandir

    def refusing(path: Path) -> object:
        if Path(path).name == "deep":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    result = walk([tree], data)
    assert passed(result) == {"docs/sub/deep/": "Unreadable"}
    assert result.complete == []
    assert len(sources(result)) == 4
