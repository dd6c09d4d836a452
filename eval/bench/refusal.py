"""Refusal on articles not learnt from: figures beside BM25 alone, and the curve of risk and coverage.

    python -m eval.bench.refusal --dataset squad:en.json --dataset squad:zh.json ... [--curve docs/refusal.svg]

prints one JSON object: leave-one-out, the same with a slip in each question, and the hard situations apart; then what
each accepted error refuses in each language.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from eval.learn_confidence import Seen, learnt_scales, measure, unseen
from eval.refusal import Numbers, report, risk_and_coverage
from eval.situations import Kind

LINES = (0.01, 0.02, 0.03, 0.05)
SHOWN = (Kind.WHOLE, Kind.SLIPPED, Kind.DELETED, Kind.ARTICLE_DELETED, Kind.CUT)
ERRORS = (0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.5)
WIDTH, HEIGHT, EDGE = 420, 260, 44
MOST_RISK = 0.5
COLOURS = ("#1f5fa8", "#b5482a", "#4b7f3a", "#7a5195")


def main(
    dataset: Annotated[list[str], typer.Option(help="squad:FILE; may be given more than once.")],
    libraries: Annotated[Path, typer.Option(help="Where datasets' libraries are kept.")] = Path("runs/libraries"),
    curve: Annotated[Path | None, typer.Option(help="SVG to write.")] = None,
) -> None:
    seen = measure(dataset, libraries)
    _, lines, given = learnt_scales(seen, unseen(seen))
    found = report(seen.sets, seen.kinds, given, seen.bm25)
    curves = {}
    for one in dataset:
        yes, no = (given[(seen.sets == one) & (seen.kinds == kind)] for kind in (Kind.WHOLE, Kind.DELETED))
        found[one]["risk_and_coverage"] = risk_and_coverage(yes, no, ERRORS)
        curves[Path(one.partition(":")[2]).stem] = points(yes, no)
    found["lines"] = {language: refused(seen, given, language, table) for language, table in lines.items()}
    if curve is not None:
        curve.write_text(svg(curves), encoding="utf-8")
    typer.echo(json.dumps(found, indent=1))


def refused(seen: Seen, given: Numbers, language: str, lines: Mapping[str, float]) -> dict[str, object]:
    """Return for each accepted error what share of each kind of situation is refused; every set counts the same."""
    own = seen.languages == language
    shares: dict[str, object] = {}
    for error in map(str, LINES):
        row = {"line": lines[error]}
        for kind in SHOWN:
            sets = [own & (seen.kinds == kind) & (seen.sets == one) for one in sorted(set(seen.sets.tolist()))]
            row[kind] = round(float(np.mean([(given[rows] < lines[error]).mean() for rows in sets if rows.any()])), 3)
        shares[error] = row
    return shares


def points(yes: Numbers, no: Numbers) -> list[tuple[float, float]]:
    """Return coverage and risk."""
    rows = risk_and_coverage(yes, no, tuple(error / 100 for error in range(100)))
    return [(row["coverage"], row["risk"]) for row in rows]


def svg(curves: dict[str, list[tuple[float, float]]]) -> str:
    """Draw risk over coverage, a line for each set."""

    def x(coverage: float) -> float:
        return round(EDGE + coverage * (WIDTH - EDGE - 10), 1)

    def y(risk: float) -> float:
        return round(HEIGHT - EDGE - min(risk, MOST_RISK) / MOST_RISK * (HEIGHT - EDGE - 10), 1)

    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif">',
        "<style>text { font-size: 11px }</style>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
    ]
    for tick in range(6):
        share, risk = tick / 5, tick / 10
        lines.append(f'<path d="M{x(0)} {y(risk)}H{x(1)}" stroke="#ddd"/>')
        lines.append(f'<text x="{EDGE - 6}" y="{y(risk) + 4}" text-anchor="end">{risk:.0%}</text>')
        lines.append(f'<text x="{x(share)}" y="{HEIGHT - EDGE + 16}" text-anchor="middle">{share:.0%}</text>')
    for (name, curve), colour in zip(curves.items(), COLOURS, strict=False):
        path = " ".join(f"{x(coverage)},{y(risk)}" for coverage, risk in curve)
        lines.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
        row = 22 + 15 * list(curves).index(name)
        lines.append(f'<text x="{EDGE + 12}" y="{row}" fill="{colour}">{name}</text>')
    lines.append(f'<text x="{x(0.5)}" y="{HEIGHT - 8}" text-anchor="middle">share of all questions answered</text>')
    lines.append(
        f'<text transform="translate(11 {y(0.25)}) rotate(-90)" text-anchor="middle">answers without evidence</text>'
    )
    return "\n".join([*lines, "</svg>", ""])


if __name__ == "__main__":
    typer.run(main)
