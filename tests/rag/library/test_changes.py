"""Any sequence of changes leaves the library as a dictionary of locations would be."""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import mkdtemp

from hypothesis import given, settings
from hypothesis import strategies as st

from rag.library.library import Library
from tests.rag.library.shelf import document_of, facts_of, found, open_shelf, place, place_again

TEXTS = ["otters hold hands", "fire doors checked", "bats fly night", "水獭手拉手睡觉"]
NAMES = ["a.txt", "b.txt", "c.txt"]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["place", "place", "forget", "remove", "catch up", "open again"]),
        st.sampled_from(NAMES),
        st.sampled_from(TEXTS),
    ),
    max_size=10,
)


@settings(max_examples=8)
@given(steps=STEPS)
def test_the_library_is_what_its_changes_say(steps: list[tuple[str, str, str]]) -> None:
    folder = Path(mkdtemp())
    library = open_shelf(folder)
    wanted: dict[str, str] = {}
    try:
        for kind, name, text in steps:
            if kind == "open again":
                library.close()
                library = open_shelf(folder)
            else:
                change(library, wanted, kind, name, text)
        assert {row.location: row.document_id for row in library.sources()} == {
            facts_of(text, name).location: document_of(text).id for name, text in wanted.items()
        }
        for text in TEXTS:
            assert (document_of(text).id in found(library, text)) == (text in wanted.values())
        assert library.verify() == []
    finally:
        library.close()
        shutil.rmtree(folder)


def change(library: Library, wanted: dict[str, str], kind: str, name: str, text: str) -> None:
    if kind == "place":
        if text in wanted.values():  # as ingestion does with bytes that it knows
            place_again(library, text, name)
        else:
            place(library, text, name)
        wanted[name] = text
    elif kind == "forget":
        assert library.forget(facts_of(text, name).location) == (name in wanted)
        wanted.pop(name, None)
    elif kind == "remove" and text in wanted.values():
        library.remove(document_of(text).id)
        for twin in [each for each, held in wanted.items() if held == text]:
            del wanted[twin]
    elif kind == "catch up":
        library.catch_up()
