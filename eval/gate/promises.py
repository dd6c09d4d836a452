"""What holds exactly, whatever the figures say: of a library, of how it was made, and of every answer.

Each is looked at from outside, not by the code that is to keep it. Knows nothing of questions or figures.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from eval.metrics.quotes import letters
from ingest.chunk import CHARACTERS_PER_TOKEN, TokenStarts
from rag.library.library import Library
from rag.models.extract import ExtractiveGenerator
from rag.text import sentence_spans
from rag.types import Answer, BlockKind, Chunk, Citation, Document, Span
from rag.wire import ReportOut

PDF = "application/pdf"


@dataclass(frozen=True, slots=True)
class Breach:
    rule: str
    where: str  # a document's source, or a question's id
    detail: str


def of_report(report: ReportOut, files: int) -> Iterator[Breach]:
    """Say what does not add up. files: how many there are, each of which is a document of its own."""
    outcomes = report.indexed + report.unchanged + report.duplicate + report.skipped + report.failed
    if not report.discovered == outcomes == len(report.files) == files:
        detail = f"{files} files, {report.discovered} discovered, {outcomes} counted, {len(report.files)} rows"
        yield Breach("the report's counts add up", "", detail)
    for row in report.files:
        if row.outcome != "indexed":
            yield Breach("every file is indexed", row.path, f"{row.outcome} {row.error or ''}".strip())


def of_library(library: Library, token_starts: TokenStarts, max_tokens: int) -> Iterator[Breach]:
    for problem in library.verify():
        yield Breach("the library agrees with its indexes", "", problem)
    for document_id in sorted({row.document_id for row in library.sources()}):
        document = library.document(document_id)
        yield from of_chunks(document, library.chunks_of(document_id), token_starts, max_tokens)


def of_chunks(
    document: Document, chunks: Sequence[Chunk], token_starts: TokenStarts, max_tokens: int
) -> Iterator[Breach]:
    """Every character but white space is in a chunk; chunks fit, and begin and end where a block or sentence does."""
    text = document.text
    covered = bytearray(len(text))
    starts, ends = _bounds(document)
    for one in chunks:
        if not 0 <= one.start < one.end <= len(text):
            yield Breach("chunks lie within their text", document.source, f"[{one.start}, {one.end}) of {len(text)}")
            continue
        covered[one.start : one.end] = bytes([1]) * (one.end - one.start)
        tokens = len(token_starts(text[one.start : one.end]))
        if tokens > max_tokens:
            yield Breach("chunks fit", document.source, f"[{one.start}, {one.end}) has {tokens} tokens")
        for rule, place, bounds in (("begin", one.start, starts), ("end", one.end, ends)):
            if place not in bounds and not _is_within_a_long_one(text, place, starts, ends, token_starts, max_tokens):
                near = text[max(0, place - 12) : place] + "|" + text[place : place + 12]
                rule = f"chunks {rule} where a block or a sentence does"
                yield Breach(rule, document.source, f"{place}: {near!r}")
    missing = [place for place in range(len(text)) if not covered[place] and not text[place].isspace()]
    if missing:
        detail = f"{len(missing)} characters in none, the first at {missing[0]}"
        yield Breach("every character is in a chunk", document.source, detail)


def of_answer(name: str, answer: Answer, documents: Mapping[str, Document]) -> Iterator[Breach]:
    """name: the question's id. documents: those cited and retrieved, by id."""
    for detail in _of_refusal(answer):
        yield Breach("an answer is either refused or cited", name, detail)
    for passage in answer.passages:
        if Span(passage.start, passage.end).of(documents[passage.document_id].text) != passage.text:
            yield Breach("a passage is the slice that its span names", name, f"[{passage.start}, {passage.end})")
    retrieved = {passage.document_id for passage in answer.passages}
    for one in answer.citations:
        for rule, detail in _of_citation(one, documents[one.document_id], answer):
            yield Breach(rule, name, detail)
        if one.document_id not in retrieved:
            yield Breach("what is cited was retrieved", name, one.source)
    for detail in _of_marks(answer):
        yield Breach("marks count from 1, in order, and stand in the text", name, detail)
    short = answer.short
    if short is not None:
        inside = any(one.mark == short.mark and _holds(one.span, short.span) for one in answer.citations)
        if not inside or short.span.of(documents[short.document_id].text) != short.text:
            yield Breach("the short answer stands in its citation", name, short.text)


