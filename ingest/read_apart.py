"""Call functions on files in a process of its own: a file that hangs, crashes or devours memory costs itself alone.

Knows nothing of formats. The child lives until close() or until a file is too much for it; then the next one gets a new
child. Bytes go to it and results come back, pickled: a guard against bad files, and no sandbox for hostile code.
"""

from __future__ import annotations

import logging
import os
import pickle
import signal
import subprocess
import sys
import traceback
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from typing import IO, Any

from ingest.read.limits import Limits
from ingest.read.memory import limit_growth
from rag.errors import Malformed, TooLarge, Unreadable

log = logging.getLogger(__name__)

OUT_OF_MEMORY = 77  # an exit code that nothing else here uses
Reply = tuple[str, Any]  # "item" and one of several results, "done" and the only one, or "error" and what was raised


class ReaderFault(Exception):
    """The reader raised what no reader should; a note carries its trace."""


class ReadApart:
    """Not for several threads at once: the child takes one file at a time."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None

    def call(self, function: str, data: bytes, name: str, limits: Limits) -> Any:
        """Return function(data, name, limits), within limits.max_seconds and limits.memory_bytes(len(data)).

        function: "module:name"; the child imports it. Raises the Unreadable family, and ReaderFault.
        """
        kind, result = self._exchanged((function, "call", data, name, limits))
        assert kind == "done"
        return result

    def iterate(self, function: str, data: bytes, name: str, limits: Limits) -> Iterator[Any]:
        """Yield what function(data, name, limits) yields, as call() would return it. To be run to its end."""
        kind, result = self._exchanged((function, "iterate", data, name, limits))
        while kind == "item":
            yield result
            kind, result = self._received(name, limits)

    def close(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            with suppress(OSError), child:  # a pipe with unsent bytes in it complains when closed
                pass

    def _exchanged(self, request: tuple[str, str, bytes, str, Limits]) -> Reply:
        *_, name, limits = request
        child = self._child = self._child or _started()
        assert child.stdin is not None
        try:
            pickle.dump(request, child.stdin, pickle.HIGHEST_PROTOCOL)
            child.stdin.flush()
        except OSError as error:
            raise self._ended(name, limits) from error
        except BaseException:  # interrupted: a reply to this file must not be taken for one to the next
            self.close()
            raise
        return self._received(name, limits)

    def _received(self, name: str, limits: Limits) -> Reply:
        child = self._child
        if child is None or child.stdout is None:
            raise self._ended(name, limits)
        try:
            reply: Reply = pickle.load(child.stdout)
        except (EOFError, OSError, pickle.UnpicklingError) as error:
            raise self._ended(name, limits) from error
        except BaseException:
            self.close()
            raise
        if reply[0] == "error":
            raise reply[1]
        return reply

    def _ended(self, name: str, limits: Limits) -> Unreadable:
        """Say why the child has gone."""
        if self._child is None:
            return Unreadable(f"{name}: reading it was stopped")
        code = self._child.wait()
        self.close()
        log.warning("%s: its reader ended with code %d", ascii(name), code)
        if code == -signal.SIGALRM:
            return TooLarge(
                f"{name}: reading it takes more than {limits.max_seconds:g} s",
                hint="raise ingest.max_seconds, or split the file",
            )
        if code == OUT_OF_MEMORY:
            return TooLarge(
                f"{name}: reading it takes more memory than a file of its size may",
                hint="raise ingest.max_expansion and ingest.max_memory_mb, or split the file",
            )
        if code == -signal.SIGKILL:
            return TooLarge(f"{name}: its reader was killed, as systems do for want of memory", hint="split the file")
        what = signal.strsignal(-code) if code < 0 else f"exit code {code}"
        return Malformed(f"{name}: its reader crashed on it ({what})", hint="save it anew, or export it to PDF")


def _started() -> subprocess.Popen[bytes]:
    program = f"import sys; sys.path[:] = {sys.path!r}; from {__name__} import serve; serve()"
    return subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)


# --- in the child


def serve() -> None:
    """Answer requests until there are no more. What is printed goes to standard error, not among the replies."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent to act on
    signal.signal(signal.SIGALRM, signal.SIG_DFL)  # the kernel ends the process, whatever it is busy with
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    while True:
        try:
            function, kind, data, name, limits = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        limit_growth(limits.memory_bytes(len(data)))
        signal.setitimer(signal.ITIMER_REAL, limits.max_seconds)
        try:
            for reply in _replies(function, kind, data, name, limits):
                _send(replies, reply)
        except MemoryError:
            os._exit(OUT_OF_MEMORY)
        except BrokenPipeError:  # the parent was killed
            return
        signal.setitimer(signal.ITIMER_REAL, 0)


def _send(replies: IO[bytes], reply: Reply) -> None:
    packed = pickle.dumps(reply, pickle.HIGHEST_PROTOCOL)
    left, _ = signal.setitimer(signal.ITIMER_REAL, 0)  # the parent may take its time, which is not the file's
    replies.write(packed)
    replies.flush()
    signal.setitimer(signal.ITIMER_REAL, left)


def _replies(function: str, kind: str, data: bytes, name: str, limits: Limits) -> Iterator[Reply]:
    module, attribute = function.split(":")
    try:
        result = getattr(import_module(module), attribute)(data, name, limits)
        if kind == "call":
            yield "done", result
            return
        for item in result:
            yield "item", item
        yield "done", None
    except (MemoryError, BrokenPipeError):
        raise
    except Unreadable as error:
        yield "error", error
    except Exception as error:  # noqa: BLE001  (an edge: the parent logs it with the file's name)
        fault = ReaderFault(f"{type(error).__name__}: {error}")
        fault.add_note(traceback.format_exc())
        yield "error", fault
