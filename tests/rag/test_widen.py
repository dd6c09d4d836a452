"""rag.widen: chunks of a real, small library become passages."""

from __future__ import annotations

from dataclasses import replace
from itertools import accumulate, pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag.library.library import Library
from rag.plan import Found
from rag.types import Block, BlockKind, Chunk, Document, Hit, Passage, Span
from rag.widen import Widener
from tests.rag.makers import put, shelve

H, P, L = BlockKind.HEADING, BlockKind.PARAGRAPH, BlockKind.LIST_ITEM


def document_of(parts: list[tuple[BlockKind, str]], name: str = "d") -> Document:
    starts = accumulate((len(words) + 1 for _, words in parts), initial=0)
    blocks = [Block(start, start + len(words), kind) for start, (kind, words) in zip(starts, parts, strict=False)]
    text = "\n".join(words for _, words in parts)
    return Document(name, name, f"{name}.txt", "text/plain", text, tuple(blocks))


def found_of(library: Library, *ids: str) -> Found:
    keys = [chunk.key for name in ids for chunk in library.chunks_of(name)]
    return Found([Hit(key, 1 / (place + 1)) for place, key in enumerate(keys)])


def first(library: Library, document: Document, words: str, budget: int = 10_000) -> Passage:
    at = document.text.index(words)
    [key] = [chunk.key for chunk in library.chunks_of(document.id) if chunk.start <= at < chunk.end]
    return Widener(library).passages(Found([Hit(key, 1.0)]), 8, budget)[0][0]


def test_a_passage_is_no_torn_paragraph_and_has_its_heading(shelf: Library) -> None:
    long = "Otters sleep afloat, all of them. " * 20
    document = document_of([(H, "Otters"), (P, long + "They eat crabs. They eat clams."), (P, "Bats fly."), (P, long)])
    cut, end = document.text.index("They eat clams"), document.text.index("Bats fly.")
    tail = document.text.index("Bats fly.") + len("Bats fly.") + 1
    chunks = [Chunk(0, "d", 0, cut), Chunk(0, "d", cut, tail - 1), Chunk(0, "d", tail, len(document.text))]
    put(shelf, document, chunks)
    assert first(shelf, document, "Otters").text == document.text[: tail - 1]
    assert first(shelf, document, "clams").text == document.text[cut : tail - 1]  # its paragraph begins too far above
    assert end > cut


def test_a_list_keeps_the_sentence_that_leads_to_it(shelf: Library) -> None:
    filler = (P, "Bats fly at night. " * 40)
    items = [(L, f"- item {number} of the list") for number in range(9)]
    document = document_of([filler, (H, "Food"), (P, "Otters eat:"), *items, filler])
    lead, middle = document.text.index("Food"), document.text.index("- item 5")
    stop = document.text.index("- item 8") + len("- item 8 of the list")
    chunks = [Chunk(0, "d", 0, lead - 1), Chunk(0, "d", lead, middle - 1), Chunk(0, "d", middle, stop)]
    put(shelf, document, chunks)
    for words in ("item 2", "item 7"):
        assert first(shelf, document, words).text == document.text[lead:stop]


def test_what_the_budget_does_not_allow_is_left_out_before_the_chunk_is(shelf: Library) -> None:
    document = document_of([(P, "One is here. " + "Two is there. " * 8 + "Two is there."), (P, "Three. " * 9)])
    cut = document.text.index("Two")
    put(shelf, document, [Chunk(0, "d", 0, cut - 1), Chunk(0, "d", cut, len(document.text))])
    assert first(shelf, document, "One", budget=500).text == document.text
    assert first(shelf, document, "One", budget=145).text == document.text.split("\n")[0]
    assert first(shelf, document, "One", budget=100).text == "One is here."


def test_what_nearly_says_the_same_is_a_passage_once(shelf: Library) -> None:
    text = "Otters hold hands while they sleep on the water, so that none of them drifts away from its raft at night."
    for name, words in (("a", text), ("b", text.replace("its raft", "the raft")), ("c", text.replace("night", "noon"))):
        shelve(shelf, words, f"{name}.txt")
    ids = [row.id for row in shelf.documents(limit=9)]
    found = found_of(shelf, *ids)
    passages, _ = Widener(shelf).passages(found, 8, 10_000)
    assert [passage.source for passage in passages] in (["a.txt", "c.txt"], ["b.txt", "c.txt"])
    assert len(passages[0].also_at) == 1


parts = st.lists(
    st.tuples(st.sampled_from([H, P, P, P, L, L]), st.text("ab. ", min_size=1, max_size=400).filter(str.strip)),
    min_size=1,
    max_size=14,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(st.data())
def test_passages_are_slices_that_hold_their_chunks_and_never_overlap(shelf: Library, data: st.DataObject) -> None:
    document = document_of(data.draw(parts))
    size = len(document.text)
    edges = sorted({0, size, *data.draw(st.lists(st.integers(0, size), max_size=10))})
    overlap = data.draw(st.integers(0, 30))
    chunks = [Chunk(0, "d", max(0, a - overlap), b) for a, b in pairwise(edges)]
    put(shelf, document, chunks)
    keys = data.draw(st.permutations([chunk.key for chunk in shelf.chunks_of("d")]))
    budget = data.draw(st.sampled_from([50, 600, 10_000]))
    ranking = [Hit(key, 1 / (place + 1)) for place, key in enumerate(keys)]
    passages, _ = Widener(shelf).passages(Found(ranking), 8, budget)
    assert len(passages[:1]) == bool(ranking) or not document.text.strip()
    for place, passage in enumerate(passages):
        span = Span(passage.start, passage.end)
        assert passage.text == document.text[span.start : span.end] != ""
        assert passage.text == passage.text.strip() or span.of(document.text).strip()
        others = passages[:place]
        assert not any(Span(other.start, other.end).overlaps(span) for other in others)
        taken = [Span(other.start, other.end) for other in others]
        own = Span(passage.chunk.start, passage.chunk.end)
        if not any(own.overlaps(other) for other in taken):
            assert own.of(document.text).strip() in passage.text
    assert sum(len(passage.text) for passage in passages[1:]) <= budget


def test_a_passage_has_its_documents_own_date_and_none_of_its_files(shelf: Library) -> None:
    document = document_of([(P, "Otters sleep afloat.")])
    dated = replace(document, id="e", source="e.txt", metadata={"date": "2019", "modified": "2024-03-01T10:00:00Z"})
    for one in (document, dated):
        put(shelf, one, [Chunk(0, one.id, 0, len(one.text))])
    assert first(shelf, document, "Otters").date is None
    assert first(shelf, dated, "Otters").date == "2024-03-01"
