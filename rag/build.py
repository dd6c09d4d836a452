"""The only place where settings become objects."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from pathlib import Path
from threading import Lock

from rag.answer import Answerer
from rag.check.checker import Checker
from rag.config import LlmSettings, Settings
from rag.conversation import questions_of
from rag.diversify import Diversify
from rag.errors import Misconfigured, NotFound
from rag.library.collections import collection_folder, list_collections
from rag.library.library import Library, Manifest
from rag.models.address import EXAMPLE
from rag.models.batch import BatchingEmbedder
from rag.models.embed import LazyEmbedder
from rag.models.entail import LazyEntailment
from rag.models.extract import ExtractiveGenerator
from rag.models.remote import RemoteGenerator
from rag.models.rerank import LazyReranker
from rag.plan import Stage
from rag.ports import Embedder, Entailment, Generator, LanguageModel, Reranker, Writer
from rag.prompting import Prompter
from rag.rerank import LEG as RERANK
from rag.rerank import Rerank
from rag.retrieve import Reorder, Retriever
from rag.stages.follow_up import FollowUp
from rag.stages.hop import Hop
from rag.stages.hyde import HyDE
from rag.stages.multi_query import MultiQuery
from rag.stages.parts import Parts
from rag.stages.summarise import Summariser
from rag.stages.timely import Timely
from rag.stages.translate import Translate
from rag.support import Check
from rag.text import language_of

MILLISECONDS = 1000  # in a second
TRANSFORMERS, OPENAI = "transformers", "openai"
# What people write who have one of these; all of them speak as OpenAI does.
SERVERS = frozenset({"vllm", "ollama", "sglang", "llama.cpp", "llamacpp", "llama-cpp", "llama-server", "lmstudio"})
_ONE_BUILDS = Lock()  # two collections that are opened at once must not load a model twice


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
        dimension=chosen.dimension,
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


def build_retriever(
    settings: Settings, library: Library, embedder: Embedder, *, reorder: Sequence[tuple[str, Reorder]] = ()
) -> Retriever:
    """reorder: named, what a ranking goes through after what the settings ask for."""
    chosen = settings.retrieve
    return Retriever(
        library,
        embedder,
        candidates=chosen.candidates,
        keep=chosen.keep,
        budget_characters=chosen.budget_characters,
        stages=_stages(settings, embedder, _writer(settings)),
        hop=Hop() if Hop.name in chosen.stages else None,
        reorder=[*_reorders(settings, library), *reorder],
    )


def _writer(settings: Settings) -> Writer | None:
    """The language model, for as long as a question waits for it."""
    if build_language_model(settings) is None:
        return None
    chosen = settings.answer.generator, settings.llm, settings.data / "models"
    return _timely(*chosen, seconds=settings.retrieve.writer_seconds)


@lru_cache(maxsize=1)
def _timely(name: str, llm: LlmSettings, models: Path, *, seconds: float) -> Timely:
    """One for all that ask the model: while it is late for one of them, none waits for it."""
    return Timely(_language_model(name, llm, models), seconds=seconds)


def _stages(settings: Settings, embedder: Embedder, writer: Writer | None = None) -> list[Stage]:
    """What is done to a question before it is searched for, in the order that is set; by rules where none writes."""
    makers: dict[str, Callable[[], Stage]] = {FollowUp.name: lambda: FollowUp(writer), Parts.name: Parts}
    if writer is not None:
        makers[Translate.name] = lambda: Translate(writer, embedder.languages)
        makers[MultiQuery.name] = lambda: MultiQuery(writer)
        makers[HyDE.name] = lambda: HyDE(writer)
    return [makers[name]() for name in settings.retrieve.stages if name in makers]


def _reorders(settings: Settings, library: Library) -> list[tuple[str, Reorder]]:
    """What a ranking goes through before it is widened, in order."""
    reorders: list[tuple[str, Reorder]] = []
    chosen = settings.rerank
    reranker = build_reranker(settings)
    if reranker is not None:
        seconds = chosen.budget_ms / MILLISECONDS
        reorders.append((RERANK, Rerank(library, reranker, candidates=chosen.candidates, budget_seconds=seconds)))
    if settings.retrieve.diversity:
        reorders.append(("diversify", Diversify(library, settings.retrieve.diversity)))
    return reorders


def build_reranker(settings: Settings) -> Reranker | None:
    """Find the reranker that the settings name, if any; its weights are loaded at the first question.

    Raises ModelNotFound, ModelError for what is no reranker, Misconfigured.
    """
    chosen = settings.rerank
    return _reranker(chosen.model, settings.data / "models", chosen.device) if chosen.model is not None else None


@lru_cache(maxsize=1)
def _reranker(model: str, models: Path, device: str) -> Reranker:
    """One for all collections of a process: its weights are loaded once."""
    return LazyReranker.find(model, models=models, device=device)


def build_generator(settings: Settings) -> Generator:
    """Raises Misconfigured for a generator that is not there, ModelNotFound, ModelError."""
    return build_language_model(settings) or ExtractiveGenerator()


def build_language_model(settings: Settings) -> LanguageModel | None:
    """Find the language model that the settings name; None where the documents' own sentences answer.

    Weights are loaded, and servers asked, at the first question. Raises what build_generator does.
    """
    name = settings.answer.generator
    if name == ExtractiveGenerator.name:
        return None
    with _ONE_BUILDS:
        return _language_model(name, settings.llm, settings.data / "models")


@lru_cache(maxsize=1)
def _language_model(name: str, llm: LlmSettings, models: Path) -> LanguageModel:
    """One for all collections of a process: its weights are loaded once."""
    if name == TRANSFORMERS:
        return _local(llm, models)
    if name == OPENAI:
        return _remote(llm)
    if name.lower() in SERVERS:
        hint = "set answer.generator to openai, and llm.base_url to where it answers"
        raise Misconfigured(f"answer.generator: {name} is asked as any OpenAI-compatible server", hint=hint)
    if "." in name or ":" in name:
        return _of_llama_index(name, llm)
    known = (ExtractiveGenerator.name, TRANSFORMERS, OPENAI)
    nearest = difflib.get_close_matches(name.lower(), known, n=1)
    hint = f"did you mean {nearest[0]}?" if nearest else f"{', '.join(known)}, or the import path of a LlamaIndex LLM"
    raise Misconfigured(f"answer.generator: {name!r} is not known", hint=hint)


def _local(llm: LlmSettings, models: Path) -> LanguageModel:
    from rag.models.generate import LocalGenerator

    return LocalGenerator.find(
        _set(llm.model, "llm.model", "the name or the folder of a causal language model", TRANSFORMERS),
        models=models,
        device=llm.device,
        dtype=llm.dtype,
        quantisation=llm.quantisation,
        adapter=llm.adapter,
        context_tokens=llm.context_tokens,
        max_tokens=llm.max_tokens,
        temperature=llm.temperature,
        top_p=llm.top_p,
        seed=llm.seed,
        stop=llm.stop,
        concurrent=llm.concurrent,
        deadline_seconds=llm.deadline_seconds,
        first_token_seconds=llm.first_token_seconds,
    )


def _remote(llm: LlmSettings) -> RemoteGenerator:
    return RemoteGenerator(
        _set(llm.model, "llm.model", "the server's name for it", OPENAI),
        base_url=_set(llm.base_url, "llm.base_url", EXAMPLE, OPENAI),
        api_key=llm.api_key.get_secret_value() if llm.api_key is not None else None,
        context_tokens=llm.context_tokens,
        max_tokens=llm.max_tokens,
        temperature=llm.temperature,
        top_p=llm.top_p,
        seed=llm.seed,
        stop=llm.stop,
        options=llm.options,
        deadline_seconds=llm.deadline_seconds,
        first_token_seconds=llm.first_token_seconds,
        retries=llm.retries,
    )


def _of_llama_index(path: str, llm: LlmSettings) -> LanguageModel:
    try:
        from rag.llama.generator import LlamaGenerator  # takes seconds
        from rag.llama.load import load_llm
    except ModuleNotFoundError as error:
        message = f"answer.generator: {path} needs {error.name}, which is not installed"
        raise Misconfigured(message, hint="pip install -c constraints.txt -e '.[llama]'") from error
    return LlamaGenerator(
        load_llm(path, llm.options),
        context_tokens=llm.context_tokens,
        deadline_seconds=llm.deadline_seconds,
        first_token_seconds=llm.first_token_seconds,
    )


def _set(value: str | None, key: str, what: str, generator: str) -> str:
    if not value:
        raise Misconfigured(f"answer.generator is {generator}, and {key} is not set", hint=f"set it: {what}")
    return value


def build_answerer(
    settings: Settings, library: Library, embedder: Embedder, *, reorder: Sequence[tuple[str, Reorder]] = ()
) -> Answerer:
    """reorder: as of build_retriever."""
    model = build_generator(settings)
    return Answerer(
        library,
        build_retriever(settings, library, embedder, reorder=reorder),
        model,
        min_confidence=settings.answer.min_confidence,
        accepted_error=settings.answer.accepted_error,
        budget_characters=settings.retrieve.budget_characters,
        unsupported=settings.answer.unsupported,
        check=build_check(settings, embedder),
        alike=partial(_alike, embedder),
        prompter=_prompter(settings, library, model, _writer(settings)),
    )


def build_check(settings: Settings, embedder: Embedder) -> Check:
    """Raises ModelNotFound, ModelError for an answer.entailment that is no model of language inference."""
    return Checker(alike=partial(_alike_claim, embedder), entailment=build_entailment(settings))


def build_entailment(settings: Settings) -> Entailment | None:
    """Find the model of language inference that the settings name, if any; it is loaded at the first claim.

    Raises ModelNotFound, ModelError.
    """
    name = settings.answer.entailment
    return _entailment(name, settings.data / "models") if name is not None else None


@lru_cache(maxsize=1)
def _entailment(name: str, models: Path) -> Entailment:
    """One for all collections of a process: its weights are loaded once."""
    return LazyEntailment.find(name, models=models)


def _prompter(settings: Settings, library: Library, model: Generator, writer: Writer | None) -> Prompter:
    """What the model is told, in the collection's own words where it has any."""
    return Prompter(
        model,
        budget_characters=settings.retrieve.budget_characters,
        collection=library.folder,
        summarise=Summariser(writer) if writer is not None else questions_of,
    )


def _alike(embedder: Embedder, question: str, texts: Sequence[str]) -> Sequence[float] | None:
    """Return the cosine of a question to each text; None where the embedder was not trained for its language."""
    if not embedder.languages & {"*", language_of(question)}:
        return None
    cosines: list[float] = (embedder.embed_passages(texts) @ embedder.embed_queries([question])[0]).tolist()
    return cosines


def _alike_claim(embedder: Embedder, claim: str, quotes: Sequence[str]) -> Sequence[float] | None:
    """The same of a claim and its quotes; None too where it was not trained for the language of one of those."""
    known = all(embedder.languages & {"*", language_of(quote)} for quote in quotes)
    return _alike(embedder, claim, quotes) if known else None
