"""What a sentence-transformers folder says of itself. Reads its configs and hashes its weights; imports no torch."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.errors import Misconfigured, ModelError
from rag.models.find import DEFAULT_MODEL, canonical_name, file_digest, weight_files

ANY_LANGUAGE = frozenset({"*"})
PASSAGE_PROMPT_NAMES = ("document", "passage", "corpus")  # sentence-transformers' own order
QUERY_PROMPT_NAMES = ("query",)
LONGEST_SEQUENCE = 8192  # a tokenizer without a limit says 1e30
SEQUENCE_CONFIGS = ("sentence_*_config.json", "0_*/sentence_*_config.json")
WIDTH_KEYS = ("hidden_size", "dim", "d_model", "n_embd")  # BERT and most others; DistilBERT; T5; GPT-2
# How a model says that the first of a vector's numbers do alone: a list of sizes, or a word on its card.
MATRYOSHKA_KEY = "matryoshka_dimensions"
MATRYOSHKA = re.compile(r"matryoshka|\bMRL\b", re.IGNORECASE)
# Keys of config.json that change from one saving to the next and never change a vector.
VOLATILE = frozenset({"_name_or_path", "transformers_version", "torch_dtype", "dtype", "use_cache"})


@dataclass(frozen=True, slots=True)
class ModelCard:
    name: str
    folder: Path
    fingerprint: str
    dimension: int | None  # None where the files do not tell: the loaded model must
    kept: int | None  # of each vector's numbers, the first so many; None: all of them
    sequence_tokens: int  # special tokens and prompt included
    languages: frozenset[str]
    query_prompt: str
    passage_prompt: str


def read_card(
    name: str,
    folder: Path,
    *,
    languages: Iterable[str] | None = None,
    query_prompt: str | None = None,
    passage_prompt: str | None = None,
    dimension: int | None = None,
) -> ModelCard:
    """Read a model's facts; what is given stands above what the folder says.

    dimension: to cut vectors down to. Raises ModelError where a config cannot be read, or a module's weights are a
    pickle; Misconfigured where the model has not so many dimensions, or does not say that its vectors can be cut.
    """
    refuse_pickles(folder)
    own_query, own_passage = own_prompts(folder)
    query = own_query if query_prompt is None else query_prompt
    passage = own_passage if passage_prompt is None else passage_prompt
    sequence_tokens = _sequence_tokens(folder)
    full = _dimension(folder)
    kept = None if dimension == full else dimension
    if kept is not None:
        _check_kept(canonical_name(name), folder, kept, full)
    facts = [query, passage, str(sequence_tokens), *([f"first {kept}"] if kept is not None else [])]
    return ModelCard(
        name=canonical_name(name),
        folder=folder,
        fingerprint=_fingerprint(folder, facts),
        dimension=full,
        kept=kept,
        sequence_tokens=sequence_tokens,
        languages=_codes(languages) if languages else _declared_languages(canonical_name(name), folder),
        query_prompt=query,
        passage_prompt=passage,
    )


def own_prompts(folder: Path) -> tuple[str, str]:
    """Return what a model's config puts before questions and before passages; "" where it tells of nothing."""
    prompts = read_json(folder / "config_sentence_transformers.json").get("prompts") or {}
    return _prompt(prompts, QUERY_PROMPT_NAMES), _prompt(prompts, PASSAGE_PROMPT_NAMES)


def read_json(path: Path) -> dict[str, Any]:
    value = _load(path)
    return value if isinstance(value, dict) else {}


def _load(path: Path) -> Any:
    if not path.is_file():
        return {}
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ModelError(f"{path}: not JSON: {error}", hint="bring the model's folder anew") from error


def modules_of(folder: Path) -> list[tuple[str, Path]]:
    """Return the class name and folder of each module; a bare transformer is mean-pooled by sentence-transformers."""
    listed = _load(folder / "modules.json") or []
    try:
        return [(str(row["type"]).rsplit(".", 1)[-1], folder / row["path"]) for row in listed]
    except (TypeError, KeyError) as error:
        raise ModelError(f"{folder / 'modules.json'}: a module without type and path") from error


def refuse_pickles(folder: Path) -> None:
    """Raises ModelError where a module has no other weights."""
    for place in {folder, *(path for _, path in modules_of(folder))}:
        if (place / "pytorch_model.bin").is_file() and not any(place.glob("*.safetensors")):
            raise ModelError(
                f"{place / 'pytorch_model.bin'} is a pickle, which can run code as it loads",
                hint="convert it to model.safetensors where you trust it",
            )


def _prompt(prompts: Mapping[str, str], names: Iterable[str]) -> str:
    return next((prompts[name] for name in names if prompts.get(name)), "")


def _sequence_tokens(folder: Path) -> int:
    limits = [LONGEST_SEQUENCE]
    for pattern in SEQUENCE_CONFIGS:
        limits += [read_json(path).get("max_seq_length") or LONGEST_SEQUENCE for path in folder.glob(pattern)]
    limits.append(read_json(folder / "config.json").get("max_position_embeddings") or LONGEST_SEQUENCE)
    limits.append(read_json(folder / "tokenizer_config.json").get("model_max_length") or LONGEST_SEQUENCE)
    return int(min(limits))


