"""Check citations by code: `python -m eval.audit --dataset squad:FILE --dataset qa:FILE --pdf squad:FILE`.

Of every citation: its quote is the exact slice of the canonical text, inside a document that was retrieved, and its
answer span lies in the answer. Of those from printed pages: the boxes lie on their pages, and the quoted words stand
in them, by pdfium's own text. Knows nothing of whether an answer is right.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any

import typer

from eval.boxes import Pages, bare, covers, lies_on
from eval.corpus import Corpus, open_corpus
from eval.datasets.load import load_dataset
from eval.judge import is_valid
from eval.paper import Layout, print_pdf
from eval.questions import Dataset, Question
from rag.answer import Answerer
from rag.build import build_answerer, build_embedder
from rag.cli.output import emit_json
from rag.config import Settings, load_settings
from rag.ports import Embedder
from rag.types import Answer, Citation

PARAGRAPHS_PER_PDF = 12
PDFS_PER_LAYOUT = 2


@dataclass(slots=True)
class Findings:
    """What was looked at, and every fault found, in words."""

    name: str
    answers: int = 0
    refused: int = 0
    citations: int = 0
    verified: int = 0
    boxed: int = 0
    covered: int = 0
    spare: list[float] = field(default_factory=list)  # characters in the boxes for each one quoted
    faults: list[str] = field(default_factory=list)

    def summary(self) -> dict[str, Any]:
        row = asdict(self)
        spare = row.pop("spare")
        row["box_characters_per_quoted"] = round(sum(spare) / len(spare), 2) if spare else None
        return row


def audit_answers(questions: Iterable[Question], answerer: Answerer, corpus: Corpus, findings: Findings) -> None:
    """Answer each question and check every citation's slice; where it has boxes, what stands in them too."""
    for question in questions:
        answer = answerer.answer(question.text)
        findings.answers += 1
        findings.refused += answer.refused
        texts = {key: corpus.library.document(key).text for key in {item.document_id for item in answer.citations}}
        for citation in answer.citations:
            findings.citations += 1
            findings.verified += citation.status.value == "verified"
            name = f"{question.id} [{citation.mark}]"
            findings.faults += [f"{name}: {fault}" for fault in slice_faults(citation, answer, texts)]
            findings.faults += [f"{name}: {fault}" for fault in _box_faults(citation, corpus, findings)]


def slice_faults(citation: Citation, answer: Answer, texts: dict[str, str]) -> Iterator[str]:
    """Yield what is wrong with a citation's words and places."""
    retrieved = {passage.document_id for passage in answer.passages}
    if not is_valid(citation, texts, retrieved):
        yield f"quote {citation.quote!r} is not the slice {citation.span} of a retrieved document"
    span = citation.answer_span
    if not 0 <= span.start < span.end <= len(answer.text):
        yield f"answer span {span} does not lie in an answer of {len(answer.text)} characters"


def _box_faults(citation: Citation, corpus: Corpus, findings: Findings) -> Iterator[str]:
    if corpus.library.document(citation.document_id).mime != "application/pdf":
        return
    if not citation.boxes:
        yield f"quote {citation.quote!r} of a PDF has no box"
        return
    findings.boxed += 1
    with Pages(corpus.library.original(citation.document_id).read_bytes()) as pages:
        if not lies_on(citation.boxes, pages):
            yield f"boxes {citation.boxes} do not lie on their pages"
            return
        text = pages.text_in(citation.boxes)
    if citation.page != min(box.page for box in citation.boxes):
        yield f"page {citation.page} is not the first of its boxes'"
    if covers(text, citation.quote):
        findings.covered += 1
        findings.spare.append(len(bare(text)) / max(1, len(bare(citation.quote))))
    else:
        yield f"quote {citation.quote!r} does not stand in its boxes, which hold {text!r}"


def printed(dataset: Dataset, folder: Path, seed: int) -> Dataset:
    """Print some of a squad: set's paragraphs as PDFs in every layout; the questions left are those on them."""
    wanted = PARAGRAPHS_PER_PDF * PDFS_PER_LAYOUT * len(Layout)
    paragraphs = random.Random(seed).sample(dataset.paragraphs, min(len(dataset.paragraphs), wanted))
    held: set[str] = set()
    for number, layout in enumerate(list(Layout) * PDFS_PER_LAYOUT):
        batch = paragraphs[number * PARAGRAPHS_PER_PDF :][:PARAGRAPHS_PER_PDF]
        if batch:
            data = print_pdf([item.text for item in batch], f"Paper {number}", layout)
            (folder / f"paper-{number}-{layout.name.lower()}.pdf").write_bytes(data)
            held |= {item.id for item in batch}
    questions = tuple(question for question in dataset.questions if question.gold & held)
    return replace(dataset, questions=questions, paragraphs=(), folder=folder)


def drawn(dataset: Dataset, count: int, seed: int) -> Sequence[Question]:
    return random.Random(seed).sample(dataset.questions, min(count, len(dataset.questions)))


def audit(dataset: Dataset, count: int, settings: Settings, embedder: Embedder, seed: int) -> Findings:
    """Make the dataset's library and audit `count` answers over it; none is refused for being unsure."""
    findings = Findings(dataset.spec)
    settings = settings.model_copy(update={"answer": settings.answer.model_copy(update={"min_confidence": 0.0})})
    with open_corpus(dataset, settings, embedder, lambda _done, _of: None) as corpus:
        answerer = build_answerer(settings, corpus.library, embedder)
        audit_answers(drawn(dataset, count, seed), answerer, corpus, findings)
    return findings


def main(
    dataset: Annotated[list[str], typer.Option("--dataset", metavar="FORM:PATH", help="May be given several times.")],
    pdf: Annotated[list[str] | None, typer.Option("--pdf", metavar="squad:FILE", help="Print these and ask.")] = None,
    answers: Annotated[int, typer.Option("--answers", min=1, help="Of all datasets together.")] = 500,
    pdf_answers: Annotated[int, typer.Option("--pdf-answers", min=1, help="Of each printed set.")] = 60,
    seed: Annotated[int, typer.Option("--seed")] = 0,
    libraries: Annotated[Path, typer.Option("--libraries", metavar="DIR")] = Path("runs/libraries"),
) -> None:
    """Check the citations of many answers; exit 1 when one is at fault."""
    found = load_settings()
    embedder = build_embedder(found)
    settings = found.model_copy(update={"data": libraries})
    rows = []
    sets = [load_dataset(spec) for spec in dataset]
    for item, count in zip(sets, _shares([len(item.questions) for item in sets], answers), strict=True):
        rows.append(audit(item, count, settings, embedder, seed).summary())
    for spec in pdf or ():
        with tempfile.TemporaryDirectory() as name, tempfile.TemporaryDirectory() as data:
            papers = printed(load_dataset(spec), Path(name), seed)
            temporary = settings.model_copy(update={"data": Path(data)})
            rows.append(audit(papers, pdf_answers, temporary, embedder, seed).summary())
    faults = sum(len(row["faults"]) for row in rows)
    emit_json({"faults": faults, "citations": sum(row["citations"] for row in rows), "sets": rows})
    if faults:
        raise typer.Exit(1)


def _shares(sizes: Sequence[int], total: int) -> list[int]:
    """Divide the total over the sets, the small ones first: what they cannot fill goes to the others."""
    shares = [0] * len(sizes)
    for left, place in enumerate(sorted(range(len(sizes)), key=lambda place: sizes[place])):
        shares[place] = min(sizes[place], -(-(total - sum(shares)) // (len(sizes) - left)))
    return shares


if __name__ == "__main__":
    typer.run(main)
