"""`footnote eval synthesise`. Knows how to find documents and write questions, not how those are made."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from rag.cli.output import CollectionOption, DataOption, JsonOption, emit_json, settings_for
from rag.errors import InvalidRequest

app = typer.Typer(no_args_is_help=True)
LANGUAGES = ("zh", "en")


@app.callback()
def group() -> None:
    """Its command stands beside that of eval.cli.run."""


@app.command("synthesise")
def synthesise_command(
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Gets the questions, a JSON object a line.")],
    documents: Annotated[
        Path | None, typer.Option("--documents", metavar="DIR", help="Ask of a folder's files, not of a collection.")
    ] = None,
    count: Annotated[int, typer.Option("--count", min=1, help="At most so many questions.")] = 100,
    seed: Annotated[int, typer.Option("--seed", help="Decides which sentences are asked of.")] = 0,
    language: Annotated[
        str | None, typer.Option("--language", metavar="zh|en", help="Of sentences in this language alone.")
    ] = None,
    libraries: Annotated[
        Path, typer.Option("--libraries", metavar="DIR", help="Where the library of --documents is kept, as of a run.")
    ] = Path("runs/libraries"),
    collection: CollectionOption = None,
    data: DataOption = None,
    json_: JsonOption = False,
) -> None:
    """Make questions from your own documents, marked synthetic: gaps, forms, and by a language model if one is set.

    \b
    footnote eval synthesise --collection handbook --count 50 --out mine.jsonl
    footnote eval run --dataset qa:mine.jsonl --collection handbook
    footnote eval synthesise --documents ~/papers --language zh --out mine.jsonl
    footnote eval run --dataset qa:mine.jsonl --documents ~/papers
    """
    from eval.corpus import open_corpus
    from eval.datasets.files import files_in, files_of
    from eval.questions import Dataset
    from eval.synthetic.made import Source
    from eval.synthetic.make import synthesise
    from rag.build import build_embedder, build_language_model, library_folder

    if language is not None and language not in LANGUAGES:
        raise InvalidRequest(f"--language {language} is not known", hint=f"write {' or '.join(LANGUAGES)}")
    if documents is not None and collection is not None:
        raise InvalidRequest("--documents and --collection are given together", hint="choose one of them")
    settings = settings_for(data)
    files = files_in(documents) if documents is not None else files_of(library_folder(settings, collection))
    dataset = Dataset(f"qa:{documents or 'collection'}", (), folder=files.folder, library=files.library)
    own = settings.model_copy(update={"data": libraries})
    with open_corpus(dataset, own, build_embedder(settings), lambda _done, _of: None) as corpus:
        labels = {row.location: row.source for row in corpus.library.sources()}
        named = {labels.get(key, key): identifier for key, identifier in sorted(corpus.documents.items())}
        once = {identifier: name for name, identifier in reversed(named.items()) if files.find(name) is not None}
        sources = [Source(name, corpus.library.document(identifier)) for identifier, name in sorted(once.items())]
    made = synthesise(sources, count=count, seed=seed, language=language, writer=build_language_model(settings))
    rows = [one.row(f"{one.kind}-{number:04}") for number, one in enumerate(made.questions, 1)]
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    unnamed = len(set(corpus.documents.values())) - len(sources)
    if json_:
        emit_json(
            {"out": str(out), "questions": len(rows), "documents": len(sources), "unnamed": unnamed}
            | {"rejected": made.rejected}
        )
        return
    typer.echo(f"{len(rows)} questions on {len(sources)} documents in {out}; all are marked synthetic")
    for reason, times in sorted(made.rejected.items(), key=lambda item: -item[1]):
        typer.echo(f"not kept, {times} times: {reason}")
    if unnamed:
        typer.echo(f"{unnamed} documents are left out: others have the same name")
