"""Turn marks in a stream of text into checked citations. Pure over text: knows nothing of models, stores or pages.

A generator writes [2] after what rests on its second passage. Readers see footnotes numbered in the order in which they
first appear, one number for each quoted span. A mark that names no passage never reaches them. A sentence without a
mark gets one where a passage is found to say it, and is told of where none is.

A mark is about the clause before it, back to the last mark or the end of the last sentence. One that begins a line, or
stands after "According to", is about what follows. A sentence's marks may stand before its full stop or after it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from rag.claims import (
    FEW_WORDS,
    claims_something,
    ends_sentence,
    first_cell,
    has_words,
    is_row,
    lead_begins,
    may_say_not_found,
    says_next,
    says_not_found,
    what_is_said,
    words,
    words_begin,
)
from rag.footnotes import Claim, Finding, Footnotes, Note
from rag.marks import Mark, Marks, Token
from rag.marks import guard_marks as guard_marks
from rag.quote import tells
from rag.run import LINE_CHARACTERS, Run
from rag.support import Check, verdict
from rag.types import Citation, Cited, Delta, Passage, Span, Uncited

_PIECE = 500  # characters that are looked at together, however many come: so a long piece costs no more for each
# Between two marks about the same: [1], [2].
_CONNECTING = re.compile(r"[ \t]{0,8}[,，、;；]?[ \t]{0,8}")
_SAME_LINE = re.compile(r"[ \t]*[^ \t\n]")


@dataclass(frozen=True, slots=True)
class _Marked:
    gap: str  # what stands before the mark
    numbers: tuple[int, ...]  # of the passages that it names
    at: int = 0  # where in the run it stands


@dataclass(frozen=True, slots=True)
class _Point:
    """Where an answer stood before a sentence, which may be dropped."""

    events: int = 0
    length: int = 0
    ending: str = ""
    numbers: int = 0


class Citer:
    """Feed it a generator's text piece by piece; it gives what may be shown, and each footnote when its mark is whole.

    The pieces may be cut anywhere: the events' texts joined, the citations and what is uncited are the same.
    """

    def __init__(
        self,
        passages: Sequence[Passage],
        check: Check = verdict,
        *,
        question: str = "",
        unsupported: Literal["flag", "drop"] = "flag",
        words: Literal["free", "quoted"] = "free",
    ) -> None:
        """unsupported: to drop a sentence that its sources do not say, all text is held until it is checked.

        words: quoted, where the generator gives the passages' own: each mark is then about the words before it.
        """
        self._count = len(passages)
        self._footnotes = Footnotes(passages, check, question)
        self._drops = unsupported == "drop"
        self._quoted = words == "quoted"
        self._marks = Marks()
        self._run = Run()
        self._leading: list[_Marked] = []  # marks in the run, about what follows them
        self._group: list[_Marked] = []  # marks at its end
        self._after = ""  # what stands after those, as long as more marks may come
        self._last: Claim | None = None  # of the sentence that the run goes on with
        self._events: list[Delta | Cited | Uncited] = []
        self._ready = 0  # of the events, that may be given out
        self._length = 0  # of the answer, all events included
        self._ending = ""  # its last character
        # What may turn out to say no more than that nothing was found is held back until that is known.
        self._opening = True
        self._says_not_found = False
        self._before = _Point()  # this sentence
        self._faulty = self._claimed = False  # this sentence, so far
        self._dropped = False  # a sentence, and none was kept since
        self._shown: list[str] = []
        self._known: set[tuple[int, Span]] = set()  # citations that were told
        self.citations: list[Citation] = []
        self.uncited: list[Uncited] = []

    @property
    def text(self) -> str:
        return "".join(self._shown)

    @property
    def not_found(self) -> bool:
        """Whether the whole answer says no more than that the documents do not tell; then nothing of it is given."""
        return self._opening and self._says_not_found

    def feed(self, piece: str) -> Iterator[Delta | Cited]:
        for start in range(0, len(piece), _PIECE):
            for token in self._marks.feed(piece[start : start + _PIECE]):
                self._take(token)
                yield from self._release()

    def close(self) -> Iterator[Delta | Cited]:
        """Give what was held back: there is no more text that could change it."""
        for token in self._marks.close():
            self._take(token)
        self._after = self._after.rstrip()
        if not self._group:
            self._run.take_end()
        self._finish_run()
        if self._drops and (self._opening or self._dropped):
            # What is left leads in to nothing.
            del self._events[self._ready :]
        if not self.not_found:
            self._ready = len(self._events)
        yield from self._release()

    def _release(self) -> Iterator[Delta | Cited]:
        if not self._opening and not self._drops:
            self._ready = len(self._events)
        ready, self._events = self._events[: self._ready], self._events[self._ready :]
        self._before = replace(self._before, events=max(0, self._before.events - self._ready))
        self._ready = 0
        for event in ready:
            if isinstance(event, Uncited):
                self.uncited.append(event)
                continue
            if isinstance(event, Delta):
                self._shown.append(event.text)
            else:
                self.citations.append(event.citation)
            yield event

    # What comes in.

    def _take(self, token: Token) -> None:
        if isinstance(token, Mark):
            self._take_mark(token.named(self._count))
        elif isinstance(token, str):
            self._take_text(token, token)
        elif token.block:
            self._finish_run()
            self._show(token.text)
            self._run.line = ""
            self._end_sentence()
        else:
            self._take_text(token.text, "a" * len(token.text))

    def _take_mark(self, named: Sequence[int]) -> None:
        if self._group and "\n" in self._after:
            self._settle_group()
        known = {number for marked in self._group for number in marked.numbers}
        numbers = tuple(number for number in named if number not in known)
        if self._group:
            if numbers:
                self._group.append(_Marked(self._after, numbers))
            self._after = ""
            return
        gap = self._run.take_spaces()
        if numbers:
            self._group.append(_Marked(gap, numbers))
        # Else the mark goes, and so does the space that stood before it.

    def _take_text(self, text: str, outline: str) -> None:
        if self._group:
            self._after += text
            if _CONNECTING.fullmatch(self._after) or says_next(self._after) is None:
                return
            outline = self._after[: len(self._after) - len(outline)] + outline
            self._settle_group(outline)
        else:
            self._run.append(text, outline)
        self._advance()

    # Where sentences end.

    def _advance(self) -> None:
        """Settle the sentences that are over and have no mark, and give what is sure of the one that is not."""
        while True:
            self._trim()
            end, sure = self._run.sentence()
            if end is None:
                break
            self._settle(end, ())
        self._watch(self._run.text)
        if self._leading:
            sure = min(sure, self._leading[0].at)
        sure = len(self._run.text[:sure].rstrip())
        if not self._drops and sure > self._run.given:
            self._show(self._run.text[self._run.given : sure])
            self._run.given = sure

    def _trim(self) -> None:
        """An answer begins with no white space."""
        if self._length == 0 and self._run.text[:1].isspace() and not self._leading:
            self._run.cut(len(self._run.text) - len(self._run.text.lstrip()))

    def _settle_sentences(self) -> None:
        """Settle all sentences of the run but the last, of which no more comes before a mark or the end."""
        self._trim()
        while (end := self._run.whole_sentence()) is not None:
            self._settle(end, ())
            self._trim()

    def _settle_group(self, outline: str = "") -> None:
        """Decide what the marks at the run's end are about. outline: of what comes after them."""
        after, self._after = self._after, ""
        group, self._group = self._group, []
        self._settle_sentences()
        run = self._run
        if run.text.endswith("\n") and has_words(run.text) and _SAME_LINE.match(after):
            self._settle(len(run.text), ())  # the marks begin a line
        if self._leads(after):
            self._leading += [replace(marked, at=len(run.text)) for marked in group]
        else:
            self._settle(len(run.text), group)
            if after.startswith("\n"):
                self._end_sentence()
        run.append(after, outline)

    def _leads(self, after: str) -> bool:
        """Tell whether the marks at the run's end are about what follows; what stands before it is settled then."""
        run = self._run
        if self._quoted:
            return False
        begun = run.text[self._leading[-1].at :] if self._leading else run.text
        if not has_words(begun):
            return self._last is None or bool(self._leading)
        lead = lead_begins(begun, after)
        if lead is None:
            return False
        if ends_sentence(run.text):
            self._settle(len(run.text), ())
        elif lead and (self._leading or self._last):  # the clause before has a mark of its own
            self._settle(len(run.text) - len(begun) + lead, ())
        return True

    def _finish_run(self) -> None:
        """Settle all that there is."""
        if self._group:
            self._settle_group()
        self._settle_sentences()
        if self._run.text or self._leading:
            self._settle(len(self._run.text), ())
        self._end_sentence()

    # What a piece of the run claims, and what becomes of it.

    def _settle(self, end: int, group: Sequence[_Marked]) -> None:
        """Check the run up to end, with the marks in it and after it; make events of it and its footnotes."""
        piece = self._run.text[:end]
        self._watch(piece)
        if self._dropped and self._ending == "\n" and not piece.strip() and not group:
            self._run.cut(end)  # the end of a line that is dropped
            return
        leading = [marked for marked in self._leading if marked.at < end or not self._run.text[end:]]
        finding = self._find(piece, leading, [number for marked in (*leading, *group) for number in marked.numbers])
        begin, stop = words_begin(piece), len(piece.rstrip())
        written = {id(marked): self._written(marked, finding.notes) for marked in (*leading, *group)}

        def width(before: int) -> int:
            return sum(len(text) for marked in leading if marked.at <= before for text, _ in written[id(marked)])

        base = self._length - self._run.given
        span = Span(base + begin + width(begin), base + stop + width(stop - 1)) if has_words(piece) else None
        if span is None:
            span = self._last.span if self._last else Span(base, base)
        done = self._run.given
        if leading and not finding.notes and leading[0].at == 0:  # the mark goes, and what set it apart
            done = len(piece) - len(piece.lstrip(" \t:："))
        for marked in leading:
            self._show(piece[done : marked.at])
            self._show_notes(written[id(marked)], span)
            done = max(done, marked.at)
        self._show(piece[done:stop])
        if not finding.is_marked:
            self._show_notes(self._written(_Marked(" ", ()), finding.notes), span)
        self._show(piece[max(done, stop) :])
        for marked in group:
            self._show_notes(written[id(marked)], span)
        if finding.problems:
            self._events.append(Uncited(span, finding.problems))
        self._note(piece, finding, span)
        rest = [marked for marked in self._leading if marked not in leading]
        self._leading = [replace(marked, at=marked.at - end) for marked in rest]
        self._run.cut(end)
        if not group or ends_sentence(piece):
            self._end_sentence(piece)

    def _find(self, piece: str, leading: Sequence[_Marked], named: Sequence[int]) -> Finding:
        """Find what a piece of the answer rests on. named: by the marks in it, which are leading, and after it."""
        line = (self._run.line + piece)[:LINE_CHARACTERS]
        text, beside = piece.strip(), self._last.notes if self._last else ()
        if not has_words(piece):
            if not named or self._last is None:
                return Finding()
            return Finding(self._last.text, tuple(self._footnotes.cite(self._last.text, named, beside)))
        if not self._quoted and is_row(line) and self._run.line.strip():
            text = f"{first_cell(line)} {text}"
        if leading:
            text = what_is_said(piece[leading[-1].at :])  # without According to
        if named:
            if not self._quoted and self._footnotes.is_title(text, named):
                return Finding()  # a list of sources, which the footnotes are already
            notes = tuple(self._footnotes.cite(text, named))
            if says_not_found(piece) and not any(note.verdict.supported for note in notes):
                return Finding()
            return Finding(text, notes)
        if not claims_something(piece, line) or not tells(text):
            return Finding()
        if self._last is not None and words(piece) < FEW_WORDS:
            return Finding()
        found, problems = self._footnotes.search(text)
        return Finding(text, tuple(found), problems, is_marked=False)

    def _note(self, piece: str, finding: Finding, span: Span) -> None:
        """Remember what this sentence has claimed so far."""
        self._faulty = self._faulty or finding.is_faulty
        self._claimed = self._claimed or finding.is_claim
        if finding.is_claim:
            self._last = Claim(finding.text, span, finding.notes)
        elif says_not_found(piece):
            self._says_not_found = True

    def _written(self, marked: _Marked, notes: Sequence[Note]) -> list[tuple[str, Note]]:
        """Return the marks that stand for one, each with its note; those of no passage in particular if it has none."""
        named = [note for note in notes if not marked.numbers or note.found.index + 1 in marked.numbers]
        by_mark = {self._footnotes.mark(note): note for note in named}
        return [
            (f"{marked.gap if place == 0 else ''}[{mark}]", note) for place, (mark, note) in enumerate(by_mark.items())
        ]

    def _show_notes(self, written: Sequence[tuple[str, Note]], span: Span) -> None:
        for text, note in written:
            self._show(text)
            citation = self._footnotes.citation(note, span)
            if (citation.mark, span) not in self._known:
                self._known.add((citation.mark, span))
                self._events.append(Cited(citation))

    def _show(self, text: str) -> None:
        if text:
            self._events.append(Delta(text))
            self._length += len(text)
            self._ending = text[-1]

    # What may be given out.

    def _watch(self, text: str) -> None:
        """Hold the answer back no longer when it says more than that nothing was found."""
        if self._opening and not self._drops and not may_say_not_found(text):
            self._opening = False

    def _end_sentence(self, piece: str = "") -> None:
        if self._drops and self._faulty:
            self._drop_sentence(piece)
        elif self._claimed:
            self._opening = self._dropped = False
            self._ready = len(self._events)
        self._last = None
        self._faulty = self._claimed = False
        self._before = _Point(len(self._events), self._length, self._ending, self._footnotes.numbers)

    def _drop_sentence(self, piece: str) -> None:
        """Take back all of a sentence but the end of its line."""
        del self._events[self._before.events :]
        self._length, self._ending = self._before.length, self._before.ending
        self._footnotes.take_back(self._before.numbers)
        self._known = {(mark, span) for mark, span in self._known if span.end <= self._length}
        self._dropped = True
        if piece.endswith("\n") and self._length and self._ending != "\n":
            self._show("\n")
