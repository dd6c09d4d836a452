"""A run as JUnit XML, so that whatever shows tests shows questions. Knows nothing of how they were scored.

A question that failed is an error; one that a person would call wrong is a failure, with what was expected and what
came; one that the loader left out is skipped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from eval.folder.write import write_text
from eval.outcome import Outcome, outcome_of
from eval.record import Record

HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'
# What XML 1.0 has no way to write, not even escaped.
_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
NAME_CHARACTERS = 120  # of a question, in a test's name
SAID_CHARACTERS = 500  # of an answer, in a failure


def write_junit(
    file: Path,
    spec: str,
    records: Iterable[Record],
    answers: Mapping[str, str],
    skipped: Iterable[Mapping[str, Any]],
    *,
    started_at: str,
) -> None:
    """answers: the beginning of each by its question's id. skipped: {"item", "reason"}. started_at: ISO 8601."""
    cases = [_case(spec, record, answers.get(record.id, "")) for record in records]
    cases += [_left_out(spec, row) for row in skipped]
    seconds = sum(float(case.get("time", 0)) for case in cases)
    counts = {
        "tests": str(len(cases)),
        "failures": str(sum(case.find("failure") is not None for case in cases)),
        "errors": str(sum(case.find("error") is not None for case in cases)),
        "skipped": str(sum(case.find("skipped") is not None for case in cases)),
        "time": f"{seconds:.3f}",
    }
    root = ElementTree.Element("testsuites", {"name": "footnote eval run", **counts})
    suite = ElementTree.SubElement(
        root, "testsuite", {"name": _line(spec), **counts, **({"timestamp": started_at[:19]} if started_at else {})}
    )
    suite.extend(cases)
    ElementTree.indent(root)
    write_text(file, HEAD + ElementTree.tostring(root, encoding="unicode") + "\n")


def _case(spec: str, record: Record, said: str) -> ElementTree.Element:
    case = _named(spec, record.kind, f"{record.id}: {record.question}")
    case.set("time", f"{record.scores.get('latency.total', 0.0) / 1000:.3f}")
    outcome = outcome_of(record)
    if outcome is Outcome.FAILED:
        kind, _, message = (record.error or "").partition(": ")
        _told(case, "error", kind, message, record.error or "")
    elif outcome is not Outcome.RIGHT:
        _told(case, "failure", outcome.value, _fault(record, outcome), _expected(record, said))
    return case


def _fault(record: Record, outcome: Outcome) -> str:
    if outcome is Outcome.REFUSED:
        return "refused, though the documents answer it"
    if not record.answered:
        return "no document that answers it is among the first five"
    if not record.answerable:
        return "answered, though the documents do not answer it"
    return "the answer neither contains the expected one nor cites where it stands"


def _expected(record: Record, said: str) -> str:
    expected = " | ".join(record.answers) or ("a refusal" if not record.answerable else " ".join(record.gold))
    return f"expected: {expected}\ncame: {said[:SAID_CHARACTERS] or 'nothing'}"


def _left_out(spec: str, row: Mapping[str, Any]) -> ElementTree.Element:
    case = _named(spec, "left out", str(row["item"]))
    case.set("time", "0")
    ElementTree.SubElement(case, "skipped", {"message": _line(str(row["reason"]))})
    return case


def _named(spec: str, kind: str, name: str) -> ElementTree.Element:
    stem = Path(spec.partition(":")[2] or spec).stem
    return ElementTree.Element(
        "testcase", {"classname": _line(f"{stem}.{kind or 'question'}"), "name": _line(name)[:NAME_CHARACTERS]}
    )


def _told(case: ElementTree.Element, tag: str, kind: str, message: str, text: str) -> None:
    told = ElementTree.SubElement(case, tag, {"type": _line(kind), "message": _line(message)})
    told.text = _UNWRITABLE.sub("\ufffd", text)


def _line(text: str) -> str:
    return " ".join(_UNWRITABLE.sub("\ufffd", text).split())
