"""`footnote config show`: every setting, its value, and where the value comes from."""

from __future__ import annotations

import json as json_text
import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import typer
from pydantic import BaseModel

from rag.cli.output import DataOption, JsonOption, console, emit_json, settings_for
from rag.config import PREFIX, is_secret

FILE = Path("footnote.toml")
HIDDEN = "**********"  # as pydantic has it

app = typer.Typer(no_args_is_help=True, help="Show the settings in force.")


@app.callback()
def config() -> None:
    """Keep `show` a verb of its own."""


@app.command()
def show(json: JsonOption = False, data: DataOption = None) -> None:
    """Show every setting with its value and origin: default, footnote.toml, environment or flag.

    \b
    footnote config show
    FOOTNOTE_RETRIEVE__KEEP=12 footnote config show --json
    """
    settings = settings_for(data)
    written = tomllib.loads(FILE.read_text(encoding="utf-8")) if FILE.is_file() else {}
    flags = {"data"} if data is not None else set()
    rows = {
        name: {"value": value, "origin": _origin(name, flags, written), "about": about}
        for name, value, about in settings_rows(settings)
    }
    if json:
        emit_json({"settings": rows})
        return
    for name, row in rows.items():
        about = f"; {row['about']}" if row["about"] else ""
        value = json_text.dumps(row["value"], ensure_ascii=False)
        console().print(f"{name} = {value}  # {row['origin']}{about}")


def settings_rows(settings: BaseModel, prefix: str = "") -> Iterator[tuple[str, Any, str]]:
    """Yield the dotted name, the value as JSON has it, and the description of each setting."""
    plain = settings.model_dump(mode="json")
    for name, field in type(settings).model_fields.items():
        value = getattr(settings, name)
        if isinstance(value, BaseModel):
            yield from settings_rows(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", _hidden(plain[name]), field.description or ""


def _hidden(value: Any) -> Any:
    """Hide the keys among options; those that are settings of their own hide themselves."""
    if not isinstance(value, Mapping):
        return value
    return {name: HIDDEN if is_secret(name) and inner else _hidden(inner) for name, inner in value.items()}


def _origin(name: str, flags: set[str], written: Mapping[str, Any]) -> str:
    if name in flags:
        return "flag"
    variable = PREFIX + name.replace(".", "__").upper()
    section = PREFIX + name.split(".")[0].upper()  # a whole section may be given as JSON
    if variable in os.environ or ("." in name and section in os.environ):
        return "environment"
    value: Any = written
    for part in name.split("."):
        if not isinstance(value, Mapping) or part not in value:
            return "default"
        value = value[part]
    return "footnote.toml"
