"""Learn how much the legs and the closer look count beside each other: rag.rank.WEIGHTS.

    python -m eval.tune_fusion [--shared ../shared]

The sets are two English and three Chinese ones, and both English ones again with two of five telling words unknown to
BM25, as where the asker words it otherwise: so that not every set is one that words answer. Each counts the same. A
question's candidates get a chance each, by softmax over their weighted parts, and the weights are those that give the
right ones most. Articles are kept whole and drawn into five parts by name, so that translations stay together; figures
are of the part that was not learnt from. The weights that are printed are learnt from all.

Knows nothing of how candidates are found: that is the Ranker's.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterable, Sequence
from dataclasses import asdict, astuple, dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import numpy as np
import numpy.typing as npt
import typer

from eval.corpus import open_corpus
from eval.datasets.load import load_dataset
from eval.metrics.mean import mean
from eval.metrics.ranking import ndcg, recall
from rag.build import build_embedder
from rag.config import Settings, load_settings
from rag.fuse import Weights, fuse
from rag.plan import Leg, Query
from rag.ports import Embedder, Matrix
from rag.rank import WEIGHTS, Parts, Ranker
from rag.words import ENGLISH_STOP_WORDS

SETS = {
    "XQuAD en": "squad:{}/data/xquad/xquad.en.json",
    "ExpertQA": "expertqa:{}/data/expertqa/rand_val.jsonl",
    "XQuAD zh": "squad:{}/data/xquad/xquad.zh.json",
    "CMRC": "squad:{}/data/cmrc2018/cmrc2018_trial.json",
    "DRCD": "squad:{}/data/drcd/DRCD_dev.json",
}
REWORDED = ("XQuAD en", "ExpertQA")
UNKNOWN = 0.4  # of the telling words of a reworded question
FOLDS = 5
QUESTIONS = 600  # of each set, drawn by a fixed seed: larger sets count no more
EVENNESS = 0.05  # of a ridge over the parts, each by its own spread: it keeps the weights from leaning on one of them
STEPS = 30
SCALE = 20.0  # the sum of the weights: only their ratios matter

Rows = npt.NDArray[np.float64]  # (candidates, parts), the parts in the order of Weights


@dataclass(frozen=True, slots=True)
class Example:
    """One question and its candidates. fold: which part of the articles it belongs to."""

    parts: Parts
    rows: Rows
    grades: npt.NDArray[np.float64]  # (candidates,)
    gold: dict[str, float]
    documents: dict[int, str]  # of each candidate
    fold: int

    def hybrid(self, weights: Weights) -> list[str]:
        parts = self.parts
        return self._documents(
            hit.key for hit in fuse([parts.near, parts.worded, parts.closeness], parts.weights(weights))
        )

    def leg(self, leg: Leg) -> list[str]:
        scores = self.parts.legs[leg]
        return self._documents(sorted(scores, key=lambda key: (-scores[key], key)))

    def _documents(self, keys: Iterable[int]) -> list[str]:
        return list(dict.fromkeys(self.documents[key] for key in keys))


def collect(spec: str, settings: Settings, embedder: Embedder, *, unknown: float = 0.0) -> list[Example]:
    """Ask the set's questions; unknown: the share of telling words that BM25 is not given."""
    dataset = load_dataset(spec)
    folds = {paragraph.id: fold_of(paragraph.topic or paragraph.id) for paragraph in dataset.paragraphs}
    examples = []
    with open_corpus(dataset, settings, embedder, lambda _done, _of: None) as corpus:
        corpus.library.refresh()
        ranker = Ranker(corpus.library, embedder)
        for question in random.Random(0).sample(dataset.questions, min(QUESTIONS, len(dataset.questions))):
            vector = partial(_embedded, embedder, question.text)
            query = Query(reworded(question.text, unknown))
            parts = ranker.parts(query, vector, settings.retrieve.candidates, None)
            chunks = corpus.library.chunks({key for scores in parts.legs.values() for key in scores})
            documents = {key: chunk.document_id for key, chunk in chunks.items()}
            gold = {corpus.documents[name]: grade for name, grade in question.grades.items()}
            examples.append(
                Example(
                    parts,
                    np.array([_row(parts, key) for key in documents]).reshape(len(documents), len(astuple(WEIGHTS))),
                    np.array([gold.get(document, 0.0) for document in documents.values()]),
                    gold,
                    documents,
                    folds[question.supports[0].document],
                )
            )
    return examples


