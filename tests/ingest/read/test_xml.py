"""XML of any vocabulary, feeds, pictures, and bombs."""

from __future__ import annotations

import re
import time
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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


def test_a_record_may_hold_small_records() -> None:
    document = xml(
        "<refs><ref><by><name>Mei</name></by><by><name>Bo</name></by></ref>"
        "<ref><by><name>Al</name></by><year>2024</year></ref><set><a><x>1</x></a><b>2</b></set></refs>"
    )
    assert [text for _, _, text in blocks(document)] == ["Mei", "Bo", "name: Al | year: 2024", "x: 1 | b: 2"]


def test_attributes_are_read_where_all_is_data_and_not_in_prose() -> None:
    assert xml('<data><set key="a"/></data>').text == "key: a"
    assert xml('<doc><p id="p1">Words <ref target="x"/>here.</p><img href="y"/></doc>').text == "Words here."


def test_tables_are_rows_with_their_header() -> None:
    head = "<thead><row><entry>Part</entry><entry>Size</entry></row></thead>"
    row = "<tbody><row><entry><para>Bolt</para></entry><entry>M8</entry></row></tbody>"
    document = xml(f"<doc><table><title>Parts</title><tgroup>{head}{row}</tgroup></table></doc>")
    assert [(kind, text) for kind, _, text in blocks(document)] == [
        ("caption", "Parts"),
        ("table_row", "Part: Bolt | Size: M8"),
    ]


words = st.sampled_from("tea cup leaf pot kettle water heat time".split())
names = st.sampled_from("a b name title p item table row entry section code head ref text".split())
trees = st.recursive(
    words,
    lambda inner: st.tuples(names, st.lists(st.one_of(inner, words), max_size=4)).map(
        lambda node: f"<{node[0]}>{' '.join(node[1])}</{node[0]}>"
    ),
    max_leaves=25,
)


@given(trees)
@settings(max_examples=200, deadline=None)
def test_no_word_is_lost_whatever_the_elements_are_named(tree: str) -> None:
    expected = Counter(re.sub("<[^>]*>", " ", tree).split())
    try:
        document = xml(f"<doc>{tree}</doc>")
    except NoText:
        assert not expected
        return
    found = Counter(re.findall(r"\w+", document.text))
    assert not expected - found, document.text


def test_an_articles_title_is_its_own_and_not_that_of_a_work_it_cites() -> None:
    front = "<front><title-group><article-title>On Tea</article-title></title-group></front>"
    cited = "<ref><name><given>Mei</given></name><article-title>Cups</article-title><year>2024</year></ref>"
    document = xml(f"<article>{front}<sec><title>Leaves</title><p>Words.</p></sec>{cited}</article>")
    assert document.title == "On Tea"
    assert [(kind, text) for kind, _, text in blocks(document)] == [
        ("heading", "On Tea"),
        ("heading", "Leaves"),
        ("paragraph", "Words."),
        ("table_row", "given: Mei | article-title: Cups | year: 2024"),
    ]


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
