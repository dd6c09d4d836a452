"""What one visitor's session holds between reruns of the page, and the changes that clicks make to it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, cast

import streamlit as st

from rag.wire import CollectionOut, FacetsOut, FiltersIn, SheetOut
from ui.asking import Turn
from ui.client import Client
from ui.conversing import Conversation
from ui.render import WINDOW_CHARACTERS
from ui.words import ENGLISH, LANGUAGES, Words, language_for

if TYPE_CHECKING:
    from ui.views.feedback import Said
    from ui.views.rate import Rater


@dataclass(frozen=True, slots=True)
class OpenSource:
    """The source that the panel shows: where it is opened, and what of it is in view."""

    document_id: str
    collection: str
    start: int
    end: int
    page: int | None = None  # the page in view; None: the one on which the quote begins
    as_text: bool = False
    before: int = WINDOW_CHARACTERS
    after: int = WINDOW_CHARACTERS
    turn_id: str = ""  # the answer whose footnote this is
    index: int | None = None
    opened: int = 0  # counts openings: the panel goes to the line anew for each


@dataclass
class Session:
    """Lives in st.session_state, one for each visitor."""

    turns: list[Turn] = field(default_factory=list)
    conversations: dict[str, Conversation] = field(default_factory=dict)  # the page's own, by collection
    restored: bool = False  # the address's ?conversation= was followed
    source: OpenSource | None = None
    openings: int = 0
    jobs: dict[str, str] = field(default_factory=dict)  # id -> collection, in the order they were made
    upload_round: int = 0  # a new number empties the file uploader
    removing: str | None = None
    said: str = ""  # told once, on the next run
    choose: str | None = None  # the collection to go to on the next run
    linked: bool = False  # the address's ?document= was followed
    collections: list[CollectionOut] = field(default_factory=list)
    filters: FiltersIn | None = None  # which documents the next question is asked of
    facets: dict[str, tuple[float, FacetsOut]] = field(default_factory=dict)  # by collection: when asked, and what
    feedback: dict[str, Said] = field(default_factory=dict)  # by turn
    sheets: dict[str, tuple[float, list[SheetOut]]] = field(default_factory=dict)  # by collection, likewise
    rater: Rater | None = None  # who rates, and where they are

    def open_source(self, source: OpenSource) -> None:
        self.openings += 1
        self.source = replace(source, opened=self.openings)
        self.show_address()

    def close_source(self) -> None:
        self.source = None
        self.show_address()

    def show_address(self) -> None:
        """Put into the page's address what a reload should find again: the conversation, and the open source."""
        address: dict[str, str] = {}
        conversation = self.conversations.get(collection())
        if conversation is not None and conversation.id is not None:
            address["conversation"] = f"{conversation.collection}/{conversation.id}"
        if self.source is not None:
            span = {"start": str(self.source.start), "end": str(self.source.end)}
            address |= {"document": self.source.document_id, **span, "collection": self.source.collection}
        if address != st.query_params.to_dict():
            st.query_params.from_dict(address)

    def conversation(self) -> Conversation:
        """Return the one that the next question is asked in; it is made with it."""
        return self.conversations.setdefault(collection(), Conversation(collection()))

    def change_source(self, **changes: object) -> None:
        if self.source is not None:
            self.source = replace(self.source, **changes)  # type: ignore[arg-type]


def session() -> Session:
    if "footnote" not in st.session_state:
        st.session_state["footnote"] = Session()
    return cast(Session, st.session_state["footnote"])


def client() -> Client:
    return cast(Client, st.session_state["client"])


def collection() -> str:
    return cast(str, st.session_state.get("collection") or "default")


def documents_here() -> int:
    """Return how many documents the chosen collection has."""
    return sum(row.documents for row in session().collections if row.name == collection())


def words() -> Words:
    return LANGUAGES.get(st.session_state.get("language") or language_for(st.context.locale), ENGLISH)
