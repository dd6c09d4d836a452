"""Put the tables that `footnote eval robustness` wrote between their marks in docs/robustness.md.

    python -m eval.robustness.page RUN... [--write docs/robustness.md]

RUN: folders that hold a robustness.json, one a set; the page shows each under the command that makes it.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from eval.bench.page import between_marks
from eval.robustness.table import markdown

NAME = "eval.robustness.page"


def page(runs: Sequence[Mapping[str, Any]]) -> str:
    """Return every run's table under its set's name, and before them what each perturbation does."""
    parts = [_explained(runs)]
    for run in runs:
        spec = str(run["dataset"])
        limit = f" --limit {run['limit']}" if run.get("limit") else ""
        parts.append(
            f"### {Path(spec.partition(':')[2]).name}: {run['questions']} questions\n\n"
            f"`footnote eval robustness --dataset {spec}{limit} --seed {run['seed']}`: "
            f"{run['cpu_seconds']:.0f} s of processor time\n\n{markdown(run)}\n"
        )
    return "\n".join(parts)


def _explained(runs: Sequence[Mapping[str, Any]]) -> str:
    lines = ["| perturbation | what it does | what is wanted |", "|---|---|---|"]
    rows = {row["name"]: row for run in runs for row in run["perturbations"]}
    lines += [f"| {row['name']} | {row['does']} | {row['wanted']} |" for row in rows.values()]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("runs", type=Path, nargs="+", metavar="RUN")
    parser.add_argument("--write", type=Path, default=Path("docs/robustness.md"), help="a page with the marks in it")
    options = parser.parse_args()
    runs = [json.loads((folder / "robustness.json").read_text(encoding="utf-8")) for folder in options.runs]
    made = between_marks(options.write.read_text(encoding="utf-8"), page(runs), NAME)
    options.write.write_text(made, encoding="utf-8")


if __name__ == "__main__":
    main()
