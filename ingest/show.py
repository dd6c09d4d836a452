"""`footnote documents show`: a document, its text, and what cleaning made of it. Reads the original again, apart."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from contextlib import closing
from typing import Annotated

import typer

from ingest.opening import limits_of
from ingest.prepare import as_read
from ingest.read_apart import ReadApart
from rag.cli.documents import DocumentArgument
from rag.cli.opening import opened
from rag.cli.output import CollectionOption, DataOption, JsonOption, console, emit_json, plain, settings_for
from rag.config import Settings
from rag.errors import InvalidRequest
from rag.library.library import Library
from rag.library.outward import document_out
from rag.types import Document

AS_READ = f"{as_read.__module__}:{as_read.__name__}"

app = typer.Typer(no_args_is_help=True)


@app.callback()
def documents() -> None:
    """List, show, tag and remove documents."""


@app.command()
def show(
    document: DocumentArgument,
    text: Annotated[bool, typer.Option("--text", help="Print the canonical text, to which every span points.")] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Print what cleaning removed and mended, and why.")] = False,
    collection: CollectionOption = None,
    json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """Show one document; with --text its canonical text, with --diff what cleaning made of the file.

    \b
    footnote documents show 3f2a... --text
    footnote documents show 3f2a... --diff
    """
    if text and diff:
        raise InvalidRequest("--text and --diff are given together", hint="choose one of them")
    settings = settings_for(data)
    with opened(settings, collection) as (library, _):
        row = library.document_row(document)
        whole = library.document(document) if text or diff else None
        before = text_before(library, whole, settings) if whole and diff else ""
    shown = document_out(row).model_dump(mode="json")
    if whole is not None and diff:
        dropped = row.metadata.get("dropped", [])
        if json:
            emit_json({**shown, "dropped": dropped, "diff": list(changes(before, whole.text))})
            return
        for line in changes(before, whole.text):
            typer.echo(plain(line))
        for one in dropped:
            typer.echo(plain(f"dropped as {one['reason']}: {one['text']}"))
    elif whole is not None:
        if json:
            emit_json({**shown, "text": whole.text})
        else:
            typer.echo(plain(whole.text))
    elif json:
        emit_json(shown)
    else:
        for name, value in shown.items():
            console().print(f"{name:<12} {plain(str(value))}")


def text_before(library: Library, document: Document, settings: Settings) -> str:
    """Return a document's text as its reader gives it. Raises NotFound where the file is not kept, Unreadable."""
    data = library.original(document.id).read_bytes()
    with closing(ReadApart()) as apart:
        read = apart.call(AS_READ, data, document.source, limits_of(settings))
    assert isinstance(read, Document)
    return read.text


def changes(before: str, after: str) -> Iterator[str]:
    """Yield the lines of a unified diff; nothing where cleaning left all as it was."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), "as read", "as kept", n=1, lineterm="")
    yield from lines
