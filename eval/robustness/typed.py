"""The question typed otherwise: with slips, in the other script or width, in another case, without signs, spaced.

Rules alone; each is pure and seeded. Slips of Chinese are characters of the same sound, as an input method makes them
(eval/robustness/slips.py says from which table); those of English are letters replaced, left out or swapped.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import partial

from eval.questions import Dataset, Question
from eval.robustness.perturbation import Perturbation, Perturbed, reworded
from eval.robustness.slips import common_characters, full_width, simplified, slip, slip_by_sound, traditional
from rag.text import HAN, has_han

_HAN_CHARACTER = re.compile(f"([{HAN}])")
_INSIDE = frozenset("'’-‐.,:/&+#%")  # signs that belong to a word or a number where they stand inside it


def perturbations() -> Iterator[Perturbation]:
    for count, said in ((1, "one slip"), (2, "two slips")):
        yield _typed("typos", f"typo-{count}", f"The question has {said} of the pen", partial(_slipped, count=count))
    yield _typed("typos", "typo-other", "One Chinese character of the question is another common one", _other_character)
    for name, does, rewrite in (
        ("other-script", "The question is in the other Chinese script", other_script),
        ("full-width", "The question is in full width", full_width),
        ("lower-case", "The question is in lower case", str.lower),
        ("upper-case", "The question is in capitals", str.upper),
        ("no-punctuation", "The question has no punctuation", without_punctuation),
    ):
        yield _typed("script", name, does, partial(_each, rewrite=rewrite))
    for name, does, rewrite in (
        ("spaced", "Spaces stand between the Chinese characters, or two between English words", spaced),
        ("unspaced", "No spaces stand around the Latin words of a Chinese question", unspaced),
    ):
        yield _typed("spacing", name, does, partial(_each, rewrite=rewrite))


def _typed(family: str, name: str, does: str, change: Callable[[Dataset, int], Perturbed]) -> Perturbation:
    return Perturbation(name, family, does, "the same answer", change=change)


def _each(dataset: Dataset, _seed: int, *, rewrite: Callable[[str], str]) -> Perturbed:
    return reworded(dataset, lambda question: rewrite(question.text))


def _slipped(dataset: Dataset, seed: int, *, count: int) -> Perturbed:
    def rewrite(question: Question) -> str:
        text = question.text
        for number in range(count):
            chance = f"{seed} {question.id} {number}"
            text = slip_by_sound(text, chance) if has_han(text) else slip(text, (), chance)
        return text

    return reworded(dataset, rewrite)


def _other_character(dataset: Dataset, seed: int) -> Perturbed:
    common = common_characters(question.text for question in dataset.questions)

    def rewrite(question: Question) -> str | None:
        return slip(question.text, common, f"{seed} {question.id}") if has_han(question.text) else None

    return reworded(dataset, rewrite)


def other_script(text: str) -> str:
    changed = traditional(text)
    return changed if changed != text else simplified(text)


def without_punctuation(text: str) -> str:
    """Leave out every sign but those inside a word or a number."""
    kept = []
    for at, sign in enumerate(text):
        inside = sign in _INSIDE and text[at - 1 : at].isalnum() and text[at + 1 : at + 2].isalnum()
        kept.append(sign if inside or not unicodedata.category(sign).startswith("P") else " ")
    return re.sub(rf"(?<=[{HAN}]) | (?=[{HAN}])", "", " ".join("".join(kept).split()))


def spaced(text: str) -> str:
    if has_han(text):
        return " ".join(_HAN_CHARACTER.sub(r" \1 ", text).split())
    return text.replace(" ", "  ")


def unspaced(text: str) -> str:
    return re.sub(rf"(?<=[{HAN}])\s+(?=\w)|(?<=\w)\s+(?=[{HAN}])", "", text)
