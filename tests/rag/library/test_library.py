from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rag.errors import InvalidRequest, LibraryMismatch, NotFound
from rag.filters import Filters
from rag.library.library import FileFacts, Library, Manifest
from rag.types import Block, BlockKind, Box, Chunk, Span
from tests.rag.library.shelf import (
    EMBEDDER,
    MANIFEST,
    chunked,
    document_of,
    facts_of,
    found,
    open_shelf,
    place,
    place_again,
    printed,
)


def test_what_was_put_comes_back_whole(library: Library) -> None:
    given = replace(printed("Otters hold hands while they sleep on the water."), metadata={"pages": 3, "作者": "李"})
    stored = library.put(given, *chunked(given), facts_of(given.text, "otters.txt"))
    assert stored == replace(given, source="shelf/otters.txt", version=1)
    assert library.document(given.id) == stored
    row = library.document_row(given.id)
    assert (row.chunks, row.characters, row.pages, row.version) == (2, len(given.text), 3, 1)


def test_chunk_keys_are_contiguous_ordered_and_never_used_again(library: Library) -> None:
    first = place(library, "one " * 30, "a.txt")
    keys = [chunk.key for chunk in library.chunks_of(first.id)]
    assert keys == list(range(keys[0], keys[0] + len(keys)))
    library.remove(first.id)
    second = place(library, "two " * 30, "a.txt")
    assert min(chunk.key for chunk in library.chunks_of(second.id)) > max(keys)


def test_chunk_text_is_the_slice_its_span_names(library: Library) -> None:
    document = place(library, "水獭在水面上睡觉时会手拉着手，这样就不会被水流冲散。" * 3, "otters.txt")
    for chunk in library.chunks_of(document.id):
        assert library.chunks([chunk.key]) == {chunk.key: chunk}
    text = "".join(document.text[chunk.start : chunk.end] for chunk in library.chunks_of(document.id))
    assert text == document.text


def test_vectors_survive_the_store_to_half_precision(library: Library) -> None:
    document = place(library, "Otters hold hands while they sleep.", "otters.txt")
    chunks = library.chunks_of(document.id)
    _, given = chunked(document)
    assert np.allclose(library.vectors(chunk.key for chunk in chunks), given, atol=1e-3)
    with pytest.raises(NotFound):
        library.vectors([chunks[-1].key + 1])


def test_a_changed_file_takes_the_place_of_its_old_text(library: Library) -> None:
    old = place(library, "The office opens at nine.", "hours.txt")
    new = place(library, "The bureau unlocks around ten.", "hours.txt")
    assert new.version == old.version + 1
    assert found(library, "office opens nine") == set()
    assert found(library, "bureau unlocks ten") == {new.id}
    assert library.source_at("file:///shelf/hours.txt").document_id == new.id  # type: ignore[union-attr]
    with pytest.raises(NotFound):
        library.document(old.id)
    with pytest.raises(NotFound):
        library.original(old.id)
    assert library.verify() == []


def test_a_document_lives_as_long_as_one_of_its_locations(library: Library) -> None:
    text = "The fire door is checked every month."
    document = place(library, text, "b.txt")
    place_again(library, text, "c.txt")
    place_again(library, text, "a.txt")
    assert library.document_row(document.id).also_at == ("shelf/a.txt", "shelf/c.txt")
    assert library.document(document.id).source == "shelf/b.txt"
    assert library.forget("file:///shelf/b.txt")
    assert library.document(document.id).source == "shelf/a.txt"
    assert found(library, "fire door checked") == {document.id}
    assert library.forget("file:///shelf/a.txt")
    assert library.forget("file:///shelf/c.txt")
    assert not library.forget("file:///shelf/c.txt")
    assert found(library, "fire door checked") == set()
    assert library.verify() == []


def test_a_changed_copy_leaves_its_twin_alone(library: Library) -> None:
    document = place(library, "The canteen serves lunch.", "a.txt")
    place_again(library, "The canteen serves lunch.", "b.txt")
    other = place(library, "The garden has benches.", "a.txt")
    assert found(library, "canteen serves lunch") == {document.id}
    assert library.document(document.id).source == "shelf/b.txt"
    place_again(library, "The garden has benches.", "b.txt")
    assert found(library, "canteen serves lunch") == set()
    assert library.document_row(other.id).also_at == ("shelf/b.txt",)
    assert library.verify() == []


