"""The part of rag.wire that speaks of filters: what may be asked for, and what there is to ask for."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from rag.filters import Filters


class FiltersIn(BaseModel):
    """What may be searched: a document passes that meets every kind that is given; of several values any will do."""

    model_config = ConfigDict(extra="forbid")

    document_ids: list[str] | None = Field(None, min_length=1, max_length=1000)
    sources: list[str] | None = Field(None, min_length=1, max_length=100, description='paths: "policies/", "*.pdf"')
    types: list[str] | None = Field(
        None, min_length=1, max_length=100, description='"application/pdf", "pdf", "image/*"'
    )
    languages: list[str] | None = Field(None, min_length=1, max_length=100, description='ISO 639-1: "zh"')
    tags: list[str] | None = Field(None, min_length=1, max_length=100)
    after: date | None = Field(None, description="the document's own date, else its file's; both ends included")
    before: date | None = None

    def filters(self) -> Filters:
        """Raises InvalidRequest for what can mean nothing."""
        return Filters(
            document_ids=tuple(self.document_ids or ()),
            sources=tuple(self.sources or ()),
            types=tuple(self.types or ()),
            languages=tuple(self.languages or ()),
            tags=tuple(self.tags or ()),
            after=self.after,
            before=self.before,
        )


class FacetOut(BaseModel):
    model_config = ConfigDict(extra="forbid")

    value: str = Field(description="as a filter takes it")
    documents: int


class FacetsOut(BaseModel):
    """What a collection can be filtered by, and how many documents there are of each."""

    model_config = ConfigDict(extra="forbid")

    documents: int
    types: list[FacetOut]
    languages: list[FacetOut]
    tags: list[FacetOut]
    sources: list[FacetOut] = Field(description="folders, two levels deep")
    first: date | None = Field(description="the day of the oldest document")
    last: date | None
