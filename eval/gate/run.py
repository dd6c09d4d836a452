"""Hold the gate: measure every set that is here, beside the baseline or in its place.

The libraries and the sampled files lie in a temporary folder, and are gone afterwards.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eval.gate import baseline
from eval.gate.measure import Measured, Progress, measure
from eval.gate.page import changes, page, summary
from eval.gate.sets import ARTICLES, GateSet, gate_sets
from eval.gate.verdict import Verdict, judge
from eval.record import Record
from rag.config import Settings
from rag.errors import Conflict, Malformed, NotFound
from rag.ports import Embedder


@dataclass(frozen=True, slots=True)
class Gate:
    """shared: the folder of third-party sets; None: there is none, and examples/ is all that is asked."""

    settings: Settings
    embedder: Embedder
    shared: Path | None
    baseline: Path
    out: Path | None = None
    articles: int = ARTICLES
    progress: Progress = field(default=lambda _what, _done, _of: None)


@dataclass(frozen=True, slots=True)
class Held:
    verdict: Verdict
    summary: Mapping[str, Any]
    page: str


def hold(gate: Gate) -> Held:
    """Measure, and compare with the baseline, which must be of the same questions and embedder.

    Raises NotFound and Malformed for the baseline, Conflict where it is of another set: before anything is measured.
    """
    before = baseline.read(gate.baseline)

    def fits(sets: Sequence[GateSet]) -> None:
        baseline.fitting(before, {one.name: one.content for one in sets}, gate.embedder)

    with _timed() as seconds:
        _, measured = _measured(gate, fits)
    verdict = judge(measured, before)
    held = Held(verdict, summary(verdict, measured, seconds), page(verdict, measured, seconds))
    if gate.out is not None:
        _write(gate.out, measured, held)
    return held


def update(gate: Gate) -> str:
    """Measure, write the baseline anew and return what changed; sets that are not here now stay as they are.

    Where an exact promise is broken nothing is written: no figure may be taken from that. Raises Conflict then.
    """
    sets, measured = _measured(gate, lambda _: None)
    broken = [breach for one in measured for breach in one.breaches]
    if broken:
        first = broken[0]
        raise Conflict(
            f"{len(broken)} promises are broken, so no baseline is written; the first: {first.rule}: "
            f"{first.where} {first.detail}",
            hint="`footnote eval gate` lists them",
        )
    before, unknown = _before(gate.baseline)
    comparable = [one for one in measured if one.name in before and _ids(one.records) == _ids(before[one.name].records)]
    made = baseline.made_with(sets[0], gate.settings, gate.embedder)
    kept = {name: part for name, part in before.items() if name not in {one.name for one in measured}}
    baseline.write(gate.baseline, measured, kept, made)
    lines = [unknown] if unknown else []
    lines += [f"{one.name}: new, {len(one.records)} questions" for one in measured if one not in comparable]
    lines += [f"{name}: not here, kept as it was" for name in kept]
    lines += [changes(judge(comparable, before))] if comparable else []
    return "\n".join([*lines, f"written to {gate.baseline}"])


def _ids(records: Sequence[Record]) -> list[str]:
    return sorted(record.id for record in records)


def _before(path: Path) -> tuple[dict[str, baseline.Before], str]:
    """Return the baseline that is there, or nothing, and why."""
    try:
        return baseline.read(path), ""
    except NotFound:
        return {}, "there was no baseline"
    except Malformed as error:
        return {}, f"the old one is of no use: {error}"


def _measured(gate: Gate, fits: Callable[[Sequence[GateSet]], None]) -> tuple[list[GateSet], list[Measured]]:
    """fits: raises where measuring would be of no use."""
    with tempfile.TemporaryDirectory(prefix="footnote-gate-") as name:
        folder = Path(name)
        sets = gate_sets(gate.shared, folder / "files", articles=gate.articles)
        fits(sets)
        library = folder / "data"
        return sets, [measure(one, gate.settings, gate.embedder, library, gate.progress) for one in sets]


@contextmanager
def _timed() -> Iterator[dict[str, float]]:
    """Fill in how long it took, and how much of it processors were at work for us: children's work too."""
    found: dict[str, float] = {}
    started, worked = time.perf_counter(), sum(os.times()[:4])
    yield found
    found["seconds"] = round(time.perf_counter() - started, 1)
    found["cpu_seconds"] = round(sum(os.times()[:4]) - worked, 1)


def _write(out: Path, measured: Sequence[Measured], held: Held) -> None:
    """The records of our own questions are written with their text; of the others, as the baseline has them."""
    out.mkdir(parents=True, exist_ok=True)
    text = json.dumps(held.summary, ensure_ascii=False, indent=1, allow_nan=False)
    (out / "gate.json").write_text(text + "\n", encoding="utf-8")
    (out / "gate.txt").write_text(held.page + "\n", encoding="utf-8")
    rows = (
        {"set": one.name, **(record if one.ours else baseline.bare(record)).row()}
        for one in measured
        for record in one.records
    )
    lines = (json.dumps(row, ensure_ascii=False) for row in rows)
    (out / "questions.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
