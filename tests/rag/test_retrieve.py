"""rag.retrieve: a question becomes passages of a real, small library."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from rag.errors import NotFound
from rag.filters import Filters
from rag.library.library import Library
from rag.plan import Leg
from rag.ports import Matrix
from rag.retrieve import Retriever
from rag.text import fold
from rag.types import Block, Chunk, Document, Passage, Span
from rag.widen import WIDEN_CHARACTERS
from tests.fakes import HashEmbedder
from tests.rag.makers import EMBEDDER, put, shelve

OTTERS = "Otters hold hands while they sleep.\nThey eat crabs and clams.\nA holt is what their den is called."
BATS = "Bats fly at night.\nThey find moths by echo.\nA colony sleeps under the bridge."


class EnglishOnly(HashEmbedder):
    """Knows English; counts what it is asked."""

    languages = frozenset({"en"})
    asked = 0

    def embed_queries(self, texts: Sequence[str]) -> Matrix:
        self.asked += len(texts)
        return super().embed_queries(texts)


def retriever_of(
    library: Library, embedder: HashEmbedder = EMBEDDER, *, keep: int = 8, budget_characters: int = 12_000
) -> Retriever:
    return Retriever(library, embedder, candidates=50, keep=keep, budget_characters=budget_characters)


def assert_sound(library: Library, passages: Sequence[Passage]) -> None:
    for place, passage in enumerate(passages):
        document = library.document(passage.document_id)
        assert passage.text == document.text[passage.start : passage.end] != ""
        assert passage.version == document.version
        for other in passages[:place]:
            overlap = Span(other.start, other.end).overlaps(Span(passage.start, passage.end))
            assert other.document_id != passage.document_id or not overlap


def test_a_leg_that_cannot_know_the_language_is_not_asked(shelf: Library) -> None:
    for number in range(20):
        shelve(shelf, f"水獭睡觉时手拉手，第{number}只。\n蝙蝠在夜里飞。", f"{number}.txt")
    embedder = EnglishOnly()
    shelf.refresh()
    found = retriever_of(shelf, embedder).find("水獭怎么睡觉？")
    assert embedder.asked == 0
    assert [hit.key for hit in found.ranking] == [hit.key for hit in shelf.lexical("水獭怎么睡觉？", 50)]
    assert found.legs[Leg.DENSE] == {}


def test_a_leg_that_knows_the_language_is_asked(shelf: Library) -> None:
    shelve(shelf, OTTERS, "otters.txt")
    embedder = EnglishOnly()
    [passage] = retriever_of(shelf, embedder).retrieve("What is the den of otters called?", keep=1)
    assert embedder.asked == 1
    assert passage.scores.keys() == {"dense", "lexical", "closeness"}


def test_dense_answers_alone_where_no_term_stands_anywhere(shelf: Library) -> None:
    shelve(shelf, OTTERS, "otters.txt")
    shelf.refresh()
    assert shelf.lexical("zebra?", 5) == []
    passages = retriever_of(shelf).retrieve("zebra?")
    assert passages
    assert all(passage.scores.keys() == {"dense"} for passage in passages)
    assert_sound(shelf, passages)


def test_a_passage_is_widened_to_its_neighbours(shelf: Library) -> None:
    shelve(shelf, OTTERS, "otters.txt")
    [passage] = retriever_of(shelf).retrieve("crabs and clams")
    assert passage.text == OTTERS


def test_a_long_neighbour_is_left_out(shelf: Library) -> None:
    long = "clay " * (WIDEN_CHARACTERS // 5 + 1)
    shelve(shelf, f"{long}\nThey eat crabs.\nA den is a holt.", "otters.txt")
    first = retriever_of(shelf).retrieve("crabs")[0]
    assert first.text == "They eat crabs.\nA den is a holt."


def test_a_neighbour_under_another_heading_is_left_out(shelf: Library) -> None:
    document = Document("d", "d", "d.txt", "text/plain", "Bats fly. Otters eat crabs. Dens are holts.")
    spans = [(0, 9, "Bats"), (10, 27, "Otters"), (28, 43, "Otters")]
    put(shelf, document, [Chunk(0, "d", start, end, (heading,)) for start, end, heading in spans])
    assert retriever_of(shelf).retrieve("crabs")[0].text == "Otters eat crabs. Dens are holts."


@pytest.mark.parametrize("keep", [1, 2, 3, 8])
def test_passages_are_slices_that_do_not_overlap(shelf: Library, keep: int) -> None:
    lines = [f"Otter {number} sleeps {'in the river ' * (number % 5)}." for number in range(30)]
    for name in ("a", "b", "c"):
        shelve(shelf, "\n".join(lines), f"{name}.txt")
    passages = retriever_of(shelf).retrieve("which otter sleeps in the river", keep=keep)
    assert len(passages) == keep
    assert_sound(shelf, passages)


def test_chunks_that_overlap_give_passages_that_do_not(shelf: Library) -> None:
    sentences = [f"Otter {number} sleeps. " + "So it does, we saw. " * 40 for number in range(8)]
    text = "".join(sentences)
    edges = [sum(map(len, sentences[:number])) for number in range(9)]
    chunks = [Chunk(0, "d", edges[number], edges[min(number + 2, 8)]) for number in range(8)]
    put(shelf, Document("d", "d", "d.txt", "text/plain", text), chunks)
    passages = retriever_of(shelf).retrieve("which otter sleeps")
    assert len(passages) > 2
    assert_sound(shelf, passages)


NOTICE = (
    "This message is meant for its addressee alone; whoever has it in error tells us and deletes all of its copies."
)


def test_what_many_documents_say_is_a_passage_once_and_names_the_others(shelf: Library) -> None:
    for number in range(9):
        shelve(shelf, f"Letter {number} is about otters.{' So it is.' * 60}\n{NOTICE}", f"{number}.txt")
    shelve(shelf, "An addressee who has no copies may delete the message.", "other.txt")
    passages = retriever_of(shelf, keep=3).retrieve("who deletes the copies of a message had in error")
    assert len(passages) == 3
    [notice] = [passage for passage in passages if NOTICE in passage.text]
    assert {notice.source, *notice.also_at} == {f"{number}.txt" for number in range(9)}
    assert len(notice.also_at) == 8
    assert "other.txt" in {passage.source for passage in passages}
    assert_sound(shelf, passages)


def test_script_width_case_and_layout_make_no_other_text(shelf: Library) -> None:
    text = "圖書館週一至週五上午九時開放，讀者憑證入館，借閱圖書以三十天為限，逾期者須繳滯納金。" * 3
    shelve(shelf, text, "traditional.txt")
    shelve(shelf, fold(text).replace(",", ", "), "simplified.txt")
    [passage] = retriever_of(shelf).retrieve("圖書館幾時開放")
    assert {passage.source, *passage.also_at} == {"traditional.txt", "simplified.txt"}


def test_a_short_text_in_other_surroundings_is_another(shelf: Library) -> None:
    for town, hill in (("Ash", "the north hill, where one sees far"), ("Oak", "the south hill, among old trees")):
        shelve(shelf, f"The museum of {town} stands on {hill}.\nClosed on Mondays.", f"{town}.txt")
    passages = retriever_of(shelf).retrieve("closed on Mondays")
    assert sorted(passage.source for passage in passages) == ["Ash.txt", "Oak.txt"]
    assert all(passage.also_at == () for passage in passages)


def test_what_a_widened_passage_says_already_is_not_said_again(shelf: Library) -> None:
    otters = "Otters hold hands while they sleep on the water, so that none of them drifts away from its raft at night."
    first = f"{NOTICE}\n{otters}"
    shelve(shelf, first, "a.txt")
    shelve(shelf, f"{first}\nBats fly.", "b.txt")
    passages = retriever_of(shelf).retrieve("otters hold hands; copies of a message")
    assert sum("Otters hold hands" in passage.text for passage in passages) == 1
    assert_sound(shelf, passages)


def test_a_hundred_copies_that_rank_first_do_not_crowd_out_the_others(shelf: Library) -> None:
    shelve(shelf, "\n".join(f"{number}. Copies of a message.{' Otters sleep.' * 90}" for number in range(6)), "a.txt")
    for number in range(100):
        shelve(shelf, NOTICE, f"{number:03}.txt")
    passages = retriever_of(shelf, keep=4).retrieve("copies of all that this message is meant for")
    assert len(passages) == 4
    assert len(passages[0].also_at) == 99
    among = ["007.txt", "008.txt", "a.txt"]
    ids = [row.id for row in shelf.documents(limit=200) if row.source in among]
    passages = retriever_of(shelf, keep=4).retrieve(
        "copies of all that this message is meant for", filters=Filters(document_ids=tuple(ids))
    )
    assert [{passage.source, *passage.also_at} for passage in passages] == [{"007.txt", "008.txt"}] + [{"a.txt"}] * 3


def test_the_question_is_embedded_once_however_far_is_looked(shelf: Library) -> None:
    for number in range(60):
        shelve(shelf, NOTICE, f"{number}.txt")
    embedder = EnglishOnly()
    [passage] = retriever_of(shelf, embedder).retrieve("copies of a message")
    assert len(passage.also_at) == 59
    assert embedder.asked == 1


def test_the_budget_is_kept_but_the_first_passage_always_given(shelf: Library) -> None:
    shelve(shelf, "\n".join(f"Otter {number}. {'water ' * 150}" for number in range(12)), "long.txt")
    passages = retriever_of(shelf, budget_characters=2500).retrieve("otter water")
    assert 1 < len(passages) < 8
    assert sum(len(passage.text) for passage in passages) <= 2500
    assert len(retriever_of(shelf, budget_characters=10).retrieve("otter water")) == 1


def test_who_asks_for_more_passages_gets_a_budget_to_match(shelf: Library) -> None:
    shelve(shelf, "\n".join(f"Otter {number}. {'water ' * 150}" for number in range(12)), "long.txt")
    assert len(retriever_of(shelf, keep=2, budget_characters=2000).retrieve("otter water", keep=10)) == 10


def test_only_the_documents_asked_for_are_searched(shelf: Library) -> None:
    shelve(shelf, OTTERS, "otters.txt")
    bats = shelve(shelf, BATS, "bats.txt")
    passages = retriever_of(shelf).retrieve("where do otters sleep", filters=Filters(document_ids=(bats.id,)))
    assert {passage.document_id for passage in passages} == {bats.id}
    assert retriever_of(shelf).retrieve("otters", filters=Filters(document_ids=("nobody",))) == ()


def test_a_removed_document_is_gone_at_once(shelf: Library) -> None:
    otters = shelve(shelf, OTTERS, "otters.txt")
    bats = shelve(shelf, BATS, "bats.txt")
    retriever = retriever_of(shelf)
    assert retriever.retrieve("otters")[0].document_id == otters.id
    shelf.remove(otters.id)
    assert {passage.document_id for passage in retriever.retrieve("otters")} <= {bats.id}


@pytest.mark.parametrize(
    "question", ["", "???", "。。。", "\ud800", "the of and", "otters\x00", "[1] </passages>", "水獭"]
)
def test_any_text_may_be_asked(shelf: Library, question: str) -> None:
    shelve(shelf, OTTERS, "otters.txt")
    assert_sound(shelf, retriever_of(shelf).retrieve(question))


def test_an_empty_library_has_no_passages(shelf: Library) -> None:
    assert retriever_of(shelf).retrieve("otters") == ()


def once_before(monkeypatch: pytest.MonkeyPatch, library: Library, method: str, happens: Callable[[], object]) -> None:
    """Let something happen to the library between two steps of a question."""
    real: Callable[..., object] = getattr(library, method)
    done: list[int] = []

    def watched(*given: object) -> object:
        if not done:
            done.append(1)
            happens()
        return real(*given)

    monkeypatch.setattr(library, method, watched)


@pytest.mark.parametrize("step", ["chunks", "documents_with", "boxes_in"])
def test_a_document_removed_while_it_is_read_is_passed_over(
    shelf: Library, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    otters = shelve(shelf, OTTERS, "otters.txt")
    bats = shelve(shelf, BATS + "\nBats and otters are mammals.", "bats.txt")
    once_before(monkeypatch, shelf, step, lambda: shelf.remove(otters.id))
    passages = retriever_of(shelf).retrieve("otters sleep where")
    assert {passage.document_id for passage in passages} == {bats.id}
    with pytest.raises(NotFound):
        shelf.document(otters.id)


@pytest.mark.parametrize("step", ["chunks", "documents_with", "boxes_in"])
def test_a_text_replaced_while_it_is_read_is_ranked_anew(
    shelf: Library, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def document_of(text: str) -> tuple[Document, list[Chunk]]:
        return Document("d", "d", "d.txt", "text/plain", text, (Block(0, len(text)),)), [Chunk(0, "d", 0, len(text))]

    put(shelf, *document_of("Otters sleep in rivers, and they hold hands."))
    once_before(monkeypatch, shelf, step, lambda: put(shelf, *document_of("Otters sleep.")))
    passages = retriever_of(shelf).retrieve("otters")
    assert [(passage.text, passage.version) for passage in passages] == [("Otters sleep.", 2)]


def test_many_may_ask_while_documents_come_and_go(shelf: Library) -> None:
    keeper = shelve(shelf, OTTERS, "keeper.txt")
    retriever = retriever_of(shelf)

    def ask(_: int) -> Collection[str]:
        passages = retriever.retrieve("where do otters sleep")
        assert all(len(passage.text) == passage.end - passage.start > 0 for passage in passages)
        return {passage.document_id for passage in passages}

    with ThreadPoolExecutor(4) as pool:
        answers = [pool.submit(ask, number) for number in range(24)]
        for number in range(6):
            shelf.remove(shelve(shelf, f"{OTTERS}\nOtter {number}.", "passing.txt").id)
        assert all(keeper.id in answer.result() for answer in answers)
