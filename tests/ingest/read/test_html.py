"""A page to its main content."""

from __future__ import annotations

import pytest

from ingest.read import Limits, read
from rag.errors import NoText
from rag.types import BlockKind, Document

PAGE = """<!DOCTYPE html><html><head><title>How tea is made | The Kettle</title><meta name="author" content="Mei">
<style>p {color: red}</style><script>var a = "no";</script></head><body>
<header><a href="/">The Kettle</a></header>
<nav><ul><li><a href="/1">Home</a></li><li><a href="/2">Shop</a></li></ul></nav>
<div class="cookie-banner">We value your privacy. <button>Accept</button></div>
<main><h1>How tea is made</h1>
<p>Leaves are <b>withered</b>, rolled and
dried.<br>Then they are sorted.</p>
<ol start="3"><li>Pick</li><li>Wither<ul><li>outdoors</li></ul></li></ol>
<table><thead><tr><th>Tea</th><th>Oxidised</th></tr></thead><tr><td>Green</td><td>no</td></tr></table>
<pre>kettle
  on</pre><blockquote>Patience.</blockquote>
<figure><img src="x.png"><figcaption>A kettle</figcaption></figure>
<p style="display:none">secret</p>
<div class="shareholders">Owned by its shareholders.</div>
<aside>Note: the water must be soft.</aside>
<div class="share-buttons">Tweet Share</div>
</main><aside>Our shop is open.</aside><footer>© 2024 The Kettle</footer></body></html>"""


def page(markup: str, name: str = "page.html") -> Document:
    return read(markup.encode(), name, limits=Limits())


def texts(document: Document, kind: BlockKind) -> list[str]:
    return [document.text[b.start : b.end] for b in document.blocks if b.kind is kind]


def test_the_main_content_stays_and_the_furniture_goes() -> None:
    document = page(PAGE)
    for furniture in ("Home", "Accept", "privacy", "Tweet", "©", "secret", "color", "var a", "Our shop"):
        assert furniture not in document.text
    assert texts(document, BlockKind.PARAGRAPH) == [
        "Leaves are withered, rolled and dried.\nThen they are sorted.",
        "Owned by its shareholders.",
        "Note: the water must be soft.",
    ]


def test_structure_is_kept() -> None:
    document = page(PAGE)
    assert texts(document, BlockKind.HEADING) == ["How tea is made"]
    assert texts(document, BlockKind.LIST_ITEM) == ["3. Pick", "4. Wither", "- outdoors"]
    assert texts(document, BlockKind.TABLE_ROW) == ["Tea: Green | Oxidised: no"]
    assert texts(document, BlockKind.CODE) == ["kettle\n  on"]
    assert texts(document, BlockKind.QUOTE) == ["Patience."]
    assert texts(document, BlockKind.CAPTION) == ["A kettle"]


def test_the_title_is_the_pages_own_without_the_sites_name() -> None:
    document = page(PAGE)
    assert document.title == "How tea is made"
    assert document.metadata["author"] == "Mei"


@pytest.mark.parametrize("encoding", ["gb2312", "big5", "utf-8", "utf-16"])
def test_a_page_is_decoded_as_it_declares_or_as_it_is(encoding: str) -> None:
    text = "中文網頁的內容。" if encoding == "big5" else "中文网页的内容。"
    markup = f'<html><head><meta charset="{encoding}"></head><body><p>{text}</p></body></html>'
    assert read(markup.encode(encoding), "a.html", limits=Limits()).text == text


def test_a_page_that_declares_a_wrong_encoding_is_read_all_the_same() -> None:
    markup = '<html><head><meta charset="iso-8859-1"></head><body><p>中文网页的内容。</p></body></html>'
    assert page(markup).text == "中文网页的内容。"


def test_lines_broken_in_chinese_markup_leave_no_spaces() -> None:
    assert page("<p>第一行\n   第二行 abc\n中文</p><p>b</p>").text.startswith("第一行第二行 abc 中文")


def test_ruby_notes_are_not_put_between_the_characters() -> None:
    assert "汉字" in page("<html><body><p><ruby>汉<rt>hàn</rt>字<rt>zì</rt></ruby>很美。</p></body></html>").text


def test_a_page_of_nothing_but_scripts_has_no_text() -> None:
    with pytest.raises(NoText):
        page("<html><body><script>1</script></body></html>")


def test_a_page_nested_thousands_deep_does_not_break_the_reader() -> None:
    assert "inside" in page("<html><body>" + "<div><ul><li>" * 3000 + "inside").text


def test_layout_tables_are_walked_as_blocks() -> None:
    document = page(
        "<html><body><table><tr><td><h1>Title</h1><p>Text.</p></td><td>Side</td></tr></table></body></html>"
    )
    assert texts(document, BlockKind.HEADING) == ["Title"]
    assert texts(document, BlockKind.PARAGRAPH) == ["Text.", "Side"]


def test_what_is_left_out_of_a_page_is_told() -> None:
    document = page(
        "<body><nav>Home Products</nav><div class='cookie-banner'>We value your privacy</div><script>var x</script>"
        "<main><h1>Tea</h1><p>Pour water at 80 degrees onto the leaves and wait for three minutes.</p>"
        "<button>Buy now</button></main><footer>© The Kettle</footer></body>"
    )
    assert document.text == "Tea\n\nPour water at 80 degrees onto the leaves and wait for three minutes."
    assert {(row["reason"], row["text"]) for row in document.metadata["dropped"]} == {
        ("page furniture", "Buy now"),
        ("outside the main part", "Home Products"),
        ("outside the main part", "We value your privacy"),
        ("outside the main part", "© The Kettle"),
    }


PROSE = "<p>" + "The kettle is filled with fresh water before each pot. " * 9 + "</p>"


@pytest.mark.parametrize(
    "section",
    [
        '<section id="editing-and-navigation"><h2>Editing and navigation¶</h2>{}</section>',
        '<div class="section" id="related-work"><h2>2.1. Related Work</h2>{}</div>',
        '<div class="level2" id="顶部-menu"><h2>顶部 menu</h2>{}</div>',
    ],
)
def test_a_chapter_whose_address_is_made_of_its_heading_stays(section: str) -> None:
    text = page(f"<body>{PROSE * 3}{section.format(PROSE.replace('kettle', 'samovar'))}</body>").text
    assert text.count("samovar") == 9


@pytest.mark.parametrize(
    "section",
    [
        '<div id="comments"><h2>Comments</h2>{}</div>',
        '<div id="related-posts" class="sidebar"><h2>Related posts</h2>{}</div>',
        '<div id="share-this"><h3>Share this</h3><p>samovar</p></div>',
        '<section id="newsletter-box"><h2>Write to us</h2>{}</section>',
    ],
)
def test_furniture_under_a_heading_goes_all_the_same(section: str) -> None:
    text = page(f"<body>{PROSE * 3}{section.format(PROSE.replace('kettle', 'samovar'))}</body>").text
    assert "samovar" not in text
