"""What `search` and `ask` are limited to: the options they share, and what these come to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated

import typer

from rag.cli.output import plain
from rag.errors import InvalidRequest
from rag.filters import EVERYTHING, Filters
from rag.library.library import Library

SourceOption = Annotated[
    list[str] | None,
    typer.Option(
        "--source", metavar="PATH", help='Only from there: a file, a folder ("hr/") or "*.pdf". Repeat it for more.'
    ),
]
TypeOption = Annotated[
    list[str] | None,
    typer.Option("--type", metavar="TYPE", help='Only of this type: "pdf", "word", "image", "text/html".'),
]
LanguageOption = Annotated[
    list[str] | None,
    typer.Option("--language", metavar="CODE", help='Only in this language: "zh", "en".'),
]
TagOption = Annotated[
    list[str] | None,
    typer.Option("--tag", metavar="TAG", help="Only with this tag, or keyword of its own."),
]
AfterOption = Annotated[
    str | None,
    typer.Option("--after", metavar="DAY", help="Only from this day on: 2024-05-31."),
]
BeforeOption = Annotated[
    str | None,
    typer.Option("--before", metavar="DAY", help="Only up to this day, which counts too."),
]
DocumentOption = Annotated[
    list[str] | None,
    typer.Option("--document", metavar="DOCUMENT", help="Only in this one, by its id."),
]


def filters_of(
    *,
    sources: Sequence[str] | None,
    types: Sequence[str] | None,
    languages: Sequence[str] | None,
    tags: Sequence[str] | None,
    after: str | None,
    before: str | None,
    documents: Sequence[str] | None,
) -> Filters:
    """Raises InvalidRequest for what can mean nothing."""
    return Filters(
        document_ids=_texts(documents),
        sources=_texts(sources),
        types=_texts(types),
        languages=_texts(languages),
        tags=_texts(tags),
        after=_day(after),
        before=_day(before),
    )


def note_what_nothing_meets(library: Library, filters: Filters) -> None:
    """Say on standard error what may have been meant, where the filters leave nothing to search."""
    among = library.matching(filters)
    if among is not None and not len(among) and filters != EVERYTHING:
        for line in library.attributes.explain(filters):
            typer.echo(f"footnote: {plain(line)}", err=True)


def _texts(given: Sequence[str] | None) -> tuple[str, ...]:
    """A byte that is no UTF-8 arrives as a lone surrogate, which no database takes."""
    return tuple(text.encode("utf-8", "replace").decode() for text in given or ())


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text is not None else None
    except ValueError as error:
        raise InvalidRequest(f"{text!r} is no day", hint="write year, month and day: 2024-05-31") from error
