"""Score texts against a question with any cross-encoder that sentence-transformers can load, found by name or folder.

Its files are looked at when it is found; torch and the weights are loaded when first wanted: 7 s and more. Knows
nothing of rankings or of time.
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
DEVICE_SETTING = "rerank.device"
CLASSIFIER = "ForSequenceClassification"  # what the name of an architecture with a head ends in
DECLARED = "CrossEncoder"  # what sentence-transformers writes into those of any other architecture
UNTOLD_LABELS = 2  # what transformers takes a config to mean that does not tell


class LazyReranker:
    """A cross-encoder with one score. May be used from many threads; they take turns."""

    def __init__(self, name: str, folder: Path, *, device: str = "auto") -> None:
        self.name = name
        self.folder = folder
        self._device = device
        self._model: CrossEncoder | None = None
        self._turn = threading.Lock()

    @classmethod
    def find(cls, name: str, *, models: Path, device: str = "auto") -> LazyReranker:
        """Find a cross-encoder by name or folder, and look whether it is one.

        Raises ModelNotFound, ModelMismatch, ModelError where it gives no score or several, Misconfigured.
        """
        check_device(device, DEVICE_SETTING)
        folder = find_model(name, models, organisation=ORGANISATION)
        refuse_pickles(folder)
        _check_head(folder)
        return cls(canonical_name(name), folder, device=device)

    def load(self) -> None:
        """Make ready. Raises ModelError, Misconfigured for a device that is not there."""
        with self._turn:
            self._loaded()

    def score(self, question: str, texts: Sequence[str]) -> Sequence[float]:
        """Return how well each text answers, in [0, 1], in their order. Raises ModelError.

        The model's own last function is left out and a sigmoid put in its place: whichever it is, the order is the
        same, and scores lie in one range.
        """
        import torch

        pairs = [(encodable(question), encodable(text)) for text in texts]
        with self._turn:
            model = self._loaded()
            try:
                logits = model.predict(
                    pairs, batch_size=max(1, len(pairs)), show_progress_bar=False, activation_fn=torch.nn.Identity()
                )
            except (RuntimeError, ValueError, IndexError) as error:
                raise ModelError(f"{self.name} cannot score {len(texts)} texts: {error}") from error
        bad = np.flatnonzero(~np.isfinite(logits))
        if bad.size:
            raise ModelError(f"{self.name} gave no score to {bad.size} of {len(texts)} texts, the first at {bad[0]}")
        # In 64 bits, and of numbers that exp() can hold: unlike scores stay unlike.
        return [float(score) for score in 1 / (1 + np.exp(-np.clip(np.asarray(logits, dtype=np.float64), -500, 500)))]

    def _loaded(self) -> CrossEncoder:
        if self._model is None:
            self._model = _load(self.folder, self._device)
        return self._model


def _check_head(folder: Path) -> None:
    """Raises ModelError for what has no head that was trained to give one score."""
    config = read_json(folder / "config.json")
    architecture = str(next(iter(config.get("architectures") or []), ""))
    if architecture.endswith(CLASSIFIER):
        labels = len(config.get("id2label") or ()) or config.get("num_labels", UNTOLD_LABELS)
        if labels != 1:
            raise ModelError(
                f"{folder} is a classifier with {labels} labels, and a reranker has one score",
                hint="take a cross-encoder for passage ranking; those for language inference tell three labels apart",
            )
    elif read_json(folder / "config_sentence_transformers.json").get("model_type") != DECLARED:
        raise ModelError(
            f"{folder} is no cross-encoder: its architecture is {architecture or 'not told'}",
            hint="rerank.model wants a cross-encoder; embedder.model is for models that embed",
        )


def _load(folder: Path, device: str) -> CrossEncoder:
    import torch
    from safetensors import SafetensorError
    from sentence_transformers import CrossEncoder

    try:
        with quiet_loading():
            model = CrossEncoder(
                str(folder),
                device=choose_device(device, torch.cuda.is_available(), DEVICE_SETTING),
                trust_remote_code=False,
                local_files_only=True,
                model_kwargs={"use_safetensors": True, "dtype": torch.float32},
            )
            labels = int(model.num_labels)
    except (OSError, ValueError, RuntimeError, KeyError, ImportError, AttributeError, SafetensorError) as error:
        raise ModelError(
            f"{folder}: sentence-transformers cannot load it as a cross-encoder: {error}",
            hint="bring the model's folder anew, or set rerank.model to another",
        ) from error
    if labels != 1:
        raise ModelError(f"{folder} gives {labels} scores, and a reranker has one")
    loaded: CrossEncoder = model
    return loaded
