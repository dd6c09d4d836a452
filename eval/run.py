"""Ask every question of a dataset and keep what came back: retrieval by leg, answers, citations, refusals.

The retriever and the answerer are those of rag.build, as a user has them. Knows nothing of how scores are computed.
"""

from __future__ import annotations

import json
import logging
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TextIO

from eval.asking import Scope, ask_all
from eval.corpus import open_corpus
from eval.questions import Dataset
from eval.slices import sliced
from eval.summary import summarise
from ingest.chunk import CHUNKER_VERSION
from ingest.read import READER_VERSION
from rag.config import Settings
from rag.ports import Embedder
from rag.wire import AnswerOut

log = logging.getLogger(__name__)

CANDIDATES = 50  # chunks of a leg alone: DEPTH documents, where a document has five chunks
QUERY_BATCH = 64

Progress = Callable[[str, int, int], None]  # what is being done, how many are done, of how many


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
        records = []
        with (
            (run.folder / "questions.jsonl").open("w", encoding="utf-8") as questions,
            (run.folder / "answers.jsonl").open("w", encoding="utf-8") as answers,
        ):
            for record, answer in ask_all(sliced(run.dataset).questions, corpus, run.settings, run.embedder, run.scope):
                records.append(record)
                if answer is not None:
                    _write_line(answers, {"id": record.id, **AnswerOut.of(answer).model_dump(mode="json")})
                _write_line(questions, record.row())
                progress("asking", len(records), len(run.dataset.questions))
    summary = {
        "dataset": run.dataset.spec,
        **summarise(records),
        "skipped": [asdict(remark) for remark in run.dataset.skipped],
        "mended": len(run.dataset.mended),
        "documents": stats.documents,
        "chunks": stats.chunks,
        "seconds": round(time.perf_counter() - started, 1),
        "config": config,
    }
    _write_json(run.folder / "summary.json", summary)
    return summary


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
