"""`footnote ask`: a question, its answer, and the footnotes under it."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from typing import Annotated

import typer

from rag import errors
from rag.answer import Answerer
from rag.build import build_answerer
from rag.cli.filtering import (
    AfterOption,
    BeforeOption,
    DocumentOption,
    LanguageOption,
    SourceOption,
    TagOption,
    TypeOption,
    filters_of,
    note_what_nothing_meets,
)
from rag.cli.notes import show_notes, show_text
from rag.cli.opening import opened
from rag.cli.output import (
    CollectionOption,
    DataOption,
    JsonOption,
    checked_question,
    emit_json,
    plain,
    settings_for,
)
from rag.conversing import in_conversation
from rag.errors import FootnoteError
from rag.filters import Filters
from rag.library.conversations import Conversations
from rag.types import Answer, Delta, Event, Failed, Finished, Turn
from rag.wire import AnswerOut

NEW = "new"  # in the place of a conversation's id

app = typer.Typer()


@app.command()
def ask(
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="In Chinese or English.")],
    source: SourceOption = None,
    file_type: TypeOption = None,
    language: LanguageOption = None,
    tag: TagOption = None,
    after: AfterOption = None,
    before: BeforeOption = None,
    document: DocumentOption = None,
    collection: CollectionOption = None,
    keep: Annotated[int | None, typer.Option("--keep", min=1, max=100, help="Passages to answer from.")] = None,
    stream: Annotated[bool, typer.Option("--stream", help="Print the answer as it comes.")] = False,
    conversation: Annotated[
        str | None, typer.Option("--conversation", metavar="ID", help="Ask in turn, and keep it; `new` makes one.")
    ] = None,
    json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """Ask a question; the answer comes with checked footnotes.

    A refusal is an answer too, and exits 0. With --json, --stream changes nothing.

    \b
    footnote ask "How do I take a backup?"
    footnote ask "怎样备份？" --json
    footnote ask "How much leave is there?" --source hr/ --tag policy
    footnote ask "How much leave is there?" --conversation new
    """
    question = checked_question(question)
    filters = filters_of(
        sources=source,
        types=file_type,
        languages=language,
        tags=tag,
        after=after,
        before=before,
        documents=document,
    )
    settings = settings_for(data)
    with opened(settings, collection) as (library, embedder):
        note_what_nothing_meets(library, filters)
        answerer = build_answerer(settings, library, embedder)
        days = settings.answer.keep_conversations_days
        with (
            Conversations(library.folder, keep_days=days) as kept,
            closing(_events(answerer, question, keep, filters, kept, conversation)) as events,
        ):
            if json:
                emit_json(AnswerOut.of(_last(events)).model_dump(mode="json"))
            elif stream:
                show_notes(_last(_printed(events)))
            else:
                answer = _last(events)
                show_text(answer)
                show_notes(answer)


def _events(
    answerer: Answerer,
    question: str,
    keep: int | None,
    filters: Filters,
    kept: Conversations,
    conversation: str | None,
) -> Generator[Event, None, None]:
    name = kept.create().id if conversation == NEW else conversation

    def asked(earlier: Sequence[Turn]) -> Iterator[Event]:
        return answerer.ask(question, keep=keep, filters=filters, earlier=earlier, conversation_id=name)

    yield from asked(()) if name is None else in_conversation(kept, name, question, asked)


def _printed(events: Iterable[Event]) -> Iterator[Event]:
    """Print the answer as it comes."""
    for event in events:
        if isinstance(event, Delta):
            typer.echo(plain(event.text), nl=False)
        elif isinstance(event, Finished):
            typer.echo()
        yield event


def _last(events: Iterable[Event]) -> Answer:
    """Return the answer that the events end with, or raise the error."""
    for event in events:
        if isinstance(event, Finished):
            return event.answer
        if isinstance(event, Failed):
            kind = getattr(errors, event.error, FootnoteError)
            raise kind(event.detail, hint=event.hint)
    raise AssertionError("the events ended without an answer")
