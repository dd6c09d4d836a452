"""Show people what became of a question between its asking and its passages. Knows nothing of how it came about."""

from __future__ import annotations

from rich.console import Console

from rag.cli.output import plain, write
from rag.plan import Retrieval

DETAIL_CHARACTERS = 400  # of a stage


def show_stages(out: Console, retrieval: Retrieval) -> None:
    """Print the stages in the order they went, each with its time and what it did."""
    width = max((len(step.stage) for step in retrieval.steps), default=0)
    write(out, one_line(retrieval.question), first="searched for  ", rest=" " * 14, style="bold")
    for step in retrieval.steps:
        head = f"  {step.stage:<{width}} {step.milliseconds:8.1f} ms  "
        write(out, one_line(step.detail) or "-", first=head, rest=" " * len(head), style="dim")
    weights = [f"{query.weight:g} {query.origin}: {query.text}" for query in retrieval.queries if query.weight != 1]
    if weights:
        write(out, one_line("; ".join(weights)), first="  weights  ", rest=" " * 11, style="dim")
    out.print()


def one_line(text: str) -> str:
    """Return text of any origin as it may stand on one line of a terminal, cut where it is long."""
    shown = " ".join(plain(text).split())
    return shown if len(shown) <= DETAIL_CHARACTERS else f"{shown[: DETAIL_CHARACTERS - 1]}…"
