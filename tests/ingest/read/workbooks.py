"""Workbooks written by hand, with what the libraries that write them would not: stray cells, lies about their size."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATIONS = 'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'


def zipped(members: Mapping[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in members.items():
            archive.writestr(path, content)
    return buffer.getvalue()


def xlsx(
    sheets: Mapping[str, str],
    *,
    hidden: str = "",
    texts: str = "",
    formats: Mapping[int, str] | None = None,
    more: Mapping[str, str] | None = None,
    from_1904: bool = False,
) -> bytes:
    """Return a workbook. sheets: name -> the rows' XML; formats: number of a style (from 1) -> its format code."""
    formats = formats or {}
    listed = "".join(
        f'<sheet name="{name}" sheetId="{n}" r:id="rId{n}" state="{"hidden" if name == hidden else "visible"}"/>'
        for n, name in enumerate(sheets, start=1)
    )
    targets = "".join(
        f'<Relationship Id="rId{n}" Type="{DOCUMENT}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, len(sheets) + 1)
    )
    codes = "".join(f'<numFmt numFmtId="{200 + n}" formatCode="{code}"/>' for n, code in formats.items())
    styles = "".join(f'<xf numFmtId="{200 + n}"/>' for n in sorted(formats))
    properties = '<workbookPr date1904="1"/>' if from_1904 else ""
    members = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": f'<Relationships {RELATIONS}><Relationship Id="rId1" Type="{DOCUMENT}/officeDocument"'
        ' Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {MAIN} xmlns:r="{DOCUMENT}">{properties}<sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f"<Relationships {RELATIONS}>{targets}"
        f'<Relationship Id="rId90" Type="{DOCUMENT}/sharedStrings" Target="sharedStrings.xml"/>'
        f'<Relationship Id="rId91" Type="{DOCUMENT}/styles" Target="/xl/styles.xml"/></Relationships>',
        "xl/sharedStrings.xml": f"<sst {MAIN}>{texts}</sst>",
        "xl/styles.xml": f'<styleSheet {MAIN}><numFmts>{codes}</numFmts><cellXfs><xf numFmtId="0"/>{styles}</cellXfs>'
        "</styleSheet>",
        **{f"xl/worksheets/sheet{n}.xml": rows for n, rows in enumerate(map(worksheet, sheets.values()), start=1)},
        **(more or {}),
    }
    return zipped(members)


def worksheet(rows: str) -> str:
    if rows.startswith("<worksheet"):
        return rows
    return f"<worksheet {MAIN}><sheetData>{rows}</sheetData></worksheet>"


def rows_of(*rows: list[object], first: int = 1) -> str:
    """Return the XML of rows of texts and numbers; None leaves a cell out."""
    found = ""
    for number, row in enumerate(rows, start=first):
        cells = (_cell(f"{chr(65 + column)}{number}", value) for column, value in enumerate(row))
        found += f'<row r="{number}">{"".join(cells)}</row>'
    return found


def _cell(name: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return f'<c r="{name}" t="inlineStr"><is><t>{value}</t></is></c>'
    return f'<c r="{name}"><v>{value}</v></c>'


TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0"
OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
WORDS = "urn:oasis:names:tc:opendocument:xmlns:text:1.0"


def ods(tables: str, *, manifest: str = "<manifest/>") -> bytes:
    return zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "META-INF/manifest.xml": manifest,
            "content.xml": f'<office:document-content xmlns:office="{OFFICE}" xmlns:table="{TABLE}" '
            f'xmlns:text="{WORDS}"><office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>',
        }
    )
