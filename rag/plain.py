"""Make what a language model writes plain text: nothing in it is drawn, run, fetched or followed.

No images, no HTML, no thoughts, no tokens of a chat template, nothing invisible, and no address that does not stand
in the sources. Pure over text: knows nothing of models. Marks such as [2] and 【2】 pass untouched, and so does what
only looks like a tag: `a < b`, `List<int>`.

It is meant for the text of models alone. What is quoted from a document stays exact; whoever shows it escapes it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property

from rag.addresses import RUN, RUN_CHARACTER, addresses_in_run, standing_in
from rag.visible import Visible

REMOVED = "‹…›"  # where an address stood; it has no words, and ends no sentence

# A link or image, and its beginnings; what is longer is none, so that no character is looked at often.
_LABEL = r"[^\[\]\n]{0,300}"
_LINK = re.compile(
    rf"!?\[(?P<label>{_LABEL})\]\(\s{{0,4}}"
    r"(?P<to><[^<>\n]{0,2048}>|[^\s()<>]{0,2048}(?:\([^\s()]{0,200}\)[^\s()<>]{0,2048})?)"
    r"(?:\s{1,4}(?:\"[^\"]{0,300}\"|'[^']{0,300}'|\([^()]{0,300}\)))?\s{0,4}\)"
)
_UNFINISHED_LINK = re.compile(
    rf"!?\[{_LABEL}(?:\](?:\(\s{{0,4}}"
    r"(?:<[^<>\n]{0,2048}>?|[^\s()<>]{0,2048}(?:\([^\s()]{0,200}(?:\)[^\s()<>]{0,2048})?)?)"
    r"(?:\s{1,4}(?:\"[^\"]{0,300}\"?|'[^']{0,300}'?|\([^()]{0,300}\)?)?\s{0,4})?)?)?\Z"
)
_REFERRED = re.compile(rf"!\[(?P<label>{_LABEL})\](?:\[{_LABEL}\])?")  # ![so][there], ![so]
_UNFINISHED_REFERENCE = re.compile(rf"!\[{_LABEL}(?:\](?:\[{_LABEL}\]?)?)?\Z")
_MARK = re.compile(r"\[[\d ,，、;；]{1,60}\]")
_LEADS_SOMEWHERE = re.compile(r"[/\\:.#?%&]|\A\Z")  # and not f[i](x)
_DEFINITION = re.compile(r"[ \t>*+-]*\[[^\[\]\n]*\]\Z")  # [name]: address, where a line begins

_HARMLESS = (
    "a|abbr|address|article|aside|b|big|blockquote|body|br|center|cite|code|col|dd|del|details|div|dl|dt|em|figure|font|"
    "footer|form|h[1-6]|head|header|hr|html|i|ins|kbd|label|li|main|mark|nav|nobr|ol|p|passages|pre|q|s|samp|section|"
    "small|span|strike|strong|sub|summary|sup|table|tbody|td|tfoot|th|thead|tr|tt|u|ul|var|wbr"
)
_ACTIVE = (
    "applet|area|audio|base|bgsound|button|canvas|embed|frame|frameset|iframe|image|img|input|isindex|link|marquee|math|"
    "meta|noscript|object|option|param|picture|plaintext|portal|script|select|slot|source|style|svg|template|textarea|"
    "title|track|video|xmp"
)
_THOUGHTS = "think|thinking|thought|thoughts|reasoning|reflection|scratchpad|analysis|antthinking|seed:think"
_KNOWN_NAME = re.compile(rf"(?:{_HARMLESS}|{_THOUGHTS})\Z", re.IGNORECASE)
_ACTIVE_NAME = re.compile(rf"(?:{_ACTIVE})\Z", re.IGNORECASE)
# An element of any name runs and fetches by these.
_RISKY_ATTRIBUTE = re.compile(
    r"(?:\A|[\s/\"'])(?:on\w+|style|src\w*|href|xlink:href|data|action|formaction|background|poster|ping)\s*=", re.I
)
_TAG = re.compile(r"</?(?P<name>[A-Za-z][^\s/<>]{0,40})(?P<rest>[\s/][^<>]{0,2000})?(?P<end>[<>])?")
_DECLARATION = re.compile(r"<[!?][A-Za-z\[-]")
_AUTOLINK = re.compile(r"<(?P<to>[A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]{0,2048}|[^\s<>@]{1,64}@[^\s<>@]{1,253})>")
_TOKEN = re.compile(
    r"<\|channel\|>final(?:<\|message\|>)?|<\|[^|<>\s]{1,40}\|>|<｜[^｜<>\s]{1,40}｜>|<</?SYS>>|◁/?think▷|\[/?INST\]"
    r"|\[/?THINK\]|\[[gs]MASK\]|</?(?:bos|eos|pad|unk|sop|eop|start_of_turn|end_of_turn|end_of_utterance)>"
)
# What may still become a tag, a token or a thought.
_UNFINISHED_ANGLE = re.compile(
    r"(?:<<?[!-;=?-~｜▁]{0,2048}|<</?[SY]{0,3}>|<\|channel\|>[a-z]{0,10}|<\|channel\|>final<[a-z|]{0,9}|◁/?\w{0,5})\Z"
)
_THOUGHT = re.compile(
    rf"<(?P<name>{_THOUGHTS})(?:\s[^<>]{{0,80}})?>|\[THINK\]|◁think▷|<\|begin_of_thought\|>|<\|START_THINKING\|>"
    r"|<\|channel\|>(?:analysis|commentary)",
    re.IGNORECASE,
)
_THOUGHT_ENDS = {
    "[think]": re.compile(r"\[/THINK\]"),
    "◁think▷": re.compile("◁/think▷"),
    "<|begin_of_thought|>": re.compile(r"<\|end_of_thought\|>"),
    "<|start_thinking|>": re.compile(r"<\|END_THINKING\|>"),
    "<|channel|>analysis": re.compile(r"<\|channel\|>final<\|message\|>|<\|return\|>"),
    "<|channel|>commentary": re.compile(r"<\|channel\|>final<\|message\|>|<\|return\|>"),
}
_LONGEST_END = 40
_TAG_ENDS = re.compile(">")
_COMMENT_ENDS = re.compile("-->")
_OPEN_ANGLE = re.compile(r"<[^<>\s]*\Z")
_BETWEEN = re.compile(rf"(?:(?!{RUN_CHARACTER})[^<\[!◁])+")
LINE_CHARACTERS = 4000  # of the last line that are remembered


class Plain:
    """Feed it a stream piece by piece, cut anywhere: what it gives, joined, is the same."""

    def __init__(self, sources: Sequence[str]) -> None:
        """sources: the texts whose addresses may be shown, each exactly as it stands there."""
        self._sources = sources
        self._visible = Visible()
        self._held = ""  # not decided yet
        self._looked = 0  # how much of what is held need not be looked at again
        self._dropping: re.Pattern[str] | None = None  # the end of what is being dropped
        self._line = ""  # the last line, as it has been shown
        self._joins = False  # something was left out since, so two things come together that stood apart
        self._begun = False  # something has been shown, which begins with no white space
        self._thinks = True  # until a thought in the middle of an answer had no end: then there are none

    def feed(self, piece: str) -> str:
        return self._take(self._visible.feed(piece), last=False)

    def close(self) -> str:
        """Give what was held back: nothing more will come that could change what it is."""
        return self._take(self._visible.close(), last=True)

    @cached_property
    def _allowed(self) -> frozenset[str]:
        return standing_in(self._sources)

    def _take(self, text: str, *, last: bool) -> str:
        self._held += text
        shown: list[str] = []
        done = 0
        while done < len(self._held):
            if self._dropping:
                end = self._dropping.search(self._held, done)
                if end is None:
                    done = max(done, len(self._held) - _LONGEST_END)
                    break
                self._dropping = None
                done = end.end()
                continue
            decided = self._step(done, shown, last=last)
            if decided is None:
                break
            done, self._looked = decided, 0
        self._held = self._held[done:]
        return "".join(shown)

    def _step(self, at: int, shown: list[str], *, last: bool) -> int | None:
        """Decide what begins here; return where the next thing does, or None where more text may change it."""
        first = self._held[at]
        if first in "<◁":
            return self._angle(at, shown, last=last)
        if first in "[!":
            return self._bracket(at, shown, last=last)
        if between := _BETWEEN.match(self._held, at):
            return self._show(between.group(), between.end(), shown)
        run = RUN.match(self._held, at + self._looked)
        end = run.end() if run else at + self._looked
        if end == len(self._held) and not last:
            self._looked = end - at
            return None
        return self._show(self._without_addresses(self._held[at:end]), end, shown)

    def _angle(self, at: int, shown: list[str], *, last: bool) -> int | None:
        text = self._held
        if thought := _THOUGHT.match(text, at):
            return self._think(thought, at, shown, last=last)
        if _UNFINISHED_ANGLE.match(text, at) and not last:
            return None
        if token := _TOKEN.match(text, at):
            return self._leave_out(token.end(), shown)
        link = _AUTOLINK.match(text, at)
        if link and RUN.fullmatch(link["to"]):
            return self._show(f"‹{link['to']}›" if link["to"] in self._allowed else REMOVED, link.end(), shown)
        if text.startswith("<!--", at):
            return self._drop_until(_COMMENT_ENDS, at + 2, shown)
        if _DECLARATION.match(text, at):
            return self._drop_until(_TAG_ENDS, at, shown)
        tag = _TAG.match(text, at)
        return self._tag(tag, shown, last=last) if tag else self._show(text[at], at + 1, shown)

    def _tag(self, tag: re.Match[str], shown: list[str], *, last: bool) -> int | None:
        name, rest, closed = tag["name"], tag["rest"] or "", tag["end"] == ">"
        if _ACTIVE_NAME.match(name) and (rest or closed):
            return self._drop_until(_TAG_ENDS, tag.end("name"), shown)
        if tag["end"] is None and tag.end() == len(self._held) and not last:
            return None
        known = _KNOWN_NAME.match(name) is not None
        odd = closed and (rest.count('"') % 2 == 1 or rest.count("'") % 2 == 1)  # > in a value ends no tag
        if (known and (closed or "=" in rest)) or odd or _RISKY_ATTRIBUTE.search(rest):
            return self._drop_until(_TAG_ENDS, tag.end("name"), shown)
        return self._show("<", tag.start() + 1, shown)

    def _think(self, thought: re.Match[str], at: int, shown: list[str], *, last: bool) -> int | None:
        """Leave out a thought. One that begins an answer may have no end; in the middle that is only a word."""
        name = thought["name"]
        ends = re.compile(rf"</{name}\s*>", re.IGNORECASE) if name else _THOUGHT_ENDS[thought.group().lower()]
        if not self._begun:
            return self._drop_until(ends, thought.end(), shown)
        if self._thinks:
            end = ends.search(self._held, max(thought.end(), at + self._looked - _LONGEST_END))
            if end:
                return self._leave_out(end.end(), shown)
            if not last:
                self._looked = len(self._held) - at
                return None
            self._thinks = False
        return self._leave_out(thought.end(), shown)

    def _bracket(self, at: int, shown: list[str], *, last: bool) -> int | None:
        text = self._held
        image = text[at] == "!"
        if image and not text.startswith("[", at + 1):
            return None if at + 1 == len(text) and not last else self._show("!", at + 1, shown)
        if thought := _THOUGHT.match(text, at):
            return self._think(thought, at, shown, last=last)
        if token := _TOKEN.match(text, at):
            return self._leave_out(token.end(), shown)
        if link := _LINK.match(text, at):
            return self._link(link, shown)
        if not last and (_UNFINISHED_LINK.match(text, at) or (image and _UNFINISHED_REFERENCE.match(text, at))):
            return None
        if mark := _MARK.match(text, at + image):
            return self._show("!" * image + mark.group(), mark.end(), shown)
        if image and (referred := _REFERRED.match(text, at)):
            return self._leave_out(referred.end(), shown)
        opened = " [" if self._line.endswith("!") else "["
        return self._show("!" if image else opened, at + 1, shown)

    def _link(self, link: re.Match[str], shown: list[str]) -> int:
        """Put in a link's place what is to be read again as text; nothing for an image."""
        image, label, to = link.group().startswith("!"), link["label"], link["to"].strip("<>")
        if mark := _MARK.fullmatch(f"[{label}]"):
            instead = "!" * image + mark.group()
        elif image:
            instead = ""
        elif to in self._allowed:
            instead = f"{label} ({to})"
        elif _LEADS_SOMEWHERE.search(to):
            instead = label
        else:
            return self._show("[", link.start() + 1, shown)
        self._held = instead + self._held[link.end() :]
        return self._leave_out(0, shown)

    def _without_addresses(self, run: str) -> str:
        kept: list[str] = []
        start = 0
        for found in addresses_in_run(run):
            if found.of(run) not in self._allowed:
                kept += (run[start : found.start], REMOVED)
                start = found.end
        return "".join(kept) + run[start:]

    def _drop_until(self, ends: re.Pattern[str], at: int, shown: list[str]) -> int:
        self._dropping = ends
        return self._leave_out(at, shown)

    def _leave_out(self, end: int, shown: list[str]) -> int:
        self._joins = True
        # <im, then something left out, then g src=...: it must not become what was just looked for
        return self._show(REMOVED, end, shown) if _OPEN_ANGLE.search(self._line[-100:]) else end

    def _show(self, text: str, end: int, shown: list[str]) -> int:
        text = text if self._begun else text.lstrip()
        if not text:
            return end
        if (text[0] == "(" and self._line.endswith("]")) or (text[0] == ":" and _DEFINITION.match(self._line)):
            text = " " + text  # no link or definition in any reading
        elif self._joins and self._makes_an_address(text):
            text = " " + text
        self._joins = False
        shown.append(text)
        self._begun = True
        self._line = text[text.rfind("\n") + 1 :] if "\n" in text else (self._line + text)[-LINE_CHARACTERS:]
        return end

    def _makes_an_address(self, text: str) -> bool:
        """Tell whether the text, together with what was shown before it, holds an address that neither has alone."""
        before, after = RUN.match(self._line[::-1]), RUN.match(text)
        if before is None or after is None:
            return False
        joined = before.group()[::-1] + after.group()
        return any(found.of(joined) not in self._allowed for found in addresses_in_run(joined))


def plain(text: str, sources: Sequence[str]) -> str:
    """Do the same with a whole text."""
    stream = Plain(sources)
    return stream.feed(text) + stream.close()
