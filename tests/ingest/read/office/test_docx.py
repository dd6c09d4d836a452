"""Word documents to what a person reads in them."""

from __future__ import annotations

import io
import zipfile

import pytest

from ingest.read import Limits, read
from rag.errors import Malformed, NoText, TooLarge
from rag.types import BlockKind, Document
from tests.ingest.read.make_office import CORE, W, docx, listed, p, packed, r, relations, table

STYLES = (
    '<w:style w:type="paragraph" w:styleId="1"><w:name w:val="heading 1"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="own"><w:name w:val="章节"/><w:basedOn w:val="1"/>'
    '<w:pPr><w:outlineLvl w:val="1"/></w:pPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="zh"><w:name w:val="标题 3"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="cap"><w:name w:val="caption"/></w:style>'
    '<w:style w:type="character" w:styleId="secret"><w:name w:val="Secret"/><w:rPr><w:vanish/></w:rPr></w:style>'
)


def numbering(*levels: tuple[str, str]) -> str:
    made = "".join(
        f'<w:lvl w:ilvl="{at}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for at, (form, text) in enumerate(levels)
    )
    listed_as = '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
    return f'<w:abstractNum w:abstractNumId="0">{made}</w:abstractNum>{listed_as}'


def word(data: bytes, **limits: int) -> Document:
    return read(data, "a.docx", limits=Limits(**limits))  # type: ignore[arg-type]


def shown(document: Document) -> list[str]:
    return [document.text[block.start : block.end] for block in document.blocks]


def test_headings_are_told_by_style_name_outline_and_what_a_style_rests_on() -> None:
    document = word(
        docx(p("一", style="1") + p("二", style="own") + p("三", style="zh") + p("图", style="cap"), styles=STYLES)
    )
    assert [(b.kind, b.level) for b in document.blocks] == [
        (BlockKind.HEADING, 1),
        (BlockKind.HEADING, 2),
        (BlockKind.HEADING, 3),
        (BlockKind.CAPTION, 0),
    ]


def test_a_paragraphs_own_outline_level_wins_over_its_style() -> None:
    body = p("正文", style="1", properties='<w:outlineLvl w:val="9"/>') + p(
        "节", properties='<w:outlineLvl w:val="2"/>'
    )
    kinds = [(b.kind, b.level) for b in word(docx(body, styles=STYLES)).blocks]
    assert kinds == [(BlockKind.PARAGRAPH, 0), (BlockKind.HEADING, 3)]


def test_chinese_clause_numbers_are_those_that_word_shows() -> None:
    body = listed("总则") + listed("适用", 1) + listed("例外", 1) + listed("罚则") + listed("罚款", 1)
    document = word(docx(body, numbering=numbering(("chineseCountingThousand", "第%1条"), ("decimal", "%1.%2"))))
    assert shown(document) == ["第一条 总则", "一.1 适用", "一.2 例外", "第二条 罚则", "二.1 罚款"]
    assert [block.level for block in document.blocks] == [0, 1, 1, 0, 1]


def test_bullets_are_dashes_and_a_restarted_list_counts_anew() -> None:
    levels = numbering(("decimal", "%1)"), ("bullet", "\uf0b7"))
    levels += (
        '<w:num w:numId="2"><w:abstractNumId w:val="0"/>'
        '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num>'
    )
    document = word(docx(listed("a") + listed("b", 1) + listed("c") + listed("d", 0, 2), numbering=levels))
    assert shown(document) == ["1) a", "- b", "2) c", "1) d"]


def test_an_empty_paragraph_of_a_list_is_counted_as_word_counts_it() -> None:
    document = word(docx(listed("a") + listed("") + listed("b"), numbering=numbering(("decimal", "%1."))))
    assert shown(document) == ["1. a", "3. b"]