def test_removing_a_document_removes_every_trace(library: Library) -> None:
    document = place(library, "Otters hold hands.", "a.txt")
    place_again(library, "Otters hold hands.", "b.txt")
    original = library.original(document.id)
    library.remove(document.id)
    assert library.sources() == []
    assert not original.exists()
    assert found(library, "otters hold hands") == set()
    assert len(library) == 0
    with pytest.raises(NotFound):
        library.remove(document.id)


def test_an_original_that_a_job_still_needs_stays(library: Library) -> None:
    document = place(library, "Otters hold hands.", "a.txt")
    original = library.original(document.id)
    library.jobs.enqueue("upload", {"files": [{"sha256": original.name}]})
    library.remove(document.id)
    assert original.exists()


def test_putting_the_same_bytes_again_keeps_one_document(library: Library) -> None:
    document = place(library, "Otters hold hands.", "a.txt")
    again = place(library, "Otters hold hands.", "a.txt")
    assert (again.id, again.version) == (document.id, 1)
    assert len(library.documents(limit=10)) == 1
    assert library.verify() == []


def test_removed_chunks_never_come_back_even_before_the_indexes_know(library: Library) -> None:
    kept = place(library, "Otters hold hands in the sea.", "a.txt")
    gone = place(library, "Otters hold hands in rivers.", "b.txt")
    library.refresh()
    library.remove(gone.id)
    dense = library.dense(EMBEDDER.embed_queries(["otters hold hands"]), 10)[0]
    lexical = library.lexical("otters hold hands", 10)
    ids = {chunk.document_id for chunk in library.chunks({hit.key for hit in (*dense, *lexical)}).values()}
    assert ids == {kept.id}


def test_removals_do_not_push_the_living_out_of_the_first_k(library: Library) -> None:
    gone = [place(library, f"otter otter otter {number}", f"gone{number}.txt") for number in range(8)]
    kept = place(library, "otter and more words here", "kept.txt")
    library.refresh()
    for document in gone:
        library.remove(document.id)
    for hits in (library.dense(EMBEDDER.embed_queries(["otter"]), 1)[0], library.lexical("otter", 1)):
        assert [library.chunks([hit.key])[hit.key].document_id for hit in hits] == [kept.id]


def test_a_filter_gives_the_unfiltered_ranking_without_the_others(library: Library) -> None:
    texts = [f"otter {'river ' * (number % 5)}{'sea ' * (number % 3)}number {number}" for number in range(30)]
    documents = [place(library, text, f"{number}.txt") for number, text in enumerate(texts)]
    library.catch_up()
    chosen = {document.id for document in documents[::3]}
    among = library.matching(Filters(document_ids=tuple(chosen)))
    query = EMBEDDER.embed_queries(["otter river sea"])
    for everything, filtered in (
        (library.dense(query, 1000)[0], library.dense(query, 5, among=among)[0]),
        (library.lexical("otter river sea", 1000), library.lexical("otter river sea", 5, among=among)),
    ):
        chunks = library.chunks(hit.key for hit in everything)
        wanted = [hit for hit in everything if chunks[hit.key].document_id in chosen][:5]
        assert [round(hit.score, 5) for hit in filtered] == [round(hit.score, 5) for hit in wanted]
        assert {library.chunks([hit.key])[hit.key].document_id for hit in filtered} <= chosen
    nothing = library.matching(Filters(document_ids=("nobody",)))
    assert library.lexical("otter", 5, among=nothing) == []
    assert library.dense(query, 5, among=nothing) == [[]]


def test_an_empty_library_answers_nothing(library: Library) -> None:
    library.refresh()
    assert library.dense(EMBEDDER.embed_queries(["anything"]), 5) == [[]]
    assert library.lexical("anything", 5) == []
    assert library.lexical("", 5) == []
    assert library.verify() == []


@pytest.mark.parametrize("query", ['"', "AND OR NOT (", "body:x", "* ~ ^ \\", "\x00", "\ud800", "的" * 4000])
def test_hostile_queries_are_only_text(library: Library, query: str) -> None:
    place(library, "Otters hold hands.", "a.txt")
    library.refresh()
    library.lexical(query, 5)


@pytest.mark.parametrize("fill", [0.0, np.nan, np.inf, 3.0])
def test_a_vector_that_is_not_of_unit_length_is_refused(library: Library, fill: float) -> None:
    document = document_of("Otters hold hands while they sleep on the water.")
    chunks, matrix = chunked(document)
    matrix[1] = fill
    with pytest.raises(InvalidRequest, match="the vector of chunk 1"):
        library.put(document, chunks, matrix, facts_of(document.text, "a.txt"))
    assert library.documents(limit=5) == []


