"""`footnote eval people`: rounds in which people rate the answers of runs. Knows how to show them, no more."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rag.cli.output import CollectionOption, DataOption, JsonOption, emit_json, settings_for
from rag.errors import InvalidRequest

if TYPE_CHECKING:
    from rag.library.sheets import Sheets

app = typer.Typer(no_args_is_help=True)
people = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="""Have people rate the answers of runs, blind.

\b
footnote eval people prepare runs/before runs/after --name autumn
footnote eval people results autumn
""",
)
app.add_typer(people, name="people")

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="The sheet's, as `list` shows it.")]
SeedOption = Annotated[int, typer.Option("--seed", help="Decides every draw.")]


@app.callback()
def group() -> None:
    """Its group stands beside the commands of eval.cli.run."""


@people.command("prepare")
def prepare_command(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN_A [RUN_B]", help="Folders of `footnote eval run`.")],
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="What raters see it called: name no run in it.")],
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Draw so many questions.")] = None,
    seed: SeedOption = 0,
    collection: CollectionOption = None,
    data: DataOption = None,
    json_: JsonOption = False,
) -> None:
    """Make a rating sheet of one run's answers, or of two runs' side by side; it then stands in the UI under Rate.

    \b
    footnote eval people prepare runs/before runs/after --name spring --limit 50
    """
    from eval.people.prepare import prepare

    if len(runs) > 2:
        raise InvalidRequest(f"{len(runs)} runs are given", hint="give one, or two to be compared")
    if not name.strip() or len(name) > 200:
        raise InvalidRequest("a sheet's name has 1 to 200 characters", hint="give another --name")
    prepared = prepare(runs, name.strip(), limit=limit, seed=seed)
    with _sheets(data, collection) as sheets:
        made = sheets.add(prepared.sheet, prepared.items)
    if json_:
        found = {"id": made.id, "name": made.name, "items": made.items, "sides": made.sides}
        emit_json({**found, "left_out": prepared.left_out, "alike": prepared.alike})
        return
    typer.echo(f"{made.name}: {made.items} questions, {'side by side' if made.sides == 2 else 'one answer each'}")
    if prepared.left_out:
        typer.echo(f"{prepared.left_out} questions have no answer in one of the runs, and are left out")
    if prepared.alike:
        typer.echo(f"{prepared.alike} were answered in the same words by both")
    typer.echo("raters find it in the UI, under Rate")


@people.command("list")
def list_command(collection: CollectionOption = None, data: DataOption = None, json_: JsonOption = False) -> None:
    """List the rating sheets, the newest first.

    \b
    footnote eval people list
    """
    rows: list[dict[str, Any]] = []
    with _sheets(data, collection) as sheets:
        for sheet in sheets.every():
            said = sheets.ratings(sheet.id)
            raters = sorted({one.rater for one in said})
            facts = {"name": sheet.name, "created_at": sheet.created_at, "sides": sheet.sides, "items": sheet.items}
            rows.append({**facts, "ratings": sum(not one.skipped for one in said), "raters": raters})
    if json_:
        emit_json({"sheets": rows})
        return
    for row in rows:
        typer.echo(
            f"{row['name']}  {row['items']} items  {row['ratings']} ratings by {', '.join(row['raters']) or '-'}"
        )


@people.command("results")
def results_command(
    name: NameArgument,
    seed: SeedOption = 0,
    collection: CollectionOption = None,
    data: DataOption = None,
    json_: JsonOption = False,
) -> None:
    """Say what the raters found, run by run, with intervals; this tells which answers were of which run.

    \b
    footnote eval people results spring
    """
    from eval.people.results import results
    from eval.people.rows import read_store

    with _sheets(data, collection) as sheets:
        found = results(read_store(sheets, name), seed=seed)
    if json_:
        emit_json(found)
        return
    counted = f"{found['rated']} of {found['items']} items rated by {len(found['raters'])}"
    typer.echo(f"{found['sheet']}: {counted}, {found['ratings']} ratings, {found['skipped']} skipped")
    for run, scores in found["runs"].items():
        typer.echo(f"{run}  " + "  ".join(f"{key} {_shown(row, 'mean')}" for key, row in scores.items()))
    if "preference" in found:
        told = found["preference"]
        typer.echo("preferred  " + "  ".join(f"{key} {count}" for key, count in told["items"].items()) + " (items)")
        typer.echo(
            f"sign test  p {_number(told['p'])}; the left answer was preferred {_number(told['left'])} of the time"
        )


@people.command("agreement")
def agreement_command(
    name: NameArgument,
    seed: SeedOption = 0,
    collection: CollectionOption = None,
    data: DataOption = None,
    json_: JsonOption = False,
) -> None:
    """Say how far the raters agree: Krippendorff's alpha, of scores as ranks and of preferences as names.

    \b
    footnote eval people agreement spring --json
    """
    from eval.people.results import agreements
    from eval.people.rows import read_store

    with _sheets(data, collection) as sheets:
        found = agreements(read_store(sheets, name), seed=seed)
    if json_:
        emit_json(found)
        return
    for key, row in found["agreement"].items():
        told = row["why"] or f"of {row['units']} answers"
        typer.echo(f"{key:<11}{_shown(row, 'alpha')}  {told}")


@people.command("export")
def export_command(
    name: NameArgument,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="FILE.jsonl, or FILE.csv for a spreadsheet.")],
    collection: CollectionOption = None,
    data: DataOption = None,
) -> None:
    """Write a sheet and its ratings to a file: .jsonl is whole and can be imported, .csv is a table to look at.

    \b
    footnote eval people export spring --out spring.jsonl
    """
    from eval.people.rows import read_store, write_lines, write_table

    writers = {".jsonl": write_lines, ".csv": write_table}
    if out.suffix not in writers:
        raise InvalidRequest(f"{out} is neither .jsonl nor .csv", hint="the name's end says which it is to be")
    with _sheets(data, collection) as sheets:
        whole = read_store(sheets, name)
    writers[out.suffix](whole, out)
    typer.echo(f"{len(whole.items)} items and {len(whole.ratings)} ratings written to {out}")


@people.command("import")
def import_command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="As `export` wrote it, .jsonl.")],
    collection: CollectionOption = None,
    data: DataOption = None,
    json_: JsonOption = False,
) -> None:
    """Take in a sheet and its ratings; those that are there already stay, and of two the later counts.

    \b
    footnote eval people import spring.jsonl --collection handbook
    """
    from eval.people.rows import read_lines, take_in

    whole = read_lines(file)
    with _sheets(data, collection) as sheets:
        count, new = take_in(sheets, whole)
    if json_:
        emit_json({"name": whole.sheet.name, "items": len(whole.items), "ratings": count, "new": new})
    else:
        typer.echo(f"{whole.sheet.name}: {len(whole.items)} items, {count} ratings, {new} of them new")


@people.command("remove")
def remove_command(
    name: NameArgument,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask: there is no way back.")] = False,
    collection: CollectionOption = None,
    data: DataOption = None,
) -> None:
    """Remove a sheet with all its ratings.

    \b
    footnote eval people remove spring --yes
    """
    with _sheets(data, collection) as sheets:
        sheet = sheets.named(name)
        if not yes:
            count = len(sheets.ratings(sheet.id))
            typer.confirm(f"Remove {name} and its {count} ratings for good?", abort=True, err=True)
        sheets.remove(sheet.id)
    typer.echo(f"removed {name}")


@contextmanager
def _sheets(data: Path | None, collection: str | None) -> Iterator[Sheets]:
    """Yield the rating sheets of a collection. Raises NotFound where there is no such collection."""
    from rag.errors import NotFound
    from rag.library.collections import collection_folder
    from rag.library.jobs import FILE_NAME
    from rag.library.ratings import Ratings
    from rag.library.sheets import Sheets

    settings = settings_for(data)
    name = collection if collection is not None else settings.collection
    folder = collection_folder(settings.data, name)
    if name != settings.collection and not (folder / FILE_NAME).is_file():
        raise NotFound(f"no collection named {name!r}", hint="`footnote collections list` shows those there are")
    with Ratings(folder) as kept:
        yield Sheets(kept)


def _shown(row: dict[str, Any], name: str) -> str:
    """As "4.20 [3.90, 4.50]"."""
    if row[name] is None:
        return "-"
    return f"{row[name]:.2f}" + (f" [{row['low']:.2f}, {row['high']:.2f}]" if row["low"] is not None else "")


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
