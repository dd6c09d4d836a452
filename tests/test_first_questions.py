"""The first questions of the README and of the page, asked of the real embedder: what is promised comes back."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import footnote
from ui.words import CHINESE, ENGLISH

pytestmark = pytest.mark.slow  # loads the embedder

ASKED = re.compile(r'^    \$ \.venv/bin/footnote ask "(.+)"\n((?:    .*\n|\n(?=    [^$]))+)', re.MULTILINE)


@pytest.mark.parametrize("readme", ["README.md", "README.zh.md"])
def test_the_first_questions_get_the_answers_that_are_printed(
    readme: str,
    root: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(root)
    monkeypatch.setenv("FOOTNOTE_DATA", str(tmp_path))
    assert footnote.main(["ingest", "examples"]) == 0
    capsys.readouterr()
    asked = ASKED.findall((root / readme).read_text(encoding="utf-8"))
    assert len(asked) == 3
    for question, printed in asked:
        assert footnote.main(["ask", question]) == 0
        shown = capsys.readouterr().out
        expected = re.sub(r"^    ", "", printed, flags=re.MULTILINE).strip()
        assert shown.startswith(expected + "\n"), f"{question}\n{shown}"
        if "[1]" in expected:  # what follows is the line of figures: no second footnote is hidden
            assert shown[len(expected) :].strip().startswith(("confidence", "置信度"))


def test_the_questions_that_the_page_offers_get_answers(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(root)
    monkeypatch.setenv("FOOTNOTE_DATA", str(tmp_path))
    assert footnote.main(["ingest", "examples"]) == 0
    refused = []
    for question in {*ENGLISH.examples, *CHINESE.examples}:
        capsys.readouterr()
        assert footnote.main(["ask", question, "--json"]) == 0
        if json.loads(capsys.readouterr().out)["refused"]:
            refused.append(question)
    assert refused == []
