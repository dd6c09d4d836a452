"""What decides a run's figures, and what they were measured on: a run's config.json. Knows nothing of questions asked.

Every model is named by a hash of its weights, and every document and question by a hash of its text, so that two runs
with one config can be expected to agree. Secrets are hidden.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from eval.questions import Dataset
from ingest.chunk import CHUNKER_VERSION
from ingest.read import READER_VERSION
from rag.build import OPENAI, TRANSFORMERS, runtime_of
from rag.config import Settings, is_secret
from rag.library.catalogue import Catalogue
from rag.library.database import Database
from rag.library.jobs import FILE_NAME
from rag.models.extract import ExtractiveGenerator
from rag.models.find import PUBLISHED, canonical_name, file_digest, find_model, weight_files
from rag.ports import Embedder

ROOT = Path(__file__).resolve().parents[2]
HIDDEN = "**********"  # as pydantic has it
_ASKER = re.compile(r"//[^/@\s]+@")  # of http://name:password@host
SECTIONS = ("embedder", "chunk", "ingest", "retrieve", "rerank", "answer", "llm")
# Those whose version can change a figure; what is not installed is left out.
PACKAGES = (
    "torch",
    "transformers",
    "sentence-transformers",
    "tokenizers",
    "openvino",
    "faiss-cpu",
    "faiss-gpu",
    "tantivy",
    "numpy",
    "rjieba",
    "PyStemmer",
    "OpenCC",
    "pypdf",
    "pypdfium2",
    "llama-index-core",
)
# What is between a question and its scores. The rest of eval shows figures, and may change while a run rests.
CODE = ("rag", "ingest", "eval/metrics", "eval/datasets", "eval/judges", *(f"eval/{name}.py" for name in (
    "asking", "corpus", "judge", "questions", "record", "slices",
)))  # fmt: skip
CODE_SUFFIXES = frozenset({".py", ".json"})


def config_of(
    dataset: Dataset, settings: Settings, embedder: Embedder, *, scope: str, said: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what a reader needs to make the same run again. said: what the command line knows, such as itself."""
    return {
        **said,
        "scope": scope,
        "dataset": dataset_facts(dataset),
        "settings": _hidden(settings.model_dump(mode="json", include=set(SECTIONS))),
        "embedder": {"name": embedder.name, "fingerprint": embedder.fingerprint},
        "models": models_of(settings, embedder),
        "packages": _packages(),
        "python": platform.python_version(),
        "chunker": CHUNKER_VERSION,
        "reader": READER_VERSION,
        "code": code_digest(),
        "commit": commit(),
        "machine": machine(),
    }


def dataset_facts(dataset: Dataset) -> dict[str, Any]:
    """sha256: of all that is asked, in its order, and of every document; files: of those that it was read from."""
    source = Path(dataset.spec.partition(":")[2])
    documents = _documents(dataset)
    return {
        "spec": dataset.spec,
        "sha256": _digest([asdict(question) for question in dataset.questions], documents),
        "files": _digests(source) if source.exists() else {},
        "questions": len(dataset.questions),
        "answerable": sum(question.answerable for question in dataset.questions),
        "documents": len(documents),
        "skipped": len(dataset.skipped),
        "mended": len(dataset.mended),
    }


def _documents(dataset: Dataset) -> list[Any]:
    if dataset.library is not None:
        database = Database(dataset.library / FILE_NAME)
        try:
            return [[row.location, row.document_id] for row in Catalogue(database).sources()]
        finally:
            database.close()
    if dataset.folder is not None:
        return list(_digests(dataset.folder).items())
    return [asdict(paragraph) for paragraph in dataset.paragraphs]


def models_of(settings: Settings, embedder: Embedder) -> dict[str, Any]:
    """Return each model that takes part, None where none does. Raises ModelNotFound, ModelMismatch.

    published: whether its weights are, byte for byte, those of its authors, as far as we know these.
    """
    models = settings.data / "models"
    llm, name = settings.llm, settings.answer.generator
    writer: dict[str, Any] | None = None
    if name == TRANSFORMERS and llm.model is not None:
        writer = _weights(llm.model, models)
        if llm.adapter is not None:
            writer["adapter"] = _folder_digest(Path(llm.adapter).expanduser())
    elif name == OPENAI:
        writer = {"name": llm.model, "server": _hidden(llm.base_url)}
    elif name != ExtractiveGenerator.name:
        writer = {"name": name}
    named = canonical_name(settings.embedder.model) == embedder.name  # a test brings one that has no files
    return {
        "embedder": {
            **(_weights(settings.embedder.model, models) if named else {}),
            "name": embedder.name,
            "fingerprint": embedder.fingerprint,  # of its weights and all else that decides a vector
            "runtime": runtime_of(embedder),
        },
        "reranker": _weights(settings.rerank.model, models) if settings.rerank.model is not None else None,
        "language model": writer,
        "entailment": _weights(settings.answer.entailment, models) if settings.answer.entailment is not None else None,
    }


@cache
def code_digest() -> str:
    """Return a hash of the code between a question and its scores; comments count, for they cannot be told apart."""
    digest = hashlib.sha256()
    for name in CODE:
        path = ROOT / name
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in files:
            if file.suffix in CODE_SUFFIXES and file.is_file():
                digest.update(f"{file.relative_to(ROOT)}\n".encode())
                digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def commit() -> str | None:
    """Return the checkout's commit, "+" added where files differ from it; None where this is no checkout."""
    try:
        done = subprocess.run(
            ["git", "describe", "--always", "--abbrev=12", "--dirty=+"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def machine() -> dict[str, Any]:
    """Return what latency depends on."""
    return {
        "platform": platform.platform(),
        "processor": _processor(),
        "cpus": len(os.sched_getaffinity(0)),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor())


def _packages() -> dict[str, str]:
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _weights(name: str, models: Path) -> dict[str, Any]:
    digest = _folder_digest(find_model(name, models))
    return {"name": name, "sha256": digest, "published": digest in PUBLISHED.values()}


def _folder_digest(folder: Path) -> str:
    """Of one file of weights, its own sha256, as its authors publish it; of several, one over theirs."""
    files = weight_files(folder)
    if len(files) == 1:
        return file_digest(files[0])
    return _digest([[str(path.relative_to(folder)), file_digest(path)] for path in files])


def _digests(path: Path) -> dict[str, str]:
    files = sorted(one for one in path.rglob("*") if one.is_file()) if path.is_dir() else [path]
    return {str(file.relative_to(path)) if path.is_dir() else file.name: file_digest(file) for file in files}


def _digest(*parts: Iterable[Any]) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def _hidden(value: Any) -> Any:
    """Hide the keys among options, and who asks in an address; keys that are settings of their own hide themselves."""
    if isinstance(value, Mapping):
        return {name: HIDDEN if is_secret(name) and inner else _hidden(inner) for name, inner in value.items()}
    return _ASKER.sub(f"//{HIDDEN}@", value) if isinstance(value, str) else value
