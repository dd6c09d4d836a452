"""Claims that their sources support, and the same with one planted error: what the sentence check is judged by.

Made of squad: sets, by rules (eval/rewording.py, eval/planted_errors.py). Articles are parted in two halves by their
names; translations of one article stand in the same half.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.datasets.load import load_dataset
from eval.planted_errors import KINDS, Planted, plant
from eval.questions import Dataset, Paragraph
from eval.rewording import from_question, indirect, indirect_chinese, reworded
from rag.text import sentence_spans

SETS = {"XQuAD en": "xquad/xquad.en.json", "XQuAD zh": "xquad/xquad.zh.json", "DRCD dev": "drcd/DRCD_dev.json"}
PER_ARTICLE = 60  # claims at most, so that no article decides
LENGTHS = (25, 400)  # characters of an English sentence; a third of it for a Chinese one
SEED = "5"

_NAME = re.compile(r"(?<=[a-z,] )(?:[A-Z][a-z]+(?: (?:of |de |the )?[A-Z][a-z]+){0,2})")
_NO_NAME = re.compile(
    r"^(?:January|February|March|April|May|June|July|August|September|October|November|December|"
    r"Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|The|In|It|He|She|They|This|I|An?)\b"
)
_WHO = re.compile("谁|誰|哪位|何人|哪一位|哪个人|哪個人")
_WHERE = re.compile(
    "哪里|哪裡|哪儿|哪个国家|哪個國家|哪一個國家|哪国|哪國|哪个城市|哪個城市|哪座城|何地|什么地方|什麼地方"
)
_NAME_CHINESE = re.compile(r"[\u4e00-\u9fff·]{2,9}")


@dataclass(frozen=True, slots=True)
class Claim:
    """passage supports text. planted are the same with one error each."""

    set: str
    article: str
    form: str  # "reworded" or "question": made of a question and its answer
    text: str
    passage: str
    chinese: bool
    planted: tuple[Planted, ...]

    @property
    def unseen(self) -> bool:
        """Whether its article was left alone while the rules were written and the weights learnt."""
        return hashlib.sha256(f"{SEED} {self.article}".encode()).digest()[0] % 2 == 1


def load_claims(folder: Path) -> list[Claim]:
    """folder: the one with the sets in it, ../shared/data."""
    return [claim for name, file in SETS.items() for claim in _claims(name, load_dataset(f"squad:{folder / file}"))]


def _claims(name: str, dataset: Dataset) -> Iterator[Claim]:
    chinese = name != "XQuAD en"
    pools = _names(dataset, chinese=chinese)
    made: dict[str, int] = defaultdict(int)
    questions = defaultdict(list)
    for question in dataset.questions:
        for support in question.supports:
            questions[support.document].append((question.text, question.answers[0]))
    for paragraph in dataset.paragraphs:
        chance = random.Random(f"{SEED} {paragraph.id}")
        for form, text in _texts(paragraph, questions[paragraph.id], chance, chinese=chinese):
            if made[paragraph.topic] >= PER_ARTICLE or text in paragraph.text:
                continue
            made[paragraph.topic] += 1
            pool = pools[paragraph.topic]
            planted = [
                plant(kind, text, paragraph.text, chance, chinese=chinese, names=list(pool.values())) for kind in KINDS
            ]
            yield Claim(
                name,
                paragraph.topic,
                form,
                text,
                paragraph.text,
                chinese,
                tuple(one for one in planted if one is not None),
            )


def _texts(
    paragraph: Paragraph, asked: Sequence[tuple[str, str]], chance: random.Random, *, chinese: bool
) -> Iterator[tuple[str, str]]:
    least, most = (length // 3 if chinese else length for length in LENGTHS)
    for span in sentence_spans(paragraph.text):
        sentence = span.of(paragraph.text)
        if least <= len(sentence) <= most:
            text = reworded(sentence, paragraph.text, chance, chinese=chinese)
            if text is not None:
                yield "reworded", text
    for question, answer in asked:
        statement = from_question(question, answer, chinese=chinese)
        if statement is not None:
            if chance.random() < 0.2:
                statement = (indirect_chinese if chinese else indirect)(statement, chance)
            yield "question", statement


def _names(dataset: Dataset, *, chinese: bool) -> Mapping[str, Mapping[str, list[str]]]:
    """Return of each article its names, by kind: capitalised words, or answers to who and to where."""
    topics = {paragraph.id: paragraph.topic for paragraph in dataset.paragraphs}
    found: dict[str, dict[str, dict[str, None]]] = defaultdict(lambda: defaultdict(dict))
    if not chinese:
        for paragraph in dataset.paragraphs:
            for name in _NAME.findall(paragraph.text):
                if not _NO_NAME.match(name):
                    found[paragraph.topic]["name"][name] = None
    else:
        for question in dataset.questions:
            for kind, pattern in (("who", _WHO), ("where", _WHERE)):
                if pattern.search(question.text):
                    for support, answer in zip(question.supports, question.answers, strict=False):
                        if _NAME_CHINESE.fullmatch(answer):
                            found[topics[support.document]][kind][answer] = None
    return defaultdict(
        dict, {topic: {kind: list(names) for kind, names in kinds.items()} for topic, kinds in found.items()}
    )
