"""`footnote search`: passages without an answer, and what each leg of the search thought of them."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Annotated

import typer
from rich.console import Console

from rag.build import build_retriever
from rag.cli.explain import show_stages
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
from rag.types import Passage
from rag.wire_search import SearchOut

EXCERPT_CHARACTERS = 300
ALSO_AT = 3  # named

app = typer.Typer()


@app.command()
def search(
    query: Annotated[str, typer.Argument(metavar="QUERY", help="A question or a few words.")],
    k: Annotated[int, typer.Option("-k", min=1, max=100, help="Passages to find.")] = 10,
    source: SourceOption = None,
    file_type: TypeOption = None,
    language: LanguageOption = None,
    tag: TagOption = None,
    after: AfterOption = None,
    before: BeforeOption = None,
    document: DocumentOption = None,
    explain: Annotated[bool, typer.Option("--explain", help="Show the stages, and how each passage came.")] = False,
    collection: CollectionOption = None,
    json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """Find passages without answering. The scores of each leg stand beside the fused one.

    Fewer than k come back where the library is small, or where k of them pass retrieve.budget_characters.

    \b
    footnote search "backup" -k 5
    footnote search "备份" --json
    footnote search "Who wrote it and when?" --explain
    footnote search "leave" --source hr/ --type pdf --after 2024-01-01
    """
    query = checked_question(query)
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
        start = time.perf_counter()
        retrieval = build_retriever(settings, library, embedder).run(query, keep=k, filters=filters)
        milliseconds = (time.perf_counter() - start) * 1000
    if json:
        made = SearchOut.explained if explain else SearchOut.of
        emit_json(made(query, retrieval, milliseconds).model_dump(mode="json"))
        return
    out = console()
    if explain:
        show_stages(out, retrieval)
    _show_passages(out, retrieval.passages, retrieval.ranks if explain else ())
    count = "1 passage" if len(retrieval.passages) == 1 else f"{len(retrieval.passages)} passages"
    out.print(f"{count} in {milliseconds:.0f} ms", style="dim")


def _show_passages(out: Console, passages: Sequence[Passage], ranks: Sequence[Mapping[str, int]]) -> None:
    for rank, passage in enumerate(passages, 1):
        places = ranks[rank - 1] if ranks else {}
        legs = "  ".join(
            f"{leg} {score:.3f}{f' (no. {places[leg]})' if leg in places else ''}"
            for leg, score in passage.scores.items()
        )
        page = f", page {passage.page}" if passage.page else ""
        place = f"{passage.score:.3f}  {plain(passage.source)}{page}"
        write(out, place, first=f"{rank:>2}  ", rest=" " * 11, style="bold")
        out.print(f"    {legs}", style="dim")
        if passage.also_at:
            more = len(passage.also_at) - ALSO_AT
            others = [plain(source) for source in passage.also_at[:ALSO_AT]] + ([f"{more} more"] if more > 0 else [])
            write(out, f"also at {', '.join(others)}", first="    ", rest="    ")
        text = " ".join(plain(passage.text).split())
        cut = f"{text[:EXCERPT_CHARACTERS]}{'…' if len(text) > EXCERPT_CHARACTERS else ''}"
        write(out, cut, first="    ", rest="    ")
