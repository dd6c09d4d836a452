"""Feedback and ratings as they cross the wire. A rater is never told which run an answer is of."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from rag.errors import InvalidRequest
from rag.wire_answer import Wire

CRITERIA = ("correct", "complete", "grounded", "readable")
MOST_CHARACTERS = 4000  # of a comment, and of what was expected
MOST_ANSWER_CHARACTERS = 100_000
MOST_QUOTE_CHARACTERS = 20_000

Score = Annotated[int, Field(ge=1, le=5, strict=True)]
Written = Annotated[str, StringConstraints(strip_whitespace=True, max_length=MOST_CHARACTERS)]
# A name is a key: of one line, and none that only looks like another's.
Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120, pattern=r"^[^\x00-\x1f\x7f]+$")
]
Verdict = Literal["right", "wrong"]
Preference = Literal["left", "right", "tie", "both_bad"]


class RatingsIn(Wire):
    """1: not at all; 5: wholly. null: not rated."""

    correct: Score | None = None
    complete: Score | None = None
    grounded: Score | None = Field(None, description="whether the quotes say what the answer says")
    readable: Score | None = None


class CitedIn(Wire):
    """As POST /ask gave it, without what can be found from it."""

    document_id: str = Field(max_length=200)
    version: int = Field(1, ge=0)
    source: str = Field(max_length=4096)
    start: int = Field(ge=0)
    end: int = Field(ge=0)
    quote: str = Field(max_length=MOST_QUOTE_CHARACTERS)
    mark: int = Field(ge=0)


class Opinion(Wire):
    verdict: Verdict | None = None
    ratings: RatingsIn = Field(default_factory=RatingsIn)
    expected: Written = Field("", description="what would have been right")
    comment: Written = ""


class FeedbackChange(Wire):
    """What is not given stays."""

    verdict: Verdict | None = None
    ratings: RatingsIn | None = None
    expected: Written | None = None
    comment: Written | None = None


class FeedbackBody(Opinion):
    """One person's word on one answer."""

    question: str = Field(min_length=1, max_length=MOST_CHARACTERS)
    answer: str = Field(max_length=MOST_ANSWER_CHARACTERS, description="its text, with its marks")
    refused: bool = False
    citations: list[CitedIn] = Field(default_factory=list, max_length=500)
    rater: Name | None = Field(None, description="whoever gives it, if that is to be kept")
    conversation_id: str | None = Field(None, max_length=128)


class FeedbackRequest(FeedbackBody):
    collection: str | None = None


class FeedbackOut(FeedbackBody):
    id: str
    asked_at: str = Field(description="when it was first given")
    collection: str


class FeedbacksOut(Wire):
    """A page of feedback, the oldest first; `next` is the `after` of the following page."""

    feedback: list[FeedbackOut]
    next: str | None


class ShownNote(Wire):
    """A footnote of an answer that is rated."""

    mark: int
    title: str
    source: str
    place: str = ""
    quote: str


class ShownAnswer(Wire):
    """An answer as a rater sees it: nothing tells by whom it is, nor how sure the system was."""

    answer: str
    refused: bool
    notes: list[ShownNote]


class ShownItem(Wire):
    """What is rated at a time: a question and its answers, the left one first."""

    question: str
    expected: list[str] = Field(description="right answers, where they are known")
    answers: list[ShownAnswer]


class SheetOut(Wire):
    id: str
    name: str
    sides: int = Field(description="1: answers are rated alone; 2: side by side")
    items: int


class SheetsOut(Wire):
    sheets: list[SheetOut]


class RatingBody(Wire):
    """One rater's word on one item. sides: a row of scores for each answer, the left one first."""

    sides: list[RatingsIn] = Field(default_factory=list, max_length=2)
    preference: Preference | None = None
    comment: Written = ""
    skipped: bool = False
    saw_expected: bool = Field(False, description="whether the right answer was looked at before")


def check_rating(said: RatingBody, *, sides: int) -> None:
    """Raise InvalidRequest for a word that says nothing, or speaks of another number of answers."""
    if said.skipped:
        return
    if len(said.sides) != sides:
        raise InvalidRequest(
            f"{len(said.sides)} rows of scores for {sides} answers", hint="send one for each, in order"
        )
    if said.preference is not None and sides != 2:
        raise InvalidRequest("there is one answer, and nothing to prefer it to", hint="leave preference out")
    scores = [score for side in said.sides for score in side.model_dump().values() if score is not None]
    if not scores and said.preference is None:
        raise InvalidRequest("nothing is rated", hint="give a score or a preference, or send skipped: true")


class RatingRequest(RatingBody):
    rater: Name
    position: int = Field(ge=1)


class ProgressOut(Wire):
    """Of one rater."""

    items: int
    rated: int
    skipped: int


class ItemOut(Wire):
    position: int | None = Field(description="from 1; null where nothing is left")
    item: ShownItem | None
    rating: RatingBody | None = Field(description="the rater's own, if given before")
    progress: ProgressOut
