"""Ingests to be killed: real pipeline, real library, an embedder that needs no weights. Driven by kill.py.

For each line of JSON {data, docs, acknowledge} on standard input a child is forked, which ingests; so the imports are
paid for once. Standard output tells "begun PID", the report of a child that was left alone, and "ended STATUS".
The first argument is the order of writing: "right", or one of the wrong ones that kill.py must be able to see.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

import numpy as np
from sqlalchemy import select

import ingest.pipeline
from ingest.batch import Batch
from ingest.cli import acknowledger
from ingest.examine import Ready
from ingest.pipeline import Ingest
from ingest.read import READER_VERSION, Limits
from ingest.report import Slot, indexed
from rag.library import writing
from rag.library.database import Database
from rag.library.library import Library
from rag.library.records import FileFacts, Manifest
from rag.library.tables import documents, manifest
from rag.ports import Matrix
from rag.types import Chunk, Document
from tests.fakes import HashEmbedder

MAX_TOKENS = 48
BATCH_PASSAGES = 24  # about six documents


class AcknowledgesFirst(Batch):
    """Wrong: says that a batch is stored, and then stores it."""

    def _commit(self, batch: Sequence[tuple[Slot, Ready]], vectors: Sequence[Matrix]) -> None:
        for slot, ready in batch:
            self._settle(slot, indexed(ready.facts.source, ready.document.id, len(ready.chunks)))
        with self._library.lease():
            for (_, ready), matrix in zip(batch, vectors, strict=True):
                self._put(ready, matrix)


def write_in_two_transactions() -> None:
    """Wrong: a document is committed and acknowledged, and its chunks are committed with the next one."""
    right, catch_up = writing.put, Library.catch_up
    late: list[Callable[[], None]] = []

    def put(
        database: Database,
        document: Document,
        some: Sequence[Chunk],
        matrix: Matrix,
        facts: FileFacts,
        maker: Manifest,
        bands: Collection[int],
    ) -> writing.Written:
        def rest() -> None:
            with database.writing() as connection:
                number = connection.execute(select(documents.c.number).where(documents.c.id == document.id))
                generation = connection.execute(select(manifest.c.generation)).scalar_one()
                first, last = writing.insert_chunks(connection, number.scalar_one(), generation, some, matrix)
                writing.log(connection, "add", document.id, first, last)

        nothing = np.empty((0, matrix.shape[1]), np.float32)
        written = right(database, document, [], nothing, facts, maker, bands)
        write_late()
        late.append(rest)
        return written

    def write_late() -> None:
        while late:
            late.pop()()

    def catch_up_after(self: Library) -> None:
        write_late()
        catch_up(self)

    writing.put = put
    Library.catch_up = catch_up_after  # type: ignore[method-assign]


def library_manifest() -> Manifest:
    embedder = HashEmbedder()
    return Manifest(embedder.name, embedder.fingerprint, embedder.dimension, "faults", READER_VERSION)


def ingest_once(data: Path, docs: Path, acknowledge: Path) -> None:
    with Library.open(data / "default", library_manifest()) as library, acknowledge.open("a") as file:
        run = Ingest(
            library,
            HashEmbedder(),
            data=data,
            limits=Limits(),
            max_tokens=MAX_TOKENS,
            batch_passages=BATCH_PASSAGES,
            progress=acknowledger(file),
        )
        tell(run.run([docs]).model_dump_json())


def tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(order: str) -> None:
    if order == "two-transactions":
        write_in_two_transactions()
    if order == "acknowledge-first":
        vars(ingest.pipeline)["Batch"] = AcknowledgesFirst
    for line in sys.stdin:
        given = {name: Path(value) for name, value in json.loads(line).items()}
        child = os.fork()
        if child == 0:
            status = 1
            try:
                tell(f"begun {os.getpid()}")
                ingest_once(**given)
                status = 0
            finally:
                os._exit(status)
        tell(f"ended {os.waitpid(child, 0)[1]}")


if __name__ == "__main__":
    main(sys.argv[1])
