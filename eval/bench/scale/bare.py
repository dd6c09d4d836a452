"""FAISS and tantivy as somebody uses them who has nothing else: the yardstick. The files are those of our indexes.

FAISS reads our snapshot a second time, so that neither finds the lists in the processor's caches because the other has
just been there. Its search returns keys and scores as arrays, and nobody looks whether they still live.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import faiss as typed_faiss
import tantivy

from rag.library.follow import NOTE
from rag.library.lexical import ANALYZER, TERMS, TantivyIndex
from rag.library.lists import Lists
from rag.ports import Matrix

faiss: Any = typed_faiss  # its stubs lag behind its code


class BareFaiss:
    """The same lists, looked into as often. One thread, as ours: a service answers several at once."""

    def __init__(self, folder: Path) -> None:
        """folder: `vectors` of a library."""
        self._index = faiss.read_index(str(_current(folder)))
        if isinstance(self._index, faiss.IndexIVF):
            self._index.nprobe = Lists(self._index).probes

    def search(self, query: Matrix, k: int) -> Any:
        faiss.omp_set_num_threads(1)
        return self._index.search(query, k)


class BareTantivy:
    """One searcher, and two ways to ask it for any of our terms: a union of them, or what its own parser makes of them.

    The terms are those of the question with their weights left out, and with the most frequent, which our search leaves
    out where their lists are long. To cut a question into them is not counted.
    """

    def __init__(self, folder: Path) -> None:
        """folder: `lexical` of a library."""
        self._index = tantivy.Index.open(str(_current(folder)))
        self._index.register_tokenizer(ANALYZER, tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())
        self._schema = self._index.schema
        self._searcher = self._index.searcher()
        self._ours = TantivyIndex.open(_current(folder))

    def terms(self, question: str) -> list[str]:
        return list(self._ours.terms(question))

    def union(self, terms: list[str], k: int) -> list[tuple[Any, Any]]:
        parts = [
            (tantivy.Occur.Should, tantivy.Query.term_query(self._schema, TERMS, term, index_option="freq"))
            for term in terms
        ]
        return self._keys(tantivy.Query.boolean_query(parts), k)

    def parsed(self, terms: list[str], k: int) -> list[tuple[Any, Any]]:
        asked = " ".join(f'"{term}"' for term in terms)
        return self._keys(self._index.parse_query(asked, [TERMS]), k)

    def _keys(self, query: Any, k: int) -> list[tuple[Any, Any]]:
        found = self._searcher.search(query, k, count=False).hits
        keys = self._searcher.fast_field_values("key", [address for _, address in found])
        return [(score, key) for (score, _), key in zip(found, keys, strict=True)]


def _current(folder: Path) -> Path:
    return folder / str(json.loads((folder / NOTE).read_text())["name"])
