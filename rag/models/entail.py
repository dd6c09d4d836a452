"""Tell whether one text follows from another with any model of natural language inference, found by name or folder.

Its files are looked at when it is found; torch and the weights are loaded when first wanted: 7 s and more. Which of its
outputs means what is read from its config: models differ in the order. Knows nothing of claims or quotes.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from rag.errors import ModelError
from rag.models.card import read_json, refuse_pickles
from rag.models.embed import encodable
from rag.models.find import canonical_name, find_model
from rag.models.reference import check_device, choose_device, quiet_loading

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

ORGANISATION = "cross-encoder"  # on the hub, of a name without one
SETTING = "answer.entailment"
ENTAILS = "entail"  # what the name of the label begins with, in whatever case
LABELS = (2, 3)  # entailment and not; or with neutral and contradiction apart
PAIRS_AT_ONCE = 16


class LazyEntailment:
    """Implements ports.Entailment. May be used from many threads; they take turns."""

    def __init__(self, name: str, folder: Path, label: int, labels: int, *, device: str = "auto") -> None:
        """label: the place of "entailment" among the model's outputs."""
        self.name = name
        self.folder = folder
        self._label = label
        self._labels = labels
        self._device = device
        self._model: CrossEncoder | None = None
        self._turn = threading.Lock()

    @classmethod
    def find(cls, name: str, *, models: Path, device: str = "auto") -> LazyEntailment:
        """Find a model by name or folder, and look whether it says which of its outputs means entailment.

        Raises ModelNotFound, ModelMismatch, ModelError for what is no such model, Misconfigured.
        """
        check_device(device, SETTING)
        folder = find_model(name, models, organisation=ORGANISATION)
        refuse_pickles(folder)
        labels = _labels(folder)
        return cls(canonical_name(name), folder, _place(labels, folder), len(labels), device=device)

    def load(self) -> None:
        """Make ready. Raises ModelError, Misconfigured for a device that is not there."""
        with self._turn:
            self._loaded()

    def entails(self, pairs: Sequence[tuple[str, str]]) -> Sequence[float]:
        """Return of each premise and hypothesis the chance that the first entails the second. Raises ModelError."""
        if not pairs:
            return []
        import torch

        texts = [(encodable(premise), encodable(hypothesis)) for premise, hypothesis in pairs]
        with self._turn:
            model = self._loaded()
            try:
                logits = model.predict(
                    texts, batch_size=PAIRS_AT_ONCE, show_progress_bar=False, activation_fn=torch.nn.Identity()
                )
            except (RuntimeError, ValueError, IndexError) as error:
                raise ModelError(f"{self.name} cannot compare {len(pairs)} pairs: {error}") from error
        return self._chances(np.asarray(logits, dtype=np.float64))

    def _chances(self, logits: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> list[float]:
        bad = np.flatnonzero(~np.isfinite(logits).all(axis=1))
        if bad.size:
            raise ModelError(f"{self.name} gave no chance for {bad.size} of {len(logits)} pairs, the first at {bad[0]}")
        raised = np.exp(logits - logits.max(axis=1, keepdims=True))
        return [float(chance) for chance in raised[:, self._label] / raised.sum(axis=1)]

    def _loaded(self) -> CrossEncoder:
        if self._model is None:
            self._model = _load(self.folder, self._device, self._labels)
        return self._model


def _labels(folder: Path) -> dict[int, str]:
    """Return the names of the model's outputs by their places. Raises ModelError."""
    listed = read_json(folder / "config.json").get("id2label") or {}
    try:
        labels = {int(place): str(name) for place, name in listed.items()}
    except (ValueError, AttributeError) as error:
        raise ModelError(f"{folder / 'config.json'}: id2label is not a table of names by numbers") from error
    if sorted(labels) != list(range(len(labels))) or len(labels) not in LABELS:
        raise ModelError(
            f"{folder} is no model of language inference: it has {len(labels) or 'no named'} labels, and not 2 or 3",
            hint=f"{SETTING} wants a classifier of pairs that tells entailment, neutral and contradiction apart",
        )
    return labels


def _place(labels: dict[int, str], folder: Path) -> int:
    places = [place for place, name in labels.items() if name.strip().lower().startswith(ENTAILS)]
    if len(places) != 1:
        raise ModelError(
            f"{folder} does not say which of its labels is entailment: {', '.join(labels.values())}",
            hint="write the labels' names into id2label of its config.json, as its authors give them",
        )
    return places[0]


def _load(folder: Path, device: str, labels: int) -> CrossEncoder:
    import torch
    from safetensors import SafetensorError
    from sentence_transformers import CrossEncoder

    try:
        with quiet_loading():
            model = CrossEncoder(
                str(folder),
                device=choose_device(device, torch.cuda.is_available(), SETTING),
                trust_remote_code=False,
                local_files_only=True,
                model_kwargs={"use_safetensors": True, "dtype": torch.float32},
            )
            given = int(model.num_labels)
    except (OSError, ValueError, RuntimeError, KeyError, ImportError, AttributeError, SafetensorError) as error:
        raise ModelError(
            f"{folder}: sentence-transformers cannot load it as a classifier of pairs: {error}",
            hint=f"bring the model's folder anew, or set {SETTING} to another",
        ) from error
    if given != labels:
        raise ModelError(f"{folder} gives {given} outputs, and its config names {labels}")
    loaded: CrossEncoder = model
    return loaded
