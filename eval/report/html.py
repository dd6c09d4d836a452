"""A run's folder as one page that needs nothing else: no network, no other file. Knows nothing of how runs are made.

Questions, documents and settings are anybody's text: the template escapes all of it, and the page's own policy lets
nothing run but its one script, by its hash.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from eval.figures import LEGS
from eval.folder.names import HTML
from eval.folder.read import read_answers, read_records, read_summary
from eval.outcome import Outcome, outcome_of
from eval.record import Record
from eval.report import curves, questions, rows
from eval.report.facts import banners, facts_of, name_of
from eval.report.labels import LEGS as LEG_NAMES
from eval.report.plain import plain
from eval.report.whisker import decimals, interval, stacked, whiskers

FOLDER = Path(__file__).parent / "page"
OUTCOMES = {
    Outcome.RIGHT: "right",
    Outcome.WRONG: "wrong",
    Outcome.REFUSED: "wrongly refused",
    Outcome.FAILED: "failed",
}
REMARKS = 200  # of what was left out that are shown


def write(folder: Path) -> Path:
    """Write the report of a finished run into its folder, whole or not at all, and return where.

    Raises NotFound, Malformed for a folder that holds no such run.
    """
    return write_page(folder / HTML, render(folder))


def write_page(file: Path, page: str) -> Path:
    fresh = file.with_name(f".{file.name}")
    fresh.write_text(page, encoding="utf-8")
    fresh.replace(file)
    return file


def render(folder: Path) -> str:
    summary, records = read_summary(folder), read_records(folder)
    return page_of(
        "run.html",
        title=plain(name_of(summary), 200),
        summary=summary,
        banners=banners(summary),
        facts=facts_of(summary),
        settings=plain(json.dumps(summary.get("config", {}), ensure_ascii=False, indent=1), 40_000),
        outcomes=_outcomes(records),
        headline=rows.headline(summary, records),
        legs=rows.legs(summary),
        groups=rows.groups(summary),
        slices=rows.slices(records),
        slice_heads=rows.slice_heads(records),
        plots=_plots(records),
        faults=questions.groups_of(records, read_answers(folder)),
        lines=questions.lines_of(records),
        skipped=_remarks(summary),
        missing=[plain(name, 200) for name in summary.get("missing") or ()],
    )


def page_of(template: str, **context: Any) -> str:
    """Fill a template of this folder. Every value is escaped, but for what is marked as SVG of our own."""
    made = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_written,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(
        whiskers=lambda shown, low=0.0, high=1.0: Markup(whiskers(shown, low=low, high=high)),
        stacked=lambda shares: Markup(stacked(shares)),
        decimals=decimals,
        interval=interval,
        plain=plain,
        leg_names=[LEG_NAMES[leg] for leg in LEGS],
    )
    style, script = (FOLDER / name for name in ("page.css", "page.js"))
    text = {"style": style.read_text(encoding="utf-8"), "script": script.read_text(encoding="utf-8")}
    return made.get_template(template).render(
        **{name: Markup(value) for name, value in text.items()},
        **{f"{name}_hash": _hash(value) for name, value in text.items()},
        **context,
    )


def _written(value: Any) -> Any:
    """No value gets past it that cannot be written, though its maker forgot."""
    return plain(value, 100_000) if isinstance(value, str) and not isinstance(value, Markup) else value


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _outcomes(records: Sequence[Record]) -> list[tuple[str, int, str]]:
    found = [outcome_of(record) for record in records]
    return [(f"outcome-{outcome.value}", found.count(outcome), name) for outcome, name in OUTCOMES.items()]


def _plots(records: Sequence[Record]) -> list[dict[str, Any]]:
    """Return each plot with its heading, and a sentence that says how to read it; why, where there is none."""
    asked = (
        (
            "Is the confidence honest?",
            curves.reliability(records),
            (
                "A dot on the dashed line is right: of what was 80 % sure, 80 % can be answered. Both kinds of "
                "questions weigh the same."
            ),
            "Needs questions that can be answered and some that cannot.",
        ),
        (
            "What refusing more would buy",
            curves.selective_risk(records),
            (
                "If only the surest questions were answered, so many of the answers would be wrong. The line ends "
                "where this run began to refuse."
            ),
            "No question was answered.",
        ),
        (
            "How sure it was",
            curves.confidences(records),
            "Above the line, questions that the documents answer; below it, those that they do not.",
            "No question was answered.",
        ),
        (
            "How long an answer took",
            curves.latency(records),
            "On the machine named below. The slowest in a hundred stand in the last bar.",
            "No answer was timed.",
        ),
    )
    return [
        {"title": title, "svg": Markup(svg) if svg else None, "meaning": meaning, "absent": absent}
        for title, svg, meaning, absent in asked
    ]


def _remarks(summary: Mapping[str, Any]) -> list[tuple[str, str]]:
    found = summary.get("skipped") or []
    return [
        (plain(one.get("item", ""), 200), plain(one.get("reason", ""), 400))
        for one in found[:REMARKS]
        if isinstance(one, dict)
    ]
