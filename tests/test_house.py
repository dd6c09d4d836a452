"""The walls: imports run one way, files stay short, and each says what it is.

Read by `ast`, so nothing hides in a function.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

LINES_AT_MOST = 400
ROOMS = ("rag", "ingest", "ui", "eval")

# The core, floor by floor: a module imports from floors below its own, and the modules of one floor that are named
# together, but nothing above. A package's name stands for all within it.
FLOORS = (
    ("rag.types", "rag.errors"),
    (
        "rag.text",
        "rag.lexicon",
        "rag.ports",
        "rag.config",
        "rag.wire",
        "rag.wire_answer",
        "rag.wire_conversations",
        "rag.wire_filters",
        "rag.wire_ratings",
        "rag.wire_search",
        "rag.fuse",
        "rag.prompt",
        "rag.rules",
        "rag.fence",
        "rag.conversation",
        "rag.cite",
        "rag.claims",
        "rag.footnotes",
        "rag.marks",
        "rag.quote",
        "rag.run",
        "rag.addresses",
        "rag.visible",
        "rag.plain",
        "rag.hostile",
        "rag.orders",
        "rag.disagree",
        "rag.check",
        "rag.support",
        "rag.asked",
        "rag.courtesy",
        "rag.evidence",
        "rag.closeness",
        "rag.nearly",
        "rag.paragraphs",
        "rag.repeats",
        "rag.pdfium",
        "rag.filters",
        "rag.media",
        "rag.paths",
        "rag.plan",
        "rag.together",
    ),
    ("rag.library", "rag.models"),
    ("rag.stages", "rag.rank", "rag.rerank", "rag.widen", "rag.diversify"),
    ("rag.retrieve", "rag.drafting", "rag.prompting", "rag.conversing"),
    ("rag.answer",),
    ("rag.llama",),
    ("rag.build",),
    ("rag.api", "rag.cli"),
)
NEIGHBOURS_STAY_APART = {"rag.library", "rag.models"}  # packages that never import each other
PURE = (
    "rag.types",
    "rag.errors",
    "rag.text",
    "rag.ports",
    "rag.config",
    "rag.wire",
    "rag.wire_answer",
    "rag.wire_search",
    "rag.fuse",
    "rag.prompt",
    "rag.cite",
    "rag.claims",
    "rag.footnotes",
    "rag.marks",
    "rag.quote",
    "rag.run",
)
HEAVY = {"torch", "faiss", "sqlalchemy", "tantivy", "transformers", "sentence_transformers", "streamlit", "fastapi"}

# What each room may have of the others. The page speaks HTTP: beyond the wire it shares settings, errors and printing.
MAY_IMPORT: Mapping[str, tuple[str, ...]] = {
    "ingest": ("ingest", "rag"),
    "ui": ("ui", "rag.wire", "rag.config", "rag.errors", "rag.cli.output"),
    "eval": ("eval", "rag", "ingest"),
}
LLAMA_DOOR = "rag.llama"
LLAMA_PEER = "eval.bench.peers.with_llama_index"  # a program that an environment of its own runs


def imports_of(name: str, source: str, *, is_package: bool = False) -> Iterator[str]:
    """Yield every module that the source imports, at its top or anywhere within; relative names made absolute."""
    parts = name.split(".") if is_package else name.split(".")[:-1]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = parts[: len(parts) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            # `from rag import cite` names a module in its list; `from rag.cite import Mark` does no harm
            yield from (f"{module}.{alias.name}" for alias in node.names)


def within(module: str, package: str) -> bool:
    return module == package or module.startswith(package + ".")


def floor_of(module: str) -> int | None:
    for floor, names in enumerate(FLOORS):
        if any(within(module, name) for name in names):
            return floor
    return None


def faults(name: str, source: str, *, is_package: bool = False) -> list[str]:
    """Return what is wrong with the imports of one module."""
    room = name.split(".")[0]
    found = []
    for target in imports_of(name, source, is_package=is_package):
        top = target.split(".")[0]
        if top == "llama_index" and not within(name, LLAMA_DOOR) and name != LLAMA_PEER:
            found.append(f"{name} imports {target}: LlamaIndex comes in by {LLAMA_DOOR} alone")
        if top == "footnote":
            found.append(f"{name} imports the front door")
        if top in HEAVY and any(within(name, pure) for pure in PURE):
            found.append(f"{name} imports {target}, and is to stay light")
        if top not in ROOMS:
            continue
        if room == "rag":
            found += _faults_in_core(name, target)
        elif room in MAY_IMPORT and not any(within(target, allowed) for allowed in MAY_IMPORT[room]):
            found.append(f"{name} imports {target}: {room} may have {', '.join(MAY_IMPORT[room])}")
    return found


def _faults_in_core(name: str, target: str) -> list[str]:
    if not within(target, "rag"):
        return [f"{name} imports {target}: rag imports no other room"]
    own, its = floor_of(name), floor_of(target)
    if own is None and name != "rag":
        return [f"{name} stands on no floor: give it one in FLOORS"]
    if its is not None and own is not None and its > own:
        return [f"{name} imports {target}, which stands above it"]
    for package in NEIGHBOURS_STAY_APART:
        if within(name, package) and any(within(target, other) for other in NEIGHBOURS_STAY_APART - {package}):
            return [f"{name} imports {target}: these two meet in rag.build"]
    return []


def modules(root: Path) -> Iterator[tuple[str, Path]]:
    for room in ROOMS:
        for path in sorted((root / room).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


def tracked(root: Path, *patterns: str) -> list[Path]:
    """Return the files git tracks or would track; where there is no git, those on disk."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", *patterns],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [path for name in listed.stdout.split("\0") if name and (path := root / name).is_file()]


