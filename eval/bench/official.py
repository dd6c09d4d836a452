"""The scores of SQuAD's and CMRC 2018's scripts, by eval/metrics/official.py and by a second program.

    python -m eval.bench.official --shared ../shared

Prints one JSON object: for each set of ../shared and each kind of made answer the exact match and F1 in per cent, by
either program. Exits with 1 where they differ by more than 0.000001. The second program goes step by step as the
scripts' authors describe them, and cuts Latin words with NLTK, by its learnt ends of sentences where it has them.
"""

from __future__ import annotations

import json
import re
import string
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import typer

from eval.metrics.official import CMRC, SQUAD1, SQUAD2, Script
from rag.text import sentence_spans

SETS = {
    "xquad/xquad.en.json": (SQUAD1, SQUAD2),
    "xquad/xquad.zh.json": (CMRC, SQUAD1),  # XQuAD's own figures are SQuAD's, in every language
    "drcd/DRCD_dev.json": (CMRC,),
    "cmrc2018/cmrc2018_trial.json": (CMRC,),
}
CLOSE = 1e-6
MORE = 6  # characters after the gold answer: a word, or a few
PUNCTUATION = list("-:_*^/\\~`+=，。：？！“”；’《》·、「」（）－～『』")

Pairs = Sequence[tuple[str, Sequence[str]]]  # what was said, and the gold answers


@dataclass(frozen=True, slots=True)
class Asked:
    context: str
    golds: tuple[str, ...]


def made_answers(asked: Asked) -> dict[str, str]:
    """Answers that are right, nearly right, and wrong."""
    gold = asked.golds[0]
    start = max(0, asked.context.find(gold))
    sentences = sentence_spans(asked.context)
    return {
        "gold": gold,
        "gold and more": asked.context[start : start + len(gold) + MORE],
        "first sentence": sentences[0].of(asked.context) if sentences else "",
        "empty": "",
        "shifted by three": asked.context[start + 3 : start + 3 + len(gold)],
    }


def by_us(script: Script, pairs: Pairs) -> tuple[float, float]:
    exact = sum(script.exact(said, golds) for said, golds in pairs)
    return 100.0 * exact / len(pairs), 100.0 * sum(script.f1(said, golds) for said, golds in pairs) / len(pairs)


def by_another(script: Script, pairs: Pairs) -> tuple[float, float]:
    exact, f1 = AGAIN[script.name]
    total_exact = total_f1 = 0.0
    for said, golds in pairs:
        if script is SQUAD2:
            golds = [gold for gold in golds if normalised(gold)] or [""]
        total_exact += max(exact(said, gold) for gold in golds)
        total_f1 += max(f1(said, gold) for gold in golds)
    return 100.0 * total_exact / len(pairs), 100.0 * total_f1 / len(pairs)


# SQuAD, again


def normalised(text: str) -> str:
    text = "".join(letter for letter in text.lower() if letter not in set(string.punctuation))
    text = re.sub(r"\b(a|an|the)\b", " ", text)
    return " ".join(text.split())


def squad_exact(said: str, gold: str) -> float:
    return 1.0 if normalised(said) == normalised(gold) else 0.0


def squad1_f1(said: str, gold: str) -> float:
    found, wanted = normalised(said).split(), normalised(gold).split()
    common = sum((Counter(found) & Counter(wanted)).values())
    if common == 0:
        return 0.0
    precision, recall = common / len(found), common / len(wanted)
    return 2 * precision * recall / (precision + recall)


def squad2_f1(said: str, gold: str) -> float:
    found, wanted = normalised(said).split(), normalised(gold).split()
    if not found or not wanted:
        return 1.0 if found == wanted else 0.0
    return squad1_f1(said, gold)


# CMRC 2018, again


def segments(text: str) -> list[str]:
    found, run = [], ""
    for letter in text.lower().strip():
        if letter in PUNCTUATION:
            continue
        if "\u4e00" <= letter <= "\u9fa5":
            found += [*_nltk_words(run), letter]
            run = ""
        else:
            run += letter
    return found + _nltk_words(run)


def cmrc_exact(said: str, gold: str) -> float:
    left, right = ("".join(one for one in text.lower().strip() if one not in PUNCTUATION) for text in (said, gold))
    return 1.0 if left == right else 0.0


def cmrc_f1(said: str, gold: str) -> float:
    found, wanted = segments(said), segments(gold)
    table = [[0] * (len(found) + 1) for _ in range(len(wanted) + 1)]
    longest = 0
    for row, one in enumerate(wanted, 1):
        for column, other in enumerate(found, 1):
            if one == other:
                table[row][column] = table[row - 1][column - 1] + 1
                longest = max(longest, table[row][column])
    if longest == 0:
        return 0.0
    precision, recall = longest / len(found), longest / len(wanted)
    return 2 * precision * recall / (precision + recall)


def _nltk_words(run: str) -> list[str]:
    from nltk.tokenize import word_tokenize

    return list(word_tokenize(run, preserve_line=not _learnt_sentences())) if run else []


def _learnt_sentences() -> bool:
    """Say whether NLTK's model of sentences is there: LlamaIndex brings it."""
    import nltk
    from nltk.tokenize import punkt_model_available

    if (found := find_spec("llama_index")) is not None:
        for root in found.submodule_search_locations or []:
            place = str(Path(root) / "core/_static/nltk_cache")
            if place not in nltk.data.path:
                nltk.data.path.append(place)
    return bool(punkt_model_available())


AGAIN: Mapping[str, tuple[Callable[[str, str], float], Callable[[str, str], float]]] = {
    SQUAD1.name: (squad_exact, squad1_f1),
    SQUAD2.name: (squad_exact, squad2_f1),
    CMRC.name: (cmrc_exact, cmrc_f1),
}


def read(file: Path) -> list[Asked]:
    """Return the questions of a file in either form, as they stand in it."""
    return list(_asked(json.loads(file.read_text(encoding="utf-8-sig"))))


def _asked(content: Any) -> Iterator[Asked]:
    if isinstance(content, list):  # CMRC 2018's older form
        for row in content:
            yield from (Asked(row["context_text"], tuple(item["answers"])) for item in row["qas"])
        return
    for article in content["data"]:
        for paragraph in article["paragraphs"]:
            for item in paragraph["qas"]:
                yield Asked(paragraph["context"], tuple(answer["text"] for answer in item["answers"]))


def compared(questions: Sequence[Asked], script: Script) -> dict[str, dict[str, Any]]:
    """Return for each kind of made answer what both programs make of it."""
    answers = [made_answers(one) for one in questions]
    found = {}
    for kind in answers[0]:
        pairs = [(made[kind], one.golds) for made, one in zip(answers, questions, strict=True)]
        (exact, f1), (other_exact, other_f1) = by_us(script, pairs), by_another(script, pairs)
        found[kind] = {
            "exact": round(exact, 9),
            "exact_again": round(other_exact, 9),
            "f1": round(f1, 9),
            "f1_again": round(other_f1, 9),
            "equal": abs(exact - other_exact) <= CLOSE and abs(f1 - other_f1) <= CLOSE,
        }
    return found


def main(
    shared: Annotated[Path, typer.Option(help="The folder of third-party material.")] = Path("../shared"),
) -> None:
    found = {}
    for name, scripts in SETS.items():
        questions = read(shared / "data" / name)
        for script in scripts:
            found[f"{name}, {script.name}, {len(questions)} questions"] = compared(questions, script)
    typer.echo(json.dumps(found, indent=1, ensure_ascii=False))
    if not all(row["equal"] for rows in found.values() for row in rows.values()):
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
