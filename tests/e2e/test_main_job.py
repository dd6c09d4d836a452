"""Documents in, cited answers out, in a real browser against a real `footnote up`."""

from __future__ import annotations

import io
from pathlib import Path

import httpx
import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Locator, expect
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from tests.e2e.conftest import Stack, Visitor

pytestmark = pytest.mark.e2e

CANTEEN = [
    "青松大厦食堂管理规定",
    "青松大厦的食堂设在三楼东侧，可同时容纳二百四十人用餐。",
    "食堂早餐的供应时间为每个工作日上午七时至八时三十分。",
    "外来访客凭前台发放的临时餐卡用餐，每餐收费二十五元。",
    "食堂每个月的第一个星期五进行消毒，当天不供应晚餐。",
]
PARKING = """地下车库停车须知

地下车库共有停车位一百八十六个，其中充电车位三十二个。

员工月租停车费为每月三百元，于每月五日之前缴纳。

电动自行车应当停放在北门外的车棚，禁止驶入地下车库。
"""
LAPTOPS = """# Lending laptops

The help desk lends laptops to travelling staff for at most twenty-one days.

A lost laptop must be reported to the security desk within four hours, by telephone.

Chargers are returned together with the laptop.
"""
HOSTILE = """# <script>window.hacked = 1</script> ![logo](https://example.com/logo.png)

The zanzibar protocol requires <img src=x onerror="window.hacked=1"> a purple badge. ![pixel](https://example.com/p.png)

[Click here](javascript:window.hacked=1) for the zanzibar protocol form.
"""


def chinese_pdf() -> bytes:
    """Two pages; the font is named and not embedded, as in many official documents."""
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4)
    canvas.setTitle("青松大厦食堂管理规定")
    canvas.setFont("STSong-Light", 12)
    canvas.drawString(72, 760, "青松大厦管理处编印")
    canvas.drawString(72, 730, "本手册适用于大厦内全体员工以及外来访客。")
    canvas.showPage()
    for number, line in enumerate(CANTEEN):
        canvas.setFont("STSong-Light", 16 if number == 0 else 12)
        canvas.drawString(72, 760 - 120 * number, line)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def upload(visitor: Visitor, address: str, files: dict[str, bytes]) -> Locator:
    """Upload through the page, and return the job's card when it is done."""
    page = visitor.page
    page.goto(f"{address}/documents")
    payload = [FilePayload(name=name, mimeType="application/octet-stream", buffer=data) for name, data in files.items()]
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(payload)
    page.get_by_test_id("stBaseButton-primary").click()
    card = page.locator(".job").first
    expect(card).to_be_visible()
    expect(page.locator(".job[data-state=done]")).to_be_visible(timeout=120_000)
    return card


def open_ask(visitor: Visitor, address: str) -> None:
    visitor.page.goto(address)
    expect(visitor.page.get_by_test_id("stChatInputTextArea")).to_be_visible()


def first_mark_for(visitor: Visitor, title: str) -> Locator:
    """Return the last answer's first mark whose footnote names this document."""
    answer = visitor.page.locator(".root").filter(has=visitor.page.locator(".meta")).last
    marks = answer.locator("button.mark")
    expect(marks.first).to_be_visible()
    return next(mark for mark in marks.all() if title in (mark.get_attribute("title") or ""))


def is_in_view(line: Locator, panel: Locator) -> bool:
    inner, outer = line.bounding_box(), panel.bounding_box()
    assert inner is not None
    assert outer is not None
    return outer["y"] <= inner["y"] and inner["y"] + inner["height"] <= outer["y"] + outer["height"]


def test_a_chinese_pdf_is_uploaded_asked_about_and_its_line_is_seen_marked(stack: Stack, chinese: Visitor) -> None:
    card = upload(chinese, stack.page, {"食堂规定.pdf": chinese_pdf(), "停车须知.txt": PARKING.encode("gb18030")})
    expect(card.locator("tbody tr")).to_have_count(2)
    expect(card.locator(".outcome.indexed").first).to_be_visible()
    chinese.picture("zh-1-uploaded")

    open_ask(chinese, stack.page)
    chinese.picture("zh-2-empty")
    chinese.ask_and_wait("食堂早餐的供应时间是几点？")
    expect(chinese.page.locator(".text").last).to_contain_text("七时至八时三十分")
    chinese.picture("zh-3-answer")

    first_mark_for(chinese, "食堂").click()
    picture = chinese.page.locator("section img")
    expect(picture).to_be_visible()
    chinese.picture("zh-4-pdf-page")
    assert picture.evaluate("image => image.complete && image.naturalWidth > 0 && image.naturalHeight > 0")
    assert yellow_row_in_view(picture, chinese.page.locator("section .scroll"))
    expect(chinese.page.locator("section .quote")).to_contain_text("七时至八时三十分")
    assert not chinese.broken
    assert not chinese.elsewhere


