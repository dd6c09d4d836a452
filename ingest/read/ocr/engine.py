"""PP-OCR's networks, from rapidocr's wheel, run by onnxruntime. Knows nothing of pictures.

rapidocr's own pipeline is passed by: it takes twice the time a page, would fetch over the network what it does not
find, and does not say where in a line a character stands. What it is needed for is its models.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import onnxruntime
from onnxruntime.capi.onnxruntime_pybind11_state import RuntimeException

from ingest.read.ocr.find import Floats, Network
from rag.errors import Unsupported

MAX_THREADS = 4  # of one process: readers run beside each other
_ERRORS_ONLY = 3


@dataclass(frozen=True, slots=True)
class Engine:
    detect: Network
    recognise: Network
    alphabet: tuple[str, ...]  # by the recogniser's numbers; the first is its blank


@cache
def engine() -> Engine:
    """Return the process's engine, loaded at the first call. Raises Unsupported where its models are missing."""
    detector, recogniser = _session("det"), _session("rec")
    characters = recogniser.get_modelmeta().custom_metadata_map["character"].splitlines()
    return Engine(_network(detector), _network(recogniser), ("", *characters, " "))


def _session(task: str) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = min(MAX_THREADS, len(os.sched_getaffinity(0)))
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # idle threads leave the cores to others
    options.enable_cpu_mem_arena = False  # it keeps what the widest line took
    options.log_severity_level = _ERRORS_ONLY
    return onnxruntime.InferenceSession(str(_model(task)), options, providers=["CPUExecutionProvider"])


def _model(task: str) -> Path:
    """Return the wheel's model for Chinese and English: its name bears the version, which may move."""
    found = find_spec("rapidocr")  # does not import it
    folders = found.submodule_search_locations if found else None
    for folder in folders or ():
        models = sorted(Path(folder, "models").glob(f"PP-OCR*_{task}_*.onnx"))
        if models:
            return models[-1]
    raise Unsupported("rapidocr holds no PP-OCR models", hint="install the version that constraints.txt names")


def _network(session: onnxruntime.InferenceSession) -> Network:
    name = session.get_inputs()[0].name

    def run(tensor: Floats) -> Floats:
        try:
            return np.asarray(session.run(None, {name: tensor})[0], np.float32)
        except RuntimeException as error:
            if "bad_alloc" in str(error):
                raise MemoryError(str(error)) from error
            raise

    return run
