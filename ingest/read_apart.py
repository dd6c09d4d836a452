"""Read files in a process of its own: one that hangs, crashes or devours the memory costs itself and no other.

Knows nothing of formats. The child lives until close() or until a file is too much for it; then the next one gets a new
child. Bytes go to it and documents come back, pickled: a guard against bad files, and no sandbox for hostile code.
"""

from __future__ import annotations

import logging
import os
import pickle
import resource
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from typing import Any

from ingest.read.limits import Limits
from rag.errors import Malformed, TooLarge, Unreadable
from rag.types import Document

log = logging.getLogger(__name__)

READER = "ingest.read:read"
OUT_OF_MEMORY = 77  # an exit code that nothing else here uses
Read = Callable[..., Document]  # (data, name, *, limits)


class ReaderFault(Exception):
    """The reader raised what no reader should; a note carries its trace."""


class ReadApart:
    """Not for several threads at once: the child takes one file at a time."""

    def __init__(self, reader: str = READER) -> None:
        """reader: "module:function" that the child imports."""
        self._reader = reader
        self._child: subprocess.Popen[bytes] | None = None

    def read(self, data: bytes, name: str, *, limits: Limits) -> Document:
        """As ingest.read.read(), within limits.max_seconds and limits.max_memory_bytes.

        Raises the Unreadable family, and ReaderFault.
        """
        if self._child is None:
            self._child = self._started()
        try:
            reply = _exchanged(self._child, (data, name, limits))
        except (EOFError, OSError, pickle.UnpicklingError) as error:
            raise self._ended(name, limits) from error
        except BaseException:  # interrupted: a reply to this file must not be taken for one to the next
            self.close()
            raise
        if isinstance(reply, Exception):
            raise reply
        assert isinstance(reply, Document)
        return reply

    def close(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            with suppress(OSError), child:  # a pipe with unsent bytes in it complains when closed
                pass

    def _started(self) -> subprocess.Popen[bytes]:
        program = f"import sys; sys.path[:] = {sys.path!r}; from {__name__} import serve; serve({self._reader!r})"
        return subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def _ended(self, name: str, limits: Limits) -> Unreadable:
        """Say why the child has gone."""
        assert self._child is not None
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
                f"{name}: reading it takes more than {limits.max_memory_bytes / 2**20:.0f} MiB of memory",
                hint="raise ingest.max_memory_mb, or split the file",
            )
        if code == -signal.SIGKILL:
            return TooLarge(f"{name}: its reader was killed, as systems do for want of memory", hint="split the file")
        what = signal.strsignal(-code) if code < 0 else f"exit code {code}"
        return Malformed(f"{name}: its reader crashed on it ({what})", hint="export it to PDF again")


def _exchanged(child: subprocess.Popen[bytes], request: tuple[bytes, str, Limits]) -> Any:
    assert child.stdin is not None
    assert child.stdout is not None
    pickle.dump(request, child.stdin, pickle.HIGHEST_PROTOCOL)
    child.stdin.flush()
    return pickle.load(child.stdout)


# --- in the child


def serve(reader: str) -> None:
    """Answer requests until there are no more. What is printed goes to standard error, not among the replies."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent to act on
    signal.signal(signal.SIGALRM, signal.SIG_DFL)  # the kernel ends the process, whatever it is busy with
    module, function = reader.split(":")
    read: Read = getattr(import_module(module), function)
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    while True:
        try:
            data, name, limits = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        _limit_memory(limits.max_memory_bytes)
        signal.setitimer(signal.ITIMER_REAL, limits.max_seconds)
        try:
            reply = pickle.dumps(_answer(read, data, name, limits), pickle.HIGHEST_PROTOCOL)
        except MemoryError:
            os._exit(OUT_OF_MEMORY)
        signal.setitimer(signal.ITIMER_REAL, 0)
        try:
            replies.write(reply)
            replies.flush()
        except BrokenPipeError:  # the parent was killed
            return


def _limit_memory(most_bytes: int) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)  # what the administrator allows stands above what is asked for
    soft = most_bytes if hard == resource.RLIM_INFINITY else min(most_bytes, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def _answer(read: Read, data: bytes, name: str, limits: Limits) -> Document | Exception:
    try:
        return read(data, name, limits=limits)
    except Unreadable as error:
        return error
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001  (an edge: the parent logs it with the file's name)
        fault = ReaderFault(f"{type(error).__name__}: {error}")
        fault.add_note(traceback.format_exc())
        return fault
