"""A fresh process that opens a library and answers questions, and what that took. Started by eval.bench.scale.

    python -m eval.bench.scale.serving FOLDER QUESTIONS.npz      one JSON object on stdout

All vectors that the questions need were made beforehand: no model is loaded. What is compared is interleaved question
by question, in an order that turns with each. Milliseconds are of the clock; `cpu` is the asking thread's own time on
its processor, which other work on the machine disturbs less.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from eval.bench.family import Holdings, holdings
from eval.bench.scale.bare import BareFaiss, BareTantivy
from eval.bench.scale.libraries import manifest_for
from eval.bench.scale.remembered import Remembered
from rag.build import build_embedder, build_retriever
from rag.config import Settings
from rag.filters import Filters
from rag.library.durable import sha256_of
from rag.library.library import Library
from rag.ports import Keys, Matrix
from rag.retrieve import Retriever
from rag.text import language_of

RECALL_AT = 10
WARM = 10  # questions asked before the clock counts
FILTERED = 50
MIB = 2**20


@dataclass(slots=True)
class Times:
    clock: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def take(self, work: Callable[..., object], *arguments: object) -> None:
        clock, cpu = time.perf_counter(), time.thread_time()
        work(*arguments)
        self.cpu.append((time.thread_time() - cpu) * 1000)
        self.clock.append((time.perf_counter() - clock) * 1000)

    def shown(self, among: Sequence[bool] | None = None) -> dict[str, float]:
        clock, cpu = np.array(self.clock), np.array(self.cpu)
        if among is not None:
            clock, cpu = clock[np.array(among)], cpu[np.array(among)]
        return {
            "p50": round(float(np.median(clock)), 3),
            "p99": round(float(np.percentile(clock, 99)), 3),
            "cpu_p50": round(float(np.median(cpu)), 3),
            "cpu_mean": round(float(np.mean(cpu)), 3),
        }


def measure(folder: Path, embedder: Remembered, texts: list[str], exact: Keys) -> dict[str, Any]:
    """exact: for each question the keys that a search of all vectors finds, best first, (n, RECALL_AT)."""
    settings = Settings(data=folder.parent)
    vectors = embedder.embed_queries(texts)
    begun = time.perf_counter()
    library = Library.open(folder, manifest_for(embedder))
    opened = time.perf_counter()
    retriever = build_retriever(settings, library, embedder)
    retriever.retrieve(texts[0])
    answered = time.perf_counter()
    after_opening = holdings(os.getpid())
    candidates, stats = settings.retrieve.candidates, library.stats()
    report: dict[str, Any] = {
        "chunks": stats.chunks,
        "documents": stats.documents,
        "vector_index": stats.vector_index,
        "megabytes": {
            name: round(getattr(stats, f"{name}_bytes") / 1e6)
            for name in ("database", "vectors", "lexical", "originals")
        },
        "candidates": candidates,
        "opening_seconds": {"library": round(opened - begun, 2), "first_answer": round(answered - opened, 2)},
    }
    for text in texts[:WARM]:
        retriever.retrieve(text)
    for text in texts:  # so that what is held after them is what a service holds after many
        retriever.retrieve(text)
    report["memory_mib"] = {"opened": _shown(after_opening), "answered": _shown(holdings(os.getpid()))}
    report["filters"] = _filtered(library, retriever, texts)
    report |= _recall(library, texts, vectors, exact)
    report |= _beside_bare(library, retriever, texts, vectors, candidates, folder)
    library.close()
    return report


def _beside_bare(
    library: Library, retriever: Retriever, texts: list[str], vectors: Matrix, k: int, folder: Path
) -> dict[str, Any]:
    times: dict[str, Times] = {}
    parts: dict[str, float] = {}
    begun = time.perf_counter()
    sha256_of(max((folder / "vectors").glob("*.faiss"), key=lambda path: path.stat().st_mtime))
    parts["checksum"] = time.perf_counter() - begun
    begun = time.perf_counter()
    faiss = BareFaiss(folder / "vectors")
    parts["bare_faiss"] = time.perf_counter() - begun
    begun = time.perf_counter()
    tantivy = BareTantivy(folder / "lexical")
    parts["bare_tantivy"] = time.perf_counter() - begun
    for number, (text, vector) in enumerate(zip(texts, vectors, strict=True)):
        row, terms = vector[None, :], tantivy.terms(text)
        asked: list[tuple[str, Callable[..., object], tuple[object, ...]]] = [
            ("retrieve", retriever.retrieve, (text,)),
            ("find", retriever.find, (text,)),
            ("dense", library.dense, (row, k)),
            ("faiss", faiss.search, (row, k)),
            ("lexical", library.lexical, (text, k)),
            ("tantivy", tantivy.union, (terms, k)),
            ("tantivy_parsed", tantivy.parsed, (terms, k)),
        ]
        turn = number % len(asked)
        for name, work, arguments in asked[turn:] + asked[:turn]:
            times.setdefault(name, Times()).take(work, *arguments)
    english = [language_of(text) == "en" for text in texts]
    return {
        "opening_parts_seconds": {name: round(seconds, 2) for name, seconds in parts.items()},
        "milliseconds": {name: one.shown() for name, one in times.items()},
        "milliseconds_english": {name: one.shown(english) for name, one in times.items()},
        "milliseconds_chinese": {name: one.shown([not one for one in english]) for name, one in times.items()},
        "ratios": _ratios(times, english),
    }


def _ratios(times: dict[str, Times], english: list[bool]) -> dict[str, float]:
    """CPU of ours to bare. Of Chinese questions find() asks the lexical leg alone: the embedder knows no Chinese."""

    def total(name: str, among: Sequence[bool]) -> float:
        return float(np.array(times[name].cpu)[np.array(among)].sum())

    every = [True] * len(english)

    def to_both(names: Sequence[str], among: Sequence[bool]) -> float:
        return round(sum(total(name, among) for name in names) / (total("faiss", among) + total("tantivy", among)), 3)

    return {
        "dense_to_faiss": round(total("dense", every) / total("faiss", every), 3),
        "lexical_to_tantivy": round(total("lexical", every) / total("tantivy", every), 3),
        "lexical_to_tantivy_parsed": round(total("lexical", every) / total("tantivy_parsed", every), 3),
        "legs_to_both": to_both(("dense", "lexical"), every),
        "legs_to_both_english": to_both(("dense", "lexical"), english),
        "find_to_both": to_both(("find",), every),
        "find_to_both_english": to_both(("find",), english),
    }


def _recall(library: Library, texts: list[str], vectors: Matrix, exact: Keys) -> dict[str, Any]:
    """The share of the truly nearest that is found; by language, since the embedder knows English alone."""
    found = [library.dense(row[None, :], RECALL_AT)[0] for row in vectors]
    shares = [len({hit.key for hit in hits} & set(keys.tolist())) for hits, keys in zip(found, exact, strict=True)]
    english = np.array([language_of(text) == "en" for text in texts])
    recall = np.array(shares) / RECALL_AT
    by_language = {"english": float(recall[english].mean()), "chinese": float(recall[~english].mean())}
    return {
        f"recall@{RECALL_AT}": round(float(recall.mean()), 4),
        f"recall@{RECALL_AT}_by_language": {name: round(value, 4) for name, value in by_language.items()},
    }


def _filtered(library: Library, retriever: Retriever, texts: list[str]) -> dict[str, Any]:
    """Ask with filters and without, in turn. The share is that of the chunks which pass."""
    random = np.random.default_rng(3)
    plain, filtered, shares = Times(), Times(), []
    by_share: dict[str, Times] = {}
    for number in range(FILTERED):
        text = texts[number % len(texts)]
        filters = _some_filters(library, number, random)
        passing = library.matching(filters)
        share = len(passing) / len(library) if passing is not None else 1.0
        shares.append(share)
        one = Times()
        plain.take(retriever.find, text)
        one.take(partial(retriever.find, filters=filters), text)
        filtered.clock += one.clock
        filtered.cpu += one.cpu
        group = by_share.setdefault(f"<= {next(top for top in (0.001, 0.01, 0.1, 1.0) if share <= top)}", Times())
        group.clock += one.clock
        group.cpu += one.cpu
    return {
        "shares": {
            "least": round(min(shares), 6),
            "median": round(float(np.median(shares)), 4),
            "most": round(max(shares), 4),
        },
        "unfiltered": plain.shown(),
        "filtered": filtered.shown(),
        "ratio_p50": round(float(np.median(filtered.clock) / np.median(plain.clock)), 2),
        "filtered_by_share": {
            name: {"filters": len(one.clock), **one.shown()} for name, one in sorted(by_share.items())
        },
    }


def _some_filters(library: Library, number: int, random: np.random.Generator) -> Filters:
    """From one document to half of the library."""
    kind = number % 5
    if kind == 0:
        rows = library.documents(limit=int(random.choice((1, 10, 100))))
        return Filters(document_ids=tuple(row.id for row in rows))
    if kind == 1:
        return Filters(sources=(str(random.choice(("research/", "reports/", "news/*.pdf"))),))
    if kind == 2:
        return Filters(types=(str(random.choice(("pdf", "text/html"))),), languages=("zh",))
    if kind == 3:
        return Filters(languages=(str(random.choice(("en", "zh"))),))
    first = date(2015 + int(random.integers(9)), int(random.integers(1, 13)), 1)
    return Filters(after=first, before=date(first.year + int(random.integers(1, 3)), 1, 1))


def _shown(held: Holdings) -> dict[str, int]:
    return {name: round(getattr(held, name) / MIB) for name in ("rss", "pss", "anonymous", "file_backed")}


def main(arguments: list[str]) -> None:
    folder, given = Path(arguments[0]), np.load(arguments[1])
    known = build_embedder(Settings(data=folder.parent))
    embedder = Remembered(known, given["texts"].tolist(), given["vectors"])
    report = measure(folder, embedder, given["questions"].tolist(), given["exact"])
    json.dump(report, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1:])
