"""Weights brought from a hub: one that runs on this machine, and goes wrong as each test says."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.errors import Conflict, FootnoteError, InvalidRequest, Misconfigured, ModelError, ModelMismatch, ModelNotFound
from rag.models.fetch import Fetched, fetch, needs_code
from rag.models.kinds import Kind, kind_of
from rag.models.manifest import NAME, hold_to_manifest, read_manifest
from tests.rag.models.hub_server import COMMIT, Hub, Repository, hub_in_use

NAMED = "Ours/tiny-chat"
WEIGHTS = bytes(range(256)) * 400
CHAT = {
    "model.safetensors": WEIGHTS,
    "config.json": b'{"architectures": ["Qwen2ForCausalLM"]}',
    "tokenizer.json": b"{}",
    "vocab.txt": b"a\nb\n",
    "chat_template.jinja": b"{{ messages }}",
    "LICENSE": b"Apache-2.0",
    "1_Pooling/config.json": b"{}",
}
LEFT_OUT = {
    "pytorch_model.bin": b"a pickle",
    "modeling_tiny.py": b"import os",
    "onnx/model.onnx": b"o",
    "original/consolidated.00.safetensors": b"again",
    "consolidated.safetensors": b"again",
    "training_args.bin": b"a pickle",
    "../escape.json": b"{}",
    "a/../../escape.json": b"{}",
    ".hidden.json": b"{}",
}


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    with hub_in_use(monkeypatch) as hub:
        hub.repositories[NAMED] = Repository({**CHAT, **LEFT_OUT})
        yield hub


def fetched(models: Path, name: str = NAMED, revision: str = "main") -> Fetched:
    return fetch(name, models=models, revision=revision, tell=lambda line: None)


def failed(models: Path, name: str = NAMED, revision: str = "main") -> FootnoteError:
    with pytest.raises(FootnoteError) as caught:
        fetched(models, name, revision)
    assert caught.value.hint
    return caught.value


def test_weights_tokenizer_and_configs_come_and_nothing_else(hub: Hub, tmp_path: Path) -> None:
    lines: list[str] = []
    found = fetch(NAMED, models=tmp_path, tell=lines.append)
    assert found.folder == tmp_path / "tiny-chat"
    there = {path.relative_to(found.folder).as_posix() for path in found.folder.rglob("*") if path.is_file()}
    assert there == {*CHAT, NAME}
    assert {name: (found.folder / name).read_bytes() for name in CHAT} == CHAT
    assert set(found.left_out) == set(LEFT_OUT)
    assert len(lines) == len(CHAT)
    assert "model.safetensors" in lines[-1]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["tiny-chat"]
    assert not (tmp_path.parent / "escape.json").exists()
    assert kind_of(found.folder) is Kind.LLM


def test_a_manifest_names_the_commit_and_every_hash(hub: Hub, tmp_path: Path) -> None:
    found = fetched(tmp_path)
    told = json.loads((found.folder / NAME).read_text(encoding="utf-8"))
    assert (told["repository"], told["commit"], told["revision"]) == (NAMED, COMMIT, "main")
    assert told["files"].keys() == CHAT.keys()
    assert told["files"]["model.safetensors"]["bytes"] == len(WEIGHTS)
    assert len(told["files"]["model.safetensors"]["sha256"]) == 64
    manifest = read_manifest(found.folder)
    assert manifest == found.manifest
    hold_to_manifest(found.folder, found.manifest)


def test_what_is_there_is_not_fetched_again(hub: Hub, tmp_path: Path) -> None:
    fetched(tmp_path)
    hub.sent.clear()
    assert fetched(tmp_path).downloaded_bytes == 0
    assert fetched(tmp_path, revision=COMMIT).downloaded_bytes == 0
    assert not hub.sent


@pytest.mark.parametrize("harm", ["altered", "gone", "longer"])
def test_a_file_that_is_no_longer_as_it_came_is_found_and_mended(hub: Hub, tmp_path: Path, harm: str) -> None:
    found = fetched(tmp_path)
    weights = found.folder / "model.safetensors"
    if harm == "gone":
        weights.unlink()
    else:
        weights.write_bytes(b"\xff" + WEIGHTS[1:] if harm == "altered" else WEIGHTS + b"x")
        os.utime(weights, ns=(time.time_ns(), time.time_ns()))
    with pytest.raises(ModelMismatch, match="model.safetensors"):
        hold_to_manifest(found.folder, found.manifest)
    hub.sent.clear()
    assert fetched(tmp_path).downloaded_bytes == len(WEIGHTS)
    assert hub.sent == [("model.safetensors", 0)]
    assert weights.read_bytes() == WEIGHTS


def test_weights_that_were_not_fetched_are_found(hub: Hub, tmp_path: Path) -> None:
    found = fetched(tmp_path)
    (found.folder / "more.safetensors").write_bytes(b"x")
    with pytest.raises(ModelMismatch, match="more.safetensors was not fetched"):
        hold_to_manifest(found.folder, found.manifest)


def test_a_newer_commit_takes_the_place_of_the_older(hub: Hub, tmp_path: Path) -> None:
    fetched(tmp_path)
    newer = {**CHAT, "model.safetensors": b"newer"}
    del newer["vocab.txt"]
    hub.repositories[NAMED] = Repository(newer, commit="f" * 40)
    found = fetched(tmp_path)
    assert found.manifest.commit == "f" * 40
    assert (found.folder / "model.safetensors").read_bytes() == b"newer"
    assert not (found.folder / "vocab.txt").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["tiny-chat"]


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json"])
def test_bytes_that_are_not_those_told_of_are_thrown_away(hub: Hub, tmp_path: Path, name: str) -> None:
    told = CHAT[name]
    hub.repositories[NAMED].altered[name] = bytes(reversed(told))
    fault = failed(tmp_path)
    assert isinstance(fault, ModelMismatch)
    assert name in str(fault)
    assert not (tmp_path / "tiny-chat").exists()
    hub.repositories[NAMED].altered.clear()
    hub.sent.clear()
    assert fetched(tmp_path).folder.is_dir()
    assert (name, 0) in hub.sent


def test_a_download_that_is_cut_goes_on_where_it_ended(hub: Hub, tmp_path: Path) -> None:
    hub.repositories[NAMED].cut["model.safetensors"] = 40_000
    assert fetched(tmp_path).downloaded_bytes > len(WEIGHTS)
    assert [start for name, start in hub.sent if name == "model.safetensors"] == [0, 40_000, 80_000]
    assert (tmp_path / "tiny-chat" / "model.safetensors").read_bytes() == WEIGHTS


def test_a_download_that_was_given_up_goes_on_in_the_next_run(hub: Hub, tmp_path: Path) -> None:
    repository = hub.repositories[NAMED]
    repository.cut["model.safetensors"] = 40_000
    repository.files["model.safetensors"] = WEIGHTS
    part = tmp_path / f".tiny-chat.{COMMIT[:12]}"
    part.mkdir()
    (part / "model.safetensors.part").write_bytes(WEIGHTS[:70_000])
    assert not (tmp_path / "tiny-chat").exists()
    fetched(tmp_path)
    assert [start for name, start in hub.sent if name == "model.safetensors"] == [70_000]
    assert (tmp_path / "tiny-chat" / "model.safetensors").read_bytes() == WEIGHTS


def test_a_hub_that_breaks_off_for_good_leaves_what_has_come(hub: Hub, tmp_path: Path) -> None:
    hub.repositories[NAMED].cut["model.safetensors"] = 0
    fault = failed(tmp_path)
    assert isinstance(fault, ModelNotFound)
    assert "what has come is kept" in fault.hint
    assert not (tmp_path / "tiny-chat").exists()
    hub.repositories[NAMED].cut.clear()
    hub.sent.clear()
    fetched(tmp_path)
    assert {name for name, _ in hub.sent} == {"model.safetensors"}


@pytest.mark.parametrize(
    ("files", "said", "hint"),
    [
        ({"pytorch_model.bin": b"p", "config.json": b"{}"}, "pickles only (pytorch_model.bin)", "--revision"),
        ({"model.Q4_K_M.gguf": b"g"}, "GGUF only", "llama.cpp"),
        ({"README.md": b"hello"}, "no safetensors", "its files"),
        ({"onnx/model.safetensors": b"x"}, "no safetensors", "its files"),
    ],
)
def test_a_repository_without_safetensors_is_refused(
    hub: Hub, tmp_path: Path, files: dict[str, bytes], said: str, hint: str
) -> None:
    hub.repositories[NAMED] = Repository(files)
    fault = failed(tmp_path)
    assert isinstance(fault, ModelError)
    assert said in str(fault)
    assert hint in fault.hint
    assert not hub.sent
    assert not list(tmp_path.iterdir())


def test_what_the_hub_does_not_have_or_give_is_told(hub: Hub, tmp_path: Path) -> None:
    missing = failed(tmp_path, "Ours/no-such-model")
    assert isinstance(missing, ModelNotFound)
    assert f"no model Ours/no-such-model at {hub.address}" in str(missing)
    assert "no revision 'v9'" in str(failed(tmp_path, revision="v9"))
    hub.repositories[NAMED].gated = True
    assert "HF_TOKEN" in failed(tmp_path).hint
    hub.page = True
    assert hub.address in str(failed(tmp_path))


@pytest.mark.parametrize("name", ["tiny-chat", "../tiny-chat", "a/b/c", "https://hub/a/b", "a/", "", "Ours/.."])
def test_what_names_no_model_is_refused(hub: Hub, tmp_path: Path, name: str) -> None:
    assert isinstance(failed(tmp_path, name), InvalidRequest)


def test_a_hub_that_is_not_there_is_named(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    fault = failed(tmp_path)
    assert isinstance(fault, ModelNotFound)
    assert "http://127.0.0.1:9 cannot be reached" in str(fault)
    assert "copy the folder" in fault.hint


@pytest.mark.parametrize("name", ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"])
def test_where_the_hub_is_forbidden_it_is_not_asked(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "1")
    fault = failed(tmp_path)
    assert isinstance(fault, Misconfigured)
    assert name in str(fault)


def test_room_is_looked_for_before_anything_is_fetched(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    total, used, _ = shutil.disk_usage(tmp_path)
    monkeypatch.setattr("shutil.disk_usage", lambda path: shutil._ntuple_diskusage(total, used, 50_000))
    assert "0.1 GB are needed" in str(failed(tmp_path))
    assert not hub.sent


def test_another_models_folder_is_left_alone(hub: Hub, tmp_path: Path) -> None:
    fetched(tmp_path)
    hub.repositories["Theirs/tiny-chat"] = Repository(CHAT)
    fault = failed(tmp_path, "Theirs/tiny-chat")
    assert isinstance(fault, Conflict)
    assert NAMED in str(fault)
    (tmp_path / "mine").mkdir()
    hub.repositories["Ours/mine"] = Repository(CHAT)
    assert "was not fetched" in str(failed(tmp_path, "Ours/mine"))


def test_a_model_that_asks_for_code_is_known(tmp_path: Path) -> None:
    assert not needs_code(tmp_path)
    (tmp_path / "config.json").write_text('{"auto_map": {"AutoModel": "modeling.Tiny"}}', encoding="utf-8")
    assert needs_code(tmp_path)
