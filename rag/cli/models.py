"""`footnote models list`: which weights lie where, of which kind, and which are in use. Downloads nothing."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import typer
from rich.table import Column, Table

from rag.cli.output import DataOption, JsonOption, console, emit_json, plain, settings_for
from rag.config import Settings
from rag.models.card import own_prompts
from rag.models.find import DEFAULT_MODEL, PACKAGES, PUBLISHED, canonical_name, file_digest, weight_files
from rag.models.kinds import Kind, kind_of

NO_PROMPTS = (
    "An embedder without prompts of its own may have been trained with some all the same: its card says so. Then set "
    "embedder.query_prompt and embedder.passage_prompt."
)

app = typer.Typer(no_args_is_help=True, help="List, fetch and check models.")


@dataclass(frozen=True, slots=True)
class Weights:
    name: str
    kind: Kind
    place: str  # "data/models", "hub cache" or "package"
    folder: str
    bytes: int
    state: str  # "published", "altered", or "" where no published hash is known
    query_prompt: str  # as its config has it; "" where it tells of none
    passage_prompt: str


@app.callback()
def group() -> None:
    """Its other commands stand in rag.cli.models_fetch and rag.cli.models_check."""


@app.command("list")
def list_models(json: JsonOption = False, data: DataOption = None) -> None:
    """List the models found on this machine, by kind; nothing is downloaded.

    \b
    footnote models list
    """
    settings = settings_for(data)
    found = sorted(weights_here(settings), key=lambda weights: list(Kind).index(weights.kind))
    used = in_use(settings)
    if json:
        emit_json({"embedder": settings.embedder.model, "in_use": used, "models": [asdict(one) for one in found]})
        return
    table = Table(
        "kind", "name", "place", "megabytes", "weights", "prompts", Column("folder", overflow="fold"), box=None
    )
    for weights in found:
        size = f"{weights.bytes / 1e6:.0f}"
        prompts = "its own" if weights.query_prompt or weights.passage_prompt else "none"
        table.add_row(
            weights.kind,
            plain(weights.name),
            weights.place,
            size,
            weights.state,
            prompts if weights.kind is Kind.EMBEDDER else "",
            plain(weights.folder),
        )
    console().print(table)
    if any(one.kind is Kind.EMBEDDER and not one.query_prompt and one.name != DEFAULT_MODEL for one in found):
        console().print(NO_PROMPTS)
    for kind, name in used.items():
        console().print(f"{kind} in use: {plain(name or 'none')}")


def in_use(settings: Settings) -> dict[str, str | None]:
    """Return what the settings name of each kind; an LLM on a server is not among our weights."""
    local = settings.answer.generator == "transformers"
    return {
        Kind.EMBEDDER: settings.embedder.model,
        Kind.RERANKER: settings.rerank.model,
        Kind.INFERENCE: settings.answer.entailment,
        Kind.LLM: settings.llm.model if local else None,
        Kind.ADAPTER: settings.llm.adapter if local else None,
    }


def weights_here(settings: Settings) -> Iterator[Weights]:
    """Yield the weights in data/models, in the hub's cache and in packages, each model with its size."""
    models = settings.data / "models"
    if models.is_dir():
        for folder in sorted(path for path in models.iterdir() if not path.name.startswith(".")):
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
        yield Weights(name, kind_of(folder), place, str(folder), size, state, *own_prompts(folder))
