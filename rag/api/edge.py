"""What stands before every route: who may call, how much they may send, and what becomes of an error nobody foresaw.

Until keys exist the service is for this machine alone. A page on the web can make a browser call loopback, so the Host
header must name loopback (against DNS rebinding), and so must the Origin of whatever changes something.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.api.problems import Problem, problem_of
from rag.errors import Misconfigured

MAX_BODY_BYTES = 1_000_000  # of every request but an upload: a question of 4,000 characters is at most 24 kB, escaped
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def is_loopback(host: str) -> bool:
    """Tell whether a host name or address, without its port, is this machine speaking to itself."""
    name = host.strip("[]").rstrip(".").lower()
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def check_address(host: str) -> None:
    """Raise Misconfigured unless the server would be heard on this machine alone."""
    if not is_loopback(host):
        raise Misconfigured(
            f"will not listen on {host!r}: there are no keys yet, so whoever reaches the server could read everything",
            hint="use --host 127.0.0.1, and an SSH tunnel from other machines",
        )


class Edge:
    """The outermost layer: lets no stranger in and no traceback out."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = _Body(scope, receive)
        started = False

        async def guarded_send(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                headers.setdefault("X-Content-Type-Options", "nosniff")
                headers.setdefault("Cache-Control", "no-store")
                headers.setdefault("Cross-Origin-Resource-Policy", "same-site")
                if body.is_coming:  # refused half read: the server would go on reading it, for as long as it comes
                    headers["Connection"] = "close"
            await send(message)

        try:
            _refuse_strangers(scope)
            body.check_announced()
            await self._app(scope, body.receive, guarded_send)
        except Exception as error:
            response = problem_of(error)
            if started:
                raise  # too late to say anything: the server breaks the connection off, and the client sees that
            await response(scope, receive, guarded_send)


def _refuse_strangers(scope: Scope) -> None:
    headers = Headers(scope=scope)
    host = headers.get("host", "")
    if not is_loopback(_host_of(f"//{host}")):
        raise Problem(421, f"this server is not {host!r}", hint="call it by 127.0.0.1 or localhost")
    peer = (scope.get("client") or ("",))[0]
    if _is_address(peer) and not is_loopback(peer):
        raise Problem(403, f"{peer} is another machine", hint="until there are keys, only this machine may call")
    origin = headers.get("origin")
    if origin is not None and scope["method"] not in SAFE_METHODS and not is_loopback(_host_of(origin)):
        raise Problem(403, f"a page from {origin!r} may change nothing here", hint="call from this machine's own pages")


def _host_of(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _is_address(peer: str) -> bool:
    try:
        ipaddress.ip_address(peer)
    except ValueError:  # a socket file, or a test's client
        return False
    return True


class _Body:
    """A request's body on its way in: refused past the limit, at its announcement or while it comes."""

    def __init__(self, scope: Scope, receive: Receive) -> None:
        headers = Headers(scope=scope)
        self._announced = headers.get("content-length", "")
        self._receive = receive
        # The one route that counts what it is sent itself.
        self._unlimited = scope["method"] == "POST" and scope["path"] == "/documents"
        self._seen = 0
        self.is_coming = self._announced not in ("", "0") or "transfer-encoding" in headers

    def check_announced(self) -> None:
        announced = self._announced
        if announced.isdecimal() and (len(announced) > 18 or int(announced) > MAX_BODY_BYTES) and not self._unlimited:
            raise self._too_large()

    async def receive(self) -> Message:
        message = await self._receive()
        self._seen += len(message.get("body", b""))
        if self._seen > MAX_BODY_BYTES and not self._unlimited:
            raise self._too_large()
        if not message.get("more_body", False):
            self.is_coming = False
        return message

    def _too_large(self) -> Problem:
        return Problem(
            413,
            f"the body is larger than {MAX_BODY_BYTES} bytes",
            hint="files go to POST /documents, as multipart/form-data",
        )
