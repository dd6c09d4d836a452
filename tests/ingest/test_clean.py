"""What is dropped from a page, and what never is."""

from __future__ import annotations

import json
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.clean import clean
from ingest.offsets import apply_edits
from ingest.pinyin import note_edits
from ingest.read import Limits, read
from rag.errors import Unreadable
from rag.text import fold
from rag.types import BlockKind, Document

BODY = [
    "梅花是一种在冬天开放的花，原产于中国南方，栽培的历史有三千多年。",
    "它的花期在一月到三月之间，花瓣有五片，颜色有白、粉、红等。",
    "梅花常与兰、竹、菊并称为四君子，是诗人和画家喜爱的题材。",
    "种植梅花要选排水良好的土壤，每年花后修剪一次。",
]


def cleaned(text: str, name: str = "page.txt") -> Document:
    return clean(read(text.encode(), name, limits=Limits()))


def around(*, before: str = "", after: str = "") -> str:
    return cleaned(f"{before}\n\n" + "\n\n".join(BODY) + f"\n\n{after}").text


@pytest.mark.parametrize(
    "furniture",
    [
        "阅读 1,234",
        "1.2万阅读 · 56评论 · 7点赞",
        "+ 关注",
        "上一篇：如何养兰花",
        "返回顶部",
        "扫一扫关注公众号\n微信扫一扫",
        "分享到微信\n点赞\n12\n收藏\n3\n登录后评论",
        "相关推荐\n评论",
        "版权声明：本文为博主原创文章，转载请附上原文出处链接。",
        "本站仅提供信息存储空间服务，不承担相关法律责任。",
        "如需转载请保留出处：https://example.com/a/1.html",
        "原文链接：https://example.com/a/1.html",
        "京ICP备12345678号-1",
        "Copyright © 2023 Example Inc. All rights reserved.",
        "希望大家以后多多支持我们！",
        "需要全套学习资料的朋友们，扫码免费领取！",
        "-END-\n往期推荐\n兰花的养法\n竹子十讲\n喜欢就点个在看吧\n转载声明：本文转载自某网，如有侵权请联系删除。\n上一篇：兰",
        "Share this article\nRelated posts\n12 comments",
    ],
)
def test_furniture_at_the_end_of_a_page_goes(furniture: str) -> None:
    assert around(after=furniture) == "\n\n".join(BODY)


HEADS = ["Skip to content", "首页 > 花卉 > 梅花", "登录 / 注册", "Sign in\nMenu", "跳转到内容"]


@pytest.mark.parametrize("furniture", HEADS)
def test_furniture_at_the_head_of_a_page_goes(furniture: str) -> None:
    assert around(before=furniture) == "\n\n".join(BODY)


@pytest.mark.parametrize(
    "caption", ["图片来源：网络", "图片由作者提供", "Image by Author", "图源：新华社", "（图片来自网络，侵删）"]
)
def test_the_source_of_a_picture_goes_wherever_it_stands(caption: str) -> None:
    text = cleaned("\n\n".join([*BODY[:2], caption, *BODY[2:]])).text
    assert text == "\n\n".join(BODY)


@pytest.mark.parametrize(
    "content",
    [
        "用户可以扫码支付，余额不足时系统会提示充值。",
        "点击“关注”按钮后，粉丝数会加一。",
        "未经许可，员工不得复制公司的文件。",
        "作品的版权归公司所有，离职后也是如此。",
        "浏览量是指页面被访问的次数。",
        "支付方式\n- 现金\n- 银行卡\n- 扫码支付",
        "常见问题\n如何登录？\n输入手机号和验证码。",
        "We use cookies to remember the language that a visitor has chosen, and nothing else is stored in them at all.",
        "Comments are reviewed by an editor within two days.",
        "References to the board are made in writing.",
        "下图来自2023年的销售数据，可以看出明显的增长。",
    ],
)
def test_a_line_that_informs_stays_wherever_it_stands(content: str) -> None:
    for place in range(len(BODY) + 1):
        text = cleaned("\n\n".join([*BODY[:place], content, *BODY[place:]])).text
        for line in content.split("\n"):
            assert line in text


def test_what_was_dropped_is_told() -> None:
    document = cleaned("\n\n".join([*BODY, "返回顶部"]))
    assert document.metadata["dropped"] == [{"reason": "control", "text": "返回顶部"}]
    assert "dropped" not in cleaned("\n\n".join(BODY)).metadata


