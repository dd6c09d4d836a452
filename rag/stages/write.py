"""Ask a language model for a line or a few, and believe only what looks like an answer. Knows nothing of plans."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.errors import FootnoteError
from rag.ports import Message, Writer
from rag.text import fold, language_of

MAX_CHARACTERS = 1000
_THOUGHT = re.compile(r"<think>.*?</think>", re.DOTALL | re.IGNORECASE)
_LABEL = re.compile(
    r"^(?:(?:rewritten |standalone )?question|translation|answer|passage|问题|改写后的问题|译文|翻译|答案|"
    r"段落)\s*[:：]\s*",
    re.I,
)
_BULLET = re.compile(r"^\s*(?:[-*•·]|\(?\d{1,2}[.)、）:：])\s*")
_REFUSES = re.compile(
    r"^(?:i['’]?m (?:sorry|unable|not able)|sorry|i (?:can(?:no|['’])t|do not|don['’]t|am unable|apologi[sz]e)|"
    r"as an ai|"
    r"unfortunately|抱歉|对不起|很遗憾|我(?:无法|不能|不知道|不会|没有办法)|作为(?:一个|一名)?(?:AI|人工智能|"
    r"语言模型))",
    re.IGNORECASE,
)


def written(
    writer: Writer, messages: Sequence[Message], *, like: str, max_tokens: int, language: str | None = None
) -> tuple[str, str]:
    """Return one text of the model and "", or "" and why what came cannot be used.

    like: the question; an echo of it is of no use. language: that the text must be in; None: that of the question.
    """
    lines, note = lines_written(writer, messages, like=like, max_tokens=max_tokens, language=language)
    return " ".join(lines), note


def lines_written(
    writer: Writer, messages: Sequence[Message], *, like: str, max_tokens: int, language: str | None = None
) -> tuple[list[str], str]:
    """Return the model's lines, each once, without numbers and labels, and "", or none and why."""
    try:
        reply = writer.complete(messages, max_tokens=max_tokens)
    except (FootnoteError, OSError, ValueError, RuntimeError) as error:
        return [], f"the model failed: {type(error).__name__}: {error}"[:200]
    lines = [_unwrapped(line) for line in _THOUGHT.sub("", reply).split("\n")]
    lines = list(dict.fromkeys(line for line in lines if line))
    whole = " ".join(lines)
    if not whole:
        return [], "the model said nothing"
    if len(whole) > MAX_CHARACTERS:
        return [], f"the model said too much: {len(whole)} characters"
    if _REFUSES.match(whole):
        return [], "the model refused"
    wanted = language or language_of(like)
    lines = [line for line in lines if _key(line) != _key(like)]
    if not lines:
        return [], "the model repeated the question"
    spoken = [line for line in lines if language_of(line) in (wanted, "und")]
    return (spoken, "") if spoken else ([], f"the model answered in another language than {wanted}")


def _unwrapped(line: str) -> str:
    printable = "".join(character if character.isprintable() else " " for character in line)
    bare = _LABEL.sub("", _BULLET.sub("", printable.strip().strip("`*").strip()))
    return bare.strip().strip('"“”「」').strip()


def _key(text: str) -> str:
    return "".join(character for character in fold(text) if character.isalnum())
