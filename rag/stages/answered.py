"""Whom the answer before a question names: "Who founded it?" "Ada Kern did." "When was she born?" Pure, by rules.

Only where a person was asked for, and the answer's first sentence names one whom the question does not.
"""

from __future__ import annotations

import re

from rag.stages import chinese, english
from rag.text import fold, has_han, search_terms, sentence_spans, telling_terms

LONGEST_NAME = 4  # of a Chinese person; what is longer was cut wrong

_ASKS_WHO = re.compile(
    r"^(?:(?:and|but|so|or),? )?(?:(?:by|of|for|from|with) )?(?:who|whose|whom)\b|谁|哪(?:一?位|个人)|何人", re.I
)
_HE_OR_SHE = re.compile(r"\b(?:he|she|him|his|her)\b|[他她](?!们)", re.IGNORECASE)
_PLACED = re.compile(r"\b(?:in|at|from|near|on|since|until) (?:the )?$", re.IGNORECASE)
_CLAUSE_END = re.compile(r"[，；,;]")
_DID_IT = re.compile(r"\bby $", re.IGNORECASE)


def person_named(question: str, before: str, answer: str) -> str | None:
    """Return who is meant by the question's he or she; None where that is not clear.

    before: the question that the answer was given to.
    """
    if not answer or not _HE_OR_SHE.search(question) or not _ASKS_WHO.search(fold(before)):
        return None
    spans = sentence_spans(answer)
    first = spans[0].of(answer) if spans else ""
    people = _chinese(first, before) if has_han(first) else _english(first)
    asked = chinese.names(before) if has_han(before) else english.names(before)
    unasked = [name for name in people if fold(name) not in fold(before) and not any(other in name for other in asked)]
    return unasked[0] if len(unasked) == 1 else None


def _chinese(sentence: str, before: str) -> list[str]:
    """Return the people of the clause that says most of what was asked: others of the sentence did something else."""
    asked = set(telling_terms(before))
    clauses = [clause for clause in _CLAUSE_END.split(sentence) if clause]
    told = max(clauses, key=lambda clause: len(asked & set(search_terms(clause))), default="")
    return [name for name in chinese.people(told) if 2 <= len(name) <= LONGEST_NAME or "·" in name]


def _english(sentence: str) -> list[str]:
    """Return who did it, where that is said; else the names that say no place; of several those of more than a word."""
    found = [person for name in english.names(sentence) for person in name.split(" and ")]
    before = {name: sentence[: sentence.index(name)] for name in found if name in sentence}
    doers = [name for name, text in before.items() if _DID_IT.search(text)]
    people = doers or [name for name, text in before.items() if not _PLACED.search(text)]
    return people if len(people) == 1 else [name for name in people if " " in name]
