"""A run in short, as Markdown for a pull request. Knows nothing of how its figures were made."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from eval.folder.write import write_text
from eval.outcome import Outcome, outcome_of
from eval.record import Record

SHOWN = 10  # of the questions that did not come out right
CHARACTERS = 160  # of an answer
# As much as tells people how it stands; summary.json has every figure.
FIGURES = (
    "retrieval.recall@1",
    "retrieval.recall@5",
    "retrieval.ndcg@10",
    "answer.contains",
    "answer.f1",
    "citation.precision",
    "citation.recall",
    "citation.valid",
    "refusal.answered",
    "refusal.refused_unanswerable",
    "refusal.auroc",
    "safety.followed",
    "faithfulness.check",
    "faithfulness.entailment",
    "faithfulness.llm",
    "latency.total_p50",
)
_MARKUP = re.compile(r"([\\|<>`*_\[\]#&])")


def write_markdown(file: Path, records: Sequence[Record], summary: Mapping[str, Any], said: Mapping[str, str]) -> None:
    """said: the beginning of each answer by its question's id."""
    lines = [*_head(records, summary), *_table(summary), *_not_right(records, said), *_foot(summary)]
    write_text(file, "\n".join(lines) + "\n")


def _head(records: Sequence[Record], summary: Mapping[str, Any]) -> Iterator[str]:
    counts = Counter(outcome_of(record) for record in records)
    yield f"## {plain(Path(str(summary['dataset']).partition(':')[2]).name)}"
    yield ""
    told = ", ".join(f"{counts[outcome]} {outcome}" for outcome in Outcome if counts[outcome])
    yield f"{len(records)} questions on {summary.get('documents')} documents: {told}."
    if summary.get("skipped"):
        yield f"{len(summary['skipped'])} were left out by the loader."
    yield ""


def _table(summary: Mapping[str, Any]) -> Iterator[str]:
    yield "| figure | value | 95 % interval |"
    yield "|---|---:|---|"
    for name in FIGURES:
        interval = summary["intervals"].get(name)
        group, _, key = name.partition(".")
        value = summary.get(group, {}).get(key)
        if value is not None and interval is not None:
            yield f"| {name} | {value:.3f} | {interval[0]:.3f} – {interval[1]:.3f} |"
    yield ""


def _not_right(records: Sequence[Record], said: Mapping[str, str]) -> Iterator[str]:
    wrong = [(record, outcome) for record in records if (outcome := outcome_of(record)) is not Outcome.RIGHT]
    if not wrong:
        return
    more = f", the first {SHOWN}" if len(wrong) > SHOWN else ""
    yield f"<details><summary>{len(wrong)} did not come out right{more}</summary>"
    yield ""
    yield "| question | | expected | came |"
    yield "|---|---|---|---|"
    for record, outcome in wrong[:SHOWN]:
        expected = " / ".join(record.answers) or ("" if record.answerable else "a refusal")
        came = record.error or said.get(record.id, "")
        cells = (f"{record.id}: {record.question}", str(outcome), expected, came[:CHARACTERS])
        yield f"| {' | '.join(map(plain, cells))} |"
    yield ""
    yield "</details>"
    yield ""


def _foot(summary: Mapping[str, Any]) -> Iterator[str]:
    config = summary.get("config", {})
    models = ", ".join(model["name"] for model in config.get("models", {}).values() if model)
    yield f"Commit {config.get('commit')}, models: {plain(models)}."
    yield ""
    yield f"    {plain_line(str(config.get('command', '')))}"


def plain(text: str) -> str:
    """Text of a document as it may stand in a table's cell: no markup, on one line, and nobody is called by an @."""
    return _MARKUP.sub(r"\\\1", plain_line(text)).replace("@", "@\u200b")


def plain_line(text: str) -> str:
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())
