"""All documents at one state of the truth, as filters see them. Never changed once made; safe from many threads."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from threading import Lock

import numpy as np

from rag.filters import Filters
from rag.library.cards import NO_DAY, Card
from rag.library.columns import Columns, Mask
from rag.library.records import Facets, State
from rag.ports import Keys

KEPT_FILTERS = 64
KEPT_KEYS = 4_000_000  # of them together: 32 MB
FOLDER_DEPTH = 2  # of those that are counted
NOBODY: Mapping[str, Card] = {}


class Snapshot:
    """The columns of most documents, and beside them those that have changed since."""

    def __init__(
        self, state: State, base: Columns, beside: Mapping[str, Card] = NOBODY, changed: Collection[str] = ()
    ) -> None:
        """changed: the ids of all that are otherwise than in the base; beside: how they are, where they are there."""
        self.state = state
        self.base = base
        self.changed = frozenset(changed)
        self._beside = beside
        stands = np.ones(len(base), dtype=bool)
        stands[[base.rows[document_id] for document_id in changed if document_id in base.rows]] = False
        added = Columns(list(self._beside.values()))
        self._parts: tuple[tuple[Columns, Mask], ...] = ((base, stands), (added, np.ones(len(added), dtype=bool)))
        self._kept: OrderedDict[Filters, Keys] = OrderedDict()
        self._kept_turn = Lock()

    def with_changes(self, state: State, changed: Collection[str], cards: Sequence[Card]) -> Snapshot:
        """Return the next one. changed: the ids of what was added, removed or is otherwise; cards: of what is there."""
        beside = {document_id: card for document_id, card in self._beside.items() if document_id not in changed}
        beside |= {card.document_id: card for card in cards}
        return Snapshot(state, self.base, beside, self.changed.union(changed))

    def keys(self, filters: Filters) -> Keys:
        with self._kept_turn:
            if filters in self._kept:
                self._kept.move_to_end(filters)
                return self._kept[filters]
        found = self._found(filters)
        with self._kept_turn:
            self._kept[filters] = found
            while len(self._kept) > KEPT_FILTERS or sum(map(len, self._kept.values())) > KEPT_KEYS:
                self._kept.popitem(last=False)
        return found

    def counts(self, count: Callable[[Columns, Mask], Counter[str]]) -> Counter[str]:
        """Count something of every document."""
        return sum((count(columns, stands) for columns, stands in self._parts), Counter())

    def matches(self, filters: Filters) -> bool:
        """Whether any document passes, also one without chunks."""
        return any(bool((columns.passing(filters) & stands).any()) for columns, stands in self._parts)

    def places(self) -> dict[str, str]:
        """The label of every place by its folded path."""
        return {path: label for columns, stands in self._parts for path, label in columns.paths(stands)}

    def shown_tag(self, folded: str) -> str:
        return next(columns.shown_tags[folded] for columns, _ in self._parts if folded in columns.shown_tags)

    def facets(self) -> Facets:
        days = np.concatenate([columns.days[stands] for columns, stands in self._parts])
        days = days[days != NO_DAY]
        tags = self.counts(Columns.tags)
        return Facets(
            documents=sum(int(stands.sum()) for _, stands in self._parts),
            types=_ranked(self.counts(Columns.types)),
            languages=_ranked(self.counts(Columns.languages)),
            tags=tuple((self.shown_tag(tag), amount) for tag, amount in _ranked(tags)),
            folders=tuple(sorted(self.counts(lambda columns, mask: columns.folders(mask, FOLDER_DEPTH)).items())),
            first=date.fromordinal(int(days.min())) if days.size else None,
            last=date.fromordinal(int(days.max())) if days.size else None,
        )

    def _found(self, filters: Filters) -> Keys:
        passing = [(columns, columns.passing(filters) & stands) for columns, stands in self._parts]
        first = np.concatenate([columns.first[mask] for columns, mask in passing])
        last = np.concatenate([columns.last[mask] for columns, mask in passing])
        order = np.argsort(first, kind="stable")
        order = order[last[order] >= first[order]]  # those that have chunks
        return _expanded(first[order], last[order])


def _expanded(first: Keys, last: Keys) -> Keys:
    """Return every key of the runs, which are ascending, apart, and not empty."""
    ends = np.cumsum(last - first + 1)
    keys = np.ones(int(ends[-1]) if len(ends) else 0, dtype=np.int64)  # steps from one key to the next
    if len(ends):
        keys[0] = first[0]
        keys[ends[:-1]] = first[1:] - last[:-1]
        np.cumsum(keys, out=keys)
    keys.flags.writeable = False  # many threads are given it
    return keys


def _ranked(counts: Counter[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
