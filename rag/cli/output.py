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
from rich.markup import escape

from rag.config import Settings, check_collection_name, load_settings

DataOption = Annotated[
    Path | None, typer.Option("--data", metavar="DIR", help="Where everything lives. Default: ./data")
]
CollectionOption = Annotated[
    str | None, typer.Option("--collection", "-c", metavar="NAME", help="The collection. Default: default")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]

JSON_ERRORS = "backslashreplace"  # of a lone surrogate this makes \udc80, which is its escape in JSON


def settings_for(data: Path | None, collection: str | None = None) -> Settings:
    """Read the settings with a verb's flags on top, and log at their level."""
    settings = load_settings(data=data, collection=collection)
    check_collection_name(settings.collection)
    logging.getLogger().setLevel(settings.log_level.upper())
    return settings


def emit_json(value: Any) -> None:
    """Print one JSON object on one line, in UTF-8 whatever the locale says."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False) + "\n"
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8", JSON_ERRORS))
    sys.stdout.buffer.flush()


def out() -> Console:
    """Return the console for people: no colours and no cut lines where standard output is not a terminal."""
    return Console(highlight=False, soft_wrap=not sys.stdout.isatty())


def plain(text: str) -> str:
    """Return text from a document or a file name as it may stand on a terminal: no markup, no control characters."""
    return escape(
        "".join(character if character.isprintable() or character in "\n\t" else "\ufffd" for character in text)
    )
