"""rag.claims: which sentences need a source."""

from __future__ import annotations

import pytest

from rag.claims import claims_something, may_say_not_found, plain, says_not_found, sentence_end
from rag.rules import NOT_FOUND
from rag.text import sentence_spans

NOTHING_FOUND = [
    *NOT_FOUND.values(),
    "The documents do not tell.",
    "The documents don't say when it was built.",
    "The provided passages do not mention this.",
    "There is no information about this in the documents.",
    "I could not find an answer in the provided sources.",
    "This is not mentioned in the documents.",
    "The passages contain no information on that.",
    "Sorry, the documents do not tell.",
    "文档中没有提到。",
    "抱歉，文档中没有提到相关内容。",
    "根据提供的资料，无法回答这个问题。",
    "提供的段落中未提及这一点。",
    "无法根据文档回答该问题。",
]


@pytest.mark.parametrize("sentence", NOTHING_FOUND)
def test_that_the_documents_do_not_tell_is_understood_in_many_words(sentence: str) -> None:
    assert says_not_found(sentence)
    assert not claims_something(sentence, sentence)
    assert all(may_say_not_found(sentence[:end]) for end in range(len(sentence)))


@pytest.mark.parametrize(
    "sentence",
    [
        "The file must not exceed 10 MB.",
        "The document must not contain macros.",
        "The documents show that no vehicle was sold.",
        "No other state has one.",
        "文件未提交。",
        "1987.",
        "- Oslo",
        "Alpha was founded in 1990:",
        "**Alpha was founded.** It moved.",
    ],
)
def test_what_claims_something_needs_a_source(sentence: str) -> None:
    assert claims_something(sentence, sentence)
    assert not says_not_found(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        *(
            "Hello!",
            "Sure, here you go!",
            "Here is what the documents say:",
            "According to the documents,",
            "Is it so?",
        ),
        *("你好！", "好的，", "根据文档：", "以下是答案：", "是这样吗？", "希望对您有帮助。"),
        *("## Rules of 2019", "**Rules**", "- ", "1.", "…", "and", "、", "Let me know if you need more."),
    ],
)
def test_what_claims_nothing_needs_none(sentence: str) -> None:
    assert not claims_something(sentence, sentence)


def test_a_row_of_a_table_needs_none() -> None:
    assert not claims_something("| Paris | capital |", "| Paris | capital |")


def test_a_claim_is_checked_without_its_bullet_its_markup_and_who_says_so() -> None:
    assert plain("3. **Alpha** was `founded`") == "Alpha was founded"
    assert plain("According to the documents, it moved.") == "it moved."
    assert plain("根据文档，它搬走了。") == "它搬走了。"


@pytest.mark.parametrize(
    "text",
    [
        "It moved. Dr. Lee stayed, e.g. in Oslo. Why? 3.5 km!",
        "他说：“走吧。”然后走了。真的？！好……\n完",
        "1. One.\n2. Two.",
    ],
)
def test_a_stream_ends_sentences_where_a_text_does(text: str) -> None:
    ends, rest = [], text
    while rest:
        end, _ = sentence_end(rest, 0, closed=True)
        ends.append(rest[: end or len(rest)].strip())
        rest = rest[end or len(rest) :]
    assert [one for one in ends if one] == [span.of(text) for span in sentence_spans(text)]
