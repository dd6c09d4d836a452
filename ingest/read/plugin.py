"""Any LlamaIndex reader, by its import path: for what is not covered here. Knows nothing of any one reader.

The reader is handed a file of the original's name and gives documents; their text becomes paragraphs. It is somebody
else's code: whatever it raises ends in this file's row.
"""

from __future__ import annotations

import importlib
import inspect
import re
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path, PurePath
from typing import Any

from ingest.read.limits import Limits
from ingest.read.writer import DocumentWriter, check_length
from rag.errors import Malformed, Unreadable, Unsupported
from rag.types import BlockKind, Document

_FILE_PARAMETERS = ("file", "file_path", "input_file", "path")
_PARAGRAPHS = re.compile(r"\n[^\S\n]*\n\s*")
_PLACES = (("page_label", "page"), ("page", "page"), ("slide", "slide"), ("sheet_name", "sheet"), ("sheet", "sheet"))
_METADATA = {
    "author": "author",
    "title": "title",
    "language": "language",
    "subject": "subject",
    "keywords": "keywords",
}
MAX_NAME_BYTES = 200  # of the temporary file: file systems take 255


def read_plugin(data: bytes, name: str, mime: str, path: str, limits: Limits) -> Document:
    """path: the reader's class, as "package.module.Class".

    Raises Unsupported where it cannot be imported or made, Malformed where it fails on this file.
    """
    reader = _made(path, name)
    writer = DocumentWriter()
    metadata: dict[str, Any] = {"read_as": path}
    try:
        with tempfile.TemporaryDirectory(prefix="footnote-") as folder:
            file = Path(folder) / _file_name(name)
            file.write_bytes(data)
            for found in _load(reader, file):
                _write(writer, found, metadata)
                check_length(name, len(writer), limits)
    except (Unreadable, MemoryError):
        raise
    except Exception as error:  # the edge: a reader of somebody else's may raise anything
        message = f"{name}: {path} failed: {type(error).__name__}: {error}"
        raise Malformed(message, hint="take it out of ingest.readers, or convert the file") from error
    title = metadata.pop("title", None)
    return writer.finish(name, mime, title=title, metadata=metadata)


def _made(path: str, name: str) -> Any:
    module, _, attribute = path.rpartition(".")
    try:
        made: Callable[[], Any] = getattr(importlib.import_module(module), attribute)
    except (ImportError, ValueError) as error:
        message = f"{name}: its reader {path} cannot be imported: {error}"
        raise Unsupported(message, hint=f"pip install {_package(module)}, or mend ingest.readers") from error
    except AttributeError as error:
        message = f"{name}: there is no {attribute} in {module}"
        raise Unsupported(message, hint="mend ingest.readers: it names a class as package.module.Class") from error
    try:
        return made()
    except Exception as error:  # the edge: somebody else's code
        message = f"{name}: its reader {path} cannot be made: {type(error).__name__}: {error}"
        raise Unsupported(message, hint="install what it asks for, or mend ingest.readers") from error


def _package(module: str) -> str:
    """Guess what to install for a module: llama_index.readers.file comes in llama-index-readers-file."""
    parts = module.split(".")
    distribution = parts[:3] if parts[0] == "llama_index" else parts[:1]
    return "-".join(distribution).replace("_", "-") or "the package that it is in"


def _file_name(name: str) -> str:
    """Return the original's name, as far as a file system takes it."""
    path = PurePath(name.replace("\0", ""))
    raw = (path.name or "file").encode("utf-8", errors="replace")
    if len(raw) <= MAX_NAME_BYTES:
        return raw.decode("utf-8")
    return raw[: MAX_NAME_BYTES - 20].decode("utf-8", errors="ignore") + path.suffix[:20]


def _load(reader: Any, file: Path) -> Iterable[Any]:
    """Call load_data: most readers name the file `file`, some otherwise."""
    found: Iterable[Any]
    parameters = set(inspect.signature(reader.load_data).parameters)
    if parameters <= {"args", "load_kwargs", "kwargs"} and hasattr(reader, "lazy_load_data"):
        parameters |= set(inspect.signature(reader.lazy_load_data).parameters)
    named = next((parameter for parameter in _FILE_PARAMETERS if parameter in parameters), None)
    found = reader.load_data(**{named: file}) if named else reader.load_data(file)
    return found


def _write(writer: DocumentWriter, found: Any, metadata: dict[str, Any]) -> None:
    text = found.get_content() if hasattr(found, "get_content") else found.text
    about = getattr(found, "metadata", None)
    about = about if isinstance(about, Mapping) else {}
    label = next(((word, about[key]) for key, word in _PLACES if about.get(key) not in (None, "")), None)
    writer.stand(f"{label[0]} {label[1]}" if label else "")
    for paragraph in _PARAGRAPHS.split(str(text)):
        writer.add(BlockKind.PARAGRAPH, paragraph)
    for key, ours in _METADATA.items():
        if isinstance(about.get(key), str) and about[key].strip():
            metadata.setdefault(ours, about[key][:500])
