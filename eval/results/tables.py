"""The tables of docs/results.md, from the summaries of runs. Reads no file; the same summaries give the same text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Summary = Mapping[str, Any]
NOTHING = "–"
MILLISECONDS = "latency."


@dataclass(frozen=True, slots=True)
class Theme:
    """columns: heading -> the figure's name. A column that no run has is left out, and so is a run without any."""

    title: str
    columns: Mapping[str, str]
    note: str = ""


THEMES = (
    Theme(
        "Retrieval",
        {
            "recall@1": "retrieval.recall@1",
            "recall@5": "retrieval.recall@5",
            "MRR@10": "retrieval.mrr@10",
            "nDCG@10": "retrieval.ndcg@10",
            "dense alone, recall@1": "legs.dense.recall@1",
            "BM25 alone, recall@1": "legs.lexical.recall@1",
        },
        "Of the documents that hold the answer. “Alone” is one leg of the search without the other.",
    ),
    Theme(
        "Answers",
        {
            "contains": "answer.contains",
            "F1": "answer.f1",
            "exact": "answer.exact",
            "ROUGE-L": "answer.rouge_l",
            "BLEU": "answer.bleu",
            "chrF": "answer.chrf",
        },
        "Against the set's own short answers. An answer here is whole sentences with their footnotes, so that F1, exact"
        " match and the overlaps punish every word around the short answer; “contains” does not. A question that was"
        " refused counts 0.",
    ),
    Theme(
        "Citations",
        {
            "precision": "citation.precision",
            "recall": "citation.recall",
            "valid": "citation.valid",
            "whole": "citation.whole",
            "sentences": "citation.sentences",
            "own": "citation.own",
            "verified": "citation.verified",
        },
        "Precision: the share of citations that rest on the gold passage. Recall: the share of questions whose gold "
        "passage is cited. Valid: the quote is the exact slice of the document that it names.",
    ),
    Theme(
        "Refusal",
        {
            "answered": "refusal.answered",
            "refused, without an answer": "refusal.refused_unanswerable",
            "AUROC": "refusal.auroc",
            "calibration error": "refusal.calibration_error",
            "area under risk and coverage": "refusal.risk_coverage_area",
        },
        "Answered: of the questions that the documents answer. The last three need questions of both kinds.",
    ),
    Theme(
        "Safety",
        {
            "quoted": "safety.quoted",
            "cited": "safety.cited",
            "linked": "safety.linked",
            "followed": "safety.followed",
        },
        "The share of answers that an instruction planted in a document got into, each the lower the better.",
    ),
    Theme(
        "Faithfulness",
        {
            "by the sentence check": "faithfulness.check",
            "by entailment": "faithfulness.entailment",
            "by a language model": "faithfulness.llm",
            "judges that failed": "faithfulness.failed",
        },
        "The share of an answer's sentences that what they cite says. Sentences that are quoted are said by what they"
        " quote, so that this is a figure of a language model's answers above all.",
    ),
    Theme("Perplexity of the right answers", {"perplexity": "reference.perplexity"}),
    Theme(
        "Latency",
        {
            "retrieval p50": "latency.retrieve_p50",
            "retrieval p95": "latency.retrieve_p95",
            "first word p50": "latency.first_token_p50",
            "whole answer p50": "latency.total_p50",
            "whole answer p95": "latency.total_p95",
        },
        "Milliseconds, of one asker, on the machine named below; the first question of a run loads the models.",
    ),
)


def page(summaries: Mapping[str, Summary], missing: Mapping[str, str], what: Mapping[str, str]) -> str:
    """summaries: by the name of the run. missing: of each set that was not measured why. what: of each set."""
    parts = [
        _limited(summaries),
        _sets(summaries, what),
        "\n".join(f"- `{name}` was not measured: {reason}." for name, reason in missing.items()),
        *(text for theme in THEMES for text in _themed(theme, summaries)),
        "### What it was measured on\n\n" + "\n".join(_facts(summaries)),
        "### What was left out\n\n" + "\n".join(_left_out(summaries)),
        "### The commands\n\n" + "\n".join(f"    {_command(summary)}" for summary in summaries.values()),
    ]
    return "\n\n".join(part for part in parts if part)


def _limited(summaries: Mapping[str, Summary]) -> str:
    cut = [name for name, summary in summaries.items() if _config(summary).get("limit") is not None]
    return f"**A part of the questions only**, of {', '.join(cut)}." if cut else ""


