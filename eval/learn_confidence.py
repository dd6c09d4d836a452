"""Learn rag/evidence/confidence.json from question sets: when do the passages found hold the answer?

    python -m eval.learn_confidence --dataset squad:en.json --dataset squad:zh.json ...

Each question is seen in the situations of eval/situations.py, and the articles are kept whole when it is judged on
unseen ones. A straight sum of the signals and small trees are learnt, each for half of the sum; then, on what was
unseen, the scale that makes chances of the sums where half of the questions have an answer, and the lines of refusal.
Prints how it does on articles not learnt from.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Annotated, Any

import lightgbm
import numpy as np
import numpy.typing as npt
import typer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from sklearn.preprocessing import StandardScaler

from eval.refusal import report
from eval.situations import Kind, Situation, load_situations
from rag.build import build_embedder
from rag.config import load_settings
from rag.evidence.confidence import LEARNT
from rag.evidence.pieces import counts_of
from rag.evidence.reading import Alike
from rag.evidence.signals import signals
from rag.evidence.sought import sought
from rag.evidence.windows import SATURATION, SHORTER
from rag.ports import Embedder
from rag.text import language_of, question_language

FOLDS = 5
ACCEPTED_ERRORS = (0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.5)
DIGITS = 5  # of a weight in the file
# The hard situations count for less than the plain ones: with as much, these are told apart worse.
WEIGHTS = dict.fromkeys(Kind, 0.3) | {Kind.WHOLE: 1.0, Kind.DELETED: 1.0}
MOST = 1800  # questions of one set
STRAIGHT = 0.3  # LogisticRegression's C
TREES: Mapping[str, Any] = {
    "objective": "binary",
    "n_estimators": 350,
    "learning_rate": 0.04,
    "num_leaves": 14,
    "extra_trees": True,
    "min_child_samples": 40,
    "reg_lambda": 10.0,
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

Table = npt.NDArray[np.float64]  # (rows, signals)
Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Seen:
    """What was measured of each situation; all go by row."""

    names: tuple[str, ...]
    table: Table
    held: npt.NDArray[np.bool_]
    languages: npt.NDArray[np.str_]
    articles: npt.NDArray[np.str_]
    kinds: npt.NDArray[np.str_]
    sets: npt.NDArray[np.str_]
    bm25: Numbers  # of the best passage

    def where(self, chosen: npt.NDArray[np.bool_]) -> Seen:
        columns = {field.name: getattr(self, field.name)[chosen] for field in fields(self) if field.name != "names"}
        return replace(self, **columns)


def measure(specs: Sequence[str], libraries: Path) -> Seen:
    """Return the signals of every situation of every question of the sets."""
    alike = remembering(build_embedder(load_settings(data=libraries)))
    rows: list[list[float]] = []
    about: list[tuple[bool, str, str, str, str, float]] = []
    names: tuple[str, ...] = ()
    for spec in specs:
        for one in load_situations(spec, libraries, most=MOST):
            found = signals(one.question, one.passages, one.frequency, one.chunks, alike)
            if found is not None:
                names = tuple(found)
                rows.append(list(found.values()))
                about.append((one.held, question_language(one.question), one.article, one.kind, spec, bm25(one)))
    return Seen(names, np.array(rows), *(np.array(column) for column in zip(*about, strict=True)))


def bm25(situation: Situation) -> float:
    """Return the best passage's score by BM25 alone, over the words that search uses."""
    asked = sought(situation.question, situation.frequency, situation.chunks)
    lengths = [sum(counts_of(passage.text).values()) for passage in situation.passages]
    usual = sum(lengths) / len(lengths)
    scores = (
        sum(
            rarity * count * (SATURATION + 1) / (count + SATURATION * (1 - SHORTER + SHORTER * length / usual))
            for gram, rarity in asked.grams.items()
            if (count := counts_of(passage.text)[gram])
        )
        for passage, length in zip(situation.passages, lengths, strict=True)
    )
    return max(scores)


def remembering(embedder: Embedder) -> Alike:
    """Return what the answerer asks for cosines, with a memory: the same sentences come again and again."""
    vectors: dict[str, npt.NDArray[np.float32]] = {}
    asked: dict[str, npt.NDArray[np.float32]] = {}

    def alike(question: str, texts: Sequence[str]) -> Sequence[float] | None:
        if not embedder.languages & {"*", language_of(question)}:
            return None
        if question not in asked:
            asked[question] = embedder.embed_queries([question])[0]
        unknown = [text for text in dict.fromkeys(texts) if text not in vectors]
        if unknown:
            vectors.update(zip(unknown, embedder.embed_passages(unknown), strict=True))
        return [float(vectors[text] @ asked[question]) for text in texts]

    return alike


@dataclass(frozen=True, slots=True)
class Model:
    """The mean of a straight sum for each language and of trees for all."""

    biases: Mapping[str, float]
    weights: Mapping[str, Numbers]
    trees: lightgbm.Booster

    def sums(self, seen: Seen) -> Numbers:
        straight = np.zeros(len(seen.table))
        for language, weights in self.weights.items():
            own = seen.languages == language
            straight[own] = seen.table[own] @ weights + self.biases[language]
        grown = np.asarray(self.trees.predict(seen.table, raw_score=True), dtype=np.float64)
        return (straight + grown) / 2


