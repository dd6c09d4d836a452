"""Measure Footnote on every set that is there, and write what came out into docs/results.md.

    python -m eval.results --shared ../shared --runs runs/results --write docs/results.md
    python -m eval.results --runs runs/results --write docs/results.md

`make eval` is the first of them; a run that was stopped goes on, and one of other code or data begins anew. Without
--shared nothing is measured, and the page is made of the runs that are there.
"""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from eval.asking import Scope
from eval.bench.page import between_marks
from eval.datasets.load import load_dataset
from eval.folder.names import SUMMARY
from eval.folder.opening import Start
from eval.folder.read import read_summary
from eval.judges.check import CheckJudge
from eval.results.sets import OURS, SETS, Found, find
from eval.results.tables import page
from eval.run import Run, evaluate
from rag.build import build_embedder
from rag.config import Settings, load_settings
from rag.errors import FootnoteError
from rag.ports import Embedder

ITSELF = "python -m eval.results"
MISSING = "missing.json"  # of each set that was not measured why; beside the runs
EVERY = 100  # questions between two lines of progress


def measure(shared: Path, runs: Path, libraries: Path, limit: int | None, only: list[str]) -> bool:
    """Make the run of every set that is there, or of those named; say whether each came through."""
    settings = load_settings()
    embedder = build_embedder(settings)
    sets, missing = find(shared)
    tried = [one for one in sets if not only or one.wanted.name in only]
    reasons = {**_told(runs), **missing}
    failed = False
    runs.mkdir(parents=True, exist_ok=True)
    for one in tried:
        reasons.pop(one.wanted.name, None)
        sys.stderr.write(f"{one.wanted.name}: {one.spec}\n")
        try:
            evaluate(_run(one, runs, libraries, settings, embedder, limit), _progress)
        except FootnoteError as error:  # one set must not cost the others
            sys.stderr.write(f"  not measured: {error}\n")
            reasons[one.wanted.name] = f"{error.name}: {error}"
            failed = True
    (runs / MISSING).write_text(json.dumps(reasons, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return not failed


def _run(one: Found, runs: Path, libraries: Path, settings: Settings, embedder: Embedder, limit: int | None) -> Run:
    folder = runs / one.wanted.name
    words = ["footnote", "eval", "run", "--dataset", one.spec, "--out", str(folder)]
    words += ["--documents", str(one.documents)] if one.documents is not None else []
    words += ["--limit", str(limit)] if limit is not None else []
    words += ["--judge", CheckJudge.name]
    return Run(
        dataset=load_dataset(one.spec, documents=one.documents).limited(limit),
        settings=settings,
        embedder=embedder,
        scope=Scope.ANSWERS,
        folder=folder,
        start=Start.AS_FITS,
        libraries=libraries,
        judges=[CheckJudge()],
        config={
            "command": shlex.join(words),
            "limit": limit,
            "seed": None,
            "started_at": datetime.now(UTC).isoformat(timespec="seconds"),
        },
    )


def _progress(what: str, done: int, of: int) -> None:
    if done and (done == of or done % EVERY == 0):
        sys.stderr.write(f"  {what}: {done} of {of}\n")


def made_of(runs: Path) -> str:
    """Return the page of the sets' runs below a folder, in the order of the sets."""
    what = {one.name: one.what for one in (*SETS, OURS)}
    there = [name for name in what if (runs / name / SUMMARY).is_file()]
    reasons = _told(runs)
    missing = {name: str(reasons.get(name, "there is no run of it")) for name in what if name not in there}
    return page({name: read_summary(runs / name) for name in there}, missing, what)


def _told(runs: Path) -> Mapping[str, Any]:
    try:
        told = json.loads((runs / MISSING).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--shared", type=Path, help="measure what stands there; else only the page is made")
    parser.add_argument("--runs", type=Path, default=Path("runs/results"))
    parser.add_argument("--libraries", type=Path, default=Path("runs/libraries"))
    parser.add_argument("--limit", type=int, help="ask so many questions of each set, to try it out")
    parser.add_argument(
        "--set", action="append", default=[], dest="only", help="measure this one only; may be repeated"
    )
    parser.add_argument("--write", type=Path, help="a page with the marks in it; else it is printed")
    options = parser.parse_args()
    whole = True
    if options.shared is not None:
        whole = measure(options.shared, options.runs, options.libraries, options.limit, options.only)
    text = made_of(options.runs)
    if options.write is None:
        sys.stdout.write(text + "\n")
    else:
        written = between_marks(options.write.read_text(encoding="utf-8"), text, ITSELF)
        options.write.write_text(written, encoding="utf-8")
    return 0 if whole else 1


if __name__ == "__main__":
    sys.exit(main())
