"""rag.models.rerank: a cross-encoder is found, held to what a reranker is, and scores as its authors' library does."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from rag.errors import Misconfigured, ModelError, ModelNotFound
from rag.models.rerank import LazyReranker
from tests.tiny import build_tiny_model, build_tiny_reranker

QUESTION = "who waits at the door"
TEXTS = ["a dog waits at the door", "the cat sat on the mat", "大型语言模型 在 门口 等 猫 狗", "", "door " * 100]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_tiny_reranker(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture
def copy(tiny: Path, tmp_path: Path) -> Path:
    return shutil.copytree(tiny, tmp_path / "copy")


def write_json(path: Path, **values: object) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def find(folder: Path) -> LazyReranker:
    return LazyReranker.find(str(folder), models=folder, device="cpu")


def test_scores_are_the_sigmoid_of_what_the_model_says(tiny: Path) -> None:
    from sentence_transformers import CrossEncoder

    logits = CrossEncoder(str(tiny), device="cpu").predict([(QUESTION, text) for text in TEXTS])
    scores = find(tiny).score(QUESTION, TEXTS)
    np.testing.assert_allclose(scores, [1 / (1 + math.exp(-logit)) for logit in logits], atol=1e-6)
    assert len(set(scores)) == len(TEXTS)


def test_the_authors_own_last_function_changes_no_score(tiny: Path, tmp_path: Path) -> None:
    import torch
    from sentence_transformers import CrossEncoder

    other = tmp_path / "other"
    CrossEncoder(str(tiny), device="cpu", activation_fn=torch.nn.Sigmoid()).save_pretrained(str(other))
    np.testing.assert_allclose(find(other).score(QUESTION, TEXTS), find(tiny).score(QUESTION, TEXTS), atol=1e-6)


def test_a_text_has_the_score_that_it_has_alone(tiny: Path) -> None:
    reranker = find(tiny)
    alone = [reranker.score(QUESTION, [text])[0] for text in TEXTS]
    np.testing.assert_allclose(reranker.score(QUESTION, TEXTS), alone, atol=1e-5)
    assert list(reranker.score(QUESTION, [])) == []


def test_any_text_can_be_scored(tiny: Path) -> None:
    scores = find(tiny).score("half a pair: \ud83d", ["\ud83d", "\x00", "x" * 100_000])
    assert all(0 <= score <= 1 for score in scores)


def test_it_is_found_by_its_name_beside_the_embedder(tiny: Path) -> None:
    reranker = LazyReranker.find("tiny", models=tiny.parent)
    assert reranker.name == "tiny"


def test_finding_it_does_not_import_torch(tiny: Path) -> None:
    program = f"""
import sys
from pathlib import Path
from rag.models.rerank import LazyReranker
LazyReranker.find({str(tiny)!r}, models=Path("nowhere"))
assert not {{"torch", "transformers", "sentence_transformers"}} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", program], check=True, cwd=Path(__file__).parents[3], timeout=60)


def test_one_that_is_nowhere_says_where_it_was_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    with pytest.raises(ModelNotFound, match="cross-encoder--no-such-model") as caught:
        LazyReranker.find("no-such-model", models=tmp_path / "models")
    assert str(tmp_path / "models" / "no-such-model") in caught.value.hint


def test_a_classifier_with_several_labels_is_refused_when_it_is_found(tmp_path: Path) -> None:
    folder = build_tiny_reranker(tmp_path / "three", labels=3)
    with pytest.raises(ModelError, match="3 labels"):
        find(folder)


def test_a_classifier_that_does_not_tell_has_two_labels(copy: Path) -> None:
    config = json.loads((copy / "config.json").read_text())
    (copy / "config.json").write_text(
        json.dumps({key: value for key, value in config.items() if key not in ("id2label", "label2id")})
    )
    with pytest.raises(ModelError, match="2 labels"):
        find(copy)


def test_a_model_without_a_head_is_refused(copy: Path) -> None:
    write_json(copy / "config.json", architectures=["BertModel"])
    (copy / "config_sentence_transformers.json").unlink()
    with pytest.raises(ModelError, match="no cross-encoder"):
        find(copy)


def test_an_embedder_is_no_reranker(tmp_path: Path) -> None:
    folder = build_tiny_model(tmp_path / "embedder")
    with pytest.raises(ModelError, match="no cross-encoder"):
        find(folder)


def test_weights_in_a_pickle_are_refused(copy: Path) -> None:
    (copy / "model.safetensors").rename(copy / "kept")
    (copy / "pytorch_model.bin").write_bytes(b"\x80\x04.")
    with pytest.raises(ModelNotFound, match="no .safetensors in it"):
        find(copy)


def test_code_that_comes_with_a_model_is_not_run(copy: Path) -> None:
    (copy / "evil.py").write_text(f"open({str(copy / 'ran')!r}, 'w')\n")
    write_json(copy / "config.json", model_type="evil", auto_map={"AutoConfig": "evil.Config"})
    with pytest.raises(ModelError, match="cannot load"):
        find(copy).load()
    assert not (copy / "ran").exists()


def test_broken_weights_say_so_when_they_are_loaded(copy: Path) -> None:
    (copy / "model.safetensors").write_bytes(b"nothing of the kind")
    with pytest.raises(ModelError, match="cannot load it as a cross-encoder"):
        find(copy).load()


def test_a_score_that_is_no_number_is_an_error(copy: Path) -> None:
    from safetensors.numpy import load_file, save_file

    weights = load_file(copy / "model.safetensors")
    save_file(
        {name: value * np.float32("nan") if "classifier" in name else value for name, value in weights.items()},
        copy / "model.safetensors",
        {"format": "pt"},
    )
    with pytest.raises(ModelError, match="no score to 2 of 2 texts"):
        find(copy).score(QUESTION, TEXTS[:2])


def test_a_device_that_is_none_is_refused_by_its_setting(tiny: Path) -> None:
    with pytest.raises(Misconfigured, match=r"rerank\.device"):
        LazyReranker.find(str(tiny), models=tiny, device="tpu")
