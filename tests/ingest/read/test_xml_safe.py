"""XML that nobody vouches for."""

from __future__ import annotations

import pytest

from ingest.read.xml_safe import local_name, parse_xml
from rag.errors import Malformed, TooLarge


def text(data: bytes) -> str:
    return "".join(parse_xml(data, "a.xml").itertext())


def test_names_of_html_and_short_entities_of_its_own_are_put_in() -> None:
    assert text(b"<a>x&nbsp;<b/>&mdash;y&amp;</a>") == "x\xa0—y&"
    assert text(b'<!DOCTYPE a [<!ENTITY co "ACME">]><a>&co;<b/>-&co;</a>') == "ACME-ACME"


def test_no_entity_grows() -> None:
    laughs = "".join("<!ENTITY l{} '{}'>".format(n, f"&l{n - 1};" * 10) for n in range(1, 10))
    long = f'<!DOCTYPE a [<!ENTITY big "{"x" * 900}">]><a>{"&big;" * 10_000}</a>'
    for bomb in (f"<!DOCTYPE a [<!ENTITY l0 'ha'>{laughs}]><a>&l9;</a>", long, long.replace("</a>", "<b>")):
        with pytest.raises(TooLarge):
            text(bomb.encode())


def test_nothing_outside_is_read() -> None:
    assert text(b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/hostname">]><a>x&e;y</a>') == "xy"
    assert text(b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/hostname">]><a>x&e;y<b>') == "xy"
    assert text(b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><a>x</a>') == "x"


def test_what_is_damaged_is_read_as_far_as_it_goes() -> None:
    assert text("<a>中文<b>粗&amp;</a><c>尾".encode()) == "中文粗&尾"
    assert text(b"<a>one \x00\x08 two</a>").startswith("one")


def test_what_is_no_xml_is_malformed() -> None:
    for data in (b"", b"hello", b"\xff\xfe\x00"):
        with pytest.raises(Malformed):
            parse_xml(data, "a.xml")


def test_a_tree_too_deep_or_a_text_too_long_is_not_cut_in_silence() -> None:
    for data in (b"<a>" * 3000 + b"</a>" * 3000, b"<a>" + b"x" * 11_000_000 + b"</a>"):
        with pytest.raises(TooLarge):
            parse_xml(data, "a.xml")


def test_names_without_their_namespaces() -> None:
    assert local_name(parse_xml(b'<x:a xmlns:x="urn:x"/>', "a.xml")) == "a"
