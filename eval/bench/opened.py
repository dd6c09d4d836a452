"""Whether a program that people open such files with opens one, and shows any text: the yardstick for what is indexed.

LibreOffice for what office programs write, pdfium for PDFs, Chromium for pages and texts; for mail, books and pictures
a library, since nothing that shows them runs without a screen. A file that needs a password is not opened.
"""

from __future__ import annotations

import email
import email.policy
import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.bench import office
from eval.bench.second_reading import pages, pdf_texts
from eval.bench.words import words
from ingest.read.limits import Limits
from ingest.read_apart import ReadApart, ReaderFault
from rag.errors import Malformed, Unreadable

PDF_LIMITS = Limits(max_seconds=60.0)
LOOK_PAGES = 50  # of a PDF, for text


@dataclass(frozen=True, slots=True)
class Opened:
    """has_text: whether the program shows any; None where the file is not opened."""

    program: str
    has_text: bool | None


def by_libreoffice(files: Sequence[Path]) -> dict[Path, Opened]:
    made = office.converted(files, "pdf") if office.is_there() else {}
    return {
        path: Opened("LibreOffice", any(words(text) for text in pdf_texts(made[path])) if path in made else None)
        for path in files
    }


def by_pdfium(files: Sequence[Path]) -> dict[Path, Opened]:
    reader = ReadApart()  # some of them crash it
    opened = {}
    for path in files:
        try:
            has_text = reader.call(f"{__name__}:rendered", path.read_bytes(), path.name, PDF_LIMITS)
        except (Unreadable, ReaderFault):
            has_text = None
        opened[path] = Opened("pdfium", has_text)
    reader.close()
    return opened


def rendered(data: bytes, name: str, _limits: Limits) -> bool:
    """Render the first page; return whether any page has characters. Raises Malformed where pdfium cannot."""
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
        document[0].render(scale=0.5).to_numpy()
        texts = (document[number].get_textpage().get_text_bounded() for number in range(min(len(document), LOOK_PAGES)))
        return any(words(text) for text in texts)
    except (pypdfium2.PdfiumError, IndexError) as error:
        raise Malformed(f"{name}: {error}") from error


def by_chromium(files: Sequence[Path]) -> dict[Path, Opened]:
    """It opens whatever has a text type: what is asked is whether there is a word in it."""
    shown = pages([path for path in files if path.suffix.lower() in {".html", ".htm", ".xhtml"}])
    opened = {}
    for path in files:
        if path in shown:
            has_text = bool(words(shown[path].texts[0]))
        else:
            data = path.read_bytes().replace(b"\0", b"")  # UTF-16's, of which half a letter is enough here
            has_text = any(words(data.decode(code, "ignore")) for code in ("utf-8", "gb18030"))
        opened[path] = Opened("a browser", has_text)
    return opened


def by_mail(files: Sequence[Path]) -> dict[Path, Opened]:
    """Every mail is opened that has a header, unless it is encrypted."""
    opened = {}
    for path in files:
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.compat32)
        shown = [str(value) for value in message.values()]
        shown += [str(part.get_payload()) for part in message.walk() if not part.is_multipart()]
        is_shown = message.keys() and not (
            message.get_content_type() == "multipart/encrypted" or message.get_param("smime-type") == "enveloped-data"
        )
        opened[path] = Opened("Python's email", bool(words(" ".join(shown))) if is_shown else None)
    return opened


def by_oxmsg(files: Sequence[Path]) -> dict[Path, Opened]:
    import oxmsg

    opened = {}
    for path in files:
        try:
            message = oxmsg.Message.load(str(path))
            has_text = bool(words(f"{message.subject} {message.body or ''} {message.html_body or ''}"))
        except Exception:  # noqa: BLE001  (another's library, on files made to break it)
            has_text = None
        opened[path] = Opened("python-oxmsg", has_text)
    return opened


def by_unzipping(files: Sequence[Path]) -> dict[Path, Opened]:
    opened = {}
    for path in files:
        try:
            with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as book:
                book.testzip()
                parts = [name for name in book.namelist() if name.lower().endswith(("html", "htm", "xml"))]
                has_text = any(words(book.read(name).decode("utf-8", "ignore")) for name in parts)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError):
            has_text = None
        opened[path] = Opened("unzip", has_text)
    return opened


def by_pillow(files: Sequence[Path]) -> dict[Path, Opened]:
    from PIL import Image

    opened = {}
    for path in files:
        try:
            with Image.open(path) as picture:
                picture.load()
            has_text: bool | None = False
        except (OSError, ValueError, Image.DecompressionBombError):
            has_text = None
        opened[path] = Opened("Pillow", has_text)
    return opened


_BY_SUFFIX: dict[str, Callable[[Sequence[Path]], dict[Path, Opened]]] = {
    **dict.fromkeys(
        ".doc .docx .docm .dot .dotx .ppt .pptx .pptm .pps .ppsx .xls .xlsx .xlsm .xlsb .odt .ods .odp .rtf".split(),
        by_libreoffice,
    ),
    **dict.fromkeys(".png .jpg .jpeg .gif .tif .tiff .webp .bmp".split(), by_pillow),
    ".pdf": by_pdfium,
    ".eml": by_mail,
    ".msg": by_oxmsg,
    ".epub": by_unzipping,
}


def opened(files: Sequence[Path]) -> dict[Path, Opened]:
    """By the file's suffix, as a desktop chooses its program; a browser opens the rest."""
    groups: dict[Callable[[Sequence[Path]], dict[Path, Opened]], list[Path]] = {}
    for path in files:
        groups.setdefault(_BY_SUFFIX.get(path.suffix.lower(), by_chromium), []).append(path)
    return {path: one for program, members in groups.items() for path, one in program(members).items()}
