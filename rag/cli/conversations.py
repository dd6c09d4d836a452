"""`footnote conversations`: what was asked in turn, as it is kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Column, Table

from rag.cli.output import CollectionOption, DataOption, JsonOption, console, emit_json, plain, settings_for, write
from rag.errors import InvalidRequest, NotFound
from rag.library.collections import collection_folder
from rag.library.conversations import Conversations
from rag.library.jobs import FILE_NAME
from rag.wire_conversations import ConversationOut, ConversationTurnsOut, TurnOut

IdArgument = Annotated[str, typer.Argument(metavar="ID", help="As `footnote conversations list` says.")]

app = typer.Typer(no_args_is_help=True, help="List, show and remove stored conversations.")


@app.command("list")
def list_conversations(
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="How many.")] = 100,
    after: Annotated[str | None, typer.Option("--after", metavar="ID", help="Go on after this one.")] = None,
    collection: CollectionOption = None,
    json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """List conversations, the last asked first. `next` in the JSON is what to give to --after.

    \b
    footnote conversations list
    """
    with _kept(data, collection) as (kept, name):
        rows = kept.list(limit + 1, after=after)
    found = [ConversationOut.of(row, name) for row in rows[:limit]]
    if json:
        following = found[-1].id if len(rows) > limit else None
        emit_json({"conversations": [row.model_dump(mode="json") for row in found], "next": following})
        return
    table = Table(Column("id", no_wrap=True), "questions", "last asked", Column("first", overflow="fold"), box=None)
    for row in found:
        table.add_row(row.id, str(row.count), row.changed_at, plain(row.title))
    console().print(table)


@app.command()
def show(
    conversation: IdArgument, collection: CollectionOption = None, json: JsonOption = False, data: DataOption = None
) -> None:
    """Print the questions and answers of a conversation, oldest first.

    \b
    footnote conversations show 5f0c2ab4d1e94f6f8f0a7c3b9d2e6a10
    """
    with _kept(data, collection) as (kept, name):
        row, turns = kept.get(conversation)
    if json:
        shown = ConversationTurnsOut(
            **ConversationOut.of(row, name).model_dump(), turns=[TurnOut.of(turn) for turn in turns]
        )
        emit_json(shown.model_dump(mode="json"))
        return
    out = console()
    for turn in turns:
        write(out, plain(turn.question), style="bold")
        write(out, plain(turn.answer) or "(no answer)")
        out.print()


@app.command()
def remove(
    conversation: IdArgument,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask: there is no way back.")] = False,
    collection: CollectionOption = None,
    json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """Remove a conversation with all that was asked and answered in it.

    \b
    footnote conversations remove 5f0c2ab4d1e94f6f8f0a7c3b9d2e6a10 --yes
    """
    with _kept(data, collection) as (kept, _):
        if not yes:
            if json:
                raise InvalidRequest(f"{conversation} would be removed for good", hint="say so with --yes")
            typer.confirm(f"Remove conversation {conversation} for good?", abort=True, err=True)
        kept.remove(conversation)
    if json:
        emit_json({"removed": conversation})
    else:
        console().print(f"removed {conversation}")


@contextmanager
def _kept(data: Path | None, collection: str | None) -> Iterator[tuple[Conversations, str]]:
    """Yield the conversations of a collection, and its name; no embedder is needed for them."""
    settings = settings_for(data)
    name = collection if collection is not None else settings.collection
    folder = collection_folder(settings.data, name)
    if name != settings.collection and not (folder / FILE_NAME).is_file():
        raise NotFound(f"no collection named {name!r}", hint="`footnote collections list` shows those there are")
    with Conversations(folder, keep_days=settings.answer.keep_conversations_days) as kept:
        yield kept, name
