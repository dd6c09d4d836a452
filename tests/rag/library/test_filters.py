"""Under any filter, each leg finds what an exhaustive search would, less what does not pass."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rag.filters import Filters
from rag.library import attributes
from rag.library.library import FileFacts, Library
from rag.ports import Matrix
from rag.retrieve import Retriever
from rag.types import Document, Hit
from tests.rag.library.shelf import EMBEDDER, MANIFEST, chunked, document_of, open_shelf

DOCUMENTS = 150
PAIRS = 200
ALL = 10_000
WORDS = {
    "en": "otter river canteen lunch gate leave policy backup fire door garden bench train receipt".split(),
    "zh": "水獭 河流 食堂 午餐 大门 休假 政策 备份 消防 花园 长椅 火车 收据 办公室".split(),
}
TYPES = ["application/pdf", "text/markdown", "text/html", "image/png"]
LANGUAGES = {"en": ["en", "en-GB"], "zh": ["zh", "zh-Hant"]}
TAGS = ["policy", "Finance", "草稿", "q3 2024"]
FOLDERS = ["hr", "hr/2024", "HR archive", "finance/2023/q1", "政策"]
SUFFIXES = ["pdf", "md", "txt"]
FIRST_DAY = date(2023, 1, 1)


@dataclass
class Known:
    """What a document is, as the test knows it."""

    document: Document
    places: set[str]
    day: date | None
    tags: set[str] = field(default_factory=set)


@dataclass
class Shelf:
    library: Library
    known: dict[str, Known] = field(default_factory=dict)

    def passing(self, filters: Filters) -> set[str]:
        return {document_id for document_id, known in self.known.items() if passes(known, filters)}

    def keys(self, document_ids: set[str]) -> list[int]:
        return sorted(chunk.key for document_id in document_ids for chunk in self.library.chunks_of(document_id))


class Exhaustive:
    """The library, whose legs rank all there is, and leave out what does not pass only then."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._every = shelf.keys(set(shelf.known))
        self._matrix = shelf.library.vectors(self._every)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._shelf.library, name)

    def __len__(self) -> int:
        return len(self._every)

    def matching(self, filters: Filters) -> frozenset[int]:
        return frozenset(self._shelf.keys(self._shelf.passing(filters)))

    def dense(self, queries: Matrix, k: int, *, among: frozenset[int]) -> list[list[Hit]]:
        [scores] = (queries @ self._matrix.T).tolist()
        ranked = sorted(zip(scores, self._every, strict=True), key=lambda one: (-one[0], one[1]))
        return [[Hit(key, score) for score, key in ranked if key in among][:k]]

    def lexical(self, query: str, k: int, *, among: frozenset[int]) -> list[Hit]:
        return [hit for hit in self._shelf.library.lexical(query, ALL) if hit.key in among][:k]


def passes(known: Known, filters: Filters) -> bool:
    """By the letter of docs/api.md, for the values that are drawn here."""
    document = known.document
    types = {"pdf": "application/pdf", "markdown": "text/markdown", "html": "text/html"}
    day = known.day
    return (
        (not filters.document_ids or document.id in filters.document_ids)
        and (
            not filters.types
            or any(types.get(name, name) == document.mime for name in filters.types)
            or ("image/*" in filters.types and document.mime.startswith("image/"))
        )
        and (not filters.languages or document.language.split("-")[0] in filters.languages)
        and (not filters.tags or bool({tag.lower() for tag in filters.tags} & {tag.lower() for tag in known.tags}))
        and (not filters.sources or any(at(place, pattern) for place in known.places for pattern in filters.sources))
        and (filters.after is None or (day is not None and day >= filters.after))
        and (filters.before is None or (day is not None and day <= filters.before))
    )


def at(place: str, pattern: str) -> bool:
    place, pattern = place.lower(), pattern.lower()
    if "*" not in pattern:
        return place == pattern or place.startswith(f"{pattern.rstrip('/')}/")
    if "/" not in pattern:
        return any(fnmatchcase(part, pattern) for part in place.split("/"))
    head, _, tail = pattern.partition("**/")
    return place.startswith(head) and any(fnmatchcase(part, tail) for part in place.removeprefix(head).split("/"))