def test_chunks_that_do_not_fit_their_document_are_refused(library: Library) -> None:
    document = document_of("short")
    vector = EMBEDDER.embed_passages(["short"])
    for chunk in (Chunk(0, document.id, 0, 6), Chunk(0, document.id, 3, 3), Chunk(0, "another", 0, 5)):
        with pytest.raises(InvalidRequest):
            library.put(document, [chunk], vector, facts_of("short", "a.txt"))
    with pytest.raises(InvalidRequest):
        library.put(document, [], vector, facts_of("short", "a.txt"))
    backwards = [Chunk(0, document.id, 2, 5), Chunk(0, document.id, 0, 2)]
    with pytest.raises(InvalidRequest):
        library.put(document, backwards, np.repeat(vector, 2, axis=0), facts_of("short", "a.txt"))
    overlapping = replace(document, blocks=(Block(0, 4), Block(3, 5)))
    with pytest.raises(InvalidRequest):
        library.put(overlapping, [Chunk(0, document.id, 0, 5)], vector, facts_of("short", "a.txt"))
    assert library.documents(limit=5) == []


def test_names_that_are_no_text_are_stored_readably(library: Library) -> None:
    document = document_of("text", title="caf\udce9")
    facts = FileFacts("file:///shelf/caf%E9", "caf\udce9", "0" * 64, 4, 1)
    stored = library.put(document, *chunked(document), facts)
    assert (stored.title, stored.source) == ("caf?", "caf?")
    assert library.document(document.id) == stored


def test_text_that_no_file_can_hold_is_refused(library: Library) -> None:
    document = replace(document_of("text"), text="te\ud800t")
    with pytest.raises(InvalidRequest, match="lone surrogate at 2"):
        library.put(document, [], EMBEDDER.embed_passages([]), facts_of("text", "a.txt"))


def test_known_bytes_and_known_text_are_found(library: Library) -> None:
    document = place(library, "Otters hold hands.", "a.txt")
    sha256 = facts_of("Otters hold hands.", "a.txt").sha256
    assert library.document_with_bytes(sha256, "reader 1") == document.id
    assert library.document_with_bytes(sha256, "reader 2") is None
    assert library.document_with_text("Otters hold hands.") == document.id
    assert library.document_with_text("otters hold hands.") is None
    library.forget("file:///shelf/a.txt")
    assert library.document_with_text("Otters hold hands.") is None


def test_sources_under_a_folder_are_those_inside_it(library: Library) -> None:
    for name in ("a/1.txt", "a/b/2.txt", "ab/3.txt", "A/4.txt", "a%25/5.txt"):
        place(library, f"text of {name}", name)
    under = [row.source for row in library.sources("file:///shelf/a")]
    assert under == ["shelf/a/1.txt", "shelf/a/b/2.txt"]
    assert [row.source for row in library.sources("file:///shelf/ab/3.txt")] == ["shelf/ab/3.txt"]
    assert len(library.sources()) == 5


def test_a_touched_file_keeps_its_document(library: Library) -> None:
    document = place(library, "Otters hold hands.", "a.txt")
    library.touch(replace(facts_of("Otters hold hands.", "a.txt"), mtime_ns=77))
    row = library.source_at("file:///shelf/a.txt")
    assert row is not None
    assert (row.mtime_ns, row.document_id) == (77, document.id)


def test_documents_are_listed_a_page_at_a_time(library: Library) -> None:
    for number in range(7):
        place(library, f"text number {number}", f"{6 - number}.txt")
    pages = [library.documents(limit=3)]
    while len(pages[-1]) == 3:
        pages.append(library.documents(limit=3, after=pages[-1][-1].id))
    assert [row.source for page in pages for row in page] == [f"shelf/{number}.txt" for number in range(7)]
    with pytest.raises(NotFound):
        library.documents(limit=3, after="nobody")


def test_a_span_is_boxed_line_by_line(library: Library) -> None:
    document = printed("0123456789" * 5)
    library.put(document, *chunked(document), facts_of(document.text, "a.pdf"))
    assert [box.y0 for box in library.boxes(document.id, Span(8, 21))] == [0, 12, 24]
    assert [box.y0 for box in library.boxes(document.id, Span(10, 20))] == [12]
    assert library.page_of(document.id, Span(8, 21)) == 1
    assert library.page_of(document.id, Span(45, 50)) == 3
    plain = place(library, "no pages here", "b.txt")
    assert library.boxes(plain.id, Span(0, 5)) == ()
    assert library.page_of(plain.id, Span(0, 5)) is None


