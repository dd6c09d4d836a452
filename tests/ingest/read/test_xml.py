"""XML of any vocabulary, feeds, pictures, and bombs."""

from __future__ import annotations

import time

import pytest

from ingest.read import Limits, read
from rag.errors import Malformed, NoText, TooLarge
from rag.types import Document


def xml(text: str, name: str = "a.xml") -> Document:
    return read(('<?xml version="1.0"?>' + text).encode(), name, limits=Limits())


def blocks(document: Document) -> list[tuple[str, str, str]]:
    return [(b.kind.value, b.place, document.text[b.start : b.end]) for b in document.blocks]


def test_elements_with_named_values_are_rows() -> None:
    document = xml(
        '<shop><part id="7"><name>Bolt</name><size>M8</size></part><part id="8"><name>Nut</name><size>M6</size></part>'
        '<set key="a" value="1"/></shop>'
    )
    assert blocks(document) == [
        ("table_row", "part[1]", "id: 7 | name: Bolt | size: M8"),
        ("table_row", "part[2]", "id: 8 | name: Nut | size: M6"),
        ("table_row", "set[1]", "key: a | value: 1"),
    ]


def test_prose_has_headings_paragraphs_lists_and_code() -> None:
    document = xml(
        "<book><title>Tea</title><chapter><title>Green</title><para>Mind the <em>heat</em>\n  of it.</para>"
        "<list><listitem><para>one</para></listitem><item>two</item></list>"
        "<programlisting>x = 1\n  y</programlisting></chapter></book>"
    )
    assert [(kind, text) for kind, _, text in blocks(document)] == [
        ("heading", "Tea"),
        ("heading", "Green"),
        ("paragraph", "Mind the heat of it."),
        ("paragraph", "one"),
        ("list_item", "- two"),
        ("code", "x = 1\n  y"),
    ]
    assert document.title == "Tea"
    assert [block.level for block in document.blocks[:2]] == [1, 2]


def test_mixed_text_is_lost_nowhere() -> None:
    document = xml("<a>before<b>one</b>between<c><d>two</d><e>three</e></c>after</a>")
    for word in ("before", "one", "between", "two", "three", "after"):
        assert document.text.count(word) == 1


def test_the_items_of_a_feed_come_under_their_titles() -> None:
    rss = (
        "<rss><channel><title>News</title><item><title>First</title><pubDate>Mon</pubDate>"
        "<description>&lt;p&gt;Hello &lt;b&gt;world&lt;/b&gt;&lt;/p&gt;</description></item></channel></rss>"
    )
    atom = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>News</title><entry><title>First</title>'
        '<published>Mon</published><content type="html">&lt;p&gt;Hello &lt;b&gt;world&lt;/b&gt;&lt;/p&gt;</content>'
        "</entry></feed>"
    )
    assert [text for _, _, text in blocks(xml(rss))] == ["News", "First", "pubDate: Mon", "Hello world"]
    assert [text for _, _, text in blocks(xml(atom))] == ["News", "First", "published: Mon", "Hello world"]


def test_of_a_picture_the_words_are_read() -> None:
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg"><title>Staff</title><style>.a{}</style><path d="M0 0"/>'
        "<text><tspan>Chief</tspan><tspan>Cook</tspan></text></svg>"
    )
    document = read(svg.encode(), "a.svg", limits=Limits())
    assert document.text == "Staff\n\nChief Cook"
    with pytest.raises(NoText):
        read(b'<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0"/></svg>', "b.svg", limits=Limits())


def test_entities_reach_nothing_outside_and_do_not_grow() -> None:
    started = time.perf_counter()
    outside = '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd"><!ENTITY y "short">]><r><a>one &x;&y; two</a></r>'
    assert xml(outside).text == "one short two"
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<!DOCTYPE r [<!ENTITY l0 "lol">{laughs}]><r>hello &l9;</r>'
    with pytest.raises(TooLarge, match="amplification|entit"):
        xml(bomb)
    assert time.perf_counter() - started < 1


def test_many_elements_take_linear_time() -> None:
    started = time.perf_counter()
    document = xml("<r>" + "<rec><id>7</id><name>Mei</name></rec>" * 20_000 + "</r>")
    assert document.blocks[-1].place == "rec[20000]"
    assert time.perf_counter() - started < 5


def test_what_is_no_xml_is_malformed() -> None:
    with pytest.raises((Malformed, NoText)):
        xml("no element at all")
