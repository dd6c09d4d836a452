"""Learn the weights of rag.evidence.confidence.Features from question sets, by leave-one-out.

Each question is weighed twice: with its paragraph among the passages (the documents hold the answer), and without it
(they do not). Articles are kept whole when it is scored on unseen ones.

    python -m eval.learn_confidence --dataset squad:en.json --dataset squad:zh.json

prints the weights, and the AUROC of each set on articles not learnt from.
"""

from __future__ import annotations

import json
from dataclasses import astuple, fields
from pathlib import Path
from typing import Annotated

import numpy as np
import numpy.typing as npt
import typer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold

from eval.corpus import open_corpus
from eval.datasets import load_dataset
from rag.build import build_embedder, build_retriever
from rag.config import load_settings
from rag.evidence.confidence import Features
from rag.evidence.weigh import examine

FOLDS = 5

Table = npt.NDArray[np.float64]  # (rows, features)


def measure(spec: str, libraries: Path, limit: int | None) -> tuple[Table, npt.NDArray[np.int64], list[str]]:
    """Return the features of each question with and without its paragraph, 1 or 0 for these, and its article."""
    settings = load_settings(data=libraries)
    embedder = build_embedder(settings)
    dataset = load_dataset(spec).limited(limit)
    keep = settings.retrieve.keep
    titles = {paragraph.id: paragraph.topic or paragraph.id for paragraph in dataset.paragraphs}
    rows, held, articles = [], [], []
    with open_corpus(dataset, settings, embedder, lambda _done, _total: None) as corpus:
        retriever = build_retriever(settings, corpus.library, embedder)
        for question in dataset.questions:
            gold = {corpus.documents[name] for name in question.gold}
            passages = retriever.retrieve(question.text, keep=keep + 1)
            without = [passage for passage in passages if passage.document_id not in gold]
            for label, chosen in ((1, passages), (0, without)):
                library = corpus.library
                _, features = examine(question.text, chosen[:keep], library.lexical_frequency, len(library))
                if features is not None:
                    rows.append(astuple(features))
                    held.append(label)
                    articles.append(titles[question.supports[0].document])
    return np.array(rows), np.array(held), articles


def main(
    dataset: Annotated[list[str], typer.Option(help="squad:FILE; may be given more than once.")],
    libraries: Annotated[Path, typer.Option(help="Where datasets' libraries are kept.")] = Path("runs/libraries"),
    limit: Annotated[int | None, typer.Option(help="Questions of each set.")] = None,
) -> None:
    measured = [measure(spec, libraries, limit) for spec in dataset]
    rows = np.vstack([part[0] for part in measured])
    held = np.concatenate([part[1] for part in measured])
    # Translations of one article carry one name, so neither language learns from the other's copy.
    articles = [article for part in measured for article in part[2]]
    unseen = np.zeros(len(held))
    for learn, judge in GroupKFold(FOLDS).split(rows, held, articles):
        unseen[judge] = LogisticRegression(max_iter=1000).fit(rows[learn], held[learn]).predict_proba(rows[judge])[:, 1]
    model = LogisticRegression(max_iter=1000).fit(rows, held)
    sets, first = {}, 0
    for spec, (part, labels, _) in zip(dataset, measured, strict=True):
        chances = unseen[first : first + len(part)]
        first += len(part)
        threshold = float(np.quantile(chances[labels == 1], 0.05))
        sets[spec] = {
            "auroc": round(float(roc_auc_score(labels, chances)), 4),
            "threshold_answering_95": round(threshold, 3),
            "refused_of_unanswerable": round(float((chances[labels == 0] < threshold).mean()), 4),
        }
    weights = dict(zip([field.name for field in fields(Features)], model.coef_[0].round(2).tolist(), strict=True))
    typer.echo(json.dumps({"bias": round(float(model.intercept_[0]), 2), "weights": weights, "sets": sets}, indent=1))


if __name__ == "__main__":
    typer.run(main)