def test_tracked_changes_count_as_accepted_and_hidden_text_is_left_out() -> None:
    hidden = r("秘密", "<w:vanish/>") + r("机密", '<w:rStyle w:val="secret"/>')
    deleted = "<w:del><w:r><w:delText>一百</w:delText></w:r></w:del>"
    body = (
        f"<w:p>{r('价格为')}{deleted}<w:ins>{r('二百')}</w:ins>{r('元')}{hidden}</w:p>"
        "<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr><w:r><w:t>前半</w:t></w:r></w:p>" + p("后半")
    )
    assert shown(word(docx(body, styles=STYLES))) == ["价格为二百元", "前半后半"]


def test_of_fields_the_result_is_read_and_one_without_an_end_hides_nothing() -> None:
    field = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'
    body = (
        f"<w:p>{field.format('begin')}<w:r><w:instrText>PAGE</w:instrText></w:r>{field.format('separate')}{r('7')}"
        f"{field.format('end')}{r(' 页')}</w:p><w:p>{field.format('begin')}{r('x')}</w:p>" + p("接着")
    )
    assert shown(word(docx(body))) == ["7 页", "接着"]


def test_notes_and_comments_stand_behind_their_paragraph_and_say_what_they_are() -> None:
    body = (
        f'<w:p>{r("正文")}<w:r><w:footnoteReference w:id="2"/></w:r>'
        f'<w:r><w:commentReference w:id="0"/></w:r></w:p>{p("下一段")}'
    )
    notes = (
        f'<w:footnote w:id="0" w:type="separator">{p("--")}</w:footnote><w:footnote w:id="2">{p("脚注")}</w:footnote>'
    )
    comments = f'<w:comment w:id="0" w:author="李雷">{p("需要核对")}</w:comment>'
    document = word(docx(body, footnotes=notes, comments=comments))
    assert shown(document) == ["正文", "脚注", "Comment by 李雷: 需要核对", "下一段"]
    assert [block.place for block in document.blocks] == ["", "footnote 1", "comment", ""]


def test_a_text_box_is_read_once_of_its_two_forms() -> None:
    box = f"<w:txbxContent>{p('框内')}</w:txbxContent>"
    body = (
        f"<w:p>{r('外面')}<w:r><mc:AlternateContent><mc:Choice Requires='wps'><w:drawing><wp:inline>"
        f"<wp:docPr id='1' name='x' descr='一只杯子'/><wps:txbx>{box}</wps:txbx></wp:inline></w:drawing></mc:Choice>"
        f"<mc:Fallback><w:pict><v:textbox>{box}</v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>"
    )
    document = word(docx(body))
    assert shown(document) == ["外面", "一只杯子", "框内"]
    assert document.blocks[2].place == "text box"


def test_content_controls_checkboxes_symbols_and_formulas_are_text() -> None:
    body = (
        f"<w:sdt><w:sdtContent>{p('控件')}</w:sdtContent></w:sdt>"
        f'<w:p><w:r><w:sym w:font="Wingdings" w:char="F0FE"/></w:r>{r(" 同意")}'
        '<w:r><w:sym w:font="Symbol" w:char="F06D"/></w:r></w:p>'
        "<w:p><m:oMath><m:f><m:num><m:r><m:t>a+b</m:t></m:r></m:num><m:den><m:r><m:t>2</m:t></m:r></m:den></m:f>"
        "</m:oMath></w:p>"
    )
    assert shown(word(docx(body))) == ["控件", "☑ 同意μ", "(a+b)/2"]


def test_rows_carry_the_names_of_their_columns() -> None:
    document = word(docx(table(("名称", "单价"), ("绿茶", "12"), first="<w:tblHeader/>")))
    assert shown(document) == ["名称: 绿茶 | 单价: 12"]
    assert document.blocks[0].kind is BlockKind.TABLE_ROW


def test_a_header_row_is_found_by_what_stands_below_it() -> None:
    assert shown(word(docx(table(("Tea", "Price"), ("green", "12"), ("black", "9"))))) == [
        "Tea: green | Price: 12",
        "Tea: black | Price: 9",
    ]
    assert shown(word(docx(table(("姓名", "张三"), ("住址", "北京"))))) == ["姓名 | 张三", "住址 | 北京"]


