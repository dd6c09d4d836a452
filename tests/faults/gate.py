"""Plant faults in the running code, and see whether the gate shuts, and for the right reason.

    python -m tests.faults.gate [--reruns 10] [--articles 12] [--only NAME ...] [--shared ../shared]

makes a baseline of the code as it is, runs the gate on it again and again with nothing planted (with other hashes,
threads, batches and orders of asking, none of which may move a score), then once for each fault, each in a process of
its own. Exits 1 where a fault passed, or was caught for another reason than its own, or an unchanged run moved.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any
from unittest.mock import patch

from eval import asking
from eval.gate import measure as measuring
from eval.gate.run import Gate, hold, update
from eval.questions import Question
from ingest import batch, examine
from ingest.report import bad as bad_row
from rag import answer, rank, text
from rag.build import build_embedder
from rag.config import load_settings
from rag.footnotes import Footnotes
from rag.library.follow import Run
from rag.library.lexical_cache import LexicalCache
from rag.library.library import Library
from rag.models.extract import ExtractiveGenerator
from rag.quote import Found, Quotes
from rag.retrieve import Retriever
from rag.types import Chunk, Citation, Hit, Span

ROOT = Path(__file__).resolve().parents[2]
SHIFT = 1  # characters

Plant = Callable[[ExitStack], None]


@dataclass(frozen=True, slots=True)
class Fault:
    """reasons: beginnings of figures and rules, any of which must be among what caught it."""

    plant: Plant
    reasons: tuple[str, ...]


def replaced(owner: Any, name: str, make: Callable[[Any], Any]) -> Plant:
    """Put in the place of owner.name what is made of it."""
    return lambda stack: stack.enter_context(patch.object(owner, name, make(getattr(owner, name))))


def always(value: Any) -> Callable[[Any], Any]:
    return lambda _: lambda *_args, **_options: value


def weights_swapped(weights: Any) -> Any:
    def swapped(self: rank.Parts, given: Any) -> tuple[float, float, float]:
        dense, lexical, closeness = weights(self, given)
        return lexical, dense, closeness

    return swapped


def shifted_chunks(chunk: Any) -> Any:
    def shifted(document: Any, *given: Any, **options: Any) -> list[Chunk]:
        length = len(document.text)
        return [
            replace(one, start=one.start + SHIFT, end=min(one.end + SHIFT, length))
            for one in chunk(document, *given, **options)
        ]

    return shifted


def next_marks(generate: Any) -> Any:
    """The generator names the next passage, and for the last the first."""

    def shifted(self: Any, prompt: Any) -> Any:
        pieces = generate(self, prompt)
        while True:
            try:
                piece = next(pieces)
            except StopIteration as done:
                return done.value
            for number in range(1, len(prompt.passages) + 1):
                if piece.endswith(f" [{number}]"):
                    piece = f"{piece[: piece.rindex(' [')]} [{number % len(prompt.passages) + 1}]"
                    break
            yield piece

    return shifted


def shown_marks(mark: Any) -> Any:
    return lambda self, note: mark(self, note) + 1


def quotes_elsewhere(citation: Any) -> Any:
    """A footnote names the document of another passage."""

    def elsewhere(self: Any, note: Any, claim: Span) -> Citation:
        found: Citation = citation(self, note, claim)
        others = [one for one in self._passages if one.document_id != found.document_id]
        return replace(found, document_id=others[0].document_id) if others else found

    return elsewhere


def short_spans(span: Any) -> Any:
    def short(self: Any, note: Any) -> Span:
        found = span(self, note)
        return Span(found.start, found.end - 1)

    return short


def cut_quotes(best: Any) -> Any:
    """Quote and span agree, and both lack the first two characters."""

    def cut(self: Any, claim: Any, index: int) -> Found:
        found: Found = best(self, claim, index)
        return replace(found, span=Span(min(found.span.start + 2, found.span.end - 1), found.span.end))

    return cut


def every_tenth_dropped(settle: Any) -> Any:
    numbers = count(1)

    def dropping(self: Any, loaded: Any, reading: Any) -> Any:
        found = settle(self, loaded, reading)
        if isinstance(found, examine.Ready) and next(numbers) % 10 == 0:
            return examine.Settled(bad_row(loaded.facts.source, "skipped", "Duplicate", "of nothing"))
        return found

    return dropping


def half_added(add: Any) -> Any:
    def half(self: Any, index: Any, runs: Sequence[Run]) -> None:
        add(self, index, [replace(run, last=(run.first + run.last) // 2) for run in runs])

    return half


def other_vectors(vectors: Any) -> Any:
    """Each chunk gets the vector of the one before it."""

    def rolled(self: Any, texts: Sequence[str]) -> Any:
        found = vectors(self, texts)
        return found[[*range(1, len(found)), 0]]

    return rolled


def one_passage(run: Any) -> Any:
    def one(self: Any, *given: Any, **options: Any) -> Any:
        return run(self, *given, **{**options, "keep": 1})

    return one


def worst_first(fuse: Any) -> Any:
    """The ranking is upside down."""

    def turned(legs: Any, weights: Any) -> list[Hit]:
        hits: list[Hit] = fuse(legs, weights)
        return [Hit(one.key, other.score) for one, other in zip(reversed(hits), hits, strict=True)]

    return turned


def nothing_dense(_: Any) -> Any:
    return lambda _self, queries, _k, **_options: [[] for _ in queries]


FAULTS = {
    "fusion weights swapped": Fault(
        replaced(rank.Parts, "weights", weights_swapped), ("retrieval.", "passages.", "answer.")
    ),
    "chunker offset by one": Fault(replaced(examine, "chunk", shifted_chunks), ("chunks ", "every character")),
    "threshold zeroed": Fault(replaced(answer, "least_confidence", always(0.0)), ("refusal.refused_unanswerable",)),
    "refusal off": Fault(
        replaced(answer.Answerer, "_reason_to_refuse", always(None)), ("refusal.refused_unanswerable",)
    ),
    "cite marks shifted": Fault(
        replaced(ExtractiveGenerator, "generate", next_marks), ("citation.", "an extract is in its quote")
    ),
    "shown marks shifted": Fault(replaced(Footnotes, "mark", shown_marks), ("marks count",)),
    "footnotes of another document": Fault(replaced(Footnotes, "citation", quotes_elsewhere), ("a quote is",)),
    "citation spans one short": Fault(replaced(Footnotes, "_span", short_spans), ("a quote is",)),
    "quotes cut at their beginning": Fault(
        replaced(Quotes, "best", cut_quotes), ("an extract is in its quote", "citation.")
    ),
    "every tenth document dropped": Fault(replaced(examine.Examiner, "settle", every_tenth_dropped), ("every file",)),
    "stale word index": Fault(replaced(LexicalCache, "_add", half_added), ("the library agrees",)),
    "BM25 silent": Fault(replaced(Library, "lexical", always([])), ("legs.lexical.",)),
    "dense leg silent": Fault(replaced(Library, "dense", nothing_dense), ("legs.dense.",)),
    "vectors of other chunks": Fault(replaced(batch.Batch, "_vectors", other_vectors), ("legs.dense.",)),
    "ranking upside down": Fault(replaced(rank, "fuse", worst_first), ("retrieval.",)),
    "one passage read": Fault(replaced(Retriever, "stages", one_passage), ("passages.",)),
    "everything refused": Fault(replaced(answer, "least_confidence", always(1.1)), ("refusal.answered",)),
    "traditional not folded": Fault(
        replaced(text, "to_simplified", lambda _: lambda one: one), ("retrieval.", "legs.lexical.", "answer.")
    ),
}
NAMED = tuple(FAULTS)[:5]  # those that the gate was asked to catch; the rest were thought of


def backwards(ask_all: Any) -> Any:
    """Ask in the other order: no question's score may depend on the one before it."""

    def turned(questions: Sequence[Question], *given: Any, **options: Any) -> Iterator[Any]:
        yield from ask_all(questions[::-1], *given, **options)

    return turned


