"""Bring a model's weights from the hub into data/models, for this machine or to be carried to one without internet.

safetensors, tokenizers and configs only: no pickles, which run code as they load, no code, no copies for other
runtimes. A download that was cut goes on where it ended, also in another run: huggingface_hub begins such a file anew,
so it is asked for the parts here. What has come is held to the hashes that the hub tells before it gets its name.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING

from rag.errors import Conflict, InvalidRequest, Misconfigured, ModelError, ModelMismatch, ModelNotFound
from rag.models.find import canonical_name, file_digest
from rag.models.manifest import NAME as MANIFEST
from rag.models.manifest import Manifest, Stored, hold_to_manifest, read_manifest, write_manifest

if TYPE_CHECKING:
    from huggingface_hub.hf_api import ModelInfo

WEIGHTS = "*.safetensors"
WANTED = (WEIGHTS, "*.json", "*.txt", "*.model", "*.jinja", "README.md", "LICENSE*", "NOTICE*")
UNWANTED = ("consolidated*", "optimizer*", "training_args*", "trainer_state*", MANIFEST)  # the first: the weights twice
PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl")
# At the top, or in a folder of sentence-transformers' modules ("1_Pooling"); "original" and "onnx" hold copies.
_PLACE = re.compile(r"(?:\d+_[A-Za-z]\w*/)?[A-Za-z0-9][\w.+-]*")
_REPOSITORY = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
SPARE_BYTES = 100_000_000  # of the disk, left to others
ASK_SECONDS = 15.0
CONFIG = "config.json"
COMMIT_SHOWN = 12  # characters of a commit, in the name of a folder that is not whole yet


@dataclass(frozen=True, slots=True)
class Wanted:
    name: str
    bytes: int
    sha256: str | None  # the hub tells it of large files, and git's own hash of the rest
    blob: str | None


@dataclass(frozen=True, slots=True)
class Fetched:
    folder: Path
    manifest: Manifest
    downloaded_bytes: int  # in this run
    left_out: tuple[str, ...]  # files of the repository that were not fetched


def fetch(repository: str, *, models: Path, revision: str = "main", tell: Callable[[str], None]) -> Fetched:
    """Download "organisation/name" into models/name; what is there already is held to its manifest.

    tell: is given a line for each file. Raises Misconfigured where the hub is not to be asked, ModelNotFound where it
    cannot be reached or has no such model, ModelError for one without safetensors or for which there is no room,
    ModelMismatch where bytes are not those that the hub tells, Conflict where another model has the folder.
    """
    if not _REPOSITORY.fullmatch(repository):
        raise InvalidRequest(f"{repository!r} names no model of the hub", hint="as Qwen/Qwen2.5-0.5B-Instruct")
    _refuse_offline()
    folder = models / canonical_name(repository)
    before = _held(folder, repository)
    with _asking(repository, revision):
        info = _info(repository, revision)
    commit = _commit(info)
    files, left_out = _choose(info)
    _refuse_without_weights(repository, files, left_out)
    partial = models / f".{folder.name}.{commit[:COMMIT_SHOWN]}"
    if before is not None and before.commit == commit:
        try:
            hold_to_manifest(folder, before)
        except ModelMismatch:
            shutil.rmtree(partial, ignore_errors=True)
            folder.rename(partial)  # what is whole in it stays
        else:
            return Fetched(folder, before, 0, left_out)
    partial.mkdir(parents=True, exist_ok=True)
    missing = [file for file in files if not _is_whole(partial / file.name, file)]
    _refuse_without_room(partial, missing)
    brought = 0
    for file in missing:
        tell(f"{file.name}  {file.bytes / 1e6:,.1f} MB")
        with _asking(repository, revision):
            brought += _download(repository, commit, file, partial)
    stored = {file.name: Stored(file.bytes, file_digest(partial / file.name)) for file in files}
    manifest = Manifest(repository, commit, revision, stored)
    write_manifest(partial, manifest)
    _put(partial, folder)
    return Fetched(folder, manifest, brought, left_out)


def needs_code(folder: Path) -> bool:
    """Tell whether a model's config asks for code of its authors', which is neither fetched nor run."""
    path = folder / CONFIG
    return path.is_file() and '"auto_map"' in path.read_text(encoding="utf-8", errors="replace")


def endpoint() -> str:
    """Return where the hub is. Read anew: huggingface_hub reads it once, when it is imported."""
    return (os.environ.get("HF_ENDPOINT") or "https://huggingface.co").rstrip("/")


def _refuse_offline() -> None:
    for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
        if os.environ.get(name, "").upper() in ("1", "ON", "YES", "TRUE"):
            hint = f"unset {name}; or fetch on a machine with internet, and copy the folder into data/models here"
            raise Misconfigured(f"{name} forbids to ask the hub", hint=hint)


def _held(folder: Path, repository: str) -> Manifest | None:
    """Return the manifest of what is in the folder; None where nothing is. Raises Conflict for another's."""
    if not folder.exists():
        return None
    manifest = read_manifest(folder)
    if manifest is None or manifest.repository != repository:
        whose = f"holds {manifest.repository}" if manifest else "was not fetched by this command"
        raise Conflict(f"{folder} {whose}", hint="move it away, or give it another name")
    return manifest


