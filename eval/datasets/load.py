"""Find the loader that a dataset's form names. Knows nothing of what stands in the files.

Nothing is dropped in silence: what a loader leaves out, or mends, it names with the reason.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from eval.datasets.beir import load_beir
from eval.datasets.bipia import load_bipia
from eval.datasets.expertqa import load_expertqa
from eval.datasets.feedback import load_feedback
from eval.datasets.files import Files, files_in, files_of
from eval.datasets.qa import load_qa
from eval.datasets.rgb import load_rgb
from eval.datasets.squad import load_squad
from eval.datasets.table import load_table
from eval.questions import Dataset
from rag.errors import InvalidRequest, NotFound, Unreadable

FORMS = {
    "squad": "squad:FILE",
    "beir": "beir:FOLDER",
    "qa": "qa:FILE.jsonl",
    "rgb": "rgb:FILE",
    "expertqa": "expertqa:FILE.jsonl",
    "bipia": "bipia:FOLDER",
    "csv": "csv:FILE",
    "tsv": "tsv:FILE",
    "feedback": "feedback:FILE.jsonl",
}
# Their documents stand in the set itself; those of the others are a person's own files.
WHOLE: dict[str, Callable[[str, Path], Dataset]] = {
    "squad": load_squad,
    "beir": load_beir,
    "rgb": load_rgb,
    "expertqa": load_expertqa,
    "bipia": load_bipia,
}
ON_FILES: dict[str, Callable[[str, Path, Files], Dataset]] = {
    "qa": load_qa,
    "csv": load_table,
    "tsv": load_table,
    "feedback": load_feedback,
}
FOLDERS = ("beir", "bipia")


def load_dataset(spec: str, *, documents: Path | None = None, library: Path | None = None) -> Dataset:
    """Read FORM:PATH.

    documents: the folder that a qa:, csv:, tsv: or feedback: set asks about; library: or the folder of a collection
    that holds them. With neither, a qa: set asks about `seeds` beside its file's own folder.
    Raises InvalidRequest for a form that is not known, NotFound for a missing file, Malformed for one of another shape,
    Unreadable for one that may not be read.
    """
    form, separator, path = spec.partition(":")
    if not separator or form not in FORMS:
        raise InvalidRequest(f"{spec!r} names no dataset", hint=f"write {', '.join(FORMS.values())}")
    file = Path(path)
    try:
        there = file.is_dir() if form in FOLDERS else file.is_file()
        if not there:
            kind = "folder" if form in FOLDERS else "file"
            raise NotFound(f"{file} is not a {kind}", hint=f"give the path of a {form} dataset after `{form}:`")
        if form in WHOLE:
            return WHOLE[form](spec, file)
        return ON_FILES[form](spec, file, _files(form, file, documents, library))
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise Unreadable(
            f"{path!r} cannot be read: {error}", hint="give the path of a file that you may read"
        ) from error


def _files(form: str, file: Path, documents: Path | None, library: Path | None) -> Files:
    """Raises InvalidRequest where nobody says what is asked about, NotFound."""
    if documents is not None and library is not None:
        raise InvalidRequest("--documents and --collection are given together", hint="choose one of them")
    if library is not None:
        return files_of(library)
    if documents is not None:
        return files_in(documents)
    if form != "qa":
        raise InvalidRequest(
            f"it is not said which documents {file} asks about",
            hint="give their folder with --documents, or their collection with --collection",
        )
    return files_in(file.resolve().parent.parent / "seeds")
