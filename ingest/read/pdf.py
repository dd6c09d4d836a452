from ingest.read.limits import Limits
from ingest.read.writer import DocumentWriter
from rag.types import Document


def read_pdf(data: bytes, name: str, limits: Limits) -> Document:
    return DocumentWriter().finish(name, "application/pdf")
