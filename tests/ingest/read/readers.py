"""Readers as LlamaIndex has them, and some that nobody should have: test_plugin.py names them by path."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Found:
    text: str
    metadata: dict[str, Any] = field(default_factory=dict)

    def get_content(self) -> str:
        return self.text


class NoteReader:
    def load_data(self, file: Path, extra_info: dict[str, Any] | None = None) -> list[Found]:
        first = f"{file.name[-20:]}\n\n{file.read_text(encoding='utf-8')}"
        return [Found(first, {"page_label": "1", "author": "Mei"}), Found("last page", {"page_label": "2"})]


class OtherName:
    def load_data(self, input_file: Path) -> list[Found]:
        return [Found("other " + input_file.read_text(encoding="utf-8"))]


class Broken:
    def load_data(self, file: Path) -> list[Found]:
        raise ZeroDivisionError("in the reader")


class NotOne:
    """Gives what are no documents."""

    def load_data(self, file: Path) -> list[int]:
        return [1, 2]
