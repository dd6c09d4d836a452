"""rag.text: languages, sentences and search terms."""

import itertools

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rag.text import (
    fold,
    language_of,
    latin_words,
    query_terms,
    query_weights,
    question_language,
    quoted_terms,
    search_terms,
    sentence_spans,
    telling_terms,
)

MIXED = st.text(st.sampled_from(list("ab Z.。!？?\n”\"）12３，,模型發U'-…\U0001f600")), max_size=80)


def sentences(text: str) -> list[str]:
    return [span.of(text) for span in sentence_spans(text)]


@given(MIXED)
def test_sentences_are_in_order_and_hold_every_character_but_white_space(text: str) -> None:
    spans = sentence_spans(text)
    held = [character for span in spans for character in span.of(text) if not character.isspace()]
    assert held == [character for character in text if not character.isspace()]
    assert all(left.end <= right.start for left, right in itertools.pairwise(spans))
    assert all(span.of(text) == span.of(text).strip() for span in spans)


@given(MIXED, MIXED)
def test_sentences_of_a_part_stay_inside_it(before: str, text: str) -> None:
    whole = before + text
    assert all(len(before) <= span.start < span.end <= len(whole) for span in sentence_spans(whole, len(before)))


def test_chinese_sentences_end_at_their_stops_and_keep_closing_quotes() -> None:
    assert sentences("他说：“你好。”然后走了！真的？") == ["他说：“你好。”", "然后走了！", "真的？"]


def test_a_full_stop_inside_a_number_or_an_abbreviation_does_not_end_a_sentence() -> None:
    text = "Dr. Smith moved to St. Louis in 1990. GPT-3.5 costs 2.50 dollars, i.e. little. J. R. Tolkien wrote."
    assert sentences(text) == [
        "Dr. Smith moved to St. Louis in 1990.",
        "GPT-3.5 costs 2.50 dollars, i.e. little.",
        "J. R. Tolkien wrote.",
    ]


def test_a_list_number_stays_with_its_item() -> None:
    assert sentences("1. Docker\n2. Kubernetes") == ["1. Docker", "2. Kubernetes"]


def test_text_without_any_stop_is_one_sentence() -> None:
    assert sentences("模型" * 50_000) == ["模型" * 50_000]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("大語言模型的發展歷史", "zh"),
        ("The history of language models", "en"),
        ("これは日本語の文章です", "ja"),
        ("한국어로 쓴 문장입니다", "ko"),
        ("Der Hund ist nicht auf dem Tisch und das ist gut", "de"),
        ("Это русский текст", "ru"),
        ("使用 Docker 和 Kubernetes 等容器化技术打包应用程序", "zh"),
        ("", "und"),
        ("12345 !!", "und"),
    ],
)
def test_the_language_is_that_of_most_of_the_text(text: str, language: str) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("GPT-2 有多少参数？", "zh"),
        ("chatgtp 到底啥时候出来的呀", "zh"),
        ("What is RAG?", "en"),
        ("Who is the author of 三体?", "en"),
        ("LLM是什么", "zh"),
        ("???", "en"),
    ],
)
def test_a_question_is_answered_in_its_own_language(question: str, language: str) -> None:
    assert question_language(question) == language


def test_search_folds_script_width_and_case() -> None:
    assert search_terms("參數") == search_terms("参数")
    assert search_terms("ＧＰＴ－４") == search_terms("gpt-4")
    assert fold("發展") == "发展"


def test_a_code_is_searched_whole_and_in_parts() -> None:
    assert search_terms("GPT-4") == ["gpt4", "gpt", "4"]
    assert search_terms("1,750") == ["1750"]
    assert "c++" in search_terms("C++")


def test_numbers_keep_what_stands_inside_them() -> None:
    assert search_terms("3.5") == ["3.5", "3", "5"]
    assert search_terms("v1.2.3")[0] == "v1.2.3"
    assert "13:30" in search_terms("会议13:30开始")
    assert search_terms("gpt-3.5")[0] == "gpt3.5"


def test_a_date_is_found_however_it_is_written() -> None:
    assert search_terms("2024-05-01")[0] == "20240501"
    for other in ("2024/5/1", "2024.05.01", "2024年5月1日"):
        assert {"2024", "5", "1"} <= set(search_terms("2024-05-01")) & set(search_terms(other))


def test_words_lose_their_accents_and_other_scripts_keep_their_marks() -> None:
    assert search_terms("naïve Müller") == search_terms("naive Muller")
    assert search_terms("が") != search_terms("か")


@pytest.mark.parametrize(
    ("name", "typed"),
    [("Nguyễn Đức", "nguyen duc"), ("Łukasz", "lukasz"), ("Søren", "soren"), ("Þórður Ægir", "thordur aegir")],
)
def test_a_name_is_found_by_those_whose_keyboard_lacks_its_letters(name: str, typed: str) -> None:
    assert search_terms(name) == search_terms(typed)


def test_a_name_beside_chinese_words_counts_as_much_as_one_of_them() -> None:
    weights = query_weights("Tesla 的专利")
    assert weights["tesla"] == sum(weights[term] for term in ("专利/", "专利", "专", "利"))
    assert query_weights("patents of Tesla, Tesla") == {"patent": 1.0, "tesla": 2.0}


def test_quotations_are_named_by_what_a_text_with_them_must_have() -> None:
    assert quoted_terms('《水调》的作者和 "Annual Reports"') == [["水", "调", "水调"], ["annual", "report"]]
    assert quoted_terms("the readers' and the writers' 「」 \"\"") == []


def test_latin_words_come_with_the_terms_they_are_searched_by() -> None:
    assert latin_words("Which policies 有 GPT-4 or Müllers?") == {
        "which": "which",
        "policies": "polici",
        "gpt": "gpt",
        "or": "or",
        "mullers": "muller",
    }


def test_chinese_gives_words_characters_and_bigrams() -> None:
    assert set(search_terms("语言模型")) == {"语言/", "模型/", "语", "言", "模", "型", "语言", "言模", "模型"}


def test_english_words_are_stemmed() -> None:
    assert search_terms("policies") == search_terms("policy")


def test_a_question_is_searched_without_its_question_words() -> None:
    assert query_terms("GPT-2 有多少参数？") == search_terms("GPT-2 有 参数")
    assert telling_terms("GPT-2 有多少参数？") == search_terms("GPT-2 参数")
    assert query_terms("What is the capital of France?") == search_terms("capital France")


def test_a_question_of_question_words_alone_keeps_them() -> None:
    assert query_terms("who is this") == ["who", "is", "this"]
    assert query_terms("为什么") != []


@given(st.text(st.characters(), max_size=60))
@example("\ud800模型\udfff")
def test_any_text_can_be_searched(text: str) -> None:
    assert all(term and term == term.strip() for term in search_terms(text) + query_terms(text))
    assert set(query_weights(text)) == set(query_terms(text))
    assert all(word.isascii() and word.isalpha() for word in latin_words(text))


@pytest.mark.parametrize("run", ["!", ".", "…", "。", "?!", "……", "!)"])
def test_a_long_run_of_stops_is_read_in_one_pass(run: str) -> None:
    text = run * (100_000 // len(run)) + "a"  # minutes, where each stop looks at all that follow it
    assert "".join(sentences(text)) == text
