"""What a question is limited to: which documents may be searched at all. Pure; knows nothing of how they are found."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from rag.errors import InvalidRequest
from rag.media import MediaTypes
from rag.paths import PathPattern

_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{1,8})*", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class Filters:
    """A document passes that meets every kind of filter that is given; of several values of one kind, any will do.

    docs/api.md says what each means. Raises InvalidRequest where one can mean nothing.
    """

    document_ids: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()  # files, folders ("policies/") or wildcards ("*.pdf"): of any place it stands at
    types: tuple[str, ...] = ()  # media types, families ("image/*"), suffixes or names: "application/pdf", "pdf"
    languages: tuple[str, ...] = ()  # ISO 639-1; "zh" is "zh-Hant" too
    tags: tuple[str, ...] = ()
    after: date | None = None  # the document's own date, else its file's; both ends included, days of UTC
    before: date | None = None

    def __post_init__(self) -> None:
        MediaTypes.of(self.types)
        for pattern in self.sources:
            PathPattern.of(pattern)
        for language in self.languages:
            if not _LANGUAGE.fullmatch(language.strip()):
                raise InvalidRequest(f"{language!r} is no language's code", hint="give ISO 639-1: zh, en, fr")
        if not all(tag.strip() for tag in self.tags):
            raise InvalidRequest("a tag is empty", hint="leave it out, or give its name")
        if self.after is not None and self.before is not None and self.after > self.before:
            raise InvalidRequest(
                f"no day is after {self.after} and before {self.before}",
                hint="both ends count: after must not be later than before",
            )

    def __bool__(self) -> bool:
        return self != EVERYTHING


EVERYTHING = Filters()
