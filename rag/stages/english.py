"""What an English question leaves unsaid, and what an earlier one gives for it. Pure, by patterns.

A question that could stand alone is taken to: a topic carried into it by mistake would ruin it.
"""

from __future__ import annotations

import re

_WH = "what|which|who|whom|whose|when|where|why|how"
_AUX = (
    "is|are|was|were|be|do|does|did|can|could|should|would|will|shall|may|might|must|has|have|had|"
    "isn't|aren't|wasn't|weren't|don't|doesn't|didn't|can't|won't"
)
_PRONOUNS = "i|you|we|it|they|he|she|them|him|her|its|their|his|me|us|my|our|your|this|that|these|those|there|one"
_SMALL = frozenset(
    f"{_WH}|{_AUX}|{_PRONOUNS}|the|a|an|and|or|but|so|then|also|of|in|on|at|by|for|to|from|with|about|as|into|"
    f"than|if|"
    "not|no|any|some|all|each|every|much|many|more|most|long|far|often|old|other|else|please|tell|only|just|still|"
    "ever|between|behind|against|during|after|before|since|until|under|over|both|such|same|name|give|list|describe|explain|compare|"
    "according|type|kind|sort|does|year|let's|ok|okay|thanks|hello|hi".split("|")
)
_LINK = "of|for|to|with|about|in|on|at|by|from|behind|against|between|than|like"

_QUOTED = re.compile(r"\"[^\"]+\"|“[^”]+”|‘[^’]+’|(?<!\w)'[^']+'(?!\w)|《[^》]+》")
_NAME = re.compile(
    r"(?<![\w'’])(?:[A-Z][\w.&+-]*|\d*[A-Z][\w.+-]*)(?:['’](?!s\b)\w+)?"
    r"(?: (?:(?:of|the|and|de|von|van|for) (?:the )?)?(?:[A-Z][\w&+-]*|\d[\w.-]*(?<!\.)))*"
)
_YEAR = re.compile(r"\b1\d{3}\b|\b20\d\d\b")
_WORD = re.compile(r"[\w][\w'’-]*")

# What stands for something said before. "that" is mostly a conjunction, so only where it can be none.
_GENERIC = (
    "country|city|town|company|organi[sz]ation|person|man|woman|people|year|book|film|movie|model|product|document|"
    "policy|method|project|case|place|area|region|one|ones|time|team|event|war|law|rule|number|amount|name|word|term|"
    "university|school|building|river|island|group|party|language|species|animal|system|program|software|tool|file|"
    "period|plan|contract|fee|price|option|version|device|machine|service|section|chapter|paper|article"
)
_PRONOUN = re.compile(
    r"\b(?:it|its|they|their|them|he|she|his|her|him)\b(?!['’](?:s|re|ll|d))"
    r"|\b(?:this|these|those)\b(?! (?:who|whom|that|which|of|with|in|to))"
    rf"|\bthat (?=(?:{_GENERIC})\b)"
    r"|(?:(?<= is )|(?<= of )|(?<= do )|(?<= to )|(?<= by )|(?<=with )|(?<=from )|(?<=about )|(?<=after )|"
    r"(?<=before ))that(?=\?|$)"
    r"|(?:(?<= does )|(?<= was )|(?<= did ))that(?= \w+\?| \w+$|\?|$)"
    r"|\bthe (?:former|latter)\b"
    r"|(?<!is )(?<!are )(?<!was )(?<!were )\bthere(?=\?|$)",
    re.IGNORECASE,
)
# "it" that stands for nothing.
_EMPTY_IT = re.compile(
    r"\b(?:(?:is|was|it's|isn't|be|becomes?|makes?|considered) )?it (?:is |was )?(?:not |also |so |still |"
    r"sometimes )?"
    r"(?:possible|impossible|important|necessary|safe|legal|illegal|hard|difficult|easy|true|ok|okay|common|"
    r"normal|better|"
    r"best|worth|called|known|determined|said|thought|believed|estimated|dangerous|allowed|required|recommended|"
    r"cheaper|"
    r"bad|good|useful|expensive|clear|likely|unlikely|wrong|right|raining|customary|decided|agreed|announced|found) "
    r"(?:\w+ ){0,3}?(?:to|that|when|if|for|how|whether|who|what)\b"
    r"|\bit (?:take|takes|took|cost|costs|mean|means|feel|happen|make sense|matter) (?:\w+ ){0,7}?(?:to|for|when|"
    r"if|that|whether)\b"
    r"|\bwhat time is it\b|\bis it that\b|\bwhen it comes to\b",
    re.IGNORECASE,
)

