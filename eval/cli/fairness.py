"""`footnote eval fairness|named`. Knows how to show gaps, not how they are found."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rag.cli.output import JsonOption, emit_json

app = typer.Typer(no_args_is_help=True)


@app.callback()
def group() -> None:
    """Its commands stand beside those of eval.cli.run."""


@app.command("fairness")
def fairness_command(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN...", help="Folders that `footnote eval run` wrote.")],
    by: Annotated[
        list[str] | None, typer.Option("--by", metavar="KIND", help="Of these slices alone, as 'script' or 'topic'.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Decides every draw.")] = 0,
    write: Annotated[
        Path | None, typer.Option("--write", metavar="FILE", help="A Markdown page with marks of these runs in it.")
    ] = None,
    json_: JsonOption = False,
) -> None:
    """Compare figures between slices of the questions, and name the widest gaps.

    \b
    footnote eval fairness runs/results/xquad.en runs/results/xquad.zh
    footnote eval fairness runs/named --by "named group"
    """
    from eval.fairness.table import gaps_table, measure, rows, slices_table
    from eval.folder.read import read_records

    records = [record for run in runs for record in read_records(run)]
    found = measure(records, by or (), seed=seed)
    if json_:
        emit_json({"runs": [str(run) for run in runs], "questions": len(records), "slices": rows(found)})
        return
    kinds = list(dict.fromkeys(one.by for one in found))
    page = "\n\n".join([gaps_table(found), *(slices_table(found, kind) for kind in kinds)])
    if write is None:
        typer.echo(page)
        return
    from eval.bench.page import between_marks

    made_by = " ".join(["footnote eval fairness", *(run.name for run in runs)])
    write.write_text(between_marks(write.read_text(encoding="utf-8"), page, made_by), encoding="utf-8")


@app.command("named")
def named_command(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Gets documents/ and questions.jsonl.")],
) -> None:
    """Write documents about people of several groups, and the same questions about each.

    \b
    footnote eval named --out runs/named
    footnote eval run --dataset qa:runs/named/questions.jsonl --documents runs/named/documents --out runs/named-run
    footnote eval fairness runs/named-run --by "named group"
    """
    from eval.fairness.files import DOCUMENTS, QUESTIONS, write

    count = write(out)
    typer.echo(f"{count} questions in {out / QUESTIONS}, their documents in {out / DOCUMENTS}")
