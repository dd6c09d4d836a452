"""`footnote ui` and `footnote up`. Reads the settings, as every verb does; the page never imports this module."""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import httpx
import typer

from rag.config import Settings, load_settings
from rag.errors import FootnoteError, Misconfigured
from rag.wire import CollectionsOut
from ui.supervise import Interrupted, Part, Parts, StartFailed, free_port

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples"
EXAMPLES_READ = "examples.read"  # in the data folder: who removes the examples does not find them there again
START_SECONDS = 120.0

DataOption = Annotated[Path | None, typer.Option("--data", metavar="DIR", help="Where everything lives [./data].")]
PortOption = Annotated[int | None, typer.Option("--port", min=0, max=65535, help="Of the API; 0: a free one.")]
UiPortOption = Annotated[int | None, typer.Option("--ui-port", min=0, max=65535, help="Of the page; 0: a free one.")]

app = typer.Typer()


@app.command()
def ui(
    api: Annotated[str | None, typer.Option("--api", metavar="URL", help="Where the API answers.")] = None,
    ui_port: UiPortOption = None,
    data: DataOption = None,
) -> None:
    """Start the web page alone. It needs the API: `footnote serve`.

    \b
    footnote ui --ui-port 8600
    """
    settings = load_settings(data=data)
    port = settings.server.ui_port if ui_port is None else ui_port
    try:
        port = free_port("127.0.0.1", port)
    except StartFailed as error:
        raise Misconfigured(str(error), hint=error.hint) from error
    command = page_command(settings, port, api or api_address(settings.server.host, settings.server.port))
    typer.echo(f"footnote: the page is on http://127.0.0.1:{port}", err=True)
    os.execve(command[0], command, {**os.environ, **python_path()})


@app.command()
def up(port: PortOption = None, ui_port: UiPortOption = None, data: DataOption = None) -> None:
    """Start the API, the ingest worker and the page; Ctrl-C stops all three.

    The first run reads examples/ into the default collection. Logs go to logs/ in the data folder.

    \b
    footnote up --data ~/footnote-data
    """
    settings = load_settings(data=data)
    started = time.monotonic()
    try:
        _up(settings, settings.server.port if port is None else port, ui_port, started)
    except StartFailed as error:
        raise FootnoteError(str(error), hint=error.hint) from error
    except Interrupted:
        typer.echo("footnote: stopped", err=True)


def _up(settings: Settings, port: int, ui_port: int | None, started: float) -> None:
    logging.getLogger("httpx").setLevel(logging.WARNING)  # it tells of every look at the parts
    host = settings.server.host
    port = free_port(host, port)
    ui_port = free_port("127.0.0.1", settings.server.ui_port if ui_port is None else ui_port)
    api = api_address(host, port)
    page = f"http://127.0.0.1:{ui_port}"
    with Parts(settings.data / "logs", _say) as parts:
        environment = environment_of(settings, port, ui_port)
        footnote = [sys.executable, "-m", "footnote"]
        parts.start(Part("api", [*footnote, "serve"], f"{api}/healthz", environment))
        parts.start(Part("ui", page_command(settings, ui_port, api), f"{page}/_stcore/health", environment))
        parts.start(Part("worker", [*footnote, "worker"], None, environment))
        parts.wait_until_up(START_SECONDS)
        _read_examples(parts, settings, api, environment)
        typer.echo(f"Footnote is up, after {time.monotonic() - started:.0f} s.\n  Ask    {page}\n  API    {api}")
        typer.echo("Ctrl-C stops it.")
        parts.stay()


def _read_examples(parts: Parts, settings: Settings, api: str, environment: Mapping[str, str]) -> None:
    """Read examples/ into the default collection, once, if it has no documents."""
    read = settings.data / EXAMPLES_READ
    if read.exists() or not EXAMPLES.is_dir() or _documents(api, settings.collection) != 0:
        return
    _say("first run: reading examples/ ...")
    command = [sys.executable, "-m", "footnote", "ingest", str(EXAMPLES), "--collection", settings.collection, "--json"]
    code = parts.run_to_end(Part("examples", command, None, environment))
    if code == 0:
        read.touch()
        return
    _say(f"examples/ could not be read; Footnote runs without them.\n{parts.tail('examples')}")


def _documents(api: str, collection: str) -> int | None:
    """Return how many documents the collection has; None, having said why, when that cannot be told."""
    response = httpx.get(f"{api}/collections", timeout=60.0, trust_env=False)
    if not response.is_success:
        _say(f"the API answers {response.status_code}: {response.text}")
        return None
    row = next(
        (row for row in CollectionsOut.model_validate_json(response.content).collections if row.name == collection),
        None,
    )
    if row is not None and row.problem:
        _say(f"collection {collection!r}: {row.problem}")
        return None
    return row.documents if row is not None else 0


def _say(text: str) -> None:
    typer.echo(f"footnote: {text}", err=True)


def api_address(host: str, port: int) -> str:
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def page_command(settings: Settings, port: int, api: str) -> list[str]:
    """Return the command that serves the page. The rest of Streamlit's settings stand in ui/.streamlit/config.toml."""
    streamlit = [sys.executable, "-m", "streamlit", "run", str(ROOT / "ui" / "app.py")]
    flags = {
        "server.address": "127.0.0.1",
        "server.port": str(port),
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": "false",
        "server.maxUploadSize": str(settings.server.max_upload_mb),
    }
    return [*streamlit, *(f"--{name}={value}" for name, value in flags.items()), "--", "--api", api]


def environment_of(settings: Settings, port: int, ui_port: int) -> dict[str, str]:
    """Return what makes the parts see the settings that the flags have made."""
    return {
        **python_path(),
        "FOOTNOTE_DATA": str(settings.data.absolute()),
        "FOOTNOTE_COLLECTION": settings.collection,
        "FOOTNOTE_SERVER__HOST": settings.server.host,
        "FOOTNOTE_SERVER__PORT": str(port),
        "FOOTNOTE_SERVER__UI_PORT": str(ui_port),
        "PYTHONUNBUFFERED": "1",
    }


def python_path() -> dict[str, str]:
    """Return the variable that lets a part import this checkout, installed or not."""
    given = os.environ.get("PYTHONPATH")
    return {"PYTHONPATH": f"{ROOT}{os.pathsep}{given}" if given else str(ROOT)}
