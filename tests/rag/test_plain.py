from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.addresses import addresses, standing_in
from rag.plain import REMOVED, Plain, plain

SOURCE = "Read https://good.example/a?b=1 (or www.good.org/x), or write to desk@good.org. 详见https://good.cn/文档。"
ADDRESS = "https://good.example/a?b=1"


def cut(text: str, places: list[int]) -> list[str]:
    edges = [0, *sorted({place % (len(text) + 1) for place in places}), len(text)]
    return [text[start:end] for start, end in pairwise(edges)]


def streamed(pieces: list[str]) -> str:
    stream = Plain([SOURCE])
    return "".join(map(stream.feed, pieces)) + stream.close()


SCRIPTED = [
    "Staff have 25 days [1]. 员工有二十五天年假【2】。Both [1, 2] say so[3].",
    "<think>The user wants [1]</think>\n\nIt is red [1].",
    "It is red. <think>Is it?</think>Yes [1].",
    "The model writes <think> before it answers [1].",
    "Look: ![chart](https://evil.example/x.png?q=secret) [1]. Wow![2]",
    "![chart][ref] here [1].\n\n[ref]: https://evil.example/x.png",
    f"[the desk](https://evil.example) and [the plan]({ADDRESS}) [1].",
    f"See https://evil.example/x, or {ADDRESS}. 请看https://evil.example/路径，谢谢。",
    '<a href="https://evil.example">here</a> <img src=x onerror=alert(1)> <b>bold</b> H<sub>2</sub>O',
    "If a < b, then List<int> and Map<String, int> hold; x<y, 3 <4; handlers[name](request).",
    "\x1b[31mred\x1b[0m \x1b]8;;https://evil.example\x07link\x1b]8;;\x07 a\u200bb\u202edc\U000e0041",
    "<|im_start|>assistant\nYes [1].<|im_end|> [INST]more[/INST] <s>x</s> <｜end▁of▁sentence｜>",
    "<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>final<|message|>Yes [1].",
    "<!-- hidden --> <https://evil.example> <" + ADDRESS + "> <script>alert(1)</script> <bean id='x'>",
    "[![a](https://evil.example/1)](https://evil.example/2) [te[x]t](https://evil.example) [a]\n(b)",
]


@pytest.mark.parametrize("text", SCRIPTED)
def test_a_stream_cut_at_any_character_gives_the_same_text(text: str) -> None:
    whole = plain(text, [SOURCE])
    for place in range(len(text) + 1):
        assert streamed([text[:place], text[place:]]) == whole
    assert streamed(list(text)) == whole


PIECES = st.sampled_from(
    [
        *(
            "<",
            ">",
            "[",
            "]",
            "(",
            ")",
            "!",
            ":",
            "/",
            "//",
            "=",
            '"',
            "'",
            "|",
            " ",
            "\n",
            "a",
            "b1",
            "。",
            "中",
            ".",
            "\x1b",
        ),
        *(
            "http",
            "://",
            "evil.com",
            ADDRESS,
            "www.",
            "@",
            "%3A",
            "&#58;",
            "<img",
            " src=",
            "![",
            "](",
            "script",
            "<!--",
        ),
        *(
            "<think>",
            "</think>",
            "<|",
            "|>",
            "-->",
            "[1]",
            "【2】",
            "[INST]",
            "<|channel|>",
            "final",
            "analysis",
            "◁",
            "think",
        ),
    ]
)


@given(st.lists(PIECES, max_size=40).map("".join), st.lists(st.integers(0, 400), max_size=8))
def test_hostile_text_cut_at_random_gives_the_same_text(text: str, places: list[int]) -> None:
    assert streamed(cut(text, places)) == streamed(list(text)) == plain(text, [SOURCE])


@given(st.lists(PIECES, max_size=40).map("".join))
def test_nothing_that_is_shown_is_a_link_an_image_or_a_foreign_address(text: str) -> None:
    shown = plain(text, [SOURCE])
    assert "](" not in shown
    assert not re.search(r"!\[(?![\d ,，、;；]+\])", shown)
    assert not re.search(r"<(?:img|script|iframe)[\s/>]", shown, re.IGNORECASE)
    assert {span.of(shown) for span in addresses(shown)} <= standing_in([SOURCE])


