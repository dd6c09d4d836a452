"""`footnote ask`: a question, its answer, and the footnotes under it."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
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
from rag.cli.opening import opened
from rag.cli.output import (
    CollectionOption,
    DataOption,
    JsonOption,
    checked_question,
    console,
    emit_json,
    plain,
    settings_for,
    write,
)
from rag.conversing import in_conversation
from rag.errors import FootnoteError
from rag.filters import Filters
from rag.library.conversations import Conversations
from rag.text import question_language
from rag.types import Answer, Citation, CitationStatus, Delta, Event, Failed, Finished, Turn
from rag.wire import AnswerOut

SAID = {  # around an answer, in the question's language
    "en": {
        "page": ", page {page}",
        "doubt": "  (does not support its sentence)",
        "nearest": "Nearest passages:",
        "figures": "confidence {confidence:.2f} · {model} · {total:.0f} ms",
    },
    "zh": {
        "page": "，第 {page} 页",
        "doubt": "（未能支持所在的句子）",
        "nearest": "最接近的段落：",
        "figures": "置信度 {confidence:.2f} · {model} · {total:.0f} 毫秒",
    },
}
NEAREST = 3  # passages shown under a refusal
EXCERPT_CHARACTERS = 160
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
                _show_notes(_last(_printed(events)))
            else:
                answer = _last(events)
                write(console(), plain(answer.text))
                _show_notes(answer)


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


def _show_notes(answer: Answer) -> None:
    out = console()
    said = SAID[question_language(answer.question)]
    out.print()
    for citation in _once(answer.citations):
        doubt = "" if citation.status is CitationStatus.VERIFIED else said["doubt"]
        place = _place(citation.title, citation.source, citation.page, said, citation.place)
        write(out, f"{place}{doubt}", first=f"[{citation.mark}] ", rest="    ", style="bold")
        write(out, f"“{_one_line(citation.quote)}”", first="    ", rest="    ", style="dim")
    if answer.refused and answer.passages:
        out.print(said["nearest"])
        for passage in answer.passages[:NEAREST]:
            text = _one_line(passage.text)
            cut = text if len(text) <= EXCERPT_CHARACTERS else text[: EXCERPT_CHARACTERS - 1] + "…"
            place = _place(passage.title, passage.source, passage.page, said)
            write(out, place, first="  - ", rest="    ", style="bold")
            write(out, cut, first="    ", rest="    ", style="dim")
    total = answer.timings.get("total", 0.0)
    if answer.conversation_id is not None:
        out.print(f"--conversation {answer.conversation_id}", style="dim")
    out.print(said["figures"].format(confidence=answer.confidence, model=answer.model, total=total), style="dim")


def _once(citations: Iterable[Citation]) -> Iterable[Citation]:
    """Return each mark's citation to one span once, in the order of the marks."""
    return sorted({(c.mark, c.span.start, c.span.end): c for c in citations}.values(), key=lambda c: c.mark)


def _place(title: str, source: str, page: int | None, said: Mapping[str, str], otherwise: str = "") -> str:
    at = said["page"].format(page=page) if page else f", {otherwise}" if otherwise else ""
    return plain(f"{title} — {source}{at}" if title and title != source else f"{source}{at}")


def _one_line(text: str) -> str:
    return " ".join(plain(text).split())
