"""Tag what a run has found. Knows nothing of files."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from rag.errors import NotFound
from rag.library.tags import Tags

TOGETHER = 500  # documents in one transaction: other writers wait for it


def tag_all(tags: Tags, document_ids: Sequence[str], wanted: Sequence[str]) -> None:
    """Give documents tags; one that somebody has removed since it was found is passed over."""
    for start in range(0, len(document_ids), TOGETHER):
        some = document_ids[start : start + TOGETHER]
        try:
            tags.change(some, add=wanted)
        except NotFound:
            for document_id in some:
                with suppress(NotFound):
                    tags.change([document_id], add=wanted)
