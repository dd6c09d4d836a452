from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from rag.cli.serve import app, listen
from rag.errors import Misconfigured


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::", "example.com"])
def test_serve_refuses_every_address_but_loopback(tmp_path: Path, host: str) -> None:
    result = CliRunner().invoke(app, ["--host", host, "--data", str(tmp_path / "data")])
    assert isinstance(result.exception, Misconfigured)
    assert "127.0.0.1" in result.exception.hint
    assert not (tmp_path / "data").exists()


def test_a_port_in_use_is_told_with_a_way_out() -> None:
    with listen("127.0.0.1", 0) as taken, pytest.raises(Misconfigured, match="cannot listen") as caught:
        listen("127.0.0.1", taken.getsockname()[1])
    assert "--port" in caught.value.hint


def test_no_answer_waits_until_the_client_has_acknowledged_its_head() -> None:
    with (
        listen("127.0.0.1", 0) as listener,
        socket.create_connection(listener.getsockname()),
        listener.accept()[0] as accepted,
    ):
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_serve_tells_its_address_answers_and_stops_when_told(tmp_path: Path, root: Path) -> None:
    command = [sys.executable, "-m", "footnote", "serve", "--port", "0", "--data", str(tmp_path / "data")]
    with subprocess.Popen(command, cwd=root, stderr=subprocess.PIPE, text=True, env={**os.environ}) as process:
        try:
            assert process.stderr is not None
            address = next(line.split()[-1] for line in process.stderr if "answers on" in line)
            assert httpx.get(f"{address}/healthz", trust_env=False).json()["status"] == "alive"
            process.send_signal(signal.SIGINT)
            assert process.wait(30) in (0, 130, -signal.SIGINT)
        finally:
            process.kill()
