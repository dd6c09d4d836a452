"""A reader that does to its process whatever the file says: what a parser may do on hostile bytes."""

from __future__ import annotations

import os
import signal

from ingest.read import Limits
from rag.errors import Encrypted
from rag.types import Document


def read(data: bytes, name: str, limits: Limits) -> Document:
    match data.removeprefix(b"%PDF-").split()[0]:
        case b"hang":
            while True:
                signal.pause()
        case b"spin":
            while True:
                pass
        case b"devour":
            eaten = []
            while True:
                eaten.append(bytearray(2**24))
        case b"killed":
            os.kill(os.getpid(), signal.SIGKILL)
        case b"crash":
            os.kill(os.getpid(), signal.SIGSEGV)
        case b"exit":
            os._exit(3)
        case b"fault":
            raise ZeroDivisionError("in the reader")
        case b"encrypted":
            raise Encrypted(f"{name}: needs a password", hint="save a copy without one")
        case b"print":
            print("to standard output")  # noqa: T201
            os.write(1, b"from the depths of a library")
    text = f"{os.getpid()} {data.decode()}"
    return Document("", name, name, "application/pdf", text, metadata={"pages": 1})
