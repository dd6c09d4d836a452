"""Find the loader that a dataset's form names. Knows nothing of what stands in the files.

Nothing is dropped in silence: what a loader leaves out, or mends, it names with the reason.
"""

from __future__ import annotations

from pathlib import Path

from eval.datasets.beir import load_beir
from eval.datasets.expertqa import load_expertqa
from eval.datasets.qa import load_qa
from eval.datasets.squad import load_squad
from eval.questions import Dataset
from rag.errors import InvalidRequest, NotFound

FORMS = {
    "squad": "squad:FILE",
    "beir": "beir:FOLDER",
    "qa": "qa:FILE.jsonl",
    "expertqa": "expertqa:FILE.jsonl",
}


def load_dataset(spec: str, *, documents: Path | None = None) -> Dataset:
    """Read FORM:PATH.

    documents: the folder that a qa: set asks about; None: `seeds` beside the file's own folder.
    Raises InvalidRequest for a form that is not known, NotFound for a missing file, Malformed for one of another shape.
    """
    form, separator, path = spec.partition(":")
    if not separator or form not in FORMS:
        raise InvalidRequest(f"{spec!r} names no dataset", hint=f"write {', '.join(FORMS.values())}")
    file = Path(path)
    if form == "beir":
        return load_beir(spec, file)
    if not file.is_file():
        raise NotFound(f"{file} is not a file", hint=f"give the path of a {form} dataset after `{form}:`")
    if form == "squad":
        return load_squad(spec, file)
    if form == "expertqa":
        return load_expertqa(spec, file)
    return load_qa(spec, file, documents)
