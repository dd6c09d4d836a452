"""How often are sources said to disagree where they do, and where they do not?

    python -m eval.bench.disagree [--shared ../shared] [--libraries runs/libraries] [--sets ...] [--limit N]
        [--out FILE]

Of XQuAD (English and Chinese) and DRCD, each question with the passages found for it. As they are, nothing disagrees:
`fired` is how many questions find a disagreement all the same. Planted: the paragraph that holds the answer comes
again as another document, ranked next to it, its answer replaced by another of its kind from the set: `found` is how
many of those are seen, of the questions whose best sentence holds the answer.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from eval.cases import Case, load_cases
from rag.disagree import conflict_in
from rag.evidence.weigh import weigh
from rag.types import Passage

NAME = "eval.bench.disagree"
SETS = ("xquad/xquad.en.json", "xquad/xquad.zh.json", "drcd/DRCD_dev.json")
KEEP = 8
_DIGITS = re.compile(r"\d+")
SHOWN = 5  # examples of what fired


def measure(cases: Sequence[Case], seed: int = 5) -> dict[str, Any]:
    chance = random.Random(seed)
    answers = {kind: [c.answers[0] for c in cases if _kind(c.answers[0]) == kind] for kind in ("number", "name")}
    fired, examples = 0, []
    planted: Counter[str] = Counter()
    found: Counter[str] = Counter()
    for case in cases:
        passages = case.present(KEEP)
        evidence = weigh(case.question, passages, case.frequency, case.chunks)
        conflict = conflict_in(case.question, evidence.sentences, passages)
        if conflict is not None:
            fired += 1
            examples.append([case.question, *conflict.values, *(sentence.text for sentence in conflict.sentences)])
        kind = _kind(case.answers[0])
        best = evidence.sentences[0] if evidence.sentences else None
        if kind is None or best is None or case.answers[0] not in best.text:
            continue
        other = _another(case.answers[0], kind, answers[kind], chance)
        if other is None or (again := _copied(passages[best.passage], case.answers[0], other)) is None:
            continue
        planted[kind] += 1
        with_it = (*passages[: best.passage + 1], again, *passages[best.passage + 1 :])[:KEEP]
        weighed = weigh(case.question, with_it, case.frequency, case.chunks)
        found[kind] += conflict_in(case.question, weighed.sentences, with_it) is not None
    return {
        "questions": len(cases),
        "fired": fired,
        "examples": examples[:SHOWN],
        "planted": dict(planted),
        "found": dict(found),
    }


def _kind(answer: str) -> str | None:
    """Return what an answer is: a number or date, or a name or a thing; None where it is long."""
    if _DIGITS.search(answer):
        return "number"
    return "name" if len(answer) <= 12 or len(answer.split()) <= 3 else None


def _another(answer: str, kind: str, others: Sequence[str], chance: random.Random) -> str | None:
    if kind == "number":
        return _DIGITS.sub(lambda match: _changed(match.group(), chance), answer, count=1)
    fit = [other for other in others if other != answer and len(other.split()) == len(answer.split())]
    return chance.choice(fit) if fit else None


def _changed(digits: str, chance: random.Random) -> str:
    """Return another number of as many digits, near enough for a year to stay one."""
    place = len(digits) - 1 if len(digits) != 4 else chance.choice((2, 3))
    other = chance.choice([digit for digit in "123456789" if digit != digits[place]])
    return digits[:place] + other + digits[place + 1 :]


def _copied(passage: Passage, answer: str, other: str) -> Passage | None:
    text = passage.text.replace(answer, other)
    if text == passage.text:
        return None
    chunk = replace(passage.chunk, document_id=f"copy of {passage.document_id}", key=-passage.chunk.key)
    return replace(passage, chunk=chunk, text=text, end=passage.start + len(text))


def main() -> int:
    parser = argparse.ArgumentParser(prog=NAME, description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--libraries", type=Path, default=Path("runs/libraries"))
    parser.add_argument("--sets", nargs="+", choices=SETS, default=SETS)
    parser.add_argument("--limit", type=int)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    found = {
        name: measure(
            load_cases(f"squad:{arguments.shared / 'data' / name}", arguments.libraries, limit=arguments.limit)
        )
        for name in arguments.sets
    }
    text = json.dumps(found, ensure_ascii=False, indent=1)
    if arguments.out:
        arguments.out.write_text(text + "\n", encoding="utf-8")
    sys.stdout.write(text + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
