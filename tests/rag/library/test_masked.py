"""A masked document stands in the library without the bytes it was read from."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from rag.errors import NotFound
from rag.library.library import Library
from rag.library.spool import drop_spooled
from rag.types import Document
from tests.rag.library.shelf import chunked, document_of, facts_of, place

TEXT = "Ada's number is [PHONE-1], she says."
RAW = b"Ada's number is 13800138000, she says."


def place_masked(library: Library, name: str = "a.txt") -> Document:
    document = replace(document_of(TEXT), metadata={"masked": True, "personal": {"phone": 1}})
    facts = replace(facts_of(TEXT, name), sha256=library.keep_original(RAW), size=len(RAW))
    return library.put(document, *chunked(document), facts)


def kept(library: Library) -> list[Path]:
    folder = library.folder / "originals"
    return list(folder.iterdir()) if folder.is_dir() else []


def test_its_original_goes_and_nothing_is_amiss(library: Library) -> None:
    document = place_masked(library)
    assert kept(library) == []
    library.catch_up()
    assert library.verify() == []
    with pytest.raises(NotFound, match="masked") as caught:
        library.original(document.id)
    assert "text" in caught.value.hint


def test_an_original_that_is_there_all_the_same_is_seen_and_swept(library: Library) -> None:
    place_masked(library)
    path = library.folder / "originals" / library.keep_original(RAW)
    library.catch_up()
    [problem] = library.verify()
    assert "it is masked, and its original" in problem
    os.utime(path, (0, 0))
    library.rebuild_indexes()
    assert not path.exists()
    assert library.verify() == []


def test_a_text_that_speaks_of_masking_keeps_its_original(library: Library) -> None:
    document = replace(document_of(TEXT), metadata={"subject": '"masked": true', "masked": "true"})
    facts = replace(facts_of(TEXT, "a.txt"), sha256=library.keep_original(RAW), size=len(RAW))
    library.put(document, *chunked(document), facts)
    library.catch_up()
    assert library.original(document.id).read_bytes() == RAW
    assert library.verify() == []


def test_the_same_bytes_kept_for_another_document_stay(library: Library) -> None:
    plain = place(library, RAW.decode(), "b.txt")
    place_masked(library)
    library.catch_up()
    assert library.original(plain.id).read_bytes() == RAW
    assert library.verify() == []
    library.remove(plain.id)
    assert kept(library) == []


def test_masking_a_document_that_stood_there_unmasked_drops_its_bytes(library: Library) -> None:
    place(library, RAW.decode(), "a.txt")
    assert len(kept(library)) == 1
    place_masked(library)
    assert kept(library) == []
    library.catch_up()
    assert library.verify() == []


def test_uploads_wait_for_their_job_and_go_with_it(library: Library) -> None:
    spooled = library.keep_original(RAW)
    waiting = library.jobs.enqueue("upload", {"files": [{"name": "a.txt", "sha256": spooled, "size": len(RAW)}]})
    place_masked(library)
    drop_spooled(library.folder, waiting)
    assert len(kept(library)) == 1, "a worker that is killed runs the job again, and needs the bytes"
    library.catch_up()
    assert library.verify() == []
    job = library.jobs.claim("worker")
    assert job is not None
    library.jobs.finish(job.id, {})
    drop_spooled(library.folder, job)
    assert kept(library) == []


def test_uploads_that_a_document_needs_stay(library: Library) -> None:
    place(library, TEXT, "a.txt")
    sha256 = facts_of(TEXT, "a.txt").sha256
    job = library.jobs.enqueue("upload", {"files": [{"name": "a.txt", "sha256": sha256, "size": 1}]})
    library.jobs.cancel(job.id)
    drop_spooled(library.folder, job)
    assert len(kept(library)) == 1