def reworded(text: str, unknown: float) -> str:
    """Put words that stand nowhere in the place of some that tell something; the same ones every time."""
    dice = random.Random(text)
    return " ".join(
        word
        if word.casefold().strip(".,?!") in ENGLISH_STOP_WORDS or dice.random() >= unknown
        else f"qx{dice.randrange(10**6)}"  # with figures: it is taken for nobody's slip
        for word in text.split()
    )


def fold_of(article: str) -> int:
    return int.from_bytes(hashlib.sha256(article.encode()).digest()[:4], "big") % FOLDS


def learn(sets: Sequence[Sequence[Example]]) -> Weights:
    """Return the weights that give the right candidates most, by Newton's method: the loss is convex."""
    chosen = [example for some in sets for example in some if example.grades.any()]
    spread = np.sqrt(np.mean([example.rows.var(axis=0) for example in chosen], axis=0)) + 1e-9
    tables = [(example.rows / spread, example.grades / example.grades.sum()) for example in chosen]
    count = len(spread)
    weights = np.zeros(count)
    for _ in range(STEPS):
        slope, bend = 2 * EVENNESS * weights, 2 * EVENNESS * np.eye(count)
        for rows, right in tables:
            logits = rows @ weights
            chances = np.exp(logits - logits.max())
            chances /= chances.sum()
            centred = rows - chances @ rows
            slope += (chances - right) @ rows / len(tables)
            bend += (centred * chances[:, None]).T @ centred / len(tables)
        step = np.linalg.solve(bend, slope)
        weights -= step / max(1.0, float(np.linalg.norm(step)))  # no longer than 1: far from the end it leads astray
    weights = np.maximum(weights / spread, 0.0)
    return Weights(*(round(float(weight), 2) for weight in weights * SCALE / weights.sum()))


def _row(parts: Parts, key: int) -> tuple[float, ...]:
    """Return what each of the Weights is multiplied by."""
    near = parts.near.get(key, 0.0)
    return near, near * (1.0 - parts.held), parts.worded.get(key, 0.0), parts.closeness.get(key, 0.0)


def _embedded(embedder: Embedder, asked: str, _text: str) -> Matrix:
    return embedder.embed_queries([asked])


def figures(rankings: Sequence[tuple[Sequence[str], dict[str, float]]]) -> dict[str, float]:
    return {
        "recall@1": round(mean(recall(ranking, gold, 1) for ranking, gold in rankings) or 0.0, 4),
        "ndcg@10": round(mean(ndcg(ranking, gold, 10) for ranking, gold in rankings) or 0.0, 4),
    }


def main(
    shared: Annotated[Path, typer.Option(metavar="DIR", help="Where the sets are.")] = Path("../shared"),
    libraries: Annotated[Path, typer.Option(metavar="DIR")] = Path("runs/libraries"),
) -> None:
    """Print the weights, and what the rankings are worth on articles that were not learnt from."""
    settings = load_settings(data=libraries)
    embedder = build_embedder(settings)
    asked = [(name, spec, 0.0) for name, spec in SETS.items()]
    asked += [(f"{name}, reworded", SETS[name], UNKNOWN) for name in REWORDED]
    sets = {}
    for name, spec, unknown in asked:
        typer.echo(f"asking {name}", err=True)
        sets[name] = collect(spec.format(shared), settings, embedder, unknown=unknown)
    unseen = [learn([[one for one in some if one.fold != fold] for some in sets.values()]) for fold in range(FOLDS)]
    report = {
        "weights": asdict(learn(list(sets.values()))),
        "of each fold": [asdict(weights) for weights in unseen],
        "sets": {
            name: {
                "questions": len(examples),
                **{leg: figures([(one.leg(leg), one.gold) for one in examples]) for leg in Leg},
                "weights in force": figures([(one.hybrid(WEIGHTS), one.gold) for one in examples]),
                "not learnt from": figures([(one.hybrid(unseen[one.fold]), one.gold) for one in examples]),
            }
            for name, examples in sets.items()
        },
    }
    typer.echo(json.dumps(report, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    typer.run(main)
