"""Measure retrieval leg by leg, beside bm25s and beside the same embedder alone.

    python -m eval.bench.legs [--shared ../shared] [--set FORM:PATH ...] [--libraries runs/libraries] [--markdown]

Without --set, the five sets of eval.tune_fusion are asked: what is in force was learnt from four of five questions of
these, so their figures flatter it a little; those of a set given with --set do not.

bm25s gets each document whole, title first, cut as it does by default (English stop words left out, no stemmer); where
most of a set's documents are Chinese, that would make a word of every clause, so rjieba cuts them and no word is left
out. The embedder alone is sentence-transformers' model over the same chunks as ours, compared with each. A document
stands where its best chunk does. Every set's whole corpus is searched; none of its questions is left out.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import bm25s
import numpy as np
import rjieba
from sentence_transformers import SentenceTransformer

from eval.asking import CANDIDATES, ranked_documents
from eval.corpus import Corpus, open_corpus
from eval.datasets.load import load_dataset
from eval.judge import DEPTH
from eval.metrics.mean import mean
from eval.metrics.ranking import ndcg, recall, reciprocal_rank
from eval.questions import Dataset
from eval.tune_fusion import SETS
from rag.build import build_embedder, build_retriever
from rag.config import Settings, load_settings
from rag.models.find import find_model
from rag.ports import Embedder

Rankings = list[list[str]]  # of documents, best first, by question
FIGURES = ("recall@1", "recall@5", "ndcg@10", "mrr@10")


def measure(dataset: Dataset, settings: Settings, embedder: Embedder, model: SentenceTransformer) -> dict[str, Any]:
    """Return the figures of each way to rank."""
    with open_corpus(dataset, settings, embedder, lambda _done, _of: None) as corpus:
        corpus.library.refresh()
        gold = [
            {corpus.documents[name]: grade for name, grade in question.grades.items()} for question in dataset.questions
        ]
        ways: dict[str, Callable[[], Rankings]] = {
            "hybrid": lambda: _hybrid(dataset, settings, corpus, embedder),
            "dense": lambda: _dense(dataset, corpus, embedder),
            "lexical": lambda: [
                ranked_documents(corpus, corpus.library.lexical(question.text, CANDIDATES))
                for question in dataset.questions
            ],
            "bm25s": lambda: _bm25s(dataset, corpus),
            "embedder alone": lambda: _alone(dataset, corpus, model),
        }
        return {
            "dataset": dataset.spec,
            "questions": len(dataset.questions),
            "documents": len(dataset.paragraphs),
            "chunks": len(corpus.library),
            "skipped": len(dataset.skipped),
            "ways": {name: _figures(way(), gold) for name, way in ways.items()},
        }


def _hybrid(dataset: Dataset, settings: Settings, corpus: Corpus, embedder: Embedder) -> Rankings:
    retriever = build_retriever(settings, corpus.library, embedder)
    return [ranked_documents(corpus, retriever.find(question.text).ranking) for question in dataset.questions]


def _dense(dataset: Dataset, corpus: Corpus, embedder: Embedder) -> Rankings:
    vectors = embedder.embed_queries([question.text for question in dataset.questions])
    return [ranked_documents(corpus, hits) for hits in corpus.library.dense(vectors, CANDIDATES)]


def _bm25s(dataset: Dataset, corpus: Corpus) -> Rankings:
    names = [corpus.documents[paragraph.id] for paragraph in dataset.paragraphs]
    texts = [f"{paragraph.title}\n{paragraph.text}" for paragraph in dataset.paragraphs]
    chinese = sum(paragraph.language == "zh" for paragraph in dataset.paragraphs) > len(texts) / 2
    cut = _cut_by_words if chinese else _cut_by_default
    index = bm25s.BM25()
    index.index(cut(texts), show_progress=False)
    asked = cut([question.text for question in dataset.questions])
    found = index.retrieve(asked, k=min(DEPTH, len(names)), show_progress=False, return_as="documents")
    return [[names[int(row)] for row in rows] for rows in found]


def _cut_by_default(texts: Sequence[str]) -> Any:
    return bm25s.tokenize(list(texts), return_ids=False, show_progress=False)


def _cut_by_words(texts: Sequence[str]) -> Any:
    return [[word for word in rjieba.cut(text.casefold()) if word.strip()] for text in texts]


def _alone(dataset: Dataset, corpus: Corpus, model: SentenceTransformer) -> Rankings:
    documents = {chunk.key: name for name in corpus.documents.values() for chunk in corpus.library.chunks_of(name)}
    texts = corpus.library.excerpts(documents)
    keys = list(texts)
    chunks = model.encode_document(list(texts.values()), normalize_embeddings=True, show_progress_bar=False)
    asked = model.encode_query(
        [question.text for question in dataset.questions], normalize_embeddings=True, show_progress_bar=False
    )
    return [
        list(dict.fromkeys(documents[keys[row]] for row in np.argsort(-scores, kind="stable")))[:DEPTH]
        for scores in np.asarray(asked) @ np.asarray(chunks).T
    ]


def _figures(rankings: Rankings, gold: Sequence[dict[str, float]]) -> dict[str, float | None]:
    asked = [(ranking, right) for ranking, right in zip(rankings, gold, strict=True) if right]
    found = (
        mean(recall(ranking, right, 1) for ranking, right in asked),
        mean(recall(ranking, right, 5) for ranking, right in asked),
        mean(ndcg(ranking, right, DEPTH) for ranking, right in asked),
        mean(reciprocal_rank(ranking, right, DEPTH) for ranking, right in asked),
    )
    return {name: None if value is None else round(value, 4) for name, value in zip(FIGURES, found, strict=True)}


def markdown(report: Sequence[dict[str, Any]]) -> str:
    lines = [f"| set | way | {' | '.join(FIGURES)} |", "|---|---|" + "---:|" * len(FIGURES)]
    for one in report:
        path = Path(one["dataset"].partition(":")[2])
        name = f"{path.parent.name}/{path.stem}"
        for way, figures in one["ways"].items():
            shown = " | ".join("-" if figures[name] is None else f"{figures[name]:.4f}" for name in FIGURES)
            lines.append(f"| {name} | {way} | {shown} |")
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str]) -> None:
    options = _options(arguments)
    settings = load_settings(data=options.libraries)
    embedder = build_embedder(settings)
    folder = find_model(settings.embedder.model, settings.data / "models")
    model = SentenceTransformer(str(folder), device="cpu")
    report = []
    for spec in options.set or [spec.format(options.shared) for spec in SETS.values()]:
        sys.stderr.write(f"{spec}\n")
        report.append(measure(load_dataset(spec), settings, embedder, model))
    sys.stdout.write(markdown(report) if options.markdown else json.dumps(report, ensure_ascii=False, indent=1) + "\n")


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--set", action="append", metavar="FORM:PATH", help="another set; give it again for more")
    parser.add_argument("--libraries", type=Path, default=Path("runs/libraries"), help="where they are made and kept")
    parser.add_argument("--markdown", action="store_true", help="print a table instead of JSON")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
