"""Every LexicalIndex ranks as plain BM25 does, in Chinese and English, whatever was added and removed before."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.library.lexical import TantivyIndex
from rag.ports import LexicalEntry, LexicalIndex
from tests.contracts.plain import PlainLexicalIndex

BODIES = {
    1: "Otters hold hands while they sleep, so that the current does not part them.",
    2: "水獭在睡觉时会手拉着手，这样水流就不会把它们冲散。",
    3: "The fire door on the second floor is checked every month by the caretaker.",
    4: "二楼的防火门由管理员每月检查一次。",
    5: "Running water wears away stone; the river ran for a million years.",
    6: "請假須提前三天申請，由主管批准。",
    7: "The GPT-4 report lists 1,024 questions and their answers.",
}


@pytest.fixture(params=["plain", "tantivy"])
def index(request: pytest.FixtureRequest, tmp_path: Path) -> LexicalIndex:
    made: LexicalIndex = PlainLexicalIndex() if request.param == "plain" else TantivyIndex(tmp_path / "lexical")
    made.add(LexicalEntry(key, body) for key, body in BODIES.items())
    made.commit()
    return made


def keys(index: LexicalIndex, query: str, k: int = 10) -> list[int]:
    return [hit.key for hit in index.search(query, k)]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("Why do otters hold hands?", 1),
        ("水獭为什么手拉手睡觉？", 2),
        ("Who checks the fire doors?", 3),
        ("防火門多久檢查一次", 4),
        ("rivers running through stones", 5),
        ("请假要提前几天申请", 6),
        ("ｇｐｔ４ questions", 7),
        ("GPT-4", 7),
        ("1024", 7),
    ],
)
def test_the_text_that_answers_comes_first(index: LexicalIndex, query: str, first: int) -> None:
    assert keys(index, query)[0] == first


def test_hits_come_best_first_and_at_most_k(index: LexicalIndex) -> None:
    hits = index.search("otters water river door", 2)
    assert len(hits) == 2
    assert hits[0].score >= hits[1].score > 0
    assert keys(index, "otters", 0) == []


@pytest.mark.parametrize("query", ["", "   ", "？！。", "zebra", "斑马"])
def test_what_stands_nowhere_is_not_found(index: LexicalIndex, query: str) -> None:
    assert keys(index, query) == []


def test_nothing_is_seen_before_commit(index: LexicalIndex) -> None:
    index.add([LexicalEntry(8, "zebra crossing")])
    index.remove([1])
    assert (keys(index, "zebra"), keys(index, "otters")) == ([], [1])
    index.commit()
    assert (keys(index, "zebra"), keys(index, "otters"), len(index)) == ([8], [], 7)


def test_a_key_added_again_is_replaced(index: LexicalIndex) -> None:
    index.add([LexicalEntry(1, "斑马")])
    index.commit()
    assert (keys(index, "otters"), keys(index, "斑马"), len(index)) == ([], [1], 7)


def test_removing_what_is_not_there_is_nothing(index: LexicalIndex) -> None:
    index.remove([99, 99])
    index.commit()
    assert len(index) == 7


def test_keys_of_64_bits_are_kept_whole(index: LexicalIndex) -> None:
    index.add([LexicalEntry(2**62 + 1, "zebra")])
    index.commit()
    assert keys(index, "zebra") == [2**62 + 1]


WORDS = ["otter", "river", "stone", "door", "水獭", "石头", "防火门", "申請"]
TEXTS = st.lists(st.sampled_from(WORDS), min_size=1, max_size=12).map(" ".join)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.integers(1, 12), TEXTS),
        st.tuples(st.just("remove"), st.integers(1, 12), st.just("")),
    ),
    min_size=1,
    max_size=20,
)


@pytest.fixture(scope="module")
def scratch() -> Iterator[Path]:
    folder = Path(mkdtemp())
    yield folder
    shutil.rmtree(folder)


@settings(max_examples=25)
@given(steps=STEPS, query=TEXTS)
def test_scores_are_those_of_plain_bm25_after_any_changes(
    scratch: Path, steps: list[tuple[str, int, str]], query: str
) -> None:
    plain, index = PlainLexicalIndex(), TantivyIndex(Path(mkdtemp(dir=scratch)))
    for kind, key, text in steps:
        for each in (plain, index):
            if kind == "add":
                each.add([LexicalEntry(key, text)])
            else:
                each.remove([key])
    plain.commit()
    index.commit()
    assert index.keys().tolist() == sorted(plain._bodies)
    wanted, found = plain.search(query, 20), index.search(query, 20)
    assert {hit.key for hit in found} == {hit.key for hit in wanted}
    # tantivy keeps lengths up to 40 exactly; removed texts count in its statistics until their segment is merged.
    if not any(kind == "remove" for kind, _, _ in steps) and len({key for _, key, _ in steps}) == len(steps):
        by_key = {hit.key: hit.score for hit in wanted}
        assert all(hit.score == pytest.approx(by_key[hit.key], rel=1e-3) for hit in found)


def test_a_filter_leaves_scores_as_they_were(tmp_path: Path) -> None:
    index = TantivyIndex(tmp_path / "lexical")
    index.add(LexicalEntry(key, body) for key, body in BODIES.items())
    index.commit()

    everything = {hit.key: hit.score for hit in index.search("otters water river door", 10)}
    some = index.search("otters water river door", 10, among=np.array([1, 5, 6]))
    assert {hit.key: hit.score for hit in some} == {key: everything[key] for key in (1, 5)}


def test_titles_and_headings_are_searched_and_count_for_less(tmp_path: Path) -> None:
    index = TantivyIndex(tmp_path / "lexical")
    entries = [
        LexicalEntry(1, "three days", "请假制度"),
        LexicalEntry(2, "请假制度"),
        LexicalEntry(3, "x", "", "请假制度"),
    ]
    index.add([*entries, LexicalEntry(4, "nothing of it")])
    index.commit()
    assert keys(index, "請假制度")[0] == 2
    assert set(keys(index, "請假制度")) == {1, 2, 3}


def test_an_enormous_word_is_left_out_and_its_text_kept(tmp_path: Path) -> None:
    index = TantivyIndex(tmp_path / "lexical")
    index.add([LexicalEntry(1, "otters " + "x" * 100_000)])
    index.commit()
    assert keys(index, "otters") == [1]


def test_a_reader_sees_what_another_committed_when_it_looks(tmp_path: Path) -> None:
    writer, reader = TantivyIndex(tmp_path / "lexical"), TantivyIndex(tmp_path / "lexical")
    writer.add([LexicalEntry(1, "otters")])
    writer.commit()
    reader.reload()
    assert keys(reader, "otters") == [1]
    reader.add([LexicalEntry(2, "otters")])  # the writer has let go of the folder's lock
    reader.commit()
    writer.reload()
    assert keys(writer, "otters") == [1, 2]
    assert writer.frequency("otter") == 2