_LEAD = r"(?:(?:and|but|or|so|also|then|ok|okay|well|now|right)[,]? )?"
_ABOUT = re.compile(rf"^{_LEAD}(?:what|how) about (?P<new>[^?]{{1,80}})\?*$", re.IGNORECASE)
_PIECE = re.compile(r"^(?:and|but|or|then),? (?P<new>[^?]{1,60})\?*$", re.IGNORECASE)
_PREPOSED = re.compile(
    r"^(?P<new>(?:in|for|since|on|at|by|during|from|with|without|after|before|under) [^?]{1,40})\?+$", re.IGNORECASE
)
_BARE = re.compile(
    rf"^{_LEAD}(?:why|how|when|where|who|which|which ones?|how (?:much|many|long|often|far|old|so|come)|(?:what|"
    rf"who|where|how) else|"
    r"why not|since when|until when|for how long|by whom|for whom|what for|for example|such as|like what|"
    r"any (?:others?|more|examples?)|"
    r"anything else|tell me more|more(?: details?)?|go on|explain(?: more| further)?|(?:and )?then what|"
    r"can you (?:explain|elaborate)|"
    r"(?:give me |any )?(?:an )?examples?|(?:in )?what (?:year|way|sense)|which year|what happened (?:next|then|"
    r"after(?:wards)?))"
    r"(?:[,]? (?:exactly|then|so|not|is that|was that|that|this|please))?[?.!]*$",
    re.IGNORECASE,
)
_ORDINAL = re.compile(
    r"^(?:and |but |what about |how about )?(?:the )?(?:first|second|third|fourth|last|other|next|"
    r"previous)(?: one| two| ones| point| step| item| option)?[?.]*$",
    re.IGNORECASE,
)
_WHICH_MORE = re.compile(
    r"^which (?:one |of (?:them|these|those|the two) )?(?:is|was|are|were|has|does|costs?) (?:the )?"
    r"(?:\w+er|\w+est|better|best|worse|worst|more|most|less|least)\b(?! than)[^?]{0,20}\?*$",
    re.IGNORECASE,
)
_OWNED = re.compile(
    r"^(?:and |but |so )?(?:what|who|where|when|how (?:much|high|large|long|big|old)) (?:is|was|are|were|about) the "
    r"(?:price|cost|author|population|area|capital|size|weight|height|length|age|deadline|fee|limit|reason|cause|"
    r"result|"
    r"outcome|purpose|goal|advantages?|disadvantages?|benefits?|drawbacks?|address|phone number|opening hours|"
    r"founder|ceo|"
    r"director|owner|winner|inventor|name|date|duration|license|licence|default|difference|differences|main idea|"
    r"exception|exceptions|penalty|next step)\?*$",
    re.IGNORECASE,
)


def lacks(question: str) -> bool:
    """Tell whether the question cannot be understood without the one before it."""
    question = question.strip()
    if any(pattern.match(question) for pattern in (_ABOUT, _BARE, _ORDINAL, _WHICH_MORE, _OWNED)):
        return True
    return _fragment(question) is not None or _unresolved(question) is not None


def resolve(question: str, base: str) -> str:
    """Return a question that lacks something with what the earlier one, which stands alone, gives for it."""
    question, base = question.strip(), _bare(base)
    new = _fragment(question)
    if new is not None:
        return _with_new(new, base)
    pronoun = _unresolved(question)
    subject = _subject_for(pronoun.group().casefold(), base) if pronoun else None
    if pronoun is None or subject is None:
        return f"{question} ({topic(base)})"
    return _without_lead(question[: pronoun.start()] + _put(pronoun, subject, question) + question[pronoun.end() :])


def topic(question: str) -> str:
    """Return what a question is about: without the words that ask, in their order; "" where nothing is left."""
    kept = re.sub(
        rf"^(?:(?:and|but|so|or),? )?(?:(?:in|on|at|by|for|to|from|of) )?(?:{_WH})\b", "", _bare(question), flags=re.I
    )
    kept = re.sub(
        rf"^(?: (?:much|many|long|far|often|old|year|kind of|type of))?\s*(?:(?:{_AUX})\b\s*)?", "", kept, flags=re.I
    )
    kept = re.sub(r"\b(?:are|is|was|were) there\b ?", "", kept, flags=re.I)
    kept = re.sub(r"^(?:(?:i|you|we) |please |tell me (?:about )?)+", "", kept.strip(), flags=re.I)
    return kept.strip() if any(not _is_small(word) for word in _WORD.findall(kept)) else ""


