"""Put what the benchmarks of retrieval have measured into docs/retrieval.md.

    python -m eval.bench.retrieval --runs runs/retrieval --write docs/retrieval.md

`make bench-retrieval` makes the runs: the JSON that legs, robustness, scale, concurrent and filters print, each in a
file of its name, and the contract suites' JUnit report. What was not run is missing from the page, and said to be.
"""

from __future__ import annotations

import argparse
import json
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from eval.bench.legs import markdown as legs_table
from eval.bench.page import between_marks
from eval.bench.robustness import table as robustness_table
from eval.bench.scale.shown import markdown as scale_table

ITSELF = "python -m eval.bench.retrieval"


def concurrent_table(report: dict[str, Any]) -> str:
    """One row a language and layer: throughput of many askers by that of one at a time."""
    lines = ["| questions | asked | times the throughput | in each round | identical |", "|---|---|---:|---|---|"]
    for language, layers in report["loads"].items():
        for layer, row in layers.items():
            rounds = ", ".join(f"{ratio:.2f}" for ratio in row["each_round"])
            lines.append(f"| {language} | {layer} | {row['times_throughput']:.2f} | {rounds} | {row['identical']} |")
    return "\n".join(lines) + "\n"


def filters_table(reports: Sequence[dict[str, Any]]) -> str:
    lines = [
        "| chunks | pairs | equal: keys, dense, lexical | p50 filtered / unfiltered, ms | ratio |",
        "|---:|---:|---|---|---:|",
    ]
    for report in reports:
        same, wall = report["equal_to_brute_force"], report["wall"]
        lines.append(
            f"| {report['chunks']:,} | {report['pairs']} | {same['keys']}, {same['dense']}, {same['lexical']} "
            f"| {wall['filtered_p50_ms']:.1f} / {wall['unfiltered_p50_ms']:.1f} | {wall['times_unfiltered']:.2f} |"
        )
    return "\n".join(lines) + "\n"


def contracts_table(path: Path) -> str:
    """Count the tests of each contract suite by what became of them."""
    counts: dict[str, dict[str, int]] = {}
    for case in ElementTree.parse(path).iter("testcase"):
        outcome = next((child.tag for child in case if child.tag in ("failure", "error", "skipped")), "passed")
        suite = counts.setdefault(case.get("classname", "").rpartition(".")[2], {})
        suite[outcome] = suite.get(outcome, 0) + 1
    lines = ["| suite | passed | skipped | failed |", "|---|---:|---:|---:|"]
    for name, suite in sorted(counts.items()):
        failed = suite.get("failure", 0) + suite.get("error", 0)
        lines.append(f"| {name} | {suite.get('passed', 0)} | {suite.get('skipped', 0)} | {failed} |")
    return "\n".join(lines) + "\n"


def page(runs: Path) -> str:
    """Return all tables, each under its heading and the command that made it."""
    makers: list[tuple[str, str, str, Callable[[Path], str]]] = [
        ("Each leg, and both", "legs.json", "python -m eval.bench.legs", lambda path: legs_table(_read(path))),
        (
            "Another script, another width, a slip of the pen: recall@5, and what is lost of it in points",
            "robustness.json",
            "python -m eval.bench.robustness",
            lambda path: robustness_table(_read(path)["sets"]) + "\n",
        ),
        (
            "Large libraries",
            "scale.json",
            "python -m eval.bench.scale --chunks 100000 --chunks 1000000 --queries 600",
            lambda path: scale_table(_read(path)),
        ),
        (
            "64 askers at once against one at a time",
            "concurrent.json",
            "python -m eval.bench.concurrent",
            lambda path: concurrent_table(_read(path)),
        ),
        (
            "Filters against brute force, and against none",
            "filters*.json",
            "python -m eval.bench.filters; with --data and --collection for the larger one",
            lambda path: filters_table([_read(one) for one in sorted(path.parent.glob("filters*.json"))]),
        ),
        (
            "One suite of behaviour for every index: fake, flat, lists, card",
            "contracts.xml",
            "pytest tests/contracts --junit-xml",
            contracts_table,
        ),
    ]
    parts = []
    for title, name, command, make in makers:
        path = next(iter(sorted(runs.glob(name))), None)
        made = make(path) if path else "Not measured yet.\n"
        parts.append(f"### {title}\n\n`{command}`\n\n{made}")
    return "\n".join(parts)


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--runs", type=Path, default=Path("runs/retrieval"))
    parser.add_argument("--write", type=Path, default=Path("docs/retrieval.md"), help="a page with the marks in it")
    options = parser.parse_args()
    made = between_marks(options.write.read_text(encoding="utf-8"), page(options.runs), ITSELF)
    options.write.write_text(made, encoding="utf-8")


if __name__ == "__main__":
    main()
