"""Passages that all but repeat another: how many are folded away, and whether an answer goes with them.

    python -m eval.bench.repeats [--shared PATH] [--seed N]     a table on stderr, one JSON object on stdout

Each question of XQuAD (English, Chinese) and DRCD meets its paragraph and a disguise of it, one as a passage that is
shown and the other as the next in the ranking. What is folded although the answer stands in one of them alone is
counted as lost; where letters are misread, that is an answer with one of them.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.bench.near_duplicates import Planter, articles
from rag.repeats import Repeats

FILES = {
    "XQuAD en": ("en", "xquad/xquad.en.json"),
    "XQuAD zh": ("zh", "xquad/xquad.zh.json"),
    "DRCD dev": ("zh", "drcd/DRCD_dev.json"),
}
QUESTIONS = 1000  # of each set, evenly from all
LIGHTLY = 0.02  # of the words are edited
LONG = 6  # letters of a word that may be misread


@dataclass(frozen=True, slots=True)
class Asked:
    answer: str
    paragraph: str


def asked_of(path: Path) -> list[Asked]:
    found = [
        Asked(question["answers"][0]["text"], paragraph["context"])
        for article in json.loads(path.read_text(encoding="utf-8"))["data"]
        for paragraph in article["paragraphs"]
        for question in paragraph["qas"]
    ]
    return found[:: max(1, len(found) // QUESTIONS)]


def disguises(asked: Asked, other: Asked, planter: Planter, chance: random.Random) -> Iterator[tuple[str, str]]:
    text = asked.paragraph
    yield "layout", planter.laid_out(text)
    yield "one letter misread", _misread(text, 1, chance)
    yield "five letters misread", _misread(text, 5, chance)
    yield "numbers changed", planter.renumbered(text)
    yield "2% of words edited", planter.edited(text, LIGHTLY)
    yield "10% of words edited", planter.edited(text)
    yield "the answer changed", text.replace(asked.answer, other.answer)
    yield "another paragraph", other.paragraph


def _misread(text: str, times: int, chance: random.Random) -> str:
    """Change a letter inside as many long words; nothing where a text has none, as in Chinese."""
    words = text.split(" ")
    places = [place for place, word in enumerate(words) if len(word) >= LONG and word.isascii() and word.isalpha()]
    for place in chance.sample(places, min(times, len(places))):
        at = chance.randrange(1, len(words[place]) - 1)
        words[place] = words[place][:at] + chance.choice("acenorsu") + words[place][at + 1 :]
    return " ".join(words)


def measure(some: Sequence[Asked], planter: Planter, seed: int) -> dict[str, Any]:
    chance = random.Random(seed)
    pairs: Counter[str] = Counter()
    folded: Counter[str] = Counter()
    lost: Counter[str] = Counter()
    seconds: defaultdict[str, float] = defaultdict(float)
    for asked in some:
        other = chance.choice([one for one in chance.sample(some, 8) if one.paragraph != asked.paragraph])
        for kind, disguise in disguises(asked, other, planter, chance):
            if disguise == asked.paragraph:
                continue
            shown, hidden = chance.sample((asked.paragraph, disguise), 2)
            began = time.thread_time()
            repeats = Repeats()
            repeats.add_chunk(shown, 0)
            place = repeats.place_of(hidden)
            is_folded = place is not None or repeats.near(hidden) is not None
            seconds[kind] += time.thread_time() - began
            pairs[kind] += 1
            folded[kind] += is_folded
            lost[kind] += is_folded and kind != "layout" and (asked.answer in shown) != (asked.answer in hidden)
    return {
        kind: {
            "pairs": pairs[kind],
            "folded": round(folded[kind] / pairs[kind], 3),
            "lost": lost[kind],
            "cpu_us": round(seconds[kind] / pairs[kind] * 1e6),
        }
        for kind in pairs
    }


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m eval.bench.repeats")
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    texts = articles(options.shared)
    report: dict[str, Any] = {"seed": options.seed}
    for name, (language, file) in FILES.items():
        planter = Planter(language, texts[language], options.seed)
        report[name] = measure(asked_of(options.shared / "data" / file), planter, options.seed)
        for kind, row in report[name].items():
            sys.stderr.write(
                f"{name:10}{kind:24}{row['pairs']:6} pairs, folded {row['folded']:.3f}, lost {row['lost']}, "
                f"{row['cpu_us']} us\n"
            )
    json.dump(report, sys.stdout, indent=1)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main(sys.argv[1:])
