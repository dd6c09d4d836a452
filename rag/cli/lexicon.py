"""`footnote collections lexicon`: a collection's own words and synonyms, as its file has them."""

from __future__ import annotations

from typing import Annotated

import typer

from rag.cli.output import DataOption, JsonOption, console, emit_json, plain, settings_for
from rag.errors import NotFound
from rag.lexicon import NAME, load_lexicon
from rag.library.collections import collection_folder
from rag.library.jobs import FILE_NAME

app = typer.Typer(no_args_is_help=True)


@app.callback()
def group() -> None:
    """Its command stands beside those of rag.cli.collections."""


@app.command()
def lexicon(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The collection.")] = "default",
    json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """Check the file of a collection's own words and synonyms, and show what is in it.

    Each line is a word that is kept whole when Chinese is cut, or ways to say the same with = between them. New words
    are used by the next search, which first makes the index of words anew; new synonyms at once.

    \b
    footnote collections lexicon handbook
    """
    folder = collection_folder(settings_for(data).data, name)
    if not (folder / FILE_NAME).is_file():
        raise NotFound(f"no collection named {name!r}", hint="`footnote collections list` shows those there are")
    found = load_lexicon(folder)
    path = folder / NAME
    if json:
        emit_json({"path": str(path), "words": list(found.words), "synonyms": [list(group) for group in found.groups]})
        return
    out = console()
    out.print(f"{plain(str(path))}: {len(found.words)} words, {len(found.groups)} groups of synonyms")
    for line in (*found.words, *(" = ".join(group) for group in found.groups)):
        out.print(plain(line))
