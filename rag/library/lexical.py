"""BM25 by tantivy over folded search terms, Chinese and English alike. Knows nothing of the store.

Terms come from rag.text, folded and stemmed, and reach tantivy joined by spaces: it splits there and does no more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import tantivy

from rag.errors import LibraryDamaged
from rag.ports import Keys, LexicalEntry
from rag.text import query_terms, search_terms
from rag.types import Hit

SCHEMA = 1  # raise it when fields or terms change: the folder is then made anew
ANALYZER = "terms"
# A title that says what no chunk does must be found, but not outweigh the chunks.
WEIGHTS = {"body": 1.0, "headings": 0.25, "title": 0.25}
LONGEST_TERM_BYTES = 200  # what is longer is no word: encoded data, say
MOST_QUERY_TERMS = 256
WRITER_BYTES = 64_000_000


class TantivyIndex:
    """A folder on disk that many processes read and one writes: whoever calls add, remove or commit holds the lease."""

    def __init__(self, folder: Path) -> None:
        """Open or make the index. Raises LibraryDamaged where the folder holds something else."""
        folder.mkdir(parents=True, exist_ok=True)
        self._schema = _schema()
        self._analyzer = _analyzer()
        self._writer: Any = None
        try:
            self._index = tantivy.Index(self._schema, path=str(folder))
            self._index.register_tokenizer(ANALYZER, self._analyzer)
            self._index.config_reader("manual")
            self._index.reload()
        except (ValueError, OSError) as error:
            raise LibraryDamaged(f"{folder}: {error}") from error

    @classmethod
    def open(cls, folder: Path) -> TantivyIndex:
        """Open what must be there already. Raises LibraryDamaged."""
        if not (folder / "meta.json").is_file():
            raise LibraryDamaged(f"{folder} holds no index")
        return cls(folder)

    def __len__(self) -> int:
        return int(self._index.searcher().num_docs)

    def add(self, entries: Iterable[LexicalEntry]) -> None:
        """Add; a key that is there already is replaced."""
        writer = self._writing()
        for entry in entries:
            writer.delete_documents_by_term("key", entry.key)
            writer.add_document(
                tantivy.Document(
                    key=entry.key,
                    body=" ".join(search_terms(entry.body)),
                    title=" ".join(search_terms(entry.title)),
                    headings=" ".join(search_terms(entry.headings)),
                )
            )

    def remove(self, keys: Iterable[int]) -> None:
        writer = self._writing()
        for key in keys:
            writer.delete_documents_by_term("key", int(key))

    def commit(self) -> None:
        """Make what was added and removed durable and seen; let go of the writer, which other processes may want."""
        if self._writer is not None:
            writer, self._writer = self._writer, None
            writer.commit()
            writer.wait_merging_threads()
        self.reload()

    def rollback(self) -> None:
        if self._writer is not None:
            writer, self._writer = self._writer, None
            writer.rollback()
            writer.wait_merging_threads()

    def reload(self) -> None:
        """See what another process has committed."""
        self._index.reload()

    def search(self, query: str, k: int, *, among: Keys | None = None) -> list[Hit]:
        """Return the k best keys, best first; among: of these only, scored as if there were no such filter."""
        terms = self.terms(query)
        if k <= 0 or not terms or (among is not None and not len(among)):
            return []
        wanted = self._query(terms)
        if among is not None:
            allowed = tantivy.Query.term_set_query(self._schema, "key", [int(key) for key in among])
            allowed = tantivy.Query.const_score_query(allowed, 0.0)
            wanted = tantivy.Query.boolean_query([(tantivy.Occur.Must, wanted), (tantivy.Occur.Must, allowed)])
        searcher = self._index.searcher()
        found = searcher.search(wanted, k, count=False).hits
        keys = searcher.fast_field_values("key", [address for _, address in found])
        hits = [Hit(int(key), float(score)) for (score, _), key in zip(found, keys, strict=True) if key is not None]
        return sorted(hits, key=lambda hit: (-hit.score, hit.key))

    def terms(self, query: str) -> dict[str, int]:
        """The distinct terms of a query as they stand in the index, and how often each is asked for."""
        asked = query.encode("utf-8", "replace").decode()  # half a surrogate pair is no text for the folding
        counted = Counter(self._analyzer.analyze(" ".join(query_terms(asked))))
        return dict(list(counted.items())[:MOST_QUERY_TERMS])

    def frequency(self, term: str) -> int:
        """In how many bodies a search term stands; what was removed is still counted until its segment is merged."""
        return int(self._index.searcher().doc_freq("body", term))

    def keys(self) -> Keys:
        """All of them, ascending."""
        searcher = self._index.searcher()
        if not searcher.num_docs:
            return np.zeros(0, dtype=np.int64)
        found = searcher.search(tantivy.Query.all_query(), searcher.num_docs, count=False).hits
        return np.sort(np.array(searcher.fast_field_values("key", [at for _, at in found]), dtype=np.int64))

    def _query(self, terms: dict[str, int]) -> Any:
        parts = []
        for term, count in terms.items():
            for field, weight in WEIGHTS.items():
                one = tantivy.Query.term_query(self._schema, field, term, index_option="freq")
                parts.append((tantivy.Occur.Should, tantivy.Query.boost_query(one, weight * count)))
        return tantivy.Query.boolean_query(parts)

    def _writing(self) -> Any:
        if self._writer is None:
            # The lock it takes belongs to the system and dies with its holder: a kill leaves the file, not the lock.
            self._writer = self._index.writer(WRITER_BYTES, 1)
        return self._writer


def _schema() -> Any:
    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("key", indexed=True, fast=True)
    for field in WEIGHTS:
        builder.add_text_field(field, tokenizer_name=ANALYZER, index_option="freq")
    return builder.build()


def _analyzer() -> Any:
    return (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace())
        .filter(tantivy.Filter.remove_long(LONGEST_TERM_BYTES))
        .build()
    )
