"""A claim, and the passages that it names or none, become checked quotes with numbers. Knows nothing of streams."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rag.claims import plain
from rag.quote import Found, Quotes
from rag.support import Check
from rag.types import Citation, CitationStatus, Passage, Span, Verdict

# Of the claim's weight: what a source must hold of it to be one of several that say it together.
LEAST_LENT = 0.2
# A claim without a mark is looked for in so many passages, the nearest first, which must hold so much of it.
MOST_LOOKED_AT = 3
LEAST_COVER = 0.3


@dataclass(frozen=True, slots=True)
class Note:
    """A quote, and whether it says its claim, alone or with the others that stand beside it."""

    found: Found
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Finding:
    """What becomes of a piece of a sentence. problems: what speaks against it, where no source was found."""

    text: str = ""
    notes: tuple[Note, ...] = ()
    problems: tuple[str, ...] = ()
    is_marked: bool = True  # by the generator; else it is marked now

    @property
    def is_claim(self) -> bool:
        return bool(self.notes or self.problems)

    @property
    def is_faulty(self) -> bool:
        return bool(self.problems) or not all(note.verdict.supported for note in self.notes)


@dataclass(frozen=True, slots=True)
class Claim:
    """What was found for it, and where it stands in the answer."""

    text: str
    span: Span
    notes: tuple[Note, ...]


class Footnotes:
    def __init__(self, passages: Sequence[Passage], check: Check, question: str = "") -> None:
        self._passages = passages
        self._check = check
        self._quotes = Quotes(passages, question)
        self._verdicts: dict[tuple[str, str], Verdict] = {}
        self._numbers: dict[tuple[str, Span], int] = {}

    def cite(self, claim: str, named: Sequence[int], beside: Sequence[Note] = ()) -> list[Note]:
        """Return a note for each passage named, and a second one where the claim is drawn from two places of it.

        named: from 1. beside: notes that the same claim has already.
        Of several sources each is verified that says the claim alone; where only all together say it, each that holds
        some of it. A claim is no false alarm because it was joined from two sources, and a source that has nothing to
        do with it is not verified by its neighbour.
        """
        text = self._as_checked(claim, named)
        found = list(dict.fromkeys(self._quotes.best(text, number - 1) for number in named))
        alone = {one: self._judge(text, [one]) for one in found}
        if all(verdict.supported for verdict in alone.values()):
            return [Note(one, alone[one]) for one in found]
        others = [note.found for note in beside]
        together = self._judge(text, [*others, *found])
        if not together.supported:
            found, together = self._completed(text, others, found, together)
        return [Note(one, self._one_of(alone.get(one), one, together)) for one in found]

    def search(self, claim: str) -> tuple[list[Note], tuple[str, ...]]:
        """Look for the source of a claim that names none; return its notes, else what speaks against the best."""
        text = self._as_checked(claim, range(1, len(self._passages) + 1))
        near = [one for one in self._quotes.ranked(text) if one.cover >= LEAST_COVER][:MOST_LOOKED_AT]
        verdicts = [self._judge(text, [one]) for one in near]
        for one, verdict in zip(near, verdicts, strict=True):
            if verdict.supported:
                return [Note(one, verdict)], ()
        for one in near[:1]:
            further = self._quotes.further(text, one)
            if further is not None:
                both = self._judge(text, [one, further])
                if both.supported:
                    return [Note(one, both), Note(further, both)], ()
        best = max(verdicts, key=lambda verdict: verdict.score, default=None)
        return [], best.problems if best is not None else ("cover",)

    def mark(self, note: Note) -> int:
        """Give a note its number: one for each quoted span, in the order in which they come."""
        key = self._passages[note.found.index].document_id, self._span(note)
        return self._numbers.setdefault(key, len(self._numbers) + 1)

    def citation(self, note: Note, claim: Span) -> Citation:
        passage, span = self._passages[note.found.index], self._span(note)
        return Citation(
            mark=self.mark(note),
            answer_span=claim,
            document_id=passage.document_id,
            version=passage.version,
            title=passage.title,
            source=passage.source,
            span=span,
            quote=self._quotes.text(note.found),
            status=CitationStatus.VERIFIED if note.verdict.supported else CitationStatus.UNSUPPORTED,
            problems=note.verdict.problems,
        )

    def is_title(self, text: str, named: Sequence[int]) -> bool:
        """Tell whether a text is no more than the name of a passage's document."""
        bare = text.strip(' :：.。-–—*"“”《》').casefold()
        return any(
            bare in (self._passages[number - 1].title.casefold(), self._passages[number - 1].source.casefold())
            for number in named
        )

    @property
    def numbers(self) -> int:
        """How many have been given."""
        return len(self._numbers)

    def take_back(self, numbers: int) -> None:
        """Forget all but the first so many numbers: what bore them is not shown."""
        for key in list(self._numbers)[numbers:]:
            del self._numbers[key]

    def _span(self, note: Note) -> Span:
        start = self._passages[note.found.index].start
        return Span(start + note.found.span.start, start + note.found.span.end)

    def _as_checked(self, claim: str, named: Sequence[int]) -> str:
        """Return the claim as it stands where a passage has its very words, else without its bullet and markup."""
        if any(self._quotes.holds(claim, number - 1) for number in named):
            return claim
        return plain(claim)

    def _completed(
        self, claim: str, others: list[Found], found: list[Found], together: Verdict
    ) -> tuple[list[Found], Verdict]:
        """Add a second quote of one of the passages where that makes them say the claim."""
        for place, one in enumerate(found):
            further = self._quotes.further(claim, one)
            if further is None or further in found:
                continue
            more = [*found[: place + 1], further, *found[place + 1 :]]
            verdict = self._judge(claim, [*others, *more])
            if verdict.supported:
                return more, verdict
        return found, together

    def _one_of(self, alone: Verdict | None, one: Found, together: Verdict) -> Verdict:
        """Return what holds for one of several: its own verdict where it needs no other."""
        if alone is not None and alone.supported:
            return alone
        if together.supported:
            return together if alone is None or one.cover >= LEAST_LENT else alone
        return together

    def _judge(self, claim: str, quotes: Sequence[Found]) -> Verdict:
        text = "\n".join(self._quotes.text(one) for one in dict.fromkeys(quotes))
        verdict = self._verdicts.get((claim, text))
        if verdict is None:
            verdict = self._verdicts[claim, text] = self._check(claim, text)
        return verdict