UNCHANGED = {
    "as it is": {},
    "two threads": {"OMP_NUM_THREADS": "2"},
    "one thread": {"OMP_NUM_THREADS": "1"},
    "small batches": {"FOOTNOTE_EMBEDDER__BATCH_SIZE": "3"},
    "asked backwards": {"GATE_BACKWARDS": "1"},
}  # type: dict[str, dict[str, str]]


def child(name: str, gate: Gate) -> dict[str, Any]:
    """Hold the gate with a fault planted, or with none."""
    with ExitStack() as stack:
        if name in FAULTS:
            FAULTS[name].plant(stack)
        if "GATE_BACKWARDS" in os.environ:
            replaced(measuring, "ask_all", backwards)(stack)
            replaced(asking, "QUERY_BATCH", lambda _: 7)(stack)
        return dict(hold(gate).summary)


def caught_by(found: dict[str, Any]) -> list[str]:
    """Name each rule and figure once, those of a set's own before those of all."""
    rules = dict.fromkeys(one["rule"] for one in found["breaches"])
    figures = dict.fromkeys(one["figure"] for one in found["drops"])
    return [*rules, *figures]


def right(fault: Fault, caught: Sequence[str]) -> bool:
    return any(one.startswith(fault.reasons) for one in caught)


def _in_child(name: str, baseline: Path, options: argparse.Namespace, more: dict[str, str]) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.faults.gate", "--child", name, "--baseline", str(baseline)]
    command += ["--articles", str(options.articles), "--shared", str(options.shared)]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **more}, capture_output=True, text=True, encoding="utf-8", check=False
    )
    try:
        found: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        sys.stderr.write(done.stderr)
        raise
    return found


