from __future__ import annotations

from dataclasses import replace

import pytest

from rag.errors import InvalidRequest, NotFound
from rag.library.library import Library
from tests.rag.library.shelf import chunked, document_of, facts_of, place, place_again


def tags_of(library: Library, document_id: str) -> tuple[str, ...]:
    return library.document_row(document_id).tags


def test_tags_come_and_go(library: Library) -> None:
    document = place(library, "Otters hold hands.", "a.txt")
    library.tags.change([document.id], add=["Sea", " animals  of the sea "])
    assert tags_of(library, document.id) == ("Sea", "animals of the sea")
    library.tags.change([document.id], add=["sea", "河流"], remove=["Animals of the Sea", "never there"])
    assert tags_of(library, document.id) == ("Sea", "河流")
    library.tags.replace(document.id, ["one"])
    assert tags_of(library, document.id) == ("one",)
    assert library.verify() == []


def test_tags_stay_with_a_file_that_changes_and_with_one_that_moves(library: Library) -> None:
    old = place(library, "The office opens at nine.", "hours.txt")
    library.tags.change([old.id], add=["office"])
    new = place(library, "The office opens at ten.", "hours.txt")
    assert tags_of(library, new.id) == ("office",)
    place_again(library, "The office opens at ten.", "moved.txt")
    library.forget("file:///shelf/hours.txt")
    assert tags_of(library, new.id) == ("office",)


def test_a_file_that_becomes_a_copy_hands_its_tags_on(library: Library) -> None:
    first, second = place(library, "Bats fly at night.", "a.txt"), place(library, "Otters hold hands.", "b.txt")
    library.tags.change([first.id], add=["night"])
    library.tags.change([second.id], add=["Night", "sea"])
    place_again(library, "Bats fly at night.", "b.txt")
    assert set(tags_of(library, first.id)) == {"night", "sea"}


def test_tags_go_with_their_document(library: Library) -> None:
    document = place(library, "Otters hold hands.", "a.txt")
    library.tags.change([document.id], add=["sea"])
    library.remove(document.id)
    again = place(library, "Otters hold hands.", "a.txt")
    assert tags_of(library, again.id) == ()
    assert library.verify() == []


def test_a_documents_own_keywords_are_tags_that_stay(library: Library) -> None:
    document = replace(document_of("Otters hold hands."), metadata={"keywords": "Sea, otters； 水獭"})
    library.put(document, *chunked(document), facts_of(document.text, "a.txt"))
    library.tags.change([document.id], add=["mine"])
    assert tags_of(library, document.id) == ("mine", "Sea", "otters", "水獭")
    with pytest.raises(InvalidRequest, match="keyword"):
        library.tags.change([document.id], remove=["sea"])
    library.tags.replace(document.id, ["sea", "other"])
    assert tags_of(library, document.id) == ("other", "Sea", "otters", "水獭")


@pytest.mark.parametrize("tag", ["", "  ", "x" * 101, "a\x00b"])
def test_what_cannot_be_a_tag_is_refused(library: Library, tag: str) -> None:
    document = place(library, "Otters hold hands.", "a.txt")
    with pytest.raises(InvalidRequest):
        library.tags.change([document.id], add=["fine", tag])
    assert tags_of(library, document.id) == ()


def test_tagging_what_is_not_there_changes_nothing(library: Library) -> None:
    document = place(library, "Otters hold hands.", "a.txt")
    with pytest.raises(NotFound):
        library.tags.change([document.id, "nobody"], add=["sea"])
    assert tags_of(library, document.id) == ()
