"""`footnote models`: which weights lie where, and whether the one in use is whole and works."""

from __future__ import annotations

import importlib
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.table import Column, Table

from rag.build import build_embedder, runtime_of
from rag.cli.output import DataOption, JsonOption, console, emit_json, plain, settings_for
from rag.config import Settings
from rag.errors import ModelMismatch
from rag.models.card import own_prompts
from rag.models.choose import LEAST_COSINE, SAMPLES
from rag.models.find import DEFAULT_MODEL, PACKAGES, PUBLISHED, canonical_name, file_digest, weight_files
from rag.ports import Embedder

NO_PROMPTS = (
    "A model without prompts of its own may have been trained with some all the same: its card says so. Then set "
    "embedder.query_prompt and embedder.passage_prompt."
)
SAMPLE = "Footnote puts a checked footnote under every sentence."
UNIT_TOLERANCE = 1e-3  # of a vector's length

app = typer.Typer(no_args_is_help=True, help="List models and check their weights.")


@dataclass(frozen=True, slots=True)
class Weights:
    name: str
    place: str  # "data/models", "hub cache" or "package"
    folder: str
    bytes: int
    state: str  # "published", "altered", or "" where no published hash is known
    query_prompt: str  # as its config has it; "" where it tells of none
    passage_prompt: str


@app.command("list")
def list_models(json: JsonOption = False, data: DataOption = None) -> None:
    """List the embedding models found on this machine; nothing is downloaded.

    \b
    footnote models list
    """
    settings = settings_for(data)
    found = list(weights_here(settings))
    if json:
        emit_json({"embedder": settings.embedder.model, "models": [asdict(weights) for weights in found]})
        return
    table = Table("name", "place", "megabytes", "weights", "prompts", Column("folder", overflow="fold"), box=None)
    for weights in found:
        size = f"{weights.bytes / 1e6:.0f}"
        prompts = "its own" if weights.query_prompt or weights.passage_prompt else "none"
        table.add_row(plain(weights.name), weights.place, size, weights.state, prompts, plain(weights.folder))
    console().print(table)
    if any(not weights.query_prompt and weights.name != DEFAULT_MODEL for weights in found):
        console().print(NO_PROMPTS)
    console().print(f"in use: {plain(settings.embedder.model)}")


@app.command()
def check(
    model: Annotated[
        str | None, typer.Argument(metavar="MODEL", help="Name or folder; the one in use if left out.")
    ] = None,
    compare: Annotated[
        bool, typer.Option("--compare", help="Hold its vectors to those of sentence-transformers too.")
    ] = False,
    json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """Find a model's weights, hold them to the published hash where one is known, and embed a sentence.

    A model that is nowhere on this machine is asked of the hub, unless HF_HUB_OFFLINE=1.

    \b
    footnote models check --compare
    footnote models check intfloat/multilingual-e5-small --json
    """
    settings = settings_for(data)
    if model is not None:
        chosen = settings.embedder.model_copy(update={"model": model})
        settings = settings.model_copy(update={"embedder": chosen})
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
        "published": canonical_name(settings.embedder.model) in PUBLISHED,
        "dimension": embedder.dimension,
        "max_tokens": embedder.max_tokens,
        "languages": sorted(embedder.languages),
        "first_embedding_seconds": round(seconds, 2),
        "runtime": runtime_of(embedder),
    }
    if compare:
        report["least_cosine_to_torch"] = round(_least_cosine(settings, embedder), 6)
    if json:
        emit_json(report)
    else:
        for name, value in report.items():
            console().print(f"{name:<24} {value}")


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


def weights_here(settings: Settings) -> Iterator[Weights]:
    """Yield the weights in data/models, in the hub's cache and in packages, each model with its size."""
    models = settings.data / "models"
    if models.is_dir():
        for folder in sorted(models.iterdir()):
            yield from _weights(folder.name, "data/models", folder)
    for name, package in PACKAGES.items():
        try:
            folder = Path(importlib.import_module(package).MODEL_DIR)
        except ImportError:
            continue
        yield from _weights(name, "package", folder)
    yield from _cached()


def _cached() -> Iterator[Weights]:
    from huggingface_hub import scan_cache_dir  # 0.5 s to import
    from huggingface_hub.errors import CacheNotFound

    try:
        repositories = scan_cache_dir().repos
    except CacheNotFound:
        return
    for repository in sorted(repositories, key=lambda repository: repository.repo_id):
        if repository.repo_type == "model":
            for revision in repository.revisions:
                yield from _weights(repository.repo_id, "hub cache", Path(revision.snapshot_path))


def _weights(name: str, place: str, folder: Path) -> Iterator[Weights]:
    files = weight_files(folder)
    if files:
        published = PUBLISHED.get(canonical_name(name))
        state = ""
        if published is not None:
            whole = (folder / "model.safetensors").is_file() and file_digest(folder / "model.safetensors") == published
            state = "published" if whole else "altered"
        size = sum(path.stat().st_size for path in files)
        yield Weights(name, place, str(folder), size, state, *own_prompts(folder))
