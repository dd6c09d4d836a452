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
from rag.library.lexical import ANALYZER, WEIGHTS, TantivyIndex
from rag.ports import Matrix

faiss: Any = typed_faiss  # its stubs lag behind its code


class BareFaiss:
    """The same lists, looked into as often. One thread, as ours: a service answers several at once."""

    def __init__(self, folder: Path) -> None:
        """folder: `vectors` of a library."""
        self._index = faiss.read_index(str(_current(folder)))

    def search(self, query: Matrix, k: int) -> Any:
        faiss.omp_set_num_threads(1)
        return self._index.search(query, k)


class BareTantivy:
    """One searcher, and two ways to ask it: our terms in our fields, or the body alone by tantivy's own parser."""

    def __init__(self, folder: Path) -> None:
        """folder: `lexical` of a library."""
        self._index = tantivy.Index.open(str(_current(folder)))
        self._analyzer = (
            tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).filter(tantivy.Filter.remove_long(200)).build()
        )
        self._index.register_tokenizer(ANALYZER, self._analyzer)
        self._schema = self._index.schema
        self._searcher = self._index.searcher()
        self._ours = TantivyIndex.open(_current(folder))

    def terms(self, question: str) -> list[str]:
        """What a question is searched by, cut and folded beforehand."""
        return list(self._ours.terms(question))

    def search_fields(self, terms: list[str], k: int) -> list[tuple[Any, Any]]:
        parts = [
            (tantivy.Occur.Should, tantivy.Query.term_query(self._schema, field, term, index_option="freq"))
            for term in terms
            for field in WEIGHTS
        ]
        return self._keys(tantivy.Query.boolean_query(parts), k)

    def search_body(self, terms: list[str], k: int) -> list[tuple[Any, Any]]:
        asked = " ".join(f'"{term}"' for term in terms)
        return self._keys(self._index.parse_query(asked, ["body"]), k)

    def _keys(self, query: Any, k: int) -> list[tuple[Any, Any]]:
        found = self._searcher.search(query, k, count=False).hits
        keys = self._searcher.fast_field_values("key", [address for _, address in found])
        return [(score, key) for (score, _), key in zip(found, keys, strict=True)]


def _current(folder: Path) -> Path:
    return folder / str(json.loads((folder / NOTE).read_text())["name"])
