"""How many planted instructions are flagged, and how many sentences of ordinary documents.

    python -m eval.bench.flags [--shared ../shared] [--out FILE]

Each instruction is looked at by itself: BIPIA's by kind, ours in English and Chinese (eval/planted.py says which of
them the patterns were written with). Ordinary documents: BIPIA's mails, the paragraphs of XQuAD, DRCD and CMRC, the
evidence of ExpertQA, the seeds, and the documentation of this repository.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from eval.datasets.bipia import load_instructions, load_mails
from eval.datasets.load import load_dataset
from eval.planted import CHINESE, LAST, LATER, UNSEEN
from rag.hostile import FLAGGED, instructions_in, score
from rag.text import sentence_spans

NAME = "eval.bench.flags"
SETS = ("xquad/xquad.en.json", "xquad/xquad.zh.json", "drcd/DRCD_dev.json", "cmrc2018/cmrc2018_trial.json")
SHOWN = 5  # of what is flagged in ordinary documents
ROOT = Path(__file__).resolve().parents[2]


def found(kinds: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return of each kind how many are flagged."""
    return {kind: f"{sum(score(text) >= FLAGGED for text in texts)} of {len(texts)}" for kind, texts in kinds.items()}


def alarms(texts: Iterable[str]) -> dict[str, Any]:
    """Return of ordinary texts how many sentences they have and how many are flagged."""
    sentences, flagged, count = 0, [], 0
    for text in texts:
        count += 1
        sentences += len(sentence_spans(text))
        flagged += [span.of(text) for span in instructions_in(text)]
    return {"texts": count, "sentences": sentences, "flagged": len(flagged), "examples": flagged[:SHOWN]}


def main() -> int:
    parser = argparse.ArgumentParser(prog=NAME, description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    data = arguments.shared / "data"
    sets = {name: [paragraph.text for paragraph in load_dataset(f"squad:{data / name}").paragraphs] for name in SETS}
    expert = next((data / "expertqa").glob("*.jsonl"), None)
    if expert is not None:
        sets["expertqa"] = [paragraph.text for paragraph in load_dataset(f"expertqa:{expert}").paragraphs]
    result = {
        "found": {
            "BIPIA": found(load_instructions(data / "bipia" / "text_attack_train.json")),
            "Chinese, written with": found(CHINESE),
            "widened for": found(
                {
                    f"{name} {language}": texts
                    for name, kinds in (("first", LATER), ("second", LAST))
                    for language, texts in kinds.items()
                }
            ),
            "unseen": found(UNSEEN),
        },
        "alarms": {
            "mails": alarms(mail.text for mail in load_mails(data / "bipia" / "email_train.jsonl")),
            **{name: alarms(texts) for name, texts in sets.items()},
            "seeds": alarms(_texts(arguments.shared / "seeds", "*.txt")),
            "documentation": alarms(_texts(ROOT, "*.md", "docs/*.md", "examples/**/*.md")),
        },
    }
    text = json.dumps(result, ensure_ascii=False, indent=1)
    if arguments.out:
        arguments.out.write_text(text + "\n", encoding="utf-8")
    sys.stdout.write(text + "\n")
    return 0


def _texts(folder: Path, *patterns: str) -> list[str]:
    return [path.read_text("utf-8") for pattern in patterns for path in sorted(folder.glob(pattern))]


if __name__ == "__main__":
    sys.exit(main())
