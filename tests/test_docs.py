"""What is written about Footnote leaves out nothing that is there, and names nothing that is not."""

from __future__ import annotations

import json
import re
import textwrap
import tomllib
from pathlib import Path

import pytest

import footnote
from rag.api import create_app
from rag.cli.config import settings_rows
from rag.config import Settings

LINK = re.compile(r"\[[^\]]+\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)")
CODE_BLOCK = re.compile(r"(?:^ {4}.*\n|^\n(?= {4}))+", re.MULTILINE)
PARAMETER = re.compile(r"\{[^}]+\}")
MAX_PDF_BYTES = 300_000
SETS = ("xquad.en", "xquad.zh", "drcd.dev", "cmrc.trial", "gold")  # as the README's first table has them


def documents(root: Path) -> list[Path]:
    return [*root.glob("*.md"), *root.glob("docs/*.md")]


def test_every_link_leads_somewhere(root: Path) -> None:
    broken = []
    for path in documents(root):
        for target, anchor in LINK.findall(path.read_text(encoding="utf-8")):
            found = path.parent / target if target else path
            headings = re.findall(r"^#+ (.*)$", found.read_text(encoding="utf-8"), re.MULTILINE) if anchor else []
            if not found.exists() or (anchor and anchor not in [title.lower().replace(" ", "-") for title in headings]):
                broken.append(f"{path.name}: {target}#{anchor}")
    assert not broken


