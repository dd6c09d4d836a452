"""footnote models fetch, and what list and check then say of it, of every kind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import footnote
from tests.rag.cli.conftest import Run
from tests.rag.models.hub_server import COMMIT, Hub, Repository, hub_in_use, hub_server
from tests.tiny import build_tiny_entailment, build_tiny_model, build_tiny_reranker
from tests.tiny_chat import build_tiny_adapter, build_tiny_chat_model


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    with hub_in_use(monkeypatch) as hub:
        yield hub


def repository_of(folder: Path) -> Repository:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return Repository({path.relative_to(folder).as_posix(): path.read_bytes() for path in files})


def test_a_language_model_is_fetched_listed_checked_and_answers(
    hub: Hub, run: Run, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.repositories["Ours/tiny-chat"] = repository_of(build_tiny_chat_model(tmp_path / "made"))
    report = run("models", "fetch", "Ours/tiny-chat")
    assert (report["kind"], report["commit"], report["setting"]) == ("llm", COMMIT, "llm.model")
    assert report["folder"] == str(data / "models" / "tiny-chat")
    assert report["bytes"] == report["downloaded_bytes"] == sum(one["bytes"] for one in report["files"].values())
    assert report["notes"] == []
    [listed] = [one for one in run("models", "list")["models"] if one["place"] == "data/models"]
    assert (listed["name"], listed["kind"]) == ("tiny-chat", "llm")
    monkeypatch.setenv("FOOTNOTE_LLM__MAX_TOKENS", "64")
    monkeypatch.setenv("FOOTNOTE_LLM__DEVICE", "cpu")
    checked = run("models", "check", "tiny-chat")
    assert checked["fetched"] == f"Ours/tiny-chat at {COMMIT}"
    assert checked["files_as_fetched"] == len(report["files"])
    assert checked["wrote"]
    assert checked["context_tokens"] == 512 - 64


def test_files_that_were_lost_on_the_way_are_found_by_check(hub: Hub, run: Run, data: Path, tmp_path: Path) -> None:
    hub.repositories["Ours/tiny-chat"] = repository_of(build_tiny_chat_model(tmp_path / "made"))
    folder = Path(run("models", "fetch", "Ours/tiny-chat")["folder"])
    (folder / "tokenizer.json").write_bytes(b"{}")
    error = run("models", "check", "tiny-chat", code=1)["error"]
    assert error["type"] == "ModelMismatch"
    assert "tokenizer.json has 2 bytes" in error["message"]


def test_every_other_kind_is_checked_too(run: Run, tmp_path: Path) -> None:
    reranker = run("models", "check", str(build_tiny_reranker(tmp_path / "reranker")))
    assert reranker["kind"] == "reranker"
    assert 0 <= reranker["score_of_a_sentence_to_itself"] <= 1
    inference = run("models", "check", str(build_tiny_entailment(tmp_path / "inference")))
    assert (inference["kind"], inference["setting"]) == ("inference", "answer.entailment")
    assert 0 <= inference["chance_that_a_sentence_entails_itself"] <= 1
    embedder = run("models", "check", str(build_tiny_model(tmp_path / "embedder")))
    assert (embedder["kind"], embedder["fetched"]) == ("embedder", None)
    chat = build_tiny_chat_model(tmp_path / "chat")
    adapter = run("models", "check", str(build_tiny_adapter(chat, tmp_path / "adapter")))
    assert (adapter["kind"], adapter["setting"]) == ("adapter", "llm.adapter")
    assert adapter["made_for"]


def test_people_are_told_how_to_use_it(
    hub: Hub, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = build_tiny_chat_model(tmp_path / "made")
    config = json.loads((made / "config.json").read_text(encoding="utf-8"))
    (made / "config.json").write_text(json.dumps({**config, "auto_map": {"AutoModel": "x.Y"}}), encoding="utf-8")
    hub.repositories["Ours/tiny-chat"] = repository_of(made)
    assert footnote.main(["models", "fetch", "Ours/tiny-chat"]) == 0
    told = capsys.readouterr()
    assert 'to use it: llm.model = "tiny-chat"' in told.out
    assert "asks for code" in told.out
    assert "model.safetensors" in told.err
    assert footnote.main(["models", "fetch", "Ours/tiny-chat"]) == 0
    assert "it was there, and is whole" in capsys.readouterr().out


def test_the_command_asks_the_hub_that_the_environment_names_unless_it_is_offline(tmp_path: Path, root: Path) -> None:
    with hub_server() as hub:
        hub.repositories["Ours/tiny"] = Repository({"model.safetensors": b"weights", "config.json": b"{}"})
        command = [sys.executable, "-m", "footnote", "models", "fetch", "Ours/tiny", "--json", "--data", str(tmp_path)]
        environment = {**os.environ, "HF_ENDPOINT": hub.address, "HF_HUB_OFFLINE": "0", "TRANSFORMERS_OFFLINE": "0"}
        done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["kind"] == "unknown"
        assert (tmp_path / "models" / "tiny" / "model.safetensors").read_bytes() == b"weights"
        hub.sent.clear()
        environment["HF_HUB_OFFLINE"] = "1"
        done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 2
        assert json.loads(done.stdout)["error"]["type"] == "Misconfigured"
        assert "copy the folder" in done.stderr
        assert not hub.sent


def test_an_adapter_is_told_to_be_used_by_its_folder(
    hub: Hub, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chat = build_tiny_chat_model(tmp_path / "chat")
    hub.repositories["Ours/adapter"] = repository_of(build_tiny_adapter(chat, tmp_path / "made"))
    assert footnote.main(["models", "fetch", "Ours/adapter"]) == 0
    told = capsys.readouterr().out
    assert f'llm.adapter = "{data / "models" / "adapter"}"' in told
    assert "the model it was made for" in told
