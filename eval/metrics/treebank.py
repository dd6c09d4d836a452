"""Cut a run of Latin words as the Penn Treebank does, by NLTK's rules: what CMRC 2018's script counts.

Made for text as that script hands it over: in lower case, and without - : _ * ^ / \\ ~ ` + = and Chinese punctuation.
NLTK first cuts a run into sentences by what a model, Punkt, has learnt of English: a full stop ends one, but behind a
number, a single letter, or one of the abbreviations that it has learnt. What it knows of pairs of words is left out.
"""

from __future__ import annotations

import re

ABBREVIATIONS = frozenset(
    "a.a a.c a.d a.g a.h a.m a.m.e a.s a.t adm ala ariz aug ave b.f b.v bros c.i.t c.o.m.b c.v calif chg cie co "
    "col colo conn corp cos ct d.c d.h d.w dec dr e.f e.h e.l e.m f.g f.j feb fla fri ft g.d g.f g.k ga gen h.c "
    "h.f h.m i.m.s ill inc j.b j.c j.j j.k j.p j.r jan jr kan ky l.a l.f l.p lt ltd m.b.a m.d.c m.j maj messrs mg "
    "mich minn mr mrs ms n.c n.d n.h n.j n.m n.v n.y nev nov oct ok okla ore p.a.m p.m pa ph.d prof r.a r.h r.i "
    "r.j r.k r.t rep reps s.a s.a.y s.c s.g s.p.a s.s sen sep sept sr st sw t.j tenn tues u.k u.n u.s u.s.a "
    "u.s.s.r va vs vt w.c w.r w.va w.w wash wed wis yr".split()
)
_STOP = re.compile(r"(\S*?)([.?!])[)\]}\"'»”’]*+(?=\s+\S|\[)")
_NO_WORD = re.compile(r"[^\w.,\u2012-\u2015]")
_NUMBER = re.compile(r"[\d.,]*\d")
_JOINED = (
    ("can", "not"), ("d", "'ye"), ("gim", "me"), ("gon", "na"), ("got", "ta"), ("lem", "me"), ("more", "'n"),
)  # fmt: skip
# In this order, each over the whole text.
_RULES = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        # quotation marks that open
        (r"([«“‘„])", r" \1 "),
        (r'^"', " `` "),
        (r"([ (\[{<])(\"|'')", r"\1 `` "),
        (r"(?<!\w)'(?!(?:re|ve|ll|m|t|s|d|n)\b)(?=\w)", "' "),
        # the full stop at the end, and no other; then all that is a word of its own, but for 1,000
        (r"([^.])\.([\])}>\"'»”’ ]*+)\s*$", r"\1 . \2 "),
        (r",([^\d])", r" , \1"),
        (r",$", " , "),
        (r"\.{2,}|[;@#$%&?!\u2012-\u2015]", r" \g<0> "),
        (r"(?<!')' ", " ' "),
        (r"[\]\[(){}<>]", r" \g<0> "),
        (r"^|$", " "),
        # quotation marks that close, and what is joined to a word
        (r"[»”’]", r" \g<0> "),
        (r"''|\"", " '' "),
        (r"\s+", " "),
        (r"(?<=[^' ])('[smd]?) ", r" \1 "),
        (r"(?<=[^' ])('ll|'re|'ve|n't) ", r" \1 "),
        *((rf"\b({first})({second})\b", r" \1 \2 ") for first, second in _JOINED),
        (r"\b(wan)(na)(?=\s)", r" \1 \2 "),
        (r" ('t)(is)\b", r" \1 \2 "),
        (r" ('t)(was)\b", r" \1 \2 "),
    )
)


def sentences(run: str) -> list[str]:
    """Return the sentences of a run."""
    found, begin = [], 0
    for match in _STOP.finditer(run):
        word = _NO_WORD.split(match[1])[-1]
        if match[2] != "." or not (word in ABBREVIATIONS or len(word) == 1 or _NUMBER.fullmatch(word)):
            found.append(run[begin : match.end()].strip())
            begin = match.end()
    return [*found, run[begin:].strip()]


def words(sentence: str) -> list[str]:
    """Return the words and signs of a sentence, in order."""
    for pattern, replacement in _RULES:
        sentence = pattern.sub(replacement, sentence)
    return sentence.split()
