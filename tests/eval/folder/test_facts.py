"""A run's config names all that decides its figures, and no secret."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from eval.folder import facts
from eval.folder.differ import differences
from eval.folder.facts import config_of, dataset_facts, models_of
from eval.questions import Dataset, Paragraph, Question
from rag.config import LlmSettings, RerankSettings, Settings
from rag.models.find import file_digest
from tests.fakes import HashEmbedder

QUESTION = Question("q1", "年假有几天？", "zh", "factoid", ("十五天",), ())
DATASET = Dataset("squad:nowhere.json", (QUESTION,), (Paragraph("p1", "十五天。", "zh"),))


def digest(dataset: Dataset) -> str:
    return str(dataset_facts(dataset)["sha256"])


@pytest.mark.parametrize(
    "change",
    [
        lambda dataset: replace(dataset, questions=(replace(QUESTION, text="年假有多久？"),)),
        lambda dataset: replace(dataset, questions=(replace(QUESTION, answers=()),)),
        lambda dataset: replace(dataset, questions=(QUESTION, replace(QUESTION, id="q2"))),
        lambda dataset: replace(dataset, paragraphs=(Paragraph("p1", "十六天。", "zh"),)),
    ],
)
def test_another_question_answer_or_document_is_another_set(change: Callable[[Dataset], Dataset]) -> None:
    assert digest(change(DATASET)) != digest(DATASET)
    assert digest(replace(DATASET, spec="squad:elsewhere.json")) == digest(DATASET)


def test_a_file_that_changes_makes_another_set(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one")
    dataset = Dataset(f"qa:{tmp_path / 'a.txt'}", (QUESTION,), folder=tmp_path)
    before, told = digest(dataset), dataset_facts(dataset)
    assert told["files"] == {"a.txt": file_digest(tmp_path / "a.txt")}
    assert (told["questions"], told["documents"], told["answerable"]) == (1, 1, 0)
    (tmp_path / "a.txt").write_text("two and more")
    assert digest(dataset) != before


def test_models_are_named_by_their_weights(tmp_path: Path) -> None:
    folder = tmp_path / "judge"
    folder.mkdir()
    (folder / "model.safetensors").write_bytes(b"weights")
    settings = Settings(data=tmp_path, rerank=RerankSettings(model=str(folder)))
    found = models_of(settings, HashEmbedder())
    weights = file_digest(folder / "model.safetensors")
    assert found["reranker"] == {"name": str(folder), "sha256": weights, "published": False}
    assert found["embedder"] == {"name": "hash", "fingerprint": "hash-64", "runtime": ""}
    assert found["language model"] is found["entailment"] is None


def test_a_server_that_answers_is_named_as_far_as_it_is_known(tmp_path: Path) -> None:
    llm = LlmSettings(model="big", base_url="http://127.0.0.1:1/v1")
    settings = Settings(data=tmp_path, llm=llm)
    settings = settings.model_copy(update={"answer": settings.answer.model_copy(update={"generator": "openai"})})
    assert models_of(settings, HashEmbedder())["language model"] == {"name": "big", "server": "http://127.0.0.1:1/v1"}


def test_no_secret_is_written(tmp_path: Path) -> None:
    llm = LlmSettings(
        api_key=SecretStr("hunter2"),
        base_url="http://me:hunter2@127.0.0.1:1/v1",
        options={"api_key": "hunter2", "extra_body": {"token": "hunter2"}, "top_k": 3},
    )
    settings = Settings(data=tmp_path, llm=llm)
    settings = settings.model_copy(update={"answer": settings.answer.model_copy(update={"generator": "openai"})})
    config = config_of(DATASET, settings, HashEmbedder(), scope="answers", said={"command": "a test"})
    assert "hunter2" not in json.dumps(config)
    assert config["settings"]["llm"]["options"]["top_k"] == 3
    assert config["command"] == "a test"


def test_two_configs_of_one_run_agree_and_a_changed_package_is_named(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    one, other = (
        config_of(DATASET, settings, HashEmbedder(), scope="answers", said={"command": said}) for said in ("a", "b")
    )
    assert differences(one, other) == []
    changed = {**other, "packages": {**other["packages"], "faiss-cpu": "9.9"}, "machine": {"cpus": 512}}
    [line] = differences(one, changed)
    assert line.startswith("packages.faiss-cpu: ")
    assert line.endswith(", now 9.9")


def test_what_one_config_lacks_and_long_hashes_are_told_in_short() -> None:
    lines = differences({"dataset": {"sha256": "a" * 64}}, {"models": {"reranker": {"name": "r"}}})
    assert lines == [f"dataset.sha256: {'a' * 12}, now nothing", "models.reranker.name: nothing, now r"]


def test_code_between_a_question_and_its_scores_is_in_the_hash_and_what_shows_them_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("rag/answer.py", "eval/judge.py", "eval/cli/run.py", "rag/model.json"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("1")
    monkeypatch.setattr(facts, "ROOT", tmp_path)

    def hashed() -> str:
        facts.code_digest.cache_clear()
        return facts.code_digest()

    try:
        found = [hashed()]
        for name in ("rag/answer.py", "eval/judge.py", "rag/model.json", "eval/cli/run.py"):
            (tmp_path / name).write_text("2")
            found.append(hashed())
    finally:
        facts.code_digest.cache_clear()
    assert len(set(found)) == 4
    assert found[3] == found[4]
