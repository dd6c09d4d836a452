"""Make judges by their names, of the models that the settings name."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from eval.judges.check import CheckJudge
from eval.judges.entail import EntailmentJudge
from eval.judges.judge import Judge
from eval.judges.llm import LlmJudge
from rag.build import build_entailment, build_language_model
from rag.config import Settings
from rag.errors import InvalidRequest, Misconfigured


def judges_of(settings: Settings, names: Sequence[str]) -> Sequence[Judge]:
    """Return the judges, each once. Raises InvalidRequest for a name, Misconfigured where its model is not set,
    ModelNotFound, ModelError.
    """
    unknown = [name for name in names if name not in MAKERS]
    if unknown:
        raise InvalidRequest(f"no judge is named {unknown[0]!r}", hint=f"{', '.join(MAKERS)} are")
    return [MAKERS[name](settings) for name in dict.fromkeys(names)]


def _entailment(settings: Settings) -> Judge:
    model = build_entailment(settings)
    if model is None:
        raise Misconfigured(
            "the judge entailment needs answer.entailment, which is not set",
            hint="set it to the name or the folder of a model of language inference",
        )
    return EntailmentJudge(model)


def _llm(settings: Settings) -> Judge:
    model = build_language_model(settings)
    if model is None:
        raise Misconfigured(
            "the judge llm needs a language model, and answer.generator is extractive",
            hint="set answer.generator and llm.model; see docs/answering.md",
        )
    try:
        from rag.llama.judge import FaithfulnessJudge  # takes seconds
    except ModuleNotFoundError as error:
        message = f"the judge llm needs {error.name}, which is not installed"
        raise Misconfigured(message, hint="pip install -c constraints.txt -e '.[llama]'") from error
    return LlmJudge(FaithfulnessJudge(model))


MAKERS: dict[str, Callable[[Settings], Judge]] = {
    CheckJudge.name: lambda _: CheckJudge(),
    EntailmentJudge.name: _entailment,
    LlmJudge.name: _llm,
}