def test_what_the_reader_left_out_is_told_once() -> None:
    page = f"<html><body><nav><a href='/'>首页</a></nav><p>{''.join(BODY)}</p></body></html>"
    rows = cleaned(page, "page.html").metadata["dropped"]
    assert [row["text"] for row in rows] == ["首页"]


def test_a_page_of_nothing_but_controls_is_kept() -> None:
    assert cleaned("登录\n注册\n返回顶部").text


@pytest.mark.parametrize(
    ("marked", "clean_text"),
    [
        ("<p>第一段。</p>\n<p class='x'>第二段&nbsp;&amp; 更多。</p>", "第一段。\n\n第二段 & 更多。"),
        ("开头<svg width='1'><path d='M0'/></svg>结尾。", "开头结尾。"),
        ("这是**重点**和*强调*的内容。", "这是重点和强调的内容。"),
        ("  • 甲\n\n|\n\n  • 乙", "- 甲\n\n- 乙"),
        ("- 一、概述\n内容在这里。", "一、概述\n内容在这里。"),
    ],
)
def test_leftover_markup_goes_from_plain_text(marked: str, clean_text: str) -> None:
    assert cleaned(marked).text == clean_text


@pytest.mark.parametrize(
    "text",
    [
        "The <p> tag of HTML begins a paragraph.",
        "在HTML里，<b>标签表示粗体。",
        "a < b and c > d, so 2**3 = 8 and x*y*z holds.",
        "List<String> names = new ArrayList<>();",
        "f(a|b) || c",
    ],
)
def test_what_only_looks_like_markup_stays(text: str) -> None:
    assert cleaned(text).text == text


def test_code_is_left_as_it_stands() -> None:
    source = "# Notes\n\nText.\n\n```\nx = 1   \n\n\n\n点赞\n  y = **2**\n```\n"
    document = cleaned(source, "notes.md")
    code = [document.text[b.start : b.end] for b in document.blocks if b.kind is BlockKind.CODE]
    assert code == ["x = 1   \n\n\n\n点赞\n  y = **2**"]


LINES = st.lists(st.sampled_from([*BODY, "点赞", "1", "评论 3", "<p>", "|", "", "發(fā)", "a\u0301"]))


@given(st.text(max_size=400) | LINES.map("\n".join))
def test_spans_hold_and_the_text_is_nfc_whatever_comes(text: str) -> None:
    for name in ("a.txt", "a.md"):
        try:
            document = cleaned(text, name)
        except Unreadable:
            continue
        assert unicodedata.is_normalized("NFC", document.text)
        position = 0
        for block in document.blocks:
            assert position <= block.start < block.end <= len(document.text)
            position = block.end


def test_the_seeds_come_out_as_they_should(shared: Path, tmp_path: Path) -> None:
    seeds, gold = shared / "seeds", shared / "gold"
    if not (seeds.is_dir() and gold.is_dir()):
        pytest.skip("no seeds or gold in ../shared")
    texts = {}
    for path in seeds.glob("*.txt"):
        texts[path.name] = clean(read(path.read_bytes(), path.name, limits=Limits())).text
        (tmp_path / path.name).write_text(texts[path.name], encoding="utf-8")
    script = shared / "tools" / "score_cleaning.py"
    run = subprocess.run(
        [sys.executable, script, gold / "cleaning.jsonl", tmp_path], capture_output=True, text=True, check=True
    )
    shares = {kind: row[2] for kind, row in json.loads(run.stdout.splitlines()[0]).items()}
    assert shares["keep"] == 1.0
    assert shares["damage"] >= 0.95
    assert shares["markup"] >= 0.9
    assert shares["pii_or_ad"] >= 0.9
    assert shares["boilerplate"] >= 0.8
    for line in (gold / "qa.jsonl").read_text(encoding="utf-8").splitlines():
        for support in json.loads(line)["support"]:
            quote, text = support["quote"], texts[support["file"]]
            assert _searchable(quote) in _searchable(text)


def _searchable(text: str) -> str:
    return "".join(character for character in fold(_without_notes(text)) if character.isalnum())


def _without_notes(text: str) -> str:
    """Return the text without pinyin notes, which some quotes of the gold still have."""
    return apply_edits(text, note_edits(text))[0]
