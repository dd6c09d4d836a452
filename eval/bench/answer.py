"""Measure how long an answer takes: to its passages, its first token and its end, by stage.

    footnote eval bench answer --dataset squad:../shared/data/xquad/xquad.en.json --limit 200

The library is the dataset's own, the generator the one that the settings name. Questions are asked one at a time of
warm objects, each once. A refusal is an answer, told apart: it is given sooner. Milliseconds count from the question;
`retrieve`, `weigh`, `first_token` and `total` are the ends of these, the other stages what they took by themselves.
Knows nothing of whether what is said is right: `footnote eval run` does.
"""

from __future__ import annotations

import os
import time
from collections import defaultdict
from typing import Any

from eval.bench.spread import lines, spread
from eval.corpus import open_corpus
from eval.questions import Dataset
from rag.build import build_answerer, build_embedder, runtime_of
from rag.config import Settings

WARM_QUESTION = "Where does the river end, 河在哪里入海?"
Row = dict[str, Any]


def measure(dataset: Dataset, settings: Settings) -> Row:
    embedder = build_embedder(settings)
    laps: dict[bool, dict[str, list[float]]] = {False: defaultdict(list), True: defaultdict(list)}
    with open_corpus(dataset, settings, embedder, lambda _done, _of: None) as corpus:
        answerer = build_answerer(settings, corpus.library, embedder)
        corpus.library.refresh()
        answerer.answer(WARM_QUESTION)
        cpu, tokens = 0.0, 0
        for question in dataset.questions:
            began = time.process_time()
            answer = answerer.answer(question.text)
            cpu += time.process_time() - began
            tokens += answer.usage.completion_tokens
            for lap, milliseconds in answer.timings.items():
                laps[answer.refused][lap].append(milliseconds)
        refused = len(laps[True]["total"])
        return {
            "dataset": dataset.spec,
            "questions": len(dataset.questions),
            "refused": refused,
            "chunks": len(corpus.library),
            "generator": settings.answer.generator,
            "runtime": runtime_of(embedder),
            "processors": len(os.sched_getaffinity(0)),
            "cpu_ms": round(1000 * cpu / max(1, len(dataset.questions)), 2),
            "completion_tokens": tokens,
            "answered": {lap: spread(took) for lap, took in laps[False].items()},
            "refusals": {lap: spread(took) for lap, took in laps[True].items()},
        }


def table(report: Row) -> str:
    asked, refused = report["questions"], report["refused"]
    head = f"{asked:,} questions, {refused:,} of them refused; {report['generator']}, {report['cpu_ms']} CPU ms each"
    parts = [
        lines([{name: lap, **row} for lap, row in report[key].items()])
        for name, key in (("answered", "answered"), ("refused", "refusals"))
    ]
    return "\n\n".join([head, *filter(None, parts)])
