"""A run as JUnit XML: what other programs expect of it, and what a person reads in it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from eval.folder.junit import write_junit
from eval.record import Record
from tests.eval.folder.records import answered, failed, ranked, refused

# What Jenkins, GitLab and their kin read, in short: order within a test case, and every count a whole number.
SCHEMA = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
 <xs:complexType name="told" mixed="true">
  <xs:attribute name="type" type="xs:string"/><xs:attribute name="message" type="xs:string"/>
 </xs:complexType>
 <xs:attributeGroup name="counts">
  <xs:attribute name="name" type="xs:string" use="required"/>
  <xs:attribute name="tests" type="xs:nonNegativeInteger" use="required"/>
  <xs:attribute name="failures" type="xs:nonNegativeInteger" use="required"/>
  <xs:attribute name="errors" type="xs:nonNegativeInteger" use="required"/>
  <xs:attribute name="skipped" type="xs:nonNegativeInteger" use="required"/>
  <xs:attribute name="time" type="xs:decimal" use="required"/>
 </xs:attributeGroup>
 <xs:element name="testsuites"><xs:complexType><xs:sequence>
  <xs:element name="testsuite" maxOccurs="unbounded"><xs:complexType>
   <xs:sequence><xs:element name="testcase" minOccurs="0" maxOccurs="unbounded"><xs:complexType>
    <xs:choice minOccurs="0">
     <xs:element name="skipped" type="told"/><xs:element name="error" type="told"/>
     <xs:element name="failure" type="told"/>
    </xs:choice>
    <xs:attribute name="classname" type="xs:string" use="required"/>
    <xs:attribute name="name" type="xs:string" use="required"/>
    <xs:attribute name="time" type="xs:decimal" use="required"/>
   </xs:complexType></xs:element></xs:sequence>
   <xs:attributeGroup ref="counts"/><xs:attribute name="timestamp" type="xs:dateTime"/>
  </xs:complexType></xs:element>
 </xs:sequence><xs:attributeGroup ref="counts"/></xs:complexType></xs:element>
</xs:schema>"""
LEFT_OUT = [{"item": "q7", "reason": "the question is empty"}]


def written(folder: Path, records: list[Record], answers: dict[str, str] | None = None) -> ElementTree.Element:
    """Write it, hold it to the schema, and return the suite."""
    file = folder / "junit.xml"
    told: dict[str, Any] = {"started_at": "2026-01-02T03:04:05+00:00"}
    write_junit(file, "squad:data/小 set.json", records, answers or {}, LEFT_OUT, **told)
    etree.XMLSchema(etree.fromstring(SCHEMA)).assertValid(etree.parse(str(file)))
    suite = ElementTree.parse(file).getroot().find("testsuite")
    assert suite is not None
    return suite


def test_every_question_is_a_case_and_what_went_wrong_is_told(tmp_path: Path) -> None:
    wrong = answered("q2", answer__contains=0.0, citation__right=0.0)
    records = [answered("q1"), wrong, failed("q3"), refused("q4", answerable=True), refused("q5", answerable=False)]
    suite = written(tmp_path, records, {"q2": "It is 43. [1]"})
    counts = {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped")}
    assert counts == {"tests": "6", "failures": "2", "errors": "1", "skipped": "1"}
    cases = {str(case.get("name")).split(":")[0]: case for case in suite}
    assert [child.tag for child in cases["q2"]] == ["failure"]
    assert cases["q2"][0].text == "expected: 42\ncame: It is 43. [1]"
    assert cases["q3"][0].attrib == {"type": "RuntimeError", "message": "boom"}
    assert cases["q4"][0].get("message") == "refused, though the documents answer it"
    assert [len(cases[name]) for name in ("q1", "q5")] == [0, 0]
    assert cases["q7"][0].get("message") == "the question is empty"
    assert cases["q1"].get("time") == "0.013"
    assert cases["q1"].get("classname") == "小 set.factoid"


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (replace(answered("q1"), answerable=False), "answered, though the documents do not answer it"),
        (ranked("q1", "d9"), "no document that answers it is among the first five"),
        (
            answered("q1", answer__contains=0.0, citation__right=0.0),
            "the answer neither contains the expected one nor cites where it stands",
        ),
    ],
)
def test_a_failure_says_what_is_wrong(tmp_path: Path, record: Record, message: str) -> None:
    assert written(tmp_path, [record])[0][0].get("message") == message


def test_an_answer_that_cites_the_place_in_other_words_is_right(tmp_path: Path) -> None:
    assert len(written(tmp_path, [answered("q1", answer__contains=0.0), ranked("q2", "d1")])[0]) == 0


@given(st.text(st.characters(exclude_categories=())), st.text(st.characters(exclude_categories=())))
def test_any_text_at_all_can_be_read_back(tmp_path_factory: pytest.TempPathFactory, one: str, other: str) -> None:
    wrong = answered("q2", answer__contains=0.0, citation__right=0.0)
    records = [replace(wrong, question=one, kind=other, answers=(other,)), failed("q3", f"Boom: {one}")]
    written(tmp_path_factory.mktemp("any"), records, {"q2": other})


def test_chinese_and_markup_stay_as_they_are(tmp_path: Path) -> None:
    record = replace(answered("q1", answer__contains=0.0, citation__right=0.0), question="年假<有>几天&？")
    suite = written(tmp_path, [record], {"q1": "十五天 <b>\x07"})
    assert suite[0].get("name") == "q1: 年假<有>几天&？"
    assert suite[0][0].text == "expected: 42\ncame: 十五天 <b>\ufffd"
