"""How well the sentence check tells what a source supports: on experts' labels, and on planted errors.

    python -m eval.bench.support [--shared ../shared] [--out FILE.json] [--write docs/sentence-check.md]

ExpertQA: the area under the ROC curve of the check's likeness, of its whole score with the problems counted, of word
overlap alone and of the embedder's cosine alone, against the quote that a citation would show and against all that
the experts were shown. Weights are learnt anew for each fold, from other questions: no learnt part sees what it is
scored on.

Planted errors: claims that their source supports, as they are and with one error each, checked as citations are. Half
of the articles were looked at while the rules were written and learnt from; the other half was not, and is to be read.
"""

from __future__ import annotations

import json
import random
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold

from eval.bench.page import between_marks
from eval.claims import SEED, Claim, load_claims
from eval.learn_support import (
    MADE,
    MADE_ALIKE,
    Flags,
    Table,
    beside_others,
    cosines,
    learn,
    learning_claims,
    likeness,
    supported,
)
from eval.planted_errors import KINDS
from eval.supported import Pair, expert_pairs, is_verified, quote_of
from rag.build import build_embedder
from rag.check.verdict import PROBLEM, compare, verdict
from rag.config import load_settings
from rag.ports import Embedder
from rag.text import telling_terms

NAME = "eval.bench.support"
FOLDS = 10
EACH = 125  # planted errors of a kind and a language: a thousand in all
LANGUAGES = {False: "en", True: "zh"}


def experts(pairs: Sequence[Pair], made: Sequence[Pair], embedder: Embedder) -> dict[str, Any]:
    """Score ExpertQA's claims; made: what is learnt from besides."""
    own = likeness(made)[0]
    english = [pair for pair in made if not pair.chinese]
    near = np.hstack([likeness(english)[0], cosines(english, embedder)])
    labels = supported(pairs)
    found: dict[str, Any] = {"claims": len(pairs), "supported": int(labels.sum())}
    whole = [(pair.claim, pair.passage) for pair in pairs]
    quoted = [(pair.claim, quote_of(pair)) for pair in pairs]
    for name, texts in (("the citation's quote", quoted), ("all the evidence", whole)):
        features = [compare(claim, quote) for claim, quote in texts]
        rows = np.array([one.likeness for one in features])
        flags = np.array([bool(one.problems) for one in features])
        claims = embedder.embed_queries([claim for claim, _ in texts])
        cosine = np.asarray((claims * embedder.embed_passages([quote for _, quote in texts])).sum(axis=1))[:, None]
        plain = _unseen(rows, labels, pairs, own, supported(made), MADE)
        alike = _unseen(np.hstack([rows, cosine]), labels, pairs, near, supported(english), MADE_ALIKE)
        found[name] = {
            "word overlap": _auroc(labels, np.array([_overlap(*one) for one in texts])),
            "cosine": _auroc(labels, cosine[:, 0]),
            "check without embedder": _auroc(labels, plain),
            "check": _auroc(labels, alike),
            "check, problems counted": _auroc(labels, alike + PROBLEM * flags),
            "with a problem, of the supported": _share(flags[labels]),
            "with a problem, of the others": _share(flags[~labels]),
        }
    return found


def _unseen(rows: Table, labels: Flags, pairs: Sequence[Pair], made: Table, made_labels: Flags, share: float) -> Table:
    """Return the logarithm of each pair's odds by weights that were learnt without its question."""
    odds = np.zeros(len(rows))
    for seen, unseen in GroupKFold(FOLDS).split(rows, labels, [pair.question for pair in pairs]):
        bias, weights = learn([rows[seen], made], [labels[seen], made_labels], (1.0, share))
        odds[unseen] = rows[unseen] @ weights + bias
    return odds


def _overlap(claim: str, quote: str) -> float:
    wanted = set(telling_terms(claim))
    return len(wanted & set(telling_terms(quote))) / len(wanted) if wanted else 0.0


def _auroc(labels: Flags, scores: Table) -> float:
    return round(float(roc_auc_score(labels, scores)), 4)


def _share(flags: Sequence[bool] | Flags) -> float:
    return round(float(np.mean(flags)), 4) if len(flags) else 0.0