def some_place(draw: random.Random, number: int) -> str:
    return f"{draw.choice(FOLDERS)}/{number} report.{draw.choice(SUFFIXES)}"


def facts(place: str, text: str, time: int) -> FileFacts:
    data = text.encode()
    return FileFacts(f"file:///{place}", place, hashlib.sha256(data).hexdigest(), len(data), time)


def nanoseconds(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, 12, tzinfo=UTC).timestamp()) * 1_000_000_000


def some_document(draw: random.Random, number: int) -> tuple[Document, date | None]:
    """A document, and the day that it names itself."""
    language = draw.choice(["en", "zh"])
    words = draw.choices(WORDS[language], k=draw.randint(5, 40))
    day = FIRST_DAY + timedelta(days=draw.randint(0, 700))
    said, own = draw.choice(
        [
            ({}, None),
            ({"modified": f"{day}T10:00:00Z", "created": "2001-01-01"}, day),
            ({"created": day.isoformat()}, day),
            ({"modified": "some day", "date": f"D:{day:%Y/%m/%d}"}, day),
        ]
    )
    document = replace(
        document_of(f"{number} " + " ".join(words)),
        mime=draw.choice(TYPES),
        language=draw.choice(LANGUAGES[language]),
        metadata=said | ({"keywords": "policy, made up"} if draw.random() < 0.2 else {}),
    )
    return document, own


def put(shelf: Shelf, draw: random.Random, number: int, place: str) -> Known:
    document, own = some_document(draw, number)
    time = draw.choice([0, nanoseconds(FIRST_DAY + timedelta(days=draw.randint(0, 700)))])
    of_file = datetime.fromtimestamp(time / 1e9, UTC).date() if time else None
    shelf.library.put(document, *chunked(document), facts(place, document.text, time))
    known = Known(document, {place}, own or of_file)
    if "keywords" in document.metadata:
        known.tags |= {"policy", "made up"}
    shelf.known[document.id] = known
    return known


def fill(shelf: Shelf, draw: random.Random) -> None:
    """Put documents, and do with them what happens to files: copied, moved, replaced, removed, tagged."""
    library = shelf.library
    for number in range(DOCUMENTS):
        known = put(shelf, draw, number, some_place(draw, number))
        document_id, [place] = known.document.id, known.places
        for tag in draw.sample(TAGS, draw.choice([0, 0, 1, 2])):
            library.tags.change([document_id], add=[tag])
            known.tags.add(tag)
        fate = draw.random()
        if fate < 0.35:  # a copy elsewhere, without a time
            copy = some_place(draw, number + 1000)
            library.put_duplicate(facts(copy, known.document.text, 0), document_id)
            known.places.add(copy)
        if fate < 0.15:  # and the first one goes: moved
            library.forget(f"file:///{place}")
            known.places.remove(place)
            if "created" not in known.document.metadata and "date" not in known.document.metadata:
                known.day = None
        elif 0.5 < fate < 0.6:
            library.remove(document_id)
            del shelf.known[document_id]
        elif 0.6 < fate < 0.7:  # the file changes: what people called it stays, its own keywords go
            given = known.tags & set(TAGS) - ({"policy"} if "keywords" in known.document.metadata else set())
            del shelf.known[document_id]
            put(shelf, draw, number + 2000, place).tags.update(given)
    library.catch_up()


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    with open_shelf(tmp_path_factory.mktemp("filters") / "shelf") as library:
        shelf = Shelf(library)
        fill(shelf, random.Random(4))
        yield shelf


