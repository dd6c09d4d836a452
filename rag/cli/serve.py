"""`footnote serve`: the HTTP API alone."""

from __future__ import annotations

import socket
from typing import Annotated

import typer

from rag.cli.output import DataOption, settings_for
from rag.errors import Misconfigured

SHUTDOWN_SECONDS = 5  # what answers under way get to finish
BACKLOG = 2048

app = typer.Typer()


@app.command()
def serve(
    host: Annotated[str | None, typer.Option("--host", help="Default: 127.0.0.1; others are refused for now.")] = None,
    port: Annotated[int | None, typer.Option("--port", min=0, max=65535, help="Default: 8000; 0: a free one.")] = None,
    data: DataOption = None,
) -> None:
    """Start the HTTP API alone. Its address is told when it answers; Ctrl-C stops it.

    \b
    footnote serve --port 8080
    """
    import uvicorn

    from rag.api import create_app
    from rag.api.edge import check_address
    from rag.build import build_reranker

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                typer.echo(f"footnote: the API answers on {address}", err=True)

    settings = settings_for(data)
    build_reranker(settings)  # one that is not there is told of now, not at the first question
    host = host or settings.server.host
    check_address(host)
    with listen(host, settings.server.port if port is None else port) as listener:
        name, number = listener.getsockname()[:2]
        address = f"http://{f'[{name}]' if ':' in name else name}:{number}"
        config = uvicorn.Config(
            create_app(settings),
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        )
        Server(config).run([listener])


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens. Raises Misconfigured where the address is taken or not this machine's."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        listener = socket.create_server(address[:2], family=family, backlog=BACKLOG)
        # Inherited by each connection. Without it an answer's second packet waits 40 ms for the first one's receipt;
        # asyncio sets it on sockets of its own making alone.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listener
    except OSError as error:
        raise Misconfigured(
            f"cannot listen on {host}:{port}: {error.strerror or error}",
            hint="is it running already? `--port 0` takes a free port",
        ) from error
