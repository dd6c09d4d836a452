"""What the page says where people judge answers, in English and in Chinese. Knows nothing of where it is said."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RatingWords:
    # below an answer
    was_it_right: str
    right: str
    wrong: str
    thanks: str
    say_more: str
    expected: str
    comment: str
    save: str
    not_saved: str
    # the scores
    correct: str
    complete: str
    grounded: str
    readable: str
    correct_help: str
    complete_help: str
    grounded_help: str
    readable_help: str
    scale: str
    # the page on which answers of runs are rated
    rate: str
    rate_more: str
    sheet: str
    your_name: str
    your_name_help: str
    begin: str
    progress: str  # {rated} {items}
    skipped: str  # {skipped}
    question: str
    answer: str
    answer_a: str
    answer_b: str
    no_answer: str
    no_notes: str
    show_expected: str
    no_expected: str
    which: str
    left: str
    other: str
    tie: str
    both_bad: str
    next: str
    skip: str
    back: str
    done: str
    done_more: str
    look_at_skipped: str
    look_again: str
    nothing_said: str
    other_rater: str
    nothing_here: str


ENGLISH = RatingWords(
    was_it_right="Was this right?",
    right="Yes",
    wrong="No",
    thanks="Thank you. Saved.",
    say_more="Say more",
    expected="The right answer would have been",
    comment="Anything else",
    save="Save",
    not_saved="That was not saved",
    correct="Correct",
    complete="Complete",
    grounded="Grounded",
    readable="Readable",
    correct_help="What it says is true.",
    complete_help="Nothing that was asked for is missing.",
    grounded_help="The quoted words say what the answer says.",
    readable_help="It is clear, and no longer than it need be.",
    scale="1: not at all · 5: wholly",
    rate="Rate",
    rate_more="Read the question and what was answered, and say what you think of it. "
    "You are not told by which run an answer is.",
    sheet="Sheet",
    your_name="Your name",
    your_name_help="Under the same name you go on where you were.",
    begin="Begin",
    progress="{rated} of {items}",
    skipped="{skipped} skipped",
    question="Question",
    answer="Answer",
    answer_a="Answer A",
    answer_b="Answer B",
    no_answer="It declined to answer.",
    no_notes="No footnotes.",
    show_expected="Show the expected answer",
    no_expected="None is known: it should decline to answer, or nobody wrote one.",
    which="Which is better?",
    left="A",
    other="B",
    tie="Equally good",
    both_bad="Both bad",
    next="Save and go on",
    skip="Skip",
    back="Back",
    done="All done. Thank you!",
    done_more="Whoever made the sheet sees your ratings with “footnote eval people results”.",
    look_at_skipped="Come back to what was skipped",
    look_again="Look at the last one again",
    nothing_said="Give a score first, or skip it.",
    other_rater="Another sheet or name",
    nothing_here="There is nothing to rate in this collection.",
)

CHINESE = RatingWords(
    was_it_right="这个回答对吗？",
    right="对",
    wrong="不对",
    thanks="谢谢，已保存。",
    say_more="补充说明",
    expected="正确的回答应当是",
    comment="其他意见",
    save="保存",
    not_saved="未能保存",
    correct="正确",
    complete="完整",
    grounded="有据",
    readable="易读",
    correct_help="所说的内容属实。",
    complete_help="所问的都答到了，没有遗漏。",
    grounded_help="所引原文确实说了回答中的内容。",
    readable_help="表达清楚，不冗长。",
    scale="1 分最低，5 分最高",
    rate="评分",
    rate_more="请阅读问题和回答，然后给出您的看法。评分时不会显示回答出自哪一次运行。",
    sheet="评分表",
    your_name="您的姓名",
    your_name_help="用同一姓名可以接着上次继续。",
    begin="开始",
    progress="已评 {rated} 题，共 {items} 题",
    skipped="跳过 {skipped} 题",
    question="问题",
    answer="回答",
    answer_a="回答 A",
    answer_b="回答 B",
    no_answer="未作答。",
    no_notes="没有脚注。",
    show_expected="查看参考答案",
    no_expected="没有参考答案：或者本应不作答，或者尚无人写出。",
    which="哪一个更好？",
    left="A",
    other="B",
    tie="一样好",
    both_bad="都不好",
    next="保存并继续",
    skip="跳过",
    back="上一题",
    done="全部完成，谢谢！",
    done_more="制表人可用“footnote eval people results”查看您的评分。",
    look_at_skipped="回到跳过的题目",
    look_again="再看最后一题",
    nothing_said="请先评分，或者跳过。",
    other_rater="换评分表或姓名",
    nothing_here="这个文档集里没有要评分的内容。",
)

LANGUAGES = {"en": ENGLISH, "zh-Hans": CHINESE}
