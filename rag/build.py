"""The only place where settings become objects."""

from __future__ import annotations

from pathlib import Path

from rag.answer import Answerer
from rag.config import Settings
from rag.diversify import Diversify
from rag.errors import Misconfigured, NotFound
from rag.library.collections import collection_folder, list_collections
from rag.library.library import Library, Manifest
from rag.models.batch import BatchingEmbedder
from rag.models.embed import LazyEmbedder
from rag.models.extract import ExtractiveGenerator
from rag.ports import Embedder, Generator
from rag.retrieve import Reorder, Retriever


def build_embedder(settings: Settings) -> Embedder:
    """Find the embedder that the settings name, for many to ask at once; its weights are loaded at the first embed.

    Raises ModelNotFound, ModelMismatch.
    """
    return BatchingEmbedder(find_embedder(settings), batch_size=settings.embedder.batch_size)


def find_embedder(settings: Settings) -> LazyEmbedder:
    """The same, as its files make it: each call embeds what it is given."""
    chosen = settings.embedder
    return LazyEmbedder.find(
        chosen.model,
        models=settings.data / "models",
        languages=chosen.languages,
        query_prompt=chosen.query_prompt,
        passage_prompt=chosen.passage_prompt,
        device=chosen.device,
        batch_size=chosen.batch_size,
        runtime=chosen.runtime,
    )


def manifest_of(embedder: Embedder, *, chunker: str = "", reader: str = "") -> Manifest:
    """Describe what makes a library's vectors and spans; chunker and reader are "" where only reading."""
    return Manifest(
        embedder=embedder.name,
        fingerprint=embedder.fingerprint,
        dimension=embedder.dimension,
        chunker=chunker,
        reader=reader,
    )


def runtime_of(embedder: Embedder) -> str:
    """What makes an embedder's vectors, as "openvino 2026.4.1 bf16"; "" where it has but one way."""
    return str(getattr(embedder, "runtime", ""))


def library_folder(settings: Settings, collection: str | None = None) -> Path:
    return collection_folder(settings.data, collection or settings.collection)


def open_library(settings: Settings, collection: str | None = None, *, embedder: Embedder) -> Library:
    """Open a collection for reading; the settings' own is created when it is not there yet.

    Raises NotFound for any other that does not exist, LibraryMismatch, LibraryDamaged.
    """
    name = collection or settings.collection
    if name != settings.collection and name not in list_collections(settings.data):
        raise NotFound(f"no collection named {name!r}", hint=f"`footnote collections create {name}` makes it")
    return Library.open(library_folder(settings, name), manifest_of(embedder))


def build_retriever(settings: Settings, library: Library, embedder: Embedder) -> Retriever:
    chosen = settings.retrieve
    return Retriever(
        library,
        embedder,
        candidates=chosen.candidates,
        keep=chosen.keep,
        budget_characters=chosen.budget_characters,
        reorder=_reorders(settings, library),
    )


def _reorders(settings: Settings, library: Library) -> list[tuple[str, Reorder]]:
    """What a ranking goes through before it is widened, in order."""
    reorders: list[tuple[str, Reorder]] = []
    if settings.retrieve.diversity:
        reorders.append(("diversify", Diversify(library, settings.retrieve.diversity)))
    return reorders


def build_generator(settings: Settings) -> Generator:
    """Raises Misconfigured for a generator that is not there."""
    if settings.answer.generator != ExtractiveGenerator.name:
        raise Misconfigured(
            f"answer.generator: {settings.answer.generator!r} is not known", hint="'extractive' is the only one yet"
        )
    return ExtractiveGenerator()


def build_answerer(settings: Settings, library: Library, embedder: Embedder) -> Answerer:
    return Answerer(
        library,
        build_retriever(settings, library, embedder),
        build_generator(settings),
        min_confidence=settings.answer.min_confidence,
        budget_characters=settings.retrieve.budget_characters,
    )
