"""The sets that Footnote is measured on. Knows nothing of how, or of what comes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

# Our own documents are the same on every machine: the one set that anybody has.
EXAMPLES = Path("eval/gate/examples.jsonl")
EXAMPLE_DOCUMENTS = Path("examples")


@dataclass(frozen=True, slots=True)
class Wanted:
    """path: below the shared folder. what: what a reader should know of it."""

    name: str  # of its run's folder
    form: str
    path: str
    what: str


SETS = (
    Wanted("xquad.en", "squad", "data/xquad/xquad.en.json", "XQuAD, English: 240 paragraphs of Wikipedia"),
    Wanted("xquad.zh", "squad", "data/xquad/xquad.zh.json", "XQuAD, simplified Chinese: the same, translated"),
    Wanted("drcd.dev", "squad", "data/drcd/DRCD_dev.json", "DRCD, traditional Chinese: its development part"),
    Wanted("cmrc.trial", "squad", "data/cmrc2018/cmrc2018_trial.json", "CMRC 2018, simplified Chinese: its trial part"),
    Wanted("gold", "qa", "gold/qa.jsonl", "questions on five files, of every kind, some without an answer"),
    Wanted("expertqa", "expertqa", "data/expertqa/rand_val.jsonl", "ExpertQA: experts' claims, asked as questions"),
    Wanted("bipia", "bipia", "data/bipia", "BIPIA: mails in which somebody has planted an instruction"),
)
OURS = Wanted("examples", "qa", str(EXAMPLES), "questions on this repository's own examples/")


@dataclass(frozen=True, slots=True)
class Found:
    wanted: Wanted
    spec: str
    documents: Path | None = None


def find(shared: Path) -> tuple[list[Found], Mapping[str, str]]:
    """Return the sets that are there, and of each that is not why: {name: reason}."""
    found, missing = [], {}
    for wanted in SETS:
        path = shared / wanted.path
        if path.exists():
            found.append(Found(wanted, f"{wanted.form}:{path}"))
        else:
            missing[wanted.name] = f"{wanted.path} is not in the folder of data sets"
    if EXAMPLES.is_file():
        found.append(Found(OURS, f"{OURS.form}:{EXAMPLES}", EXAMPLE_DOCUMENTS))
    else:
        missing[OURS.name] = f"{EXAMPLES} is not there"
    return found, missing
