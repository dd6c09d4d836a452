"""Run several commands as one: start them, wait until they answer, and stop them all when one dies or a signal comes.

Knows processes, logs and addresses; knows nothing of what the commands do.
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType, TracebackType
from typing import BinaryIO

import httpx

LOOK_SECONDS = 0.1
STOP_SECONDS = 10.0  # from asking a part to stop to killing it; the API gives answers under way 5
TAIL_LINES = 15
LOG_BYTES = 5_000_000  # a longer log is moved aside when its part starts again
PR_SET_PDEATHSIG = 1  # linux/prctl.h

Say = Callable[[str], None]


class StartFailed(Exception):
    """A part did not start, or did not stay."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class Interrupted(Exception):
    """A signal asked for the end."""


@dataclass(frozen=True, slots=True)
class Part:
    """A command that is to run until the end. answers_at: the address that must answer before it counts as up."""

    name: str
    command: Sequence[str]
    answers_at: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)


class _Running:
    """A started part: leader of a process group of its own, so that whatever it started is stopped with it."""

    def __init__(self, part: Part, log: Path) -> None:
        self.part = part
        self.log = log
        self._start = _begin_log(log)
        with log.open("ab") as out:
            self.process = _spawn(part, out)

    def stop(self, signal_number: int) -> None:
        with suppress(ProcessLookupError):  # the group is gone
            os.killpg(self.process.pid, signal_number)

    def tail(self) -> str:
        """Return the last lines that this run has logged."""
        with self.log.open("rb") as file:
            file.seek(max(self._start, file.seek(0, os.SEEK_END) - 64_000))
            lines = file.read().decode("utf-8", "replace").splitlines()
        return "\n".join(lines[-TAIL_LINES:])


class Parts:
    """The running parts. Leaving the block stops them all, whatever the reason."""

    def __init__(self, logs: Path, say: Say) -> None:
        self._logs = logs
        self._say = say
        self._running: list[_Running] = []
        self._asked_to_end = threading.Event()
        self._before: dict[signal.Signals, object] = {}

    def __enter__(self) -> Parts:
        self._logs.mkdir(parents=True, exist_ok=True)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            self._before[number] = signal.signal(number, self._end)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._stop_all()
        finally:
            for number, handler in self._before.items():
                signal.signal(number, handler)  # type: ignore[arg-type]

    def start(self, part: Part) -> None:
        self._running.append(_Running(part, self._logs / f"{part.name}.log"))

    def wait_until_up(self, timeout_seconds: float) -> None:
        """Return when every address answers.

        Raises StartFailed when a part dies or stays silent, Interrupted on a signal.
        """
        waiting = {running.part.answers_at: running for running in self._running if running.part.answers_at}
        deadline = time.monotonic() + timeout_seconds
        while waiting:
            self._look()
            for address in list(waiting):
                if _answers(address):
                    del waiting[address]
            if time.monotonic() > deadline:
                silent = next(iter(waiting.values()))
                raise StartFailed(
                    f"{silent.part.name} does not answer after {timeout_seconds:.0f} s\n{silent.tail()}",
                    hint=f"its log is {silent.log}",
                )

    def run_to_end(self, part: Part) -> int:
        """Run a command while the parts run, and return its exit code."""
        running = _Running(part, self._logs / f"{part.name}.log")
        self._running.append(running)
        try:
            while (code := running.process.poll()) is None:
                self._look(but=running)
            return code
        finally:
            if running.process.poll() is not None:
                self._running.remove(running)

    def tail(self, name: str) -> str:
        path = self._logs / f"{name}.log"
        return "\n".join(path.read_text("utf-8", "replace").splitlines()[-TAIL_LINES:])

    def stay(self) -> None:
        """Return never: raises StartFailed when a part dies, Interrupted on a signal."""
        while True:
            self._look()

    def _look(self, *, but: _Running | None = None) -> None:
        if self._asked_to_end.wait(LOOK_SECONDS):
            raise Interrupted
        for running in self._running:
            code = running.process.poll()
            if code is not None and running is not but:
                ended = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
                raise StartFailed(
                    f"{running.part.name} {ended}, so all are stopped. Its last words:\n{running.tail()}",
                    hint=f"the whole log is {running.log}",
                )

    def _end(self, _number: int, _frame: FrameType | None) -> None:
        self._asked_to_end.set()

    def _stop_all(self) -> None:
        for running in self._running:
            running.stop(signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        for running in self._running:
            try:
                running.process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                self._say(f"{running.part.name} did not stop in {STOP_SECONDS:.0f} s and is killed")
            running.stop(signal.SIGKILL)  # the part itself, or what it left behind in its group
            running.process.wait()


def free_port(host: str, port: int) -> int:
    """Return the port, or one that is free for 0. Raises StartFailed where it is taken."""
    try:
        with socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET) as listener:
            number: int = listener.getsockname()[1]
            return number
    except OSError as error:
        raise StartFailed(
            f"port {port} on {host} cannot be used: {error.strerror or error}",
            hint=f"is Footnote running already? `ss -ltnp | grep :{port}` says who has it; or choose another port",
        ) from error


def _answers(address: str) -> bool:
    try:
        return httpx.get(address, timeout=1.0, trust_env=False).is_success
    except httpx.TransportError:
        return False


def _begin_log(log: Path) -> int:
    """Make room for this run's lines; return where they begin."""
    if log.exists() and log.stat().st_size > LOG_BYTES:
        log.replace(log.with_suffix(".old.log"))
    return log.stat().st_size if log.exists() else 0


def _spawn(part: Part, out: BinaryIO) -> subprocess.Popen[bytes]:
    # preexec_fn is safe here: this process has no other threads when it starts its parts.
    return subprocess.Popen(
        list(part.command),
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=subprocess.STDOUT,
        env={**os.environ, **part.environment},
        start_new_session=True,
        preexec_fn=_die_with_parent if sys.platform == "linux" else None,
    )


def _die_with_parent() -> None:
    """Have the kernel end this process when the supervisor is killed and cannot."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
