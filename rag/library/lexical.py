"""BM25 by tantivy over folded search terms, Chinese and English alike. Knows nothing of the store.

Terms come from rag.text, folded and stemmed, and reach tantivy joined by spaces: it splits there and does no more.
A chunk's title, headings and body are one field: what stands in any of them is then weighed by how rare it is in all,
and a question's words may be spread over them. A field each, added up, finds far less where a title says part of it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import tantivy

from rag.errors import LibraryDamaged
from rag.lexicon import NO_LEXICON, Lexicon
from rag.library.among import best, best_among
from rag.library.nearest import nearest_terms
from rag.ports import Keys, LexicalEntry
from rag.text import latin_words, query_weights, quoted_terms, search_terms
from rag.types import Hit

SCHEMA = 3  # raise it when fields or terms change: the folder is then made anew
ANALYZER = "terms"
TERMS = "terms"
LONGEST_TERM_BYTES = 200  # what is longer is no word: encoded data, say
MOST_QUERY_TERMS = 128
# A search reads no more entries of posting lists than this, the rarest terms' first. Only where there are hundreds of
# thousands of chunks does that leave a term out, one that stands in a good part of them all: 的, 是, 年.
MOST_POSTINGS = 2_000_000
MOST_TYPOS = 8  # unknown words of a question whose neighbours are looked for
TYPO_WEIGHT = 0.6  # of a word that may be meant by one that stands nowhere
QUOTATION_WEIGHT = 1.0  # of having all terms of a quotation, beside having each of them
WRITER_BYTES = 64_000_000


class TantivyIndex:
    """A folder on disk that many processes read and one writes: whoever calls add, remove or commit holds the lease."""

    def __init__(self, folder: Path, lexicon: Lexicon = NO_LEXICON) -> None:
        """Open or make the index. Raises LibraryDamaged where the folder holds something else."""
        folder.mkdir(parents=True, exist_ok=True)
        self.lexicon = lexicon
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
    def open(cls, folder: Path, lexicon: Lexicon = NO_LEXICON) -> TantivyIndex:
        """Open what must be there already. Raises LibraryDamaged."""
        if not (folder / "meta.json").is_file():
            raise LibraryDamaged(f"{folder} holds no index")
        return cls(folder, lexicon)

    def __len__(self) -> int:
        return int(self._index.searcher().num_docs)

    def add(self, entries: Iterable[LexicalEntry]) -> None:
        """Add; a key that is there already is replaced."""
        writer = self._writing()
        for entry in entries:
            writer.delete_documents_by_term("key", entry.key)
            terms = [
                term
                for text in (entry.title, entry.headings, entry.body)
                for term in search_terms(text, self.lexicon.cut)
            ]
            writer.add_document(tantivy.Document(key=entry.key, terms=" ".join(terms)))

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
        """Return the k best keys, best first; among: of these only, ascending, scored as if there were no such filter.

        Equal scores go by the smaller key.
        """
        if k <= 0 or (among is not None and not len(among)):
            return []
        searcher = self._index.searcher()
        weights = self._read(searcher, self.terms(query))
        if not weights:
            return []
        wanted = self._with_quotations(searcher, self._query(weights), query)
        if among is None:
            return best(searcher, wanted, k)
        return best_among(searcher, self._schema, wanted, k, among)

    def terms(self, query: str) -> dict[str, float]:
        """The distinct terms of a query as they may stand in the index, and what each counts; a synonym's count less.

        What stands nowhere makes way for the words nearest to it that do.
        """
        asked = query.encode("utf-8", "replace").decode()  # half a surrogate pair is no text for the folding
        weights = query_weights(asked, self.lexicon.cut)
        searcher = self._index.searcher()
        unknown = [
            (word, term)
            for word, term in latin_words(asked).items()
            if term in weights and not searcher.doc_freq(TERMS, term)
        ]
        for word, term in unknown[:MOST_TYPOS]:
            for near in nearest_terms(word, term, searcher, TERMS):
                weights.setdefault(near, TYPO_WEIGHT * weights[term])
        for term, weight in self.lexicon.alternatives(asked).items():
            weights.setdefault(term, weight)
        return weights

    def frequency(self, term: str) -> int:
        """In how many chunks a search term stands; what was removed is still counted until its segment is merged."""
        return int(self._index.searcher().doc_freq(TERMS, term))

    def keys(self) -> Keys:
        """All of them, ascending."""
        searcher = self._index.searcher()
        if not searcher.num_docs:
            return np.zeros(0, dtype=np.int64)
        found = searcher.search(tantivy.Query.all_query(), searcher.num_docs, count=False).hits
        return np.sort(np.array(searcher.fast_field_values("key", [at for _, at in found]), dtype=np.int64))

    def _read(self, searcher: Any, weights: dict[str, float]) -> dict[str, float]:
        """Return the terms whose posting lists are read: the rarest, as far as the most that is read will go."""
        known = ((searcher.doc_freq(TERMS, term), term) for term in weights)
        read: dict[str, float] = {}
        postings = 0
        for frequency, term in sorted(pair for pair in known if pair[0])[:MOST_QUERY_TERMS]:
            postings += frequency
            if read and postings > MOST_POSTINGS:
                break
            read[term] = weights[term]
        return read

    def _query(self, weights: dict[str, float]) -> Any:
        """Return a plain union of terms: the only kind whose lists tantivy reads in part."""
        parts = []
        for term, weight in weights.items():
            one = tantivy.Query.term_query(self._schema, TERMS, term, index_option="freq")
            parts.append((tantivy.Occur.Should, tantivy.Query.boost_query(one, weight)))
        return tantivy.Query.boolean_query(parts)

    def _with_quotations(self, searcher: Any, union: Any, query: str) -> Any:
        """Put those first which have all that the query quotes: a few terms more, where it quotes anything at all."""
        parts = [(tantivy.Occur.Should, union)]
        for terms in quoted_terms(query):
            frequencies = [searcher.doc_freq(TERMS, term) for term in terms]
            if all(frequencies):
                each = [tantivy.Query.term_query(self._schema, TERMS, term, index_option="freq") for term in terms]
                together = tantivy.Query.boolean_query([(tantivy.Occur.Must, one) for one in each])
                total = max(searcher.num_docs, *frequencies)
                rarity = sum(math.log(1 + (total - one + 0.5) / (one + 0.5)) for one in frequencies)
                bonus = tantivy.Query.const_score_query(together, QUOTATION_WEIGHT * rarity)
                parts.append((tantivy.Occur.Should, bonus))
        return tantivy.Query.boolean_query(parts) if len(parts) > 1 else union

    def _writing(self) -> Any:
        if self._writer is None:
            # The lock it takes belongs to the system and dies with its holder: a kill leaves the file, not the lock.
            self._writer = self._index.writer(WRITER_BYTES, 1)
        return self._writer


def _schema() -> Any:
    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("key", indexed=True, fast=True)
    builder.add_text_field(TERMS, tokenizer_name=ANALYZER, index_option="freq")
    return builder.build()


def _analyzer() -> Any:
    return (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace())
        .filter(tantivy.Filter.remove_long(LONGEST_TERM_BYTES))
        .build()
    )
