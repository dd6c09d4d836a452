"""How often the sentence that is chosen first, or one of three, holds an accepted answer; and what choosing costs.

    python -m eval.bench.evidence --dataset squad:en.json --dataset squad:zh.json ...

Prints JSON: each set by the old rule, by trees learnt from other articles (`unseen`, cross-validated over all sets
together) and by those that are shipped, beside the ceiling: how often any sentence that is looked at holds it.
`given` is what an answer would cite, with the mean number of its sentences. CPU milliseconds: of reading and ranking,
without the embedder and with it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
import typer

from eval.cases import Case, load_cases
from eval.learn_confidence import remembering
from eval.learn_sentences import GIVEN, Examples, examples_of, joined, judged, parted, unseen
from eval.metrics.answers import f1
from eval.metrics.mean import mean
from rag.build import build_embedder
from rag.config import load_settings
from rag.evidence.apart import sentences_of
from rag.evidence.question import Question
from rag.evidence.reading import Alike, read
from rag.evidence.sentences import BY_RULE, SHARPNESS, learnt, odds_of, ranked
from rag.evidence.short import short_answer
from rag.evidence.signs import signs_of
from rag.models.extract import NEAR_BEST
from rag.ports import Embedder

TIMED = 200  # questions of each set
LIKE = 0.8  # the F1 of a short answer to an accepted one, from which it is taken for right

Scores = Sequence[npt.NDArray[np.float64]]


def given(examples: Examples, scores: Scores) -> dict[str, float]:
    """Return how often one of the sentences that an answer would cite holds it, and how many these are."""
    held, many = 0, 0
    for right, score in zip(examples.right, scores, strict=True):
        order = np.argsort(-score, kind="stable")[:GIVEN]
        if not len(order):
            continue
        near = order[np.exp(SHARPNESS * (score[order] - score[order[0]])) > NEAR_BEST]
        held += bool(right[near].any())
        many += len(near)
    return {"holds": round(held / len(scores), 4), "sentences": round(many / len(scores), 2)}


def short_answers(cases: Sequence[Case], keep: int, scores: Scores) -> dict[str, float | None]:
    """Return how often a short answer is given, and how often it is one: equal, or by an F1 of 0.8."""
    found = []
    for case, score in zip(cases, scores, strict=True):
        taken = read(case.question, case.present(keep), case.frequency, case.chunks)
        if not len(score):
            continue
        passage, position = signs_of(taken).places[int(score.argmax())]
        share = float(1.0 / np.exp(SHARPNESS * (score - score.max())).sum())
        text = taken.readings[passage].texts[position]
        span = short_answer(Question(case.question, taken.asked.rarity), text, share)
        if span is not None:
            found.append(f1(span.of(text), case.answers) >= LIKE)
    return {"given": round(len(found) / len(cases), 4), "right": mean(found)}


def forgetting(embedder: Embedder, question: str, texts: Sequence[str]) -> Sequence[float] | None:
    return remembering(embedder)(question, texts)


def milliseconds(cases: Sequence[Case], keep: int, alike: Alike | None) -> dict[str, float]:
    """Return the CPU time of a question whose passages were not met before, and of one whose were."""
    learnt()  # read once, before the clock runs
    first, again = 0.0, 0.0
    for case in cases[:TIMED]:
        sentences_of.cache_clear()
        for seen in (False, True):
            began = time.process_time()
            ranked(read(case.question, case.present(keep), case.frequency, case.chunks, alike))
            took = time.process_time() - began
            first, again = (first, again + took) if seen else (first + took, again)
    asked = max(1, len(cases[:TIMED]))
    return {"first": round(first / asked * 1000, 2), "again": round(again / asked * 1000, 2)}


def main(
    dataset: Annotated[list[str], typer.Option(help="squad:FILE; may be given more than once.")],
    libraries: Annotated[Path, typer.Option(help="Where datasets' libraries are kept.")] = Path("runs/libraries"),
) -> None:
    settings = load_settings(data=libraries)
    embedder = build_embedder(settings)
    keep, alike = settings.retrieve.keep, remembering(embedder)
    cases = [load_cases(spec, libraries) for spec in dataset]
    parts = [examples_of(spec, own, keep, alike) for spec, own in zip(dataset, cases, strict=True)]
    scores = unseen(joined(parts))
    sets: dict[str, Any] = {}
    for (part, where), own in zip(parted(parts), cases, strict=True):
        sets[part.name] = {
            "questions": len(part),
            "ceiling": round(float(np.mean([right.any() for right in part.right])), 4),
            "by_rule": judged(part.right, [rows[:, BY_RULE].astype(float) for rows in part.rows]),
            "unseen": {**judged(part.right, scores[where]), "given": given(part, scores[where])},
            "short": short_answers(own, keep, scores[where]),
            "shipped": judged(part.right, [odds_of(rows, learnt()) for rows in part.rows]),
            "cpu_ms": milliseconds(own, keep, None),
            "cpu_ms_with_meaning": milliseconds(own, keep, partial(forgetting, embedder)),
        }
    typer.echo(json.dumps(sets, indent=1))


if __name__ == "__main__":
    typer.run(main)