def test_merged_cells_stand_in_each_of_their_rows_and_under_each_of_their_columns() -> None:
    upper = f"<w:tc><w:tcPr><w:vMerge w:val='restart'/></w:tcPr>{p('华东')}</w:tc>"
    lower = f"<w:tc><w:tcPr><w:vMerge/></w:tcPr>{p('')}</w:tc>"
    wide = f"<w:tc><w:tcPr><w:gridSpan w:val='3'/></w:tcPr>{p('销售表')}</w:tc>"
    made = table((wide,), ("地区", "城市", "销量"), (upper, "上海", "5"), (lower, "杭州", "3"))
    assert shown(word(docx(made))) == [
        "销售表",
        "地区: 华东 | 城市: 上海 | 销量: 5",
        "地区: 华东 | 城市: 杭州 | 销量: 3",
    ]


def test_a_table_that_only_lays_out_the_page_is_read_as_text() -> None:
    body = f"<w:tbl><w:tr><w:tc>{p('标题', style='1')}{p('正文')}{table(('a', 'b'), ('c', 'd'))}</w:tc></w:tr></w:tbl>"
    document = word(docx(body, styles=STYLES))
    assert [b.kind for b in document.blocks] == [BlockKind.HEADING, BlockKind.PARAGRAPH, *[BlockKind.TABLE_ROW] * 2]


def test_headers_and_footers_are_metadata_unless_there_is_nothing_else() -> None:
    document = word(docx(p("正文"), header1=p("某某公司")))
    assert document.text == "正文"
    assert document.metadata["header"] == "某某公司"
    assert word(docx("", header1=p("某某公司"))).text == "某某公司"


def test_what_the_file_says_of_itself_is_metadata() -> None:
    parts = {"_rels/.rels": relations(("r", "officeDocument", "word/document.xml")), "docProps/core.xml": CORE}
    parts |= {
        "[Content_Types].xml": "<Types/>",
        "word/document.xml": f"<w:document {W}><w:body>{p('文')}</w:body></w:document>",
    }
    document = word(packed(parts))
    assert document.title == "茶叶手册"
    assert (document.metadata["author"], document.metadata["created"]) == ("梅", "2024-05-06T07:08:09Z")


def test_a_chart_is_its_title_and_its_values() -> None:
    chart = (
        '<c:chartSpace xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" xmlns:a="http://schemas.'
        'openxmlformats.org/drawingml/2006/main"><c:chart><c:title><c:tx><c:rich><a:p><a:r><a:t>销量</a:t></a:r></a:p>'
        "</c:rich></c:tx></c:title><c:plotArea><c:barChart><c:ser><c:tx><c:strRef><c:strCache><c:pt idx='0'><c:v>绿茶"
        "</c:v></c:pt></c:strCache></c:strRef></c:tx><c:cat><c:strRef><c:strCache><c:pt idx='0'><c:v>一月</c:v></c:pt>"
        "</c:strCache></c:strRef></c:cat><c:val><c:numRef><c:numCache><c:formatCode>0%</c:formatCode><c:pt idx='0'>"
        "<c:v>0.25</c:v></c:pt></c:numCache></c:numRef></c:val></c:ser></c:barChart></c:plotArea></c:chart></c:chartSpace>"
    )
    body = "<w:p><w:r><w:drawing><c:chart r:id='c1'/></w:drawing></w:r></w:p>"
    document = word(docx(body, links=(("c1", "chart", "chart1.xml"),), **{"chart1.xml": chart}))
    assert shown(document) == ["销量", "一月 | 绿茶: 25%"]


def test_a_file_within_the_file_is_read_under_its_name() -> None:
    links = (("e", "package", "embeddings/inner.docx"),)
    inner = docx(p("里面的标题", style="1") + p("里面"), styles=STYLES)
    document = word(docx(p("外面"), links=links, **{"embeddings/inner.docx": inner}))
    assert shown(document) == ["外面", "里面的标题", "里面"]
    assert document.blocks[2].place == "embedded inner.docx"
    assert document.title == "a"  # and not the inner file's heading


