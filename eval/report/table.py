"""Several runs side by side: a Markdown table, a page, or what a program reads. Reads summary.json alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from eval.folder.read import read_summary
from eval.report.facts import name_of
from eval.report.html import page_of
from eval.report.labels import group_of, label_of, meaning_of
from eval.report.plain import plain
from eval.report.rows import names_of, shown_of
from eval.report.whisker import MISSING, Shown

# heading -> the figure's name in a summary
COLUMNS = {
    "recall@1": "retrieval.recall@1",
    "recall@5": "retrieval.recall@5",
    "mrr@10": "retrieval.mrr@10",
    "dense recall@1": "legs.dense.recall@1",
    "BM25 recall@1": "legs.lexical.recall@1",
    "contains": "answer.contains",
    "F1": "answer.f1",
    "cited": "citation.recall",
    "precision": "citation.precision",
    "valid": "citation.valid",
    "answered": "refusal.answered",
    "refused": "refusal.refused_unanswerable",
}


def table(folders: Iterable[Path]) -> str:
    """Return a row for each run, every figure with its interval, and under the table the command that made each.

    Raises NotFound for a folder without a summary, Malformed for one that cannot be read.
    """
    summaries = [read_summary(folder) for folder in folders]
    lines = [
        "| dataset | questions | " + " | ".join(COLUMNS) + " |",
        "|---|---:|" + "---:|" * len(COLUMNS),
        *(f"| {' | '.join(_cells(summary))} |" for summary in summaries),
        "",
        *(f"    {_command(summary)}" for summary in summaries),
    ]
    return "\n".join(lines)


def rows(folders: Iterable[Path]) -> list[dict[str, Any]]:
    """Return each run's figures with their intervals, for programs. Raises as table does."""
    return [
        {
            "run": str(folder),
            "dataset": summary.get("dataset"),
            "questions": summary.get("questions"),
            "figures": {
                name: {"value": one.value, "low": one.low, "high": one.high}
                for name in names_of(summary)
                for one in (shown_of(summary, name),)
            },
            "command": _command(summary),
        }
        for folder in folders
        for summary in (read_summary(folder),)
    ]


def page(folders: Sequence[Path]) -> str:
    """Return a page with a column for each run, that needs nothing else. Raises as table does."""
    summaries = [read_summary(folder) for folder in folders]
    names = list(dict.fromkeys(name for summary in summaries for name in names_of(summary)))
    groups: dict[str, list[tuple[str, str, list[Shown]]]] = {}
    for name in names:
        each = [shown_of(summary, name) for summary in summaries]
        groups.setdefault(group_of(name), []).append((label_of(name), meaning_of(name), each))
    return page_of(
        "runs.html",
        title=f"{len(folders)} runs",
        runs=[
            {
                "name": plain(name_of(summary), 100),
                "folder": plain(folder.name, 100),
                "questions": plain(summary.get("questions", MISSING)),
                "command": plain(_command(summary)),
            }
            for folder, summary in zip(folders, summaries, strict=True)
        ],
        groups=groups,
    )


def _cells(summary: Mapping[str, Any]) -> list[str]:
    name = plain(name_of(summary), 100).replace("\n", " ").replace("|", "\\|")
    return [name, str(summary.get("questions", MISSING)), *(str(shown_of(summary, path)) for path in COLUMNS.values())]


def _command(summary: Mapping[str, Any]) -> str:
    config = summary.get("config")
    return str(config.get("command", MISSING)) if isinstance(config, Mapping) else MISSING
