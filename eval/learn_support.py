"""Learn the weights of rag.check.verdict: how alike a claim and its quote must be for the quote to support it.

From ExpertQA's claims, and from claims made of squad: sets (eval/claims.py) beside their own passage, which supports
them, and beside another passage of the same article, which does not. Only articles of the first half are used, and of
each of the four kinds of pairs all weigh the same. What a problem counts is learnt from planted errors.

    python -m eval.learn_support [--shared ../shared]

prints the constants.
"""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import numpy as np
import numpy.typing as npt
import typer
from sklearn.linear_model import LogisticRegression

from eval.claims import SEED, Claim, load_claims
from eval.supported import Pair, expert_pairs, planted_pairs, quote_of
from rag.build import build_embedder
from rag.check.verdict import Features, compare
from rag.config import load_settings
from rag.ports import Embedder

CLAIMS = 1500  # of the first half's
STRENGTH = 10.0  # of the regularisation, inverse
# What the claims made by rules weigh beside the experts': they are easier, and where there is an embedder it tells a
# passage about something else.
MADE, MADE_ALIKE = 1.0, 0.1

Table = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


def likeness(pairs: Sequence[Pair]) -> tuple[Table, Flags]:
    """Return the features of likeness, a row a pair, and which pairs have a problem."""
    features: list[Features] = [compare(pair.claim, quote_of(pair)) for pair in pairs]
    return np.array([one.likeness for one in features]), np.array([bool(one.problems) for one in features])


def cosines(pairs: Sequence[Pair], embedder: Embedder) -> Table:
    """Return the cosine of each claim and its quote, as a column."""
    claims = embedder.embed_queries([pair.claim for pair in pairs])
    quotes = embedder.embed_passages([quote_of(pair) for pair in pairs])
    return np.asarray((claims * quotes).sum(axis=1), dtype=np.float64)[:, None]


def learning_claims(claims: Sequence[Claim], most: int = CLAIMS) -> list[Claim]:
    """Return claims of the first half of the articles."""
    seen = [claim for claim in claims if not claim.unseen]
    return random.Random(SEED).sample(seen, min(most, len(seen)))


def beside_others(claims: Sequence[Claim]) -> list[Pair]:
    """Return each claim beside its own passage, and beside another of its article."""
    passages: dict[tuple[str, str], list[str]] = defaultdict(list)
    for claim in claims:
        passages[claim.set, claim.article].append(claim.passage)
    pairs = []
    chance = random.Random(SEED)
    for claim in claims:
        own = Pair(claim.text, claim.passage, True, claim.article, "", claim.chinese)
        others = [other for other in passages[claim.set, claim.article] if other != claim.passage]
        pairs.append(own)
        if others:
            pairs.append(replace(own, passage=chance.choice(others), supported=False))
    return pairs


def learn(tables: Sequence[Table], labels: Sequence[Flags], shares: Sequence[float]) -> tuple[float, Table]:
    """Return bias and weights. shares: what each table weighs; in each, the rows of either label weigh the same."""
    rows, held = np.vstack(tables), np.concatenate(labels)
    weights = np.concatenate(
        [
            share * np.where(label, 0.5 / label.mean(), 0.5 / (1 - label.mean())) / len(label)
            for label, share in zip(labels, shares, strict=True)
        ]
    )
    model = LogisticRegression(C=STRENGTH, max_iter=2000)
    model.fit(rows, held, sample_weight=weights * len(held) / weights.sum())
    return float(model.intercept_[0]), model.coef_[0]


def supported(pairs: Sequence[Pair]) -> Flags:
    return np.array([pair.supported for pair in pairs])


def problem_weight(pairs: Sequence[Pair], flags: Flags) -> float:
    """Return the logarithm of how much oftener a problem is seen in a wrong claim than in a right one."""
    held = supported(pairs)
    return float(-np.log((flags[~held].mean() + 1e-3) / (flags[held].mean() + 1e-3)))


def main(shared: Annotated[Path, typer.Option(help="Where the sets are.")] = Path("../shared")) -> None:
    folder = shared / "data"
    experts = expert_pairs(folder / "expertqa" / "rand_val.jsonl")
    claims = learning_claims(load_claims(folder))
    made = beside_others(claims)
    embedder = build_embedder(load_settings())
    tables = [likeness(experts)[0], likeness(made)[0]]
    bias, weights = learn(tables, [supported(experts), supported(made)], (1.0, MADE))
    english = [pair for pair in made if not pair.chinese]
    known = [
        np.hstack([tables[0], cosines(experts, embedder)]),
        np.hstack([likeness(english)[0], cosines(english, embedder)]),
    ]
    alike_bias, alike_weights = learn(known, [supported(experts), supported(english)], (1.0, MADE_ALIKE))
    wrong = planted_pairs(claims)
    found = {
        "BIAS": round(bias, 2),
        "WEIGHTS": weights.round(2).tolist(),
        "ALIKE_BIAS": round(alike_bias, 2),
        "ALIKE_WEIGHTS": alike_weights.round(2).tolist(),
        "PROBLEM": round(problem_weight(wrong, likeness(wrong)[1]), 2),
    }
    typer.echo(json.dumps(found, indent=1))


if __name__ == "__main__":
    typer.run(main)
