"""rag.models.causal: what cannot answer is refused when it is found, or when it is loaded, and says why."""

from __future__ import annotations

import importlib.util
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rag.errors import Misconfigured, ModelError, ModelNotFound
from rag.models import causal
from rag.models.causal import find_causal, load_causal
from tests.tiny import build_tiny_model
from tests.tiny_chat import WINDOW, build_tiny_adapter, build_tiny_chat_model


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_tiny_chat_model(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="module")
def adapter(tiny: Path) -> Path:
    return build_tiny_adapter(tiny, tiny.parent / "adapter")


@pytest.fixture
def copy(tiny: Path, tmp_path: Path) -> Path:
    return shutil.copytree(tiny, tmp_path / "copy")


def write_json(path: Path, **values: object) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def load(folder: Path, **wanted: Any) -> Any:
    return load_causal(find_causal(str(folder), models=folder, device="cpu", **wanted))


def test_it_is_found_by_name_and_by_folder(tiny: Path) -> None:
    for card in (find_causal("tiny", models=tiny.parent), find_causal(str(tiny), models=tiny)):
        assert (card.name, card.folder, card.window_tokens) == ("tiny", tiny, WINDOW)


def test_on_a_processor_it_is_loaded_in_32_bits_unless_told_otherwise(tiny: Path) -> None:
    import torch

    assert load(tiny).dtype == torch.float32
    assert load(tiny, dtype="bfloat16").dtype == torch.bfloat16
    assert not load(tiny).training


def test_one_that_is_nowhere_says_where_it_was_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    with pytest.raises(ModelNotFound, match="no-such-model"):
        find_causal("no-such-model", models=tmp_path)


