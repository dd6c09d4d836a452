"""The stretch of an answer that no mark has claimed yet: from the last mark, or the end of the last sentence, on.

Knows where its first sentence ends. Knows nothing of marks or passages.
"""

from __future__ import annotations

from rag.claims import is_row, sentence_end

LINE_CHARACTERS = 200  # of the beginning of a line, which tells a heading or a table's row


class Run:
    def __init__(self) -> None:
        self.text = ""
        self.given = 0  # characters of it that are given out already
        self.line = ""  # the beginning of the line that it goes on with
        self._outline = ""  # the text with code made plain letters, which end no sentence
        self._scan = 0  # up to where no sentence ends

    def append(self, text: str, outline: str = "") -> None:
        """outline: the same text with code made plain letters, where it holds any."""
        self.text += text
        self._outline += outline or text

    def take_spaces(self) -> str:
        """Take the spaces off the end, and return them."""
        return self._take_off(len(self.text.rstrip(" \t")))

    def take_end(self) -> None:
        """Take all white space off the end: no more text comes."""
        self._take_off(len(self.text.rstrip()))

    def _take_off(self, end: int) -> str:
        taken = self.text[end:]
        self.text, self._outline, self._scan = self.text[:end], self._outline[:end], min(self._scan, end)
        return taken

    def cut(self, end: int) -> str:
        """Take so much off the beginning, and return it."""
        piece = self.text[:end]
        self.text, self._outline = self.text[end:], self._outline[end:]
        self._scan, self.given = max(0, self._scan - end), max(0, self.given - end)
        self.line = (self.line + piece).rsplit("\n", 1)[-1][:LINE_CHARACTERS]
        return piece

    def sentence(self) -> tuple[int | None, int]:
        """Return where the first sentence ends, None where that is not known, and up to where no more text changes it.

        More text is to come: it is known only once the next sentence has begun, for a mark may stand between them.
        """
        end, scan = self._end(closed=False)
        if end is None:
            self._scan = scan
            return None, scan
        return (end, end) if self.text[end:].strip() else (None, end)

    def whole_sentence(self) -> int | None:
        """Return where the first sentence ends, None for the last: no more text is to come."""
        end, _ = self._end(closed=True)
        return end if end is not None and self.text[end:].strip() else None

    def _end(self, *, closed: bool) -> tuple[int | None, int]:
        if not is_row(self.line + self.text[:LINE_CHARACTERS]):
            return sentence_end(self._outline, self._scan, closed=closed)
        end = self._outline.find("\n", self._scan) + 1
        return (end, end) if end else (None, len(self._outline))
