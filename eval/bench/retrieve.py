"""Measure how long a question takes to find its passages, leg by leg and whole.

    footnote eval bench retrieve --dataset squad:../shared/data/xquad/xquad.zh.json --limit 300

The library is the dataset's own, made once and kept. Questions are asked one at a time of warm objects, each way in
turn, and no vector is remembered from one way to the next. `whole` is Retriever.retrieve, as an answer has it; its
stages are those that it tells of itself. Knows nothing of whether what is found is right: `footnote eval run` does.
"""

from __future__ import annotations

import os
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from eval.asking import CANDIDATES
from eval.bench.spread import lines, spread
from eval.corpus import open_corpus
from eval.questions import Dataset
from rag.build import build_retriever, find_embedder, runtime_of
from rag.config import Settings
from rag.models.batch import BatchingEmbedder
from rag.plan import Retrieval

WARM_QUESTIONS = 8
Row = dict[str, Any]


def measure(dataset: Dataset, settings: Settings) -> Row:
    embedder = BatchingEmbedder(find_embedder(settings), batch_size=settings.embedder.batch_size, remembered=0)
    with open_corpus(dataset, settings, embedder, lambda _done, _of: None) as corpus:
        retriever = build_retriever(settings, corpus.library, embedder)
        library = corpus.library
        texts = [question.text for question in dataset.questions]
        embedder.embed_queries(["warm"])  # questions of a language that it does not know would not load it
        for text in texts[-WARM_QUESTIONS:]:
            retriever.retrieve(text)
        milliseconds: dict[str, list[float]] = defaultdict(list)
        stages: dict[str, list[float]] = defaultdict(list)
        cpu: dict[str, float] = defaultdict(float)

        def timed(way: str, work: Callable[[], Any]) -> Any:
            began, start = time.process_time(), time.perf_counter()
            result = work()
            milliseconds[way].append(1000 * (time.perf_counter() - start))
            cpu[way] += 1000 * (time.process_time() - began)
            return result

        for text in texts:
            vectors = timed("embed", lambda text=text: embedder.embed_queries([text]))  # type: ignore[misc]
            timed("dense", lambda vectors=vectors: library.dense(vectors, CANDIDATES))  # type: ignore[misc]
            timed("lexical", lambda text=text: library.lexical(text, CANDIDATES))  # type: ignore[misc]
            found: Retrieval = timed("whole", lambda text=text: retriever.run(text))  # type: ignore[misc]
            for stage, took in _by_stage(found).items():
                stages[stage].append(took)
        return {
            "dataset": dataset.spec,
            "questions": len(texts),
            "chunks": len(library),
            "runtime": runtime_of(embedder),
            "processors": len(os.sched_getaffinity(0)),
            "ways": {
                way: {**spread(took), "cpu_ms": round(cpu[way] / len(took), 2)} for way, took in milliseconds.items()
            },
            "stages": {stage: spread(took) for stage, took in stages.items()},
        }


def _by_stage(found: Retrieval) -> dict[str, float]:
    """Sum the rounds of each stage."""
    took: dict[str, float] = defaultdict(float)
    for step in found.steps:
        took[step.stage] += step.milliseconds
    return took


def table(report: Row) -> str:
    ways = [{"way": way, **row} for way, row in report["ways"].items()]
    stages = [{"stage of whole": stage, **row} for stage, row in report["stages"].items()]
    head = f"{report['questions']:,} questions, {report['chunks']:,} chunks, {report['runtime']}"
    return "\n\n".join([head, lines(ways), lines(stages)])
