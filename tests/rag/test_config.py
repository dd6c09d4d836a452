"""rag.config: defaults < footnote.toml < FOOTNOTE_* < flags, and nothing that is not known."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.config import Settings, check_collection_name, load_settings
from rag.errors import InvalidRequest, Misconfigured


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def toml(text: str) -> None:
    Path("footnote.toml").write_text(text, encoding="utf-8")


def refused(**flags: object) -> tuple[str, str]:
    with pytest.raises(Misconfigured) as caught:
        load_settings(**flags)
    return str(caught.value), caught.value.hint


def test_flags_stand_above_variables_above_the_file_above_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().collection == "default"
    toml("collection = 'file'")
    assert load_settings().collection == "file"
    monkeypatch.setenv("FOOTNOTE_COLLECTION", "variable")
    assert load_settings().collection == "variable"
    assert load_settings(collection="flag").collection == "flag"


def test_one_key_of_a_section_leaves_its_others_to_those_below(monkeypatch: pytest.MonkeyPatch) -> None:
    toml("[retrieve]\nkeep = 5\ncandidates = 70")
    monkeypatch.setenv("FOOTNOTE_RETRIEVE__KEEP", "6")
    retrieve = load_settings().retrieve
    assert (retrieve.keep, retrieve.candidates) == (6, 70)
    assert retrieve.budget_characters == Settings().retrieve.budget_characters


def test_a_flag_that_was_not_given_changes_nothing() -> None:
    toml("data = 'somewhere'")
    assert load_settings(data=None).data == Path("somewhere")


@pytest.mark.parametrize(
    ("text", "key", "nearest"),
    [
        ("[retrieve]\nkep = 5", "retrieve.kep", "retrieve.keep"),
        ("[retreive]\nkeep = 5", "retreive", "retrieve"),
        ("colection = 'a'", "colection", "collection"),
    ],
)
def test_an_unknown_key_is_refused_with_the_nearest_one(text: str, key: str, nearest: str) -> None:
    toml(text)
    message, hint = refused()
    assert f"{key} is not a setting" in message
    assert hint == f"did you mean {nearest}?"


def test_an_unknown_variable_is_refused_with_the_nearest_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTNOTE_RETRIEVE__KEPT", "5")
    message, hint = refused()
    assert "FOOTNOTE_RETRIEVE__KEPT" in message
    assert hint == "did you mean FOOTNOTE_RETRIEVE__KEEP?"


def test_a_variable_that_is_like_none_is_refused_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTNOTE_ZZZZZZ", "1")
    assert "FOOTNOTE_ZZZZZZ" in refused()[0]


@pytest.mark.parametrize(
    ("name", "value", "key"),
    [
        ("FOOTNOTE_RETRIEVE__KEEP", "many", "retrieve.keep"),
        ("FOOTNOTE_RETRIEVE__KEEP", "0", "retrieve.keep"),
        ("FOOTNOTE_SERVER__PORT", "70000", "server.port"),
        ("FOOTNOTE_ANSWER__MIN_CONFIDENCE", "1.5", "answer.min_confidence"),
        ("FOOTNOTE_LOG_LEVEL", "loud", "log_level"),
        ("FOOTNOTE_EMBEDDER", "not json", "embedder"),
    ],
)
def test_a_bad_value_is_refused_by_the_name_of_its_key(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, key: str
) -> None:
    monkeypatch.setenv(name, value)
    message, _ = refused()
    assert key in message
    assert "footnote.toml" not in message


def test_a_level_may_be_written_in_small_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTNOTE_LOG_LEVEL", "debug")
    assert load_settings().log_level == "DEBUG"


@pytest.mark.parametrize("data", [b"keep = = 5", b"\xff\xfe", b"[retrieve"])
def test_a_file_that_is_not_toml_is_named(data: bytes) -> None:
    Path("footnote.toml").write_bytes(data)
    message, hint = refused()
    assert message.startswith("footnote.toml: ")
    assert "mend" in hint


def test_settings_do_not_change_once_read() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load_settings().retrieve.keep = 3  # type: ignore[misc]


@pytest.mark.parametrize("name", ["a", "0", "handbook", "team-a_2", "a" * 64])
def test_a_portable_name_may_be_a_collections(name: str) -> None:
    assert check_collection_name(name) == name


@pytest.mark.parametrize(
    "name",
    ["", "A", "手册", "a b", "../up", "a/b", ".hidden", "-a", "a-", "a\n", "a" * 65, "models", "a\x00", "ａ", "con."],
)
def test_a_name_that_could_climb_out_or_is_taken_is_refused(name: str) -> None:
    with pytest.raises(InvalidRequest, match="cannot be a collection's name"):
        check_collection_name(name)
