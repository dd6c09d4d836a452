"""A real HTTP server that plays the hub: repositories of files, with the hashes that the hub tells of them."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import huggingface_hub.constants
import pytest

COMMIT = "0123456789abcdef0123456789abcdef01234567"
LARGE = (".safetensors", ".bin", ".gguf")  # kept with LFS, whose sha256 is told


@dataclass
class Repository:
    files: dict[str, bytes]
    commit: str = COMMIT
    altered: dict[str, bytes] = field(default_factory=dict)  # served in place of what is told
    cut: dict[str, int] = field(default_factory=dict)  # bytes after which the connection breaks, each time
    gated: bool = False

    def info(self, name: str) -> dict[str, Any]:
        siblings = [_sibling(path, data) for path, data in self.files.items()]
        return {"id": name, "modelId": name, "sha": self.commit, "siblings": siblings, "tags": [], "private": False}


def _sibling(path: str, data: bytes) -> dict[str, Any]:
    blob = hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
    told: dict[str, Any] = {"rfilename": path, "size": len(data), "blobId": blob}
    if path.endswith(LARGE):
        told["lfs"] = {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data), "pointerSize": 130}
    return told


class Hub(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.repositories: dict[str, Repository] = {}
        self.sent: list[tuple[str, int]] = []  # files asked for, and from which byte
        self.page = False  # answers with a web page, as a gateway that wants a password does

    def handle_error(self, request: object, client_address: object) -> None: ...

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Hub

    def log_message(self, format: str, *args: object) -> None: ...  # noqa: A002  (its name in the standard library)

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if self.server.page:
            self._send(200, b"<html>Please sign in</html>", **{"Content-Type": "text/html"})
        elif found := re.fullmatch(r"/api/models/([^/]+/[^/]+)(?:/revision/([^/]+))?", path):
            self._tell(found[1], found[2] or "main")
        elif found := re.fullmatch(r"/([^/]+/[^/]+)/resolve/([0-9a-f]+)/(.+)", path):
            self._serve(found[1], found[3])
        else:
            self._send(404, b"")

    def _tell(self, name: str, revision: str) -> None:
        repository = self.server.repositories.get(name)
        if repository is None:
            self._send(404, b"", **{"X-Error-Code": "RepoNotFound"})
        elif repository.gated:
            self._send(403, b"", **{"X-Error-Code": "GatedRepo"})
        elif revision not in ("main", repository.commit):
            self._send(404, b"", **{"X-Error-Code": "RevisionNotFound"})
        else:
            self._send(200, json.dumps(repository.info(name)).encode(), **{"Content-Type": "application/json"})

    def _serve(self, name: str, path: str) -> None:
        repository = self.server.repositories[name]
        data = repository.altered.get(path, repository.files[path])
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        start = int(asked[1]) if asked else 0
        self.server.sent.append((path, start))
        rest = data[start:]
        self.send_response(206 if asked else 200)
        self.send_header("Content-Length", str(len(rest)))
        if asked:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        self.end_headers()
        most = repository.cut.get(path)
        self.wfile.write(rest if most is None else rest[:most])
        if most is not None and most < len(rest):
            self.close_connection = True

    def _send(self, code: int, body: bytes, **headers: str) -> None:
        self.send_response(code)
        for key, value in headers.items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def hub_server() -> Iterator[Hub]:
    with Hub() as hub:
        thread = threading.Thread(target=hub.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield hub
        finally:
            hub.shutdown()
            thread.join(20)


@contextmanager
def hub_in_use(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """Have huggingface_hub ask this one, which it otherwise decides when it is imported."""
    with hub_server() as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)
        monkeypatch.setattr(huggingface_hub.constants, "DOWNLOAD_CHUNK_SIZE", 10_000)  # what a cut costs at most
        monkeypatch.setattr("huggingface_hub.file_download.time.sleep", lambda seconds: None)  # before it tries again
        yield hub
