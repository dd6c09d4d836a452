"""`footnote serve`: the HTTP API alone."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from rag.cli.output import DataOption, settings_for
from rag.config import Settings
from rag.errors import Misconfigured

SHUTDOWN_SECONDS = 5  # what answers under way get to finish

app = typer.Typer()


@app.command()
def serve(
    host: Annotated[str | None, typer.Option("--host", help="Default: 127.0.0.1; others are refused for now.")] = None,
    port: Annotated[int | None, typer.Option("--port", min=0, max=65535, help="Default: 8000; 0: a free one.")] = None,
    data: DataOption = None,
) -> None:
    """Start the HTTP API alone. Its address is printed when it answers; Ctrl-C stops it.

    \b
    footnote serve --port 8080
    """
    import uvicorn

    from rag.api import create_app
    from rag.api.edge import check_address

    settings = settings_for(data)
    chosen = host or settings.server.host
    check_address(chosen)
    server = _Server(
        uvicorn.Config(
            create_app(settings),
            host=chosen,
            port=settings.server.port if port is None else port,
            log_level=settings.log_level.lower(),
            access_log=False,
            timeout_graceful_shutdown=SHUTDOWN_SECONDS,
            proxy_headers=False,
            server_header=False,
        )
    )
    server.run()
