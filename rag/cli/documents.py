"""`footnote documents`: what stands in a collection."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Column, Table

from rag.cli.opening import opened
from rag.cli.output import CollectionOption, DataOption, JsonOption, console, emit_json, plain, settings_for
from rag.library.outward import document_out

LEASE_SECONDS = 30.0  # an ingest gives the lease back between documents or ends; then it is an error

DocumentArgument = Annotated[str, typer.Argument(metavar="DOCUMENT", help="Its id, as `footnote documents list` says.")]

app = typer.Typer(no_args_is_help=True, help="List, show, tag and remove documents.")


@app.command("list")
def list_documents(
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="How many.")] = 100,
    after: Annotated[str | None, typer.Option("--after", metavar="DOCUMENT", help="Go on after this one.")] = None,
    collection: CollectionOption = None,
    json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """List documents. `next` in the JSON is what to give to --after, or null at the end.

    \b
    footnote documents list
    footnote documents list --limit 1000 --json
    """
    with opened(settings_for(data), collection) as (library, _):
        rows = library.documents(limit=limit + 1, after=after)
    more, rows = len(rows) > limit, rows[:limit]
    following = rows[-1].id if more else None
    if json:
        emit_json({"documents": [document_out(row).model_dump(mode="json") for row in rows], "next": following})
        return
    table = Table(
        Column("id", no_wrap=True),
        Column("source", overflow="fold"),
        "title",
        "language",
        "tags",
        "version",
        "pages",
        "characters",
        "chunks",
        box=None,
    )
    for row in rows:
        pages = str(row.pages or "")
        table.add_row(
            row.id,
            plain(row.source),
            plain(row.title),
            row.language,
            plain(", ".join(row.tags)),
            str(row.version),
            pages,
            str(row.characters),
            str(row.chunks),
        )
    console().print(table)
    if following:
        console().print(f"more: footnote documents list --after {following}")


@app.command()
def tag(
    document: DocumentArgument,
    add: Annotated[list[str] | None, typer.Option("--add", metavar="TAG", help="Repeat it for more.")] = None,
    remove: Annotated[list[str] | None, typer.Option("--remove", metavar="TAG", help="Repeat it for more.")] = None,
    collection: CollectionOption = None,
    json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """Give a document tags, and take them away. They stay when its file changes. Its own keywords are tags too.

    \b
    footnote documents tag 3f2a... --add policy --remove draft
    """
    with opened(settings_for(data), collection) as (library, _):
        library.tags.change([document], add=add or (), remove=remove or ())
        row = library.document_row(document)
    if json:
        emit_json(document_out(row).model_dump(mode="json"))
    else:
        console().print(plain(", ".join(row.tags)) or "no tags")


@app.command()
def remove(
    documents: Annotated[list[str], typer.Argument(metavar="DOCUMENT...", help="Their ids.")],
    collection: CollectionOption = None,
    json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """Remove documents: from the next question on they are not found, nor cited. Your own files stay where they are.

    \b
    footnote documents remove 3f2a...
    """
    with opened(settings_for(data), collection) as (library, _):
        for document in documents:
            library.document_row(document)  # NotFound before anything is removed
        with library.lease(timeout_seconds=LEASE_SECONDS):
            for document in dict.fromkeys(documents):
                library.remove(document)
            library.catch_up()
    removed = list(dict.fromkeys(documents))
    if json:
        emit_json({"removed": removed})
    else:
        console().print(f"removed {len(removed)}")
