"""`footnote eval bench`: what measures speed, memory and peers. Knows how figures are shown, not how they are made."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rag.cli.output import DataOption, JsonOption, emit_json, settings_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from eval.questions import Dataset
    from rag.config import Settings

app = typer.Typer(no_args_is_help=True)
bench = typer.Typer(
    no_args_is_help=True,
    help="""Measure how fast it is, what memory it takes, and peers beside it.

\b
footnote eval bench list
footnote eval bench answer --dataset squad:../shared/data/xquad/xquad.zh.json
""",
)
app.add_typer(bench, name="bench")

EXAMPLES = Path("examples")
DatasetOption = Annotated[
    str, typer.Option("--dataset", metavar="FORM:PATH", help="As `footnote eval run` takes it: whose questions.")
]
LimitOption = Annotated[int | None, typer.Option("--limit", min=1, help="Ask so many questions; every document stays.")]
LibrariesOption = Annotated[
    Path, typer.Option("--libraries", metavar="DIR", help="Where datasets' libraries are kept between runs.")
]
LIBRARIES = Path("runs/libraries")


@app.callback()
def group() -> None:
    """Its commands stand beside that of eval.cli.run."""


@bench.command("ingest")
def ingest_command(
    documents: Annotated[
        Path, typer.Option("--documents", metavar="DIR", help="What is read, by kind of file.")
    ] = EXAMPLES,
    json_: JsonOption = False,
) -> None:
    """How fast each kind of file is read. Chunks, characters and bytes a second, and the peak memory.

    \b
    footnote eval bench ingest --documents ~/handbook
    """
    from eval.bench.ingest import measure, table

    _show(measure(documents), table, json_)


@bench.command("retrieve")
def retrieve_command(
    dataset: DatasetOption,
    limit: LimitOption = None,
    libraries: LibrariesOption = LIBRARIES,
    data: DataOption = None,
    json_: JsonOption = False,
) -> None:
    """How long passages take to be found. p50, p95 and p99 of each leg and of all.

    \b
    footnote eval bench retrieve --dataset squad:../shared/data/xquad/xquad.zh.json --limit 300
    """
    from eval.bench.retrieve import measure, table

    _show(measure(*_asked(dataset, limit, libraries, data)), table, json_)


@bench.command("answer")
def answer_command(
    dataset: DatasetOption,
    limit: LimitOption = None,
    libraries: LibrariesOption = LIBRARIES,
    data: DataOption = None,
    json_: JsonOption = False,
) -> None:
    """How long an answer takes, by stage. To its first token, and to its end.

    \b
    footnote eval bench answer --dataset squad:../shared/data/xquad/xquad.en.json --limit 200
    """
    from eval.bench.answer import measure, table

    _show(measure(*_asked(dataset, limit, libraries, data)), table, json_)


@bench.command("load")
def load_command(
    dataset: DatasetOption,
    askers: Annotated[str, typer.Option("--askers", metavar="N,N", help="How many ask in turn.")] = "1,4,16,64",
    seconds: Annotated[float, typer.Option("--seconds", min=0.1, help="How long each round takes.")] = 10.0,
    rate: Annotated[
        list[float] | None,
        typer.Option("--rate", min=0.01, help="Questions a second; repeat it. Default: 50 and 80 % of the best."),
    ] = None,
    burst: Annotated[int, typer.Option("--burst", min=0, help="So many ask at the same moment.")] = 100,
    leaving: Annotated[int, typer.Option("--leaving", min=0, help="So many hang up in mid-stream.")] = 32,
    url: Annotated[
        str | None, typer.Option("--url", metavar="URL", help="A service that runs already. Default: one is started.")
    ] = None,
    collection: Annotated[
        str | None, typer.Option("--collection", "-c", metavar="NAME", help="With --url: the collection asked.")
    ] = None,
    limit: LimitOption = None,
    libraries: LibrariesOption = LIBRARIES,
    data: DataOption = None,
    json_: JsonOption = False,
) -> None:
    """What becomes of many who ask at once. Throughput, waits, 503s, memory; exits 1 where a citation does not stand.

    \b
    footnote eval bench load --dataset squad:../shared/data/xquad/xquad.zh.json --askers 1,16,64
    footnote eval bench load --dataset qa:questions.jsonl --url http://127.0.0.1:8000 --rate 5
    """
    from eval.bench.load import measure, table
    from rag.errors import InvalidRequest

    try:
        numbers = [int(part) for part in askers.split(",") if part.strip()]
    except ValueError as error:
        raise InvalidRequest(f"--askers {askers}: {error}", hint="write numbers with commas between: 1,4,16") from error
    if any(number < 1 for number in numbers):
        raise InvalidRequest(f"--askers {askers}: each is at least 1")
    chosen, settings = _asked(dataset, limit, libraries, data)
    report = measure(
        chosen,
        settings,
        askers=numbers,
        seconds=seconds,
        rates=rate or (),
        burst=burst,
        leaving=leaving,
        url=url,
        collection=collection,
    )
    _show(report, table, json_)
    if report["broken"]:
        raise typer.Exit(1)


@bench.command("peers")
def peers_command(
    shared: Annotated[Path, typer.Option("--shared", metavar="DIR", help="The folder of data sets.")] = Path(
        "../shared"
    ),
    peers: Annotated[
        Path, typer.Option("--peers", metavar="DIR", help="Their environments; made where they are absent.")
    ] = Path("runs/peers"),
    sets: Annotated[str, typer.Option("--sets", metavar="A,B", help="Of en, zh and drcd; or squad:FILE.")] = "en,zh",
    only: Annotated[
        list[str] | None, typer.Option("--only", metavar="NAME", help="Systems with this in their name; repeat it.")
    ] = None,
    write: Annotated[
        Path | None, typer.Option("--write", metavar="PAGE", help="Put the tables between the marks of this page.")
    ] = None,
    limit: LimitOption = None,
    json_: JsonOption = False,
) -> None:
    """LlamaIndex, Haystack and txtai beside it. The same files, questions and embedder; takes minutes.

    \b
    footnote eval bench peers --sets zh --limit 100
    footnote eval bench peers --write docs/peers.md
    """
    from eval.bench.peers.compare import compare, has_failed
    from eval.bench.peers.table import tables
    from eval.bench.peers.table import write as write_page

    report = compare(sets.split(","), shared=shared, peers=peers, only=tuple(only or ()), limit=limit)
    report["command"] = shlex.join(["footnote", *sys.argv[1:]])
    if write is not None:
        write_page(write, report)
    _show(report, tables, json_)
    if has_failed(report):
        raise typer.Exit(1)


@bench.command("list")
def list_command(json_: JsonOption = False) -> None:
    """All other benchmarks, with a line each. `python -m NAME --help` says more.

    \b
    footnote eval bench list
    """
    from eval.bench.catalogue import programs

    found = programs()
    if json_:
        emit_json({"benchmarks": found})
        return
    for name, line in found.items():
        typer.echo(f"python -m {name}\n    {line}")


def _asked(spec: str, limit: int | None, libraries: Path, data: Path | None) -> tuple[Dataset, Settings]:
    from eval.datasets.load import load_dataset

    settings = settings_for(data)
    return load_dataset(spec).limited(limit), settings.model_copy(update={"data": libraries})


def _show(report: dict[str, Any], table: Callable[[dict[str, Any]], str], json_: bool) -> None:
    if json_:
        emit_json(report)
    else:
        typer.echo(table(report))
