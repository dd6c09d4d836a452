"""The words of RTF by what they do, and what a group of it hands on. Knows nothing of how they are read."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ingest.read.characters import LINE_BREAK
from ingest.read.office.rtf_story import Story

CHARACTERS = {
    "line": LINE_BREAK, "lbr": LINE_BREAK, "tab": "\t", "emdash": "—", "endash": "–", "lquote": "‘", "rquote": "’",
    "ldblquote": "“", "rdblquote": "”", "bullet": "•", "emspace": " ", "enspace": " ", "qmspace": " ",
}  # fmt: skip
SYMBOLS = {
    b"~": " ",
    b"-": "",
    b"_": "-",
    b"{": "{",
    b"}": "}",
    b"\\": "\\",
    b"\t": "\t",
    b"/": "",
    b":": "",
    b"|": "",
}
# What a group holds that is not text, or is shown elsewhere in another form.
SKIPPED = frozenset(
    "colortbl fldinst pict nonshppict nonesttables shprslt listtable listoverridetable xe tc tcn rxe sn falt panose "
    "datafield objclass objname objalias objsect do objtime filetbl revtbl rsidtbl ftnsep ftnsepc ftncn aftnsep "
    "aftnsepc aftncn template private bkmkstart bkmkend atnref atndate atntime atnicn atrfstart atrfend atnparent "
    "keycode generator background themedata colorschememapping latentstyles datastore xmlnstbl mmathPr formfield "
    "pgptbl userprops docvar nextfile linkval".split()
)
# Marked as ignorable for old readers, and read all the same.
READ = frozenset(
    "shpinst shptxt ud nesttableprops shppict annotation atnauthor atnid footnote pn pnseclvl ffdeftext objdata result "
    "listtext pntext cs fldrslt do moMath moMathPara mr mf mnum mden msSup msSub me msup msub sp sv".split()
)
FURNITURE = frozenset("header headerl headerr headerf footer footerl footerr footerf".split())
INFO = frozenset("title subject author keywords doccomm operator company".split())
DATES = {"creatim": "created", "revtim": "modified"}


@dataclass(slots=True)
class State:
    """What a group hands on to those within it, and forgets at its end."""

    into: str = "text"  # what its text is: "text", "marker", a field of the file's information, ...
    story: Story = field(default_factory=Story)
    font: int = -1  # -1: the file's default
    east_asian: int | None = None
    script: str = ""  # the last of loch, hich, dbch
    skip_after_unicode: int = 1
    hidden: bool = False
    deleted: bool = False
    bold: bool = False
    opened: Story | None = None  # a story that this group began
    style: int = 0
    first: bool = False  # nothing but its destination has been seen of it
    ignorable: bool = False


_BRACE = re.compile(rb"[{}]|\\bin(\d{1,10}) ?|\\[\s\S]")


def end_of_group(data: bytes, position: int) -> int:
    """Return where the brace stands that closes the group around a position, without reading what is in it."""
    depth = 1
    while (token := _BRACE.search(data, position)) is not None:
        position = token.end()
        if token[0] == b"{":
            depth += 1
        elif token[0] == b"}":
            depth -= 1
            if depth == 0:
                return token.start()
        elif token[1] is not None:
            position += int(token[1])
    return len(data)