def test_imports_run_one_way(root: Path) -> None:
    found = []
    for name, path in modules(root):
        found += faults(name, path.read_text(encoding="utf-8"), is_package=path.name == "__init__.py")
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("rag.answer", "def later():\n    from ingest.chunk import chunk\n"),
        ("rag.fuse", "import rag.library.store"),
        ("rag.fuse", "from rag import retrieve"),
        ("rag.types", "from .text import fold"),
        ("rag.retrieve", "from rag.build import build_retriever"),
        ("rag.library.vectors", "from rag.models.embed import find_model"),
        ("rag.models.embed", "if True:\n    from ..library import store"),
        ("rag.wire", "def lazily():\n    import torch"),
        ("rag.cite", "import faiss"),
        ("rag.newcomer", "from rag.types import Span"),
        ("rag.api.ask", "import llama_index.core"),
        ("ui.page", "from rag.library.library import Library"),
        ("ui.page", "from rag import library"),
        ("ui.page", "import ingest"),
        ("ingest.pipeline", "from ui import client"),
        ("ingest.pipeline", "from eval.metrics.ranking import recall"),
        ("rag.cli.ask", "import footnote"),
    ],
)
def test_an_import_that_runs_the_wrong_way_is_seen(name: str, source: str) -> None:
    assert faults(name, source)


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("rag.answer", "from rag.cite import Citer\nfrom rag.retrieve import Retriever\n"),
        ("rag.library.library", "from .store import Store\nimport sqlalchemy\n"),
        ("rag.llama", "from llama_index.core import Document\n"),
        ("rag.llama.store", "from llama_index.core import Document\n"),
        ("ingest.pipeline", "from rag.build import open_library\n"),
        ("ui.page", "from rag.wire import AskRequest\nimport streamlit\n"),
        ("eval.run", "from ingest.pipeline import Ingest\nfrom eval.metrics.ranking import recall\n"),
    ],
)
def test_an_import_that_runs_the_right_way_passes(name: str, source: str) -> None:
    assert not faults(name, source)


def test_the_wire_and_the_command_line_start_light() -> None:
    heavy = sorted(HEAVY | {"numpy", "llama_index"})
    script = (
        "import sys, rag.wire, rag.errors, footnote\n"
        "try:\n    footnote.main(['--help'])\nexcept SystemExit:\n    pass\n"
        f"loaded = [name for name in {heavy} if name in sys.modules]\n"
        "sys.exit(f'loaded: {loaded}' if loaded else 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Commands:" in done.stdout


def test_no_file_is_longer_than_a_reader_can_hold(root: Path) -> None:
    long = {
        str(path.relative_to(root)): lines
        for path in tracked(root, "*.py")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LINES_AT_MOST
    }
    assert not long


def test_every_module_says_what_it_does(root: Path) -> None:
    silent = [
        str(path.relative_to(root))
        for path in tracked(root, "*.py")
        if not path.name.startswith("test_")  # their tests' names are the sentences
        and (source := path.read_text(encoding="utf-8")).strip()
        and not ast.get_docstring(ast.parse(source))
    ]
    assert not silent


def test_no_file_names_a_place_on_somebodys_machine(root: Path) -> None:
    place = re.compile(r"(?<![\w.])/(?:work|root|home/\w+|opt/(?:wheels|pypi)\S*)/\w|https?://[^/\s]*\bpypi\b")
    text = ("*.py", "*.md", "*.toml", "*.txt", "*.yaml", "*.yml", "*.html", "Makefile", ".ci/run", "*.service")
    naming = [
        f"{path.relative_to(root)}: {found[0]}"
        for path in tracked(root, *text)
        if path != Path(__file__) and (found := place.search(path.read_text(encoding="utf-8")))
    ]
    assert not naming


def test_what_git_tracks_is_source_not_data(root: Path) -> None:
    data = re.compile(r"\.(safetensors|onnx|bin|npy|npz|faiss|gguf|pt|db|sqlite)$")
    assert not [str(path.relative_to(root)) for path in tracked(root) if data.search(path.name)]
