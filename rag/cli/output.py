"""What every verb does alike: its settings, one JSON object on standard output, everything else on standard error.

Knows nothing of what the verbs do.
"""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from rag.cli.wrap import wrap
from rag.config import Settings, load_settings
from rag.errors import InvalidRequest
from rag.wire import MAX_QUESTION_CHARACTERS

DataOption = Annotated[Path | None, typer.Option("--data", metavar="DIR", help="Where everything lives [./data].")]
CollectionOption = Annotated[
    str | None, typer.Option("--collection", "-c", metavar="NAME", help="The collection [default].")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]

ROOMS = ("rag", "ingest", "ui", "eval")
WIDE_COLUMNS = 4096  # off a terminal a table is as wide as its cells
JSON_ERRORS = "backslashreplace"  # of a lone surrogate this makes \udc80, which is its escape in JSON


def settings_for(data: Path | None) -> Settings:
    """Read the settings with a verb's flags on top, and log at their level."""
    settings = load_settings(data=data)
    for room in ROOMS:  # the libraries they use stay at warnings
        logging.getLogger(room).setLevel(settings.log_level.upper())
    return settings


def emit_json(value: Any) -> None:
    """Print one JSON object on one line, in UTF-8 whatever the locale says."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False) + "\n"
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8", JSON_ERRORS))
    sys.stdout.buffer.flush()


def console() -> Console:
    """Return standard output for people. What is printed is text, never markup; off a terminal no line is cut."""
    width = None if sys.stdout.isatty() else WIDE_COLUMNS
    return Console(highlight=False, markup=False, emoji=False, soft_wrap=width is not None, width=width)


def write(out: Console, text: str, *, first: str = "", rest: str = "", style: str | None = None) -> None:
    """Print text of any language: broken at the terminal's width with `rest` before what follows; off it, whole."""
    lines = [first + text] if out.soft_wrap else wrap(text, out.width, first=first, rest=rest)
    for line in lines:
        out.print(line, style=style)


def plain(text: str) -> str:
    """Return text of a document, or a file's name, as it may stand on a terminal: without control characters."""
    return "".join(character if character.isprintable() or character in "\n\t" else "\ufffd" for character in text)


def checked_question(text: str) -> str:
    """Return the question as given on the command line, or raise InvalidRequest."""
    if not text.strip():
        raise InvalidRequest("the question is empty", hint="put it in quotation marks")
    if len(text) > MAX_QUESTION_CHARACTERS:
        raise InvalidRequest(
            f"the question has {len(text)} characters", hint=f"at most {MAX_QUESTION_CHARACTERS} are allowed"
        )
    return text.encode("utf-8", "replace").decode()  # a byte that is no UTF-8 arrives as a lone surrogate
