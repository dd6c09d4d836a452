"""A small set in both languages, with all its answers in place."""

from __future__ import annotations

from eval.questions import Dataset, Paragraph, Question, Support
from eval.robustness.edits import key_of
from rag.text import language_of
from rag.types import Span

TEXTS = (
    ("The gate code of the Lisbon office is 4417. Visitors ring twice.", "What is the gate code in Lisbon?", "4417"),
    ("The canteen was opened by Maria Holm. Soup is served on Fridays.", "Who opened the canteen?", "Maria Holm"),
    ("The archive was built by Jonas Berg. It has three floors.", "Who built the archive?", "Jonas Berg"),
    ("The bridge was finished in 1987. It is painted red.", "When was the bridge finished?", "1987"),
    ("员工每年有十五天年假。请假须提前三天申请。", "员工每年有多少天年假？", "十五天"),
    ("图书馆由王小明创立。它每天早上开门。", "图书馆是谁创立的？", "王小明"),
    ("体育馆由李大伟设计。门票是二十元。", "体育馆是谁设计的？", "李大伟"),
)  # fmt: skip


def small() -> Dataset:
    paragraphs = [Paragraph(key_of("", text), text, language_of(text)) for text, _, _ in TEXTS]
    questions = [
        Question(
            id=f"q{number}",
            text=asked,
            language=language_of(asked),
            kind="factoid",
            answers=(answer,),
            supports=(Support(paragraph.id, answer, span_of(text, answer)),),
        )
        for number, ((text, asked, answer), paragraph) in enumerate(zip(TEXTS, paragraphs, strict=True))
    ]
    return Dataset("test:small", tuple(questions), tuple(paragraphs))


def span_of(text: str, words: str) -> Span:
    start = text.index(words)
    return Span(start, start + len(words))