def some_filters(draw: random.Random, shelf: Shelf) -> Filters:
    """Mostly of two kinds."""
    ids = sorted(shelf.known)
    first = FIRST_DAY + timedelta(days=draw.randint(0, 700))
    places = sorted(place for known in shelf.known.values() for place in known.places)
    sources = [
        "hr/",
        "HR",
        "*.pdf",
        "hr/**/*.md",
        "finance/**/2*",
        "nowhere/",
        "政策",
        *draw.sample(places, min(3, len(places))),
    ]
    kinds: dict[str, object] = {
        "document_ids": tuple(draw.sample(ids, draw.randint(0, min(20, len(ids))))),
        "sources": tuple(draw.sample(sources, draw.randint(1, 2))),
        "types": tuple(draw.sample(["pdf", "markdown", "text/html", "image/*"], draw.randint(1, 2))),
        "languages": (draw.choice(["en", "zh"]),),
        "tags": tuple(draw.sample(["policy", "FINANCE", "草稿", "q3 2024", "made up", "none"], draw.randint(1, 2))),
        "after": first,
        "before": first + timedelta(days=draw.randint(0, 400)),
    }
    chosen = draw.sample(sorted(kinds), draw.choice([1, 2, 2, 3]))
    return Filters(**{name: kinds[name] for name in chosen})  # type: ignore[arg-type]


def some_query(draw: random.Random) -> str:
    return " ".join(draw.sample(WORDS[draw.choice(["en", "zh"])], 3))


def test_each_leg_under_a_filter_equals_brute_force(shelf: Shelf) -> None:
    draw = random.Random(7)
    library = shelf.library
    retriever = Retriever(library, EMBEDDER, candidates=20, keep=5, budget_characters=2000)
    everything: Any = Exhaustive(shelf)
    # All are candidates: of chunks that score alike, each of the two might cut off another.
    finding = Retriever(library, EMBEDDER, candidates=ALL, keep=5, budget_characters=2000)
    exhaustive = Retriever(everything, EMBEDDER, candidates=ALL, keep=5, budget_characters=2000)
    every = shelf.keys(set(shelf.known))
    matrix = library.vectors(every)
    left, empty = 0, 0
    for number in range(PAIRS):
        filters, query = some_filters(draw, shelf), some_query(draw)
        wanted = shelf.keys(shelf.passing(filters))
        among = library.matching(filters)
        assert among is not None
        assert among.tolist() == wanted, filters
        vector = EMBEDDER.embed_queries([query])
        of = dict(zip(every, (matrix @ vector[0]).tolist(), strict=True))
        assert_same(library.dense(vector, 20, among=among)[0], sorted((of[key] for key in wanted), reverse=True), of)
        words = {hit.key: hit.score for hit in library.lexical(query, ALL)}
        worded = [score for key, score in words.items() if key in set(wanted)]
        assert_same(library.lexical(query, 20, among=among), worded, words)
        if number % 4 == 0:
            found, brute = finding.find(query, filters=filters), exhaustive.find(query, filters=filters)
            assert {hit.key for hit in found.ranking} <= set(wanted)
            assert [hit.score for hit in found.ranking] == pytest.approx([hit.score for hit in brute.ranking], abs=5e-3)
            passages = retriever.retrieve(query, filters=filters)
            assert {passage.document_id for passage in passages} <= shelf.passing(filters)
        left, empty = left + bool(wanted), empty + (not wanted)
    assert left > 100, "most filters leave something, or this test tests nothing"
    assert empty > 3, "and some leave nothing"


def assert_same(hits: Sequence[Hit], ranked: list[float], of: dict[int, float]) -> None:
    """The same first 20 scores, each the score of its key; keys of one score may change places."""
    found, scores = [(hit.key, hit.score) for hit in hits], ranked[:20]
    assert [score for _, score in found] == pytest.approx(scores, abs=2e-3)
    assert [of[key] for key, _ in found] == pytest.approx(scores, abs=2e-3)


def test_a_reader_sees_every_change_that_a_filter_could(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attributes, "BESIDE_ALWAYS", 3)  # so that all is read anew now and then
    draw = random.Random(11)
    with open_shelf(folder) as writer, open_shelf(folder) as reader:
        known = Shelf(writer)
        pool = [Filters(languages=("en",)), Filters(tags=("draft", "policy"))]
        for number in range(40):
            change(known, draw, number)
            pool = [*pool[:2], *pool[2:][-4:], some_filters(draw, known), some_filters(draw, known)]
            for filters in pool:
                among = reader.matching(filters)
                assert among is not None
                assert among.tolist() == known.keys(known.passing(filters)), (number, filters)


