"""Ask every question of a dataset and keep what came back: rankings by leg, answers, citations, refusals.

A run is a folder (eval.folder.names), and one that was stopped goes on where it was. Knows nothing of how scores are
computed, or of how anything is shown.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from eval.asking import Scope, ask_all
from eval.corpus import Corpus, open_corpus
from eval.figures import money_figure
from eval.folder.facts import config_of
from eval.folder.finish import finish
from eval.folder.journal import Journal, whole
from eval.folder.names import SUMMARY
from eval.folder.opening import Start, open_folder
from eval.folder.read import read_summary
from eval.judges.judge import Judge
from eval.metrics.cost import Prices
from eval.perplexity import Perplexity
from eval.questions import Dataset, Question
from eval.record import Record
from eval.slices import sliced
from eval.summary import summarise
from rag.config import Settings
from rag.errors import InvalidRequest, ModelError
from rag.ports import Embedder
from rag.types import Answer
from rag.wire import AnswerOut

log = logging.getLogger(__name__)

Progress = Callable[[str, int, int], None]  # what is being done, how many are done, of how many


@dataclass(frozen=True, slots=True)
class Run:
    """What is measured, how, and where it is written."""

    dataset: Dataset
    settings: Settings
    embedder: Embedder
    scope: Scope
    folder: Path
    config: Mapping[str, Any]  # what else the reader of the figures should know, such as the command
    start: Start = Start.GO_ON
    libraries: Path | None = None  # where the dataset's library is made and kept; None: settings.data
    judges: Sequence[Judge] = ()  # of each answer
    perplexity: Perplexity | None = None  # of each question's right answers
    prices: Prices | None = None


def evaluate(run: Run, progress: Progress) -> dict[str, Any]:
    """Ask what is left to ask, write the run's folder and return its summary, in the form of `eval run --json`.

    Raises InvalidRequest for a set without questions and for a folder that is a file, Conflict where the folder holds
    anything but this run.
    """
    if not run.dataset.questions:
        raise InvalidRequest(f"{run.dataset.spec} has no question to ask{_why(run.dataset)}", hint="give another set")
    dataset = sliced(run.dataset)
    said = {**run.config, **_measured_besides(run)}
    facts = config_of(dataset, run.settings, run.embedder, scope=run.scope.name.lower(), said=said)
    with open_folder(run.folder, facts, run.start) as config:
        records = whole(run.folder, [question.id for question in dataset.questions])
        if len(records) == len(dataset.questions) and (run.folder / SUMMARY).is_file():
            asked = _asked_before(read_summary(run.folder))
        else:
            (run.folder / SUMMARY).unlink(missing_ok=True)
            asked = _ask(replace(run, dataset=dataset), records, progress)
        summary = {
            "dataset": dataset.spec,
            **summarise(records, [money_figure(run.prices)] if run.prices is not None else []),
            "skipped": [asdict(remark) for remark in dataset.skipped],
            "mended": len(dataset.mended),
            **asked,
            "config": config,
        }
        finish(run.folder, records, summary)
    return summary


def _ask(run: Run, records: list[Record], progress: Progress) -> dict[str, Any]:
    """Ask the questions that have no record, and add theirs."""
    started = time.perf_counter()
    before, questions = len(records), run.dataset.questions
    making = run.settings if run.libraries is None else run.settings.model_copy(update={"data": run.libraries})
    with (
        open_corpus(
            run.dataset, making, run.embedder, lambda done, of: progress("reading documents", done, of)
        ) as opened,
        Journal(run.folder) as journal,
    ):
        corpus, missing = _complete(run.dataset, opened)
        stats = corpus.library.stats()
        progress("asking", before, len(questions))
        asked = ask_all(questions, corpus, run.settings, run.embedder, run.scope, after=before)
        for question, (begun, answer) in zip(questions[before:], asked, strict=True):
            record = replace(begun, scores={**begun.scores, **_besides(run, question, answer)})
            journal.add(record, AnswerOut.of(answer).model_dump(mode="json") if answer is not None else None)
            records.append(record)
            progress("asking", len(records), len(questions))
    return {
        "documents": stats.documents,
        "chunks": stats.chunks,
        "missing": missing,  # documents that the set asks about and reading did not bring into the library
        "seconds": round(time.perf_counter() - started, 1),
        "asked_before": before,  # in earlier sittings, whose time is not counted
    }


def _besides(run: Run, question: Question, answer: Answer | None) -> dict[str, float]:
    """Return what judges say of the answer, and the model of the right ones. What fails is counted, and costs no more.

    A judge counts its own failures.
    """
    scores: dict[str, float] = {}
    if answer is not None:
        for judge in run.judges:
            scores |= judge.score(question, answer)
    if run.perplexity is not None:
        try:
            scores |= run.perplexity.score(question.text, question.answers)
        except ModelError as error:
            log.warning("question %s: %s", question.id, error)
            scores["reference.skipped"] = float(len(question.answers))
    return scores


def _measured_besides(run: Run) -> dict[str, Any]:
    prices = {"in": run.prices.into, "out": run.prices.out} if run.prices is not None else None
    return {"judges": [one.name for one in run.judges], "perplexity": run.perplexity is not None, "prices": prices}


def _complete(dataset: Dataset, corpus: Corpus) -> tuple[Corpus, list[str]]:
    """Name the documents that are not in the library after themselves: nothing finds them, and that is counted."""
    wanted = {name for question in dataset.questions for name in question.gold}
    missing = sorted(wanted - corpus.documents.keys())
    return replace(corpus, documents={**{name: name for name in missing}, **corpus.documents}), missing


def _asked_before(summary: Mapping[str, Any]) -> dict[str, Any]:
    return {name: summary.get(name) for name in ("documents", "chunks", "missing", "seconds", "asked_before")}


def _why(dataset: Dataset) -> str:
    if not dataset.skipped:
        return ""
    first = dataset.skipped[0]
    return f": {len(dataset.skipped)} were left out, the first, {first.item}, since {first.reason}"
