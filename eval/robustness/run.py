"""Ask a set as it is and in every perturbation, and keep what came back. Knows no figure and no perturbation by name.

Each perturbation is a file of the run's folder, written when all of it is asked: a run that was stopped goes on with
the next. Libraries of changed documents are made for the time that they are asked; no passage is embedded twice.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from eval.asking import Scope, ask_all
from eval.corpus import open_corpus
from eval.folder.facts import config_of
from eval.folder.read import read_config
from eval.questions import Dataset
from eval.record import Record
from eval.robustness.perturbation import SAME, Perturbation, Perturbed
from eval.robustness.remembering import Remembering
from rag.config import Settings
from rag.errors import InvalidRequest
from rag.ports import Embedder

DECIDES = ("dataset", "settings", "embedder", "models", "chunker", "reader", "code")  # of a run's config
SHOWS = ("table", "page")  # files of this package that decide no answer
CLEAN = Perturbation("clean", "clean", "The set as it is", "")
Progress = Callable[[str, int, int], None]  # what is being asked, how many are done, of how many


@dataclass(frozen=True, slots=True)
class Kept:
    """A question's record, and what was said word for word."""

    record: Record
    said: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of a perturbation. left_out: questions that it does nothing to, or cannot be done to."""

    name: str
    kept: tuple[Kept, ...]
    origins: Mapping[str, tuple[str, ...]]
    left_out: tuple[str, ...]
    cpu_seconds: float

    @property
    def by_id(self) -> dict[str, Kept]:
        return {one.record.id: one for one in self.kept}

    def origins_of(self, question: str) -> tuple[str, ...]:
        return self.origins.get(question, (question,))


@dataclass(frozen=True, slots=True)
class Run:
    """What is asked, and how. facts: what makes another run of it, such as the limit."""

    dataset: Dataset
    perturbations: Sequence[Perturbation]
    settings: Settings  # settings.data: where the set's own library is kept
    embedder: Embedder
    seed: int
    folder: Path
    facts: Mapping[str, Any]


def run_all(run: Run, progress: Progress) -> list[Asked]:
    """Return the set as it is, and each perturbation, in order; those that the folder holds are not asked again.

    Only questions that the documents answer are asked. Raises InvalidRequest where the folder holds another run,
    Malformed where what it holds of one cannot be read.
    """
    _claim(run)
    embedder = Remembering(run.embedder)
    answerable = tuple(question for question in run.dataset.questions if question.supports)
    dataset = replace(run.dataset, questions=answerable)
    done: list[Asked] = []
    for perturbation in (CLEAN, *run.perturbations):
        file = run.folder / f"{perturbation.name}.jsonl"
        if not file.is_file():
            asked = _ask(perturbation, dataset, done[0] if done else None, run, embedder, progress)
            _write(asked, file)
        done.append(read(file))
    return done


def facts_of(dataset: Dataset, settings: Settings, embedder: Embedder) -> dict[str, Any]:
    """Return what decides the answers: the questions, the settings, every model, and the code."""
    config = config_of(dataset, settings, embedder, scope="robustness", said={})
    files = sorted(path for path in Path(__file__).parent.glob("*.py") if path.stem not in SHOWS)
    code = hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:16]
    return {**{name: config[name] for name in DECIDES}, "perturbations": code}


def _claim(run: Run) -> None:
    file = run.folder / "config.json"
    run.folder.mkdir(parents=True, exist_ok=True)
    facts = json.loads(json.dumps({"spec": run.dataset.spec, "seed": run.seed, **run.facts}))
    if file.is_file() and (there := read_config(run.folder)) != facts:
        differ = ", ".join(sorted(name for name in {*facts, *there} if facts.get(name) != there.get(name)))
        raise InvalidRequest(f"{run.folder} holds another run: it differs in {differ}", hint="name another with --out")
    file.write_text(json.dumps(facts, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _ask(
    perturbation: Perturbation,
    dataset: Dataset,
    clean: Asked | None,
    run: Run,
    embedder: Embedder,
    progress: Progress,
) -> Asked:
    begun = time.process_time()
    before = clean.by_id if clean is not None else {}
    able = [one for one in dataset.questions if clean is None or perturbation.applies(before[one.id].record)]
    made = perturbation.change(replace(dataset, questions=tuple(able)), run.seed)
    kept: list[Kept] = []
    with tempfile.TemporaryDirectory(prefix="footnote-robustness-") as folder:
        for asked in made.asked:
            is_ours = asked.paragraphs == dataset.paragraphs
            where = run.settings if is_ours else run.settings.model_copy(update={"data": Path(folder)})
            for one in _answers(perturbation, asked, where, run.seed, embedder):
                kept.append(_beside(one, made, before))
                progress(perturbation.name, len(kept), len(made.questions))
    reached = {origin for question in made.questions for origin in made.origins_of(question.id)}
    left_out = tuple(question.id for question in dataset.questions if question.id not in reached)
    return Asked(perturbation.name, tuple(kept), made.origins, left_out, round(time.process_time() - begun, 1))


def _answers(
    perturbation: Perturbation, asked: Dataset, settings: Settings, seed: int, embedder: Embedder
) -> list[Kept]:
    questions = {question.id: question for question in asked.questions}
    found = []
    with open_corpus(asked, settings, embedder, lambda _done, _of: None) as corpus:
        reorder = []
        if perturbation.reorders is not None:
            reorder = [(perturbation.name, perturbation.reorders(seed)(asked.questions, corpus))]
        for record, answer in ask_all(
            asked.questions, corpus, settings, embedder, Scope.ANSWERS_ALONE, reorder=reorder
        ):
            more = perturbation.measure(questions[record.id], answer) if answer is not None else {}
            said = answer.text if answer is not None else ""
            found.append(Kept(replace(record, scores={**record.scores, **more}), said))
    return found


def _beside(kept: Kept, made: Perturbed, clean: Mapping[str, Kept]) -> Kept:
    """Say whether the answer is the same as it was; and draw the question with those it was drawn with."""
    before = clean.get(made.origins_of(kept.record.id)[0])
    if before is None:
        return kept
    both = kept.record.answered and before.record.answered  # two that failed said nothing, which is not the same
    scores = {**kept.record.scores, SAME: float(both and kept.said == before.said)}
    return replace(kept, record=replace(kept.record, unit=before.record.unit, scores=scores))


def _write(asked: Asked, file: Path) -> None:
    head = {
        "perturbation": asked.name,
        "origins": asked.origins,
        "left_out": asked.left_out,
        "cpu_seconds": asked.cpu_seconds,
    }
    lines = [head, *({"said": one.said, "record": one.record.row()} for one in asked.kept)]
    part = file.with_suffix(".part")
    part.write_text(
        "".join(json.dumps(line, ensure_ascii=False, allow_nan=False) + "\n" for line in lines), encoding="utf-8"
    )
    part.replace(file)


def read(file: Path) -> Asked:
    """Read what a run wrote of one perturbation."""
    with file.open(encoding="utf-8") as lines:
        head = json.loads(next(lines))
        kept = tuple(Kept(Record.of(row["record"]), row["said"]) for row in map(json.loads, lines))
    return Asked(
        name=head["perturbation"],
        kept=kept,
        origins={name: tuple(of) for name, of in head["origins"].items()},
        left_out=tuple(head["left_out"]),
        cpu_seconds=head["cpu_seconds"],
    )
