"""`footnote eval report`. Knows how to show runs, not how they are made."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True)


@app.callback()
def group() -> None:
    """Its command stands beside that of eval.cli.run."""


@app.command("report")
def report_command(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN...", help="Folders that `footnote eval run` wrote.")],
) -> None:
    """Print runs as a Markdown table, with the commands that made them.

    \b
    footnote eval report runs/*-xquad*
    """
    from eval.report import table

    typer.echo(table(runs))
