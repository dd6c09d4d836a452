"""Tokens to text, piece by piece: no character is cut, and no stop sequence gets through. Knows no model."""

from __future__ import annotations

from collections.abc import Callable, Sequence

UNFINISHED = "\ufffd"  # what a tokenizer makes of bytes that are not yet a whole character


class Detokeniser:
    """Says what further tokens add to a text. decode: tokens to their text, special tokens left out."""

    def __init__(self, decode: Callable[[Sequence[int]], str]) -> None:
        self._decode = decode
        self._tokens: list[int] = []
        # Tokens are decoded with those before them, since some have a space only where something stands before.
        self._context = 0
        self._told = 0

    def feed(self, tokens: Sequence[int]) -> str:
        """Return the text that is whole by now; "" while a character is not."""
        self._tokens += tokens
        piece = self._untold()
        if piece.endswith(UNFINISHED):
            return ""
        self._context, self._told = self._told, len(self._tokens)
        return piece

    def close(self) -> str:
        """Return the rest, bytes that never became a character as U+FFFD."""
        piece = self._untold()
        self._context = self._told = len(self._tokens)
        return piece

    def _untold(self) -> str:
        before = self._decode(self._tokens[self._context : self._told])
        return self._decode(self._tokens[self._context :])[len(before) :]


class Stops:
    """Ends a text before the first stop sequence that is complete, wherever the text is cut into pieces."""

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops = [stop for stop in stops if stop]
        self._held = ""
        self.met = False

    def feed(self, piece: str) -> str:
        """Return what may be shown: what could yet become a stop sequence is held back."""
        if self.met:
            return ""
        text = self._held + piece
        ends = [(at + len(stop), at) for stop in self._stops if (at := text.find(stop)) >= 0]
        if ends:
            self.met, self._held = True, ""
            return text[: min(ends)[1]]
        held = self._may_become(text)
        shown, self._held = text[: len(text) - held], text[len(text) - held :]
        return shown

    def close(self) -> str:
        """Return what was held back, and became none."""
        rest, self._held = self._held, ""
        return rest

    def _may_become(self, text: str) -> int:
        """Return the length of the longest end of the text that a stop sequence begins with."""
        longest = max((len(stop) - 1 for stop in self._stops), default=0)
        for length in range(min(longest, len(text)), 0, -1):
            if any(stop.startswith(text[len(text) - length :]) for stop in self._stops):
                return length
        return 0
