"""What the gate found when somebody last looked and was content: eval/gate/baseline.json.

It holds ids and scores, and no text of anybody's. A set that is measured anew replaces its own part alone. Knows
nothing of how a drop is told from chance.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.figures import FIGURES, figures_of
from eval.folder.facts import config_of
from eval.gate.measure import Measured
from eval.gate.sets import GateSet
from eval.record import Record
from rag.config import Settings
from rag.errors import Conflict, Malformed, NotFound
from rag.ports import Embedder

BASELINE = Path(__file__).with_name("baseline.json")
AGAIN = "make gate-baseline"
HINT = f"`{AGAIN}` makes it anew; look at what changed before you commit it"
# What people feel, and both legs, so that one which fell silent is seen behind the other. The rest follow from these.
GUARDED = frozenset(
    {
        "retrieval.recall@1",
        "retrieval.mrr@10",
        "legs.dense.mrr@10",
        "legs.lexical.mrr@10",
        "passages.any",
        "answer.contains",
        "answer.f1",
        "citation.precision",
        "citation.recall",
        "citation.valid",
        "citation.verified",
        "citation.whole",
        "citation.own",
        "citation.sentences",
        "refusal.answered",
        "refusal.refused_unanswerable",
        "refusal.auroc",
        "refusal.calibration_error",
        "refusal.risk_coverage_area",
    }
)
GUARDED_FIGURES = tuple(figure for figure in FIGURES if figure.name in GUARDED)
# The scores that these are made of.
SCORES = (
    *(f"{leg}.{name}" for leg in ("hybrid", "dense", "lexical") for name in ("recall@1", "mrr@10")),
    "passages.any",
    "answer.contains",
    "answer.f1",
    *(f"citation.{n}" for n in ("count", "right", "recall", "valid", "verified", "whole", "own", "sentences")),
    "refusal.refused",
    "refusal.confidence",
)
MADE_WITH = ("embedder", "models", "packages", "python", "chunker", "reader", "commit")
PLACES = 4  # of scores that are kept: more is the machine's rounding


@dataclass(frozen=True, slots=True)
class Before:
    """One set of the baseline. content: as of GateSet; made: with what."""

    content: str
    made: Mapping[str, Any]
    records: tuple[Record, ...]


def read(path: Path) -> dict[str, Before]:
    """Raises NotFound, Malformed."""
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise NotFound(f"{path} cannot be read: {error.strerror}", hint=HINT) from error
    except ValueError as error:
        raise Malformed(f"{path} is no JSON: {error}", hint=HINT) from error
    try:
        return {
            name: Before(
                part["content"], part["made"], tuple(_record(row, rows["scores"]) for row in part["questions"])
            )
            for name, part in rows["sets"].items()
        }
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Malformed(f"{path} is no baseline: {type(error).__name__}: {error}", hint=HINT) from error


def write(path: Path, measured: Sequence[Measured], kept: Mapping[str, Before], made: Mapping[str, Any]) -> None:
    """kept: sets that were not measured now, and stay as they are. A line a question, so that git shows which moved."""
    sets = {**kept, **{one.name: Before(one.content, made, one.records) for one in measured}}
    parts = [
        f" {json.dumps(name)}: {{\n"
        f'  "content": {json.dumps(one.content)},\n'
        f'  "made": {_line(one.made)},\n'
        f'  "figures": {{\n{_lines(_figures(one.records))}\n  }},\n'
        '  "questions": [\n' + ",\n".join(f"   {_line(_row(record))}" for record in one.records) + "\n  ]\n }"
        for name, one in sorted(sets.items())
    ]
    text = f'{{\n"scores": {_line(SCORES)},\n"sets": {{\n' + ",\n".join(parts) + "\n}\n}\n"
    path.write_text(text, encoding="utf-8")


def made_with(one: GateSet, settings: Settings, embedder: Embedder) -> dict[str, Any]:
    """Name the versions and models that the scores come from."""
    facts = config_of(one.dataset, settings, embedder, scope="answers", said={})
    return {name: facts[name] for name in MADE_WITH}


def fitting(before: Mapping[str, Before], contents: Mapping[str, str], embedder: Embedder) -> None:
    """Say where the baseline is of other questions, documents or another embedder: comparing would tell nothing.

    contents: of the sets that are to be measured, by name. Raises Conflict.
    """
    for name, content in contents.items():
        part = before.get(name)
        if part is None:
            raise Conflict(f"the baseline has no set {name}", hint=HINT)
        if part.content != content:
            raise Conflict(
                f"the baseline is of another {name}: its questions or documents have changed since", hint=HINT
            )
        fingerprint = part.made["embedder"]["fingerprint"]
        if fingerprint != embedder.fingerprint:
            raise Conflict(
                f"the baseline was made with another embedder: {fingerprint}, not {embedder.fingerprint}", hint=HINT
            )


def bare(record: Record) -> Record:
    """Return what of a record the baseline can hold, so that both sides of a comparison are alike."""
    return _record(_row(record), SCORES)


def _figures(records: Sequence[Record]) -> dict[str, list[float | None]]:
    """Return each guarded figure with its interval, for people: what is compared are the questions."""
    found = figures_of(records, GUARDED_FIGURES)
    return {
        name: [None if value is None else round(value, PLACES) for value in (one.value, one.low, one.high)]
        for name, one in found.items()
    }


def _row(record: Record) -> list[Any]:
    """Of the gold documents no more is kept than that there are some."""
    scores = [round(record.scores[name], PLACES) if name in record.scores else None for name in SCORES]
    flags = [record.answerable, record.told, bool(record.gold), record.answered, record.error is not None]
    return [record.id, record.unit, record.language, record.kind, "".join("01"[flag] for flag in flags), scores]


def _record(row: Sequence[Any], names: Sequence[str]) -> Record:
    """Raises TypeError, ValueError for a row of another shape."""
    name, unit, language, kind, flags, scores = row
    answerable, told, placed, answered, failed = (flag == "1" for flag in flags)
    return Record(
        id=name,
        question="",
        language=language,
        kind=kind,
        answerable=answerable,
        told=told,
        scores={key: float(value) for key, value in zip(names, scores, strict=True) if value is not None},
        unit=unit,
        gold={"": 1.0} if placed else {},
        answered=answered,
        error="failed" if failed else None,
    )


def _lines(rows: Mapping[str, Any]) -> str:
    return ",\n".join(f"   {json.dumps(name)}: {_line(value)}" for name, value in rows.items())


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(", ", ": "))
