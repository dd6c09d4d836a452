"""`footnote eval run`. Knows how to show a run, not how it is made."""

from __future__ import annotations

import random
import shlex
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from rag.cli.output import DataOption, JsonOption, emit_json, settings_for

if TYPE_CHECKING:
    from eval.questions import Dataset

app = typer.Typer(help="Measure retrieval, answers, citations and refusals.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Measure retrieval, answers, citations and refusals."""


@app.command("run")
def run_command(
    dataset: Annotated[
        str,
        typer.Option(
            "--dataset", metavar="FORM:PATH", help="squad:FILE, beir:FOLDER, qa:FILE.jsonl or expertqa:FILE.jsonl"
        ),
    ],
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="Ask so many questions; every document stays.")
    ] = None,
    seed: Annotated[int | None, typer.Option("--seed", help="Draw them at random by this, not the first.")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="The run's folder. Default: runs/TIME-NAME")
    ] = None,
    libraries: Annotated[
        Path, typer.Option("--libraries", metavar="DIR", help="Where datasets' libraries are kept between runs.")
    ] = Path("runs/libraries"),
    documents: Annotated[
        Path | None, typer.Option("--documents", metavar="DIR", help="qa: the files asked about. Default: ../seeds")
    ] = None,
    retrieval_only: Annotated[bool, typer.Option("--retrieval-only", help="Rank, but do not answer.")] = False,
    data: DataOption = None,
    json_: JsonOption = False,
) -> None:
    """Ask every question of a dataset and score what comes back.

    \b
    footnote eval run --dataset squad:../shared/data/xquad/xquad.zh.json --limit 100
    footnote eval run --dataset qa:../shared/gold/qa.jsonl --json
    """
    from eval.asking import Scope
    from eval.datasets.load import load_dataset
    from eval.run import Run, evaluate
    from rag.build import build_embedder

    settings = settings_for(data)
    chosen = _drawn(load_dataset(dataset, documents=documents), limit, seed)
    run = Run(
        dataset=chosen,
        settings=settings.model_copy(update={"data": libraries}),
        embedder=build_embedder(settings),
        scope=Scope.RETRIEVAL if retrieval_only else Scope.ANSWERS,
        folder=out or _run_folder(dataset),
        config={
            "command": shlex.join(["footnote", *sys.argv[1:]]),
            "limit": limit,
            "seed": seed,
            "started_at": datetime.now(UTC).isoformat(timespec="seconds"),
        },
    )
    with _Bar() as bar:
        summary = evaluate(run, bar.show)
    if json_:
        emit_json(summary)
    else:
        _show(summary, run.folder)
    if summary["failed"]:
        raise typer.Exit(1)


def _drawn(dataset: Dataset, limit: int | None, seed: int | None) -> Dataset:
    if limit is None or seed is None:
        return dataset.limited(limit)
    chosen = random.Random(seed).sample(dataset.questions, min(limit, len(dataset.questions)))
    return replace(dataset, questions=tuple(chosen))


def _run_folder(spec: str) -> Path:
    return Path("runs") / f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{Path(spec.partition(':')[2]).stem}"


def _show(summary: dict[str, Any], folder: Path) -> None:
    """Print the tables for people, one line each; null is shown as a dash."""
    for name in ("retrieval", "answer", "citation", "refusal", "passages"):
        if name in summary:
            typer.echo(f"{name:<11}{_line(summary[name])}")
    for leg, figures in summary["legs"].items():
        typer.echo(f"{leg:<11}{_line(figures)}")
    for kind, figures in summary.get("by_kind", {}).items():
        typer.echo(f"{kind or '(no kind)':<15}{_line(figures)}")
    for remark in summary["skipped"]:
        typer.echo(f"skipped {remark['item']}: {remark['reason']}")
    if summary["failed"]:
        typer.echo(f"{summary['failed']} questions failed: see `error` in {folder / 'questions.jsonl'}")
    typer.echo(f"{summary['questions']} questions in {summary['seconds']} s, written to {folder}")


def _line(figures: dict[str, Any]) -> str:
    return "  ".join(f"{name} {'-' if value is None else value}" for name, value in figures.items())


class _Bar:
    """Progress on standard error; silent where that is no terminal."""

    def __init__(self) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        console = Console(stderr=True)
        self._progress = Progress(*columns, console=console, disable=not console.is_terminal)
        self._task = self._progress.add_task("starting", total=None)

    def __enter__(self) -> _Bar:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def show(self, what: str, done: int, of: int) -> None:
        self._progress.update(self._task, description=what, completed=done, total=of)
