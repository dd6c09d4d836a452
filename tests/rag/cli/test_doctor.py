from __future__ import annotations

import json
import socket
from importlib import metadata
from pathlib import Path

import pytest

import footnote
from rag.build import build_generator
from rag.cli import doctor
from rag.config import load_settings
from rag.models.remote import RemoteGenerator
from tests.rag.models.llm_server import llm_server, models, silence, status


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def checks(data: Path) -> dict[str, doctor.Check]:
    return {check.name: check for check in doctor.all_checks(data)}


def without(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    version = metadata.version

    def missing(name: str) -> str:
        if name in names:
            raise metadata.PackageNotFoundError(name)
        return version(name)

    monkeypatch.setattr(metadata, "version", missing)


def test_a_sound_installation_passes_and_is_one_json_object(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert footnote.main(["doctor", "--json", "--data", str(tmp_path / "data")]) == 0
    report = json.loads(capsysbinary.readouterr().out)
    assert report["ok"] is True
    found = {check["name"]: check for check in report["checks"]}
    assert {"python", "packages", "faiss", "accelerator", "embedder", "runtime", "data", "disk", "ports"} <= set(found)
    assert "sha256 as published" in found["embedder"]["detail"]
    assert found["runtime"]["detail"].split()[0] in ("openvino", "torch")
    assert not (tmp_path / "data").exists()  # looking makes nothing


def test_what_is_missing_comes_with_the_command_that_gets_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    without(monkeypatch, "tantivy")
    assert footnote.main(["doctor", "--data", str(tmp_path)]) == 1
    out = capsys.readouterr().out
    assert "MISSING packages" in out
    assert "tantivy" in out
    assert "-> make install" in out


def test_an_extra_that_is_not_installed_is_a_note_not_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without(monkeypatch, "rapidocr")
    found = checks(tmp_path)["extra ocr"]
    assert found.state == "note"
    assert "[ocr]" in found.fix


def test_two_builds_of_faiss_are_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    version = metadata.version
    monkeypatch.setattr(metadata, "version", lambda name: "1.15.1" if name.startswith("faiss-") else version(name))
    found = checks(tmp_path)["faiss"]
    assert found.state == "missing"
    assert "uninstall" in found.fix


def test_altered_weights_are_named(tmp_path: Path) -> None:
    folder = tmp_path / "models" / "all-MiniLM-L6-v2"
    folder.mkdir(parents=True)
    (folder / "model.safetensors").write_bytes(b"not these")
    found = checks(tmp_path)["embedder"]
    assert found.state == "missing"
    assert "not the published" in found.detail


def test_a_dimension_that_the_model_does_not_have_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTNOTE_EMBEDDER__DIMENSION", "4000")
    found = checks(tmp_path)["embedder"]
    assert found.state == "missing"
    assert "384" in found.detail


def test_a_reranker_that_is_set_and_not_there_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert checks(tmp_path)["reranker"].state == "ok"
    monkeypatch.setenv("FOOTNOTE_RERANK__MODEL", str(tmp_path / "no-such-model"))
    found = checks(tmp_path)["reranker"]
    assert found.state == "missing"
    assert "no-such-model" in found.detail


def test_a_model_of_inference_that_is_set_and_not_there_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOOTNOTE_ANSWER__ENTAILMENT", str(tmp_path / "no-such-model"))
    found = checks(tmp_path)["inference"]
    assert found.state == "missing"
    assert "no-such-model" in found.detail


def test_a_data_folder_that_cannot_be_made_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    found = checks(tmp_path / "file" / "data")["data"]
    assert found.state == "missing"


def test_settings_that_cannot_be_read_are_one_check_among_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOOTNOTE_NONSENSE", "1")
    found = checks(tmp_path)
    assert found["settings"].state == "missing"
    assert found["python"].state == "ok"


def test_a_port_in_use_is_noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        monkeypatch.setenv("FOOTNOTE_SERVER__PORT", str(port))
        found = checks(tmp_path)["ports"]
    assert found.state == "note"
    assert str(port) in found.detail


def test_the_generator_needs_nothing_unless_one_is_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert checks(tmp_path)["generator"] == doctor.Check("generator", "ok", "extractive")
    monkeypatch.setenv("FOOTNOTE_ANSWER__GENERATOR", "openai")
    found = checks(tmp_path)["generator"]
    assert found.state == "missing"
    assert "llm.model is not set" in found.detail
    monkeypatch.setenv("FOOTNOTE_ANSWER__GENERATOR", "transformers")
    monkeypatch.setenv("FOOTNOTE_LLM__MODEL", str(tmp_path / "no-such-llm"))
    found = checks(tmp_path)["generator"]
    assert found.state == "missing"
    assert "no-such-llm" in found.detail


def test_a_server_is_asked_for_its_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with llm_server() as server:
        monkeypatch.setenv("FOOTNOTE_ANSWER__GENERATOR", "openai")
        monkeypatch.setenv("FOOTNOTE_LLM__MODEL", "tiny")
        monkeypatch.setenv("FOOTNOTE_LLM__BASE_URL", server.address)
        assert checks(tmp_path)["generator"] == doctor.Check("generator", "ok", f"tiny at {server.address}")
        server.offers = status(200, {"data": [{"id": "tiny", "object": "model", "max_model_len": 4096}]})
        found = checks(tmp_path)["generator"]
        assert (found.state, found.fix) == ("note", "FOOTNOTE_LLM__CONTEXT_TOKENS=4096")
        server.offers = models("large", "small")
        found = checks(tmp_path)["generator"]
        assert found.state == "note"
        assert "large, small" in found.detail
        monkeypatch.setattr("rag.models.remote.LOOK_SECONDS", 0.2)
        server.offers = silence
        found = checks(tmp_path)["generator"]
        assert found.state == "missing"
        assert server.address in found.detail
    found = checks(tmp_path)["generator"]
    assert found.state == "missing"
    assert "refused" in found.detail
    assert found.fix
    model = build_generator(load_settings(data=tmp_path))
    assert isinstance(model, RemoteGenerator)
    model.close()
