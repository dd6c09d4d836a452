"""Every LexicalIndex ranks as plain BM25 does, in Chinese and English, whatever was added and removed before."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rag.lexicon import Lexicon
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


def test_a_filter_leaves_scores_as_they_were(index: LexicalIndex) -> None:
    everything = {hit.key: hit.score for hit in index.search("otters water river door", 10)}
    some = index.search("otters water river door", 10, among=np.array([1, 5, 6]))
    assert {hit.key: hit.score for hit in some} == {key: everything[key] for key in (1, 5)}
    assert index.search("otters", 10, among=np.zeros(0, dtype=np.int64)) == []
    assert index.search("otters", 10, among=np.array([98, 99])) == []


def test_of_equal_scores_the_smaller_keys_are_kept(index: LexicalIndex) -> None:
    index.add(LexicalEntry(key, "zebra") for key in (90, 30, 70, 50, 60))
    index.commit()
    assert keys(index, "zebra", 3) == [30, 50, 60]
    assert [hit.key for hit in index.search("zebra", 2, among=np.array([50, 70, 90]))] == [50, 70]


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


def test_a_title_is_read_with_the_text_as_one(tmp_path: Path) -> None:
    index = TantivyIndex(tmp_path / "lexical")
    index.add(
        [
            LexicalEntry(1, "They hold hands while they sleep.", "Sea otters"),
            LexicalEntry(2, "Otters are mammals. Otters eat fish. They sleep.", "Mammals"),
        ]
    )
    index.commit()
    assert keys(index, "Why do sea otters hold hands?")[0] == 1


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("otetrs", 1),  # two letters changed places
        ("caretakr", 3),  # one is missing
        ("questtions", 7),  # one too many
        ("millien", 5),  # one is wrong
        ("carateker", 3),  # two are wrong, in a long word
    ],
)
def test_a_word_that_stands_nowhere_finds_what_is_written_almost_so(tmp_path: Path, query: str, first: int) -> None:
    index = TantivyIndex(tmp_path / "lexical")
    index.add(LexicalEntry(key, body) for key, body in BODIES.items())
    index.commit()
    assert keys(index, query)[:1] == [first]


@pytest.mark.parametrize("query", ["otte", "cat", "gpt5", "zebras"])
def test_a_word_unlike_any_other_finds_nothing(tmp_path: Path, query: str) -> None:
    index = TantivyIndex(tmp_path / "lexical")
    index.add([LexicalEntry(1, "caterpillars in 2015"), LexicalEntry(2, "水獭")])
    index.commit()
    assert keys(index, query) == []


def test_a_collections_own_words_are_kept_whole(tmp_path: Path) -> None:
    lexicon = Lexicon(words=("云上贵州",))
    index, without = TantivyIndex(tmp_path / "one", lexicon), TantivyIndex(tmp_path / "other")
    for each in (index, without):
        each.add([LexicalEntry(1, "云上贵州是一个平台"), LexicalEntry(2, "贵州在云上，云在贵州上")])
        each.commit()
    assert (index.frequency("云上贵州/"), without.frequency("云上贵州/")) == (1, 0)
    assert keys(index, "雲上貴州")[0] == 1


def test_a_synonym_finds_what_says_it_otherwise_and_what_was_asked_for_comes_first(tmp_path: Path) -> None:
    lexicon = Lexicon(groups=(("年假", "带薪休假", "annual leave"),))
    index = TantivyIndex(tmp_path / "lexical", lexicon)
    bodies = ["年假共有五天", "带薪休假共有五天", "five days of annual leave", "病假共有五天"]
    index.add(LexicalEntry(key, body) for key, body in enumerate(bodies))
    index.commit()
    found = keys(index, "年假")
    assert found[0] == 0
    assert {1, 2} <= set(found)
    assert 0 in keys(index, "How is annual leave granted?")
    assert 0 not in keys(index, "How is the annual report granted leave?")


@pytest.mark.parametrize("query", ["谁写了《水调歌头》", "誰寫了「水調歌頭」", '谁写了"水调歌头"', "谁写了“水调歌头”"])
def test_what_stands_in_quotation_marks_is_found_whole_first(tmp_path: Path, query: str) -> None:
    index = TantivyIndex(tmp_path / "lexical")
    other = "谁写了水调？水边的歌头，调子写在头里。"
    index.add([LexicalEntry(1, other), LexicalEntry(2, "苏轼的水调歌头作于中秋，" + "那一年他在密州做官。" * 4)])
    index.add(LexicalEntry(key, "写作课的歌") for key in range(3, 60))
    index.commit()
    assert keys(index, re.sub('[《》「」“”"]', "", query))[0] == 1
    assert keys(index, query)[0] == 2
    assert keys(index, query + "「斑马」")[0] == 2


CROWD = 3000


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> TantivyIndex:
    """Many short texts of a few words: scores tie by the dozen."""
    index = TantivyIndex(tmp_path_factory.mktemp("crowd"))
    index.add(
        LexicalEntry(7 * key, " ".join(WORDS[(key >> at) % len(WORDS)] for at in range(2 + key % 5)))
        for key in range(CROWD)
    )
    index.commit()
    return index


@settings(max_examples=50, deadline=None)
@given(data=st.data(), query=TEXTS, k=st.sampled_from([1, 10, 100, 1000]))
def test_a_filter_gives_what_the_whole_ranking_has_of_its_keys(
    crowd: TantivyIndex, data: st.DataObject, query: str, k: int
) -> None:
    share = data.draw(st.sampled_from([0.001, 0.05, 0.5, 0.99, 1.0]))
    drawn = np.random.default_rng(data.draw(st.integers(0, 99))).random(CROWD) < share
    if data.draw(st.booleans()):  # one run
        drawn = np.sort(drawn)[::-1]
    among = 7 * np.flatnonzero(drawn)
    allowed = set(among.tolist())
    whole = [hit for hit in crowd.search(query, CROWD) if hit.key in allowed]
    assert crowd.search(query, k, among=among.astype(np.int64)) == whole[:k]


@pytest.mark.parametrize(
    "costs",
    [
        {"NARROW": 10**6, "FEW_RUNS": 0, "HITS_FOR_A_RUN": -(10**6)},  # each key is named
        {"NARROW": 0, "FEW_RUNS": 10**6, "WIDE_SHARE": 2.0},  # each run is a range
        {"FEW_RUNS": 0, "HITS_FOR_A_RUN": 10**6},  # hits are looked at until there are enough
        {"FEW_RUNS": 0, "HITS_FOR_A_RUN": 0, "PATIENCE": 0},  # and not even that
    ],
)
def test_every_way_to_filter_gives_the_same(
    crowd: TantivyIndex, monkeypatch: pytest.MonkeyPatch, costs: dict[str, float]
) -> None:
    wanted = [hit for hit in crowd.search("otter 水獭", CROWD) if hit.key % 3 == 0 or 700 < hit.key < 7000]
    among = np.array([key for key in crowd.keys().tolist() if key % 3 == 0 or 700 < key < 7000], dtype=np.int64)
    for name, cost in costs.items():
        monkeypatch.setattr(f"rag.library.among.{name}", cost)
    assert crowd.search("otter 水獭", 50, among=among) == wanted[:50]


def test_what_is_left_out_where_lists_are_long_is_the_commonest(
    crowd: TantivyIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    rare = crowd.search("zebra otter", 10)
    monkeypatch.setattr("rag.library.lexical.MOST_POSTINGS", 1)
    assert crowd.search("zebra otter", 10) == rare  # the rarest is read, however long its list


@settings(max_examples=50, deadline=None)
@given(query=st.text(st.characters(), max_size=80), k=st.integers(-1, 20))
@example("\ud800otter", 5)
@example("'\"()[]{}^~*?:\\/AND OR NOT +- 水獭\x00", 5)
@example("a" * 100_000, 5)
@example("otter" * 20_000, 5)
def test_any_text_can_be_asked_for(crowd: TantivyIndex, query: str, k: int) -> None:
    assert len(crowd.search(query, k)) <= max(0, k)
