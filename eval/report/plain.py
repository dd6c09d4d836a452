"""Make any text fit to stand on a page. Knows nothing of HTML: escaping is the template's."""

from __future__ import annotations

import re

# What HTML has no way to write, not even escaped, and what moves the cursor. Bidi marks stay: the page isolates them.
_UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


def plain(value: object, most: int = 2000) -> str:
    """Return the text, cut to so many characters, with what cannot be written as U+FFFD."""
    text = str(value).replace("\r\n", "\n")
    return _UNWRITABLE.sub("\ufffd", text if len(text) <= most else f"{text[:most]} …")
