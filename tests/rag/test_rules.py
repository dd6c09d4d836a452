"""rag.rules: a collection may say in its own words what a model is told, if nothing that is needed is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.errors import Misconfigured
from rag.rules import LANGUAGES, NOT_FOUND, OURS, VERSION, load_rules, our_rules, rules_source

OWN = "Be brief. Mark like {mark}. If there is nothing, say {not_found} A brace: {{x}}."


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    (tmp_path / "prompts").mkdir()
    return tmp_path


def own(collection: Path, text: str | bytes, language: str = "en") -> Path:
    path = collection / "prompts" / f"system.{language}.txt"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_collection_without_its_own_has_ours(tmp_path: Path, language: str) -> None:
    assert load_rules(tmp_path, language) == our_rules(language)
    assert our_rules(language).version == VERSION
    assert NOT_FOUND[language] in our_rules(language).text


def test_its_own_are_filled_in_and_are_another_version(collection: Path) -> None:
    own(collection, "\ufeff" + OWN + "\n")
    rules = load_rules(collection, "en")
    assert rules.text == f"Be brief. Mark like [2]. If there is nothing, say {NOT_FOUND['en']} A brace: {{x}}."
    assert rules.version.startswith(f"{VERSION}+")
    assert load_rules(collection, "zh") == our_rules("zh")
    own(collection, OWN + " And kind.")
    assert load_rules(collection, "en").version != rules.version


@pytest.mark.parametrize("language", LANGUAGES)
def test_ours_copied_into_the_file_are_the_same_words(collection: Path, language: str) -> None:
    path = own(collection, OURS[language], language)
    assert load_rules(collection, language).text == our_rules(language).text
    assert rules_source(collection, language).path == path


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "it is empty"),
        (" \n", "it is empty"),
        ("Be brief. {mark}", "{not_found} is missing"),
        ("Be brief. {not_found}", "{mark} is missing"),
        (OWN + "{passages}", "{passages} is not a placeholder"),
        (OWN + "{mark.__class__}", "{mark.__class__} is not a placeholder"),
        (OWN + "{mark!r}", "is not a placeholder"),
        (OWN + "{mark:>9}", "is not a placeholder"),
        (OWN + "{0}", "{0} is not a placeholder"),
        (OWN + "{", "Single '{'"),
        (b"\xff\xfe", "this is not UTF-8"),
        (OWN + "x" * 20_000, "bytes"),
    ],
)
def test_what_cannot_be_used_is_told_with_its_file_and_what_to_do(
    collection: Path, text: str | bytes, said: str
) -> None:
    path = own(collection, text)
    with pytest.raises(Misconfigured, match="system.en.txt") as raised:
        load_rules(collection, "en")
    assert said in str(raised.value)
    assert str(path) in str(raised.value)
    assert raised.value.hint


def test_a_folder_in_the_files_place_is_told(collection: Path) -> None:
    (collection / "prompts" / "system.zh.txt").mkdir()
    with pytest.raises(Misconfigured, match="system.zh.txt"):
        load_rules(collection, "zh")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_docs_show_the_words_as_they_are(root: Path, language: str) -> None:
    shown = (root / "docs" / "prompts.md").read_text(encoding="utf-8")
    assert "\n".join(f"    {line}".rstrip() for line in OURS[language].split("\n")) in shown
    assert NOT_FOUND[language] in shown
