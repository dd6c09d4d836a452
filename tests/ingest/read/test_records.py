"""JSON: every value once, beside its name and with its place."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.read import Limits, read
from rag.errors import NoText, TooLarge
from rag.types import Document


def written(value: object, name: str = "a.json") -> Document:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return read(text.encode(), name, limits=Limits())


def rows(document: Document) -> list[tuple[str, str]]:
    return [(block.place, document.text[block.start : block.end]) for block in document.blocks]


def test_objects_of_an_array_are_rows_with_their_place() -> None:
    document = written(
        [{"id": 1, "name": "Bolt", "size": {"d": 8, "l": 20}}, {"id": 2, "name": "Nut", "tags": ["a", "b"]}]
    )
    assert rows(document) == [
        ("$[0]", "id: 1 | name: Bolt | size.d: 8 | size.l: 20"),
        ("$[1]", "id: 2 | name: Nut | tags: a, b"),
    ]


def test_the_keys_of_the_outer_objects_are_headings() -> None:
    document = written({"title": "Shop", "items": [{"id": 1}], "owner": {"name": "Mei", "home": {"city": "Ulm"}}})
    assert rows(document) == [
        ("$", "title: Shop"),
        ("$.items", "items"),
        ("$.items[0]", "id: 1"),
        ("$.owner", "owner"),
        ("$.owner", "name: Mei"),
        ("$.owner.home", "home"),
        ("$.owner.home", "city: Ulm"),
    ]
    assert document.title == "Shop"


def test_long_texts_are_paragraphs_in_full() -> None:
    text = "The first sentence of many. " * 20 + "\n\n" + "The second paragraph. " * 5
    document = written({"id": 7, "text": text, "abstract": "word " * 100})
    found = [" ".join(line.split()) for _, line in rows(document)]
    assert found[1] == " ".join(text.split("\n\n")[0].split())
    assert found[3].startswith("abstract: word")


def test_numbers_stay_as_written_and_keys_that_come_twice_stay_both() -> None:
    big = "9" * 5000
    document = written('{"price": 1.10, "price": 1e3, "big": ' + big + ', "no": NaN, "yes": true, "none": null}')
    assert rows(document)[0][1] == "price: 1.10 | price: 1e3 | no: NaN | yes: true"
    assert big in document.text


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_deep_nesting_is_read_or_named(opening: str, closing: str) -> None:
    assert "7" in written(opening * 100 + "7" + closing * 100).text
    for depth in (2000, 100_000):
        with pytest.raises(TooLarge, match="nested"):
            written(opening * depth + "7" + closing * depth)


def test_bytes_written_in_letters_are_dropped_and_told() -> None:
    document = written({"name": "picture", "data": "iVBORw0KGgo" * 100})
    assert document.text == "name: picture"
    assert document.metadata["dropped"][0]["reason"] == "encoded bytes at $.data"


def test_a_record_of_many_fields_is_written_line_by_line() -> None:
    document = written({f"key{n}": f"value {n}" for n in range(100)})
    assert rows(document)[99] == ("$.key99", "key99: value 99")


def test_lines_are_records_and_bad_ones_are_kept() -> None:
    document = written('{"id": 1, "m": {"x": 2}}\noops\n{"id": 3}\n', "a.jsonl")
    assert rows(document) == [("line 1", "id: 1 | m.x: 2"), ("line 2", "oops"), ("line 3", "id: 3")]
    assert document.metadata["bad_lines"] == 1


def test_lines_in_a_json_file_are_records_too() -> None:
    assert rows(written('{"id": 1}\n{"id": 2}\n'))[1] == ("line 2", "id: 2")


def test_what_is_no_json_is_plain_text() -> None:
    assert written("{broken: yes, because: people write by hand}").mime == "text/plain"
    assert written("these are\nno records\nat all\n", "a.jsonl").mime == "text/plain"


values = st.recursive(
    st.one_of(st.integers(), st.booleans(), st.none(), st.text("abc 中文\n", max_size=12), st.just("word " * 80)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.sampled_from("abcde"), inner, max_size=4)),
    max_leaves=20,
)


def leaves(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for item in value.values():
            yield from leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item)
    elif value is not None:
        yield str(value).lower() if isinstance(value, bool) else str(value)


@given(st.one_of(st.lists(values, max_size=4), st.dictionaries(st.sampled_from("abcde"), values, max_size=4)))
@settings(max_examples=200, deadline=None)
def test_no_value_is_lost(value: object) -> None:
    expected = [leaf for leaf in leaves(value) if leaf.strip()]
    try:
        document = written(value)
    except NoText:
        assert not expected
        return
    text = "".join(document.text.split())
    for leaf in expected:
        assert "".join(leaf.split()) in text


def test_nothing_but_empty_values_is_no_text() -> None:
    with pytest.raises(NoText):
        written({"a": None, "b": [], "c": {}, "d": ""})
