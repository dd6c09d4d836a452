"""What a reader should know of a run before its figures, and to make it again. From a summary; knows no page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from eval.report.plain import plain

Fact = tuple[str, str]
HASH_CHARACTERS = 16


def name_of(summary: Mapping[str, Any]) -> str:
    """Return the name of the set's file."""
    spec = str(summary.get("dataset", "a run"))
    return Path(spec.partition(":")[2]).name or spec


def banners(summary: Mapping[str, Any]) -> list[str]:
    """Return what would mislead a reader who does not know it."""
    total, made = summary.get("questions", 0), summary.get("synthetic", 0)
    config = _of(summary, "config")
    found = []
    if made:
        share = "All" if made == total else f"{made} of {total}"
        found.append(
            f"{share} questions are synthetic: a program made them from the documents. They are easier, and less like "
            "what people ask."
        )
    for role, model in _of(config, "models").items():
        if isinstance(model, Mapping) and model.get("published") is not True and "server" not in model:
            found.append(
                f"The {role}'s weights ({plain(model.get('name'), 100)}) are none that we know to be published."
            )
    if summary.get("failed"):
        found.append(f"{summary['failed']} questions failed, and count as wrong.")
    if summary.get("missing"):
        found.append(f"{len(summary['missing'])} documents could not be read; what rests on them is not found.")
    if config.get("limit") and config.get("seed") is None:
        found.append(f"Only the first {config['limit']} questions of the set were asked.")
    return found


def facts_of(summary: Mapping[str, Any]) -> list[Fact]:
    return [(name, plain(value, 1000)) for name, value in _facts(summary) if value not in (None, "", "None")]


def _facts(summary: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    config = _of(summary, "config")
    dataset, machine = _of(config, "dataset"), _of(config, "machine")
    yield "dataset", summary.get("dataset")
    yield "its hash", _short(dataset.get("sha256"))
    yield "documents", summary.get("documents")
    yield "chunks", summary.get("chunks")
    yield "questions", summary.get("questions")
    yield "seed", config.get("seed")
    yield "scope", config.get("scope")
    yield "began", config.get("started_at")
    yield "seconds", summary.get("seconds")
    yield "commit", config.get("commit")
    yield "hash of the code", config.get("code")
    for role, model in _of(config, "models").items():
        if isinstance(model, Mapping):
            yield role, _model(model)
    yield "writer", _of(_of(config, "settings"), "answer").get("generator")
    yield "judges", ", ".join(map(str, config.get("judges") or ()))
    yield "Python", config.get("python")
    yield "packages", ", ".join(f"{name} {version}" for name, version in _of(config, "packages").items())
    yield "machine", ", ".join(str(part) for part in _machine(machine))


def _model(model: Mapping[str, Any]) -> str:
    published = "as its authors published it" if model.get("published") else "not known to be published"
    weights = f"sha256 {_short(model.get('sha256'))}, {published}" if model.get("sha256") else model.get("server")
    return ", ".join(str(part) for part in (model.get("name"), weights, model.get("runtime")) if part)


def _machine(machine: Mapping[str, Any]) -> Iterator[Any]:
    yield from (machine[name] for name in ("processor", "platform") if machine.get(name))
    if machine.get("cpus"):
        yield f"{machine['cpus']} cores"
    if machine.get("memory_gib"):
        yield f"{machine['memory_gib']} GiB"


def _short(digest: Any) -> str | None:
    return str(digest)[:HASH_CHARACTERS] if digest else None


def _of(value: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = value.get(name)
    return found if isinstance(found, Mapping) else {}
