"""Run folders to one Markdown table. Reads summary.json alone."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from rag.errors import Malformed, NotFound

# heading -> where the figure stands in a summary
COLUMNS = {
    "questions": ("questions",),
    "recall@1": ("retrieval", "recall@1"),
    "recall@5": ("retrieval", "recall@5"),
    "mrr@10": ("retrieval", "mrr@10"),
    "dense recall@1": ("legs", "dense", "recall@1"),
    "BM25 recall@1": ("legs", "lexical", "recall@1"),
    "contains": ("answer", "contains"),
    "F1": ("answer", "f1"),
    "cited": ("citation", "recall"),
    "precision": ("citation", "precision"),
    "valid": ("citation", "valid"),
    "answered": ("refusal", "answered"),
    "refused": ("refusal", "refused_unanswerable"),
}
MISSING = "–"


def table(folders: Iterable[Path]) -> str:
    """Return a row for each run, and under the table the command that made each.

    Raises NotFound for a folder without a summary, Malformed for one that cannot be read.
    """
    summaries = [_summary(folder) for folder in folders]
    lines = [
        "| dataset | " + " | ".join(COLUMNS) + " |",
        "|---|" + "---:|" * len(COLUMNS),
        *(f"| {_name(summary)} | " + " | ".join(map(_shown, _figures(summary))) + " |" for summary in summaries),
        "",
        *(f"    {summary.get('config', {}).get('command', MISSING)}" for summary in summaries),
    ]
    return "\n".join(lines)


def _summary(folder: Path) -> dict[str, Any]:
    file = folder / "summary.json"
    try:
        summary = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise NotFound(f"{file} cannot be read: {error.strerror}", hint="give the folder of a finished run") from error
    except ValueError as error:
        raise Malformed(f"{file} is not JSON: {error}") from error
    if not isinstance(summary, dict):
        raise Malformed(f"{file} is not a run's summary")
    return summary


def _name(summary: Mapping[str, Any]) -> str:
    return Path(str(summary.get("dataset", MISSING)).partition(":")[2]).name.replace("|", "\\|")


def _figures(summary: Mapping[str, Any]) -> list[Any]:
    return [_at(summary, path) for path in COLUMNS.values()]


def _at(value: Any, path: tuple[str, ...]) -> Any:
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _shown(value: Any) -> str:
    if value is None:
        return MISSING
    return f"{value:.3f}" if isinstance(value, float) else str(value)
