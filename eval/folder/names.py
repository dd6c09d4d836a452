"""The files of a run's folder, by name. Knows nothing of what stands in them."""

from __future__ import annotations

CONFIG = "config.json"  # what decided the figures, and the machine: written first
QUESTIONS = "questions.jsonl"  # a Record a line, in the order asked
ANSWERS = "answers.jsonl"  # what `footnote ask --json` prints, with the question's id; none of a question that failed
SUMMARY = "summary.json"  # what `eval run --json` prints: there once the run is done
QRELS = "qrels.trec"
JUNIT = "junit.xml"
MARKDOWN = "report.md"
HTML = "report.html"
LOCK = ".lock"


def run_file(leg: str) -> str:
    """The rankings of a leg, in TREC's form."""
    return f"run.{leg}.trec"
