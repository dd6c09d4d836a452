"""`footnote eval report`. Knows how to show runs, not how they are made."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rag.cli.output import JsonOption, emit_json

app = typer.Typer(no_args_is_help=True)


@app.callback()
def group() -> None:
    """Its command stands beside that of eval.cli.run."""


@app.command("report")
def report_command(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN...", help="Folders that `footnote eval run` wrote.")],
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write a page: a run's own, or several side by side.")
    ] = None,
    json_: JsonOption = False,
) -> None:
    """Print runs as a Markdown table, with the commands that made them; or write them as a page.

    \b
    footnote eval report runs/*-xquad*
    footnote eval report runs/gold --html gold.html
    """
    from eval.report.html import render, write_page
    from eval.report.table import page, rows, table

    if html is not None:
        write_page(html, render(runs[0]) if len(runs) == 1 else page(runs))
        typer.echo(f"written to {html}", err=True)
    if json_:
        emit_json({"runs": rows(runs)})
    elif html is None:
        typer.echo(table(runs))
