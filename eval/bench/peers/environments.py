"""Make a peer's own virtual environment where there is none. Knows nothing of what runs in it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from eval.bench.peers.systems import Environment

MADE = "footnote.json"  # in the environment's folder: the packages that were installed to the end
SHOWN_CHARACTERS = 400  # of what pip says, in an error


class NotMade(Exception):
    """The environment cannot be made: a row says so."""


def python_of(environment: Environment, peers: Path) -> Path:
    """Return the environment's Python; it is made where it is absent or lacks a package. Raises NotMade."""
    folder = (peers / environment.folder).absolute()
    python, made = folder / "bin" / "python", folder / MADE
    wanted = list(environment.packages)
    if made.is_file() and json.loads(made.read_text(encoding="utf-8")) == wanted:
        return python
    sys.stderr.write(f"Making {folder}: {' '.join(wanted)}\n")
    if not python.exists():
        _do([sys.executable, "-m", "venv", str(folder)])
    _do([str(python), "-m", "pip", "install", "--quiet", *wanted])
    made.write_text(json.dumps(wanted), encoding="utf-8")
    return python


def _do(command: list[str]) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        raise NotMade(f"{command[0]}: {error}") from error
    if done.returncode:
        errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or done.stderr.splitlines()
        raise NotMade(" ".join(errors)[-SHOWN_CHARACTERS:] or f"ended with {done.returncode}")
