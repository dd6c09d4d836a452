"""`footnote library`: does a collection add up, and how big is it. `rebuild` is mounted here from the ingest room."""

from __future__ import annotations

from dataclasses import asdict

import typer

from rag.cli.opening import opened
from rag.cli.output import CollectionOption, DataOption, JsonOption, console, emit_json, plain, settings_for

app = typer.Typer(no_args_is_help=True, help="Verify, measure and rebuild a collection's library.")


@app.command()
def verify(collection: CollectionOption = None, json: JsonOption = False, data: DataOption = None) -> None:
    """Check the truth, the indexes, the originals and every offset against each other. Exits 1 on any problem.

    \b
    footnote library verify --json
    """
    with opened(settings_for(data), collection) as (library, _):
        library.refresh()
        problems = library.verify()
        documents = library.count_documents()
    if json:
        emit_json({"ok": not problems, "documents": documents, "problems": problems})
    else:
        for problem in problems:
            console().print(plain(problem))
        console().print(f"{documents} documents, {len(problems)} problems")
    if problems:
        raise typer.Exit(1)


@app.command()
def stats(collection: CollectionOption = None, json: JsonOption = False, data: DataOption = None) -> None:
    """Say how many documents and chunks there are, how large they are, and how far each index has come.

    \b
    footnote library stats
    """
    with opened(settings_for(data), collection) as (library, _):
        library.refresh()
        measured = asdict(library.stats())
    if json:
        emit_json(measured)
    else:
        for name, value in measured.items():
            console().print(f"{name:<16} {value}")
