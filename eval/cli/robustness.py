"""`footnote eval robustness`. Knows how to show what perturbations cost, not how it is measured."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eval.cli.bar import Bar
from rag.cli.output import DataOption, JsonOption, emit_json, settings_for

if TYPE_CHECKING:
    from eval.questions import Dataset

app = typer.Typer(no_args_is_help=True)


@app.callback()
def group() -> None:
    """Its command stands beside that of eval.cli.run."""


@app.command("robustness")
def robustness_command(
    dataset: Annotated[str, typer.Option("--dataset", metavar="FORM:PATH", help="As `footnote eval run` takes it.")],
    only: Annotated[
        str, typer.Option("--only", metavar="A,B", help="Families or names: noise,typos. Default: all")
    ] = "",
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="Ask so many questions; every document stays.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="What is drawn at random, the questions too.")] = 6,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="The run's folder; what it holds is not asked again.")
    ] = None,
    libraries: Annotated[
        Path, typer.Option("--libraries", metavar="DIR", help="Where datasets' libraries are kept between runs.")
    ] = Path("runs/libraries"),
    documents: Annotated[
        Path | None, typer.Option("--documents", metavar="DIR", help="qa: the files asked about. Default: ../seeds")
    ] = None,
    instructions: Annotated[
        Path | None, typer.Option("--instructions", metavar="FILE", help="English ones to plant, in BIPIA's form.")
    ] = None,
    data: DataOption = None,
    json_: JsonOption = False,
) -> None:
    """Make a set harder in one way at a time, and measure what each way costs.

    \b
    footnote eval robustness --dataset squad:../shared/data/xquad/xquad.zh.json --limit 300
    footnote eval robustness --dataset qa:questions.jsonl --only noise,typos --json
    """
    from eval.datasets.bipia import load_instructions
    from eval.datasets.load import load_dataset
    from eval.robustness.catalogue import chosen, perturbations
    from eval.robustness.planting import OURS
    from eval.robustness.run import Run, facts_of, run_all
    from eval.robustness.table import markdown, rows, summary
    from rag.build import build_embedder, build_language_model

    settings = settings_for(data)
    planted = OURS
    if instructions is not None:
        planted = {**OURS, "en": [one for kind in load_instructions(instructions).values() for one in kind]}
    every = perturbations(instructions=planted, writer=build_language_model(settings))
    folder = (
        out or Path("runs") / f"{datetime.now(UTC):%Y%m%d-%H%M%S}-robustness-{Path(dataset.partition(':')[2]).stem}"
    )
    asked_of = _drawn(load_dataset(dataset, documents=documents), limit, seed)
    embedder = build_embedder(settings)
    run = Run(
        dataset=asked_of,
        perturbations=chosen(every, only.split(",")),
        settings=settings.model_copy(update={"data": libraries}),
        embedder=embedder,
        seed=seed,
        folder=folder,
        facts={"limit": limit, "instructions": str(instructions), **facts_of(asked_of, settings, embedder)},
    )
    with Bar() as bar:
        asked = run_all(run, bar.show)
    found = {"limit": limit, **summary(dataset, seed, asked, rows(run.perturbations, asked, seed=seed))}
    text = json.dumps(found, ensure_ascii=False, indent=1, allow_nan=False)
    (folder / "robustness.json").write_text(text + "\n", encoding="utf-8")
    (folder / "robustness.md").write_text(markdown(found) + "\n", encoding="utf-8")
    if json_:
        emit_json(found)
    else:
        typer.echo(markdown(found))
        typer.echo(f"{found['questions']} questions, {found['cpu_seconds']} s of processor time, written to {folder}")
    if any(row["failed"] for row in found["perturbations"]):
        raise typer.Exit(1)


def _drawn(dataset: Dataset, limit: int | None, seed: int) -> Dataset:
    """Draw from the questions that the documents answer: no others are asked."""
    able = [question for question in dataset.questions if question.supports]
    chosen = able if limit is None or limit >= len(able) else random.Random(seed).sample(able, limit)
    return replace(dataset, questions=tuple(chosen))
