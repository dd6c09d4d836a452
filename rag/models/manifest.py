"""What was fetched, byte for byte: written beside a model's files, and held to them when they have been carried on.

Knows nothing of hubs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from rag.errors import ModelMismatch
from rag.models.find import file_digest, weight_files

NAME = "footnote-manifest.json"
HINT = "fetch the model anew, or copy its folder again"
NAMED = 5  # of the files at fault, in an error


@dataclass(frozen=True, slots=True)
class Stored:
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    repository: str
    commit: str  # of the repository, which its revision named when it was fetched
    revision: str
    files: Mapping[str, Stored]  # by their paths below the folder


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write it whole or not at all."""
    fresh = folder / f".{NAME}"
    fresh.write_text(json.dumps(asdict(manifest), indent=1, sort_keys=True) + "\n", encoding="utf-8")
    fresh.replace(folder / NAME)


def read_manifest(folder: Path) -> Manifest | None:
    """Return what was written beside a model; None where nothing was. Raises ModelMismatch for what is no manifest."""
    path = folder / NAME
    if not path.is_file():
        return None
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        files = {str(name): Stored(int(one["bytes"]), str(one["sha256"])) for name, one in told["files"].items()}
        return Manifest(str(told["repository"]), str(told["commit"]), str(told["revision"]), files)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ModelMismatch(f"{path} is no manifest: {error}", hint=HINT) from error


def hold_to_manifest(folder: Path, manifest: Manifest) -> None:
    """Read every file. Raises ModelMismatch where one is gone or altered, and where there are weights besides."""
    faults = []
    for name, stored in sorted(manifest.files.items()):
        path = folder / name
        if not path.is_file():
            faults.append(f"{name} is gone")
        elif path.stat().st_size != stored.bytes:
            faults.append(f"{name} has {path.stat().st_size} bytes, not {stored.bytes}")
        elif file_digest(path) != stored.sha256:
            faults.append(f"{name} has sha256 {file_digest(path)}, not {stored.sha256}")
    named = {folder / name for name in manifest.files}
    faults += [f"{path.relative_to(folder)} was not fetched" for path in weight_files(folder) if path not in named]
    if faults:
        more = f"; and {len(faults) - NAMED} more" if len(faults) > NAMED else ""
        raise ModelMismatch(f"{folder} is not as it was fetched: {'; '.join(faults[:NAMED])}{more}", hint=HINT)
