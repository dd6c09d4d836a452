"""The one door to pdfium, which keeps global state. Knows nothing of what is read from a page or drawn of it."""

from __future__ import annotations

import threading
from pathlib import Path

import pypdfium2
import pypdfium2.raw as raw

from rag.errors import Encrypted, Malformed

PDFIUM_LOCK = threading.RLock()  # one thread of the process at a time, for every call into it: closing, too


def open_pdf(source: bytes | Path, name: str, password: str = "") -> pypdfium2.PdfDocument:
    """Open a PDF; name is what errors call it. Call it under PDFIUM_LOCK. Raises Encrypted, Malformed."""
    try:
        return pypdfium2.PdfDocument(source, password=password or None)
    except pypdfium2.PdfiumError as error:
        if error.err_code in {raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY}:
            raise Encrypted(f"{name}: needs a password", hint="save a copy without one, and add that") from error
        raise Malformed(f"{name}: not a whole PDF ({error})", hint="export or download it again") from error