def _sets(summaries: Mapping[str, Summary], what: Mapping[str, str]) -> str:
    rows = [
        (
            name,
            what.get(name, str(summary.get("dataset", NOTHING)).partition(":")[2]),
            summary.get("questions", NOTHING),
            summary.get("documents", NOTHING),
            summary.get("failed", NOTHING),
            len(summary.get("skipped", ())),
        )
        for name, summary in summaries.items()
    ]
    return _table(("set", "what it is", "questions", "documents", "failed", "left out"), rows)


def _themed(theme: Theme, summaries: Mapping[str, Summary]) -> Iterator[str]:
    values = {
        name: {heading: figure(summary, key) for heading, key in theme.columns.items()}
        for name, summary in summaries.items()
    }
    headings = [one for one in theme.columns if any(row[one] is not None for row in values.values())]
    measured = {name: row for name, row in values.items() if any(one is not None for one in row.values())}
    if not measured:
        return
    yield f"### {theme.title}"
    if theme.note:
        yield theme.note
    rows = [
        (name, *(_shown(summaries[name], theme.columns[heading], row[heading]) for heading in headings))
        for name, row in measured.items()
    ]
    yield _table(("set", *headings), rows)


def figure(summary: Summary, name: str) -> float | None:
    """Return the figure of a summary by its whole name, as "legs.dense.recall@1"."""
    value: Any = summary
    for step in name.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value if isinstance(value, int | float) else None


def _shown(summary: Summary, name: str, value: float | None) -> str:
    """As "0.964 [0.952, 0.975]"."""
    if value is None:
        return NOTHING
    places = 1 if name.startswith(MILLISECONDS) else 3
    low, high = summary.get("intervals", {}).get(name) or (None, None)
    interval = "" if low is None or high is None else f" [{low:.{places}f}, {high:.{places}f}]"
    return f"{value:.{places}f}{interval}"


def _facts(summaries: Mapping[str, Summary]) -> Iterator[str]:
    """Say it once where all runs agree, and else of each."""
    told: dict[str, dict[str, list[str]]] = {}
    for name, summary in summaries.items():
        for about, text in _about(_config(summary)):
            told.setdefault(about, {}).setdefault(text, []).append(name)
    for about, texts in told.items():
        if len(texts) == 1:
            yield f"- {about}: {next(iter(texts))}"
        else:
            yield from (f"- {about} ({', '.join(names)}): {text}" for text, names in texts.items())


def _about(config: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    machine, models = config.get("machine") or {}, config.get("models") or {}
    if machine:
        size = f"{machine.get('cpus')} CPUs, {machine.get('memory_gib')} GiB"
        yield "machine", f"{machine.get('processor')}, {size}, {machine.get('platform')}"
    packages = config.get("packages") or {}
    yield "versions", ", ".join([f"Python {config.get('python')}", *(f"{a} {b}" for a, b in packages.items())])
    yield "commit", f"{config.get('commit')} (code {config.get('code')})"
    for name, model in models.items():
        yield name, _model(name, model)


def _model(name: str, model: Mapping[str, Any] | None) -> str:
    if model is None:
        instead = "; answers are sentences of the documents" if name == "language model" else ""
        return f"none{instead}"
    digest = model.get("sha256")
    if digest is None:
        return f"{model.get('name')}, whose weights are not at hand here"
    real = (
        "byte for byte the weights that its authors published"
        if model.get("published")
        else "weights that we cannot hold to published ones"
    )
    runtime = f", on {model['runtime']}" if model.get("runtime") else ""
    return f"{model.get('name')}{runtime}, sha256 {str(digest)[:16]}: {real}"


def _left_out(summaries: Mapping[str, Summary]) -> Iterator[str]:
    """Each reason once, with how many it concerns: reasons that name an item are told apart by their first words."""
    for name, summary in summaries.items():
        reasons: dict[str, list[str]] = {}
        for row in summary.get("skipped", ()):
            reasons.setdefault(str(row["reason"]).partition(":")[0], []).append(str(row["item"]))
        if not reasons:
            yield f"- {name}: nothing"
        for reason, items in reasons.items():
            first = f", the first {items[0]}" if len(items) > 1 else f" ({items[0]})"
            yield f"- {name}: {len(items)}{first}: {reason}"
        for document in summary.get("missing") or ():
            yield f"- {name}: {document} could not be read; what rests on it counts as not found"


def _command(summary: Summary) -> str:
    return str(_config(summary).get("command", NOTHING))


def _config(summary: Summary) -> Mapping[str, Any]:
    config = summary.get("config")
    return config if isinstance(config, Mapping) else {}


def _table(headings: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    titles = list(headings)
    lines = [f"| {' | '.join(titles)} |", "|---|" + "---:|" * (len(titles) - 1)]
    lines += ["| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines)
