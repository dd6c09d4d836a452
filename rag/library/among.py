"""The best of a tantivy query: k of them, or k among certain keys only. Knows nothing of terms.

Whichever way is taken, the hits are those of the whole ranking with all other keys left out. Which is the fastest
depends on how many keys there are, and how many runs they stand in.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import tantivy

from rag.ports import Keys
from rag.types import Hit

DECIMALS = 4  # of a score: a sum's last bits depend on the order of its terms, and would part what is equal
SPARE = 16  # hits beyond the last one wanted: they show whether the cut goes through equal scores
MOST_TIED = 4096  # hits looked at for equal scores at the cut
FEW_RUNS = 4  # of keys: as many ranges are asked for
NARROW = 1000  # keys at most that are named one by one even so
WIDE_SHARE = 0.25  # of all keys: of a ranking's first hits, enough will be among them
# What it takes to name the keys, in hits that are looked at instead: one for each key, and so many for each run of
# them. Measured by eval/bench/lexical.py.
HITS_FOR_A_RUN = 8
PATIENCE = 4  # times that, where hits were looked at already and too few were among the keys
GROWTH = 8


def best(searcher: Any, query: Any, k: int) -> list[Hit]:
    """Return the k best, best first, equal scores by the smaller key."""
    count = k + SPARE
    while True:
        keys, scores = _ranked(searcher, query, count)
        if len(keys) < count or count > k + MOST_TIED or scores[k - 1] > scores[-1]:
            return _hits(keys, scores, k)
        count = k + GROWTH * (count - k)


def best_among(searcher: Any, schema: Any, query: Any, k: int, among: Keys) -> list[Hit]:
    """Return the k best of these keys, ascending."""
    total, runs = searcher.num_docs, _count_runs(among)
    named = len(among) + HITS_FOR_A_RUN * runs
    count = min(total, int(1.5 * k * total / len(among))) + SPARE
    if count <= named and (runs > FEW_RUNS or len(among) >= WIDE_SHARE * total):
        while count <= PATIENCE * named:
            keys, scores = _ranked(searcher, query, count)
            held = _held(keys, among)
            inside = scores[held]
            if len(keys) < count or (len(inside) >= k and inside[k - 1] > scores[-1]):
                return _hits(keys[held], inside, k)
            count *= GROWTH
    return best(searcher, _only(schema, query, among), k)


def _ranked(searcher: Any, query: Any, count: int) -> tuple[Keys, Any]:
    """Return keys int64 (n,) and rounded scores float64 (n,), best first."""
    found = searcher.search(query, count, count=False).hits
    keys = np.array(searcher.fast_field_values("key", [address for _, address in found]), dtype=np.int64)
    return keys, np.round(np.array([score for score, _ in found], dtype=np.float64), DECIMALS)


def _hits(keys: Keys, scores: Any, k: int) -> list[Hit]:
    order = np.lexsort((keys, -scores))[:k]
    return [Hit(key, score) for key, score in zip(keys[order].tolist(), scores[order].tolist(), strict=True)]


def _held(keys: Keys, among: Keys) -> Any:
    """Tell of each key whether it is one of those, which ascend."""
    at = np.minimum(np.searchsorted(among, keys), len(among) - 1)
    return among[at] == keys


def _count_runs(among: Keys) -> int:
    return 1 + int(np.count_nonzero(np.diff(among) != 1))


def _runs(among: Keys) -> list[tuple[int, int]]:
    """The first and last of each unbroken run of keys."""
    breaks = np.flatnonzero(np.diff(among) != 1)
    firsts = among[np.concatenate(([0], breaks + 1))]
    lasts = among[np.concatenate((breaks, [len(among) - 1]))]
    return list(zip(firsts.tolist(), lasts.tolist(), strict=True))


def _only(schema: Any, query: Any, among: Keys) -> Any:
    """Return the query for these keys alone; the scores stay as they are."""
    if len(among) <= NARROW or _count_runs(among) > FEW_RUNS:
        allowed = tantivy.Query.term_set_query(schema, "key", among.tolist())
    else:
        ranges = [tantivy.Query.range_query(schema, "key", tantivy.FieldType.Integer, *run) for run in _runs(among)]
        allowed = tantivy.Query.boolean_query([(tantivy.Occur.Should, one) for one in ranges])
    must = tantivy.Occur.Must
    return tantivy.Query.boolean_query([(must, query), (must, tantivy.Query.const_score_query(allowed, 0.0))])
