from __future__ import annotations

import random
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import dedup
from ingest.dedup import METADATA_KEY, Known, Near, marked
from ingest.near import signature
from ingest.report import near_duplicate
from rag.library.library import FileFacts, Library, Manifest
from rag.types import Chunk, Document, Span

MANIFEST = Manifest("none", "none", 4, "chunker", "1")
WORDS = [f"word{number}" for number in range(2000)]


class Shelf:
    """A library of one document."""

    def document_with_bytes(self, sha256: str, reader: str) -> str | None:
        return "stored" if (sha256, reader) == ("aa", "1") else None

    def document_with_text(self, text: str) -> str | None:
        return "stored" if text == "the text" else None

    def documents_sharing(self, bands: tuple[int, ...], reader: str, characters: Span, limit: int) -> list[str]:
        return []

    def document(self, document_id: str) -> Document:
        raise AssertionError(document_id)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "default", MANIFEST) as opened:
        yield opened


def text_of(seed: int, words: int = 200) -> str:
    return " ".join(random.Random(seed).choices(WORDS, k=words))


def document_of(text: str, name: str) -> Document:
    return Document(name, name, f"docs/{name}.txt", "text/plain", text)


def store(library: Library, known: Known, document: Document, *, at: str = "") -> None:
    data = document.text.encode()
    facts = FileFacts(f"file:///{at or document.id}", document.source, library.keep_original(data), len(data), 1)
    vectors = np.eye(1, 4, dtype=np.float32)
    chunks = [Chunk(0, document.id, 0, len(document.text))]
    library.put(document, chunks, vectors, facts, bands=known.bands(document.id))


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


def test_a_text_that_waits_is_found_near_until_it_is_stored() -> None:
    known = Known(None, "1")
    one, other = document_of(text_of(1), "one"), document_of(text_of(1) + " and more", "other")
    assert known.near(one) is None
    known.add("one", "aa", one.text)
    near = known.near(other)
    assert near == Near("one", "docs/one.txt", 200 / 202)
    assert known.near(document_of(text_of(2), "unrelated")) is None
    known.all_stored()
    assert known.near(other) is None


def test_a_stored_text_is_found_near_and_gone_with_its_document(library: Library) -> None:
    known = Known(library, "1")
    one, other = document_of(text_of(1), "one"), document_of("Dear all " + text_of(1), "other")
    known.near(one)
    store(library, known, one)
    known.all_stored()
    assert known.near(other) == Near("one", "docs/one.txt", 200 / 202)
    library.remove("one")
    assert known.near(other) is None


def test_the_text_that_another_reader_made_is_not_compared(library: Library) -> None:
    known = Known(library, "1")
    one = document_of(text_of(1), "one")
    known.near(one)
    store(library, known, one)
    assert Known(library, "1").near(replace(one, id="other")) is not None
    assert Known(library, "2").near(replace(one, id="other")) is None


def test_the_most_similar_is_named_and_of_equals_the_oldest(library: Library) -> None:
    known = Known(library, "1")
    texts = [text_of(1) + tail for tail in (" and so much more", "", " and", " and")]
    for number, text in enumerate(texts[:3]):
        document = document_of(text, str(number))
        known.near(document)
        store(library, known, document)
    late = document_of(texts[3].replace(" and", ", and "), "3")
    known.near(late)
    known.add("3", "dd", late.text)
    near = known.near(document_of(texts[3] + ".", "4"))
    assert near == Near("2", "docs/2.txt", 1.0)


def test_a_document_is_not_near_itself_nor_the_version_it_replaces(library: Library) -> None:
    known = Known(library, "1")
    old = document_of(text_of(1), "old")
    known.near(old)
    store(library, known, old, at="a.txt")
    assert known.near(old) is None
    new = document_of(text_of(1) + " news", "new")
    assert known.near(new, replaces="old") is None
    assert known.near(new) is not None
    store(library, known, new, at="a.txt")
    assert known.near(replace(new, id="another")) == Near("new", new.source, 1.0)


def test_a_text_inside_a_longer_one_is_not_near_it_either_way() -> None:
    for first, second in ((text_of(1), text_of(1) + text_of(2)), (text_of(1) + text_of(2), text_of(1))):
        known = Known(None, "1")
        known.near(document_of(first, "one"))
        known.add("one", "aa", first)
        assert known.near(document_of(second, "other")) is None


def test_short_texts_are_never_near() -> None:
    known = Known(None, "1")
    for name in ("one", "other"):
        text = f"Closed on Mondays, says {name}."
        assert known.near(document_of(text, name)) is None
        assert known.bands(name) == ()
        known.add(name, name, text)


def test_a_signature_at_hand_is_used() -> None:
    known = Known(None, "1")
    signed = signature(text_of(1))
    known.near(document_of(text_of(1), "one"), signed=signed)
    assert known.bands("one") == signed.bands
    assert known.bands("nobody") == ()


def test_texts_that_wait_are_held_within_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dedup, "WAITING_CHARACTERS", 5 * len(text_of(1)))
    known = Known(None, "1")
    for number in range(20):
        known.near(document_of(text_of(number), str(number)))
        known.add(str(number), str(number), text_of(number))
    assert known.near(document_of(text_of(0) + " more", "x")) is None
    assert known.near(document_of(text_of(19) + " more", "x")) is not None


def test_a_near_duplicate_says_of_what_in_its_metadata_and_its_row() -> None:
    near = Near("one", "docs/one.txt", 0.93786)
    document = replace(document_of("text", "other"), metadata={"author": "A"})
    assert marked(document, None) is document
    assert marked(document, near).metadata == {
        "author": "A",
        METADATA_KEY: {"document_id": "one", "source": "docs/one.txt", "similarity": 0.937},
    }
    row = near_duplicate("docs/other.txt", "other", 7, near)
    assert (row.outcome, row.document_id, row.duplicate_of, row.chunks) == ("duplicate", "other", "one", 7)
    assert row.similarity == 0.937
    assert row.detail is not None
    assert "docs/one.txt" in row.detail
    assert near_duplicate("a", "other", 7, Near("one", "b", 0.99999)).similarity == 0.999
