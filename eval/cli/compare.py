"""`footnote eval compare`. Knows how to show a comparison, not how it is made."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rag.cli.output import JsonOption, emit_json, plain

if TYPE_CHECKING:
    from eval.compare import Compared, Comparison
    from eval.flips import Flip

SURE = "the 95 % interval of the difference holds no 0, and p is at most 0.05"

app = typer.Typer(no_args_is_help=True)


@app.callback()
def group() -> None:
    """Its command stands beside that of eval.cli.run."""


@app.command("compare")
def compare_command(
    before: Annotated[Path, typer.Argument(metavar="A", help="The folder of the run that is compared with.")],
    after: Annotated[Path, typer.Argument(metavar="B", help="That of the other: differences are B less A.")],
    most: Annotated[int, typer.Option("--most", min=0, help="Show so many questions of each change.")] = 20,
    seed: Annotated[int, typer.Option("--seed", help="Decides every draw.")] = 0,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print Markdown, for a pull request.")] = False,
    fail_on_drop: Annotated[
        bool, typer.Option("--fail-on-drop", help="Exit 1 where a figure is surely worse.")
    ] = False,
    json_: JsonOption = False,
) -> None:
    """Compare two runs figure by figure, and name the questions that flipped.

    \b
    footnote eval compare runs/before runs/after
    footnote eval compare runs/before runs/after --fail-on-drop --markdown
    """
    from eval.compare import compare_runs

    found = compare_runs(before, after, seed=seed)
    if json_:
        emit_json(found.rows())
    else:
        for line in in_markdown(found, most) if markdown else in_text(found, most):
            typer.echo(line)
    if fail_on_drop and found.worse:
        typer.echo(f"worse: {', '.join(found.worse)}", err=True)
        raise typer.Exit(1)


def in_text(found: Comparison, most: int) -> Iterator[str]:
    yield f"A  {found.before}"
    yield f"B  {found.after}"
    yield from _remarks(found)
    changed, same = _changed(found)
    width = max((len(one.name) for one in changed), default=len("figure"))
    yield f"{'figure':<{width}} {'A':>9} {'B':>9} {'B - A':>9}  {'95 % interval':<20}  {'p':>6}  p (Holm)"
    for one in changed:
        before, after, value, interval, chance, corrected = _cells(one)
        yield (
            f"{one.name:<{width}} {before:>9} {after:>9} {value:>9}  {interval:<20}  "
            f"{chance:>6}  {corrected:<8} {_sign(one)}"
        ).rstrip()
    yield from same
    for change, these in _by_change(found):
        yield ""
        yield f"{change}: {len(these)} questions"
        for flip in these[:most]:
            yield f"  {plain(flip.id)}  {plain(flip.question)}"
            yield from (
                f"      {name}  {plain(said)}" for name, said in (("A", flip.before), ("B", flip.after)) if said
            )
        if len(these) > most:
            yield f"  and {len(these) - most} more; --json has all"
    if not found.flips:
        yield "no question flipped"


def in_markdown(found: Comparison, most: int) -> Iterator[str]:
    yield f"A: `{found.before}`, B: `{found.after}`"
    yield ""
    yield from (f"- {_escaped(remark)}" for remark in _remarks(found))
    yield ""
    yield "| figure | A | B | B − A | 95 % interval | p | p (Holm) | |"
    yield "|---|---:|---:|---:|---|---:|---:|---|"
    changed, same = _changed(found)
    for one in changed:
        yield f"| {one.name} | {' | '.join(_cells(one))} | {_sign(one)} |"
    yield ""
    yield " ".join([*(f"{line}." for line in same), f"“Worse” and “better”: {SURE}."])
    for change, these in _by_change(found):
        yield ""
        yield f"<details><summary>{change.replace('->', '→')}: {len(these)} questions</summary>"
        yield ""
        yield "| question | A | B |"
        yield "|---|---|---|"
        for flip in these[:most]:
            cells = (f"{flip.id}: {flip.question}", flip.before, flip.after)
            yield f"| {' | '.join(map(_escaped, cells))} |"
        if len(these) > most:
            yield f"| and {len(these) - most} more | | |"
        yield ""
        yield "</details>"


def _remarks(found: Comparison) -> Iterator[str]:
    """What is to be known before the figures are read."""
    alone = f"; {found.only_before} are in A alone, {found.only_after} in B alone" if _alone(found) else ""
    yield f"{found.questions} questions in both{alone}"
    if found.reworded:
        yield f"{found.reworded} of them are asked in other words: is it the same set?"
    if found.configs:
        yield "the runs differ in:"
        yield from (f"  {line}" for line in found.configs)


def _changed(found: Comparison) -> tuple[list[Compared], list[str]]:
    """Return the figures that are not the same in both, and a line that counts those that are."""
    changed = [one for one in found.figures if one.difference.value]
    same = len(found.figures) - len(changed)
    return changed, [f"{same} figures are the same in both"] if same else []


def _alone(found: Comparison) -> int:
    return found.only_before + found.only_after


def _cells(one: Compared) -> tuple[str, str, str, str, str, str]:
    difference = one.difference
    interval = (
        f"[{difference.low:+.4f}, {difference.high:+.4f}]"
        if difference.low is not None and difference.high is not None
        else "-"
    )
    value = f"{difference.value:+.4f}" if difference.value is not None else "-"
    return (
        f"{one.before:.4f}",
        f"{one.after:.4f}",
        value,
        interval,
        f"{difference.p:.4f}" if difference.p is not None else "-",
        f"{one.corrected:.4f}" if one.corrected is not None else "-",
    )


def _sign(one: Compared) -> str:
    return "worse" if one.worse else "better" if one.improved else ""


def _by_change(found: Comparison) -> Iterator[tuple[str, list[Flip]]]:
    for change, these in groupby(found.flips, key=lambda flip: flip.change):
        yield change, list(these)


def _escaped(text: str) -> str:
    """Text of a document within a Markdown table's cell: no markup, on one line."""
    kept = "".join(f"\\{one}" if one in "\\|<>`*_[]" else one for one in plain(text))
    return " ".join(kept.split())
