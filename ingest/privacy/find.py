"""Find personal data in a text: every finder is asked, and where two claim the same place the longer one has it."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from ingest.privacy.banking import find_accounts
from ingest.privacy.fold import fold
from ingest.privacy.identity import find_identities
from ingest.privacy.kinds import Found, Kind
from ingest.privacy.labels import addresses, is_parameter
from ingest.privacy.mails import find_mails
from ingest.privacy.network import find_addresses
from ingest.privacy.phones import find_phones
from ingest.privacy.tokens import find_secrets

Finder = Callable[[str], Iterator[Found]]
_OF_NUMBERS: tuple[Finder, ...] = (find_phones, find_identities, find_accounts)
_OF_OTHERS: tuple[Finder, ...] = (find_mails, find_addresses, find_secrets)
# Where a number of six digits and more may stand; the rest of a text, nearly all of it, need not be searched for one.
_NUMBER = re.compile(r"[0-9](?:[^0-9]{0,5}[0-9]){5,}")
_AROUND = 100  # characters: what stands there says what the number is


def find(text: str) -> list[Found]:
    """Return what is personal in a text, in order, without overlaps; spans are those of the text as given."""
    folded = fold(text)
    found = [one for finder in _OF_OTHERS for one in finder(folded.text)]
    for start, end in _zones(folded.text):
        zone = folded.text[start:end]
        for finder in _OF_NUMBERS:
            found += (replace(one, start=one.start + start, end=one.end + start) for one in finder(zone))
    kept = _without_overlaps(_without_page_numbers(folded.text, found))
    spans = (folded.span(one.start, one.end) for one in kept)
    return [replace(one, start=start, end=end) for one, (start, end) in zip(kept, spans, strict=True)]


def _zones(text: str) -> Iterator[tuple[int, int]]:
    start = end = 0
    for match in _NUMBER.finditer(text):
        if match.start() - _AROUND > end:
            if end:
                yield start, end
            start = match.start() - _AROUND
        end = min(match.end() + _AROUND, len(text))
    if end:
        yield start, end


def _without_page_numbers(text: str, found: Iterable[Found]) -> Iterator[Found]:
    """Leave out the numbers in web addresses, /question/13800138000: they name pages."""
    spans = addresses(text)
    starts = [start for start, _ in spans]
    for one in found:
        index = bisect_right(starts, one.start) - 1
        is_inside = index >= 0 and one.start < spans[index][1]
        if one.kind in (Kind.PHONE, Kind.CARD) and is_inside and not is_parameter(text, one.start):
            continue
        yield one


def _without_overlaps(found: Iterable[Found]) -> Sequence[Found]:
    kept: list[Found] = []
    for one in sorted(found, key=lambda found: (found.start - found.end, -found.certainty, found.start)):
        index = bisect_left(kept, one.start, key=lambda other: other.start)
        is_free = (index == 0 or kept[index - 1].end <= one.start) and (
            index == len(kept) or one.end <= kept[index].start
        )
        if is_free:
            kept.insert(index, one)
    return kept
