"""The control words of RTF: which text is shown, in which story, how its paragraphs look. Knows nothing of blocks."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from ingest.read.office.rtf_fonts import Font, Fonts
from ingest.read.office.rtf_story import Made, ParagraphLook, RowLook, Story, StyleEntry
from ingest.read.office.rtf_words import CHARACTERS, DATES, FURNITURE, INFO, READ, SKIPPED, SYMBOLS, State, end_of_group
from rag.types import BlockKind

MAX_DEPTH = 5000  # of groups: real files stay below a hundred
_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|((?:\\'[0-9a-fA-F]{2})+)|\\([^a-zA-Z])|([{}])|([^\\{}\r\n\0]+)|[\r\n\0]+|\\"
)


class RtfReader:
    """Reads one file; afterwards `body` is its text and `information` and `furniture` what else it says."""

    def __init__(self, data: bytes) -> None:
        self.body = Story()
        self.information: dict[str, str] = {}
        self.furniture: dict[str, list[str]] = {"header": [], "footer": []}
        self._data = data
        self._fonts = Fonts()
        self._styles: dict[int, StyleEntry] = {}
        self._state = State(story=self.body)
        self._stack: list[State] = []
        self._buffer = bytearray()
        self._look = ParagraphLook()
        self._row = RowLook()
        self._to_skip = 0  # characters that stand for a \u before them
        self._high = ""  # the first half of a surrogate pair
        self._notes = {"footnote": 0, "endnote": 0}
        self._looks: list[ParagraphLook] = []  # of the stories around the open one
        self._author = ""
        self._texts: dict[str, list[str]] = {}
        self._date: dict[str, int] = {}

    def read(self) -> None:
        data, position, size = self._data, 0, len(self._data)
        match = _TOKEN.match
        while position < size:
            token = match(data, position)
            if token is None:
                position += 1
                continue
            position = token.end()
            word, parameter, coded, sign, brace, run = token.groups()
            if run is not None:
                self._bytes(run)
            elif coded is not None:
                self._bytes(bytes.fromhex(coded.replace(b"\\'", b"").decode("ascii")))
            elif word is not None:
                name = word.decode("ascii")
                number = int(parameter) if parameter else None
                if name == "bin":
                    position += max(0, number or 0)
                elif self._word(name, number):
                    position = end_of_group(data, position)
            elif brace == b"{":
                self._open()
            elif brace == b"}":
                self._close()
            elif sign is not None:
                self._sign(sign)
        self._flush()
        while self._stack:
            self._close()
        self.body.close(self._look)

    # --- groups

    def _open(self) -> None:
        self._flush()
        self._to_skip = 0
        if len(self._stack) < MAX_DEPTH:
            self._stack.append(self._state)
            self._state = replace(self._state, opened=None, first=True, ignorable=False)

    def _close(self) -> None:
        self._flush()
        self._to_skip = 0
        if not self._stack:
            return
        ended, self._state = self._state, self._stack.pop()
        if ended.opened is not None:
            self._end_story(ended)
        elif ended.into != self._state.into:
            self._end_destination(ended.into)

    def _begin_story(self, place: str) -> None:
        self._state.opened = self._state.story = Story(place)
        self._state.into = "text"
        self._state.hidden = self._state.deleted = self._state.bold = False
        self._looks.append(self._look)
        self._look = ParagraphLook()

    def _end_story(self, ended: State) -> None:
        story = ended.opened
        assert story is not None
        story.close(self._look)
        self._look = self._looks.pop()
        if story.place in self.furniture:
            self.furniture[story.place].append(" ".join(" ".join(one.text for one in story.made).split()))
        elif story.place == "comment":
            text = "\n".join(one.text for one in story.made)
            said = f"Comment by {self._author}: {text}" if self._author else f"Comment: {text}"
            if text:
                self._state.story.behind.append(Made(BlockKind.PARAGRAPH, said, 0, "comment"))
            self._author = ""
        else:
            self._state.story.behind += story.made

    def _end_destination(self, into: str) -> None:
        text = " ".join("".join(self._texts.pop(into, [])).split())
        if into in INFO and text:
            self.information.setdefault(into, text[:500])
        elif into in DATES and self._date.get("yr"):
            parts = [self._date.get(key, 1) for key in ("yr", "mo", "dy")]
            self.information.setdefault(DATES[into], "{:04d}-{:02d}-{:02d}".format(*parts))
            self._date = {}
        elif into == "author of a comment":
            self._author = text
        elif into == "objdata":
            digits = re.sub(r"[^0-9a-fA-F]", "", text)
            data = bytes.fromhex(digits[: len(digits) // 2 * 2])
            self._state.story.behind.append(Made(BlockKind.PARAGRAPH, "", 0, "", data=data))

    # --- words

    def _word(self, name: str, number: int | None) -> bool:
        """Act on a control word; return whether the rest of its group is to be passed over."""
        if name == "u":
            self._unicode(number or 0)
            return False
        self._flush()
        state = self._state
        was_first, state.first = state.first, False
        if name in CHARACTERS:
            self._say(CHARACTERS[name])
            return False
        if was_first or state.ignorable:
            skipped = self._destination(name)
            if skipped is not None:
                return skipped
            if state.ignorable and name not in READ and name not in _HANDLERS:
                return True
        handler = _HANDLERS.get(name)
        if handler is not None:
            handler(self, number)
        return False

    def _destination(self, name: str) -> bool | None:
        """Return whether a group is passed over by its first word; None where that word is no destination."""
        state = self._state
        if name in READ and name != "do":
            state.ignorable = False
        if name in SKIPPED:
            return True
        if name in FURNITURE:
            self._begin_story("header" if name.startswith("header") else "footer")
        elif name == "footnote":
            self._notes["footnote"] += 1
            self._begin_story(f"footnote {self._notes['footnote']}")
        elif name == "annotation":
            self._begin_story("comment")
        elif name in {"shptxt", "dptxbxtext"}:
            self._begin_story(state.story.place or "text box")
        elif name in {"listtext", "pntext"}:
            state.into = "marker"
        elif name in INFO or name in DATES or name in {"fonttbl", "stylesheet", "objdata", "info"}:
            state.into = name
        elif name == "atnauthor":
            state.into = "author of a comment"
        elif name in {"sp", "sv", "atnid", "pn", "pnseclvl", "upr"}:
            if name == "upr":
                state.into = "upr"
            elif name != "sp":
                return True
        elif name == "ud":
            state.into = self._stack[-2].into if len(self._stack) > 1 else "text"
        else:
            return None
        return False

    def _sign(self, sign: bytes) -> None:
        if sign == b"*":
            self._state.ignorable = True
            self._state.first = True
        elif sign in b"\r\n":
            self._flush()
            self._par(None)
        elif sign in b"\\{}":
            self._bytes(sign)  # it may be the second half of a character
        elif sign in SYMBOLS:
            if self._to_skip:
                self._to_skip -= 1
            else:
                self._flush()
                self._say(SYMBOLS[sign])

    # --- text

    def _bytes(self, data: bytes) -> None:
        if self._to_skip:
            skipped = min(self._to_skip, len(data))
            self._to_skip -= skipped
            data = data[skipped:]
        self._state.first = False
        self._buffer += data

    def _flush(self) -> None:
        if self._buffer:
            state, data = self._state, bytes(self._buffer)
            self._buffer.clear()
            font = self._fonts.default if state.font < 0 else state.font
            self._say(self._fonts.text(data, font, state.east_asian if state.script == "dbch" else None))

    def _unicode(self, code: int) -> None:
        self._flush()
        code &= 0xFFFF
        self._to_skip = self._state.skip_after_unicode
        if 0xD800 <= code < 0xDC00:
            self._high = chr(code)
            return
        text = chr(code)
        if 0xDC00 <= code < 0xE000:
            pair = (self._high + text).encode("utf-16", errors="surrogatepass")
            text = pair.decode("utf-16", errors="replace") if self._high else ""
        self._high = ""
        font = self._fonts.default if self._state.font < 0 else self._state.font
        self._say(self._fonts.private(text, font))

    def _say(self, text: str) -> None:
        state = self._state
        if state.into == "text":
            if not (state.hidden or state.deleted):
                state.story.say(text, bold=state.bold)
        elif state.into == "marker":
            if not state.deleted:
                state.story.marker += text
        elif state.into == "fonttbl":
            self._fonts.fonts.setdefault(state.font, Font()).name += text.rstrip(";")
        elif state.into == "stylesheet":
            self._styles.setdefault(state.style, StyleEntry()).name += text.replace(";", "")
        elif state.into not in {"upr", "info"}:
            self._texts.setdefault(state.into, []).append(text)

    # --- what words do

    def _par(self, _: int | None) -> None:
        if self._state.into == "text":
            self._state.story.end_paragraph(self._look)

    def _pard(self, _: int | None) -> None:
        if self._state.into == "text":  # a list's marker has a look of its own
            self._look = ParagraphLook()

    def _style(self, number: int | None) -> None:
        state = self._state
        state.style = number or 0
        if state.into == "text":
            entry = self._styles.get(state.style)
            self._look.kind, self._look.level = entry.look() if entry else (BlockKind.PARAGRAPH, 0)

    def _outline(self, number: int | None) -> None:
        if self._state.into == "stylesheet":
            self._styles.setdefault(self._state.style, StyleEntry()).outline = number
        elif number is not None and number < 9:
            self._look.kind, self._look.level = BlockKind.HEADING, number + 1

    def _font(self, number: int | None) -> None:
        self._state.font = number or 0
        if self._state.into == "fonttbl":
            self._fonts.fonts[self._state.font] = Font()

    def _associated(self, number: int | None) -> None:
        if self._state.script == "dbch":
            self._state.east_asian = number

    def _cell(self, _: int | None) -> None:
        if self._state.into == "text":
            self._state.story.end_cell(self._look, 1)

    def _nested_cell(self, _: int | None) -> None:
        self._state.story.end_cell(self._look, max(2, self._look.depth))

    def _end_row(self, _: int | None) -> None:
        if self._state.into == "text":
            self._state.story.end_row(self._row, 1)

    def _end_nested_row(self, _: int | None) -> None:
        self._state.story.end_row(self._row, max(2, self._look.depth))

    def _plain(self, _: int | None) -> None:
        state = self._state
        state.hidden = state.deleted = state.bold = False
        state.font, state.script = -1, ""

    def _endnote(self, _: int | None) -> None:
        story = self._state.opened
        if story is not None and story.place.startswith("footnote"):
            self._notes["footnote"] -= 1
            self._notes["endnote"] += 1
            story.place = f"endnote {self._notes['endnote']}"

    def _nesting(self, number: int | None) -> None:
        if self._state.into != "text":
            return
        self._look.depth = min(max(1, number or 1), 50)
        self._look.in_table = self._look.in_table or (number or 0) > 0

    def _begin_row(self, _: int | None) -> None:
        self._row = RowLook()


def _page(reader: RtfReader, number: int | None) -> None:
    reader._fonts.set_page(number or 1252)


def _default_font(reader: RtfReader, number: int | None) -> None:
    reader._fonts.default = number or 0


def _charset(reader: RtfReader, number: int | None) -> None:
    if reader._state.into == "fonttbl":
        reader._fonts.fonts.setdefault(reader._state.font, Font()).charset = number or 0


def _font_page(reader: RtfReader, number: int | None) -> None:
    if reader._state.into == "fonttbl":
        reader._fonts.fonts.setdefault(reader._state.font, Font()).page = number or 0


def _switch(key: str) -> Callable[[RtfReader, int | None], None]:
    return lambda reader, number: setattr(reader._state, key, number != 0)


def _script(name: str) -> Callable[[RtfReader, int | None], None]:
    return lambda reader, _: setattr(reader._state, "script", name)


def _dated(key: str) -> Callable[[RtfReader, int | None], None]:
    return lambda reader, number: reader._date.__setitem__(key, number or 0)


def _in_table(reader: RtfReader, _: int | None) -> None:
    if reader._state.into == "text":
        reader._look.in_table = True


def _listed(reader: RtfReader, number: int | None) -> None:
    if reader._state.into == "text":
        reader._look.listed = bool(number)


def _of_row(key: str) -> Callable[[RtfReader, int | None], None]:
    return lambda reader, _: setattr(reader._row, key, True)


_HANDLERS: dict[str, Callable[[RtfReader, int | None], None]] = {
    **dict.fromkeys(("par", "sect", "page"), RtfReader._par),
    "pard": RtfReader._pard,
    "s": RtfReader._style,
    "outlinelevel": RtfReader._outline,
    "f": RtfReader._font,
    "af": RtfReader._associated,
    "plain": RtfReader._plain,
    "uc": lambda reader, number: setattr(reader._state, "skip_after_unicode", max(0, number or 0)),
    "v": _switch("hidden"),
    "deleted": _switch("deleted"),
    "b": _switch("bold"),
    **{name: _script(name) for name in ("loch", "hich", "dbch")},
    "ansicpg": _page,
    "mac": lambda reader, _: reader._fonts.set_page(10000),
    "pc": lambda reader, _: reader._fonts.set_page(437),
    "pca": lambda reader, _: reader._fonts.set_page(850),
    "deff": _default_font,
    "fcharset": _charset,
    "cpg": _font_page,
    "intbl": _in_table,
    "itap": RtfReader._nesting,
    "ls": _listed,
    "ilvl": lambda reader, number: setattr(reader._look, "list_level", min(max(0, number or 0), 8)),
    "cell": RtfReader._cell,
    "nestcell": RtfReader._nested_cell,
    "row": RtfReader._end_row,
    "nestrow": RtfReader._end_nested_row,
    "trowd": RtfReader._begin_row,
    "cellx": lambda reader, number: reader._row.close_cell(number or 0),
    "clvmrg": _of_row("merges_above"),
    "clmrg": _of_row("merges_before"),
    "trhdr": _of_row("is_header"),
    "ftnalt": RtfReader._endnote,
    **{key: _dated(key) for key in ("yr", "mo", "dy")},
}
