"""Put what a benchmark has made between its marks in a Markdown page, and leave the rest of the page to its writers."""

from __future__ import annotations


def between_marks(page: str, made: str, by: str) -> str:
    """Return the page with what stands between these marks replaced. Raises ValueError where it has none."""
    begin, end = f"<!-- made by {by} -->", f"<!-- end of {by} -->"
    before, _, rest = page.partition(begin)
    _, mark, after = rest.partition(end)
    if not mark:
        raise ValueError(f"the page has no {begin} ... {end}")
    return f"{before}{begin}\n{made}\n{end}{after}"
