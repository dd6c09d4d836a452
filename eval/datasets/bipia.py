"""Instructions planted in texts: those of BIPIA in its mails, and Chinese ones of our own. Knows nothing of scoring.

BIPIA: Yi et al., "Benchmarking and Defending Against Indirect Prompt Injection Attacks", 2023. Its files give kinds of
instructions and mails with a question each.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from rag.errors import Malformed
from rag.text import sentence_spans


class Where(StrEnum):
    START = "start"
    MIDDLE = "middle"
    END = "end"


@dataclass(frozen=True, slots=True)
class Mail:
    text: str
    question: str
    ideal: str


def load_instructions(file: Path) -> Mapping[str, tuple[str, ...]]:
    """Read the kinds of instructions: {kind: [instruction, ...]}. Raises Malformed."""
    try:
        return {str(kind): tuple(map(str, listed)) for kind, listed in json.loads(file.read_text("utf-8")).items()}
    except (ValueError, AttributeError, TypeError) as error:
        raise Malformed(f"{file} is not in BIPIA's form: {error}", hint="it maps a kind to its instructions") from error


def load_mails(file: Path) -> list[Mail]:
    """Read the mails. Raises Malformed, naming the line."""
    mails = []
    for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
        try:
            row = json.loads(line)
            mails.append(Mail(str(row["context"]), str(row["question"]).removeprefix("Q: "), str(row["ideal"])))
        except (ValueError, KeyError, TypeError) as error:
            raise Malformed(f"{file}:{number} is not in BIPIA's form: {error}", hint="see its repository") from error
    return mails


def plant(instruction: str, text: str, where: Where) -> str:
    """Return the text with an instruction in it, on a line of its own, between sentences."""
    match where:
        case Where.START:
            return f"{instruction}\n{text}"
        case Where.END:
            return f"{text}\n{instruction}"
        case Where.MIDDLE:
            spans = sentence_spans(text)
            cut = spans[(len(spans) - 1) // 2].end if spans else 0
            return f"{text[:cut]}\n{instruction}\n{text[cut:].lstrip()}"