def _gate(options: argparse.Namespace, baseline: Path) -> Gate:
    settings = load_settings()
    return Gate(
        settings=settings,
        embedder=build_embedder(settings),
        shared=options.shared if options.shared.is_dir() else None,
        baseline=baseline,
        articles=options.articles,
    )


def _row(cells: Sequence[object]) -> None:
    sys.stdout.write(f"| {' | '.join(map(str, cells))} |\n")
    sys.stdout.flush()


def rerun(baseline: Path, options: argparse.Namespace) -> int:
    """Return how many unchanged runs found anything but the baseline."""
    bad = 0
    ways = list(UNCHANGED.items())
    for number in range(options.reruns):
        name, more = ways[number % len(ways)]
        found = _in_child("", baseline, options, {"PYTHONHASHSEED": str(number), **more})
        moved = found["moved"]
        bad += not found["passed"] or bool(moved)
        _row([f"unchanged, {name}", "open" if found["passed"] else "SHUT", f"{len(moved)} moved"])
    return bad


def plant_all(baseline: Path, options: argparse.Namespace) -> int:
    """Return how many faults were not caught, or not for their own reason."""
    bad = 0
    for name in options.only or FAULTS:
        found = _in_child(name, baseline, options, {})
        caught = caught_by(found)
        well = not found["passed"] and right(FAULTS[name], caught)
        bad += not well
        state = "caught" if well else "CAUGHT FOR ANOTHER REASON" if not found["passed"] else "PASSED"
        _row([name, state, f"{len(found['flipped'])} flipped, {len(found['moved'])} moved", ", ".join(caught)])
    return bad


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reruns", type=int, default=10)
    parser.add_argument("--articles", type=int, default=12, help="of each sampled set; 0: examples/ alone")
    parser.add_argument("--only", nargs="*", choices=list(FAULTS))
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--child", help=argparse.SUPPRESS)
    parser.add_argument("--baseline", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.articles == 0:
        options.shared = Path("none")
    if options.child is not None:
        json.dump(child(options.child, _gate(options, options.baseline)), sys.stdout)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        baseline = Path(folder) / "baseline.json"
        sys.stdout.write(update(_gate(options, baseline)).replace(str(baseline), "a baseline of its own") + "\n")
        bad = rerun(baseline, options) + plant_all(baseline, options)
    return min(bad, 1)


if __name__ == "__main__":
    sys.exit(main())
