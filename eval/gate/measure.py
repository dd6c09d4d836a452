"""Make a library of one set anew, ask it every question, and keep the scores and what was broken.

Nothing of an earlier run is used: a fault in reading or chunking would hide behind a library that was made before it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from eval.asking import Scope, ask_all
from eval.corpus import Corpus
from eval.gate.promises import Breach, of_answer, of_library, of_report
from eval.gate.sets import GateSet
from eval.record import Record
from ingest.opening import build_ingest, max_tokens, open_for_writing
from rag.config import Settings
from rag.library.library import Library
from rag.ports import Embedder
from rag.types import Answer, Document

Progress = Callable[[str, int, int], None]  # what is being done, how many are done, of how many


@dataclass(frozen=True, slots=True)
class Measured:
    """answers: what was said to each question, by id."""

    name: str
    ours: bool
    content: str
    records: tuple[Record, ...]
    answers: Mapping[str, str]
    breaches: tuple[Breach, ...]


def measure(one: GateSet, settings: Settings, embedder: Embedder, folder: Path, progress: Progress) -> Measured:
    """folder: gets the library; there must be none in it yet."""
    dataset = one.dataset
    assert dataset.folder is not None
    here = settings.model_copy(update={"data": folder})
    with open_for_writing(here, one.name.replace(".", "-"), embedder) as library:
        reading = build_ingest(
            here, library, embedder, progress=lambda step: progress(f"reading {one.name}", step.done, step.total)
        )
        report = reading.run([dataset.folder])
        files = sum(path.is_file() for path in dataset.folder.rglob("*"))
        breaches = [
            *of_report(report, files),
            *of_library(library, embedder.token_starts, max_tokens(here, embedder)),
        ]
        corpus = Corpus(library, _documents(library, dataset.folder))
        documents = {name: library.document(name) for name in {row.document_id for row in library.sources()}}
        records: list[Record] = []
        answers: dict[str, str] = {}
        for record, answer in ask_all(dataset.questions, corpus, here, embedder, Scope.ANSWERS):
            records.append(_alone(record) if one.ours else record)
            breaches += _of_asking(record, answer, documents)
            answers[record.id] = answer.text if answer is not None else record.error or ""
            progress(f"asking {one.name}", len(records), len(dataset.questions))
    return Measured(one.name, one.ours, one.content, tuple(records), answers, tuple(breaches))


def _documents(library: Library, folder: Path) -> dict[str, str]:
    """Return the id of each file's document, by its path below the folder."""
    names = {path.resolve().as_uri(): path.relative_to(folder).as_posix() for path in folder.rglob("*")}
    return {names[row.location]: row.document_id for row in library.sources() if row.location in names}


def _of_asking(record: Record, answer: Answer | None, documents: Mapping[str, Document]) -> list[Breach]:
    if answer is None:
        return [Breach("every question is answered", record.id, record.error or "")]
    used = {one.document_id for one in answer.citations} | {one.document_id for one in answer.passages}
    if not used <= documents.keys():
        return [Breach("what is found is in the library", record.id, ", ".join(sorted(used - documents.keys())))]
    return list(of_answer(record.id, answer, documents))


def _alone(record: Record) -> Record:
    """Make each question its own unit: drawn by their documents, of which there are four, they would tell nothing."""
    return replace(record, unit=record.id)
