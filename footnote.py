"""The command line's front door: `footnote VERB`.

Knows each verb's name and room; loads a room when its verb is used.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib
import logging
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from rag.errors import FootnoteError, InvalidRequest, Misconfigured

HERE = ("rag", "ingest", "ui", "eval", "footnote")


@dataclass(frozen=True, slots=True)
class Verb:
    help: str
    rooms: tuple[str, ...]  # modules whose `app` holds the verb; the commands of several are one group


VERBS = {
    "up": Verb("Start the API, the ingest worker and the UI together.", ("ui.cli",)),
    "ask": Verb("Ask a question; the answer comes with checked footnotes.", ("rag.cli.ask",)),
    "search": Verb("Find passages without answering.", ("rag.cli.search",)),
    "ingest": Verb("Read files and folders into a collection.", ("ingest.cli",)),
    "documents": Verb("List, show and remove documents.", ("rag.cli.documents", "ingest.show")),
    "collections": Verb(
        "List, create and remove collections.", ("rag.cli.collections", "rag.cli.lexicon", "rag.cli.prompt")
    ),
    "conversations": Verb("List, show and remove stored conversations.", ("rag.cli.conversations",)),
    "jobs": Verb("List, show, cancel and resume ingest jobs.", ("ingest.cli",)),
    "library": Verb("Verify, measure and rebuild a collection's library.", ("rag.cli.library", "ingest.cli")),
    "serve": Verb("Start the HTTP API alone.", ("rag.cli.serve",)),
    "worker": Verb("Start the ingest worker alone.", ("ingest.cli",)),
    "ui": Verb("Start the web UI alone.", ("ui.cli",)),
    "models": Verb("List, fetch and check models.", ("rag.cli.models", "rag.cli.models_fetch", "rag.cli.models_check")),
    "config": Verb("Show the settings in force.", ("rag.cli.config",)),
    "doctor": Verb("Say what is installed, what is missing and how to get it.", ("rag.cli.doctor",)),
    "eval": Verb(
        "Measure retrieval, answers, citations and refusals.",
        (
            "eval.cli.run",
            "eval.cli.bench",
            "eval.cli.compare",
            "eval.cli.report",
            "eval.cli.fairness",
            "eval.cli.robustness",
            "eval.cli.people",
            "eval.cli.gate",
            "eval.cli.synthesise",
        ),
    ),
}


def load(name: str) -> Any:
    """Import the verb's rooms and return its command.

    Raises Misconfigured where a room needs a package that is not installed.
    """
    commands = [_find(room, name) for room in VERBS[name].rooms]
    for other in commands[1:]:
        commands[0].commands.update(other.commands)
    return commands[0]


def _find(room: str, name: str) -> Any:
    try:
        app: typer.Typer = importlib.import_module(room).app
    except ModuleNotFoundError as error:
        missing = error.name or "?"
        if missing.split(".")[0] in HERE:
            raise
        raise Misconfigured(
            f"`footnote {name}` needs {missing}, which is not installed",
            hint="run `make install`, or `footnote doctor`",
        ) from error
    app.rich_markup_mode = None  # plain help: examples keep their lines, and brackets stay brackets
    app._add_completion = False  # it belongs to a whole program, not to one of its verbs
    command = typer.main.get_command(app)
    if isinstance(command, TyperGroup) and name in command.commands:
        return command.commands[name]
    command.name = name
    return command


class FrontDoor(TyperGroup):
    """A group whose verbs are known by name and help alone until one of them is used."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, stub, rest = super().resolve_command(ctx, args)
        return name, load(name) if name in VERBS else stub, rest


door = typer.Typer(
    cls=FrontDoor,
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(value: bool) -> None:
    if value:
        from importlib.metadata import version

        typer.echo(f"footnote {version('footnote')}")
        raise typer.Exit


@door.callback()
def footnote(
    data: Annotated[Path | None, typer.Option(metavar="DIR", help="Where everything lives. Default: ./data")] = None,
    version: Annotated[  # noqa: ARG001  (eager: its callback has done the work)
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Answers from your own documents, in Chinese and English, with a checked footnote under every sentence.

    \b
    footnote up                               start everything; the first run reads examples/
    footnote ingest ~/handbook                read a folder
    footnote ask "How do I take a backup?"    ask it something
    """
    if data is not None:
        os.environ["FOOTNOTE_DATA"] = str(data)  # the verb's own --data stands above it; child processes inherit it


def _mount(name: str, verb: Verb) -> None:
    def stub() -> None: ...

    door.command(name, help=verb.help)(stub)


for _name, _verb in VERBS.items():
    _mount(_name, _verb)


def main(arguments: Sequence[str]) -> int:
    """Run one verb and return its exit code: 0 done, 1 something failed, 2 wrong usage, 130 interrupted."""
    try:
        code = typer.main.get_command(door).main(list(arguments), prog_name="footnote", standalone_mode=False)
        sys.stdout.flush()
    except typer.TyperException as error:  # wrong usage, found by the parser
        error.show()  # type: ignore[attr-defined]
        return _failed(arguments, "InvalidRequest", error.format_message(), "", error.exit_code, say=False)
    except FootnoteError as error:
        usage = isinstance(error, Misconfigured | InvalidRequest)
        return _failed(arguments, error.name, str(error), error.hint, 2 if usage else 1)
    except (typer.Abort, KeyboardInterrupt):
        return 130
    except BrokenPipeError:
        return _reader_left()
    except OSError as error:  # a folder that cannot be written, a full disk, a port in use
        return _failed(arguments, type(error).__name__, str(error), "", 1)
    return code if isinstance(code, int) else 0


def _failed(arguments: Sequence[str], name: str, message: str, hint: str, code: int, *, say: bool = True) -> int:
    if say:
        typer.echo(f"footnote: {message}", err=True)
        if hint:
            typer.echo(f"hint: {hint}", err=True)
    options = list(arguments)
    if "--json" in options[: options.index("--")] if "--" in options else "--json" in options:
        from rag.cli.output import emit_json

        emit_json({"error": {"type": name, "message": message, "hint": hint}})
    return code


def _reader_left() -> int:
    """Send what is still buffered nowhere, so that closing standard output is quiet. Source: Python docs, SIGPIPE."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1


def run() -> None:
    """Be the `footnote` command."""
    code = 1

    def leave() -> None:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError):
                stream.flush()
        os._exit(code)

    # Registered first, so called last: all is closed. The interpreter's own end would abort where a thread still loads
    # a model, and looks through all of torch for up to 8 s.
    atexit.register(leave)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # a C locale cannot print Chinese
    logging.basicConfig(
        stream=sys.stderr, level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    code = main(sys.argv[1:])
    sys.exit(code)


if __name__ == "__main__":
    run()
