"""Cards as columns, to ask of a hundred thousand documents at once which of them pass. Never changed once made."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from rag.filters import Filters
from rag.library.cards import NO_DAY, Card
from rag.library.tagging import fold_tag
from rag.media import MediaTypes
from rag.paths import PathPattern, fold_path
from rag.ports import Keys

Mask = npt.NDArray[np.bool_]  # (documents,)
LAST = "\U0010ffff"  # sorts after whatever a path goes on with


class Columns:
    """A row for each card."""

    def __init__(self, cards: Sequence[Card]) -> None:
        self.rows = {card.document_id: row for row, card in enumerate(cards)}
        self.first: Keys = np.fromiter((card.first for card in cards), np.int64, len(cards))
        self.last: Keys = np.fromiter((card.last for card in cards), np.int64, len(cards))
        self.days = np.fromiter((card.day for card in cards), np.int32, len(cards))
        self._types = _Coded(card.mime for card in cards)
        self._languages = _Coded(card.language for card in cards)
        self._tags: dict[str, list[int]] = {}
        self.shown_tags: dict[str, str] = {}
        for row, card in enumerate(cards):
            for tag in card.tags:
                folded = fold_tag(tag)
                self._tags.setdefault(folded, []).append(row)
                self.shown_tags.setdefault(folded, tag)
        placed = sorted((fold_path(label), row, label) for row, card in enumerate(cards) for label in card.sources)
        self._paths = [path for path, _, _ in placed]
        self._path_rows = np.fromiter((row for _, row, _ in placed), np.int64, len(placed))
        self._labels = [label for _, _, label in placed]

    def __len__(self) -> int:
        return len(self.rows)

    def passing(self, filters: Filters) -> Mask:
        """Say of each row whether it meets every kind of filter."""
        mask = np.ones(len(self), dtype=bool)
        if filters.document_ids:
            mask &= self._marked(self.rows.get(document_id) for document_id in filters.document_ids)
        if filters.types:
            wanted = MediaTypes.of(filters.types)
            mask &= self._types.rows_where([mime in wanted for mime in self._types.values])
        if filters.languages:
            codes = tuple(language.strip().casefold() for language in filters.languages)
            mask &= self._languages.rows_where([_is_one_of(value, codes) for value in self._languages.values])
        if filters.tags:
            mask &= self._marked(row for tag in filters.tags for row in self._tags.get(fold_tag(tag), ()))
        if filters.sources:
            mask &= self._marked_places(filters.sources)
        if filters.after is not None:
            mask &= self.days >= filters.after.toordinal()
        if filters.before is not None:
            mask &= (self.days <= filters.before.toordinal()) & (self.days != NO_DAY)
        return mask

    def types(self, mask: Mask) -> Counter[str]:
        """How many of the rows are of each type."""
        return self._types.count(mask)

    def languages(self, mask: Mask) -> Counter[str]:
        return self._languages.count(mask)

    def tags(self, mask: Mask) -> Counter[str]:
        """By the folded tag."""
        return +Counter({tag: int(np.count_nonzero(mask[rows])) for tag, rows in self._tags.items()})

    def folders(self, mask: Mask, depth: int) -> Counter[str]:
        """How many of the rows stand in each folder, as far down as the depth. A folder ends in "/"."""
        held: set[tuple[str, int]] = set()
        for label, row in zip(self._labels, self._path_rows, strict=True):
            if mask[row]:
                parts = label.replace("\\", "/").split("/")
                held.update(("/".join(parts[:end]) + "/", int(row)) for end in range(1, min(depth + 1, len(parts))))
        return Counter(folder for folder, _ in held)

    def paths(self, mask: Mask) -> Iterator[tuple[str, str]]:
        """Yield the folded path and the label of every place that a row stands at."""
        for path, row, label in zip(self._paths, self._path_rows, self._labels, strict=True):
            if mask[row]:
                yield path, label

    def _marked(self, rows: Iterable[int | None]) -> Mask:
        mask = np.zeros(len(self), dtype=bool)
        mask[[row for row in rows if row is not None]] = True
        return mask

    def _marked_places(self, patterns: Iterable[str]) -> Mask:
        mask = np.zeros(len(self), dtype=bool)
        for pattern in patterns:
            wanted = PathPattern.of(pattern)
            mask[self._path_rows[self._between(wanted.folder)]] = True
            if wanted.file:
                same = slice(bisect_left(self._paths, wanted.file), bisect_left(self._paths, wanted.file + "\0"))
                mask[self._path_rows[same]] = True
            if wanted.glob is not None:
                near = self._between(wanted.head)
                match = wanted.glob.fullmatch
                hits = [place for place in range(near.start, near.stop) if match(self._paths[place])]
                mask[self._path_rows[hits]] = True
        return mask

    def _between(self, prefix: str) -> slice:
        """The places of the paths that begin so."""
        return slice(bisect_left(self._paths, prefix), bisect_left(self._paths, prefix + LAST))


class _Coded:
    """A column of few different values."""

    def __init__(self, column: Iterable[str]) -> None:
        numbers: dict[str, int] = {}
        codes = [numbers.setdefault(value, len(numbers)) for value in column]
        self.values = tuple(numbers)
        self._codes = np.array(codes, dtype=np.int32)

    def rows_where(self, chosen: Sequence[bool]) -> Mask:
        return np.asarray(np.array(chosen, dtype=bool)[self._codes], dtype=bool)

    def count(self, mask: Mask) -> Counter[str]:
        counts = np.bincount(self._codes[mask], minlength=len(self.values))
        return +Counter(dict(zip(self.values, counts.tolist(), strict=True)))


def _is_one_of(language: str, codes: Collection[str]) -> bool:
    """Whether it is one of these, or a kind of one: "zh-hant" is "zh"."""
    return any(language == code or language.startswith(f"{code}-") for code in codes)
