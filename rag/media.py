"""What people call the types of files: suffixes, and names such as "word" or "image". Knows nothing of the files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rag.errors import InvalidRequest

_OFFICE = "application/vnd.openxmlformats-officedocument"
_OPEN = "application/vnd.oasis.opendocument"
_MICROSOFT = "application/vnd.ms-"
_DOC, _DOCX, _ODT = "application/msword", f"{_OFFICE}.wordprocessingml.document", f"{_OPEN}.text"
_XLS, _XLSX, _ODS = f"{_MICROSOFT}excel", f"{_OFFICE}.spreadsheetml.sheet", f"{_OPEN}.spreadsheet"
_XLSB = f"{_MICROSOFT}excel.sheet.binary.macroenabled.12"
_PPT, _PPTX, _ODP = f"{_MICROSOFT}powerpoint", f"{_OFFICE}.presentationml.presentation", f"{_OPEN}.presentation"
_MAIL, _MSG = "message/rfc822", f"{_MICROSOFT}outlook"
_HTML, _MARKDOWN, _TEXT, _NOTEBOOK = "text/html", "text/markdown", "text/plain", "application/x-ipynb+json"
_CSV, _TSV = "text/csv", "text/tab-separated-values"

# A name to its media types; "image/*" is a whole family.
NAMES: Mapping[str, tuple[str, ...]] = {
    "pdf": ("application/pdf",),
    "doc": (_DOC,),
    "docx": (_DOCX,),
    "odt": (_ODT,),
    "word": (_DOC, _DOCX),
    "rtf": ("application/rtf", "text/rtf"),
    "xls": (_XLS,),
    "xlsx": (_XLSX,),
    "xlsb": (_XLSB,),
    "ods": (_ODS,),
    "excel": (_XLS, _XLSX, _XLSB),
    "spreadsheet": (_XLS, _XLSX, _XLSB, _ODS, _CSV, _TSV),
    "ppt": (_PPT,),
    "pptx": (_PPTX,),
    "odp": (_ODP,),
    "powerpoint": (_PPT, _PPTX),
    "presentation": (_PPT, _PPTX, _ODP),
    "html": (_HTML, "application/xhtml+xml"),
    "htm": (_HTML, "application/xhtml+xml"),
    "markdown": (_MARKDOWN,),
    "md": (_MARKDOWN,),
    "rst": ("text/x-rst",),
    "text": (_TEXT,),
    "txt": (_TEXT,),
    "csv": (_CSV,),
    "tsv": (_TSV,),
    "json": ("application/json",),
    "jsonl": ("application/jsonl",),
    "notebook": (_NOTEBOOK,),
    "ipynb": (_NOTEBOOK,),
    "xml": ("application/xml", "text/xml"),
    "svg": ("image/svg+xml",),
    "epub": ("application/epub+zip",),
    "eml": (_MAIL,),
    "msg": (_MSG,),
    "mail": (_MAIL, _MSG),
    "code": ("text/x-source",),
    "image": ("image/*",),
    "png": ("image/png",),
    "jpg": ("image/jpeg",),
    "jpeg": ("image/jpeg",),
    "gif": ("image/gif",),
    "tif": ("image/tiff",),
    "tiff": ("image/tiff",),
    "webp": ("image/webp",),
    "bmp": ("image/bmp",),
}
_MEDIA_TYPE = re.compile(r"[a-z0-9][\w.+-]*/(?:\*|[a-z0-9][\w.+-]*)", re.ASCII)


@dataclass(frozen=True, slots=True)
class MediaTypes:
    """Some media types, and some families of them."""

    exact: frozenset[str]
    families: tuple[str, ...]  # "image/"

    @classmethod
    def of(cls, names: Iterable[str]) -> MediaTypes:
        """names: media types, families ("image/*"), suffixes or names. Raises InvalidRequest for one unknown."""
        wanted = [media_type for name in names for media_type in _media_types(name)]
        families = tuple(one.removesuffix("*") for one in wanted if one.endswith("/*"))
        return cls(frozenset(wanted), families)

    def __contains__(self, media_type: str) -> bool:
        media_type = media_type.casefold()
        return media_type in self.exact or media_type.startswith(self.families)


def short_name(media_type: str) -> str:
    """Return what people call the type: "docx"; the type itself where they call it nothing."""
    return next((name for name, types in NAMES.items() if types[0] == media_type.casefold()), media_type)


def _media_types(name: str) -> tuple[str, ...]:
    folded = name.strip().casefold()
    if _MEDIA_TYPE.fullmatch(folded):
        return (folded,)
    known = NAMES.get(folded.removeprefix("*").removeprefix("."))
    if known is None:
        raise InvalidRequest(
            f"no type of files is called {name!r}",
            hint=f"known are {', '.join(NAMES)}; others by their media type, or by their names: sources '*.ext'",
        )
    return known
