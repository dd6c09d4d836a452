"""What the rules of cleaning rest on: their own strings against the pages they were written beside.

    python -m eval.bench.cleaning --seeds ../shared/seeds --truth ../shared/gold/cleaning.jsonl

Three looks. `literals`: runs of plain characters in the rules that stand in a page, longest first; a rule that names a
page's own string would be among them. `renamed`: the scores when every number, address and Latin name in the pages and
in the truth is another one; a rule that knows a page by its names falls. `without`: the scores with one list of rules
taken away at a time; what no list alone carries, structure and repetition carry. Scores are shares of rows that hold,
by kind, judged as ../shared/tools/score_cleaning.py judges them.
"""

from __future__ import annotations

import argparse
import ast
import json
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ingest import furniture, markup, notices, pinyin, repair
from ingest.prepare import prepare
from ingest.read import Limits

RULES = (furniture, notices, markup, pinyin, repair)
LISTS = (
    (furniture, "_CERTAIN"),
    (furniture, "_WEAK"),
    (furniture, "_COUNTER"),
    (furniture, "_PAYMENT"),
    (furniture, "_FILE_NAME"),
    (notices, "_RIGHTS"),
    (notices, "_CLOSING"),
    (notices, "_CAPTION"),
    (notices, "_CALL"),
    (notices, "_OWN_OFFER"),
    (notices, "_REFERENCES"),
)
NEVER = re.compile(r"(?!)")
LEAST_CHINESE, LEAST_LATIN = 4, 9  # characters of a run that could name anything
_RUN = re.compile(rf"[\u4e00-\u9fff]{{{LEAST_CHINESE},}}|[A-Za-z ]{{{LEAST_LATIN},}}")
_NAMES = re.compile(r"(https?://(?:www\.)?)[\x21-\x7e]+|(?<![A-Za-z])[A-Z][A-Za-z]{3,}|\d+")

Row = dict[str, str]


def flat(text: str) -> str:
    text = re.sub(r"^[ \t\xa0]*[•\-*][ \t\xa0]*", "- ", text, flags=re.MULTILINE)
    return re.sub(r"\s+", "", text)


def holds(row: Row, text: str) -> bool:
    whole, raw, clean = flat(text), flat(row["raw"]), flat(row["clean"])
    if row["kind"] == "keep":
        return clean in whole
    if clean:
        return clean in whole and (raw in clean or raw not in whole)
    if len(raw) <= 6:
        return raw not in {flat(line).lstrip("-") for line in text.splitlines()}
    return raw not in whole


def scores(pages: dict[str, str], truth: Iterable[Row]) -> dict[str, float]:
    texts = {name: prepare(page.encode(), name, Limits()).text for name, page in pages.items()}
    tally: defaultdict[str, list[bool]] = defaultdict(list)
    for row in truth:
        tally[row["kind"]].append(holds(row, texts[row["file"]]))
    return {kind: round(sum(rows) / len(rows), 3) for kind, rows in sorted(tally.items())}


def literals(pages: dict[str, str]) -> list[tuple[str, list[str]]]:
    found: dict[str, list[str]] = {}
    for module in RULES:
        source = Path(module.__file__ or "").read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                for run in _RUN.findall(node.value):
                    standing = [name for name, page in pages.items() if run.strip() in page]
                    if standing:
                        found[run.strip()] = standing
    return sorted(found.items(), key=lambda item: -len(item[0]))


def names_of(pages: dict[str, str]) -> frozenset[str]:
    """Return the Latin names in the pages: capitalised words that stand in lines, and never begin one."""
    text = "\n".join(pages.values())
    return frozenset(re.findall(r"(?<=[^\n]\W)[A-Z][A-Za-z]{3,}", text)) - frozenset(
        re.findall(r"(?m)^\W*([A-Za-z]+)", text)
    )


def renamed(text: str, names: frozenset[str]) -> str:
    """Change every number, address and name into another of its length and form."""

    def other(match: re.Match[str]) -> str:
        scheme, found = match.group(1) or "", match.group()
        if scheme:
            return scheme + "".join(map(_turned, found[len(scheme) :]))
        return "".join(map(_turned, found)) if found.isdigit() or found in names else found

    return _NAMES.sub(other, text)


def _turned(character: str) -> str:
    if character.isdigit():
        return str((int(character) + 3) % 10) if character not in "0" else "0"
    if "a" <= character <= "z":
        return chr((ord(character) - 97 + 7) % 26 + 97)
    return character


@contextmanager
def without(module: Any, name: str) -> Iterator[None]:
    kept = getattr(module, name)
    setattr(module, name, NEVER)
    try:
        yield
    finally:
        setattr(module, name, kept)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=Path, default=Path("../shared/seeds"))
    parser.add_argument("--truth", type=Path, default=Path("../shared/gold/cleaning.jsonl"))
    chosen = parser.parse_args()
    pages = {path.name: path.read_text(encoding="utf-8") for path in sorted(chosen.seeds.glob("*.txt"))}
    truth: list[Row] = [json.loads(line) for line in chosen.truth.read_text(encoding="utf-8").splitlines()]
    say: Callable[[str], object] = lambda line: sys.stdout.write(line + "\n")  # noqa: E731
    say(f"all rules: {json.dumps(scores(pages, truth))}")
    names = names_of(pages)
    others = {name: renamed(page, names) for name, page in pages.items()}
    turned = [row | {key: renamed(row[key], names) for key in ("raw", "clean")} for row in truth]
    say(f"renamed:   {json.dumps(scores(others, turned))}")
    for module, name in LISTS:
        with without(module, name):
            say(f"without {module.__name__.split('.')[-1]}.{name}: {json.dumps(scores(pages, truth))}")
    say("runs of the rules that stand in a page:")
    for run, standing in literals(pages):
        say(f"    {run!r} in {len(standing)}: {', '.join(name[:3] for name in standing)}")


if __name__ == "__main__":
    main()
