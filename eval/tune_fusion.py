"""Keep what both legs found for every question, so that fusion rules can be tried in seconds, without a model.

`python -m eval.tune_fusion --dataset squad:FILE` writes runs/fusion/NAME.jsonl, a line for each question, and prints
how convex weights of the dense leg would rank. Knows nothing of the rule that Footnote uses.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from eval.corpus import open_corpus
from eval.datasets import load_dataset
from eval.metrics import mean, recall, reciprocal_rank
from eval.questions import Dataset
from rag.build import build_embedder
from rag.config import Settings, load_settings
from rag.fuse import fuse, normalise
from rag.ports import Embedder
from rag.types import Hit

DEPTH = 100  # chunks kept of each leg
WEIGHTS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0)

Rule = Callable[["Candidates"], Sequence[Hit]]


@dataclass(frozen=True, slots=True)
class Candidates:
    """One question and what each leg gave it. documents: chunk key -> document, for every key in a leg."""

    id: str
    text: str
    language: str
    gold: frozenset[str]
    dense: Sequence[Hit]
    lexical: Sequence[Hit]
    documents: Mapping[int, str]

    def ranked(self, hits: Sequence[Hit]) -> list[str]:
        return list(dict.fromkeys(self.documents[hit.key] for hit in hits))


def collect(dataset: Dataset, settings: Settings, embedder: Embedder, file: Path) -> None:
    """Ask both legs every question and write the file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with (
        open_corpus(dataset, settings, embedder, lambda _done, _of: None) as corpus,
        file.open("w", encoding="utf-8") as rows,
    ):
        vectors = embedder.embed_queries([question.text for question in dataset.questions])
        for question, dense in zip(dataset.questions, corpus.library.dense(vectors, DEPTH), strict=True):
            lexical = corpus.library.lexical(question.text, DEPTH)
            chunks = corpus.library.chunks({hit.key for hit in (*dense, *lexical)})
            row: dict[str, Any] = {
                "id": question.id,
                "text": question.text,
                "language": question.language,
                "gold": sorted(corpus.documents[name] for name in question.gold),
                "dense": [(hit.key, hit.score) for hit in dense if hit.key in chunks],
                "lexical": [(hit.key, hit.score) for hit in lexical if hit.key in chunks],
                "documents": {key: chunk.document_id for key, chunk in chunks.items()},
            }
            rows.write(json.dumps(row, ensure_ascii=False) + "\n")


def load(file: Path) -> list[Candidates]:
    return [
        Candidates(
            id=row["id"],
            text=row["text"],
            language=row["language"],
            gold=frozenset(row["gold"]),
            dense=[Hit(*pair) for pair in row["dense"]],
            lexical=[Hit(*pair) for pair in row["lexical"]],
            documents={int(key): document for key, document in row["documents"].items()},
        )
        for row in map(json.loads, file.read_text(encoding="utf-8").split("\n")[:-1])
    ]


def score(candidates: Sequence[Candidates], rule: Rule) -> dict[str, float | None]:
    """Return what the rule's rankings are worth over the answerable questions."""
    rankings = [(one.ranked(rule(one)), one.gold) for one in candidates if one.gold]
    return {
        "recall@1": mean(recall(ranking, gold, 1) for ranking, gold in rankings),
        "recall@5": mean(recall(ranking, gold, 5) for ranking, gold in rankings),
        "mrr@10": mean(reciprocal_rank(ranking, gold, 10) for ranking, gold in rankings),
    }


def convex(weight: float) -> Rule:
    """Return the rule that gives the dense leg this weight, and BM25 the rest."""
    return lambda one: fuse([normalise(one.dense), normalise(one.lexical, floor=0.0)], [weight, 1 - weight])


def main(
    dataset: Annotated[list[str], typer.Option("--dataset", metavar="FORM:PATH", help="May be given several times.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR")] = Path("runs/fusion"),
    libraries: Annotated[Path, typer.Option("--libraries", metavar="DIR")] = Path("runs/libraries"),
) -> None:
    """Keep both legs' candidates and print what convex weights make of them."""
    found = load_settings()
    embedder = build_embedder(found)
    for spec in dataset:
        file = out / f"{re.sub(r'[^A-Za-z0-9.]+', '-', Path(spec.partition(':')[2]).stem)}.jsonl"
        collect(load_dataset(spec), found.model_copy(update={"data": libraries}), embedder, file)
        candidates = load(file)
        typer.echo(f"{file}: {len(candidates)} questions")
        for weight in WEIGHTS:
            figures = score(candidates, convex(weight))
            typer.echo(f"  dense {weight:.1f}  " + "  ".join(f"{name} {value:.4f}" for name, value in figures.items()))


if __name__ == "__main__":
    typer.run(main)
