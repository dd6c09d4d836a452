"""`footnote models fetch`: weights from the hub into data/models, also for a machine without internet."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from rag.cli.output import DataOption, JsonOption, console, emit_json, plain, settings_for
from rag.models.fetch import fetch, needs_code
from rag.models.kinds import SETTINGS, Kind, base_of, kind_of

app = typer.Typer(no_args_is_help=True)


@app.callback()
def group() -> None:
    """Its command stands beside those of rag.cli.models."""


@app.command("fetch")
def fetch_model(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Organisation and name, as the hub has them.")],
    revision: Annotated[str, typer.Option("--revision", metavar="REV", help="A branch, a tag or a commit.")] = "main",
    json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """Download a model's safetensors, tokenizer and configs into data/models, and check every file.

    A download that was cut goes on where it ended. For a machine without internet, fetch here and copy the folder into
    data/models there; `footnote models check` finds what was lost on the way.

    \b
    footnote models fetch Qwen/Qwen2.5-0.5B-Instruct
    footnote models fetch intfloat/multilingual-e5-small --revision main --json
    """
    from huggingface_hub.utils.tqdm import disable_progress_bars

    settings = settings_for(data)
    if not sys.stderr.isatty():
        disable_progress_bars()
    found = fetch(
        name,
        models=settings.data / "models",
        revision=revision,
        tell=lambda line: typer.echo(plain(line), err=True),
    )
    kind = kind_of(found.folder)
    notes = _notes(kind, found.folder)
    if json:
        emit_json(
            {
                "repository": found.manifest.repository,
                "revision": found.manifest.revision,
                "commit": found.manifest.commit,
                "kind": kind,
                "folder": str(found.folder),
                "bytes": sum(stored.bytes for stored in found.manifest.files.values()),
                "downloaded_bytes": found.downloaded_bytes,
                "files": {name: asdict(stored) for name, stored in found.manifest.files.items()},
                "left_out": list(found.left_out),
                "setting": SETTINGS.get(kind),
                "notes": notes,
            }
        )
        return
    out = console()
    came = f"{found.downloaded_bytes / 1e6:,.1f} MB came" if found.downloaded_bytes else "it was there, and is whole"
    out.print(f"{plain(str(found.folder))}: {kind}, {len(found.manifest.files)} files; {came}")
    if setting := SETTINGS.get(kind):
        name = (
            str(found.folder.absolute()) if kind is Kind.ADAPTER else found.folder.name
        )  # adapters go by folder alone
        out.print(f'to use it: {setting} = "{plain(name)}"')
    for note in notes:
        out.print(plain(note))


def _notes(kind: Kind, folder: Path) -> list[str]:
    notes = []
    if needs_code(folder):
        notes.append("its config asks for code of its authors', which is neither fetched nor run: it may not load")
    if kind is Kind.ADAPTER:
        notes.append(f"an adapter works on the model it was made for: {base_of(folder) or 'which it does not name'}")
    if kind is Kind.UNKNOWN:
        notes.append("what it is for cannot be seen from its config")
    return notes
