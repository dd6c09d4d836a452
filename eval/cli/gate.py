"""`footnote eval gate`. Knows how to show what the gate found, not how it is measured."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from eval.cli.bar import Bar
from rag.cli.output import JsonOption, emit_json, settings_for

app = typer.Typer(no_args_is_help=True)


@app.callback()
def group() -> None:
    """Its command stands beside that of eval.cli.run."""


@app.command("gate")
def gate_command(
    baseline: Annotated[
        Path | None, typer.Option("--baseline", metavar="FILE", help="[default: eval/gate/baseline.json]")
    ] = None,
    update: Annotated[bool, typer.Option("--update", help="Write the baseline anew, and say what changed.")] = False,
    shared: Annotated[
        Path, typer.Option("--shared", metavar="DIR", help="Where XQuAD is, as data/xquad/xquad.en.json.")
    ] = Path("../shared"),
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Gets all that was found.")] = None,
    json_: JsonOption = False,
) -> None:
    """Measure for a minute or two, and fail where a figure dropped or a promise is broken.

    \b
    footnote eval gate
    footnote eval gate --update
    """
    from eval.gate.baseline import BASELINE
    from eval.gate.run import Gate, hold
    from eval.gate.run import update as update_baseline
    from rag.build import build_embedder

    settings = settings_for(None)
    there = shared.is_dir()
    if not there:
        typer.echo(f"{shared} is not here: the questions on examples/ are all that is asked", err=True)
    with Bar() as bar:
        gate = Gate(
            settings=settings,
            embedder=build_embedder(settings),
            shared=shared if there else None,
            baseline=baseline or BASELINE,
            out=out,
            progress=bar.show,
        )
        held = None if update else hold(gate)
        said = update_baseline(gate) if held is None else held.page
    if json_:
        emit_json({"updated": str(gate.baseline), "said": said} if held is None else dict(held.summary))
    else:
        typer.echo(said)
    if held is not None and not held.verdict.passed:
        raise typer.Exit(1)
