"""Judges: what they call supported, and what becomes of one that fails."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from eval.judges.build import judges_of
from eval.judges.check import CheckJudge
from eval.judges.entail import EntailmentJudge
from eval.judges.judge import sentences_of
from eval.judges.llm import LlmJudge
from eval.questions import Question
from rag.config import AnswerSettings, LlmSettings, Settings
from rag.errors import GenerationFailed, InvalidRequest, Misconfigured, ModelError
from rag.models.entail import LazyEntailment
from rag.models.remote import RemoteGenerator
from rag.types import Answer, Chunk, Citation, CitationStatus, Passage, RefusalReason, Span, Uncited
from tests.rag.models.llm_server import LlmServer, die_after, llm_server, say
from tests.tiny import build_tiny_entailment

QUESTION = Question("q1", "What do cats do?", "en", "factoid", (), ())
TEXT = "The cat sat on the mat. A dog waits at the door. 猫在门口等狗。"
SAID = "The cat sat on the mat [1]. A dog waits at the door [2]. 猫在门口等狗。[3]"
SENTENCES = ("The cat sat on the mat", "A dog waits at the door", "猫在门口等狗。")


def citation(mark: int, *, status: CitationStatus = CitationStatus.VERIFIED) -> Citation:
    sentence = SENTENCES[mark - 1]
    said, stands = SAID.index(sentence), TEXT.index(sentence)
    span = Span(stands, stands + len(sentence))
    return Citation(mark, Span(said, said + len(sentence)), "d1", 1, "", "", span, span.of(TEXT), status)


def answer(*citations: Citation, text: str = SAID, passages: Sequence[str] = (TEXT,)) -> Answer:
    found = tuple(Passage(Chunk(1, "d1", 0, len(one)), 0, len(one), one, "", "", 1, 1.0) for one in passages)
    return Answer(QUESTION.text, text, citations, found, False, None, 0.9, "tiny")


CITED = answer(citation(1), citation(2), citation(3))
REFUSED = replace(CITED, refused=True, reason=RefusalReason.WEAK_EVIDENCE)


class Sure:
    """Entails whatever it was told to, and says how often it was asked."""

    name = "sure"

    def __init__(self, *chances: float) -> None:
        self.chances = chances
        self.asked: list[tuple[str, str]] = []

    def entails(self, pairs: Sequence[tuple[str, str]]) -> Sequence[float]:
        self.asked += pairs
        if not self.chances:
            raise ModelError("the weights are gone")
        return self.chances[: len(pairs)]


def scores(name: str, above: float, of: float) -> dict[str, float]:
    return {f"faithfulness.{name}": above, f"faithfulness.{name}_of": of, f"faithfulness.{name}_failed": 0.0}


def test_sentences_are_seen_without_their_marks_and_with_their_citations() -> None:
    found = sentences_of(CITED)
    assert [one.text for one in found] == ["The cat sat on the mat.", "A dog waits at the door.", "猫在门口等狗。"]
    assert [[one.mark for one in sentence.citations] for sentence in found] == [[1], [2], [3]]
    assert sentences_of(answer(text="[1] ... [2]")) == []


def test_the_check_counts_a_sentence_that_cites_nothing_against_the_answer() -> None:
    assert CheckJudge().score(QUESTION, CITED) == scores("check", 3.0, 3.0)
    assert CheckJudge().score(QUESTION, answer(citation(1))) == scores("check", 1.0, 3.0)
    assert CheckJudge().score(QUESTION, answer()) == scores("check", 0.0, 3.0)
    unsupported = citation(2, status=CitationStatus.UNSUPPORTED)
    assert CheckJudge().score(QUESTION, answer(citation(1), unsupported)) == scores("check", 1.0, 3.0)


def test_one_verified_citation_of_a_part_is_enough_but_each_part_needs_one() -> None:
    one, doubtful = citation(1), citation(1, status=CitationStatus.UNSUPPORTED)
    assert CheckJudge().score(QUESTION, answer(doubtful, one))["faithfulness.check"] == 1.0
    half = replace(doubtful, answer_span=Span(0, 7))
    assert CheckJudge().score(QUESTION, answer(half, one))["faithfulness.check"] == 0.0
    uncited = replace(answer(one), uncited=(Uncited(Span(4, 9), ("cover",)),))
    assert CheckJudge().score(QUESTION, uncited)["faithfulness.check"] == 0.0


def test_a_sentence_is_entailed_by_one_of_its_quotes_or_by_all_together() -> None:
    also = replace(citation(1), quote="A mat is where the cat sat.")
    model = Sure(0.2, 0.3, 0.6, 0.4)
    found = EntailmentJudge(model).score(QUESTION, answer(citation(1), also, citation(2)))
    assert found == scores("entailment", 1.0, 3.0)
    assert model.asked == [
        (SENTENCES[0], "The cat sat on the mat."),
        (also.quote, "The cat sat on the mat."),
        (f"{SENTENCES[0]}\n{also.quote}", "The cat sat on the mat."),
        (SENTENCES[1], "A dog waits at the door."),
    ]


def test_a_model_that_fails_is_counted_and_gives_no_figure() -> None:
    assert EntailmentJudge(Sure()).score(QUESTION, CITED) == {"faithfulness.entailment_failed": 1.0}
    assert EntailmentJudge(Sure()).score(QUESTION, answer()) == scores("entailment", 0.0, 3.0)  # it need not be asked


def test_a_real_model_of_language_inference_judges(tmp_path: Path) -> None:
    folder = build_tiny_entailment(tmp_path / "tiny")
    model = LazyEntailment.find(str(folder), models=tmp_path, device="cpu")
    found = EntailmentJudge(model).score(QUESTION, CITED)
    chances = model.entails([(one.citations[0].quote, one.text) for one in sentences_of(CITED)])
    assert found == scores("entailment", float(sum(chance >= 0.5 for chance in chances)), 3.0)


@pytest.mark.parametrize("judge", [CheckJudge(), EntailmentJudge(Sure()), LlmJudge(Sure())])  # type: ignore[arg-type]
def test_of_a_refusal_there_is_nothing_to_judge(judge: CheckJudge) -> None:
    assert judge.score(QUESTION, REFUSED) == {}


class Verdict:
    """Says what it was told to, of whatever it is asked."""

    name = "verdict"

    def __init__(self, *, says: bool | None) -> None:
        self.says = says
        self.asked: list[tuple[str, Sequence[str]]] = []

    def supported(self, answer: str, passages: Sequence[str]) -> bool:
        self.asked.append((answer, passages))
        if self.says is None:
            raise GenerationFailed("the line is dead")
        return self.says


def test_a_language_model_judges_the_whole_answer_by_all_passages() -> None:
    model = Verdict(says=True)
    assert LlmJudge(model).score(QUESTION, CITED) == scores("llm", 1.0, 1.0)
    assert model.asked == [("The cat sat on the mat. A dog waits at the door. 猫在门口等狗。", [TEXT])]
    assert LlmJudge(Verdict(says=False)).score(QUESTION, CITED) == scores("llm", 0.0, 1.0)
    assert LlmJudge(Verdict(says=None)).score(QUESTION, CITED) == {"faithfulness.llm_failed": 1.0}


@pytest.mark.parametrize("passages", [(), (" \n",)])
def test_an_answer_from_nothing_is_not_faithful_and_no_model_is_asked(passages: Sequence[str]) -> None:
    model = Verdict(says=True)
    assert LlmJudge(model).score(QUESTION, answer(passages=passages)) == scores("llm", 0.0, 1.0)
    assert LlmJudge(model).score(QUESTION, answer(text="[1]")) == scores("llm", 0.0, 1.0)
    assert model.asked == []


@pytest.fixture
def server() -> Iterator[LlmServer]:
    with llm_server() as server:
        yield server


@pytest.fixture
def by_llama_index(server: LlmServer) -> Iterator[LlmJudge]:
    pytest.importorskip("llama_index.core", reason="the llama extra is not installed")
    from rag.llama.judge import FaithfulnessJudge

    model = RemoteGenerator("tiny", base_url=server.address, pause=lambda seconds: None, retries=0)
    yield LlmJudge(FaithfulnessJudge(model))
    model.close()


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("YES", scores("llm", 1.0, 1.0)),
        ("Yes, the context says so.", scores("llm", 1.0, 1.0)),
        ("NO.", scores("llm", 0.0, 1.0)),
        ("Eyes see it", {"faithfulness.llm_failed": 1.0}),  # the evaluator looks for "yes" anywhere
        ("YES or NO?", {"faithfulness.llm_failed": 1.0}),
        ("I cannot tell", {"faithfulness.llm_failed": 1.0}),
    ],
)
def test_llama_index_asks_for_yes_or_no_and_anything_else_is_a_failure(
    said: str, expected: dict[str, float], server: LlmServer, by_llama_index: LlmJudge
) -> None:
    server.scripts = [say(said)]
    assert by_llama_index.score(QUESTION, CITED) == expected
    asked = str(server.asked[0]["messages"])
    assert "猫在门口等狗" in asked
    assert "[1]" not in asked


def test_a_server_that_dies_is_a_failure_of_the_judge(server: LlmServer, by_llama_index: LlmJudge) -> None:
    server.scripts = [die_after()]
    assert by_llama_index.score(QUESTION, CITED) == {"faithfulness.llm_failed": 1.0}


def test_a_judge_leaves_no_event_loop_open_behind_it(server: LlmServer, by_llama_index: LlmJudge) -> None:
    server.scripts = [say("YES")]
    by_llama_index.score(QUESTION, CITED)
    asyncio.set_event_loop(None)  # forget one that is left: what is not closed then warns, and warnings are errors
    gc.collect()


def settings_of(data: Path, generator: str = "extractive", entailment: str | None = None) -> Settings:
    chosen = AnswerSettings(generator=generator, entailment=entailment)
    return Settings(data=data, answer=chosen, llm=LlmSettings(model="tiny", base_url="http://127.0.0.1:9/v1"))


def test_judges_are_made_by_name_of_what_the_settings_name(tmp_path: Path) -> None:
    folder = build_tiny_entailment(tmp_path / "tiny")
    settings = settings_of(tmp_path, entailment=str(folder))
    assert [judge.name for judge in judges_of(settings, ["check", "entailment", "check"])] == ["check", "entailment"]
    assert judges_of(settings, []) == []


def test_a_language_model_is_made_a_judge(tmp_path: Path) -> None:
    pytest.importorskip("llama_index.core", reason="the llama extra is not installed")
    assert [judge.name for judge in judges_of(settings_of(tmp_path, "openai"), ["llm"])] == ["llm"]


@pytest.mark.parametrize("name", ["entailment", "llm"])
def test_a_judge_whose_model_is_not_set_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=f"the judge {name} needs"):
        judges_of(settings_of(tmp_path), [name])


def test_an_unknown_judge_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="no judge is named 'jury'"):
        judges_of(settings_of(tmp_path), ["check", "jury"])
