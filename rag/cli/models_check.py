"""`footnote models check`: whether a model is whole, as it was fetched or published, and whether it works."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from rag.build import build_embedder, build_language_model, build_reranker, runtime_of
from rag.cli.output import DataOption, JsonOption, console, emit_json, plain, settings_for
from rag.config import Settings
from rag.errors import ModelError, ModelMismatch
from rag.models.choose import LEAST_COSINE, SAMPLES
from rag.models.entail import LazyEntailment
from rag.models.find import PUBLISHED, canonical_name, find_model
from rag.models.kinds import SETTINGS, Kind, base_of, kind_of
from rag.models.manifest import hold_to_manifest, read_manifest
from rag.ports import Embedder, Message

SAMPLE = "Footnote puts a checked footnote under every sentence."
ASKED = (Message("user", "Say yes."),)
WRITTEN_TOKENS = 8
UNIT_TOLERANCE = 1e-3  # of a vector's length

app = typer.Typer(no_args_is_help=True)


@app.callback()
def group() -> None:
    """Its command stands beside those of rag.cli.models."""


@app.command()
def check(
    model: Annotated[
        str | None, typer.Argument(metavar="MODEL", help="Name or folder; the embedder in use if left out.")
    ] = None,
    compare: Annotated[
        bool, typer.Option("--compare", help="Hold an embedder's vectors to those of sentence-transformers too.")
    ] = False,
    json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """Hold a model's files to the hashes they were fetched or published with, and try it.

    An embedder embeds a sentence, a reranker scores one, a language model writes a few words, and so on. A model that
    is nowhere on this machine is asked of the hub, unless HF_HUB_OFFLINE=1.

    \b
    footnote models check --compare
    footnote models check intfloat/multilingual-e5-small --json
    """
    settings = settings_for(data)
    name = model or settings.embedder.model
    folder = find_model(name, settings.data / "models")
    kind = Kind.EMBEDDER if model is None else kind_of(folder)
    report: dict[str, Any] = {"name": canonical_name(name), "kind": kind, "folder": str(folder), **_held(folder)}
    if kind is Kind.EMBEDDER:
        report |= _embedder(settings, name, compare)
    elif kind is Kind.RERANKER:
        report |= _reranker(settings, folder)
    elif kind is Kind.INFERENCE:
        report |= _inference(settings, folder)
    elif kind is Kind.LLM:
        report |= _llm(settings, folder)
    elif kind is Kind.ADAPTER:
        report["made_for"] = base_of(folder)
    report["setting"] = SETTINGS.get(kind)
    if json:
        emit_json(report)
    else:
        for key, value in report.items():
            console().print(f"{key:<24} {plain(str(value))}")


def _held(folder: Path) -> dict[str, Any]:
    """Read every byte. Raises ModelMismatch where one is not as it was fetched."""
    manifest = read_manifest(folder)
    if manifest is None:
        return {"fetched": None}
    hold_to_manifest(folder, manifest)
    return {"fetched": f"{manifest.repository} at {manifest.commit}", "files_as_fetched": len(manifest.files)}


def _embedder(settings: Settings, name: str, compare: bool) -> dict[str, Any]:
    settings = settings.model_copy(update={"embedder": settings.embedder.model_copy(update={"model": name})})
    embedder = build_embedder(settings)
    start = time.perf_counter()
    [vector] = embedder.embed_queries([SAMPLE])
    seconds = time.perf_counter() - start
    if vector.shape != (embedder.dimension,) or abs(float(np.linalg.norm(vector)) - 1.0) > UNIT_TOLERANCE:
        raise ModelMismatch(
            f"{embedder.name} gave a vector of shape {vector.shape} and length {np.linalg.norm(vector):.4f}",
            hint=f"expected ({embedder.dimension},) and 1; bring the model's folder anew",
        )
    report: dict[str, Any] = {
        "name": embedder.name,
        "fingerprint": embedder.fingerprint,
        "published": canonical_name(name) in PUBLISHED,
        "dimension": embedder.dimension,
        "max_tokens": embedder.max_tokens,
        "languages": sorted(embedder.languages),
        "first_embedding_seconds": round(seconds, 2),
        "runtime": runtime_of(embedder),
    }
    if compare:
        report["least_cosine_to_torch"] = round(_least_cosine(settings, embedder), 6)
    return report


def _least_cosine(settings: Settings, embedder: Embedder) -> float:
    """Embed a few texts here and on sentence-transformers. Raises ModelMismatch where the vectors are other ones."""
    chosen = settings.embedder.model_copy(update={"runtime": "torch"})
    reference = build_embedder(settings.model_copy(update={"embedder": chosen}))
    ours, theirs = (
        np.vstack([one.embed_passages(SAMPLES), one.embed_queries(SAMPLES)]) for one in (embedder, reference)
    )
    least = float(np.min(np.sum(ours * theirs, axis=1)))
    if least < LEAST_COSINE:
        raise ModelMismatch(
            f"{embedder.name} on {runtime_of(embedder)}: the least cosine to sentence-transformers is {least:.5f}",
            hint="set embedder.runtime to torch",
        )
    return least


def _reranker(settings: Settings, folder: Path) -> dict[str, Any]:
    chosen = settings.rerank.model_copy(update={"model": str(folder.absolute())})
    reranker = build_reranker(settings.model_copy(update={"rerank": chosen}))
    assert reranker is not None
    start = time.perf_counter()
    [score] = reranker.score(SAMPLE, [SAMPLE])
    return {
        "score_of_a_sentence_to_itself": round(score, 4),
        "first_score_seconds": round(time.perf_counter() - start, 2),
    }


def _inference(settings: Settings, folder: Path) -> dict[str, Any]:
    model = LazyEntailment.find(str(folder.absolute()), models=settings.data / "models")
    start = time.perf_counter()
    [chance] = model.entails([(SAMPLE, SAMPLE)])
    seconds = round(time.perf_counter() - start, 2)
    return {"chance_that_a_sentence_entails_itself": round(chance, 4), "first_chance_seconds": seconds}


def _llm(settings: Settings, folder: Path) -> dict[str, Any]:
    chosen = {
        "answer": settings.answer.model_copy(update={"generator": "transformers"}),
        "llm": settings.llm.model_copy(update={"model": str(folder.absolute()), "adapter": None}),
    }
    model = build_language_model(settings.model_copy(update=chosen))
    assert model is not None
    start = time.perf_counter()
    written = model.complete(ASKED, max_tokens=WRITTEN_TOKENS)
    seconds = round(time.perf_counter() - start, 2)
    if model.count_tokens(ASKED) <= 0:
        raise ModelError(f"{folder} counts no tokens in {ASKED[0].content!r}", hint="bring its tokenizer anew")
    return {"context_tokens": model.context_tokens, "wrote": written, "first_words_seconds": seconds}