def yellow_row_in_view(picture: Locator, panel: Locator) -> bool:
    """Tell whether the marker's pixels are in the picture, and on the part of it that the panel shows."""
    rows = picture.evaluate(
        """image => {
            const canvas = Object.assign(document.createElement("canvas"), {
                width: image.naturalWidth, height: image.naturalHeight });
            const context = canvas.getContext("2d");
            context.drawImage(image, 0, 0);
            const pixels = context.getImageData(0, 0, canvas.width, canvas.height).data;
            const rows = [];
            for (let y = 0; y < canvas.height; y++) {
                let yellow = 0;
                for (let x = 0; x < canvas.width; x++) {
                    const at = 4 * (y * canvas.width + x);
                    if (pixels[at] > 230 && pixels[at + 1] > 190 && pixels[at + 2] < 150) yellow++;
                }
                if (yellow > 20) rows.push(y / canvas.height);
            }
            return rows;
        }"""
    )
    box, view = picture.bounding_box(), panel.bounding_box()
    assert rows
    assert box is not None
    assert view is not None
    places = [box["y"] + row * box["height"] for row in rows]
    return all(view["y"] <= place <= view["y"] + view["height"] for place in places)


def test_a_chinese_text_opens_at_the_highlighted_line(stack: Stack, chinese: Visitor) -> None:
    clauses = "".join(f"第{number}条 本条为通用条款，内容从略。\n\n" for number in range(1, 300))
    long_text = clauses + "松涛园住户月租停车费为每月四百二十元，按季度缴纳。\n\n" + clauses
    upload(chinese, stack.page, {"松涛园细则.txt": long_text.encode()})
    open_ask(chinese, stack.page)
    chinese.ask_and_wait("松涛园住户月租停车费是多少？")
    expect(chinese.page.locator(".text").last).to_contain_text("四百二十元")
    first_mark_for(chinese, "松涛园").click()
    line = chinese.page.locator("section mark")
    expect(line).to_be_visible()
    expect(line).to_contain_text("四百二十元")
    chinese.picture("zh-5-text-line")
    assert is_in_view(line, chinese.page.locator("section .scroll"))


def test_an_english_answer_opens_its_source_and_the_link_opens_it_again(stack: Stack, english: Visitor) -> None:
    upload(english, stack.page, {"laptops.md": LAPTOPS.encode()})
    open_ask(english, stack.page)
    english.picture("en-1-empty")
    english.ask_and_wait("When must a lost laptop be reported?")
    expect(english.page.locator(".text").last).to_contain_text("within four hours")
    english.picture("en-2-answer")
    english.page.locator("button.mark").first.click()
    line = english.page.locator("section mark")
    expect(line).to_contain_text("within four hours")
    assert is_in_view(line, english.page.locator("section .scroll"))
    english.picture("en-3-source")
    link = english.page.url
    assert "document=" in link

    english.page.goto("about:blank")
    english.page.goto(link)
    expect(english.page.locator("section mark")).to_contain_text("within four hours")
    expect(english.page.locator("button.mark")).to_have_count(1)  # the conversation is kept, and comes back with it


def test_a_removed_document_is_not_cited_again(stack: Stack, english: Visitor) -> None:
    text = "# The quokka enclosure\n\nThe quokka enclosure opens at half past nine and closes at dusk.\n"
    upload(english, stack.page, {"quokka.md": text.encode()})
    open_ask(english, stack.page)
    question = "When does the quokka enclosure open?"
    english.ask_and_wait(question)
    expect(english.page.locator(".text").last).to_contain_text("half past nine")

    english.page.get_by_role("link", name="Documents").click()
    english.page.get_by_role("button", name="Remove: The quokka enclosure").click()
    english.picture("en-4-remove")
    english.page.get_by_role("button", name="Remove it").click()
    expect(english.page.get_by_text("Removed “The quokka enclosure”.")).to_be_visible()

    english.page.get_by_role("link", name="Ask").click()
    expect(english.page.locator(".meta")).to_have_count(1)
    english.ask_and_wait(question)
    last = english.page.locator(".root").filter(has=english.page.locator(".meta")).last
    expect(last).not_to_contain_text("half past nine")
    expect(last).not_to_contain_text("quokka enclosure opens")
    english.picture("en-5-after-removal")
    english.page.locator("button.mark").first.click()
    expect(english.page.locator("section .notice")).to_contain_text("no longer here")


def test_a_hostile_document_does_nothing_but_be_read(stack: Stack, english: Visitor) -> None:
    upload(english, stack.page, {"<img src=x onerror=window.hacked=1>.md": HOSTILE.encode()})
    expect(english.page.locator("table.documents")).to_contain_text("window.hacked")
    open_ask(english, stack.page)
    english.ask_and_wait("What does the zanzibar protocol require?")
    expect(english.page.locator(".text").last).to_contain_text("purple badge")
    english.page.locator("button.mark").first.click()
    expect(english.page.locator("section mark")).to_be_visible()
    english.picture("en-6-hostile")
    assert english.page.evaluate("window.hacked") is None
    assert english.page.locator(".root img, .root a").count() == 0
    assert not english.elsewhere


def test_the_original_comes_back_as_it_was_uploaded(stack: Stack, english: Visitor, tmp_path: Path) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (4, 4)).save(picture, "PNG")
    card = upload(english, stack.page, {"tiny.txt": b"A tiny note about nothing.", "picture.png": picture.getvalue()})
    expect(card.locator(".outcome.failed, .outcome.skipped").first).to_be_visible()  # and the report says so
    english.picture("en-7-mixed-upload")
    rows = httpx.get(f"{stack.api}/documents", trust_env=False, params={"limit": 1000}).json()["documents"]
    tiny = next(row for row in rows if row["source"].endswith("tiny.txt"))
    original = httpx.get(f"{stack.api}/documents/{tiny['document_id']}/original", trust_env=False)
    assert original.content == b"A tiny note about nothing."
