"""Take an English question that asks for several things apart. Pure, by patterns.

Only where each part is itself a question, or two things are compared: "research and development", "the time and place"
and what is quoted stay whole.
"""

from __future__ import annotations

import re

from rag.stages import english
from rag.stages.quoted import hidden, shown

_AUX = "is|are|was|were|do|does|did|can|could|should|would|will|may|might|must|has|have|had"
_WH = "what|which|who|whom|whose|when|where|why|how"
_BEFORE = "in|on|at|by|for|to|from|with|of|after|before|until|since|under|during|within|through"
_NO_VERB = (
    "the|a|an|i|you|we|he|she|it|they|this|that|these|those|my|our|your|his|her|its|their|of|to|and|or|if|when|where"
)
_TOLD = "i|you|we|he|she|it|they|the|this|that|these|those|my|your|his|her|its|our|their|to"
# The head of a direct question: the verb stands before its subject, or who and which are the subject.
_HEAD = (
    rf"(?:(?:(?:{_BEFORE}) )?(?:what|which|whose|how (?:much|many)) (?:(?!to\b)[\w'-]+ ){{0,5}}?(?:{_AUX})\b"
    rf"|(?:for )?(?:when|where|why|how|whom|(?:{_BEFORE}) (?:what|which|whom))"
    rf"(?: (?:long|often|far|old|big|large|high|tall|well|soon|exactly))? (?:{_AUX})\b"
    rf"|who (?:(?:{_AUX})\b|(?!(?:{_NO_VERB})\b)[a-z]+)"
    rf"|(?:what|which) (?!(?:{_NO_VERB})\b)[a-z]+(?:ed|es|s) "
    r"|(?:what|which) (?:(?!to\b)[\w-]+ ){1,3}?"
    r"(?:[a-z]+ed|wrote|made|won|led|built|gave|took|began|sold|bought|held)\b)"
)
_AND = re.compile(
    rf"(?:\s*[,;]\s*(?:and|or|but)?\s*(?:also )?|\s+(?:and|or|as well as)\s+(?:also )?)(?={_HEAD})",
    re.IGNORECASE,
)
# After a comma and a conjunction an asking word begins a question of its own, unless it tells: "and what it sells".
_ALSO = re.compile(
    rf"\s*[,;]\s*(?:and|but)\s+(?:also )?(?=(?:(?:{_BEFORE}) )?(?!(?:how [\w-]+|{_WH}) (?:{_TOLD})\b)(?:{_WH})\b"
    r"(?:\S* \S+){3})",
    re.IGNORECASE,
)
_ASKING_WORD = re.compile(rf"\b(?:{_WH})\b", re.IGNORECASE)
_ASKS = re.compile(rf"\b(?:{_HEAD})", re.IGNORECASE)
_BEGINS = re.compile(rf"^(?:(?:please|so|and|also|then),? )?(?:{_HEAD}|(?:{_AUX})\b)", re.IGNORECASE)
# What may be meant of the thing that the first part names: "who was the first CEO".
_OF_IT = re.compile(
    r"^(?:who|what|which|where|when|how \w+) (?:is|are|was|were) the (?:(?!of\b)[\w-]+ ?){1,3}\??$",
    re.IGNORECASE,
)
_LINK = re.compile(r"^(?:and )?(?:also|in addition|another question)[:,] ", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[?？])\s+(?=\S)")

_THING = r"(?:(?!\b(?:and|versus|vs|or)\b)[^,;?]){1,60}?"
_RESPECT = "in terms of|with regard to|regarding|when it comes to"
_COMPARED = (
    re.compile(
        r"\b(?:differences?|distinctions?|similarit(?:y|ies)|comparison|trade-?offs?)\b"
        rf"(?: in (?P<in>[\w -]{{2,40}}?))? between (?P<a>{_THING}) and (?P<b>{_THING})"
        rf"(?: (?:{_RESPECT}) (?P<aspect>[^,;?]{{2,60}}))?\?*\.?$",
        re.IGNORECASE,
    ),
    re.compile(
        r"^(?:please )?(?:compare|contrast) (?:the (?P<aspect>[\w -]{2,40}?) (?:of|for|in|between) )?"
        rf"(?P<a>{_THING}) (?:and|with|to|against|vs\.?|versus) (?P<b>{_THING})"
        rf"(?: (?:{_RESPECT}|on|by) (?P<in>[^,;?]{{2,60}}))?[?.]*$",
        re.IGNORECASE,
    ),
    re.compile(
        rf"^(?P<a>{_THING}) (?:vs\.?|versus) (?P<b>{_THING})(?:[:,] (?P<aspect>[^?]{{2,60}}))?\?*$", re.IGNORECASE
    ),
    re.compile(
        rf"^(?:how|in what ways?) (?:do|does|did|is|are|were|was) (?P<a>{_THING}) (?:differ(?:ent)?|compare) "
        rf"(?:from|to|with) (?P<b>{_THING})(?: (?:{_RESPECT}|in|on) (?P<aspect>[^,;?]{{2,60}}))?\?*$",
        re.IGNORECASE,
    ),
    re.compile(
        r"^which (?:one )?(?P<aspect>(?:is|was|are|has|costs?|takes?|uses?) [\w ]{2,40}?)[,:]? "
        r"(?P<a>[^,;?]{1,40}?) or (?P<b>[^,;?]{1,40}?)\?*$",
        re.IGNORECASE,
    ),
)


