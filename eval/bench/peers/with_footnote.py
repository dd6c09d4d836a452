"""Footnote as `footnote ingest` and `footnote search` have it. A program: see task.py."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from eval.bench.peers.task import Task, run
from ingest.opening import build_ingest, open_for_writing
from rag.build import build_embedder, build_retriever, open_library
from rag.config import EmbedderSettings, Settings
from rag.fuse import Weights
from rag.library.library import Library
from rag.plan import Found as Ranked
from rag.plan import Query
from rag.rank import Ranker
from rag.types import Passage

COLLECTION = "peers"
EVEN = Weights(dense=1.0, dense_for_missing=1.0, lexical=1.0, closeness=1.0)
Found = tuple[str, tuple[Passage, ...]]  # the question, and what an application is given


class Footnote:
    """options: runtime, of the embedder, where not the one that it chooses; weights, "even": none that were learnt."""

    def __init__(self, task: Task) -> None:
        self._task = task
        chosen = EmbedderSettings(device="cpu", runtime=task.options.get("runtime", "auto"))
        self._settings = Settings(data=task.scratch, embedder=chosen)
        self._embedder = build_embedder(self._settings)

    def load(self) -> None:
        self._embedder.embed_passages(["warm"])

    def ingest(self) -> int:
        with open_for_writing(self._settings, COLLECTION, self._embedder) as library:
            report = build_ingest(self._settings, library, self._embedder).run([self._task.files])
        if report.failed or report.skipped:
            raise SystemExit(f"failed {report.failed}, skipped {report.skipped} of {report.discovered} files")
        self._library: Library = open_library(self._settings, COLLECTION, embedder=self._embedder)
        self._retriever = build_retriever(self._settings, self._library, self._embedder)
        rows = self._library.sources()
        self._names = {row.document_id: Path(unquote(urlsplit(row.location).path)).name for row in rows}
        return len(self._library)

    def ask(self, question: str) -> Found:
        return question, self._retriever.retrieve(question)

    def files_of(self, found: Found) -> list[str]:
        """The whole ranking, of which `ask` shows a reader the first passages only."""
        question, _ = found
        keys = [hit.key for hit in self._ranked(question).ranking]
        chunks = self._library.chunks(keys)
        return [self._names[chunks[key].document_id] for key in keys if key in chunks]

    def _ranked(self, question: str) -> Ranked:
        if self._task.options.get("weights") != "even":
            return self._retriever.find(question)
        ranker = Ranker(self._library, self._embedder, EVEN)
        candidates = self._settings.retrieve.candidates
        return ranker.rank(Query(question), lambda text: self._embedder.embed_queries([text]), candidates, None)


if __name__ == "__main__":
    run(Footnote, ["footnote", "torch", "faiss-cpu", "tantivy"])