def test_an_embedder_is_no_causal_language_model(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no causal language model: its architecture is BertModel"):
        find_causal(str(build_tiny_model(tmp_path / "embedder")), models=tmp_path)


def test_one_that_reads_with_an_encoder_is_refused(copy: Path) -> None:
    write_json(copy / "config.json", architectures=["T5ForConditionalGeneration"], is_encoder_decoder=True)
    with pytest.raises(ModelError, match="T5ForConditionalGeneration"):
        find_causal(str(copy), models=copy)


def test_an_adapter_is_no_model_of_its_own(adapter: Path) -> None:
    with pytest.raises(ModelError, match="is an adapter") as caught:
        find_causal(str(adapter), models=adapter)
    assert "llm.adapter" in caught.value.hint


def test_weights_in_a_pickle_are_refused(copy: Path) -> None:
    (copy / "model.safetensors").unlink()
    (copy / "pytorch_model.bin").write_bytes(b"\x80\x04.")
    with pytest.raises(ModelNotFound, match="no .safetensors in it"):
        find_causal(str(copy), models=copy)


def test_code_that_comes_with_a_model_is_not_run(copy: Path) -> None:
    (copy / "evil.py").write_text(f"open({str(copy / 'ran')!r}, 'w')\n")
    write_json(copy / "config.json", model_type="evil", auto_map={"AutoConfig": "evil.Config"})
    with pytest.raises(ModelError, match="cannot load it"):
        load(copy)
    assert not (copy / "ran").exists()


def test_broken_weights_say_so_when_they_are_loaded(copy: Path) -> None:
    (copy / "model.safetensors").write_bytes(b"nothing of the kind")
    with pytest.raises(ModelError, match="cannot load it as a causal language model"):
        load(copy)


def test_weights_that_are_missing_are_not_made_up(copy: Path) -> None:
    from safetensors.numpy import load_file, save_file

    weights: dict[str, np.ndarray[Any, Any]] = load_file(copy / "model.safetensors")
    del weights["model.layers.1.mlp.up_proj.weight"]
    save_file(weights, copy / "model.safetensors", {"format": "pt"})
    with pytest.raises(ModelError, match=r"lacks 1 of its weights, the first is model\.layers\.1\.mlp\.up_proj"):
        load(copy)


def test_a_model_too_large_for_the_memory_says_what_to_take(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch
    from transformers import Qwen2ForCausalLM

    def too_large(*_: Any, **__: Any) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 14.00 GiB")

    monkeypatch.setattr(Qwen2ForCausalLM, "to", too_large)
    with pytest.raises(ModelError, match="14.00 GiB") as caught:
        load(tiny)
    assert "smaller model" in caught.value.hint


def test_a_window_that_is_not_told_is_a_modest_one(copy: Path) -> None:
    config = json.loads((copy / "config.json").read_text())
    del config["max_position_embeddings"]
    (copy / "config.json").write_text(json.dumps(config))
    assert find_causal(str(copy), models=copy).window_tokens == 4096
    (copy / "config.json").write_text(json.dumps(config | {"text_config": {"n_positions": 77}}))
    assert find_causal(str(copy), models=copy).window_tokens == 77


def test_a_device_that_is_none_is_refused_by_its_setting(tiny: Path) -> None:
    with pytest.raises(Misconfigured, match=r"llm\.device"):
        find_causal(str(tiny), models=tiny, device="tpu")


@pytest.mark.parametrize("bits", ["8bit", "4bit"])
def test_fewer_bits_without_a_card_are_refused(tiny: Path, bits: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(causal, "NVIDIA_DRIVER", Path("/nowhere"))
    for device in ("auto", "cpu", "cuda"):
        with pytest.raises(Misconfigured, match=rf"llm\.quantisation is '{bits}', and there is no NVIDIA card"):
            find_causal(str(tiny), models=tiny, device=device, quantisation=bits)


def test_fewer_bits_without_bitsandbytes_are_refused(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(causal, "NVIDIA_DRIVER", tiny)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(Misconfigured, match="bitsandbytes is not installed") as caught:
        find_causal(str(tiny), models=tiny, quantisation="8bit")
    assert "gpu extra" in caught.value.hint


def test_a_driver_without_a_card_is_seen_when_it_is_loaded(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    if torch.cuda.is_available():
        pytest.skip("there is a card")
    monkeypatch.setattr(causal, "NVIDIA_DRIVER", tiny)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: "there")
    with pytest.raises(Misconfigured, match="no NVIDIA card"):
        load_causal(find_causal(str(tiny), models=tiny, quantisation="4bit"))


def test_an_adapter_is_merged_into_the_weights(tiny: Path, adapter: Path) -> None:
    import torch

    plain, adapted = load(tiny), load(tiny, adapter=str(adapter))
    assert type(adapted) is type(plain)
    own, changed = (model.model.layers[0].self_attn for model in (plain, adapted))
    assert not torch.equal(own.q_proj.weight, changed.q_proj.weight)
    assert torch.equal(own.k_proj.weight, changed.k_proj.weight)


def test_an_adapter_that_is_not_there_says_so(tiny: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound, match="is not there"):
        load(tiny, adapter=str(tmp_path / "none"))
    with pytest.raises(ModelNotFound, match=r"no adapter_config\.json"):
        load(tiny, adapter=str(tmp_path))


def test_an_adapter_in_a_pickle_is_refused(tiny: Path, adapter: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(adapter, tmp_path / "pickled")
    (folder / "adapter_model.safetensors").rename(folder / "adapter_model.bin")
    with pytest.raises(ModelError, match="a pickle"):
        load(tiny, adapter=str(folder))


def test_an_adapter_of_another_kind_is_refused(tiny: Path, adapter: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(adapter, tmp_path / "other")
    write_json(folder / "adapter_config.json", peft_type="PROMPT_TUNING")
    with pytest.raises(ModelError, match="PROMPT_TUNING"):
        load(tiny, adapter=str(folder))


@pytest.mark.parametrize(
    "changed", [{"r": 4}, {"target_modules": ["no_such_proj"]}, {"target_modules": ["q_proj", "v_proj", "o_proj"]}]
)
def test_an_adapter_that_was_made_for_another_model_is_refused(
    tiny: Path, adapter: Path, tmp_path: Path, changed: dict[str, object]
) -> None:
    folder = shutil.copytree(adapter, tmp_path / "other")
    write_json(folder / "adapter_config.json", **changed)
    with pytest.raises(ModelError, match="does not fit Qwen2ForCausalLM"):
        load(tiny, adapter=str(folder))


def test_an_adapter_with_weights_that_the_model_has_no_place_for_is_refused(
    tiny: Path, adapter: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(adapter, tmp_path / "other")
    write_json(folder / "adapter_config.json", target_modules=["q_proj"])
    with pytest.raises(ModelError, match="does not fit"):
        load(tiny, adapter=str(folder))


def test_an_adapter_without_peft_says_what_to_install(
    tiny: Path, adapter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(Misconfigured, match="peft is not installed") as caught:
        find_causal(str(tiny), models=tiny, adapter=str(adapter))
    assert "lora extra" in caught.value.hint
