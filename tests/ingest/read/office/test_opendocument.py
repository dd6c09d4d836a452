"""OpenDocument texts and presentations to what a person reads in them."""

from __future__ import annotations

import pytest

from ingest.read import Limits, read
from rag.errors import Encrypted, Malformed, TooLarge
from rag.types import Document
from tests.ingest.read.make_office import ODF_NAMES, odf, packed

LIST = (
    '<text:list-style style:name="L1">'
    '<text:list-level-style-number text:level="1" style:num-format="1" style:num-suffix="."/>'
    '<text:list-level-style-number text:level="2" style:num-format="1" text:display-levels="2"/></text:list-style>'
    '<text:list-style style:name="L2">'
    '<text:list-level-style-bullet text:level="1" text:bullet-char="•"/></text:list-style>'
)


def text(data: bytes, name: str = "a.odt") -> Document:
    return read(data, name, limits=Limits())


def rows(document: Document) -> list[tuple[str, int, str]]:
    return [(block.kind.value, block.level, document.text[block.start : block.end]) for block in document.blocks]


def item(*inside: str) -> str:
    return f"<text:list-item>{''.join(inside)}</text:list-item>"


def p(content: str) -> str:
    return f"<text:p>{content}</text:p>"


def test_headings_lists_and_their_numbers() -> None:
    body = (
        '<text:h text:outline-level="2">章</text:h><text:list text:style-name="L1">'
        + item(p("一"), "<text:list>" + item(p("内")) + "</text:list>")
        + item(p("二"))
        + '</text:list><text:list text:style-name="L2">'
        + item(p("点"))
        + "</text:list>"
    )
    assert rows(text(odf(body, styles=LIST))) == [
        ("heading", 2, "章"),
        ("list_item", 0, "1. 一"),
        ("list_item", 1, "1.1 内"),
        ("list_item", 0, "2. 二"),
        ("list_item", 0, "- 点"),
    ]


def test_space_tabs_and_breaks_are_what_they_stand_for() -> None:
    assert text(odf(p('甲<text:s text:c="3"/>乙<text:tab/>丙<text:line-break/>丁'))).text == "甲 乙 丙\n丁"


def test_deleted_and_hidden_text_is_left_out_and_inserted_text_stays() -> None:
    styles = (
        '<style:style style:name="T1" style:family="text"><style:text-properties text:display="none"/></style:style>'
    )
    body = (
        "<text:tracked-changes><text:changed-region><text:deletion><text:p>旧</text:p></text:deletion>"
        "</text:changed-region></text:tracked-changes>"
        + p('新<text:change text:change-id="c1"/><text:span text:style-name="T1">密</text:span>文')
    )
    assert text(odf(body, styles=styles)).text == "新文"


def test_notes_comments_and_boxes_stand_behind_their_paragraph() -> None:
    note = (
        '<text:note text:note-class="footnote"><text:note-citation>1</text:note-citation>'
        f"<text:note-body>{p('注')}</text:note-body></text:note>"
    )
    comment = f"<office:annotation><dc:creator>李雷</dc:creator>{p('核对')}</office:annotation>"
    box = f"<draw:frame><draw:text-box>{p('框')}</draw:text-box><svg:desc>茶园全景</svg:desc></draw:frame>"
    document = text(odf(p(f"正{note}文{comment}{box}") + p("后")))
    assert [row[2] for row in rows(document)] == ["正文", "注", "Comment by 李雷: 核对", "框", "茶园全景", "后"]
    assert [block.place for block in document.blocks] == ["", "footnote 1", "comment", "text box", "picture", ""]


def cell(content: str, attributes: str = "") -> str:
    return f"<table:table-cell {attributes}>{p(content)}</table:table-cell>"


def test_tables_have_headers_and_merged_cells() -> None:
    covered = "<table:covered-table-cell/>"
    body = (
        "<table:table><table:table-header-rows><table:table-row>"
        + "".join(map(cell, ("地区", "城市", "销量")))
        + "</table:table-row></table:table-header-rows><table:table-row>"
        + cell("华东", 'table:number-rows-spanned="2"')
        + cell("上海")
        + cell("5")
        + f"</table:table-row><table:table-row>{covered}{cell('杭州')}{cell('3')}</table:table-row></table:table>"
    )
    assert [row[2] for row in rows(text(odf(body)))] == [
        "地区: 华东 | 城市: 上海 | 销量: 5",
        "地区: 华东 | 城市: 杭州 | 销量: 3",
    ]


def test_a_row_repeated_a_million_times_is_no_bomb() -> None:
    row = '<table:table-row table:number-rows-repeated="1048576">' + cell("a") + cell("b") + "</table:table-row>"
    assert len(text(odf(f"<table:table>{row}</table:table>")).blocks) <= 1000


