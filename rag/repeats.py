"""Which of the passages so far says a text already, whatever its script, width, case and layout, or all but says it.

Knows no documents.
"""

from __future__ import annotations

from collections import defaultdict

from rag.nearly import says_nearly
from rag.text import fold

# A text at least so long says the same wherever it stands; a shorter one ("Closed on Mondays.") is what its place is.
ALONE_CHARACTERS = 100
LOOKED_AT = 20  # characters at each end: folding all of each passage would take a fifth of a Chinese question's time
COMPARED = 10


class Repeats:
    def __init__(self) -> None:
        self._said: defaultdict[tuple[str, str], list[tuple[str, int]]] = defaultdict(list)
        self._chunks: list[tuple[str, int]] = []

    def add(self, text: str, place: int) -> None:
        self._said[_ends(text)].append((text, place))

    def add_chunk(self, text: str, place: int) -> None:
        """Add a text that others may nearly repeat: as long a piece as they are."""
        self.add(text, place)
        if len(text) >= ALONE_CHARACTERS:
            self._chunks.append((text, place))

    def near(self, text: str) -> int | None:
        """Return the place of a chunk that says the same but for what cannot matter."""
        if len(text) < ALONE_CHARACTERS:
            return None
        return next((place for said, place in self._chunks if says_nearly(said, text)), None)

    def says(self, text: str) -> bool:
        return len(text) >= ALONE_CHARACTERS and self.place_of(text) is not None

    def place_of(self, text: str) -> int | None:
        """Return the place that this text was first added with."""
        alike = self._said.get(_ends(text))
        if alike is None:
            return None
        folded = _folded(text)
        return next((place for said, place in alike if said == text or _folded(said) == folded), None)


def _ends(text: str) -> tuple[str, str]:
    """Texts that fold alike have the same ends, but where one end is mostly blanks."""
    return _folded(text[:LOOKED_AT])[:COMPARED], _folded(text[-LOOKED_AT:])[-COMPARED:]


def _folded(text: str) -> str:
    return "".join(fold(text).split())