def test_blocks_with_boxes_serve_where_there_are_no_lines(library: Library) -> None:
    box = Box(2, 1, 2, 3, 4)
    document = document_of("heading text", blocks=(Block(0, 7, BlockKind.HEADING, box, 1), Block(8, 12)))
    library.put(document, *chunked(document), facts_of(document.text, "a.pdf"))
    assert library.boxes(document.id, Span(2, 12)) == (box,)


def test_originals_are_named_by_their_bytes(library: Library) -> None:
    data = b"\x00\xff" * 100
    sha256 = library.keep_original(data)
    assert sha256 == hashlib.sha256(data).hexdigest() == library.keep_original(data)
    assert (library.folder / "originals" / sha256).read_bytes() == data
    assert [path.name for path in (library.folder / "originals").iterdir()] == [sha256]


def test_another_embedder_is_refused_with_the_way_out(folder: Path, library: Library) -> None:
    place(library, "Otters hold hands.", "a.txt")
    for other in (
        replace(MANIFEST, fingerprint="another"),
        replace(MANIFEST, dimension=33),
        replace(MANIFEST, chunker="chunker 2"),
        replace(MANIFEST, reader="reader 2"),
    ):
        with pytest.raises(LibraryMismatch) as caught:
            Library.open(folder, other)
        assert "footnote library rebuild" in caught.value.hint
    open_shelf(folder, replace(MANIFEST, embedder="the same weights by another name")).close()
    open_shelf(folder, replace(MANIFEST, chunker="", reader="")).close()


def test_an_empty_library_takes_the_embedder_that_comes(folder: Path) -> None:
    open_shelf(folder, Manifest("first", "first", 8)).close()
    with open_shelf(folder) as library:
        assert library.manifest == MANIFEST
        document = place(library, "Otters hold hands.", "a.txt")
        assert found(library, "otters hold hands") == {document.id}


def test_vectors_of_the_embedder_before_a_rebuild_are_refused(folder: Path) -> None:
    with open_shelf(folder) as ingesting:
        place(ingesting, "Otters hold hands.", "a.txt")
        other = replace(MANIFEST, fingerprint="another of the same dimension")
        Library.rebuild(folder, other, chunked, lambda *_: None)
        with pytest.raises(LibraryMismatch, match="another of the same dimension"):
            place(ingesting, "Bats fly at night.", "b.txt")
    with open_shelf(folder, other) as library:
        assert [row.source for row in library.documents(limit=5)] == ["shelf/a.txt"]


def test_it_says_what_made_its_vectors_and_a_rebuild_begins_anew(folder: Path) -> None:
    with open_shelf(folder) as library:
        for name in ("openvino 1 f32", "torch 2", "openvino 1 f32", ""):
            library.note_runtime(name)
    with open_shelf(folder) as library:
        library.note_runtime("torch 2")
        assert library.stats().runtimes == ("openvino 1 f32", "torch 2")
        Library.rebuild(folder, MANIFEST, chunked, lambda *_: None)
        assert library.stats().runtimes == ()


def test_documents_are_counted_without_a_look_at_their_originals(library: Library) -> None:
    for number in range(3):
        place(library, f"Otter number {number}.", f"{number}.txt")
    assert (library.count_documents(), library.stats().documents) == (3, 3)


def test_a_reader_that_knows_no_chunker_leaves_it_to_the_writer(folder: Path) -> None:
    open_shelf(folder, replace(MANIFEST, chunker="", reader="")).close()
    open_shelf(folder).close()
    with open_shelf(folder, replace(MANIFEST, chunker="", reader="")) as library:
        assert library.manifest == MANIFEST


def test_a_library_may_be_made_by_many_at_once(folder: Path) -> None:
    def make(_: int) -> Manifest:
        with open_shelf(folder) as library:
            return library.manifest

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(make, range(12))) == {MANIFEST}


def test_many_threads_may_ask_while_one_writes(library: Library) -> None:
    keeper = place(library, "otters otters otters otters", "keeper.txt")
    query = EMBEDDER.embed_queries(["otters"])

    def ask(_: int) -> None:
        library.refresh()
        hits = [*library.dense(query, 3)[0], *library.lexical("otters", 3)]
        chunks = library.chunks(hit.key for hit in hits)
        assert keeper.id in {chunk.document_id for chunk in chunks.values()}

    with ThreadPoolExecutor(6) as pool:
        asked = [pool.submit(ask, number) for number in range(120)]
        for number in range(25):
            place(library, f"words about number {number} and nothing else", f"{number % 7}.txt")
            if number % 5 == 0:
                library.catch_up()
        for each in asked:
            each.result()
    assert library.verify() == []
