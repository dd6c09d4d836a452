"""Text of others as it may stand in a prompt: it is quoted, and passes for nothing that a chat is made of.

A sign that would give a token its meaning becomes one that looks much like it, so that what is said stays readable.
Full-width and other look-alikes count as what they look like. Knows nothing of prompts or models.
"""

from __future__ import annotations

import re
import unicodedata

from rag.cite import guard_marks

QUOTE = "> "  # before every line of a document: none of them begins a line of the prompt
FENCES = "passages?|earlier"

# Nobody sees them: they could stand inside a token, or carry a text of their own. Not the joiners that scripts need.
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0e-\x1b\x1f\x7f\u00ad\u034f\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    r"\U000e0000-\U000e0fff]"
)
_LINE_END = re.compile(r"\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")  # as str.splitlines has them
_GAP = r"[\s\u200c\u200d\ufe00-\ufe0f]{0,4}"
_NAMES = (
    r"s|bos|eos|unk|pad|mask|sep|cls|sop|eop|eod|eot|\w{1,20}_of_\w{1,20}|\w{0,12}_?(?:start|end)_?\w{0,12}_?header\w*|"
    r"im_(?:start|end|sep)|think\w*|tools?|tool_\w{1,20}|function\w*|system|user|assistant|human|bot|developer|"
    r"instructions?|(?:reserved|unused|extra)_?(?:\w{1,20}_?)?\d+"
)
_SQUARE_NAMES = r"inst|system_prompt|available_tools|tool_\w{1,20}|g?mask|cls|sep|unk|pad|bos|eos|img\w*|sop|eop"
_ROLES = r"system|user|assistant|human|developer|系统|用户|助手|助理|人类"
# Each with the signs that are changed, of a text as it is seen.
_TOKENS = (
    (re.compile(rf"<{_GAP}\|[^<>|\n]{{0,60}}\|{_GAP}>"), "<>"),  # <|im_start|>
    (re.compile(rf"<{_GAP}(?:/{_GAP})?(?:{_NAMES}){_GAP}(?:/{_GAP})?>"), "<>"),  # </s>, <start_of_turn>
    (re.compile(rf"<{_GAP}(?:/{_GAP})?(?:{FENCES})"), "<"),
    (re.compile(rf"<{_GAP}<{_GAP}(?:/{_GAP})?sys{_GAP}>{_GAP}>"), "<>"),  # <<SYS>>
    (re.compile(rf"\[{_GAP}(?:/{_GAP})?(?:{_SQUARE_NAMES}){_GAP}\]"), "[]"),  # [/INST]
    (re.compile(rf"^[^\w\n\[]{{0,8}}\[{_GAP}\d{{1,3}}{_GAP}\]", re.MULTILINE), "[]"),  # the head of a passage
    (re.compile(rf"^[^\w\n]{{0,12}}(?:{_ROLES})\b[^:\n]{{0,16}}:", re.MULTILINE), ":"),  # System:, **User prompt**:
    (re.compile(r"^[^\w\n]{0,8}#[^\w\n]{0,8}(?:instruction|response|input)\b[^:\n]{0,16}:", re.MULTILINE), ":"),
)
# None of them is made what it was by Unicode's normal forms.
_INSTEAD = {"<": "‹", ">": "›", "[": "(", "]": ")", ":": "∶"}


class _Seen(dict[int, str]):
    """Each character as a careless reader sees it: one for one, so that offsets hold."""

    def __missing__(self, point: int) -> str:
        folded = unicodedata.normalize("NFKC", chr(point)).casefold()
        self[point] = folded if len(folded) == 1 else chr(point)
        return self[point]


_SEEN = _Seen()
_SEEN.update(zip(map(ord, "¦│∣ǀ〈⟨❮〉⟩❯【〔〖】〕〗"), "||||<<<>>>[[[]]]", strict=True))


def defused(text: str) -> str:
    """Return the text without what a chat template, a fence, a passage's head or a mark would be known by."""
    text = _INVISIBLE.sub("", _LINE_END.sub("\n", text))
    seen = text.translate(_SEEN)
    shown = list(text)
    for pattern, signs in _TOKENS:
        for match in pattern.finditer(seen):
            for place in range(match.start(), match.end()):
                if seen[place] in signs:
                    shown[place] = _INSTEAD[seen[place]]
    return guard_marks("".join(shown))


def on_one_line(text: str) -> str:
    return " ".join(defused(" ".join(text.split())).split())


def quoted(text: str) -> str:
    """Return the text, defused, with every line behind a sign of quotation."""
    return "\n".join(f"{QUOTE}{line}".rstrip() for line in defused(text).split("\n"))