@given(st.text(alphabet=st.characters(categories=("L", "N", "Zs"), exclude_characters="<[!")))
def test_prose_stays_as_it_is(text: str) -> None:
    assert plain(text, []) == "".join(c for c in text.lstrip() if c not in "\u115f\u1160\u3164\uffa0")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<think>no</think> Yes [2].", "Yes [2]."),
        ("<think>never closed", ""),
        ("[THINK]no[/THINK]Yes", "Yes"),
        ("Yes.</think>", "Yes."),
        ("a ![x](https://evil.example/?q=1) b", "a  b"),
        ("a ![x](</local.png> 'title') b", "a  b"),
        ("a ![x][ref] b", "a  b"),
        ("[so](https://evil.example)", "so"),
        ("[so](javascript:alert(1))", "so"),
        ("[so](//evil.example)", "so"),
        ("[so](/logout)", "so"),
        (f"[so]({ADDRESS})", f"so ({ADDRESS})"),
        (f"![so]({ADDRESS})", ""),
        ("Yes[2](https://evil.example).", "Yes[2]."),
        ("(https://evil.example/a).", f"({REMOVED})."),
        (f"({ADDRESS}).", f"({ADDRESS})."),
        (f"<{ADDRESS}>/secret", f"‹{ADDRESS}›/secret"),
        (f"{ADDRESS}&c=secret", REMOVED),
        ("https://good.example/A?b=1", REMOVED),
        ("https://gооd.example/a?b=1", REMOVED),
        ("ｈｔｔｐｓ：／／evil.example", f"ｈｔｔｐｓ：{REMOVED}"),
        ("https%3A%2F%2Fevil.example%2Fq", REMOVED),
        ("ht\u200btps://evil.example", REMOVED),
        ("desk@good.org, me@evil.example", f"desk@good.org, {REMOVED}"),
        ("www.good.org/x www.evil.example", f"www.good.org/x {REMOVED}"),
        ("freegame.com", REMOVED),
        ("data:text/html;base64,AAAA", REMOVED),
        ("data: 5, JavaScript：一种语言, and/or, 10.0.0.0/8, ASP.NET, Node.js, //TODO", None),
        ("a < b, List<int>, Map<String, int>, x<y, a->b, for (i=0;i<n;i++) s+=i;", None),
        ('<bean id="x"> <T>', None),
        ("用《手册》第3章[1]。价格<100元，a<b。", None),
        ("- item [1]\n- item [2]\n\n| a | b |", None),
        ("<b>bold</b>, H<sub>2</sub>O", "bold, H2O"),
        ("<IMG SRC=x onerror=alert(1)", ""),
        ("<img/src=x/onerror=alert(1)>x", "x"),
        ("<x onclick=alert(1)>x", "x"),
        ("<svg/onload=alert(1)>", ""),
        ("<scr<script>ipt>", "<scr‹…›ipt>"),
        ("htt<b></b>p://evil.example", f"htt{REMOVED}"),
        ("[1]: https://evil.example", f"[1] : {REMOVED}"),
        ("a\x1b[31mb\x1b[0m\r\nc\u202ed\ufeff", "ab\ncd"),
    ],
)
def test_what_is_shown(text: str, shown: str | None) -> None:
    assert plain(text, [SOURCE]) == (text if shown is None else shown)


@pytest.mark.parametrize(
    "unit", ["[", "<", "![", "[a](", "<a ", "http://(", "x<think>", "[a](x", "](", "a.", "&#", "%2f", "-"]
)
def test_long_hostile_text_is_read_to_its_end(unit: str) -> None:
    text = unit * (20_000 // len(unit))
    assert streamed(list(text)) == plain(text, [])


def test_ordinary_text_is_not_held_back() -> None:
    stream = Plain([])
    assert stream.feed("Staff have ") == "Staff have "
    assert stream.feed("twenty") == ""  # an address may begin with it
    assert stream.feed(" days. 员工有") == "twenty days. 员工有"
