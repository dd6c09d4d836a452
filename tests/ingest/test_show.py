from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import footnote
from ingest.pipeline import Ingest
from rag.library.library import Library
from tests.fakes import HashEmbedder

PAGE = """Canteen rules

Soup is served\u200b on Fridays, and the noodles are served on Mondays.

+ 关注
点赞 12
阅读 1.2万
"""
Verb = Callable[..., str]


@pytest.fixture
def verb(
    docs: Path,
    data: Path,
    make_ingest: Callable[..., Ingest],
    library: Library,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Verb:
    (docs / "page.txt").write_text(PAGE)
    [row] = make_ingest().run([docs]).files
    monkeypatch.setattr("rag.cli.opening.build_embedder", lambda _: HashEmbedder())
    monkeypatch.setenv("FOOTNOTE_DATA", str(data))

    def show(*options: str) -> str:
        assert footnote.main(["documents", "show", row.document_id or "", *options]) in (0, 2)
        out, err = capsys.readouterr()
        return out + err

    return show


def test_the_difference_shows_what_cleaning_removed_and_mended(verb: Verb) -> None:
    shown = verb("--diff").splitlines()
    assert "-Soup is served\ufffd on Fridays, and the noodles are served on Mondays." in shown
    assert "+Soup is served on Fridays, and the noodles are served on Mondays." in shown
    assert "-点赞 12" in shown
    assert any(line.startswith("dropped as ") and line.endswith("点赞 12") for line in shown)


def test_the_text_is_the_canonical_one(verb: Verb) -> None:
    assert verb("--text").startswith("Canteen rules")
    assert "关注" not in verb("--text")


def test_both_at_once_are_refused(verb: Verb) -> None:
    assert "choose one of them" in verb("--text", "--diff")
