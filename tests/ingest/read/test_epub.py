"""EPUB books, whole and not."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from ingest.read import Limits, read, sniff
from rag.errors import Encrypted, Malformed
from rag.types import Document
from tests.ingest.read.workbooks import zipped

CONTAINER = """<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>
<rootfile full-path="OPS/book.opf"/></rootfiles></container>"""
OPF = """<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata>
<dc:title>On Tea</dc:title><dc:creator>Mei Lin</dc:creator><dc:creator>Bo</dc:creator><dc:language>en</dc:language>
<dc:date>2024-05-06</dc:date></metadata><manifest>
<item id="two" href="two%20.xhtml" media-type="application/xhtml+xml"/>
<item id="one" href="one.xhtml" media-type="application/xhtml+xml"/>
<item id="gone" href="gone.xhtml" media-type="application/xhtml+xml"/>
<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>
</manifest><spine toc="ncx"><itemref idref="one"/><itemref idref="gone"/><itemref idref="two"/></spine></package>"""
NCX = """<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap><navPoint>
<navLabel><text>First steps</text></navLabel><content src="one.xhtml#a"/></navPoint></navMap></ncx>"""
PAGE = '<html xmlns="http://www.w3.org/1999/xhtml"><head><title/><script src="x.js"/></head><body>{}</body></html>'


def members(**more: str) -> dict[str, str | bytes]:
    return {
        "META-INF/container.xml": CONTAINER,
        "OPS/book.opf": OPF,
        "OPS/toc.ncx": NCX,
        "OPS/two .xhtml": PAGE.format("<h1>Second</h1><ul><li>a list</li></ul>"),
        "OPS/one.xhtml": PAGE.format("<p>The first page&#160;here.</p>"),
        **more,
    }


def book(parts: Mapping[str, str | bytes]) -> Document:
    return read(zipped(parts), "tea.epub", limits=Limits())


def test_chapters_follow_the_spine_under_their_titles() -> None:
    document = book(members())
    assert document.text == "First steps\n\nThe first page here.\n\nSecond\n\n- a list"
    assert [block.place for block in document.blocks] == ["First steps", "First steps", "two .xhtml", "two .xhtml"]
    assert document.title == "On Tea"
    assert document.metadata["author"] == "Mei Lin, Bo"
    assert document.metadata["created"] == "2024-05-06"


def test_a_missing_chapter_is_told_and_costs_no_other() -> None:
    assert book(members()).metadata["damaged"] == ["OPS/gone.xhtml is missing"]


def test_a_book_is_known_by_its_container_whatever_comes_first() -> None:
    data = zipped(members(mimetype="application/epub+zip"))
    assert sniff(data, "x") == "application/epub+zip"
    first = {"mimetype": "application/epub+zip", **members()}
    assert sniff(zipped(first), "x") == "application/epub+zip"


def test_without_a_list_of_chapters_the_pages_are_read_by_name() -> None:
    parts = members()
    parts["OPS/book.opf"] = "<package><spine/></package>"
    assert "The first page here." in book(parts).text
    del parts["OPS/book.opf"]
    assert "a list" in book(parts).text


def test_a_locked_book_is_encrypted_and_one_with_hidden_fonts_is_not() -> None:
    entry = (
        '<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><EncryptedData><EncryptionMethod '
        'Algorithm="{}"/><CipherData><CipherReference URI="{}"/></CipherData></EncryptedData></encryption>'
    )
    locked = entry.format("http://www.w3.org/2001/04/xmlenc#aes128-cbc", "OPS/one.xhtml")
    with pytest.raises(Encrypted, match="locked"):
        book({**members(), "META-INF/encryption.xml": locked})
    fonts = entry.format("http://www.idpf.org/2008/embedding", "OPS/font.otf")
    assert "first page" in book({**members(), "META-INF/encryption.xml": fonts}).text


def test_a_book_without_pages_is_malformed() -> None:
    with pytest.raises(Malformed, match="chapter"):
        book({"META-INF/container.xml": CONTAINER, "OPS/book.opf": OPF})