def _info(repository: str, revision: str) -> ModelInfo:
    from huggingface_hub import HfApi

    api = HfApi(endpoint=endpoint())
    return api.model_info(repository, revision=revision, files_metadata=True, timeout=ASK_SECONDS)


def _commit(info: ModelInfo) -> str:
    if not re.fullmatch(r"[0-9a-f]{40}", info.sha or ""):
        raise ModelNotFound(f"{endpoint()} told no commit of {info.id}", hint="is HF_ENDPOINT a hub?")
    return str(info.sha)


def _choose(info: ModelInfo) -> tuple[list[Wanted], tuple[str, ...]]:
    """Return the files to fetch, small ones first, and the names of the others."""
    files, left_out = [], []
    for one in info.siblings or []:
        name = one.rfilename
        last = name.rpartition("/")[2]
        wanted = any(fnmatch(last, pattern) for pattern in WANTED) and not any(fnmatch(last, no) for no in UNWANTED)
        if wanted and _PLACE.fullmatch(name) and one.size is not None:
            files.append(Wanted(name, one.size, one.lfs.sha256 if one.lfs else None, None if one.lfs else one.blob_id))
        else:
            left_out.append(name)
    return sorted(files, key=lambda file: (file.bytes, file.name)), tuple(left_out)


def _refuse_without_weights(repository: str, files: Sequence[Wanted], left_out: Sequence[str]) -> None:
    if any(fnmatch(file.name, WEIGHTS) for file in files):
        return
    pickles = [name for name in left_out if any(fnmatch(name, pattern) for pattern in PICKLES)]
    if pickles:
        hint = "look for a revision or a copy with safetensors (--revision), or convert it where you trust it"
        raise ModelError(f"{repository} has its weights as pickles only ({pickles[0]}), which can run code", hint=hint)
    if any(name.endswith(".gguf") for name in left_out):
        hint = "serve it with llama.cpp or Ollama, and set answer.generator to openai"
        raise ModelError(f"{repository} has its weights as GGUF only, which is llama.cpp's own format", hint=hint)
    raise ModelError(f"{repository} has no safetensors at its top", hint="see its files on the hub")


def _refuse_without_room(partial: Path, missing: Sequence[Wanted]) -> None:
    here = sum(_size(_part(partial, file)) for file in missing)
    needed = sum(file.bytes for file in missing) - here + SPARE_BYTES
    free = shutil.disk_usage(partial).free
    if needed > free:
        raise ModelError(
            f"{partial.parent}: {needed / 1e9:.1f} GB are needed and {free / 1e9:.1f} GB are free",
            hint="make room, or choose another --data DIR",
        )


