"""Cut a run of Latin words as the Penn Treebank does, by NLTK's rules: what CMRC 2018's script counts.

Made for text as that script hands it over: in lower case, and without - : _ * ^ / \\ ~ ` + = and Chinese punctuation.
A run is taken for one sentence. NLTK first cuts it at full stops that a learnt model takes for ends, which differs
where one stands inside a run, as in "var. megacephala".
"""

from __future__ import annotations

import re

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


def words(run: str) -> list[str]:
    """Return the words and signs of a run, in order."""
    for pattern, replacement in _RULES:
        run = pattern.sub(replacement, run)
    return run.split()
