"""Learn from question sets which sentence answers: the trees of rag/evidence/sentences.json.

    python -m eval.learn_sentences --dataset squad:en.json --dataset squad:zh.json ...

writes the file and prints how often the first sentence, or one of the first three, holds an accepted answer: on
articles that were not learnt from (`unseen`), with the file as it was written (`shipped`, its own examples among
them), and by rule alone (`by_rule`). Needs lightgbm.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import lightgbm
import numpy as np
import numpy.typing as npt
import typer
from sklearn.model_selection import GroupKFold

from eval.cases import Case, load_cases
from eval.learn_confidence import remembering
from eval.metrics.answers import contains
from rag.build import build_embedder
from rag.config import load_settings
from rag.evidence import signs
from rag.evidence.reading import Alike, read
from rag.evidence.sentences import BY_RULE, LEARNT, odds_of
from rag.evidence.trees import Trees

FOLDS = 5
GIVEN = 3  # sentences, at most, that an answer has
PRECISION = 4  # digits of a number in the file
LEARNER: Mapping[str, Any] = {
    "objective": "lambdarank",
    "lambdarank_truncation_level": GIVEN,
    "n_estimators": 480,
    "learning_rate": 0.03,
    "num_leaves": 16,
    "min_child_samples": 80,
    "reg_lambda": 3.0,
    "colsample_bytree": 0.3,
    "subsample": 0.7,
    "subsample_freq": 1,
    "use_missing": False,
    "deterministic": True,
    "force_row_wise": True,
    "n_jobs": 1,
    "random_state": 0,
    "verbose": -1,
}
SHARPNESS = np.linspace(0.4, 3.0, 27)  # of the shares that scores are made into
_NONE = np.zeros(1, np.int32)
NOTHING_LEARNT = Trees(signs.NAMES, _NONE, _NONE, np.zeros(1, np.float32), _NONE, np.zeros(1, np.float32), 0)


@dataclass(frozen=True, slots=True)
class Examples:
    """Of each question, the signs of the sentences looked at and which hold an accepted answer."""

    name: str
    rows: Sequence[signs.Table]
    right: Sequence[npt.NDArray[np.bool_]]
    articles: Sequence[str]

    def __len__(self) -> int:
        return len(self.rows)


def examples_of(name: str, cases: Sequence[Case], keep: int, alike: Alike) -> Examples:
    rows, right = [], []
    for case in cases:
        taken = read(case.question, case.present(keep), case.frequency, case.chunks, alike)
        seen = signs.signs_of(taken)
        texts = (taken.readings[passage].texts[position] for passage, position in seen.places)
        rows.append(seen.rows)
        right.append(np.array([contains(text, case.answers) > 0 for text in texts], bool))
    return Examples(name, rows, right, [case.article for case in cases])


def joined(parts: Sequence[Examples]) -> Examples:
    """Translations of one article carry one name, so neither language is judged by the other's copy."""
    return Examples(
        "all",
        [rows for part in parts for rows in part.rows],
        [right for part in parts for right in part.right],
        [article for part in parts for article in part.articles],
    )


def learn(examples: Examples, chosen: Sequence[int]) -> Trees:
    picked = [i for i in chosen if len(examples.rows[i])]
    ranker = lightgbm.LGBMRanker(**LEARNER)
    rows = np.vstack([examples.rows[i] for i in picked])
    ranker.fit(
        rows,
        np.concatenate([examples.right[i] for i in picked]).astype(int),
        group=[len(examples.rows[i]) for i in picked],
        init_score=odds_of(rows, NOTHING_LEARNT),
    )
    return _trees(ranker.booster_.dump_model()["tree_info"])


def _trees(learnt: Sequence[Mapping[str, Any]]) -> Trees:
    """Lay the nodes of all trees in one row."""
    nodes: list[tuple[int, float, int, float]] = []  # column, limit, right, value

    def lay(node: Mapping[str, Any]) -> tuple[int, int]:
        """Return where the node is laid, and how deep it goes."""
        at = len(nodes)
        nodes.append((0, 0.0, at, 0.0))
        if "split_feature" not in node:
            nodes[at] = (0, 0.0, at, _short(node["leaf_value"]))
            return at, 0
        _, left_depth = lay(node["left_child"])
        right, right_depth = lay(node["right_child"])
        nodes[at] = (node["split_feature"], _short(node["threshold"]), right, 0.0)
        return at, 1 + max(left_depth, right_depth)

    laid = [lay(tree["tree_structure"]) for tree in learnt]
    column, limit, right, value = zip(*nodes, strict=True)
    return Trees(
        columns=signs.NAMES,
        roots=np.array([at for at, _ in laid], np.int32),
        column=np.array(column, np.int32),
        limit=np.array(limit, np.float32),
        right=np.array(right, np.int32),
        value=np.array(value, np.float32),
        depth=max(depth for _, depth in laid),
    )