def _of_refusal(answer: Answer) -> Iterator[str]:
    if answer.refused != (answer.reason is not None):
        yield f"refused {answer.refused}, reason {answer.reason}"
    if answer.refused and answer.citations:
        yield f"refused, with {len(answer.citations)} citations"
    if not answer.text.strip():
        yield "it says nothing"
    if not answer.refused and answer.model == ExtractiveGenerator.name and not answer.citations:
        yield "answered without a citation"
    if not 0.0 <= answer.confidence <= 1.0:
        yield f"confidence {answer.confidence}"


def _of_citation(one: Citation, document: Document, answer: Answer) -> Iterator[tuple[str, str]]:
    if not one.quote or one.span.of(document.text) != one.quote or one.span.end > len(document.text):
        yield "a quote is the slice that its span names", f"mark {one.mark}: {one.quote!r:.60}"
    said = one.answer_span.of(answer.text)
    if not said or said != said.strip() or one.answer_span.end > len(answer.text):
        yield "a footnote's span is that of its words", f"mark {one.mark}: {said!r:.60}"
    if document.mime == PDF and not one.boxes:
        yield "what is cited of a PDF has its place on a page", f"mark {one.mark}"
    if answer.model == ExtractiveGenerator.name:
        together = [other.quote for other in answer.citations if other.answer_span == one.answer_span]
        if not any(letters(said) in letters(quote) for quote in together):
            yield "an extract is in its quote, to the letter", f"mark {one.mark}: {said!r:.80}"


def _of_marks(answer: Answer) -> Iterator[str]:
    marks = list(dict.fromkeys(one.mark for one in answer.citations))
    if marks != list(range(1, len(marks) + 1)):
        yield f"they come as {marks}"
    starts = [one.answer_span.start for one in answer.citations]
    if starts != sorted(starts):
        yield "their footnotes are out of order"
    for one in answer.citations:
        if answer.model == ExtractiveGenerator.name:
            behind = re.match(r"(?:\s?\[\d+\])*", answer.text[one.answer_span.end :])
            if behind is None or f"[{one.mark}]" not in behind.group():
                yield f"[{one.mark}] does not stand behind its words"
        elif f"[{one.mark}]" not in answer.text:
            yield f"[{one.mark}] is not in the text"


def _holds(outer: Span, inner: Span) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def _bounds(document: Document) -> tuple[list[int], list[int]]:
    """Return where blocks, their lines of code and their sentences begin and end, white space left out; both sorted."""
    text, starts, ends = document.text, set[int](), set[int]()
    for start, end, kind in _runs(document):
        cuts = [start, end]
        if kind is BlockKind.CODE:
            cuts += [place for place in range(start, end) if text[place] == "\n"]
        else:
            cuts += [span.end for span in sentence_spans(text, start, end)]
        starts |= {cut + len(text[cut:end]) - len(text[cut:end].lstrip()) for cut in cuts if text[cut:end].strip()}
        ends |= {start + len(text[start:cut].rstrip()) for cut in cuts if text[start:cut].strip()}
    return sorted(starts), sorted(ends)


def _runs(document: Document) -> Iterator[tuple[int, int, BlockKind]]:
    """Yield the structural blocks, and what stands between them."""
    position = 0
    for block in document.blocks:
        if block.kind is BlockKind.LINE:
            continue
        yield position, block.start, BlockKind.PARAGRAPH
        yield block.start, block.end, block.kind
        position = max(position, block.end)
    yield position, len(document.text), BlockKind.PARAGRAPH


def _is_within_a_long_one(
    text: str,
    place: int,
    starts: Sequence[int],
    ends: Iterable[int],
    token_starts: TokenStarts,
    max_tokens: int,
) -> bool:
    """Tell whether a place lies in a sentence that no chunk could hold: that must be cut somewhere."""
    at = bisect_right(starts, place) - 1
    if at < 0:
        return False
    start = starts[at]
    end = next((end for end in ends if end > start), start)
    if place > end:
        return False
    return end - start > max_tokens * CHARACTERS_PER_TOKEN or len(token_starts(text[start:end])) > max_tokens
