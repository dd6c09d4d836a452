from __future__ import annotations

from pathlib import Path

import pytest

from rag.errors import Conflict, InvalidRequest, LibraryBusy, NotFound
from rag.library.collections import collection_folder, create_collection, list_collections, remove_collection
from tests.rag.library.shelf import open_shelf, place


def test_collections_are_made_listed_and_removed(tmp_path: Path) -> None:
    assert list_collections(tmp_path / "nowhere") == []
    for name in ("law", "hr-2"):
        create_collection(tmp_path, name)
    (tmp_path / "models").mkdir()
    (tmp_path / "empty").mkdir()
    assert list_collections(tmp_path) == ["hr-2", "law"]
    with pytest.raises(Conflict):
        create_collection(tmp_path, "law")
    remove_collection(tmp_path, "law")
    assert list_collections(tmp_path) == ["hr-2"]
    assert not list(tmp_path.glob(".removed-*"))
    with pytest.raises(NotFound):
        remove_collection(tmp_path, "law")


def test_a_new_collection_takes_the_embedder_that_opens_it(tmp_path: Path) -> None:
    with open_shelf(create_collection(tmp_path, "law")) as library:
        place(library, "Otters hold hands.", "a.txt")
        assert library.verify() == []


@pytest.mark.parametrize("name", ["", ".", "..", "../law", "a/b", "Law", "法律", "models", "-a", "a" * 65])
def test_a_name_that_is_no_folder_is_refused(tmp_path: Path, name: str) -> None:
    for use in (collection_folder, create_collection, remove_collection):
        with pytest.raises(InvalidRequest):
            use(tmp_path, name)


def test_a_collection_that_is_being_written_is_not_removed(tmp_path: Path) -> None:
    with open_shelf(create_collection(tmp_path, "law")) as library, library.lease(), pytest.raises(LibraryBusy):
        remove_collection(tmp_path, "law")
    assert list_collections(tmp_path) == ["law"]
