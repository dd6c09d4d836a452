"""Which documents had their personal data masked. Of those the file's own bytes are not kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement

from rag.library.records import MASKED
from rag.library.tables import documents


def is_masked(metadata: Mapping[str, Any]) -> bool:
    return metadata.get(MASKED) is True


def unmasked() -> ColumnElement[bool]:
    """The documents that need their bytes. As pack_metadata writes it; within a string the quotes are escaped."""
    return ~documents.c.metadata.contains(f'"{MASKED}": true')
