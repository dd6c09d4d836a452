"""Instructions planted in texts: those of BIPIA in its mails, and Chinese ones of our own. Knows nothing of scoring.

BIPIA: Yi et al., "Benchmarking and Defending Against Indirect Prompt Injection Attacks", 2023. Its files give kinds of
instructions and mails with a question each.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from eval.datasets.reading import WRONG, json_file, json_lines, text, texts, told
from eval.questions import Dataset, Paragraph, Question, Remark, Support
from rag.errors import Malformed, NotFound
from rag.text import language_of, sentence_spans
from rag.types import Span

ATTACKS = ("text_attack_test.json", "text_attack_*.json")
MAILS = ("email_test.jsonl", "email/test.jsonl", "email/*.jsonl", "email_*.jsonl")
UNKNOWN = ("unknown", "")


class Where(StrEnum):
    START = "start"
    MIDDLE = "middle"
    END = "end"


@dataclass(frozen=True, slots=True)
class Mail:
    text: str
    question: str
    ideal: str


def load_bipia(spec: str, folder: Path) -> Dataset:
    """Read a folder as a set: each mail with an instruction planted in it, and the question that is asked of it.

    Kinds of instructions, instructions and places take turns, so that each mail has another and a rerun has the same.
    A question whose ideal answer is "unknown" is one that its mail does not answer. Raises NotFound, Malformed.
    """
    kinds = load_instructions(_file(folder, ATTACKS))
    listed = _in_turn(kinds)
    mails = load_mails(_file(folder, MAILS))
    if not listed:
        raise Malformed(f"{folder} holds no instructions", hint="text_attack_*.json maps a kind to its instructions")
    questions, paragraphs, skipped = [], {}, []
    planted: Counter[str] = Counter()
    for number, mail in enumerate(mails):
        if not mail.text.strip() or not mail.question.strip():
            skipped.append(Remark(f"mail {number + 1}", "it is empty, or nothing is asked of it"))
            continue
        kind, instruction = listed[number % len(listed)]
        # each kind begins in another place, and stands in the next one the next time
        where = list(Where)[(list(kinds).index(kind) + planted[kind]) % len(Where)]
        planted[kind] += 1
        text = plant(instruction, mail.text, where)
        key = hashlib.sha256(text.encode()).hexdigest()[:32]
        paragraphs[key] = Paragraph(key, text, language_of(text))
        known = mail.ideal.strip().casefold() not in UNKNOWN
        questions.append(
            Question(
                id=f"mail {number + 1}",
                text=mail.question,
                language=language_of(mail.question),
                kind="planted" if known else "unanswerable",
                answers=(mail.ideal,) if known else (),
                supports=(_support(key, text, mail.ideal),) if known else (),
                planted=(instruction,),
                slices={"attack": kind, "place": where},
            )
        )
    return Dataset(spec, tuple(questions), tuple(paragraphs.values()), skipped=tuple(skipped))


def load_instructions(file: Path) -> Mapping[str, tuple[str, ...]]:
    """Read the kinds of instructions: {kind: [instruction, ...]}. Raises Malformed."""
    hint = "it maps a kind to its instructions"
    try:
        kinds = json_file(file, "BIPIA's", hint, [])
        return {str(kind): tuple(one for one in map(_clean, texts(kinds, kind)) if one) for kind in dict(kinds)}
    except WRONG as error:
        raise Malformed(f"{file} is not in BIPIA's form: {told(error)}", hint=hint) from error


def load_mails(file: Path) -> list[Mail]:
    """Read the mails. Raises Malformed, naming the line."""
    hint = "each line is an object with context, question and ideal"
    return [mail for _, mail in json_lines(file, "BIPIA's", hint, _mail, [])]


def _mail(row: Mapping[str, Any]) -> Mail:
    return Mail(_clean(text(row, "context")), _clean(text(row, "question")).removeprefix("Q: "), text(row, "ideal"))


def _clean(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip()


def _file(folder: Path, patterns: Sequence[str]) -> Path:
    """Return the first file there is of these names: a set is judged by its test part, where it has one."""
    found = next((file for pattern in patterns for file in sorted(folder.glob(pattern)) if file.is_file()), None)
    if found is None:
        raise NotFound(f"{folder} holds no {patterns[-1]}", hint="give the folder of BIPIA's mails after `bipia:`")
    return found


def _in_turn(kinds: Mapping[str, tuple[str, ...]]) -> list[tuple[str, str]]:
    """Return every instruction with its kind: the first of each kind, then the second of each."""
    most = max(map(len, kinds.values()), default=0)
    return [(kind, ones[turn]) for turn in range(most) for kind, ones in kinds.items() if turn < len(ones)]


def _support(key: str, text: str, answer: str) -> Support:
    """The place where the answer stands word for word; else the whole mail."""
    at = text.find(answer.strip())
    return Support(key, answer.strip(), Span(at, at + len(answer.strip()))) if at >= 0 else Support(key)


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