def change(shelf: Shelf, draw: random.Random, number: int) -> None:
    library = shelf.library
    known = draw.choice(list(shelf.known.values())) if shelf.known else None
    kind = draw.choice(["put", "put", "put", "tag", "untag", "copy", "forget one", "remove", "touch"])
    if known is None or kind == "put":
        put(shelf, draw, number, some_place(draw, number))
    elif kind == "tag":
        library.tags.change([known.document.id], add=["draft"])
        known.tags.add("draft")
    elif kind == "untag":
        library.tags.change([known.document.id], remove=["Draft"])
        known.tags.discard("draft")
    elif kind == "copy":
        place = some_place(draw, number)
        library.put_duplicate(facts(place, known.document.text, 0), known.document.id)
        known.places.add(place)
    elif kind == "forget one" and len(known.places) > 1:
        place = max(known.places)
        library.forget(f"file:///{place}")
        known.places.remove(place)
        known.day = named_day(library, known)
    elif kind == "remove":
        library.remove(known.document.id)
        del shelf.known[known.document.id]
    elif kind == "touch":
        for place in known.places:
            library.touch(facts(place, known.document.text, nanoseconds(FIRST_DAY)))
        if not {"created", "date"} & known.document.metadata.keys():
            known.day = FIRST_DAY


def named_day(library: Library, known: Known) -> date | None:
    if {"created", "date"} & known.document.metadata.keys():
        return known.day
    times = [row.mtime_ns for row in library.sources() if row.document_id == known.document.id and row.mtime_ns]
    return datetime.fromtimestamp(min(times) / 1e9, UTC).date() if times else None


def test_a_rebuild_gives_a_filter_the_new_keys(folder: Path) -> None:
    draw = random.Random(3)
    with open_shelf(folder) as library:
        shelf = Shelf(library)
        for number in range(5):
            put(shelf, draw, number, some_place(draw, number))
        filters = Filters(after=date(2001, 1, 1), sources=("*report*",))
        before = library.matching(filters)
        Library.rebuild(folder, MANIFEST, chunked, lambda *_: None)
        after = library.matching(filters)
        assert before is not None
        assert after is not None
        assert not np.isin(after, before).any()
        assert after.tolist() == shelf.keys(shelf.passing(filters))


def test_a_filter_that_nothing_meets_says_what_may_have_been_meant(library: Library) -> None:
    draw = random.Random(5)
    shelf = Shelf(library)
    known = put(shelf, draw, 1, "handbook/hr/leave.md")
    library.tags.change([known.document.id], add=["policy"])
    for filters, words in (
        (Filters(tags=("polcy",)), "did you mean 'policy'?"),
        (Filters(sources=("hr/",)), "did you mean 'handbook/hr/'?"),
        (Filters(sources=("leave.md",)), "did you mean 'handbook/hr/leave.md'?"),
        (Filters(sources=("handbok/",)), "did you mean 'handbook/'?"),
        (Filters(languages=("fr",)), f"there are {known.document.language.lower()}"),
        (Filters(types=("epub",)), "there are "),
        (Filters(document_ids=("nobody",)), "documents list"),
        (Filters(after=date(2100, 1, 1)), "no document is from these days"),
    ):
        [line] = library.attributes.explain(filters)
        assert words in line
    assert library.attributes.explain(Filters(tags=("policy",))) == []


def test_facets_count_what_can_be_filtered_by(library: Library) -> None:
    document = replace(document_of("otters"), mime="application/pdf", metadata={"created": "2024-05-01"})
    library.put(document, *chunked(document), facts("a/b/otters.pdf", "otters", 0))
    library.put_duplicate(facts("a/otters.pdf", "otters", 0), document.id)
    library.tags.change([document.id], add=["Sea"])
    facets = library.attributes.facets()
    assert facets.documents == 1
    assert facets.types == (("application/pdf", 1),)
    assert facets.languages == (("en", 1),)
    assert facets.tags == (("Sea", 1),)
    assert facets.folders == (("a/", 1), ("a/b/", 1))
    assert (facets.first, facets.last) == (date(2024, 5, 1), date(2024, 5, 1))
