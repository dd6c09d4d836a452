"""Where two texts say the same around something, and what each has there. Knows nothing of names or numbers.

It is how one name in the place of another is seen, where the quote has both.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from rag.check.said import Word

WIDEST = 4  # telling words that may stand between the two that agree
MOST_SPOTS = 16  # that are looked at for one word


class Around:
    """The telling words of a quote, by their stems."""

    def __init__(self, words: Sequence[Word]) -> None:
        self._words = words
        self._places: dict[str, list[int]] = defaultdict(list)
        for place, word in enumerate(words):
            self._places[word.stem].append(place)

    def instead(self, claim: Sequence[Word], first: int, last: int) -> list[Sequence[Word]]:
        """Return what the quote has where the claim has its words first to last: between the same two neighbours.

        Empty where the neighbours nowhere stand so, or nothing is between them.
        """
        if not 0 < first <= last < len(claim) - 1:
            return []
        before, after = claim[first - 1].stem, claim[last + 1].stem
        return [between for between in self._between(before, after) if between]

    def _between(self, before: str, after: str) -> Iterator[Sequence[Word]]:
        ends = self._places.get(after, [])
        for start in self._places.get(before, [])[:MOST_SPOTS]:
            end = next((place for place in ends if start < place <= start + WIDEST + 1), None)
            if end is not None:
                yield self._words[start + 1 : end]

    def next_to(self, pair: Sequence[str], step: int) -> frozenset[str]:
        """Return the stems that stand next before two that stand side by side (step -1), or next behind them (1)."""
        if len(pair) != 2:
            return frozenset()
        first, second = pair
        found = set()
        for place in self._places.get(first, [])[:MOST_SPOTS]:
            beside = place + step if step < 0 else place + 2
            if (
                place + 1 < len(self._words)
                and self._words[place + 1].stem == second
                and 0 <= beside < len(self._words)
            ):
                found.add(self._words[beside].stem)
        return frozenset(found)