def learn(seen: Seen) -> Model:
    counted = np.array([WEIGHTS[Kind(kind)] for kind in seen.kinds])
    biases, weights = {}, {}
    for language in sorted(set(seen.languages.tolist())):
        own = seen.languages == language
        scaler = StandardScaler().fit(seen.table[own])
        straight = LogisticRegression(C=STRAIGHT, max_iter=3000)
        straight.fit(scaler.transform(seen.table[own]), seen.held[own], sample_weight=counted[own])
        weights[language] = straight.coef_[0] / scaler.scale_
        biases[language] = float(straight.intercept_[0] - weights[language] @ scaler.mean_)
    grown = lightgbm.LGBMClassifier(**TREES).fit(seen.table, seen.held, sample_weight=counted)
    return Model(biases, weights, grown.booster_)


def unseen(seen: Seen) -> Numbers:
    """Return the sums of each row by what was learnt from other articles.

    Translations of one article carry one name, so neither language learns from the other's copy.
    """
    sums = np.zeros(len(seen.held))
    for learning, judging in GroupKFold(FOLDS).split(seen.table, seen.held, seen.articles):
        chosen = np.zeros(len(seen.held), dtype=bool)
        chosen[learning] = True
        others = np.zeros(len(seen.held), dtype=bool)
        others[judging] = True
        sums[others] = learn(seen.where(chosen)).sums(seen.where(others))
    return sums


def plain(seen: Seen) -> npt.NDArray[np.bool_]:
    """Return the rows of leave-one-out."""
    return np.isin(seen.kinds, (Kind.WHOLE, Kind.DELETED))


def balanced(seen: Seen) -> Numbers:
    """Return weights by which every set counts the same, and as much with the answer as without."""
    weights = np.zeros(len(seen.held))
    for one in set(seen.sets.tolist()):
        for held in (True, False):
            chosen = (seen.sets == one) & (seen.held == held)
            weights[chosen] = 1.0 / max(1, chosen.sum())
    return weights


def scale(seen: Seen, sums: Numbers) -> tuple[float, float]:
    """Return slope and offset of the logarithm of the odds."""
    fitted = LogisticRegression(C=1e6).fit(sums[:, None], seen.held, sample_weight=balanced(seen) * len(sums))
    return float(fitted.coef_[0][0]), float(fitted.intercept_[0])


def chances(sums: Numbers, scales: tuple[float, float]) -> Numbers:
    return 1.0 / (1.0 + np.exp(-(scales[0] * sums + scales[1])))


def line(seen: Seen, given: Numbers, error: float) -> float:
    """Return the chance that this share of the answerable questions stays below; every set counts the same."""
    held = seen.held
    order = np.argsort(given[held])
    shares = np.cumsum(balanced(seen)[held][order])
    return float(given[held][order][np.searchsorted(shares / shares[-1], error)])


def tree_rows(node: Mapping[str, Any], rows: list[list[float]]) -> int:
    """Lay a tree's nodes in a list, in the form of rag.evidence.confidence.Tree; return where its root is."""
    at = len(rows)
    rows.append([])
    if "split_feature" not in node:
        rows[at] = [-1, _short(node["leaf_value"] / 2)]
        return at
    left = tree_rows(node["left_child"], rows)
    right = tree_rows(node["right_child"], rows)
    rows[at] = [node["split_feature"], _short(node["threshold"]), left, right]
    return at


def _short(number: float) -> float:
    return float(f"{number:.{DIGITS}g}")


def written(model: Model, names: Sequence[str], scales: Mapping[str, Any], lines: Mapping[str, Any]) -> dict[str, Any]:
    trees = []
    for tree in model.trees.dump_model()["tree_info"]:
        rows: list[list[float]] = []
        tree_rows(tree["tree_structure"], rows)
        trees.append(rows)
    return {
        "names": list(names),
        "straight": {
            language: {"bias": _short(model.biases[language] / 2), "weights": [_short(one / 2) for one in weights]}
            for language, weights in model.weights.items()
        },
        "scales": scales,
        "lines": lines,
        "trees": trees,
    }


def learnt_scales(seen: Seen, sums: Numbers) -> tuple[dict[str, Any], dict[str, Any], Numbers]:
    """Return the scales and lines of each language, and the chances of all rows by them."""
    scales: dict[str, Any] = {}
    lines: dict[str, Any] = {}
    given = np.zeros(len(sums))
    for language in sorted(set(seen.languages.tolist())):
        own = seen.languages == language
        judged = own & plain(seen)
        fitted = scale(seen.where(judged), sums[judged])
        scales[language] = [_short(number) for number in fitted]
        given[own] = chances(sums[own], fitted)
        asked = own & np.isin(seen.kinds, (Kind.WHOLE, Kind.SLIPPED))  # people err when they type
        lines[language] = {
            str(error): _short(line(seen.where(asked), given[asked], error)) for error in ACCEPTED_ERRORS
        }
    return scales, lines, given


def main(
    dataset: Annotated[list[str], typer.Option(help="squad:FILE; may be given more than once.")],
    libraries: Annotated[Path, typer.Option(help="Where datasets' libraries are kept.")] = Path("runs/libraries"),
) -> None:
    seen = measure(dataset, libraries)
    sums = unseen(seen)
    scales, lines, given = learnt_scales(seen, sums)
    content = json.dumps(written(learn(seen), seen.names, scales, lines), separators=(",", ":"))
    LEARNT.write_text(content + "\n", encoding="utf-8")
    typer.echo(json.dumps(report(seen.sets, seen.kinds, given), indent=1))


if __name__ == "__main__":
    typer.run(main)
