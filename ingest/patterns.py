"""Which files of a folder are wanted: .footnoteignore, and the patterns of the settings. Reads no other file.

Patterns are those of .gitignore. One in a deeper folder outweighs those above it, and all outweigh the settings'.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pathspec import GitIgnoreSpec
from pathspec.patterns.gitignore.base import GitIgnorePatternError

from rag.errors import InvalidRequest

FILE_NAME = ".footnoteignore"
_NO_RULES: tuple[tuple[int, GitIgnoreSpec], ...] = ()


@dataclass(frozen=True, slots=True)
class Patterns:
    """The rules that hold in one folder. rules: how deep each stands below the walk's root, deepest first."""

    rules: tuple[tuple[int, GitIgnoreSpec], ...] = _NO_RULES
    wanted: GitIgnoreSpec | None = None

    @classmethod
    def of(cls, *, ignore: Sequence[str] = (), include: Sequence[str] = ()) -> Patterns:
        """Raises InvalidRequest for what is no pattern."""
        rules = ((0, _spec(ignore, "ingest.ignore")),) if ignore else _NO_RULES
        return cls(rules, _spec(include, "ingest.include") if include else None)

    def within(self, folder: Path, parts: Sequence[str]) -> Patterns:
        """Return the rules for a folder, which is at `parts` below the root. Raises OSError, InvalidRequest."""
        path = folder / FILE_NAME
        try:
            lines = path.read_text(encoding="utf-8-sig", errors="replace").splitlines()
        except FileNotFoundError:
            return self
        return replace(self, rules=((len(parts), _spec(lines, str(path))), *self.rules))

    def ignores(self, parts: Sequence[str], *, folder: bool = False) -> bool:
        """Whether a file, or a folder and all within it, is to be left alone. parts: its path below the root."""
        for depth, spec in self.rules:
            path = "/".join(parts[depth:]) + ("/" if folder else "")
            answer = spec.check_file(path).include
            if answer is not None:
                return answer
        return False

    def wants(self, parts: Sequence[str]) -> bool:
        return self.wanted is None or self.wanted.match_file("/".join(parts))


def _spec(lines: Sequence[str], where: str) -> GitIgnoreSpec:
    try:
        return GitIgnoreSpec.from_lines(lines)
    except (GitIgnorePatternError, ValueError) as error:
        raise InvalidRequest(f"{where}: {error}", hint="write patterns as for .gitignore") from error
