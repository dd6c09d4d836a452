"""Ask every question of a dataset and keep what came back: retrieval by leg, answers, citations, refusals.

The retriever and the answerer are those of rag.build, as a user has them. Knows nothing of how scores are computed.
"""

from __future__ import annotations

import json
import logging
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import Enum, auto
from pathlib import Path
from typing import Any, TextIO

from eval.corpus import Corpus, open_corpus
from eval.questions import Dataset, Question
from eval.score import DEPTH, Outcome, judge, summarise
from ingest.chunk import CHUNKER_VERSION
from ingest.read import READER_VERSION
from rag.build import build_answerer, build_retriever
from rag.config import Settings
from rag.ports import Embedder
from rag.types import Answer, Hit
from rag.wire import AnswerOut

log = logging.getLogger(__name__)

CANDIDATES = 50  # chunks of a leg alone: DEPTH documents, where a document has five chunks
QUERY_BATCH = 64

Progress = Callable[[str, int, int], None]  # what is being done, how many are done, of how many


class Scope(Enum):
    RETRIEVAL = auto()  # rankings alone
    ANSWERS = auto()  # and answers, citations and refusals


@dataclass(frozen=True, slots=True)
class Run:
    """What is measured, how, and where it is written."""

    dataset: Dataset
    settings: Settings  # settings.data: where the dataset's library is made and kept
    embedder: Embedder
    scope: Scope
    folder: Path  # gets config.json, questions.jsonl, answers.jsonl and summary.json
    config: Mapping[str, Any]  # what else the reader of the figures should know, such as the command


def evaluate(run: Run, progress: Progress) -> dict[str, Any]:
    """Ask every question, write the run's folder and return its summary, in the form of `eval run --json`.

    answers.jsonl holds what `footnote ask --json` prints, with each question's id.
    """
    started = time.perf_counter()
    run.folder.mkdir(parents=True, exist_ok=True)
    config = _config(run)
    _write_json(run.folder / "config.json", config)
    with open_corpus(
        run.dataset, run.settings, run.embedder, lambda done, of: progress("reading documents", done, of)
    ) as corpus:
        stats = corpus.library.stats()
        outcomes = []
        with (
            (run.folder / "questions.jsonl").open("w", encoding="utf-8") as questions,
            (run.folder / "answers.jsonl").open("w", encoding="utf-8") as answers,
        ):
            for outcome in _outcomes(run, corpus, answers):
                outcomes.append(outcome)
                _write_line(questions, _row(outcome))
                progress("asking", len(outcomes), len(run.dataset.questions))
    summary = {
        "dataset": run.dataset.spec,
        **summarise(outcomes),
        "skipped": [asdict(remark) for remark in run.dataset.skipped],
        "mended": len(run.dataset.mended),
        "documents": stats.documents,
        "chunks": stats.chunks,
        "seconds": round(time.perf_counter() - started, 1),
        "config": config,
    }
    _write_json(run.folder / "summary.json", summary)
    return summary


def _outcomes(run: Run, corpus: Corpus, answers: TextIO) -> Iterator[Outcome]:
    retriever = build_retriever(run.settings, corpus.library, run.embedder)
    answerer = build_answerer(run.settings, corpus.library, run.embedder) if run.scope is Scope.ANSWERS else None
    corpus.library.refresh()
    for question, dense in _with_dense(run, corpus):
        gold = {corpus.documents[name]: grade for name, grade in question.grades.items()}
        rankings: dict[str, Sequence[str]] = {}
        try:
            rankings["dense"] = ranked_documents(corpus, dense)
            rankings["lexical"] = ranked_documents(corpus, corpus.library.lexical(question.text, CANDIDATES))
            rankings["hybrid"] = ranked_documents(corpus, retriever.find(question.text).ranking)
            judged = None
            if answerer is not None:
                answer = answerer.answer(question.text)
                _write_line(answers, {"id": question.id, **AnswerOut.of(answer).model_dump(mode="json")})
                judged = judge(question, answer, _texts(corpus, answer), corpus.documents)
            yield Outcome(question, gold, rankings, judged)
        except Exception as error:  # the edge: one question must not end the run, and is counted as failed
            log.exception("question %s failed", question.id)
            yield Outcome(question, gold, rankings, error=f"{type(error).__name__}: {error}")


def _with_dense(run: Run, corpus: Corpus) -> Iterator[tuple[Question, Sequence[Hit]]]:
    """Yield each question with its dense hits, embedded in batches."""
    questions = run.dataset.questions
    for first in range(0, len(questions), QUERY_BATCH):
        batch = questions[first : first + QUERY_BATCH]
        vectors = run.embedder.embed_queries([question.text for question in batch])
        yield from zip(batch, corpus.library.dense(vectors, CANDIDATES), strict=True)


def ranked_documents(corpus: Corpus, hits: Iterable[Hit]) -> list[str]:
    """Return the documents of the hits' chunks, each where its best chunk stands, at most DEPTH of them."""
    keys = [hit.key for hit in hits]
    chunks = corpus.library.chunks(keys)
    return list(dict.fromkeys(chunks[key].document_id for key in keys if key in chunks))[:DEPTH]


def _texts(corpus: Corpus, answer: Answer) -> dict[str, str]:
    return {key: corpus.library.document(key).text for key in {citation.document_id for citation in answer.citations}}


def _row(outcome: Outcome) -> dict[str, Any]:
    question = outcome.question
    return {
        "id": question.id,
        "question": question.text,
        "language": question.language,
        "kind": question.kind,
        "answers": question.answers,
        "gold": outcome.gold,
        "rankings": outcome.rankings,
        "judged": asdict(outcome.judged) if outcome.judged else None,
        "error": outcome.error,
    }


def _config(run: Run) -> dict[str, Any]:
    """Return what a reader needs to make the same run again."""
    settings = run.settings.model_dump(mode="json", include={"embedder", "chunk", "retrieve", "answer"})
    return {
        **run.config,
        "scope": run.scope.name.lower(),
        "settings": settings,
        "embedder": {"name": run.embedder.name, "fingerprint": run.embedder.fingerprint},
        "chunker": CHUNKER_VERSION,
        "reader": READER_VERSION,
        "commit": _commit(),
    }


def _commit() -> str | None:
    """Return the checkout's commit, "+" added where files differ from it; None where this is no checkout."""
    try:
        done = subprocess.run(
            ["git", "describe", "--always", "--abbrev=12", "--dirty=+"],
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False) + "\n", encoding="utf-8")


def _write_line(file: TextIO, value: Any) -> None:
    file.write(json.dumps(value, ensure_ascii=False, allow_nan=False) + "\n")
