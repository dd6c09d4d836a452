from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from ingest.dedup import Known


class Shelf:
    """A library of one document."""

    def document_with_bytes(self, sha256: str, reader: str) -> str | None:
        return "stored" if (sha256, reader) == ("aa", "1") else None

    def document_with_text(self, text: str) -> str | None:
        return "stored" if text == "the text" else None


def test_the_library_is_asked_for_bytes_and_for_text() -> None:
    known = Known(Shelf(), "1")
    assert known.with_bytes("aa") == "stored"
    assert known.with_text("the text") == "stored"
    assert known.with_bytes("bb") is None
    assert known.with_text("another") is None
    assert Known(Shelf(), "2").with_bytes("aa") is None


def test_what_waits_is_known_until_it_is_stored() -> None:
    known = Known(None, "1")
    known.add("new", "bb", "new text")
    assert (known.with_bytes("bb"), known.with_text("new text"), known.waits("new")) == ("new", "new", True)
    known.all_stored()
    assert (known.with_bytes("bb"), known.with_text("new text"), known.waits("new")) == (None, None, False)


@given(st.text(), st.text())
def test_only_equal_texts_are_twins(one: str, other: str) -> None:
    known = Known(None, "1")
    known.add("one", "aa", one)
    assert (known.with_text(other) == "one") == (one == other)
    assert known.with_text(unicodedata.normalize("NFC", one)) in ("one", None)
