"""rag.rerank: what a reranker has read goes by its score, within a time; the rest keeps its order behind that."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import ModelError
from rag.library.library import Library
from rag.plan import Found
from rag.rerank import FIRST_TEXTS, MOST_TEXTS, Rerank, _reordered
from rag.retrieve import Retriever
from rag.types import Hit
from tests.rag.makers import EMBEDDER, shelve


class ByLength:
    """Likes long texts; takes a second for each, by the clock that it keeps."""

    name = "by length"

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.now = 0.0
        self.loads = 0

    def load(self) -> None:
        self.loads += 1
        self.now += 100

    def score(self, question: str, texts: Sequence[str]) -> Sequence[float]:
        self.batches.append(list(texts))
        self.now += len(texts)
        return [min(1.0, len(text.split("\n")[-1]) / 100) for text in texts]


@pytest.fixture
def lines(shelf: Library) -> Found:
    """A hundred chunks, each longer than the one before, ranked as they stand."""
    shelve(shelf, "\n".join("x" * (number + 1) for number in range(100)), "lines.txt", title=" ")
    shelf.refresh()
    keys = sorted(shelf.chunks(range(1, 200)))
    return Found([Hit(key, 1 - place / 100) for place, key in enumerate(keys)], {"lexical": {keys[0]: 2.0}}, False, "f")


def rerank(shelf: Library, reranker: ByLength, *, candidates: int = 40, seconds: float = 1e9) -> Rerank:
    return Rerank(shelf, reranker, candidates=candidates, budget_seconds=seconds, clock=lambda: reranker.now)


def test_what_was_read_goes_by_its_score_and_the_rest_stays_behind(shelf: Library, lines: Found) -> None:
    found = rerank(shelf, ByLength())("?", lines)
    keys = [hit.key for hit in lines.ranking]
    assert [hit.key for hit in found.ranking] == keys[:40][::-1] + keys[40:]
    scores = [hit.score for hit in found.ranking]
    assert scores == sorted(scores, reverse=True)
    assert 0 <= scores[-1] <= scores[0] <= 1
    assert found.legs["rerank"] == {key: pytest.approx((place + 1) / 100) for place, key in enumerate(keys[:40])}
    assert found.legs["lexical"] == lines.legs["lexical"]
    assert (found.note, found.is_all) == ("40 of 40 read", False)


def test_when_the_time_is_spent_the_unread_keep_their_order(shelf: Library, lines: Found) -> None:
    reranker = ByLength()
    found = rerank(shelf, reranker, seconds=25.5)("?", lines)
    keys = [hit.key for hit in lines.ranking]
    assert [hit.key for hit in found.ranking] == keys[:25][::-1] + keys[25:]
    assert found.note == "25 of 40 read"
    assert [len(batch) for batch in reranker.batches] == [FIRST_TEXTS, MOST_TEXTS, 25 - FIRST_TEXTS - MOST_TEXTS]
    assert reranker.now == pytest.approx(100 + 25)


def test_the_first_few_are_read_however_short_the_time(shelf: Library, lines: Found) -> None:
    found = rerank(shelf, ByLength(), seconds=0.001)("?", lines)
    assert found.note == f"{FIRST_TEXTS} of 40 read"


def test_loading_does_not_count(shelf: Library, lines: Found) -> None:
    reranker = ByLength()
    rerank(shelf, reranker, seconds=40)("?", lines)
    assert (reranker.loads, sum(map(len, reranker.batches))) == (1, 40)


def test_a_question_asked_again_goes_on_where_the_time_was_spent(shelf: Library, lines: Found) -> None:
    reranker = ByLength()
    reordering = rerank(shelf, reranker, seconds=10)
    assert [reordering("?", lines).note for _ in range(5)] == [f"{count} of 40 read" for count in (10, 20, 30, 40, 40)]
    read = [text for batch in reranker.batches for text in batch]
    assert len(read) == len(set(read)) == 40


def test_it_reads_where_a_chunk_stands_before_its_text(shelf: Library) -> None:
    shelve(shelf, "Otters hold hands.", "otters.txt", title="Animals")
    reranker = ByLength()
    rerank(shelf, reranker)("?", Found([Hit(key, 1.0) for key in shelf.chunks(range(9))]))
    assert reranker.batches == [["Animals\nOtters hold hands."]]


def test_what_was_removed_is_not_read(shelf: Library, lines: Found) -> None:
    reranker = ByLength()
    gone = Found([Hit(10_000, 1.0), *lines.ranking[:3]])
    found = rerank(shelf, reranker)("?", gone)
    assert [hit.key for hit in found.ranking[:3]] == [hit.key for hit in lines.ranking[:3]][::-1]
    assert found.note == "3 of 4 read"
    assert rerank(shelf, reranker)("?", Found([])).ranking == []


def test_where_the_model_fails_the_order_stands_and_the_note_says_so(
    shelf: Library, lines: Found, caplog: pytest.LogCaptureFixture
) -> None:
    class Failing(ByLength):
        def score(self, question: str, texts: Sequence[str]) -> Sequence[float]:
            if len(self.batches) == 1:
                raise ModelError("out of memory")
            return super().score(question, texts)

    found = rerank(shelf, Failing())("?", lines)
    assert found.ranking == lines.ranking
    assert found.legs == lines.legs
    assert "out of memory" in found.note
    assert "out of memory" in caplog.text


def test_the_retriever_gives_its_scores_and_says_how_many_were_read(shelf: Library) -> None:
    shelve(shelf, "An otter.\nAn otter holds hands with another otter while it sleeps.", "otters.txt")
    reordering: Callable[[str, Found], Found] = rerank(shelf, ByLength())
    retriever = Retriever(
        shelf, EMBEDDER, candidates=50, keep=1, budget_characters=500, reorder=[("rerank", reordering)]
    )
    retrieval = retriever.run("otter")
    assert retrieval.passages[0].scores["rerank"] == retrieval.passages[0].score
    assert [step.detail for step in retrieval.steps if step.stage == "rerank"] == ["2 of 2 read"]


@given(st.lists(st.floats(0, 1), max_size=20), st.data())
def test_scores_never_rise_down_the_ranking_and_no_key_is_lost(fused: list[float], data: st.DataObject) -> None:
    ranking = [Hit(key, score) for key, score in enumerate(sorted(fused, reverse=True))]
    read = data.draw(st.sets(st.sampled_from(range(len(ranking))))) if ranking else set()
    scores = {key: data.draw(st.floats(0, 1)) for key in read}
    found = _reordered(ranking, scores)
    assert sorted(hit.key for hit in found) == [hit.key for hit in ranking]
    assert [hit.score for hit in found] == sorted((hit.score for hit in found), reverse=True)
    assert all(0 <= hit.score <= 1 for hit in found)
    unread = [hit.key for hit in found if hit.key not in scores]
    assert unread == sorted(unread)
    assert all(hit.score == scores[hit.key] for hit in found[: len(scores)])