def _short(number: float) -> float:
    return float(f"{number:.{PRECISION}g}")


def unseen(examples: Examples) -> list[npt.NDArray[np.float64]]:
    """Return the scores of each question's sentences by trees that were learnt from other articles."""
    scores: list[npt.NDArray[np.float64]] = [np.zeros(0)] * len(examples)
    questions = np.arange(len(examples))
    for learning, judging in GroupKFold(FOLDS).split(questions, groups=examples.articles):
        trees = learn(examples, learning.tolist())
        for i in judging.tolist():
            scores[i] = odds_of(examples.rows[i], trees)
    return scores


def sharpness(examples: Examples, scores: Sequence[npt.NDArray[np.float64]]) -> float:
    """Return what to multiply scores by, so that a sentence's share is how often it answers."""
    held = [(score, right) for score, right in zip(scores, examples.right, strict=True) if right.any()]

    def surprise(factor: float) -> float:
        losses = []
        for score, right in held:
            raised = np.exp(factor * (score - score.max()))
            losses.append(-np.log(raised[right].sum() / raised.sum()))
        return float(np.mean(losses))

    return float(min(SHARPNESS, key=surprise))


def judged(right: Sequence[npt.NDArray[np.bool_]], scores: Sequence[npt.NDArray[np.float64]]) -> dict[str, float]:
    """Return how often the first sentence, or one of the first three, holds an accepted answer."""
    orders = [np.argsort(-score, kind="stable")[:GIVEN] for score in scores]
    found = [own[order] for own, order in zip(right, orders, strict=True)]
    return {
        "first": round(float(np.mean([own[:1].any() for own in found])), 4),
        "one_of_three": round(float(np.mean([own.any() for own in found])), 4),
    }


def parted(parts: Sequence[Examples]) -> Iterator[tuple[Examples, slice]]:
    """Yield each set with where its questions stand among all."""
    first = 0
    for part in parts:
        yield part, slice(first, first + len(part))
        first += len(part)


def write(trees: Trees, path: Path) -> None:
    columns = {
        "roots": trees.roots.tolist(),
        "column": trees.column.tolist(),
        "limit": [_short(limit) for limit in trees.limit.tolist()],
        "right": trees.right.tolist(),
        "value": [_short(value) for value in trees.value.tolist()],
    }
    lines = [f'"columns": {json.dumps(list(trees.columns))}', f'"depth": {trees.depth}']
    lines += [f'"{name}": {json.dumps(values, separators=(",", ":"))}' for name, values in columns.items()]
    path.write_text("{" + ",\n".join(lines) + "}\n", encoding="utf-8")


def main(
    dataset: Annotated[list[str], typer.Option(help="squad:FILE; may be given more than once.")],
    libraries: Annotated[Path, typer.Option(help="Where datasets' libraries are kept.")] = Path("runs/libraries"),
    out: Annotated[Path, typer.Option(help="Where the trees are written.")] = LEARNT,
) -> None:
    settings = load_settings(data=libraries)
    keep, alike = settings.retrieve.keep, remembering(build_embedder(settings))
    parts = [examples_of(spec, load_cases(spec, libraries), keep, alike) for spec in dataset]
    everything = joined(parts)
    scores = unseen(everything)
    factor = sharpness(everything, scores)
    write(learn(everything, range(len(everything))), out)
    shipped = Trees.read(out)
    sets = {}
    for part, where in parted(parts):
        sets[part.name] = {
            "questions": len(part),
            "ceiling": round(float(np.mean([right.any() for right in part.right])), 4),
            "by_rule": judged(part.right, [rows[:, BY_RULE].astype(float) for rows in part.rows]),
            "unseen": judged(part.right, scores[where]),
            "shipped": judged(part.right, [odds_of(rows, shipped) for rows in part.rows]),
        }
    typer.echo(json.dumps({"sharpness": round(factor, 2), "bytes": out.stat().st_size, "sets": sets}, indent=1))


if __name__ == "__main__":
    typer.run(main)
