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

from rag.cli.output import CollectionOption, DataOption, JsonOption, emit_json, settings_for
from rag.errors import InvalidRequest, Misconfigured

if TYPE_CHECKING:
    from eval.metrics.cost import Prices
    from eval.perplexity import Perplexity
    from eval.questions import Dataset
    from rag.config import Settings

# Of each of a summary's tables what is shown to people; None: all of it. summary.json has the rest.
SHOWN: dict[str, tuple[str, ...] | None] = {
    "retrieval": ("recall@1", "recall@5", "mrr@10", "ndcg@10"),
    "legs.dense": ("recall@1", "recall@5", "mrr@10", "ndcg@10"),
    "legs.lexical": ("recall@1", "recall@5", "mrr@10", "ndcg@10"),
    "passages": None,
    "answer": ("contains", "f1", "exact"),
    "citation": ("precision", "recall", "valid", "verified", "count"),
    "refusal": ("answered", "refused_unanswerable", "auroc", "calibration_error"),
    "faithfulness": None,
    "safety": None,
    "reference": None,
    "cost": ("money_per_1000",),
    "latency": ("retrieve_p50", "total_p50", "total_p95"),
}

app = typer.Typer(help="Measure retrieval, answers, citations and refusals.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Measure retrieval, answers, citations and refusals."""


@app.command("run")
def run_command(
    dataset: Annotated[
        str,
        typer.Option("--dataset", metavar="FORM:PATH", help="squad:FILE, beir:FOLDER, qa:FILE.jsonl, csv:FILE, ..."),
    ],
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="Ask so many questions; every document stays.")
    ] = None,
    seed: Annotated[int | None, typer.Option("--seed", help="Draw them at random by this, not the first.")] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="The run's folder [runs/TIME-NAME].")] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Begin the run in --out anew; else it goes on where it was.")
    ] = False,
    libraries: Annotated[
        Path, typer.Option("--libraries", metavar="DIR", help="Where datasets' libraries are kept between runs.")
    ] = Path("runs/libraries"),
    documents: Annotated[
        Path | None, typer.Option("--documents", metavar="DIR", help="qa: the files asked about [../seeds].")
    ] = None,
    collection: CollectionOption = None,
    retrieval_only: Annotated[bool, typer.Option("--retrieval-only", help="Rank, but do not answer.")] = False,
    judge: Annotated[
        list[str] | None,
        typer.Option("--judge", metavar="NAME", help="Of faithfulness: check, entailment or llm; may be repeated."),
    ] = None,
    perplexity: Annotated[
        bool, typer.Option("--perplexity", help="Of the right answers, under the local language model.")
    ] = False,
    price_in: Annotated[
        float | None, typer.Option("--price-in", min=0, help="Of a million tokens of prompts; for the cost.")
    ] = None,
    price_out: Annotated[float | None, typer.Option("--price-out", min=0, help="The same, of answers.")] = None,
    data: DataOption = None,
    json_: JsonOption = False,
) -> None:
    """Ask every question of a dataset and score what comes back; a run that was stopped goes on where it was.

    \b
    footnote eval run --dataset squad:../shared/data/xquad/xquad.zh.json --limit 100
    footnote eval run --dataset qa:../shared/gold/qa.jsonl --out runs/gold --json
    footnote eval run --dataset qa:mine.jsonl --collection handbook --judge check
    """
    from eval.asking import Scope
    from eval.datasets.load import load_dataset
    from eval.folder.opening import Start
    from eval.judges.build import judges_of
    from eval.run import Run, evaluate
    from rag.build import build_embedder, library_folder

    settings = settings_for(data)
    if retrieval_only and judge:
        raise InvalidRequest("--retrieval-only gives no answers to judge", hint="leave it out, or the judges")
    library = library_folder(settings, collection) if collection is not None else None
    run = Run(
        dataset=_drawn(load_dataset(dataset, documents=documents, library=library), limit, seed),
        settings=settings,
        embedder=build_embedder(settings),
        scope=Scope.RETRIEVAL if retrieval_only else Scope.ANSWERS,
        folder=out or _run_folder(dataset),
        start=Start.ANEW if fresh else Start.GO_ON,
        libraries=libraries,
        judges=judges_of(settings, judge or ()),
        perplexity=_perplexity(settings) if perplexity else None,
        prices=_prices(price_in, price_out),
        config={
            "command": shlex.join(["footnote", *sys.argv[1:]]),
            "limit": limit,
            "seed": seed,
            "started_at": datetime.now(UTC).isoformat(timespec="seconds"),
        },
    )
    bar = _Bar()
    try:
        with bar:
            summary = evaluate(run, bar.show)
    except KeyboardInterrupt:
        asked = f"{bar.done} question{'' if bar.done == 1 else 's'}"
        typer.echo(f"stopped after {asked}; this goes on: {_again(run.config, run.folder)}", err=True)
        raise
    if json_:
        emit_json(summary)
    else:
        _show(summary, run.folder)
    if summary["failed"]:
        raise typer.Exit(1)


