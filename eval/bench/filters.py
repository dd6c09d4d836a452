"""Hold filtered search to brute force, and its time to that of search without filters.

    python -m eval.bench.filters [--shared ../shared] [--pairs 200] [--data DIR --collection NAME]

Without --data, a library is made of both XQuAD sets' paragraphs, and their types, tags, days and places are drawn. With
it, any library is taken as it is. The filters are drawn from what the library holds, mostly of two kinds at once; the
questions are XQuAD's, half of them English, half Chinese, and their vectors are at hand before the clock starts.
Brute force looks at each document by itself, ranks all chunks, and then leaves out those that do not pass; scores may
differ by what half precision costs. Filtered and unfiltered retrieval take turns.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from eval.corpus import open_corpus
from eval.datasets.load import load_dataset
from rag.build import build_embedder, build_retriever, open_library
from rag.config import Settings
from rag.filters import Filters
from rag.library.cards import NO_DAY, own_day
from rag.library.library import DocumentRow, FileFacts, Library
from rag.library.tagging import fold_tag
from rag.media import MediaTypes, short_name
from rag.paths import PathPattern, fold_path
from rag.ports import Embedder, Keys, Matrix
from rag.types import Hit

SETS = ("data/xquad/xquad.en.json", "data/xquad/xquad.zh.json")
TYPES = ("application/pdf", "text/html", "text/markdown", "text/plain", "image/png")
TAGS = ("policy", "draft", "人事", "finance", "q3")
FOLDERS = ("hr", "hr/2024", "finance/reports", "政策", "mail")
SUFFIXES = ("pdf", "html", "md")
FIRST_DAY = date(2022, 1, 1)
DAYS = 1000
PAGE = 1000  # documents listed at once
K = 20
SCORE_TOLERANCE = 2e-3  # vectors are kept as float16, and some layouts compare them so
BLOCK = 20_000  # vectors compared at once
WARM = 5


@dataclass(frozen=True, slots=True)
class Standing:
    """A document as brute force sees it."""

    row: DocumentRow
    places: tuple[str, ...]
    day: int
    keys: tuple[int, ...]


def main(arguments: Sequence[str]) -> None:
    options = _options(arguments)
    sets = [load_dataset(f"squad:{options.shared / path}") for path in SETS]
    questions = [question.text for pair in zip(*(found.questions for found in sets), strict=False) for question in pair]
    if options.data is not None:
        settings = Settings(data=options.data)
        embedder = build_embedder(settings)
        with open_library(settings, options.collection, embedder=embedder) as library:
            report = measure(library, embedder, settings, questions, options.pairs)
    else:
        both = replace(
            sets[0],
            spec="squad:xquad-en-zh",
            paragraphs=tuple(chain.from_iterable(found.paragraphs for found in sets)),
            questions=(),
        )
        with tempfile.TemporaryDirectory() as folder:
            settings = Settings(data=Path(folder))
            embedder = build_embedder(settings)
            with open_corpus(both, settings, embedder, lambda _done, _of: None) as corpus:
                dress(corpus.library, random.Random(1))
                report = measure(corpus.library, embedder, settings, questions, options.pairs)
    json.dump(report, sys.stdout, indent=1, ensure_ascii=False)
    sys.stdout.write("\n")


def dress(library: Library, draw: random.Random) -> None:
    """Give every document a type, a day, tags, and one to three places."""
    with library.lease():
        for row in _rows(library):
            document, chunks = library.document(row.id), library.chunks_of(row.id)
            matrix = library.vectors(chunk.key for chunk in chunks)
            day = FIRST_DAY + timedelta(days=draw.randrange(DAYS))
            made = replace(document, mime=draw.choice(TYPES), metadata=draw.choice([{}, {"created": day.isoformat()}]))
            first, *others = [_facts(row, draw) for _ in range(draw.randint(1, 3))]
            [old] = [source.location for source in library.sources() if source.document_id == row.id]
            library.put(made, chunks, matrix, first)
            for facts in others:
                library.put_duplicate(facts, row.id)
            library.forget(old)
            library.tags.change([row.id], add=draw.sample(TAGS, draw.randint(0, 2)))
        library.catch_up()


def measure(
    library: Library, embedder: Embedder, settings: Settings, questions: Sequence[str], pairs: int
) -> dict[str, Any]:
    draw = random.Random(2)
    library.refresh()
    begun = time.process_time()
    library.attributes.facets()
    known_seconds = time.process_time() - begun
    standing = _standing(library)
    asked = draw.sample(list(questions), min(pairs, len(questions)))
    vectors = dict(zip(asked, embedder.embed_queries(asked), strict=True))
    chosen = [_some_filters(draw, library, standing) for _ in asked]
    report = {"documents": len(standing), "chunks": len(library), "vector_index": library.stats().vector_index}
    report["cpu_seconds_to_know_the_documents"] = round(known_seconds, 3)
    equality, shares = _equality(library, standing, vectors, chosen)
    some = [(question, one) for question, one, share in zip(asked, chosen, shares, strict=True) if share]
    return report | equality | _times(library, _AtHand(embedder, vectors), settings, some)


def _equality(
    library: Library, standing: Sequence[Standing], vectors: dict[str, Matrix], chosen: Sequence[Filters]
) -> tuple[dict[str, Any], list[float]]:
    """Return the counts, and of each filter the share of the chunks that it leaves."""
    every = np.array(sorted(key for one in standing for key in one.keys), dtype=np.int64)
    matrix = np.concatenate(
        [
            library.vectors(every[start : start + BLOCK].tolist()).astype(np.float16)
            for start in range(0, len(every), BLOCK)
        ]
    )
    same = {"keys": 0, "dense": 0, "lexical": 0}
    shares: list[float] = []
    for (question, vector), filters in zip(vectors.items(), chosen, strict=True):
        wanted = np.array(sorted(key for one in standing if passes(one, filters) for key in one.keys), dtype=np.int64)
        among = library.matching(filters)
        assert among is not None
        same["keys"] += bool(np.array_equal(among, wanted))
        dense = library.dense(vector[None, :], K, among=among)[0]
        same["dense"] += _same(dense, _nearest(every, matrix, vector, wanted))
        every_lexical = [hit for hit in library.lexical(question, len(every)) if _holds(wanted, hit.key)]
        same["lexical"] += _same(library.lexical(question, K, among=among), every_lexical[:K])
        shares.append(len(wanted) / len(every))
    report = {
        "pairs": len(chosen),
        "equal_to_brute_force": same,
        "filters_that_leave_nothing": shares.count(0),
        "median_share_left": round(statistics.median(shares), 3),
    }
    return report, shares


def _nearest(every: Keys, matrix: Any, vector: Matrix, wanted: Keys) -> list[Hit]:
    scores = np.concatenate(
        [matrix[start : start + BLOCK].astype(np.float32) @ vector for start in range(0, len(every), BLOCK)]
    )
    mine = np.flatnonzero(np.isin(every, wanted))
    best = mine[np.argsort(-scores[mine], kind="stable")[:K]]
    return [Hit(int(every[place]), float(scores[place])) for place in best]


def _same(found: Sequence[Hit], wanted: Sequence[Hit]) -> bool:
    """The same scores in the same order; of equal ones, the keys may change places."""
    if len(found) != len(wanted):
        return False
    return all(abs(one.score - other.score) <= SCORE_TOLERANCE for one, other in zip(found, wanted, strict=True))


def _holds(keys: Keys, key: int) -> bool:
    place = int(np.searchsorted(keys, key))
    return place < len(keys) and int(keys[place]) == key


def _times(
    library: Library, embedder: _AtHand, settings: Settings, pairs: Sequence[tuple[str, Filters]]
) -> dict[str, Any]:
    """Time each pair with a filter that is new to the library, and without; those left out leave nothing to search."""
    retriever = build_retriever(settings, library, embedder)
    filtered, unfiltered = [], []
    for question, _ in pairs[:WARM]:
        retriever.retrieve(question)
    for question, filters in pairs:
        filtered.append(_milliseconds(partial(retriever.retrieve, question, filters=filters)))
        unfiltered.append(_milliseconds(partial(retriever.retrieve, question)))
    told: dict[str, Any] = {"timed": len(filtered)}
    for place, name in enumerate(("wall", "cpu")):
        with_filters = statistics.median(one[place] for one in filtered)
        without = statistics.median(one[place] for one in unfiltered)
        told[name] = {
            "filtered_p50_ms": round(with_filters, 2),
            "unfiltered_p50_ms": round(without, 2),
            "times_unfiltered": round(with_filters / without, 2),
        }
    return told


def _milliseconds(work: Callable[[], object]) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return (time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000


class _AtHand:
    """An embedder that has embedded all questions before."""

    def __init__(self, embedder: Embedder, vectors: dict[str, Matrix]) -> None:
        self._embedder = embedder
        self._vectors = vectors

    def __getattr__(self, name: str) -> Any:
        return getattr(self._embedder, name)

    def embed_queries(self, texts: Sequence[str]) -> Matrix:
        missing = [text for text in texts if text not in self._vectors]  # a question that a stage has made
        if missing:
            self._vectors |= dict(zip(missing, self._embedder.embed_queries(missing), strict=True))
        return np.stack([self._vectors[text] for text in texts])


def passes(one: Standing, filters: Filters) -> bool:
    """By looking at one document alone."""
    language = one.row.language.casefold()
    tags = {fold_tag(tag) for tag in one.row.tags}
    return (
        (not filters.document_ids or one.row.id in filters.document_ids)
        and (not filters.types or one.row.mime in MediaTypes.of(filters.types))
        and (not filters.languages or any(language.split("-")[0] == code for code in filters.languages))
        and (not filters.tags or any(fold_tag(tag) in tags for tag in filters.tags))
        and (not filters.sources or any(_at(place, pattern) for place in one.places for pattern in filters.sources))
        and (filters.after is None or one.day >= filters.after.toordinal())
        and (filters.before is None or NO_DAY < one.day <= filters.before.toordinal())
    )


def _at(place: str, pattern: str) -> bool:
    path, wanted = fold_path(place), PathPattern.of(pattern)
    named = path == wanted.file or path.startswith(wanted.folder)
    return named or (wanted.glob is not None and wanted.glob.fullmatch(path) is not None)


def _some_filters(draw: random.Random, library: Library, standing: Sequence[Standing]) -> Filters:
    """Draw values that are there, of one to three kinds."""
    facets = library.attributes.facets()
    place = draw.choice([place for one in draw.sample(standing, 1) for place in one.places])
    folder, _, name = place.rpartition("/")
    first = (facets.first or FIRST_DAY) + timedelta(days=draw.randrange(DAYS))
    kinds: dict[str, Any] = {
        "document_ids": tuple(one.row.id for one in draw.sample(standing, min(len(standing), draw.randint(1, 50)))),
        "sources": (draw.choice([place, f"{folder}/" if folder else name, f"*{Path(name).suffix}", f"{name[:1]}*"]),),
        "types": tuple(short_name(value) for value, _ in draw.sample(facets.types, min(2, len(facets.types)))),
        "languages": (draw.choice(facets.languages)[0].split("-")[0],),
        "after": first,
        "before": first + timedelta(days=draw.randrange(DAYS)),
    }
    if facets.tags:
        kinds["tags"] = tuple(tag for tag, _ in draw.sample(facets.tags[:50], min(2, len(facets.tags))))
    return Filters(**{kind: kinds[kind] for kind in draw.sample(sorted(kinds), draw.choice([1, 2, 2, 3]))})


def _standing(library: Library) -> list[Standing]:
    places: dict[str, list[tuple[str, int]]] = {}
    for source in library.sources():
        places.setdefault(source.document_id, []).append((source.source, source.mtime_ns))
    return [
        Standing(
            row,
            tuple(label for label, _ in places[row.id]),
            own_day(row.metadata, [time for _, time in places[row.id]]),
            tuple(chunk.key for chunk in library.chunks_of(row.id)),
        )
        for row in _rows(library)
    ]


def _rows(library: Library) -> list[DocumentRow]:
    found: list[DocumentRow] = []
    while page := library.documents(limit=PAGE, after=found[-1].id if found else None):
        found += page
    return found


def _facts(row: DocumentRow, draw: random.Random) -> FileFacts:
    place = f"{draw.choice(FOLDERS)}/{draw.randrange(10**9):x}-{row.id[:8]}.{draw.choice(SUFFIXES)}"
    day = FIRST_DAY + timedelta(days=draw.randrange(DAYS))
    noon = int(datetime(day.year, day.month, day.day, 12, tzinfo=UTC).timestamp()) * 1_000_000_000
    return FileFacts(f"file:///{place}", place, row.id, row.characters, draw.choice([0, noon]))


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--pairs", type=int, default=200)
    parser.add_argument("--data", type=Path, help="where a library lies that is there already")
    parser.add_argument("--collection", default="default")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
