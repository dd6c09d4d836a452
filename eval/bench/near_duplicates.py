"""Plant near duplicates among other texts and see which of them are found, and what is taken for one that is none.

    python -m eval.bench.near_duplicates [--shared PATH] [--seed N]     a table on stderr, one JSON object on stdout

The texts are the paragraphs of XQuAD (English, Chinese), DRCD and CMRC, joined into documents of one to five, each
under a letterhead and above a footer. Every second article is for tuning; the figures come from the others. All of it
goes the way of an ingest: through ingest.dedup.Known and a library on the disk.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import re
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import opencc

from ingest.dedup import Known
from ingest.near import FEWEST_WORDS, NEAR, similarity, tokens
from rag.library.library import FileFacts, Library, Manifest
from rag.types import Chunk, Document

Article = list[str]  # its paragraphs

SIZES = (1, 4, 2, 3, 5, 1, 1, 3)  # paragraphs of one document after the other
EDITED = 0.1
LETTERS = 6  # on one form
LOOKED_AT = 8
ARTICLES = 160  # of each half and language, evenly from all
NEAR_KINDS = ("exact", "letterhead", "dates", "layout", "edited")
DIMENSION = 8
MANIFEST = Manifest("none", "none", DIMENSION, "bench", "bench")

HEADS = {
    "en": (
        "{name} Ltd, Department of Records. Reference {number}, {day} May {year}. To whom it may concern:",
        "From: {name}. Sent on {day} June {year} at 9:{day}. Subject: the text we spoke of, no. {number}",
    ),
    "zh": (
        "{name}有限公司档案部　编号{number}　{year}年5月{day}日　各有关单位：",
        "发件人：{name}　发送时间：{year}年6月{day}日9时{day}分　主题：关于第{number}号材料",
    ),
}
FEET = {
    "en": ("{name} Ltd. For internal use only. Page 1 of {day}", "Printed {year}-06-{day} by {name}; copy {number}"),
    "zh": ("{name}有限公司　仅供内部使用　第1页，共{day}页", "{name}于{year}年6月{day}日打印，第{number}份"),
}
NAMES = {"en": ("Alder", "Birch", "Cedar", "Maple", "Rowan", "Willow"), "zh": ("青山", "绿水", "明月", "松柏", "长河")}


@dataclass(frozen=True, slots=True)
class Planted:
    """A text and what it is: of names the document that it nearly repeats, None where it repeats none."""

    kind: str
    text: str
    of: str | None = None


@dataclass(slots=True)
class Score:
    asked: int = 0
    right: int = 0
    wrong: int = 0
    similarities: list[float] = field(default_factory=list)


class Planter:
    """Makes documents of one language; the same ones for the same seed."""

    def __init__(self, language: str, articles: Sequence[Article], seed: int) -> None:
        self._language = language
        self._articles = articles
        self._between = "" if language == "zh" else " "
        self._chance = random.Random(seed)
        self._vocabulary = [word for article in articles for text in article for word in self._words(text)]

    def originals(self) -> dict[str, str]:
        """Documents of different sizes, no paragraph in two of them."""
        documents: dict[str, str] = {}
        for number, article in enumerate(self._articles):
            first, place = 0, number
            while first < len(article):
                size = SIZES[place % len(SIZES)]
                body = "\n\n".join(article[first : first + size])
                documents[f"{number}.{first}"] = self._framed(body, 0)
                first, place = first + size, place + 1
        return {name: text for name, text in documents.items() if len(self._words(text)) >= FEWEST_WORDS * 2}

    def planted(self, originals: dict[str, str]) -> Iterator[Planted]:
        """Every original in each of its disguises, and what only looks like one."""
        names = sorted(originals)
        for name in names:
            text, other = originals[name], originals[self._chance.choice([some for some in names if some != name])]
            body = text.split("\n\n", 1)[1].rsplit("\n\n", 1)[0]
            yield Planted("exact", text, name)
            yield Planted("letterhead", self._framed(body, 1), name)
            yield Planted("dates", self._framed(self.renumbered(body), 0), name)
            yield Planted("layout", self.laid_out(text), name)
            for _ in range(3):
                yield Planted("edited", self.edited(text), name)
            half = self._framed(self._half(body, 0) + "\n\n" + self._half(other, 1), 0)
            yield Planted("half of another", half)
            more = [originals[some] for some in self._chance.sample(names, 12) if some not in (name, other)]
            yield Planted("inside a longer one", self._longer(text, more))
            yield Planted("a third of one", self._framed(self._half(self._half(body, 0), 0), 0))

    def letters(self, paragraphs: Sequence[str]) -> Iterator[Planted]:
        """Letters on one form: about half of each is what all say."""
        for first in range(0, len(paragraphs) - LETTERS - 1, LETTERS + 1):
            form, *bodies = paragraphs[first : first + LETTERS + 1]
            length = min(len(self._words(text)) for text in (form, *bodies))
            form = self._between.join(self._words(form)[:length])
            for body in bodies:
                own = self._between.join(self._words(body)[:length])
                yield Planted("on the same form", "\n\n".join((self._half(form, 0), own, self._half(form, 1))))

    def _words(self, text: str) -> list[str]:
        return list(text) if self._language == "zh" else text.split()

    def _half(self, text: str, which: int) -> str:
        words = self._words(text)
        middle = len(words) // 2
        return self._between.join(words[middle:] if which else words[:middle])

    def _longer(self, text: str, others: Sequence[str]) -> str:
        """The text between others, together at least twice as long."""
        parts, length = [text], len(text)
        for other in others:
            if length >= 2 * len(text):
                break
            part = other[: len(text)]  # or the whole would nearly repeat that other one
            parts.insert(self._chance.randrange(len(parts) + 1), part)
            length += len(part)
        return "\n\n".join(parts)

    def _framed(self, body: str, which: int) -> str:
        facts = {
            "name": self._chance.choice(NAMES[self._language]),
            "number": self._chance.randrange(1000, 9999),
            "day": self._chance.randrange(10, 29),
            "year": self._chance.randrange(1990, 2026),
        }
        head, foot = HEADS[self._language][which], FEET[self._language][which]
        return f"{head.format(**facts)}\n\n{body}\n\n{foot.format(**facts)}"

    def renumbered(self, text: str) -> str:
        return re.sub(r"\d+", self._another_number, text)

    def _another_number(self, found: re.Match[str]) -> str:
        return str(self._chance.randrange(10 ** (len(found.group()) - 1), 10 ** len(found.group())))

    def laid_out(self, text: str) -> str:
        if self._language == "en":
            words = text.upper().split()
            return "\n".join(" ".join(words[first : first + 9]) for first in range(0, len(words), 9))
        taiwanese = _to_traditional().convert(text)
        return "\n".join(taiwanese[first : first + 30] for first in range(0, len(taiwanese), 30))

    def edited(self, text: str, share: float = EDITED) -> str:
        """Replace, delete or add at this share of the words, by chance."""
        out: list[str] = []
        for word in self._words(text):
            if self._chance.random() >= share:
                out.append(word)
            else:
                new = self._chance.choice(self._vocabulary)
                out += self._chance.choice(([new], [], [word, new]))
        return self._between.join(out)


@lru_cache(maxsize=1)  # it reads its dictionaries anew each time
def _to_traditional() -> opencc.OpenCC:
    return opencc.OpenCC("s2t")


def articles(shared: Path) -> dict[str, list[Article]]:
    found: dict[str, list[Article]] = {"en": [], "zh": []}
    files = (("en", "xquad/xquad.en.json"), ("zh", "xquad/xquad.zh.json"), ("zh", "drcd/DRCD_dev.json"))
    for language, name in files:
        by_title: dict[str, Article] = defaultdict(list)
        for article in json.loads((shared / "data" / name).read_text())["data"]:
            by_title[article["title"]] += [paragraph["context"] for paragraph in article["paragraphs"]]
        found[language] += by_title.values()
    trial = json.loads((shared / "data" / "cmrc2018" / "cmrc2018_trial.json").read_text())["data"]
    found["zh"] += [[paragraph["context"] for paragraph in article["paragraphs"]] for article in trial]
    return found


def measure(language: str, some: Sequence[Article], seed: int) -> dict[str, Any]:
    """Store the originals and ask about all the rest."""
    planter = Planter(language, some, seed)
    originals = planter.originals()
    texts = {name: tokens(text) for name, text in originals.items()}
    scores: defaultdict[str, Score] = defaultdict(Score)
    seconds: list[float] = []
    with tempfile.TemporaryDirectory() as folder, Library.open(Path(folder), MANIFEST) as library:
        known = Known(library, MANIFEST.reader)
        for name, text in originals.items():
            _ask(known, _document(name, text), Planted("unrelated", text), scores, seconds, texts)
            _store(library, known, _document(name, text))
        for number, planted in enumerate(planter.planted(originals)):
            _ask(known, _document(f"planted {number}", planted.text), planted, scores, seconds, texts)
        for number, letter in enumerate(planter.letters([text for article in some for text in article])):
            document = _document(f"letter {number}", letter.text)
            _ask(known, document, letter, scores, seconds, texts)
            _store(library, known, document)
            texts[document.id] = tokens(letter.text)
    return _summary(scores, seconds)


def _ask(
    known: Known,
    document: Document,
    planted: Planted,
    scores: dict[str, Score],
    seconds: list[float],
    texts: dict[str, list[int]],
) -> None:
    score = scores[planted.kind]
    began = time.thread_time()  # of this thread: the machine may have other work
    if planted.kind == "exact":
        found = known.with_text(document.text)
    else:
        near = known.near(document)
        found = near.document_id if near else None
        seconds.append(time.thread_time() - began)
    score.asked += 1
    score.right += found == planted.of
    score.wrong += found not in (planted.of, None)
    if planted.of is not None:
        score.similarities.append(similarity(tokens(document.text), texts[planted.of]))
    elif score.asked % LOOKED_AT == 1:  # the nearest of all: looked for the long way, so not every time
        mine = tokens(document.text)
        others = (text for name, text in texts.items() if name != document.id)
        score.similarities.append(max((similarity(mine, text) for text in others), default=0))


def _store(library: Library, known: Known, document: Document) -> None:
    data = document.text.encode()
    facts = FileFacts(f"file:///{document.id}", document.id, hashlib.sha256(data).hexdigest(), len(data), 1)
    vectors = np.zeros((1, DIMENSION), dtype=np.float32)
    vectors[0, 0] = 1
    chunks = [Chunk(0, document.id, 0, len(document.text))]
    library.put(document, chunks, vectors, facts, bands=known.bands(document.id))


def _document(name: str, text: str) -> Document:
    return Document(name, name, name, "text/plain", text)


def _summary(scores: dict[str, Score], seconds: list[float]) -> dict[str, Any]:
    near = [scores[kind] for kind in NEAR_KINDS]
    named = sum(score.right for score in near) + sum(score.wrong for score in scores.values())
    return {
        "precision": round(sum(score.right for score in near) / named, 4),
        "recall": round(sum(score.right for score in near) / sum(score.asked for score in near), 4),
        "near_cpu_ms": {"p50": _quantile(seconds, 0.5, 1000), "p99": _quantile(seconds, 0.99, 1000)},
        "kinds": {
            kind: {
                "asked": score.asked,
                "right": score.right,
                "wrong": score.wrong,
                "similarity": {name: _quantile(score.similarities, share) for name, share in QUANTILES.items()},
            }
            for kind, score in scores.items()
        },
    }


QUANTILES = {"least": 0.0, "1%": 0.01, "50%": 0.5, "99%": 0.99, "most": 1.0}


def _quantile(values: Sequence[float], share: float, scale: float = 1) -> float:
    return round(float(np.quantile(values, share)) * scale, 3)


def _table(report: dict[str, Any]) -> str:
    lines = [f"{'':32}{'asked':>7}{'right':>7}{'wrong':>7}   similarity: {'  '.join(QUANTILES)}"]
    for part in ("tuning", "held_back"):
        for language, figures in report[part].items():
            lines.append(f"{part} {language}: precision {figures['precision']}, recall {figures['recall']}")
            for kind, row in figures["kinds"].items():
                spread = "  ".join(f"{value:.3f}" for value in row["similarity"].values())
                lines.append(f"  {kind:30}{row['asked']:>7}{row['right']:>7}{row['wrong']:>7}   {spread}")
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m eval.bench.near_duplicates")
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    report: dict[str, Any] = {"threshold": NEAR, "seed": options.seed, "tuning": {}, "held_back": {}}
    for language, some in articles(options.shared).items():
        step = max(1, len(some) // (2 * ARTICLES))
        report["tuning"][language] = measure(language, some[:: 2 * step], options.seed)
        report["held_back"][language] = measure(language, some[step :: 2 * step], options.seed)
    sys.stderr.write(_table(report))
    json.dump(report, sys.stdout, indent=1)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main(sys.argv[1:])