def _download(repository: str, commit: str, file: Wanted, partial: Path) -> int:
    """Bring what is missing of a file, and give it its name. Return the bytes that came."""
    from huggingface_hub import hf_hub_url
    from huggingface_hub.file_download import http_get
    from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]  # it does export it

    part = _part(partial, file)
    part.parent.mkdir(parents=True, exist_ok=True)
    here = _size(part)
    if here > file.bytes:  # of something else
        part.unlink()
        here = 0
    url = hf_hub_url(repository, file.name, revision=commit, endpoint=endpoint())
    # Bytes as they are: a compressed reply could not be gone on with.
    headers = {**build_hf_headers(), "Accept-Encoding": "identity"}
    with part.open("ab") as out:
        http_get(url, out, resume_size=here, headers=headers, expected_size=file.bytes, displayed_filename=file.name)
    if not _is_whole(part, file):
        part.unlink()
        raise ModelMismatch(
            f"{repository}: the bytes of {file.name} are not those that the hub tells of",
            hint="fetch again: it was thrown away, and the rest is kept",
        )
    part.replace(partial / file.name)
    return file.bytes - here


def _is_whole(path: Path, file: Wanted) -> bool:
    """Tell whether a file is there, with the bytes that the hub tells of."""
    if not path.is_file() or path.stat().st_size != file.bytes:
        return False
    if file.sha256:
        return file_digest(path) == file.sha256
    return file.blob is None or _blob(path) == file.blob


def _blob(path: Path) -> str:
    """Return the hash that git has for a file."""
    digest = hashlib.sha1(b"blob %d\0" % path.stat().st_size, usedforsecurity=False)
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _put(partial: Path, folder: Path) -> None:
    """Put the whole folder in its place; what there is of older commits goes."""
    begun = re.compile(rf"\.{re.escape(folder.name)}\.[0-9a-f]{{{COMMIT_SHOWN}}}")
    for path in [path for path in folder.parent.iterdir() if begun.fullmatch(path.name) and path != partial]:
        shutil.rmtree(path, ignore_errors=True)
    old = folder.with_name(f".{folder.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    partial.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def _part(partial: Path, file: Wanted) -> Path:
    return partial / f"{file.name}.part"


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


@contextmanager
def _asking(repository: str, revision: str) -> Iterator[None]:
    """Say in our words what went wrong between us and the hub."""
    import httpx2
    from huggingface_hub.errors import (
        GatedRepoError,
        HfHubHTTPError,
        OfflineModeIsEnabled,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    where = endpoint()
    try:
        yield
    except GatedRepoError as error:
        hint = "accept its terms on the hub, and set HF_TOKEN; or take another"
        raise ModelNotFound(
            f"{repository} at {where} is given to those only who accept its terms", hint=hint
        ) from error
    except RepositoryNotFoundError as error:
        hint = "see its name on the hub; for a private one set HF_TOKEN"
        raise ModelNotFound(f"there is no model {repository} at {where}", hint=hint) from error
    except RevisionNotFoundError as error:
        raise ModelNotFound(f"{repository} at {where} has no revision {revision!r}", hint="see --revision") from error
    except OfflineModeIsEnabled as error:
        raise Misconfigured("huggingface_hub is set to ask nothing", hint="unset HF_HUB_OFFLINE") from error
    except HfHubHTTPError as error:
        status = error.response.status_code if error.response is not None else "no status"
        hint = "fetch again: what has come is kept"
        raise ModelNotFound(f"the hub at {where} answered {status} for {repository}", hint=hint) from error
    except (httpx2.HTTPError, OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # this machine's own: a full disk, a folder that cannot be written
        reason = " ".join(str(error).split())[:200]
        raise ModelNotFound(
            f"the hub at {where} cannot be reached, or broke off: {type(error).__name__}: {reason}",
            hint="fetch again: what has come is kept. Without internet, copy the folder from a machine that has it",
        ) from error
