"""An answer on a terminal: its text, and under it the footnotes and what is to be minded about them.

In the question's language. Knows nothing of how it was found.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rich.console import Console

from rag.cli.output import console, plain, write
from rag.text import question_language
from rag.types import Answer, Citation, CitationStatus

SAID = {
    "en": {
        "page": ", page {page}",
        "doubt": "  (does not support its sentence{why})",
        "unsaid": "no source was found for this{why}:",
        "disagree": "The sources disagree: {values}",
        "says": "[{mark}] says “{value}”",
        "nearest": "Nearest passages:",
        "figures": "confidence {confidence:.2f} · {model} · {total:.0f} ms",
        "colon": ": ",
        "comma": ", ",
        "number": "a number differs",
        "date": "a date differs",
        "name": "a name differs",
        "negation": "one denies what the other says",
        "cover": "it speaks of something else",
        "entailment": "it does not follow",
    },
    "zh": {
        "page": "，第 {page} 页",
        "doubt": "（未能支持所在的句子{why}）",
        "unsaid": "没有找到这句话的出处{why}：",
        "disagree": "资料说法不一：{values}",
        "says": "[{mark}] 说“{value}”",
        "nearest": "最接近的段落：",
        "figures": "置信度 {confidence:.2f} · {model} · {total:.0f} 毫秒",
        "colon": "：",
        "comma": "，",
        "number": "数字不符",
        "date": "日期不符",
        "name": "名称不符",
        "negation": "肯定与否定相反",
        "cover": "说的是别的事",
        "entailment": "由原文推不出",
    },
}
UNSAID = "[?]"  # after a sentence for which no source was found
NEAREST = 3  # passages shown under a refusal
EXCERPT_CHARACTERS = 160


def show_text(answer: Answer) -> None:
    """Print the short answer, where there is one, and the text with what has no source marked."""
    out = console()
    if answer.short is not None:
        write(out, f"{_one_line(answer.short.text)} [{answer.short.mark}]", style="bold")
    write(out, plain(marked(answer)))


def marked(answer: Answer) -> str:
    """Return the text with [?] after each sentence for which no source was found."""
    pieces, done = [], 0
    for end in sorted(one.answer_span.end for one in answer.uncited):
        pieces += [answer.text[done:end], f" {UNSAID}"]
        done = end
    return "".join([*pieces, answer.text[done:]])


def show_notes(answer: Answer) -> None:
    out = console()
    said = SAID[question_language(answer.question)]
    out.print()
    for citation in _once(answer.citations):
        unsupported = citation.status is CitationStatus.UNSUPPORTED
        doubt = said["doubt"].format(why=_why(citation.problems, said)) if unsupported else ""
        place = _place(citation.title, citation.source, citation.page, said, citation.place)
        write(out, f"{place}{doubt}", first=f"[{citation.mark}] ", rest="    ", style="bold")
        write(out, f"“{_one_line(citation.quote)}”", first="    ", rest="    ", style="dim")
    for one in answer.uncited:
        telling = [problem for problem in one.problems if problem != "cover"]  # which is what is said already
        write(out, said["unsaid"].format(why=_why(telling, said)), first=f"{UNSAID} ", rest="    ", style="bold")
        write(out, f"“{_one_line(one.answer_span.of(answer.text))}”", first="    ", rest="    ", style="dim")
    for disagreement in answer.disagreements:
        pairs = zip(disagreement.marks, disagreement.values, strict=True)
        values = said["comma"].join(said["says"].format(mark=mark, value=_one_line(value)) for mark, value in pairs)
        write(out, said["disagree"].format(values=values), style="bold")
    if answer.refused and answer.passages:
        _show_nearest(out, answer, said)
    total = answer.timings.get("total", 0.0)
    if answer.conversation_id is not None:
        out.print(f"--conversation {answer.conversation_id}", style="dim")
    out.print(said["figures"].format(confidence=answer.confidence, model=answer.model, total=total), style="dim")


def _show_nearest(out: Console, answer: Answer, said: Mapping[str, str]) -> None:
    out.print(said["nearest"])
    for passage in answer.passages[:NEAREST]:
        text = _one_line(passage.text)
        cut = text if len(text) <= EXCERPT_CHARACTERS else text[: EXCERPT_CHARACTERS - 1] + "…"
        place = _place(passage.title, passage.source, passage.page, said)
        write(out, place, first="  - ", rest="    ", style="bold")
        write(out, cut, first="    ", rest="    ", style="dim")


def _why(problems: Sequence[str], said: Mapping[str, str]) -> str:
    return said["colon"] + said["comma"].join(said.get(problem, problem) for problem in problems) if problems else ""


def _once(citations: Iterable[Citation]) -> Iterable[Citation]:
    """Return each mark's citation to one span once, in the order of the marks; the one that is to be minded, if any."""
    by_quote: dict[tuple[int, int, int], Citation] = {}
    for citation in citations:
        key = citation.mark, citation.span.start, citation.span.end
        if key not in by_quote or citation.status is CitationStatus.UNSUPPORTED:
            by_quote[key] = citation
    return sorted(by_quote.values(), key=lambda citation: citation.mark)


def _place(title: str, source: str, page: int | None, said: Mapping[str, str], otherwise: str = "") -> str:
    at = said["page"].format(page=page) if page else f", {otherwise}" if otherwise else ""
    return plain(f"{title} — {source}{at}" if title and title != source else f"{source}{at}")


def _one_line(text: str) -> str:
    return " ".join(plain(text).split())
