from __future__ import annotations

import json
from pathlib import Path

import pytest

import footnote


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def shown(capsysbinary: pytest.CaptureFixture[bytes], *arguments: str) -> dict[str, dict[str, object]]:
    assert footnote.main(["config", "show", "--json", *arguments]) == 0
    rows: dict[str, dict[str, object]] = json.loads(capsysbinary.readouterr().out)["settings"]
    return rows


def test_each_value_says_where_it_comes_from(
    capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("footnote.toml").write_text(
        "collection = 'handbook'\n[retrieve]\nkeep = 5\ncandidates = 70\n", encoding="utf-8"
    )
    monkeypatch.setenv("FOOTNOTE_RETRIEVE__KEEP", "6")
    rows = shown(capsysbinary, "--data", "here")
    found = {name: (row["value"], row["origin"]) for name, row in rows.items()}
    assert found["data"] == ("here", "flag")
    assert found["collection"] == ("handbook", "footnote.toml")
    assert found["retrieve.keep"] == (6, "environment")
    assert found["retrieve.candidates"] == (70, "footnote.toml")
    assert found["server.port"] == (8000, "default")


def test_people_see_one_line_a_setting(capsys: pytest.CaptureFixture[str]) -> None:
    assert footnote.main(["config", "show"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith('embedder.model = "all-MiniLM-L6-v2"  # default') for line in lines)


def test_a_setting_that_does_not_exist_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOOTNOTE_RETREIVE__KEEP", "6")
    assert footnote.main(["config", "show"]) == 2
    err = capsys.readouterr().err
    assert "FOOTNOTE_RETREIVE__KEEP" in err
    assert "FOOTNOTE_RETRIEVE__KEEP" in err


def test_a_file_that_is_not_toml_is_an_error_with_a_hint(capsys: pytest.CaptureFixture[str]) -> None:
    Path("footnote.toml").write_text("keep = = 5", encoding="utf-8")
    assert footnote.main(["config", "show"]) == 2
    assert "footnote.toml" in capsys.readouterr().err


def test_no_key_is_shown(capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    Path("footnote.toml").write_text(
        "[llm]\napi_key = 'sk-one'\n"
        "options = {api_key = 'sk-two', max_tokens = 7, headers = {Authorization = 'Bearer sk-three'}, token = ''}\n",
        encoding="utf-8",
    )
    assert footnote.main(["config", "show"]) == 0
    assert footnote.main(["config", "show", "--json"]) == 0
    out = capsysbinary.readouterr().out.decode()
    assert "sk-" not in out
    assert '"max_tokens": 7' in out
    assert '"token": ""' in out