def _perplexity(settings: Settings) -> Perplexity:
    from eval.perplexity import Perplexity

    found = Perplexity.of(settings)
    if found is None:
        raise Misconfigured(
            "--perplexity needs a language model in this process, and there is none",
            hint="set answer.generator to transformers, and llm.model to its name or folder",
        )
    return found


def _prices(into: float | None, out: float | None) -> Prices | None:
    from eval.metrics.cost import Prices

    return None if into is None and out is None else Prices(into or 0.0, out or 0.0)


def _drawn(dataset: Dataset, limit: int | None, seed: int | None) -> Dataset:
    if limit is None or seed is None:
        return dataset.limited(limit)
    chosen = random.Random(seed).sample(dataset.questions, min(limit, len(dataset.questions)))
    return replace(dataset, questions=tuple(chosen))


def _run_folder(spec: str) -> Path:
    return Path("runs") / f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{Path(spec.partition(':')[2]).stem}"


def _again(config: Any, folder: Path) -> str:
    """The command, with the folder that was chosen for it, and without what would begin anew."""
    command = shlex.join(word for word in shlex.split(config["command"]) if word != "--fresh")
    return command if "--out" in command else f"{command} --out {shlex.quote(str(folder))}"


def _show(summary: dict[str, Any], folder: Path) -> None:
    """Print the tables for people, one line each, with their intervals; null is shown as a dash."""
    from eval.folder.read import read_records

    for name, wanted in SHOWN.items():
        figures = _at(summary, name)
        shown = {key: value for key, value in figures.items() if wanted is None or key in wanted}
        if any(value is not None for value in shown.values()):
            typer.echo(f"{name.removeprefix('legs.'):<13}{_line(name, shown, summary['intervals'])}")
    for kind, figures in summary.get("by_kind", {}).items():
        typer.echo(f"{kind or '(no kind)':<15}{_line('', figures, {})}")
    for remark in summary["skipped"]:
        typer.echo(f"skipped {remark['item']}: {remark['reason']}")
    for name in summary.get("missing") or ():
        typer.echo(f"missing {name}: it was not read, and what rests on it is not found")
    if summary["failed"]:
        first = next(record.error for record in read_records(folder) if record.error is not None)
        typer.echo(f"{summary['failed']} questions failed, the first with {first}; see {folder / 'questions.jsonl'}")
    typer.echo(f"{summary['questions']} questions in {summary['seconds']} s, written to {folder}")


def _at(summary: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the table of this name; a leg's is "legs.dense"."""
    for step in name.split("."):
        summary = summary.get(step, {})
    return summary


def _line(group: str, figures: dict[str, Any], intervals: dict[str, Any]) -> str:
    return "  ".join(f"{name} {_shown(value, intervals.get(f'{group}.{name}'))}" for name, value in figures.items())


def _shown(value: Any, interval: list[float] | None) -> str:
    """As "0.964 [0.952, 0.975]"."""
    if value is None:
        return "-"
    if interval is None or not isinstance(value, float):
        return str(value)
    return f"{value:.3f} [{interval[0]:.3f}, {interval[1]:.3f}]"


class _Bar:
    """Progress on standard error; silent where that is no terminal."""

    def __init__(self) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        console = Console(stderr=True)
        self._progress = Progress(*columns, console=console, disable=not console.is_terminal)
        self._task = self._progress.add_task("starting", total=None)
        self.done = 0  # questions

    def __enter__(self) -> _Bar:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def show(self, what: str, done: int, of: int) -> None:
        self.done = done if what == "asking" else 0
        self._progress.update(self._task, description=what, completed=done, total=of)
