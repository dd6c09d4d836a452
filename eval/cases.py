"""Questions with the passages that retrieval brings, found once and kept: what evidence is learnt from and judged on.

    for case in load_cases("squad:xquad.en.json", Path("runs/libraries")): ...

The kept file is named for the library, the settings of retrieval and the source of its code, so a change of any makes
another.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from eval.corpus import collection_name, open_corpus
from eval.datasets.load import load_dataset
from rag.build import build_embedder, build_retriever
from rag.config import Settings, load_settings
from rag.filters import Filters
from rag.library.library import Library
from rag.text import query_terms, search_terms, telling_terms
from rag.types import Chunk, Passage

SPARE = 1  # passages more than are kept, so that as many are left when the one with the answer is taken away
FORM = 2  # of the kept file; raise it when the rows change
CODE = ("rag/retrieve.py", "rag/rank.py", "rag/widen.py", "rag/closeness.py", "rag/fuse.py", "rag/text.py")


@dataclass(frozen=True, slots=True)
class Case:
    """A question and the passages found for it, best first.

    gold: ids of the documents that hold the answer. article: what its paragraph belongs to; the same for translations.
    without: the passages found among the other documents. frequencies: in how many of the library's chunks a term
    stands, for every term of the question; chunks: how many there are. lost: in how many chunks of the gold documents
    it stands, which are lost_chunks.
    """

    id: str
    question: str
    article: str
    answers: tuple[str, ...]
    gold: frozenset[str]
    passages: tuple[Passage, ...]
    without: tuple[Passage, ...]
    frequencies: Mapping[str, int]
    chunks: int
    lost: Mapping[str, int]
    lost_chunks: int

    def frequency(self, term: str) -> int:
        return self.frequencies.get(term, 0)

    def present(self, keep: int) -> tuple[Passage, ...]:
        """The passages as they are found."""
        return self.passages[:keep]

    def absent(self, keep: int) -> tuple[Passage, ...]:
        """The passages as they would be found, were the documents that hold the answer deleted."""
        return self.without[:keep]

    def frequency_absent(self, term: str) -> int:
        """In how many chunks the term would stand then: what stood only there stands nowhere."""
        return self.frequency(term) - self.lost.get(term, 0)

    @property
    def chunks_absent(self) -> int:
        return self.chunks - self.lost_chunks


def load_cases(spec: str, libraries: Path, *, limit: int | None = None, kept: Path = Path("runs/cases")) -> list[Case]:
    """Return the set's answerable questions with their passages. spec: as `footnote eval run --dataset` takes it."""
    settings = load_settings(data=libraries)
    embedder = build_embedder(settings)
    dataset = load_dataset(spec)
    file = kept_file(spec, libraries, kept)
    if not file.is_file():
        topics = {paragraph.id: paragraph.topic or paragraph.id for paragraph in dataset.paragraphs}
        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_suffix(f".{os.getpid()}.part")  # two runs may make it at once
        with (
            gzip.open(part, "wt", encoding="utf-8") as out,
            open_corpus(dataset, settings, embedder, lambda _done, _total: None) as corpus,
        ):
            retriever = build_retriever(settings, corpus.library, embedder)
            everything = set(corpus.documents.values())
            terms_of = {document: _chunk_terms(corpus.library, document) for document in everything}
            for question in dataset.questions:
                if not question.answerable:
                    continue
                passages = retriever.retrieve(question.text, keep=settings.retrieve.keep + SPARE)
                frequencies: dict[str, int] = {}

                def count(term: str, into: dict[str, int] = frequencies) -> int:
                    return into.setdefault(term, corpus.library.lexical_frequency(term))

                _count_terms(question.text, count)
                gold = sorted(corpus.documents[document] for document in question.gold)
                others = Filters(document_ids=tuple(everything - set(gold)))
                lost = [terms_of[document] for document in gold]
                row = {
                    "id": question.id,
                    "question": question.text,
                    "article": topics.get(question.supports[0].document, question.supports[0].document),
                    "answers": question.answers,
                    "gold": gold,
                    "passages": [passage_out(passage) for passage in passages],
                    "without": [passage_out(passage) for passage in retriever.retrieve(question.text, filters=others)],
                    "frequencies": frequencies,
                    "chunks": len(corpus.library),
                    "lost": {
                        term: held
                        for term in frequencies
                        if (held := sum(term in chunk for document in lost for chunk in document))
                    },
                    "lost_chunks": sum(map(len, lost)),
                }
                out.write(json.dumps(row, ensure_ascii=False) + "\n")
        part.replace(file)
    return list(_read(file))[:limit]


def kept_file(spec: str, libraries: Path, kept: Path) -> Path:
    """Return where what was found for a set's questions is kept."""
    settings = load_settings(data=libraries)
    dataset = load_dataset(spec)
    name = collection_name(dataset, settings, build_embedder(settings))
    return kept / f"{name}-{_digest(settings, dataset.questions)}.jsonl.gz"


def _chunk_terms(library: Library, document_id: str) -> list[frozenset[str]]:
    """Return the terms of each of a document's chunks, as BM25 counts them."""
    document = library.document(document_id)
    return [
        frozenset(search_terms("\n".join((document.title, *chunk.headings, document.text[chunk.start : chunk.end]))))
        for chunk in library.chunks_of(document_id)
    ]


def _count_terms(question: str, count: Callable[[str], int]) -> None:
    for terms in (search_terms(question), query_terms(question), telling_terms(question)):
        for term in terms:
            count(term)


def _read(file: Path) -> Iterator[Case]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            yield Case(
                id=row["id"],
                question=row["question"],
                article=row["article"],
                answers=tuple(row["answers"]),
                gold=frozenset(row["gold"]),
                passages=tuple(passage_in(passage) for passage in row["passages"]),
                without=tuple(passage_in(passage) for passage in row["without"]),
                frequencies=row["frequencies"],
                chunks=row["chunks"],
                lost=row["lost"],
                lost_chunks=row["lost_chunks"],
            )


def passage_out(passage: Passage) -> dict[str, Any]:
    row = {name: getattr(passage, name) for name in ("start", "end", "text", "title", "source", "version", "score")}
    return {**row, "scores": dict(passage.scores), "chunk": asdict(passage.chunk)}


def passage_in(row: dict[str, Any]) -> Passage:
    chunk = row.pop("chunk")
    return Passage(chunk=Chunk(**{**chunk, "headings": tuple(chunk["headings"])}), **row)


def _digest(settings: Settings, questions: Sequence[object]) -> str:
    root = Path(__file__).parent.parent
    code = [(root / path).read_text(encoding="utf-8") for path in CODE]
    content = [str(FORM), settings.retrieve.model_dump_json(), repr([str(question) for question in questions]), *code]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:12]
