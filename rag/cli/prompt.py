"""`footnote collections prompt`: the words that a language model is told in a collection."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import typer

from rag.cli.output import DataOption, JsonOption, console, emit_json, plain, settings_for
from rag.errors import Conflict, NotFound
from rag.library.collections import collection_folder
from rag.library.durable import write_durably
from rag.library.jobs import FILE_NAME
from rag.rules import LANGUAGES, OURS, load_rules, rules_source

app = typer.Typer(no_args_is_help=True)


@app.callback()
def group() -> None:
    """Its command stands beside those of rag.cli.collections."""


@app.command()
def prompt(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The collection.")] = "default",
    language: Annotated[Literal["en", "zh"] | None, typer.Option("--language", help="Of this language alone.")] = None,
    write: Annotated[bool, typer.Option("--write", help="Copy Footnote's into the collection's own files.")] = False,
    json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """Check and show the rules that a language model is told; a collection may have its own.

    Its own stand in prompts/system.en.txt and prompts/system.zh.txt in its folder; --write copies Footnote's there, to
    be changed. They are used from the next question on. {mark} and {not_found} must stand in them.

    \b
    footnote collections prompt handbook
    footnote collections prompt handbook --language zh --write
    """
    folder = collection_folder(settings_for(data).data, name)
    if not (folder / FILE_NAME).is_file():
        raise NotFound(f"no collection named {name!r}", hint="`footnote collections list` shows those there are")
    chosen = LANGUAGES if language is None else (language,)
    if write:
        _write_ours(folder, chosen)
    found = {code: rules_source(folder, code) for code in chosen}
    if json:
        rows = [
            {
                "language": code,
                "version": load_rules(folder, code).version,
                "own": source.is_own,
                "path": str(source.path),
                "text": source.template,
            }
            for code, source in found.items()
        ]
        emit_json({"prompts": rows})
        return
    out = console()
    for code, source in found.items():
        whose = "its own, in" if source.is_own else "Footnote's; its own would stand in"
        out.print(
            f"{code}, version {load_rules(folder, code).version}: {whose} {plain(str(source.path))}", style="bold"
        )
        out.print(plain(source.template))


def _write_ours(folder: Path, languages: Sequence[str]) -> None:
    sources = [(language, rules_source(folder, language)) for language in languages]
    for _, source in sources:
        if source.is_own:
            raise Conflict(f"{source.path} is there already", hint="change it, or remove it first")
    for language, source in sources:
        write_durably(source.path, partial(_write_text, text=OURS[language] + "\n"))


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
