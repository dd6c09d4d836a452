"""Tell in what two runs' configs differ. Knows nothing of questions or figures."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

# What a question's scores follow from. Two parts of one run agree in all of these; of the machine, time and place of a
# run nothing follows but latency.
DECIDING = (
    "scope",
    "dataset.sha256",
    "dataset.questions",
    "settings",
    "models",
    "judges",
    "perplexity",
    "prices",
    "packages",
    "python",
    "chunker",
    "reader",
    "code",
)
# What people want to be told besides, where two runs are compared.
TOLD = ("dataset.spec", *DECIDING, "limit", "seed", "commit", "machine")
ABSENT = "nothing"
_DIGEST = re.compile("[0-9a-f]{64}")


def differences(one: Mapping[str, Any], other: Mapping[str, Any], keys: tuple[str, ...] = DECIDING) -> list[str]:
    """Return a line for each value that differs, as "settings.retrieve.keep: 8, now 12"."""
    lines = []
    for key in keys:
        before, after = dict(_leaves(key, _at(one, key))), dict(_leaves(key, _at(other, key)))
        lines += [
            f"{name}: {_shown(before.get(name))}, now {_shown(after.get(name))}"
            for name in dict.fromkeys([*before, *after])
            if before.get(name) != after.get(name)
        ]
    return lines


def _at(config: Mapping[str, Any], key: str) -> Any:
    value: Any = config
    for step in key.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _leaves(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(f"{name}.{key}", inner)
    elif value is not None:
        yield name, value


def _shown(value: Any) -> str:
    text = ABSENT if value is None else str(value)
    return text[:12] if _DIGEST.fullmatch(text) else text
