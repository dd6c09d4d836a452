"""Slides to what a person reads on them, in the order they are shown."""

from __future__ import annotations

import io
from typing import Any

import pptx
import pytest
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from ingest.read import Limits, read
from ingest.read.office.shape_order import Place, reading_order
from rag.errors import Malformed, TooLarge
from rag.types import BlockKind, Document
from tests.ingest.read.make_office import NAMES, packed, relations

TITLE, BULLETS, BLANK = 0, 1, 6  # layouts of python-pptx's own template


def saved(deck: Any) -> Document:
    target = io.BytesIO()
    deck.save(target)
    return read(target.getvalue(), "a.pptx", limits=Limits())


def rows(document: Document) -> list[tuple[str, str, str]]:
    return [(block.place, block.kind.value, document.text[block.start : block.end]) for block in document.blocks]


def add_slide(deck: Any, layout: int) -> Any:
    return deck.slides.add_slide(deck.slide_layouts[layout])


def test_titles_bullets_and_notes_say_their_slide() -> None:
    deck = pptx.Presentation()
    first = add_slide(deck, TITLE)
    first.shapes.title.text, first.placeholders[1].text = "年度计划", "市场部"
    second = add_slide(deck, BULLETS)
    second.shapes.title.text = "目标"
    frame = second.placeholders[1].text_frame
    frame.text = "增长"
    inner = frame.add_paragraph()
    inner.text, inner.level = "百分之十", 1
    second.notes_slide.notes_text_frame.text = "慢慢讲"
    document = saved(deck)
    assert rows(document) == [
        ("slide 1", "heading", "年度计划"),
        ("slide 1", "paragraph", "市场部"),
        ("slide 2", "heading", "目标"),
        ("slide 2", "list_item", "- 增长"),
        ("slide 2", "list_item", "- 百分之十"),
        ("slide 2 notes", "paragraph", "慢慢讲"),
    ]
    assert [block.level for block in document.blocks] == [1, 0, 2, 0, 1, 0]
    assert document.metadata["slides"] == 2


def test_slides_come_in_the_order_of_the_deck_and_hidden_ones_say_so() -> None:
    deck = pptx.Presentation()
    for title in ("一", "二"):
        add_slide(deck, BULLETS).shapes.title.text = title
    listed = deck.slides._sldIdLst
    listed.insert(0, listed[1])
    deck.slides[1]._element.set("show", "0")
    assert [row[::2] for row in rows(saved(deck))] == [("slide 1", "二"), ("slide 2 (hidden)", "一")]


def test_free_shapes_are_read_from_top_to_bottom_and_groups_stay_together() -> None:
    deck = pptx.Presentation()
    shapes = add_slide(deck, BLANK).shapes

    def box(where: Any, text: str, left: float, top: float) -> None:
        where.add_textbox(Inches(left), Inches(top), Inches(2), Inches(0.5)).text_frame.text = text

    box(shapes, "最后一段文字在这里。", 1, 5)
    group = shapes.add_group_shape()
    box(group.shapes, "乙", 1, 3)
    box(group.shapes, "甲", 1, 2)
    box(shapes, "首先", 1, 1)
    assert [row[2] for row in rows(saved(deck))] == ["首先", "甲", "乙", "最后一段文字在这里。"]


def test_a_slide_without_a_title_takes_its_first_short_line() -> None:
    deck = pptx.Presentation()
    shapes = add_slide(deck, BLANK).shapes
    for top, text in ((1, "产品介绍"), (3, "这是一段完整的说明文字。")):
        shapes.add_textbox(Inches(1), Inches(top), Inches(5), Inches(1)).text_frame.text = text
    assert [row[1] for row in rows(saved(deck))] == ["heading", "paragraph"]


def test_tables_have_headers_and_merged_cells() -> None:
    deck = pptx.Presentation()
    table = add_slide(deck, BLANK).shapes.add_table(3, 3, 0, 0, Inches(6), Inches(2)).table
    for at, text in enumerate(["地区", "城市", "销量", "华东", "上海", "5", "", "杭州", "3"]):
        table.cell(at // 3, at % 3).text = text
    table.cell(1, 0).merge(table.cell(2, 0))
    assert [row[2] for row in rows(saved(deck))] == [
        "地区: 华东 | 城市: 上海 | 销量: 5",
        "地区: 华东 | 城市: 杭州 | 销量: 3",
    ]


def test_charts_are_rows_of_their_values() -> None:
    data: Any = CategoryChartData()  # type: ignore[no-untyped-call]
    data.categories = ["一月", "二月"]
    data.add_series("绿茶", (1, 2.5))
    data.add_series("红茶", (3, 4))
    deck = pptx.Presentation()
    add_slide(deck, BLANK).shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, 0, 0, Inches(5), Inches(4), data)
    document = saved(deck)
    assert rows(document)[-2:] == [
        ("slide 1", "table_row", "一月 | 绿茶: 1 | 红茶: 3"),
        ("slide 1", "table_row", "二月 | 绿茶: 2.5 | 红茶: 4"),
    ]


