"""Ask every question of a qa: file by the command line, as people do: `python -m eval.gold FILE --out answers.jsonl`.

One `footnote ask --json` a question, over a library that `footnote ingest` made. `footnote eval run` asks the same in
one process and writes the same answers.jsonl, sooner. Knows nothing of scores.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from eval.datasets.load import load_dataset
from rag.errors import FootnoteError, NotFound

TIMEOUT_SECONDS = 600


class VerbFailed(FootnoteError): ...


def footnote(*arguments: str) -> dict[str, Any]:
    """Run a verb and return the one object that it prints.

    Raises VerbFailed with what it said on standard error when it does not end well.
    """
    done = subprocess.run(
        [sys.executable, "-m", "footnote", *arguments],
        capture_output=True,
        encoding="utf-8",
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
    if done.returncode != 0:
        raise VerbFailed(f"footnote {' '.join(arguments)}: exit {done.returncode}: {done.stderr.strip()}")
    value: dict[str, Any] = json.loads(done.stdout)
    return value


def main(
    gold: Annotated[Path, typer.Argument(metavar="FILE", help="In the form of ../shared/gold/qa.jsonl")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="One answer a line, with its question's id.")],
    documents: Annotated[Path | None, typer.Option("--documents", metavar="DIR", help="Default: ../seeds")] = None,
    data: Annotated[Path, typer.Option("--data", metavar="DIR")] = Path("runs/gold"),
) -> None:
    """Ingest the documents and ask every question, a process each."""
    dataset = load_dataset(f"qa:{gold}", documents=documents)
    if dataset.folder is None:
        raise NotFound(f"{gold} asks about no folder")
    report = footnote("--data", str(data), "ingest", str(dataset.folder), "--json")
    typer.echo(f"ingested: {report['indexed']} indexed, {report['unchanged']} unchanged", err=True)
    out.parent.mkdir(parents=True, exist_ok=True)
    with out.open("w", encoding="utf-8") as answers:
        for number, question in enumerate(dataset.questions, 1):
            # "--" before the question, which may begin with a dash
            answer = footnote("--data", str(data), "ask", "--json", "--", question.text)
            answers.write(json.dumps({"id": question.id, **answer}, ensure_ascii=False) + "\n")
            typer.echo(f"{number}/{len(dataset.questions)} {question.id}", err=True)


if __name__ == "__main__":
    typer.run(main)