def split(question: str) -> list[str]:
    """Return the questions that a question asks, each standing alone; itself where it is but one."""
    masked, quotes = hidden(question.strip())
    sentences = _sentences(masked)
    pieces = [piece for sentence in sentences for piece in _clauses(sentence)]
    if len(pieces) < 2:
        return [question]
    pieces, sentences = [shown(piece, quotes) for piece in pieces], [shown(each, quotes) for each in sentences]
    said = [pieces[0]]
    for piece in pieces[1:]:
        said.append(_standing(piece, said[0], is_new=piece in sentences))
    return [_asked(piece) for piece in said]


def sides(question: str) -> list[str]:
    """Return what to look for on each side of a comparison; nothing where there is none."""
    masked, quotes = hidden(question.strip())
    for pattern in _COMPARED:
        match = pattern.search(masked)
        if match:
            groups = match.groupdict()
            aspect = (groups.get("aspect") or groups.get("in") or "").strip()
            things = [re.sub(r"^(?:the|a|an) ", "", groups[name].strip(), flags=re.IGNORECASE) for name in "ab"]
            things = _shared(things)
            if all(things) and things[0].casefold() != things[1].casefold():
                return [shown(f"{thing} {aspect}".strip(), quotes) for thing in things]
    return []


def _standing(piece: str, first: str, *, is_new: bool) -> str:
    """Return a later part with what it leaves unsaid; in one sentence it speaks of what the first part does."""
    if english.lacks(piece):
        return english.resolve(piece, first)
    named, own = (_true_names(text) for text in (first, f"x {piece}"))
    if is_new or own or len(named) != 1 or _OF_IT.match(piece.strip()) is None:
        return piece
    return f"{piece.strip().rstrip('?. ')} ({named[0]})"


def _true_names(text: str) -> list[str]:
    """Return the names but those of an office or a letter: CEO, A."""
    return [name for name in english.names(text) if not (name.isupper() and len(name) < 4)]


def _sentences(question: str) -> list[str]:
    """Return the sentences that ask; one that only tells stays with the one after it."""
    held = ""
    sentences: list[str] = []
    for sentence in _SENTENCE.split(question):
        held = f"{held} {sentence}".strip()
        last = re.split(r"(?<=[.!。]) ", held)[-1]
        marked = sentence.endswith(("?", "？")) and _asks_somewhere(last)
        if marked or _BEGINS.search(last) or (sentences and len(sentence.split()) > 1):
            sentences.append(held)
            held = ""
    if held and sentences:
        sentences[-1] = f"{sentences[-1]} {held}"
    return sentences or [question]


def _clauses(sentence: str) -> list[str]:
    """Return the questions that "and" or a comma joins, if the first of them is a question of its own."""
    pieces: list[str] = []
    start = 0
    cuts = sorted([*_AND.finditer(sentence), *_ALSO.finditer(sentence)], key=lambda cut: cut.start())
    for cut in cuts:
        before = sentence[start : cut.start()]
        if _is_question(before, first=not pieces) or (cut.re is _ALSO and _asks_somewhere(before)):
            pieces.append(before)
            start = cut.end()
    return [*pieces, sentence[start:]]


def _is_question(clause: str, *, first: bool) -> bool:
    """Tell whether it asks and says of what: "when" of "when and where was he born" does not."""
    clause = re.split(r"(?<=[.!。]) ", clause.strip())[-1]
    head = _BEGINS.match(clause) if first else _ASKS.search(clause)
    if head is None and first:
        comma = clause.rfind(", ")  # "In 1990, who won"
        head = _BEGINS.match(clause[comma + 2 :]) if comma >= 0 else None
    return head is not None and len(clause.split()) >= 3 and english.topic(clause) != ""


def _asks_somewhere(clause: str) -> bool:
    """Tell whether a word in it asks, wherever it stands: "it was written against what"."""
    return len(clause.split()) >= 3 and _ASKING_WORD.search(clause) is not None and english.topic(clause) != ""


def _asked(piece: str) -> str:
    bare = _LINK.sub("", piece.strip()).rstrip("?.,; ")
    return f"{bare[:1].upper()}{bare[1:]}{'' if bare.endswith(')') else '?'}"


def _shared(things: list[str]) -> list[str]:
    """Give the first side the noun that only the second one names: "hard and soft prompts"."""
    a, b = things[0].split(), things[1].split()
    if len(a) == 1 and len(b) == 2 and a[0].islower() and b[0].islower():
        return [f"{a[0]} {b[1]}", things[1]]
    return things
