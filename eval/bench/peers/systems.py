"""The systems that are compared: whose program, in which environment, with which options. Knows nothing of figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

FOOTNOTE = "Footnote"
BY_CHARACTER = r"(?u)[\u3400-\u9fff]|[^\W\u3400-\u9fff]+"


@dataclass(frozen=True, slots=True)
class Environment:
    """packages: what pip is told to install; nothing where the system is Footnote itself."""

    folder: str
    packages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class System:
    """note: what is not its default, and why; "" where all is.

    languages: the sets that the row is for, by the language of most paragraphs; empty: all of them.
    """

    name: str
    program: str  # a module beside this one
    environment: Environment | None
    options: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    languages: tuple[str, ...] = ()


TORCH = "torch==2.13.0"
LLAMA_INDEX = Environment(
    "venv",  # shared with eval.bench.throughput, whichever makes it first
    (
        "llama-index-core==0.14.25",
        "llama-index-embeddings-huggingface==0.8.0",
        "llama-index-retrievers-bm25==0.8.0",
        "llama-index-vector-stores-faiss==0.7.0",
        "faiss-cpu==1.15.1",
        "sentence-transformers==6.2.0",
        TORCH,
    ),
)
HAYSTACK = Environment(
    "haystack",
    ("haystack-ai==3.4.0", "sentence-transformers-haystack==2.0.0", "sentence-transformers==6.2.0", TORCH),
)
TXTAI = Environment("txtai", ("txtai==9.14.0", TORCH))

SYSTEMS = (
    System(FOOTNOTE, "with_footnote", None),
    System("Footnote, torch", "with_footnote", None, {"runtime": "torch"}, "its embedder run as the peers run theirs"),
    System(
        "Footnote, even weights",
        "with_footnote",
        None,
        {"weights": "even"},
        "without the four weights of its fusion, which were learnt from these sets among others",
    ),
    System("LlamaIndex", "with_llama_index", LLAMA_INDEX),
    System(
        "LlamaIndex, path left out",
        "with_llama_index",
        LLAMA_INDEX,
        {"path": "left out"},
        "its reader puts the file's path before each text that is embedded; here it does not",
    ),
    System(
        "LlamaIndex, hybrid",
        "with_llama_index",
        LLAMA_INDEX,
        {"path": "left out", "retrieval": "hybrid"},
        "BM25Retriever and the vectors in QueryFusionRetriever, by reciprocal ranks; path left out",
    ),
    System("Haystack", "with_haystack", HAYSTACK),
    System("Haystack, BM25", "with_haystack", HAYSTACK, {"retrieval": "bm25"}, "no vectors are made"),
    System("Haystack, hybrid", "with_haystack", HAYSTACK, {"retrieval": "hybrid"}, "joined by reciprocal ranks"),
    System("txtai", "with_txtai", TXTAI),
    System("txtai, hybrid", "with_txtai", TXTAI, {"retrieval": "hybrid"}),
    System("txtai, BM25", "with_txtai", TXTAI, {"retrieval": "bm25"}, "no vectors are made"),
    System(
        "LlamaIndex, hybrid, mended",
        "with_llama_index",
        LLAMA_INDEX,
        {"path": "left out", "retrieval": "hybrid", "token_pattern": BY_CHARACTER},
        "BM25 by character: its default makes one word of a clause",
        ("zh",),
    ),
    System(
        "LlamaIndex, BM25, mended",
        "with_llama_index",
        LLAMA_INDEX,
        {"path": "left out", "retrieval": "bm25", "token_pattern": BY_CHARACTER},
        "the same without the vectors, which are made but not asked",
        ("zh",),
    ),
    System(
        "Haystack, hybrid, mended",
        "with_haystack",
        HAYSTACK,
        {"retrieval": "hybrid", "split_characters": 200},
        "RecursiveDocumentSplitter, 200 characters, at 。！？: its default splits at spaces",
        ("zh",),
    ),
)


def systems_for(language: str, only: tuple[str, ...] = ()) -> list[System]:
    """Return those that are meant for a language. only: those whose name has one of these in it."""
    fit = [one for one in SYSTEMS if not one.languages or language in one.languages]
    return [one for one in fit if not only or any(part.lower() in one.name.lower() for part in only)]
