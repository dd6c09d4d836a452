"""The question in other words that ask the same: politely, with other question words, in another order. Pure, by rules.

A language model rewords any question, where there is one; see eval/robustness/written.py.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from eval.questions import Dataset, Question
from eval.robustness.perturbation import Perturbation, Perturbed, reworded
from eval.robustness.slips import traditional
from rag.text import has_han

Rule = tuple[re.Pattern[str], str]

_FIRST_WORD = re.compile(r"^(?:What|Which|Who|When|Where|Why|How|The|An?|In|On|At|By|From|For|To)\b")
_POLITE = (
    "Could you please tell me: {} Thank you!",
    "Hello, I have a question. {}",
    "Please help me with this: {}",
    "I would like to know: {}",
    "{} Thanks in advance.",
)
_POLITE_CHINESE = ("请问，{}", "请问{}谢谢！", "你好，能告诉我{}", "麻烦问一下，{}", "我想知道{}")
# Small talk of another kind, written after rag/courtesy.py and never tried against it while that was written.
_CHATTY = (
    "Would you mind telling me this one: {}",
    "Any idea? {} Best wishes, Anna",
    "My colleague and I were talking over lunch. {}",
    "{} I'd be grateful for an answer.",
    "One more thing before I go home: {}",
)
_CHATTY_CHINESE = ("劳驾，{}", "{}在线等，挺急的。", "想请教各位：{}", "刚才和同事聊天聊到这个，{}", "{}小白求解答。")


def _rules(*pairs: tuple[str, str]) -> Sequence[Rule]:
    return [(re.compile(old, re.IGNORECASE), new) for old, new in pairs]


def _in_both_scripts(*pairs: tuple[str, str]) -> Sequence[Rule]:
    return [(re.compile(turned(old)), turned(new)) for turned in (str, traditional) for old, new in pairs]


# Each may stand for the other without a change of what is asked. The first that changes the question is taken.
_WORDS = _rules(
    (r"^what is the name of\b", "what is the name given to"),
    (r"^how many\b", "what number of"),
    (r"^(?:in )?(?:what|which) year\b", "when"),
    (r"^when\b", "at what time"),
    (r"^where\b", "in which place"),
    (r"^why\b", "for what reason"),
    (r"^who\b", "which person"),
    (r"\b(?:what|which) (?:kind|sort) of\b", "which type of"),
    (r"\b(?:what|which) type of\b", "what kind of"),
    (r"\bwhat is\b", "what's"),
    (r"\bwhat's\b", "what is"),
    (r"\bwho is\b", "who's"),
    (r"\bdid not\b", "didn't"),
    (r"\bdoes not\b", "doesn't"),
    (r"\bwas not\b", "wasn't"),
    (r"\bhow did\b", "in what way did"),
    (r"\bhow (?:does|do)\b", "in what way do"),
    (r"^what (?=[a-z]+\b)", "which "),
    (r"^which\b", "what"),
)
_WORDS_CHINESE = _in_both_scripts(
    ("哪一年|哪年", "什么时候"),
    ("什么时候|什么时间", "何时"),
    ("何时", "什么时候"),
    ("(?:是|叫)什么(?=[？?]|$)", "指的是什么"),
    ("什么是", "何为"),
    ("为什么|为何", "因为什么"),
    ("多少(?!年)", "几多"),
    ("(?:什么|哪个)地方|何处", "哪里"),
    ("哪里|哪儿", "什么地方"),
    ("谁", "哪个人"),
    ("如何|怎样", "怎么"),
    ("怎么", "如何"),
    ("哪些", "什么"),
    ("哪一个|哪个", "什么"),
    ("哪一种|哪种", "什么"),
    ("哪位", "谁"),
    ("什么(?!时)", "哪种"),
)
_MOVED = _rules(
    (r"^(what) (is|was|are|were) the ((?:[\w-]+ ){0,3}[\w-]+) of ((?:the )?(?:[\w-]+ ?){1,3})\?$", r"\4's \3 \2 \1?"),
    (r"^(what|who|where) (is|was|are|were) (the|an?) ([^,?]+)\?$", r"\3 \4 \2 \1?"),
    (r"^(in|on|at|by|from|for|to) (what|which) ([\w-]+) (did|was|is|were|does|do|are|has|had) ([^?]+)\?$",
     r"\2 \3 \4 \5 \1?"),
    (r"^([^,?]+), ((?:what|who|which|when|where|how)\b[^,?]+)\?$", r"\2, \1?"),
    (r"^((?:what|who|which|when|where|how)\b[^,?]+) ((?:in|during|after|before|since|by) \d{4})\?$", r"\2, \1?"),
)  # fmt: skip
_MOVED_CHINESE = _in_both_scripts(
    ("^([^，？?]{2,})(?:是|叫)什么[？?]?$", r"什么是\1？"),
    ("^什么是([^，？?]{2,}?)[？?]?$", r"\1是什么？"),
    ("^([^，？?]{2,})是谁[？?]?$", r"谁是\1？"),
    ("^谁是([^，？?]{2,}?)[？?]?$", r"\1是谁？"),
    ("^谁([^，？?是]{2,}?)[？?]?$", r"\1的是谁？"),
    ("^([^，？?]{2,}?)(?:是?在|是|于)?(哪一年|哪年|什么时候|何时|什么时间)([^，？?]{2,}?)的?[？?]?$", r"\2\1\3？"),
    ("^(?:在)?(哪一年|哪年|什么时候|何时|什么时间)，?([^，？?]{4,}?)[？?]?$", r"\2，是在\1？"),
    ("^([^，？?]{2,}?)有(多少[^，？?]*|哪些[^，？?]*)[？?]?$", r"有\2\1？"),
    ("^([^？?，]{4,})，([^？?，]*(?:什么|谁|哪|多少|何|几|怎)[^？?，]*)[？?]?$", r"\2，\1？"),
)


def perturbations() -> Iterator[Perturbation]:
    for name, does, rewrite in (
        ("polite", "The question is asked politely", polite),
        ("chatty", "The question stands among small talk", chatty),
        ("words", "The question has other question words", with_other_words),
        ("moved", "The question has its parts in another order", with_parts_moved),
    ):
        yield Perturbation(
            f"paraphrase-{name}", "paraphrase", does, "the same answer", change=partial(_each, rewrite=rewrite)
        )


def _each(dataset: Dataset, seed: int, *, rewrite: Callable[[str, random.Random], str]) -> Perturbed:
    def of(question: Question) -> str:
        return rewrite(question.text, random.Random(f"{seed} {question.id}"))

    return reworded(dataset, of)


def polite(question: str, chance: random.Random) -> str:
    return _among(question, chance.choice(_POLITE_CHINESE if has_han(question) else _POLITE))


def chatty(question: str, chance: random.Random) -> str:
    return _among(question, chance.choice(_CHATTY_CHINESE if has_han(question) else _CHATTY))


def _among(question: str, form: str) -> str:
    """Put the question into the form, in the script of the question, with a question mark."""
    if not question.endswith(("?", "？")):
        question += "？" if has_han(question) else "?"
    return (traditional(form) if has_han(question) and traditional(question) == question else form).format(question)


def with_other_words(question: str, _chance: random.Random) -> str:
    return _first_changed(question, _WORDS_CHINESE if has_han(question) else _WORDS)


def with_parts_moved(question: str, _chance: random.Random) -> str:
    return _first_changed(" ".join(question.split()), _MOVED_CHINESE if has_han(question) else _MOVED)


def _first_changed(question: str, rules: Sequence[Rule]) -> str:
    """Return the question by the first rule that changes it, as a sentence; itself where none does."""
    begun = _FIRST_WORD.sub(lambda match: match.group().lower(), question)  # where it comes to stand inside
    for pattern, new in rules:
        changed = pattern.sub(new, begun, count=1)
        if changed != begun:
            return changed[0].upper() + changed[1:]
    return question