def test_the_two_readmes_are_in_step(root: Path) -> None:
    english, chinese = ((root / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh.md"))
    levels = [re.findall(r"^#+", text, re.MULTILINE) for text in (english, chinese)]
    assert levels[0] == levels[1]
    links = [
        sorted(target for target, _ in LINK.findall(text) if "README" not in target) for text in (english, chinese)
    ]
    assert links[0] == links[1]
    examples = [[block for block in CODE_BLOCK.findall(text) if "footnote ask" in block] for text in (english, chinese)]
    assert examples[0] == examples[1]
    rows = [re.findall(r"^\|.*\d.*$", text, re.MULTILINE) for text in (english, chinese)]
    numbers = [[re.findall(r"\d+(?:\.\d+)?", row) for row in table] for table in rows]
    assert numbers[0] == numbers[1]


def test_the_readme_gives_what_the_results_give(root: Path) -> None:
    """Its first table is of figures with three places, in the order of SETS."""
    results = (root / "docs" / "results.md").read_text(encoding="utf-8")
    measured = {
        name: set(
            re.findall(r"\d\.\d{3}", " ".join(re.findall(rf"^\| {re.escape(name)} \|(.*)$", results, re.MULTILINE)))
        )
        for name in SETS
    }
    readme = (root / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| .*\d\.\d{3} \| 1\.000 \|.*$", readme, re.MULTILINE)
    assert len(rows) == len(SETS)
    for name, row in zip(SETS, rows, strict=True):
        assert set(re.findall(r"\d\.\d{3}", row)) <= measured[name], name


def test_every_verb_is_described(root: Path) -> None:
    text = (root / "docs" / "cli.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (.*?) \|", text, re.MULTILINE)
    described = {word for row in rows for code in re.findall(r"`([^`]+)`", row) for word in code.split()[:1]}
    assert set(footnote.VERBS) <= described


@pytest.mark.parametrize(
    "name", ["documents", "collections", "conversations", "jobs", "library", "models", "config", "eval"]
)
def test_every_verb_of_a_group_is_described_and_no_other(name: str, root: Path) -> None:
    text = (root / "docs" / "cli.md").read_text(encoding="utf-8")
    [row] = re.findall(rf"^\| (`{name} .*?) \|", text, re.MULTILINE)
    described = {code.split()[-1] for code in re.findall(r"`([^`]+)`", row)}
    assert described == set(footnote.load(name).commands)


def test_every_setting_is_described_with_its_default(root: Path) -> None:
    text = (root / "docs" / "configuration.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([a-z_.]+)` \| (.*?) \|", text, re.MULTILINE))
    expected = {
        name: "none" if value is None else f"`{json.dumps(value, ensure_ascii=False)}`"
        for name, value, _ in settings_rows(Settings())
    }
    assert rows == expected


def test_every_example_of_a_settings_file_is_one(root: Path) -> None:
    examples = []
    for path in documents(root):
        for block in CODE_BLOCK.findall(path.read_text(encoding="utf-8")):
            if block.strip().startswith("# footnote.toml"):
                parts = re.split(r"^(?=# footnote\.toml)", textwrap.dedent(block).strip(), flags=re.MULTILINE)
                examples += [Settings.model_validate(tomllib.loads(part)) for part in parts if part]
    assert {settings.answer.generator for settings in examples} >= {"openai", "transformers"}


def test_every_route_is_described_and_no_other(root: Path, tmp_path: Path) -> None:
    text = (root / "docs" / "api.md").read_text(encoding="utf-8")
    routes = re.findall(r"`(GET|POST|PATCH|DELETE) (/[^`?]*)(?:\?[^`]*)?`", text)
    paths = create_app(Settings(data=tmp_path)).openapi()["paths"]
    there = {(method.upper(), PARAMETER.sub("{}", path)) for path, methods in paths.items() for method in methods}
    assert {(method, PARAMETER.sub("{}", path)) for method, path in routes} == there


def test_every_dependency_is_pinned(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [
        *project["dependencies"],
        *project["optional-dependencies"]["cpu"],
        *project["optional-dependencies"]["dev"],
    ]
    pinned = re.findall(r"^([\w.-]+)==", (root / "constraints.txt").read_text(encoding="utf-8"), re.MULTILINE)
    names = {re.split(r"[<>=]", line)[0].lower().replace("_", "-") for line in asked}
    assert not names - {name.lower().replace("_", "-") for name in pinned}


def test_the_handbooks_say_the_same_in_both_languages(root: Path) -> None:
    english, chinese = (
        (root / "examples" / f"handbook.{language}.md").read_text(encoding="utf-8") for language in ("en", "zh")
    )
    assert len(re.findall(r"^#+ ", english, re.MULTILINE)) == len(re.findall(r"^#+ ", chinese, re.MULTILINE))
    commands = [sorted(set(re.findall(r"`footnote ([a-z]+)", text))) for text in (english, chinese)]
    assert commands[0] == commands[1]
    numbers = [sorted(re.findall(r"\d[\d.]*\d", text.replace(",", ""))) for text in (english, chinese)]
    assert set(numbers[0]) == set(numbers[1])


def test_the_handbook_names_verbs_and_settings_that_exist(root: Path) -> None:
    known = {name for name, _, _ in settings_rows(Settings())}
    sections = {name.split(".")[0] for name in known if "." in name}
    for path in sorted((root / "examples").glob("handbook.*.md")):
        text = path.read_text(encoding="utf-8")
        assert set(re.findall(r"`footnote ([a-z]+)", text)) <= set(footnote.VERBS)
        named = {name for name in re.findall(r"\b([a-z]+\.[a-z_]+)\b", text) if name.split(".")[0] in sections}
        assert named <= known


def test_the_handbook_gives_the_numbers_of_the_settings(root: Path) -> None:
    settings = Settings()
    numbers = (
        settings.answer.accepted_error,
        settings.ingest.max_file_mb,
        settings.ingest.max_pages,
        settings.server.port,
        settings.server.ui_port,
    )
    for path in sorted((root / "examples").glob("handbook.*.md")):
        named = re.findall(r"\d+(?:\.\d+)?", path.read_text(encoding="utf-8").replace(",", ""))
        assert {str(number) for number in numbers} <= set(named)


def test_the_pdf_is_small_and_carries_its_text(root: Path) -> None:
    pypdf = pytest.importorskip("pypdf")
    path = root / "examples" / "citations.pdf"
    assert path.stat().st_size < MAX_PDF_BYTES
    text = "".join(page.extract_text() for page in pypdf.PdfReader(path).pages)
    assert "How a citation is checked" in text
    assert "引用是怎样核对的" in text
