"""Find the files under some paths, in one order whatever the file system's. Opens none; knows nothing of formats.

Every entry ends somewhere: a regular file is Found; what must not be read is Passed, and says why. A hidden folder,
an ignored one and a link to a folder are one entry each, with nothing under them.
"""

from __future__ import annotations

import os
import re
import stat
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from ingest.patterns import FILE_NAME, Patterns
from ingest.report import describe
from rag.errors import InvalidRequest

EVERY_FILE = Patterns()
LIBRARY_FILE = "library.db"  # marks a collection's folder
MODELS_FOLDER = "models"
_LONE_SURROGATES = re.compile("[\ud800-\udc7f\udd00-\udfff]")  # those that stand for no byte of a file's name


@dataclass(frozen=True, slots=True)
class Found:
    """A regular file. location names it for good; source is the label that people see; path is what to open."""

    path: Path
    location: str
    source: str
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Passed:
    """An entry that is not read."""

    source: str
    outcome: Literal["skipped", "failed"]
    error: str
    detail: str
    location: str


@dataclass(slots=True)
class Walk:
    """entries in order; complete: the prefixes of locations under which every file was seen; empty: where none was."""

    entries: list[Found | Passed] = field(default_factory=list)
    complete: list[str] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)

    @property
    def locations(self) -> set[str]:
        return {entry.location for entry in self.entries if isinstance(entry, Found)}


def walk(paths: Sequence[Path], data: Path, patterns: Patterns = EVERY_FILE) -> Walk:
    """Look through files and folders; what is reached twice counts once, under the name it was first reached by.

    data: where Footnote keeps its own files, which are nobody's documents. patterns hold under folders; a file that is
    given by its name is meant.
    """
    result = Walk()
    seen: set[str] = set()
    for path in paths:
        root, entries = _start(path, data, patterns)
        whole = empty = True
        for entry in entries:
            if isinstance(entry, Found):
                empty = False
            elif entry.outcome == "failed":
                whole = False
            if entry.location not in seen:
                seen.add(entry.location)
                result.entries.append(entry)
        if whole and root is not None:
            prefix = root.as_uri().rstrip("/") + "/"
            result.complete.append(prefix)
            if empty:
                result.empty.append(prefix)
    return result


def label(*parts: str) -> str:
    """Join names as people see them: "/" between, NFC, and U+FFFD for bytes that are no UTF-8."""
    text = _LONE_SURROGATES.sub("\ufffd", "/".join(part for part in parts if part))
    return unicodedata.normalize("NFC", os.fsencode(text).decode("utf-8", "replace"))


def _start(path: Path, data: Path, patterns: Patterns) -> tuple[Path | None, Iterator[Found | Passed]]:
    """Return the folder that is walked, None where it is no folder, and the entries."""
    name = label(str(path))
    try:
        root = path.resolve(strict=True)  # a link given by name is meant; one found under a folder is not followed out
        status = root.stat()
    except (OSError, RuntimeError, ValueError) as error:  # RuntimeError: links in a circle; ValueError: a null byte
        reason = getattr(error, "strerror", None) or str(error)
        return None, iter([Passed(name, "failed", "NotFound", f"{name}: {reason}", name)])
    if stat.S_ISDIR(status.st_mode):
        if _is_ours(root, data):
            return None, iter([_ours(root, name)])
        return root, _folder(root, data.resolve(), patterns)
    if stat.S_ISREG(status.st_mode):
        found = Found(root, root.as_uri(), label(root.parent.name, root.name), status.st_size, status.st_mtime_ns)
        return None, iter([found])
    return None, iter([_special(root, name)])


def _folder(root: Path, data: Path, patterns: Patterns) -> Iterator[Found | Passed]:
    pending = [(root, patterns)]
    while pending:
        folder, above = pending.pop()
        parts = folder.relative_to(root).parts
        here = label(root.name, *parts)
        try:
            with os.scandir(folder) as listing:
                entries = sorted(listing, key=lambda entry: os.fsencode(entry.name))
            rules = above.within(folder, parts)
        except (OSError, InvalidRequest) as error:
            reason = error.strerror if isinstance(error, OSError) else describe(error)
            detail = f"{here}/: cannot be listed: {reason}"
            yield Passed(f"{here}/", "failed", "Unreadable", detail, folder.as_uri())
            continue
        folders: list[tuple[Path, Patterns]] = []
        for entry in entries:
            source = label(here, entry.name)
            path = (*parts, entry.name)
            try:
                if entry.is_dir(follow_symlinks=False):
                    passed = _passed_folder(entry, source, data, ignored=rules.ignores(path, folder=True))
                    if passed is None:
                        folders.append((Path(entry.path), rules))
                    else:
                        yield passed
                elif rules.ignores(path):
                    yield _skipped(
                        Path(entry.path), source, "Ignored", f"left alone, as {FILE_NAME} or ingest.ignore says"
                    )
                elif not rules.wants(path):
                    yield _skipped(Path(entry.path), source, "Ignored", "none of the files that ingest.include names")
                else:
                    yield _file(entry, source, root)
            except OSError as error:
                yield Passed(source, "failed", "Unreadable", f"{source}: {error.strerror}", Path(entry.path).as_uri())
        pending += reversed(folders)


def _passed_folder(entry: os.DirEntry[str], source: str, data: Path, *, ignored: bool) -> Passed | None:
    path = Path(entry.path)
    if entry.name.startswith("."):
        return _skipped(path, f"{source}/", "Hidden", "a hidden folder; nothing under it was read")
    if ignored:
        why = f"a folder that {FILE_NAME} or ingest.ignore names; nothing under it was read"
        return _skipped(path, f"{source}/", "Ignored", why)
    return _ours(path, f"{source}/") if _is_ours(path, data) else None


def _file(entry: os.DirEntry[str], source: str, root: Path) -> Found | Passed:
    path = Path(entry.path)
    if entry.name.startswith("."):
        return _skipped(path, source, "Hidden", "a hidden file")
    real = path
    if entry.is_symlink():
        try:
            real = path.resolve(strict=True)
        except (OSError, RuntimeError):
            return _skipped(path, source, "Link", "a link to nothing")
        if not real.is_relative_to(root):
            return _skipped(path, source, "Link", "a link that leads out of the folder")
        if real.is_dir():
            return _skipped(path, source, "Link", "a link to a folder that is read in its own place")
        if any(part.startswith(".") for part in real.relative_to(root).parts):
            return _skipped(path, source, "Link", "a link to something hidden")
    status = real.lstat()
    if not stat.S_ISREG(status.st_mode):
        return _special(path, source)
    return Found(real, path.as_uri(), source, status.st_size, status.st_mtime_ns)


def _is_ours(folder: Path, data: Path) -> bool:
    data = data.resolve()
    return folder.parent == data and (folder.name == MODELS_FOLDER or (folder / LIBRARY_FILE).is_file())


def _ours(path: Path, source: str) -> Passed:
    return _skipped(path, source, "OwnData", "Footnote's own data")


def _special(path: Path, source: str) -> Passed:
    return _skipped(path, source, "NotAFile", "a device, a pipe or a socket, not a file")


def _skipped(path: Path, source: str, error: str, why: str) -> Passed:
    return Passed(source, "skipped", error, f"{source}: {why}", path.as_uri())
