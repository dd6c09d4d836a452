"""txtai's embeddings database as its documents have it: content stored, dense or hybrid. A program: see task.py.

It cuts nothing by itself: a file is one row, of which the model reads the first tokens. Its own defaults otherwise:
FAISS, SQLite for the texts, batches of 32, and BM25 with vectors half and half where hybrid.
"""

from __future__ import annotations

from typing import Any

from txtai import Embeddings

from eval.bench.peers.task import Task, run


class Txtai:
    """options: retrieval ("dense", "hybrid", "bm25")."""

    def __init__(self, task: Task) -> None:
        self._task = task
        way = task.options.get("retrieval", "dense")
        self._uses_vectors = way != "bm25"
        chosen = {"dense": {}, "hybrid": {"hybrid": True}, "bm25": {"keyword": True}}[way]
        model = {"path": str(task.model)} if self._uses_vectors else {}
        self._embeddings = Embeddings(content=True, gpu=False, **model, **chosen)

    def load(self) -> None:
        """Nothing where no vector is asked for."""
        if self._uses_vectors:
            self._embeddings.transform("warm")

    def ingest(self) -> int:
        paths = sorted(self._task.files.iterdir())
        self._embeddings.index((path.name, path.read_text(encoding="utf-8")) for path in paths)
        return int(self._embeddings.count())

    def ask(self, question: str) -> Any:
        return self._embeddings.search(question, self._task.chunks)

    def files_of(self, found: Any) -> list[str]:
        return [row["id"] for row in found]


if __name__ == "__main__":
    run(Txtai, ["txtai", "transformers", "faiss-cpu", "torch"])
