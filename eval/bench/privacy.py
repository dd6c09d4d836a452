"""Measure how much personal data is found, and how much else is taken for it, by kind and language.

    python -m eval.bench.privacy [--count 1000] [--seed 1] [--misses]      one JSON object on stdout, a table on stderr

A value counts as found when one find of its kind covers all of it; a find counts as right when it overlaps a value of
its kind. The values are made up, from a seed: nobody's number is in here except by chance.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

from eval.bench.privacy_cases import Case, cases
from ingest.privacy.find import find


def measure(some: Sequence[Case]) -> tuple[dict[str, Any], list[str]]:
    """Return the figures, and what was missed or wrongly found, in words."""
    wanted: Counter[tuple[str, str]] = Counter()
    hit: Counter[tuple[str, str]] = Counter()
    made: Counter[tuple[str, str]] = Counter()
    right: Counter[tuple[str, str]] = Counter()
    faults: list[str] = []
    began = time.perf_counter()
    for case in some:
        found = [(one.start, one.end, one.kind.value) for one in find(case.text)]
        for start, end, kind in case.expected:
            wanted[case.language, kind] += 1
            if any(a <= start and end <= b and kind == other for a, b, other in found):
                hit[case.language, kind] += 1
            else:
                faults.append(f"missed {kind} {case.text[start:end]!r} in {case.text!r}")
        for start, end, kind in found:
            made[case.language, kind] += 1
            if any(a < end and start < b and kind == other for a, b, other in case.expected):
                right[case.language, kind] += 1
            else:
                faults.append(f"wrongly {kind} {case.text[start:end]!r} in {case.text!r}")
    seconds = time.perf_counter() - began
    kinds = sorted({kind for _, kind in wanted | made})
    rows = (
        {"all": (None, None)} | {f"{name}": (None, name) for name in kinds} | {"zh": ("zh", None), "en": ("en", None)}
    )

    def total(counter: Counter[tuple[str, str]], language: str | None, kind: str | None) -> int:
        return sum(amount for (a, b), amount in counter.items() if language in (None, a) and kind in (None, b))

    figures = {
        name: {
            "values": total(wanted, *which),
            "found": total(made, *which),
            "recall": _share(total(hit, *which), total(wanted, *which)),
            "precision": _share(total(right, *which), total(made, *which)),
        }
        for name, which in rows.items()
    }
    characters = sum(len(case.text) for case in some)
    return {
        "strings": len(some),
        "without": sum(not case.expected for case in some),
        "figures": figures,
        "characters_per_second": round(characters / seconds),
    }, faults


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def table(result: dict[str, Any]) -> str:
    lines = ["| | values | found | recall | precision |", "|---|---|---|---|---|"]
    lines += [
        f"| {name} | {row['values']} | {row['found']} | {row['recall']} | {row['precision']} |"
        for name, row in result["figures"].items()
    ]
    return "\n".join(lines)


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--misses", action="store_true", help="name each, on stderr")
    options = parser.parse_args(arguments)
    result, faults = measure(cases(options.count, options.seed))
    shown = [table(result), *(faults if options.misses else ())]
    sys.stderr.write("\n".join(shown) + "\n")
    sys.stdout.write(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