def test_smart_art_is_an_outline() -> None:
    a = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    dgm = 'xmlns:dgm="http://schemas.openxmlformats.org/drawingml/2006/diagram"'
    point = '<dgm:pt modelId="{}" {}><dgm:t><a:p><a:r><a:t>{}</a:t></a:r></a:p></dgm:t></dgm:pt>'
    link = '<dgm:cxn modelId="c{0}{1}" srcId="{0}" destId="{1}" srcOrd="{2}"/>'
    doc, pres = 'type="doc"', 'type="pres"'
    data = (
        f"<dgm:dataModel {dgm} {a}><dgm:ptLst>{point.format(0, doc, '')}{point.format(2, '', '财务')}"
        f"{point.format(1, '', '总裁')}{point.format(3, pres, '不显示')}</dgm:ptLst>"
        f"<dgm:cxnLst>{link.format(0, 1, 0)}{link.format(1, 2, 0)}</dgm:cxnLst></dgm:dataModel>"
    )
    inside = f'<a:graphicData><dgm:relIds {dgm} r:dm="d1"/></a:graphicData>'
    graphic = f"<p:graphicFrame><a:graphic>{inside}</a:graphic></p:graphicFrame>"
    links = (("d1", "diagramData", "../diagrams/data1.xml"),)
    document = deck_of(graphic, links=links, **{"ppt/diagrams/data1.xml": data})
    assert [(row[2], block.level) for row, block in zip(rows(document), document.blocks, strict=True)] == [
        ("- 总裁", 0),
        ("- 财务", 1),
    ]


def deck_of(shapes: str, links: tuple[tuple[str, str, str], ...] = (), **parts: str) -> Document:
    names = NAMES + ' xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
    slide = f"<p:sld {names}><p:cSld><p:spTree>{shapes}</p:spTree></p:cSld></p:sld>"
    made = {
        "[Content_Types].xml": "<Types/>",
        "ppt/presentation.xml": f'<p:pr {names}><p:sldIdLst><p:sldId r:id="s1"/></p:sldIdLst></p:pr>',
        "ppt/_rels/presentation.xml.rels": relations(("s1", "slide", "slides/slide1.xml")),
        "ppt/slides/slide1.xml": slide,
        "ppt/slides/_rels/slide1.xml.rels": relations(*links),
    }
    return read(packed(made | parts), "a.pptx", limits=Limits())


def test_furniture_is_left_out_unless_there_is_nothing_else() -> None:
    shape = (
        '<p:sp><p:nvSpPr><p:cNvPr id="1" name="x"/><p:nvPr>{}</p:nvPr></p:nvSpPr>'
        "<p:txBody><a:p><a:r><a:t>{}</a:t></a:r></a:p></p:txBody></p:sp>"
    )
    footer = shape.format('<p:ph type="ftr"/>', "内部资料")
    assert deck_of(footer + shape.format("", "正文在此。")).text == "正文在此。"
    assert deck_of(footer).text == "内部资料"


def test_slides_are_found_where_the_presentation_part_is_lost() -> None:
    slide = (
        '<p:sld xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
        ' xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><p:cSld><p:spTree>'
        "<p:sp><p:txBody><a:p><a:r><a:t>{}</a:t></a:r></a:p></p:txBody></p:sp></p:spTree></p:cSld></p:sld>"
    )
    parts = {f"ppt/slides/slide{n}.xml": slide.format(f"第{n}页。") for n in (10, 2)}
    parts["[Content_Types].xml"] = "<Types/>"
    assert read(packed(parts), "a.pptx", limits=Limits()).text == "第2页。\n\n第10页。"


def test_a_deck_without_slides_is_malformed_and_one_with_too_many_is_too_large() -> None:
    with pytest.raises(Malformed):
        read(packed({"[Content_Types].xml": "<Types/>", "ppt/x.xml": "<x/>"}), "a.pptx", limits=Limits())
    deck = pptx.Presentation()
    for _ in range(3):
        add_slide(deck, BULLETS).shapes.title.text = "页"
    target = io.BytesIO()
    deck.save(target)
    with pytest.raises(TooLarge):
        read(target.getvalue(), "a.pptx", limits=Limits(max_pages=2))


def test_columns_side_by_side_are_read_after_what_stands_above_them() -> None:
    title, left, right = Place(2, 0, 0, 100, 10), Place(1, 0, 20, 45, 90), Place(0, 55, 20, 100, 90)
    assert reading_order([right, left, title]) == [2, 1, 0]


def test_every_kind_of_block_has_text() -> None:
    deck = pptx.Presentation()
    add_slide(deck, BULLETS).shapes.title.text = "题"
    assert all(block.end > block.start and block.kind is not BlockKind.LINE for block in saved(deck).blocks)
