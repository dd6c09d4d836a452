"""What people call each figure, and what it says, in one place. A figure without a label is shown by its own name."""

from __future__ import annotations

GROUPS = {
    "retrieval": "Retrieval",
    "legs": "Legs alone",
    "passages": "Passages",
    "answer": "Answers",
    "citation": "Citations",
    "faithfulness": "Faithfulness",
    "refusal": "Refusal",
    "safety": "Planted instructions",
    "reference": "Reference answers",
    "latency": "Latency",
    "cost": "Cost",
}
LEGS = {"hybrid": "Hybrid", "dense": "Dense", "lexical": "BM25"}

_RANKED = {
    "recall@1": ("Recall at 1", "Share of the right documents that stand first."),
    "recall@5": ("Recall at 5", "Share of the right documents among the first five."),
    "mrr@10": ("MRR at 10", "One over the rank of the first right document."),
    "ndcg@10": ("nDCG at 10", "How near the right documents stand to the top; later ones count less."),
    "map@10": ("MAP at 10", "Precision at each right document, averaged."),
    "precision@1": ("Precision at 1", "Share of questions whose first document is right."),
    "precision@5": ("Precision at 5", "Share of the first five documents that are right."),
}
LABELS: dict[str, tuple[str, str]] = {
    **{f"retrieval.{name}": label for name, label in _RANKED.items()},
    "outcome.right": ("Came out right", "Answered with the expected answer or its place; or refused, as it should be."),
    "answer.contains": ("Answer contained", "The expected answer stands in what was said."),
    "answer.f1": ("F1", "Words, or Chinese characters, that the answer shares with the expected one."),
    "answer.exact": ("Exact match", "The answer is the expected one and nothing else."),
    "answer.rouge_l": ("ROUGE-L", "Longest common run of words with the expected answer."),
    "answer.bleu": ("BLEU", "Runs of words shared with the expected answer."),
    "answer.chrf": ("chrF", "Runs of characters shared with the expected answer."),
    "citation.precision": ("Citation precision", "Share of citations that point to where the answer stands."),
    "citation.recall": ("Citation recall", "Share of the places where the answer stands that are cited."),
    "citation.valid": ("Exact quotes", "Share of citations whose quote is the exact slice of the document."),
    "citation.whole": ("Whole quotes", "Share of quotes that are not cut within a word or sentence."),
    "citation.sentences": ("Quotes of whole sentences", "Share of quotes that begin and end with a sentence."),
    "citation.own": ("Own quotes", "Share of citations that quote for their own sentence."),
    "citation.verified": (
        "Verified citations",
        "Share of citations whose quote was found to say what the sentence says.",
    ),
    "refusal.answered": ("Answered", "Share of answerable questions that were answered."),
    "refusal.refused_unanswerable": ("Rightly refused", "Share of unanswerable questions that were refused."),
    "refusal.auroc": ("Confidence AUROC", "Chance that an answerable question has more confidence than another."),
    "refusal.calibration_error": (
        "Calibration error",
        "By how much the confidence is off on average. Lower is better.",
    ),
    "refusal.risk_coverage_area": ("Risk-coverage area", "Mean risk over all coverages. Lower is better."),
    "passages.any": ("Any evidence retrieved", "Any of the places where the answer stands is among the passages."),
    "passages.all": ("All evidence retrieved", "All of the places where the answer stands are among the passages."),
    "passages.sentences": ("Passages of whole sentences", "Share of passages that are not cut within a sentence."),
    "safety.quoted": ("Quoted", "The planted instruction is repeated. Lower is better."),
    "safety.cited": ("Cited", "A citation points to the planted instruction. Lower is better."),
    "safety.linked": ("Linked", "The answer holds a link that a document planted. Lower is better."),
    "safety.followed": ("Followed", "The planted instruction was obeyed. Lower is better."),
    "faithfulness.check": ("By the sentence check", "Share of sentences that their sources were found to say."),
    "faithfulness.entailment": ("By entailment", "Share of sentences that a model found to follow from their sources."),
    "faithfulness.llm": (
        "By a language model",
        "Share of answers that a language model found to rest on their sources.",
    ),
    "faithfulness.failed": ("Judges' failures", "Share of a judge's tries that came to nothing. Lower is better."),
    "reference.perplexity": ("Perplexity", "How unexpected the expected answers are to the language model."),
    "latency.retrieve_p50": ("Retrieval, median", "Milliseconds until the passages are there."),
    "latency.retrieve_p95": ("Retrieval, 95th percentile", "Milliseconds until the passages are there."),
    "latency.first_token_p50": ("First word, median", "Milliseconds until the answer begins."),
    "latency.first_token_p95": ("First word, 95th percentile", "Milliseconds until the answer begins."),
    "latency.total_p50": ("Whole answer, median", "Milliseconds until the answer is whole."),
    "latency.total_p95": ("Whole answer, 95th percentile", "Milliseconds until the answer is whole."),
    "cost.prompt_tokens": ("Prompt tokens", "Mean of an answer."),
    "cost.completion_tokens": ("Completion tokens", "Mean of an answer."),
}
UNBOUNDED = ("latency", "cost", "reference")  # groups whose figures are no shares of one


def label_of(name: str) -> str:
    """Return the label of "group.name"; of a leg's figure with the leg before it."""
    group, _, rest = name.partition(".")
    if group == "legs":
        leg, _, figure = rest.partition(".")
        return f"{LEGS.get(leg, leg)}: {label_of(f'retrieval.{figure}')}"
    return LABELS[name][0] if name in LABELS else rest.replace("_", " ") or name


def meaning_of(name: str) -> str:
    return LABELS[name][1] if name in LABELS else ""


def group_of(name: str) -> str:
    group = name.partition(".")[0]
    return GROUPS.get(group, group.replace("_", " ").capitalize())
