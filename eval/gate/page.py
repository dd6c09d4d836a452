"""What the gate found, for people and for programs. Shows the text of our own questions, and of no others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from eval.gate.baseline import AGAIN
from eval.gate.measure import Measured
from eval.gate.verdict import Change, Flip, Verdict

SHOWN = 40  # flipped questions; the rest are in gate.json
SHOWN_BREACHES = 5  # of each rule
SAID_CHARACTERS = 160


def summary(verdict: Verdict, measured: Sequence[Measured], seconds: Mapping[str, float]) -> dict[str, Any]:
    """Return the form of `eval gate --json`."""
    told = _told(measured)
    return {
        "passed": verdict.passed,
        "questions": verdict.questions,
        "moved": list(verdict.moved),
        "sets": {one.name: len(one.records) for one in measured},
        "drops": [asdict(one) for one in verdict.drops],
        "rises": [asdict(one) for one in verdict.rises],
        "flipped": [{**asdict(one), **told.get((one.set, one.id), {})} for one in verdict.flips],
        "breaches": [{"set": name, **asdict(breach)} for name, breach in verdict.breaches],
        **seconds,
    }


def page(verdict: Verdict, measured: Sequence[Measured], seconds: Mapping[str, float]) -> str:
    sets = ", ".join(f"{one.name} {len(one.records)}" for one in measured)
    took = f"{seconds['seconds']:.0f} s, {seconds['cpu_seconds']:.0f} s of processor time"
    lines = [f"{verdict.questions} questions ({sets}) in {took}", *_breaches(verdict)]
    lines += [f"dropped: {_shown(one)}" for one in verdict.drops]
    told = _told(measured)
    if verdict.flips:
        lines.append(f"{len(verdict.flips)} questions are worse in what dropped:")
    for flip in verdict.flips[:SHOWN]:
        lines += _flip(flip, told.get((flip.set, flip.id), {}))
    if len(verdict.flips) > SHOWN:
        lines.append(f"  and {len(verdict.flips) - SHOWN} more")
    lines += [f"risen: {_shown(one)}" for one in verdict.rises]
    lines.append(_last(verdict))
    return "\n".join(lines)


def changes(verdict: Verdict) -> str:
    """What a new baseline changes."""
    lines = [f"{len(verdict.moved)} of {verdict.questions} questions have other scores"]
    lines += [f"worse: {_shown(one)}" for one in verdict.drops]
    lines += [f"better: {_shown(one)}" for one in verdict.rises]
    return "\n".join(lines)


def _last(verdict: Verdict) -> str:
    moved = f"{len(verdict.moved)} of {verdict.questions} questions have other scores than in the baseline"
    if not verdict.passed:
        return f"the gate is shut: {moved}"
    if not verdict.moved:
        return "the gate is open: every score is the baseline's"
    return f"the gate is open: {moved}, and no figure dropped; `{AGAIN}` makes what is now the baseline"


def _breaches(verdict: Verdict) -> Iterator[str]:
    counts = Counter(breach.rule for _, breach in verdict.breaches)
    for rule, count in counts.items():
        yield f"broken {count} times: {rule}"
        of_rule = [(name, breach) for name, breach in verdict.breaches if breach.rule == rule]
        for name, breach in of_rule[:SHOWN_BREACHES]:
            yield f"  {name} {breach.where}: {breach.detail}"


def _shown(one: Change) -> str:
    if one.now is None or one.difference is None:
        return f"{one.figure} of {one.set}: {one.then:.3f} -> not measured any more"
    interval = f"[{one.difference.low or 0.0:+.3f}, {one.difference.high or 0.0:+.3f}]"
    return f"{one.figure} of {one.set}: {one.then:.3f} -> {one.now:.3f} ({one.now - one.then:+.3f} {interval})"


def _flip(flip: Flip, told: Mapping[str, str]) -> Iterator[str]:
    name = f'{flip.id} "{told["question"]}"' if told else f"{flip.set} {flip.id}"
    yield f"  {name}: " + ", ".join(f"{figure} {then:g} -> {now:g}" for figure, (then, now) in flip.changes.items())
    if told:
        yield f"    expected: {told['expected']}; said: {told['said']}"


def _told(measured: Sequence[Measured]) -> dict[tuple[str, str], dict[str, str]]:
    """Return what is asked, expected and said, of our own questions alone: the others' text is not ours to print."""
    return {
        (one.name, record.id): {
            "question": record.question,
            "expected": " or ".join(record.answers) if record.answerable else "to be refused",
            "said": _short(" ".join(one.answers[record.id].split())),
        }
        for one in measured
        if one.ours
        for record in one.records
    }


def _short(text: str) -> str:
    return text if len(text) <= SAID_CHARACTERS else text[: SAID_CHARACTERS - 1] + "…"