def planted(claims: Sequence[Claim]) -> dict[str, Any]:
    """Plant as many errors of each kind and language as there are claims for, and count which are caught."""
    found: dict[str, Any] = {}
    problems: dict[str, Counter[str]] = defaultdict(Counter)
    false: dict[str, list[bool]] = defaultdict(list)
    caught: dict[str, list[bool]] = defaultdict(list)
    by_form: dict[str, list[bool]] = defaultdict(list)
    for chinese, language in LANGUAGES.items():
        for kind in KINDS:
            for claim in _sample(claims, kind, chinese=chinese):
                error = next(one for one in claim.planted if one.kind == kind)
                right = _verified(claim, claim.text)
                wrong = _verified(claim, error.text)
                caught[f"{language} {kind}"].append(not wrong[0])
                by_form[f"{language}, {claim.form}"].append(not wrong[0])
                for name in (language, f"{language}, {claim.form}"):
                    false[name].append(not right[0])
                problems[kind].update(wrong[1] or ("none: verified",))
                problems["unchanged"].update(right[1] or ("none: verified",))
    every = [one for ones in caught.values() for one in ones]
    wrong_alarms = [one for language in LANGUAGES.values() for one in false[language]]
    found["planted"] = len(every)
    found["caught"] = _share(every)
    found["false alarms"] = _share(wrong_alarms)
    found["by kind"] = {name: {"planted": len(ones), "caught": _share(ones)} for name, ones in caught.items()}
    found["false alarms by form"] = {name: {"claims": len(ones), "share": _share(ones)} for name, ones in false.items()}
    found["caught by form"] = {name: {"planted": len(ones), "caught": _share(ones)} for name, ones in by_form.items()}
    found["problems named"] = {name: dict(counted.most_common()) for name, counted in problems.items()}
    return found


def _sample(claims: Sequence[Claim], kind: str, *, chinese: bool) -> list[Claim]:
    able = [claim for claim in claims if claim.chinese == chinese and any(one.kind == kind for one in claim.planted)]
    return random.Random(f"{SEED} {kind}").sample(able, min(EACH, len(able)))


def _verified(claim: Claim, text: str) -> tuple[bool, tuple[str, ...]]:
    return is_verified(Pair(text, claim.passage, True, claim.article), verdict)


def table(found: Mapping[str, Any]) -> str:
    lines = ["| ExpertQA, AUROC against | " + " | ".join(_SHOWN) + " |", "|---|" + "---:|" * len(_SHOWN)]
    for name in ("the citation's quote", "all the evidence"):
        lines += [_row(name, [f"{found['expertqa'][name][shown]:.3f}" for shown in _SHOWN])]
    lines += ["", "| planted errors | " + " | ".join(found["planted errors"]) + " |", "|---|---:|---:|"]
    halves = list(found["planted errors"].values())
    for name in halves[0]["by kind"]:
        kinds = [half["by kind"][name] for half in halves]
        lines += [_row(f"{name} caught", [f"{one['caught']:.3f} of {one['planted']}" for one in kinds])]
    lines.append(_row("**caught**", [f"**{half['caught']:.3f}** of {half['planted']}" for half in halves]))
    lines.append(_row("**false alarms**", [f"**{half['false alarms']:.3f}**" for half in halves]))
    for name in halves[0]["false alarms by form"]:
        shares = [half["false alarms by form"].get(name, {"share": 0.0, "claims": 0}) for half in halves]
        lines += [_row(f"false alarms, {name}", [f"{one['share']:.3f} of {one['claims']}" for one in shares])]
    for name in halves[0]["caught by form"]:
        forms = [half["caught by form"].get(name, {"caught": 0.0, "planted": 0}) for half in halves]
        lines += [_row(f"caught, {name}", [f"{one['caught']:.3f} of {one['planted']}" for one in forms])]
    return "\n".join(lines)


def _row(name: str, cells: Sequence[str]) -> str:
    return f"| {name} | {' | '.join(cells)} |"


_SHOWN = ("word overlap", "cosine", "check without embedder", "check", "check, problems counted")


def main(
    shared: Annotated[Path, typer.Option(help="Where the sets are.")] = Path("../shared"),
    out: Annotated[Path | None, typer.Option(help="A file for the JSON object too.")] = None,
    write: Annotated[Path | None, typer.Option(help="A Markdown file with the marks in it.")] = None,
) -> None:
    folder = shared / "data"
    claims = load_claims(folder)
    embedder = build_embedder(load_settings())
    made = beside_others(learning_claims(claims))
    found = {
        "expertqa": experts(expert_pairs(folder / "expertqa" / "rand_val.jsonl"), made, embedder),
        "planted errors": {
            "other articles": planted([claim for claim in claims if claim.unseen]),
            "articles looked at": planted([claim for claim in claims if not claim.unseen]),
        },
    }
    text = json.dumps(found, ensure_ascii=False, indent=1)
    typer.echo(text)
    if out is not None:
        out.write_text(text + "\n", encoding="utf-8")
    if write is not None:
        page = between_marks(write.read_text(encoding="utf-8"), table(found), NAME)
        write.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