def names(question: str) -> list[str]:
    """Return quoted words and capitalised ones that do not merely begin the question, in order."""
    quoted = [match.group().strip("\"“”‘’'《》") for match in _QUOTED.finditer(question)]
    found = []
    for match in _NAME.finditer(_QUOTED.sub(lambda quote: "_" * len(quote.group()), question)):
        words = match.group().split()
        while words and (words[0].casefold() in _SMALL):
            words = words[1:]
        if words and "_" not in words[0] and words != ["I"]:
            found.append(" ".join(words).rstrip(".,"))
    return list(dict.fromkeys(quoted + found))


def _bare(question: str) -> str:
    return question.strip().rstrip("?.!？。 ")


def _is_small(word: str) -> bool:
    return word.casefold() in _SMALL


def _fragment(question: str) -> str | None:
    """Return the new thing of "And in 2023?", "How about Rome?"."""
    about = _ABOUT.match(question)
    if about:
        return (
            None if _BARE.match(question) or _ORDINAL.match(question) or _pronoun_alone(about["new"]) else about["new"]
        )
    piece = _PIECE.match(question) or _PREPOSED.match(question)
    if piece is None or _BARE.match(question) or _ORDINAL.match(question):
        return None
    new = piece["new"]
    words = [word.casefold() for word in _WORD.findall(new)]
    asks = re.search(rf"\b(?:{_WH}|{_AUX})\b", new, re.IGNORECASE)
    return new if len(words) <= 6 and not asks and not _PRONOUN.search(new) else None


def _pronoun_alone(text: str) -> bool:
    return _PRONOUN.search(f"{text}?") is not None


def _with_new(new: str, base: str) -> str:
    """Put a name for a name, a year for a year, or a thing for one that ends alike; else beside what was asked."""
    link = re.match(rf"(?:{_LINK}|during|since) ", new, re.IGNORECASE)
    bare = new[link.end() :] if link else new
    core = re.sub(r"^(?:the|a|an) ", "", bare, flags=re.IGNORECASE)
    years = _YEAR.findall(base)
    if _YEAR.fullmatch(core):
        return f"{base.replace(years[0], core)}?" if len(years) == 1 else f"{base} in {core}?"
    old = names(base)
    if len(old) == 1 and (names(f"x {core}") or not any(character.isupper() for character in base)):
        return f"{base.replace(old[0], core)}?"
    words = core.split()
    alike = (
        re.search(rf"\b(?!(?:of|the|in|for|to|and)\b)(?:[\w-]+ )?{re.escape(words[-1])}\b", base, re.IGNORECASE)
        if words
        else None
    )
    if alike and len(words) > 1 and " " in alike.group() and alike.group().casefold() != core.casefold():
        return f"{base[: alike.start()]}{core}{base[alike.end() :]}?"
    return f"{base}, {new}?"


def _unresolved(question: str) -> re.Match[str] | None:
    """Return the first pronoun for which the question itself names nothing."""
    masked = _QUOTED.sub(lambda quote: f"X{'x' * (len(quote.group()) - 1)}", question)
    for match in _PRONOUN.finditer(masked):
        word = match.group().casefold()
        if word == "it" and any(found.start() <= match.start() < found.end() for found in _EMPTY_IT.finditer(masked)):
            continue
        if not _names_before(masked[: match.start()], word) and not _names_after(masked, match):
            return re.compile(re.escape(match.group())).match(question, match.start())
    return None


def _names_after(question: str, pronoun: re.Match[str]) -> bool:
    """Tell whether the question begins with what is said more fully later: "Besides his books, what did Twain ...?"."""
    words = _WORD.findall(question)
    if words[0].casefold() in ("this", "these", "it", "he", "she", "they", "his", "her", "its", "their"):
        return len(words) > 10 and pronoun.start() == 0 and "," in question
    if re.match(
        rf"(?:and |but )?(?:{_WH}|{_AUX})\b(?! (?:did|do|was|were|is|are|has|had)?.*,)", question, re.IGNORECASE
    ):
        return False
    after = question[pronoun.end() :]
    return "," in after or re.search(rf"\b(?:{_WH}) (?:{_AUX}) (?:the )?[A-Z]", after) is not None


