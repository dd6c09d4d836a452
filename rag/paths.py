"""Patterns of paths: a file, a folder and all in it, or wildcards as a shell knows them. Pure; touches no disk.

A path is a label such as people see, "hr/2024/leave.md". Case and width of characters do not count.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from rag.errors import InvalidRequest

HINT = (
    'give a file ("hr/leave.md"), a folder ("hr/") or wildcards: * and ? stay within a folder, ** does not, '
    "[ab] is one of these characters, and [[] is a bracket"
)
_WILD = re.compile(r"[*?\[]")
_SEGMENT_END = r"(?=/|\Z)"


def fold_path(path: str) -> str:
    """Return what paths are compared by; "/" parts folders on every system."""
    return unicodedata.normalize("NFKC", path).casefold().replace("\\", "/")


def as_pattern(path: str) -> str:
    """Return the pattern that means this very path."""
    return re.sub(r"[*?\[]", r"[\g<0>]", path)


@dataclass(frozen=True, slots=True)
class PathPattern:
    """What of the folded paths is meant: a file of this very name, what lies in a folder, and what the glob matches.

    file: "" where a folder alone is meant. folder ends in "/". glob: None without wildcards; matches whole paths.
    head: what every path begins with that the glob matches.
    """

    file: str
    folder: str
    glob: re.Pattern[str] | None = None
    head: str = ""

    @classmethod
    def of(cls, pattern: str) -> PathPattern:
        """Raises InvalidRequest where it is empty, or has a bracket that is never closed."""
        folded = fold_path(pattern.strip()).removeprefix("./").lstrip("/")
        name = folded.rstrip("/")
        if not name:
            raise InvalidRequest(f"{pattern!r} names no file and no folder", hint=HINT)
        file = "" if folded.endswith("/") else name
        wild = _WILD.search(name)
        if wild is None:
            return cls(file, f"{name}/")
        # As in .gitignore: without a "/" it is a name, wherever that stands, and a folder's is all that lies in it.
        anywhere = "/" not in name
        segments = ["**", name] if anywhere else name.split("/")
        source = _translated(segments, pattern) + ("(?:/.+)?" if file else "/.+")
        return cls(file, f"{name}/", re.compile(source, re.DOTALL), "" if anywhere else name[: wild.start()])


def _translated(segments: list[str], pattern: str) -> str:
    """Return segments as a regular expression that needs no trying back: what stands first after a ** will do."""
    groups: list[list[str]] = [[]]
    for segment in segments:
        if segment == "**":
            groups.append([])
        else:
            groups[-1].append(_segment(segment, pattern))
    if len(groups) > 1 and not groups[-1]:
        groups[-1] = ["[^/]+"]  # at the end: whatever lies in there
    first, *others = ["/".join(group) for group in groups]
    parts = [first] if first else []
    parts += [f"(?>(?:[^/]+/)*?{other})" for other in others if other]
    return "/".join(parts)


def _segment(segment: str, pattern: str) -> str:
    """Return what matches one folder's or file's name. Raises InvalidRequest, quoting the whole pattern."""
    pieces, made, place = [], "", 0
    while place < len(segment):
        character = segment[place]
        if character == "*":
            pieces.append(made)
            made = ""
        elif character == "[":
            close = segment.find("]", place + (3 if segment[place + 1 : place + 2] in ("!", "^") else 2))
            if close < 0:
                raise InvalidRequest(f"the pattern {pattern!r} has a [ that is never closed", hint=HINT)
            made += _one_of(segment[place + 1 : close], pattern)
            place = close
        else:
            made += "[^/]" if character == "?" else re.escape(character)
        place += 1
    if not pieces:
        return made + _SEGMENT_END
    first, *middle = pieces
    return first + "".join(f"(?>[^/]*?{piece})" for piece in middle) + f"[^/]*{made}" + _SEGMENT_END


def _one_of(characters: str, pattern: str) -> str:
    negated = characters[0] in "!^"
    body = re.sub(r"([\\\[\]^&~|])", r"\\\1", characters[negated:])
    source = f"(?!/)[{'^' if negated else ''}{body}]"
    try:
        re.compile(source)
    except re.error as error:
        raise InvalidRequest(f"the pattern {pattern!r} has [{characters}], which is no range", hint=HINT) from error
    return source
