"""Read JSON that people keep data sets in, and name the line that is of another shape. Knows no form.

What cannot be stored or searched, a NUL or half of a surrogate pair, becomes U+FFFD, one for one, so that offsets hold.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from eval.questions import Remark
from rag.errors import Malformed

UNUSABLE = re.compile("[\x00\ud800-\udfff]")
MENDED = "it holds a NUL or half a character: U+FFFD stands there now"
# RecursionError: of brackets that are nested a thousand deep
WRONG = (ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError, RecursionError)
_MAY_HOLD_ONE = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
_BOM = b"\xef\xbb\xbf"
Shaped = TypeVar("Shaped")


def json_lines(
    file: Path, form: str, hint: str, shape: Callable[[Mapping[str, Any]], Shaped], mended: list[Remark]
) -> Iterator[tuple[int, Shaped]]:
    """Yield what `shape` makes of each line's object, with the line's number, from 1; blank lines are passed over.

    form: whose form it is, as "BEIR's". Read line by line, so that a file may be larger than the memory.
    Raises Malformed, naming the line, also for what `shape` cannot use.
    """
    with file.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            data = line.removeprefix(_BOM) if number == 1 else line
            if not data.strip():
                continue
            where = f"{file}:{number}"
            try:
                row = _parsed(data, where, mended)
                yield number, shape(_object(row))
            except WRONG as error:
                raise Malformed(f"{where} is not in {form} form: {told(error)}", hint=hint) from error


def json_file(file: Path, form: str, hint: str, mended: list[Remark]) -> Any:
    """Return what the whole file holds. Raises Malformed."""
    try:
        return _parsed(file.read_bytes().removeprefix(_BOM), str(file), mended)
    except WRONG as error:
        raise Malformed(f"{file} is not in {form} form: {told(error)}", hint=hint) from error


def told(error: Exception) -> str:
    """Say in short what is wrong with a row."""
    if isinstance(error, KeyError):
        return f"it has no {error.args[0] if error.args else error}"
    if isinstance(error, RecursionError):
        return "it is nested too deep"
    return f"{type(error).__name__}: {error}"[:300]


def text(row: Mapping[str, Any], name: str, default: str | None = None) -> str:
    """Return a field that is text, or a number as text; the default where it is absent or null.

    Raises KeyError where it is absent and has no default, TypeError for anything else.
    """
    value = row.get(name)
    if value is None:
        if default is None:
            raise KeyError(name)
        return default
    return as_text(value, name)


def as_text(value: Any, name: str) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    raise TypeError(f"{name} is {_shown(value)}, not text")


def texts(row: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Return a field that is text or a list of texts, as a list; absent and null are an empty one."""
    value = row.get(name)
    if value is None:
        return ()
    return tuple(as_text(item, name) for item in (value if isinstance(value, list) else [value]))


def objects(row: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """Return a field that is a list of objects; absent and null are an empty one."""
    value = row.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise TypeError(f"{name} is {_shown(value)}, not a list")
    return [_object(item) for item in value]


def usable(text: str) -> str:
    return UNUSABLE.sub("\ufffd", text)


def _object(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise TypeError(f"it is {_shown(value)}, not an object")
    return value


def _shown(value: Any) -> str:
    return f"{type(value).__name__} {value!r:.60}"


def _parsed(data: bytes, where: str, mended: list[Remark]) -> Any:
    written = data.decode("utf-8")
    value = json.loads(written)
    if not _MAY_HOLD_ONE.search(written):
        return value
    found = _usable(value)
    if found != value:
        mended.append(Remark(where, MENDED))
    return found


def _usable(value: Any) -> Any:
    if isinstance(value, str):
        return usable(value)
    if isinstance(value, list):
        return [_usable(item) for item in value]
    if isinstance(value, dict):
        return {usable(key): _usable(item) for key, item in value.items()}
    return value