def _names_before(before: str, pronoun: str) -> bool:
    """Tell whether anything before a pronoun may be what it stands for."""
    before = re.sub(rf"^{_LEAD}", "", before, flags=re.IGNORECASE)
    before = re.sub(rf"\b({_WH})['’]s\b", r"\1 is", before, flags=re.IGNORECASE)
    # "the author of it": what governs the pronoun is not what it stands for
    linked = re.compile(rf"(?:\b(?:the|a|an|any) )?(?:[\w-]+ ){{1,3}}(?:{_LINK}) $", re.IGNORECASE)
    governed = re.search(
        rf"(?<!do )(?<!does )(?<!did )(?<!can )\b(?:the|a|an|any) (?:[\w-]+ ){{1,3}}(?:{_LINK}) $", before, re.I
    )
    if governed:
        before = before[: governed.start()]
    words = _WORD.findall(before)
    if not words:
        return False
    first = words[0].casefold()
    if len(words) > 8 or not _is_small(first):
        return True
    if any(word[0].isupper() for word in words[1:] if word != "I"):
        return True
    if re.search(
        r"\b(?:the|a|an|my|our|your|each|every|some|any|no|this|these|those|most|all|one) [\w-]+ ", before, re.I
    ):
        return True
    owned = re.match(
        rf"(?:{_WH}) (?P<noun>[\w-]+) (?:(?!(?:{_AUX})\b)[\w-]+|(?:has|have|had) $)", before, re.IGNORECASE
    )
    if owned and not _is_small(owned["noun"]) and pronoun not in ("it", "them", "him", "there"):
        return first in ("which", "what", "whose", "how") or pronoun in ("his", "her", "their", "he", "she", "they")
    if first in ("who", "whose") and pronoun in ("his", "her", "their", "he", "she", "they", "him"):
        return len(words) > 1 and not _is_small(words[1])
    if (
        first == "how"
        and re.match(r"how many [\w-]+ (?!(?:do|does|did|can|will)\b)", before, re.I)
        and pronoun.startswith("the")
        and pronoun != "these"
    ):
        return True
    subject = re.search(rf"\b(?:{_AUX}) (?P<noun>[\w-]+)", before, re.IGNORECASE)
    if subject and not _is_small(subject["noun"]):
        return True
    governed_noun = re.search(rf"\b(?:{_LINK}) (?P<noun>[A-Za-z][\w-]*)", before, re.IGNORECASE)
    return governed_noun is not None and not _is_small(governed_noun["noun"]) and linked.search(before) is None


def _subject_for(pronoun: str, base: str) -> str | None:
    """Return the one thing of the earlier question that the pronoun may stand for; None where it is not clear."""
    found = names(base)
    whole = re.match(
        r"^(?:who|what|which) (?:is|are|was|were) (?P<thing>(?:the|a|an) [^,?]{2,60})$", base, re.IGNORECASE
    )
    if pronoun in ("he", "she", "his", "her", "him"):
        if re.match(r"who\b", base, re.IGNORECASE):
            return (
                whole["thing"]
                if whole
                else found[0]
                if len(found) == 1 and re.match(r"[Ww]ho (?:is|was) [A-Z]", base)
                else None
            )
        return found[0] if len(found) == 1 else None
    if pronoun.startswith(("this", "these", "those", "that", "the ", "there")):
        return None  # kept, with the topic beside it: "that country (France)"
    if len(found) == 1:
        return found[0]
    if found:
        return None
    defined = re.match(r"^what (?:is|are|was|were) (?P<thing>[^,?]{2,40})$", base, re.IGNORECASE)
    return re.sub(r"^(?:an?|the) ", "", defined["thing"]) if defined else None


def _put(pronoun: re.Match[str], subject: str, question: str) -> str:
    word = pronoun.group().casefold()
    rest = question[pronoun.end() :]
    owns = word in ("its", "their", "his") or (
        word == "her" and re.match(r" (?!(?:in|on|at|to|by|for|and|from|with)\b)\w", rest)
    )
    if owns:
        return f"{subject}'" if subject.endswith("s") and not subject.endswith("ss") else f"{subject}'s"
    return subject


def _without_lead(question: str) -> str:
    bare = re.sub(r"^(?:and|but|or|so|then|also),? ", "", question, flags=re.IGNORECASE)
    return bare[:1].upper() + bare[1:] if bare != question else question
