"""What a question is limited to: which documents may be searched at all. Pure; knows nothing of how they are found."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Filters:
    """A document passes that meets every kind of filter that is given; of several values of one kind, any will do."""

    document_ids: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()  # patterns of paths: "policies/*.pdf", or a folder: "policies/"
    types: tuple[str, ...] = ()  # media types or suffixes: "application/pdf", "pdf"
    languages: tuple[str, ...] = ()  # ISO 639-1
    tags: tuple[str, ...] = ()
    after: date | None = None  # the document's own date, else its file's; both ends included
    before: date | None = None

    def __bool__(self) -> bool:
        return any(value not in ((), None) for value in astuple(self))


EVERYTHING = Filters()