def test_slides_their_notes_and_what_is_hidden() -> None:
    styles = (
        '<style:style style:name="dp2" style:family="drawing-page">'
        '<style:drawing-page-properties presentation:visibility="hidden"/></style:style>'
    )
    frame = '<draw:frame presentation:class="{}"><draw:text-box>{}</draw:text-box></draw:frame>'
    body = (
        f"<draw:page>{frame.format('outline', p('要点'))}{frame.format('title', p('标题'))}"
        f"<presentation:notes>{frame.format('notes', p('备注'))}</presentation:notes></draw:page>"
        f"<draw:page draw:style-name='dp2'>{frame.format('title', p('隐'))}"
        f"{frame.format('footer', p('页脚'))}</draw:page>"
    )
    document = text(odf(body, kind="presentation", styles=styles), "a.odp")
    assert [(block.place, row[0], row[2]) for block, row in zip(document.blocks, rows(document), strict=True)] == [
        ("slide 1", "heading", "标题"),
        ("slide 1", "paragraph", "要点"),
        ("slide 1 notes", "paragraph", "备注"),
        ("slide 2 (hidden)", "heading", "隐"),
    ]


def test_what_the_file_says_of_itself_is_metadata() -> None:
    meta = (
        f"<office:document-meta {ODF_NAMES}><office:meta><dc:title>手册</dc:title>"
        "<meta:initial-creator>梅</meta:initial-creator><meta:creation-date>2024-05-06T07:08:09</meta:creation-date>"
        "</office:meta></office:document-meta>"
    )
    document = text(odf(p("文"), **{"meta.xml": meta}))
    assert document.title == "手册"
    assert (document.metadata["author"], document.metadata["created"]) == ("梅", "2024-05-06T07:08:09")


def test_an_encrypted_file_says_that_it_needs_a_password() -> None:
    with pytest.raises(Encrypted):
        text(odf(p("x"), **{"META-INF/manifest.xml": "<m><file><encryption-data/></file></m>"}))


def test_a_file_without_content_is_malformed() -> None:
    with pytest.raises(Malformed):
        text(packed({"mimetype": "application/vnd.oasis.opendocument.text", "META-INF/manifest.xml": "<m/>"}))


def test_a_billion_laughs_are_too_large_and_an_external_entity_is_not_read() -> None:
    laughs = "".join("<!ENTITY l{} '{}'>".format(n, f"&l{n - 1};" * 10) for n in range(1, 10))
    content = (
        f"<!DOCTYPE x [<!ENTITY l0 'ha'>{laughs}<!ENTITY e SYSTEM 'file:///etc/passwd'>]>"
        f"<office:document-content {ODF_NAMES}><office:body><office:text>TEXT</office:text></office:body>"
        "</office:document-content>"
    )
    made = {"mimetype": "application/vnd.oasis.opendocument.text"}
    with pytest.raises(TooLarge):
        text(packed({**made, "content.xml": content.replace("TEXT", p("&l9;"))}))
    assert text(packed({**made, "content.xml": content.replace("TEXT", p("文&e;"))})).text == "文"


def test_a_document_that_is_one_xml_file_is_read_as_one_that_is_packed() -> None:
    mime = "application/vnd.oasis.opendocument.text"
    inside = "<office:meta><dc:title>手册</dc:title></office:meta>"
    inside += f"<office:body><office:text>{p('文')}</office:text></office:body>"
    data = f'<?xml version="1.0"?><office:document {ODF_NAMES} office:mimetype="{mime}">{inside}</office:document>'
    document = text(data.encode(), "a.fodt")
    assert (document.mime, document.title, document.text) == (mime, "手册", "文")


def test_a_formula_stands_in_its_line_and_an_embedded_chart_behind_it() -> None:
    formula = (
        '<math xmlns="http://www.w3.org/1998/Math/MathML"><semantics><mrow><mi>x</mi><mo>=</mo><mfrac><mrow><mi>a</mi>'
        "<mo>+</mo><mi>b</mi></mrow><mn>2</mn></mfrac></mrow><annotation>x={a+b} over 2</annotation></semantics></math>"
    )
    row = "<table:table-row>{}</table:table-row>".format
    table = row(cell("") + cell("绿茶")) + row(cell("一月") + cell("5")) + row(cell("二月") + cell("6"))
    chart = (
        f"<office:document-content {ODF_NAMES}><office:body><office:chart><chart:chart><chart:title>{p('销量')}"
        f"</chart:title><table:table>{table}</table:table></chart:chart></office:chart></office:body>"
        "</office:document-content>"
    )
    frame = '<draw:frame><draw:object xlink:href="./Object {}"/></draw:frame>'
    parts = {"Object 1/content.xml": formula, "Object 2/content.xml": chart}
    document = text(odf(p(f"设{frame.format(1)}，{frame.format(2)}其中"), **parts))
    assert [row[2] for row in rows(document)] == ["设x=(a+b)/2，其中", "销量", "一月 | 绿茶: 5", "二月 | 绿茶: 6"]


def test_a_list_in_a_cell_keeps_its_numbers() -> None:
    listed = '<text:list text:style-name="L1">' + item(p("甲")) + item(p("乙")) + "</text:list>"
    row = f"<table:table-row><table:table-cell>{listed}</table:table-cell>{cell('丙')}</table:table-row>"
    assert text(odf(f"<table:table>{row}</table:table>", styles=LIST)).text == "1. 甲 2. 乙 | 丙"
