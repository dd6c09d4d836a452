"""rag.models.entail: a model of language inference is found, its labels are read, and its chances are its own."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from rag.errors import ModelError, ModelNotFound
from rag.models.entail import LazyEntailment
from tests.tiny import build_tiny_entailment, build_tiny_model

PAIRS = [
    ("a dog waits at the door", "the cat sat on the mat"),
    ("the cat sat on the mat", "a dog waits"),
    ("大型语言模型 在 门口 等 猫 狗", "狗 等 猫"),
    ("", ""),
]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_tiny_entailment(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture
def copy(tiny: Path, tmp_path: Path) -> Path:
    return shutil.copytree(tiny, tmp_path / "copy")


def find(folder: Path) -> LazyEntailment:
    return LazyEntailment.find(str(folder), models=folder, device="cpu")


def rename_labels(folder: Path, labels: Sequence[str]) -> Path:
    config = json.loads((folder / "config.json").read_text())
    config["id2label"] = {str(place): label for place, label in enumerate(labels)}
    (folder / "config.json").write_text(json.dumps(config))
    return folder


def own_chances(folder: Path) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    from sentence_transformers import CrossEncoder

    return np.asarray(CrossEncoder(str(folder), device="cpu").predict(PAIRS, apply_softmax=True))


def test_a_chance_is_the_share_of_the_label_that_says_entailment(tiny: Path) -> None:
    chances = find(tiny).entails(PAIRS)
    np.testing.assert_allclose(chances, own_chances(tiny)[:, 1], atol=1e-6)
    assert len(set(chances)) == len(PAIRS)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_the_labels_order_is_read_and_not_assumed(copy: Path, place: int) -> None:
    labels = ["CONTRADICTION", "NEUTRAL"]
    labels.insert(place, "ENTAILMENT")
    np.testing.assert_allclose(find(rename_labels(copy, labels)).entails(PAIRS), own_chances(copy)[:, place], atol=1e-6)


def test_a_model_that_tells_two_apart_serves_too(tmp_path: Path) -> None:
    folder = build_tiny_entailment(tmp_path / "two", labels=("entailment", "not_entailment"))
    np.testing.assert_allclose(find(folder).entails(PAIRS), own_chances(folder)[:, 0], atol=1e-6)


def test_labels_without_names_are_refused_since_nobody_can_tell_which_is_which(copy: Path) -> None:
    with pytest.raises(ModelError, match="which of its labels is entailment"):
        find(rename_labels(copy, ["LABEL_0", "LABEL_1", "LABEL_2"]))


def test_a_model_with_one_score_or_with_many_is_none_of_language_inference(copy: Path) -> None:
    for labels in (["entailment"], ["entailment", "a", "b", "c"]):
        with pytest.raises(ModelError, match="no model of language inference"):
            find(rename_labels(copy, labels))


def test_an_embedder_is_refused_when_it_is_found(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no model of language inference"):
        find(build_tiny_model(tmp_path / "embedder"))


def test_weights_in_a_pickle_are_refused(copy: Path) -> None:
    (copy / "model.safetensors").rename(copy / "kept")
    (copy / "pytorch_model.bin").write_bytes(b"\x80\x04.")
    with pytest.raises(ModelNotFound, match="no .safetensors in it"):
        find(copy)


def test_broken_weights_say_so_when_they_are_loaded(copy: Path) -> None:
    (copy / "model.safetensors").write_bytes(b"nothing of the kind")
    with pytest.raises(ModelError, match="cannot load it as a classifier of pairs"):
        find(copy).load()


def test_any_text_can_be_compared(tiny: Path) -> None:
    model = find(tiny)
    assert all(0 <= chance <= 1 for chance in model.entails([("\ud83d", "\x00"), ("x " * 20_000, "y" * 20_000)]))
    assert list(model.entails([])) == []


def test_a_chance_that_is_no_number_is_an_error(copy: Path) -> None:
    from safetensors.numpy import load_file, save_file

    weights = load_file(copy / "model.safetensors")
    save_file(
        {name: value * np.float32("nan") if "classifier" in name else value for name, value in weights.items()},
        copy / "model.safetensors",
        {"format": "pt"},
    )
    with pytest.raises(ModelError, match="no chance for 4 of 4 pairs"):
        find(copy).entails(PAIRS)


def test_finding_it_does_not_import_torch(tiny: Path) -> None:
    program = f"""
import sys
from pathlib import Path
from rag.models.entail import LazyEntailment
LazyEntailment.find({str(tiny)!r}, models=Path("nowhere"))
assert not {{"torch", "transformers", "sentence_transformers"}} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", program], check=True, cwd=Path(__file__).parents[3], timeout=60)