def _dimension(folder: Path) -> int | None:
    modules = modules_of(folder)
    config = read_json(folder / "config.json")
    dimension: int | None = next((config[key] for key in WIDTH_KEYS if key in config), None)
    for kind, path in modules:
        inner = read_json(path / "config.json")
        if kind == "Pooling":
            width = inner.get("embedding_dimension", inner.get("word_embedding_dimension"))
            dimension = width * len(pooling_modes(inner)) if isinstance(width, int) else None
        elif kind == "Dense":
            dimension = inner.get("out_features")
        elif kind not in ("Transformer", "Normalize", "LayerNorm", "Dropout"):
            return None
    return dimension


def _check_kept(name: str, folder: Path, kept: int, full: int | None) -> None:
    """Refuse to cut what was not made for it: such vectors rank texts, only worse, and nobody would be told."""
    if full is not None and kept > full:
        raise Misconfigured(f"embedder.dimension is {kept}, and {name} has {full}", hint=f"at most {full}")
    configs = [read_json(folder / file) for file in ("config_sentence_transformers.json", "config.json")]
    sizes = next((config[MATRYOSHKA_KEY] for config in configs if config.get(MATRYOSHKA_KEY)), None)
    if isinstance(sizes, list):
        if kept not in sizes:
            offered = ", ".join(map(str, sizes))
            raise Misconfigured(f"embedder.dimension is {kept}, and {name} was trained for {offered}", hint="take one")
        return
    readme = folder / "README.md"
    if not (readme.is_file() and MATRYOSHKA.search(readme.read_text(encoding="utf-8", errors="replace"))):
        raise Misconfigured(
            f"embedder.dimension is {kept}, and {name} does not say that its vectors can be cut",
            hint="leave it out; for a model that was trained so (Matryoshka), write the sizes as "
            f"{MATRYOSHKA_KEY} into its config_sentence_transformers.json",
        )


def pooling_modes(config: Mapping[str, Any]) -> list[str]:
    mode = config.get("pooling_mode")
    if mode is not None:
        return [mode] if isinstance(mode, str) else list(mode)
    return [key for key, value in config.items() if key.startswith("pooling_mode_") and value is True] or ["mean"]


def _fingerprint(folder: Path, facts: Iterable[str]) -> str:
    digest = hashlib.sha256()

    def add(label: str, value: str) -> None:
        for part in (label, value):
            digest.update(len(part.encode()).to_bytes(8, "big") + part.encode())

    for path in weight_files(folder):
        add(path.relative_to(folder).as_posix(), file_digest(path))
    for fact in facts:
        add("fact", fact)
    for kind, place in modules_of(folder):
        add("module", kind)
        if place != folder:
            add("config", json.dumps(read_json(place / "config.json"), sort_keys=True))
    stable = {key: value for key, value in read_json(folder / "config.json").items() if key not in VOLATILE}
    add("config", json.dumps(stable, sort_keys=True))
    add("tokenizer", _tokenizer_digest(folder))
    return digest.hexdigest()


def _tokenizer_digest(folder: Path) -> str:
    """Hash what splits text into tokens, without the truncation and padding that a saved tokenizer happens to carry."""
    tokenizer = read_json(tokenizer_file(folder))
    if tokenizer:
        rest = {key: value for key, value in tokenizer.items() if key not in ("truncation", "padding")}
        return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()
    return "".join(file_digest(path) for path in sorted([*folder.glob("vocab*"), *folder.glob("*.model")]))


def tokenizer_file(folder: Path) -> Path:
    """Return where tokenizer.json is, or would be: beside the weights, or in the first module's folder."""
    return next(iter([*folder.glob("tokenizer.json"), *folder.glob("0_*/tokenizer.json")]), folder / "tokenizer.json")


def _codes(languages: Iterable[str]) -> frozenset[str]:
    """Cut language tags down to their first part ("zh-CN" to "zh"); "multilingual" means all."""
    codes = {re.split(r"[-_]", tag.strip().lower())[0] for tag in languages}
    return ANY_LANGUAGE if codes & {"multilingual", "multi", "*"} else frozenset(codes - {""})


def _declared_languages(name: str, folder: Path) -> frozenset[str]:
    declared = _codes(_front_matter_languages(folder / "README.md"))
    return declared or (frozenset({"en"}) if name == DEFAULT_MODEL else ANY_LANGUAGE)


def _front_matter_languages(card: Path) -> list[str]:
    """Return `language:` of a model card's front matter: a scalar, a [list], or lines of "- code"."""
    if not card.is_file():
        return []
    parts = card.read_text(encoding="utf-8", errors="replace").split("---", 2)
    if len(parts) < 3 or parts[0].strip():
        return []
    match = re.search(r"^languages?:[ \t]*(.*)\n((?:[ \t]*-[ \t]+.*\n)*)", parts[1], re.MULTILINE)
    if match is None:
        return []
    return re.findall(r"[A-Za-z*][\w-]*", match[1]) + re.findall(r"-[ \t]+[\"']?([A-Za-z*][\w-]*)", match[2])
