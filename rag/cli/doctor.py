"""`footnote doctor`: what is installed, what is missing, and the command that gets it.

Opens no library. Asks no network, but a language model's server where one is set, and that for seconds at most.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import typer

from rag.cli.output import DataOption, JsonOption, console, emit_json, plain, settings_for, write
from rag.config import Settings
from rag.errors import FootnoteError

if TYPE_CHECKING:
    from rag.models.remote import RemoteGenerator

State = Literal["ok", "note", "missing"]
MARKS: dict[State, str] = {"ok": "ok     ", "note": "note   ", "missing": "MISSING"}
DETAIL_COLUMN = 21
INSTALL = ".venv/bin/pip install -c constraints.txt -e '.[{}]'"
CARD = Path("/proc/driver/nvidia/version")
CUDA_TORCH = "a CUDA build of torch 2.13.0, from pytorch.org; then: make EXTRA=gpu install"
LOW_DISK_GB = 2.0  # .venv aside, a library takes about three times its documents
EXTRAS = ("ocr", "llama", "scale", "dev")
WITHOUT = {
    "ocr": "scans and pictures are not read",
    "llama": "readers of LlamaIndex's that ingest.readers names cannot be imported",
}
LIBREOFFICE = "apt install libreoffice-writer-nogui libreoffice-impress-nogui"
REQUIREMENT = re.compile(r"([\w.-]+)[^;]*(?:;.*extra == ['\"]([\w-]+)['\"])?")


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    state: State
    detail: str
    fix: str = ""


app = typer.Typer()


@app.command()
def doctor(json: JsonOption = False, data: DataOption = None) -> None:
    """Say what is installed, which accelerator and models there are, what is missing and how to get it.

    Exits 1 where something that is needed is missing.

    \b
    footnote doctor
    footnote doctor --json
    """
    os.environ["HF_HUB_OFFLINE"] = "1"  # looking is not fetching
    checks = list(all_checks(data))
    missing = [check for check in checks if check.state == "missing"]
    if json:
        emit_json({"ok": not missing, "checks": [asdict(check) for check in checks]})
    else:
        out = console()
        for check in checks:
            write(out, plain(check.detail), first=f"{MARKS[check.state]} {check.name:<12} ", rest=" " * DETAIL_COLUMN)
            if check.fix:
                out.print(f"{'':{DETAIL_COLUMN}}-> {check.fix}", soft_wrap=True)  # to be copied: no line ends of ours
        out.print("Everything needed is here." if not missing else f"{len(missing)} missing.")
    if missing:
        raise typer.Exit(1)


def all_checks(data: Path | None) -> Iterator[Check]:
    yield _python()
    yield from _packages()
    yield _libreoffice()
    yield _faiss()
    yield _accelerator()
    try:
        settings = settings_for(data)
    except FootnoteError as error:
        yield Check("settings", "missing", str(error), error.hint)
        return
    for look in (_embedder, _runtime, _reranker, _generator, _inference, _data_folder, _disk, _collections, _ports):
        yield look(settings)


def _python() -> Check:
    version = platform.python_version()
    system = f"Python {version} at {sys.executable}, {platform.system()} {platform.machine()}"
    if (3, 11) <= sys.version_info[:2] <= (3, 13):
        return Check("python", "ok", system)
    return Check("python", "missing", system, "Python 3.11 to 3.13: rm -rf .venv && make PYTHON=python3.12 install")


def _version(distribution: str) -> str | None:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def _packages() -> Iterator[Check]:
    try:
        lines = metadata.requires("footnote") or []
    except metadata.PackageNotFoundError:
        yield Check("packages", "missing", "footnote itself is not installed", "make install")
        return
    needed = [match.groups() for line in lines if (match := REQUIREMENT.match(line))]
    for extra in (None, *EXTRAS):
        versions = {name: _version(name) for name, wanted_by in needed if wanted_by == extra}
        absent = [name for name, version in versions.items() if version is None]
        listed = ", ".join(f"{name} {version}" for name, version in versions.items())
        if not absent:
            yield Check("packages" if extra is None else f"extra {extra}", "ok", listed)
        elif extra is None:
            yield Check("packages", "missing", f"not installed: {', '.join(absent)}", "make install")
        else:
            why = f"not installed: {', '.join(absent)}; {WITHOUT.get(extra, 'nothing that runs today needs it')}"
            yield Check(f"extra {extra}", "note", why, INSTALL.format(extra))


def _libreoffice() -> Check:
    found = shutil.which("soffice")
    if found:
        return Check("libreoffice", "ok", f"{found}, for DOC and PPT")
    return Check("libreoffice", "note", "not installed: DOC and PPT files are skipped", LIBREOFFICE)


def _faiss() -> Check:
    builds = {name: version for name in ("faiss-cpu", "faiss-gpu") if (version := _version(name))}
    if len(builds) > 1:
        return Check(
            "faiss",
            "missing",
            "faiss-cpu and faiss-gpu are both installed, and overwrite each other's files",
            ".venv/bin/pip uninstall -y faiss-cpu faiss-gpu && " + INSTALL.format("cpu"),
        )
    try:
        import faiss
    except (ImportError, OSError) as error:
        return Check("faiss", "missing", f"cannot be imported: {error}", INSTALL.format("cpu"))
    [(name, version)] = builds.items() or [("faiss", faiss.__version__)]
    cards = faiss.get_num_gpus() if hasattr(faiss, "get_num_gpus") else 0
    return Check("faiss", "ok", f"{name} {version}, {faiss.get_compile_options().strip()}, {cards} GPU(s)")


def _accelerator() -> Check:
    try:
        import torch
    except (ImportError, OSError) as error:
        return Check("accelerator", "missing", f"torch cannot be imported: {error}", "make install")
    if torch.cuda.is_available():
        names = ", ".join(torch.cuda.get_device_name(index) for index in range(torch.cuda.device_count()))
        return Check("accelerator", "ok", f"torch {torch.__version__}, CUDA {torch.version.cuda}: {names}")
    here = f"torch {torch.__version__} computes on the CPU, {torch.get_num_threads()} threads"
    if CARD.exists():
        return Check("accelerator", "note", f"an NVIDIA card is here, but {here}", CUDA_TORCH)
    return Check("accelerator", "ok", f"none; {here}")


def _embedder(settings: Settings) -> Check:
    from rag.models.card import read_card
    from rag.models.find import PUBLISHED, canonical_name, find_model

    name = settings.embedder.model
    try:
        folder = find_model(name, settings.data / "models")
        read_card(name, folder, dimension=settings.embedder.dimension)
    except FootnoteError as error:
        return Check("embedder", "missing", str(error), error.hint)
    held = "sha256 as published" if canonical_name(name) in PUBLISHED else "no published sha256 to hold it to"
    return Check("embedder", "ok", f"{name} at {folder}; {held}")


def _reranker(settings: Settings) -> Check:
    from rag.models.rerank import LazyReranker

    chosen = settings.rerank
    if chosen.model is None:
        return Check("reranker", "ok", "none is set")
    try:
        found = LazyReranker.find(chosen.model, models=settings.data / "models", device=chosen.device)
    except FootnoteError as error:
        return Check("reranker", "missing", str(error), error.hint)
    return Check("reranker", "ok", f"{chosen.model} at {found.folder}")


def _generator(settings: Settings) -> Check:
    from rag.build import build_generator
    from rag.models.remote import RemoteGenerator

    try:
        model = build_generator(settings)
        if isinstance(model, RemoteGenerator):
            return _server(model)
    except FootnoteError as error:
        return Check("generator", "missing", str(error), error.hint)
    folder = getattr(model, "folder", None)
    return Check("generator", "ok", f"{model.name} at {folder}" if folder else model.name)


def _inference(settings: Settings) -> Check:
    from rag.models.entail import LazyEntailment

    name = settings.answer.entailment
    if name is None:
        return Check("inference", "ok", "none is set")
    try:
        found = LazyEntailment.find(name, models=settings.data / "models")
    except FootnoteError as error:
        return Check("inference", "missing", str(error), error.hint)
    return Check("inference", "ok", f"{name} at {found.folder}")


def _server(model: RemoteGenerator) -> Check:
    """Ask it for its models. Raises GenerationFailed."""
    offered = model.models()
    where = f"{model.name} at {model.address}"
    if model.name not in offered:
        names = ", ".join(sorted(offered)) or "none"
        detail = f"{where}, which names others ({names}); llama.cpp answers to any name, the rest refuse"
        return Check("generator", "note", detail, "FOOTNOTE_LLM__MODEL chooses one of them")
    window = offered[model.name]
    if window is not None and window < model.window:
        detail = f"{where} reads and writes {window} tokens, and llm.context_tokens has it at {model.window}"
        return Check("generator", "note", detail, f"FOOTNOTE_LLM__CONTEXT_TOKENS={window}")
    return Check("generator", "ok", where)


def _runtime(settings: Settings) -> Check:
    from rag.models.card import read_card
    from rag.models.choose import foresee_runtime
    from rag.models.encoder import DoesNotFit
    from rag.models.find import find_model

    chosen = settings.embedder
    try:
        card = read_card(chosen.model, find_model(chosen.model, settings.data / "models"))
        return Check("runtime", "ok", foresee_runtime(card, wanted=chosen.runtime, device=chosen.device))
    except DoesNotFit as reason:
        if chosen.runtime == "openvino":
            return Check("runtime", "missing", f"not openvino: {reason}", "FOOTNOTE_EMBEDDER__RUNTIME=auto")
        return Check("runtime", "note", f"torch, about three times as slow as openvino on a CPU: {reason}")
    except FootnoteError as error:
        return Check("runtime", "note", f"not known without a model: {error}")


def _data_folder(settings: Settings) -> Check:
    folder = settings.data.absolute()
    nearest = next(path for path in (folder, *folder.parents) if path.exists())
    try:
        with tempfile.TemporaryFile(dir=nearest):
            pass
    except OSError as error:
        return Check(
            "data", "missing", f"{folder} cannot be written: {error}", "choose another: footnote --data DIR ..."
        )
    return Check("data", "ok", f"{folder}" if folder.exists() else f"{folder}, made at the first use")


def _disk(settings: Settings) -> Check:
    folder = settings.data.absolute()
    nearest = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(nearest).free / 1e9
    if free < LOW_DISK_GB:
        return Check("disk", "note", f"only {free:.1f} GB free at {nearest}", "make room, or choose another --data DIR")
    return Check("disk", "ok", f"{free:.0f} GB free at {nearest}")


def _collections(settings: Settings) -> Check:
    from rag.library.collections import list_collections

    names = list_collections(settings.data)
    if not names:
        return Check("collections", "note", "none yet", "footnote ingest PATH, or footnote up")
    return Check("collections", "ok", ", ".join(names))


def _ports(settings: Settings) -> Check:
    server = settings.server
    taken = [port for port in (server.port, server.ui_port) if port and _answers(server.host, port)]
    if taken:
        listed = " and ".join(map(str, taken))
        return Check(
            "ports",
            "note",
            f"{listed} on {server.host} in use: Footnote is up already, or something else is there",
            "FOOTNOTE_SERVER__PORT and FOOTNOTE_SERVER__UI_PORT choose others",
        )
    return Check("ports", "ok", f"{server.port} and {server.ui_port} on {server.host} are free")


def _answers(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=0.5):
            return True
    except OSError:
        return False
