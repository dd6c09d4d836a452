"""`footnote collections`: separate libraries under one data folder, each with its own documents."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from rag.cli.output import DataOption, JsonOption, console, emit_json, plain, settings_for
from rag.errors import FootnoteError, InvalidRequest
from rag.library.catalogue import Catalogue
from rag.library.collections import collection_folder, create_collection, list_collections, remove_collection
from rag.library.database import Database
from rag.library.jobs import FILE_NAME
from rag.library.store import Store
from rag.wire import CollectionOut

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="Of a-z, 0-9, - and _.")]

app = typer.Typer(no_args_is_help=True, help="List, create and remove collections.")


@app.command("list")
def list_all(json: JsonOption = False, data: DataOption = None) -> None:
    """List the collections, what they hold, and the embedder each was built by.

    \b
    footnote collections list
    """
    folder = settings_for(data).data
    found = [_look(folder, name) for name in list_collections(folder)]
    if json:
        emit_json({"collections": [collection.model_dump(mode="json") for collection in found]})
        return
    table = Table("name", "documents", "chunks", "embedder", "created", "problem", box=None)
    for collection in found:
        table.add_row(
            collection.name,
            str(collection.documents),
            str(collection.chunks),
            plain(collection.embedder),
            collection.created_at,
            plain(collection.problem or ""),
        )
    console().print(table)


@app.command()
def create(name: NameArgument, json: JsonOption = False, data: DataOption = None) -> None:
    """Create an empty collection.

    \b
    footnote collections create handbook
    """
    create_collection(settings_for(data).data, name)
    if json:
        emit_json({"created": name})
    else:
        console().print(f"created {name}")


@app.command()
def remove(
    name: NameArgument,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask: there is no way back.")] = False,
    json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """Remove a collection with all its documents. Your own files stay where they are.

    \b
    footnote collections remove handbook --yes
    """
    settings = settings_for(data)
    if not yes:
        if json:
            raise InvalidRequest(f"{name} would be removed for good", hint="say so with --yes")
        typer.confirm(f"Remove {name} and all its documents for good?", abort=True, err=True)
    remove_collection(settings.data, name)
    if json:
        emit_json({"removed": name})
    else:
        console().print(f"removed {name}")


def _look(data: Path, name: str) -> CollectionOut:
    """Look through the store, not the library, so that a collection of another embedder is listed like any other."""
    try:
        with closing(Database(collection_folder(data, name) / FILE_NAME)) as database:
            store = Store(database)
            return CollectionOut(
                name=name,
                documents=Catalogue(database).count_documents(),
                chunks=store.count_chunks(),
                embedder=store.manifest().embedder,
                created_at=store.created_at(),
            )
    except FootnoteError as error:  # an edge: one broken collection does not hide the others
        return CollectionOut(name=name, documents=0, chunks=0, embedder="", created_at="", problem=str(error))
