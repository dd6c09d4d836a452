"""The parts of an office file, which is a zip archive: one that cannot be read is absent, and `damaged` says why.

Knows nothing of what parts there are or what they mean.
"""

from __future__ import annotations

from ingest.read.limits import Limits
from ingest.read.xml_safe import Element, parse_damaged_xml
from ingest.read.zipped import member, open_zip, salvage, was_salvaged
from rag.errors import Malformed, Unsupported


class Parts:
    def __init__(self, data: bytes, name: str, limits: Limits) -> None:
        """Raises Malformed, TooLarge, Encrypted."""
        self.name = name
        self._data = data
        self._limits = limits
        self._archive = open_zip(data, name, limits)
        self._index()
        self.damaged: list[str] = ["the archive is cut or broken"] if was_salvaged(self._archive) else []

    def _index(self) -> None:
        # Names differ in case and slashes from what refers to them, and the tools people use read them all the same.
        self._paths = {_folded(info.filename): info.filename for info in self._archive.infolist()}

    def has(self, path: str) -> bool:
        return _folded(path) in self._paths

    def paths(self) -> list[str]:
        return list(self._paths.values())

    def part(self, path: str) -> bytes | None:
        """Return a part's bytes; None where there is no such part, or none that can be unpacked."""
        stored = self._paths.get(_folded(path))
        if stored is None:
            return None
        try:
            return member(self._archive, stored, self.name, self._limits)
        except (Malformed, Unsupported) as error:
            self.damaged.append(str(error))
        if not was_salvaged(self._archive):
            self._archive = salvage(self._data, self.name, self._limits)
            self._index()
            return self.part(path)
        return None

    def xml(self, path: str) -> Element | None:
        """Return a part's root; None where it is absent or beyond reading."""
        data = self.part(path)
        return None if data is None else self.parsed(data, path)

    def parsed(self, data: bytes, path: str) -> Element | None:
        try:
            root, mended = parse_damaged_xml(data, f"{self.name}: {path}")
        except Malformed as error:
            self.damaged.append(str(error))
            return None
        if mended:
            self.damaged.append(f"{path} is damaged XML, read as far as it goes")
        return root

    def check_text(self, characters: int) -> None:
        """Raise Malformed where a damaged file has given no text: that is no empty file."""
        if not characters and self.damaged:
            raise Malformed(
                f"{self.name}: it is damaged, and no text is left in it ({self.damaged[0]})",
                hint="save it again from the program that made it",
            )


def _folded(path: str) -> str:
    return path.replace("\\", "/").lstrip("/").lower()
