"""A collection's own words, which are kept whole, and its synonyms. Knows nothing of indexes.

The file lexicon.txt in the collection's folder has an entry on each line:

    # for people
    云上贵州
    年假 = 带薪休假 = annual leave

A line without = is a word that must be kept whole when Chinese is cut. The others say the same in several ways: a
question with one of them finds the others too.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from rag.errors import Misconfigured
from rag.text import UNSPACED, Cut, cut_words, fold, query_weights, search_terms

NAME = "lexicon.txt"
SYNONYM_WEIGHT = 0.8  # of all terms of a synonym together, beside those of what was said; none counts more than 1
MOST_BYTES = 4_000_000
MOST_CHARACTERS = 60  # of an entry: what is longer is a sentence

_UNSPACED_RUN = re.compile(f"[{UNSPACED}]+")


@dataclass(frozen=True)
class Lexicon:
    """words and groups are folded, as search compares them."""

    words: tuple[str, ...] = ()
    groups: tuple[tuple[str, ...], ...] = ()

    @property
    def fingerprint(self) -> str:
        """Of the words alone: they decide what an index holds. Synonyms are looked up when a question is asked."""
        return hashlib.sha256("\n".join(sorted(self.words)).encode()).hexdigest()[:16] if self.words else ""

    @cached_property
    def cut(self) -> Cut:
        """Cut a run of an unspaced script into words."""
        if not self.words:
            return cut_words
        import rjieba

        jieba = rjieba.Jieba()
        for word in self.words:
            jieba.add_word(word, None, None)
        return lambda run: list(jieba.cut(run))

    def alternatives(self, question: str) -> dict[str, float]:
        """Return the terms of what the question might have said as well, and what each counts."""
        if not self.groups:
            return {}
        asked = _Asked(question, self.cut)
        found: dict[str, float] = {}
        for group in self.groups:
            said = [entry for entry in group if asked.says(entry)]
            for entry in group if said else ():
                if entry not in said:
                    own = max(sum(query_weights(one, self.cut).values()) for one in said)
                    weights = query_weights(entry, self.cut)
                    share = min(1.0, SYNONYM_WEIGHT * own / sum(weights.values()))
                    for term, weight in weights.items():
                        found[term] = max(found.get(term, 0.0), share * weight)
        return found


NO_LEXICON = Lexicon()


def load_lexicon(folder: Path) -> Lexicon:
    """Read a collection's lexicon; an empty one where there is no file. Raises Misconfigured, naming the line."""
    path = folder / NAME
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return NO_LEXICON
    except OSError as error:
        raise Misconfigured(f"{path}: {error.strerror or error}", hint="make it a file that may be read") from error
    if len(data) > MOST_BYTES:
        raise Misconfigured(f"{path}: it has {len(data)} bytes", hint=f"keep it below {MOST_BYTES}")
    words: dict[str, None] = {}
    groups: dict[tuple[str, ...], None] = {}
    for number, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        where = f"{path}:{number}"
        entries = _entries(line, where)
        if len(entries) == 1:
            words[_word(entries[0], where)] = None
        elif entries:
            groups[entries] = None
    return Lexicon(tuple(words), tuple(groups))


def _entries(line: bytes, where: str) -> tuple[str, ...]:
    try:
        text = line.decode().partition("#")[0]
    except UnicodeDecodeError as error:
        raise Misconfigured(f"{where}: this is not UTF-8", hint="save the file as UTF-8") from error
    folded = " ".join(fold(text).split())  # a full-width sign becomes =
    if not folded:
        return ()
    entries = tuple(dict.fromkeys(entry.strip() for entry in folded.split("=")))
    for entry in entries:
        if not search_terms(entry):
            raise Misconfigured(
                f"{where}: {entry!r} has nothing that can be searched for",
                hint="write words on both sides of each =, or put # before what is only for people",
            )
        if len(entry) > MOST_CHARACTERS:
            raise Misconfigured(
                f"{where}: an entry of {len(entry)} characters",
                hint=f"an entry is a word or a short phrase, of {MOST_CHARACTERS} characters at most",
            )
    if "=" in folded and len(entries) == 1:
        raise Misconfigured(f"{where}: both sides of = say {entries[0]!r}", hint="write other words for it, or no =")
    return entries


def _word(entry: str, where: str) -> str:
    if not _UNSPACED_RUN.fullmatch(entry):
        raise Misconfigured(
            f"{where}: {entry!r} is not cut, so it need not be kept whole",
            hint="only a word written without spaces, in Chinese characters say, may stand alone; "
            "to say what it equals, write both on the line with = between them",
        )
    return entry


class _Asked:
    """A question in which entries are looked for: in whatever form spaced words have, and not inside other words."""

    def __init__(self, question: str, cut: Cut) -> None:
        self._folded = fold(question)
        self._terms = _joined_terms(question)
        self._inside: set[int] = set()  # the offsets at which a word is cut in two: 今年假期 does not say 年假
        for run in _UNSPACED_RUN.finditer(self._folded):
            at = run.start()
            for word in cut(run.group()):
                self._inside.update(range(at + 1, at + len(word)))
                at += len(word)

    def says(self, entry: str) -> bool:
        if not _UNSPACED_RUN.search(entry):
            return _joined_terms(entry) in self._terms
        at = self._folded.find(entry)
        while at >= 0:
            if at not in self._inside and at + len(entry) not in self._inside:
                return True
            at = self._folded.find(entry, at + 1)
        return False


def _joined_terms(text: str) -> str:
    return f" {' '.join(search_terms(text))} "