def test_files_nested_too_deeply_are_left_out_and_named() -> None:
    links = (("e", "package", "embeddings/inner.docx"),)
    data = docx(p("底"))
    for _ in range(3):
        data = docx(p("层"), links=links, **{"embeddings/inner.docx": data})
    document = word(data, max_nesting=1)
    assert shown(document) == ["层", "层"]
    assert word(docx(p("层"), links=links, **{"embeddings/inner.docx": data}), max_nesting=0).metadata["not_read"]


def test_headings_without_styles_are_found() -> None:
    bold = "<w:b/>"
    body = (
        p("某公司员工手册")
        + p("第一章 总则")
        + p("本手册适用于全体员工，自发布之日起施行。")
        + f"<w:p>{r('考勤', bold)}</w:p>"
        + p("上班打卡，下班打卡。")
    )
    document = word(docx(body))
    assert [b.level for b in document.blocks if b.kind is BlockKind.HEADING] == [1, 1, 2]


def test_strict_files_and_odd_names_of_parts_are_read() -> None:
    strict = "http://purl.oclc.org/ooxml/wordprocessingml/main"
    body = f'<w:document xmlns:w="{strict}"><w:body>{p("严格")}</w:body></w:document>'
    parts = {"[Content_Types].xml": "<Types/>", "_rels/.rels": relations(("r", "officeDocument", "/Word/Document.xml"))}
    assert word(packed({**parts, "word\\document.xml": body})).text == "严格"


@pytest.mark.parametrize(
    "part", ["[Content_Types].xml", "_rels/.rels", "word/styles.xml", "word/_rels/document.xml.rels"]
)
def test_a_missing_part_costs_no_text(part: str) -> None:
    whole = zipfile.ZipFile(io.BytesIO(docx(p("文字", style="1"), styles=STYLES)))
    parts = {name: whole.read(name) for name in whole.namelist() if name != part}
    parts["word/other.xml"] = b"<x/>"
    assert "文字" in word(packed(parts)).text


def test_what_is_left_of_a_cut_file_is_read_and_the_damage_told() -> None:
    body = "".join(p(f"第{number}段，内容各不相同：{number * 7919}。") for number in range(3000))
    data = docx(body)
    document = word(data[: len(data) * 2 // 3])
    assert "第5段" in document.text
    assert document.metadata["damaged"]


def test_a_file_without_its_main_part_is_malformed() -> None:
    parts = {"[Content_Types].xml": "<Types/>", "_rels/.rels": "<x/>", "word/styles.xml": "<x/>"}
    with pytest.raises(Malformed, match="the part that holds its text"):
        word(packed(parts))


def test_damage_that_was_mended_is_told_and_damage_that_left_nothing_is_no_empty_file() -> None:
    body = f"<w:document {W}><w:body>{p('一')}<w:p><w:r><w:t>二</w:r></w:p>{p('三')}</w:body>"
    parts = {"[Content_Types].xml": "<Types/>", "_rels/.rels": relations(("r", "officeDocument", "word/document.xml"))}
    document = word(packed({**parts, "word/document.xml": body}))
    assert shown(document)[:2] == ["一", "二"]
    assert "word/document.xml is damaged XML" in document.metadata["damaged"][0]
    with pytest.raises(Malformed, match="no text is left"):
        word(packed({**parts, "word/document.xml": f"<w:document {W}><w:body><w:p"}))


def test_an_empty_document_has_no_text() -> None:
    with pytest.raises(NoText):
        word(docx(p("")))


def test_a_bomb_is_too_large() -> None:
    with pytest.raises(TooLarge):
        word(docx(p(" " * 80_000_000)))


def test_tables_nested_without_end_are_told_and_not_followed() -> None:
    body = "<w:tbl><w:tr><w:tc>" * 100 + p("x") + "</w:tc></w:tr></w:tbl>" * 100
    with pytest.raises((Malformed, TooLarge)):
        word(docx(body))
