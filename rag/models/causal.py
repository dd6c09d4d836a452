"""Find, check and load a causal language model, and an adapter over it. Knows nothing of messages or of answers.

Its files are looked at when it is found; torch and the weights are loaded when first wanted.
"""

from __future__ import annotations

import importlib.util
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from rag.errors import Misconfigured, ModelError, ModelNotFound
from rag.models.card import read_json, refuse_pickles
from rag.models.choose import NVIDIA_DRIVER
from rag.models.find import canonical_name, find_model
from rag.models.reference import check_device, choose_device, quiet_loading

if TYPE_CHECKING:
    import torch

DType = Literal["auto", "float32", "bfloat16", "float16"]
Quantisation = Literal["none", "8bit", "4bit"]

ORGANISATION = "Qwen"  # on the hub, of a name without one
DEVICE_SETTING = "llm.device"
# What the name of an architecture ends in that writes; the last also of one that reads with an encoder.
WRITERS = ("ForCausalLM", "LMHeadModel", "ForConditionalGeneration")
# How configs name the number of tokens that a model was made for: most; GPT-2; MPT; older ones.
WINDOW_KEYS = ("max_position_embeddings", "n_positions", "max_seq_len", "n_ctx", "seq_length")
UNTOLD_WINDOW = 4096
ADAPTER_WEIGHTS = "adapter_model.safetensors"


@dataclass(frozen=True, slots=True)
class CausalCard:
    name: str
    folder: Path
    window_tokens: int  # prompt and answer together
    adapter: Path | None
    device: str
    dtype: DType
    quantisation: Quantisation


def find_causal(
    name: str,
    *,
    models: Path,
    device: str = "auto",
    dtype: DType = "auto",
    quantisation: Quantisation = "none",
    adapter: str | None = None,
) -> CausalCard:
    """Find a causal LM by name or folder, and look whether it and its adapter can be what they are wanted for.

    Raises ModelNotFound, ModelError, Misconfigured.
    """
    check_device(device, DEVICE_SETTING)
    _check_quantisation(quantisation, device)
    folder = find_model(name, models, organisation=ORGANISATION)
    refuse_pickles(folder)
    _check_writes(folder)
    found = Path(adapter).expanduser() if adapter is not None else None
    own = canonical_name(name)
    if found is not None:
        _check_adapter(found)
        own = f"{own}+{found.absolute().name}"
    return CausalCard(own, folder, _window(folder), found, device, dtype, quantisation)


def load_causal(card: CausalCard) -> Any:
    """Return the model, ready to run: a transformers.PreTrainedModel. Raises ModelError, Misconfigured."""
    import torch
    from safetensors import SafetensorError
    from transformers import AutoModelForCausalLM

    device = choose_device(card.device, torch.cuda.is_available(), DEVICE_SETTING)
    if card.quantisation != "none" and device == "cpu":
        raise _needs_card(card.quantisation)
    try:
        with quiet_loading():
            loaded: Any = AutoModelForCausalLM.from_pretrained(
                str(card.folder),
                trust_remote_code=False,
                local_files_only=True,
                use_safetensors=True,
                output_loading_info=True,
                dtype=_dtype(card.dtype, device),
                **_quantised(card.quantisation, device),
            )
        model, report = loaded
        if card.quantisation == "none":
            model = model.to(device)
    except (OSError, ValueError, RuntimeError, KeyError, ImportError, AttributeError, SafetensorError) as error:
        no_room = isinstance(error, torch.OutOfMemoryError)
        raise ModelError(
            f"{card.folder}: transformers cannot load it as a causal language model: {error}",
            hint="take a smaller model, or fewer bits (llm.quantisation)"
            if no_room
            else "bring the model's folder anew, or set llm.model to another",
        ) from error
    lacking = sorted([*report["missing_keys"], *(str(key[0]) for key in report["mismatched_keys"])])
    if lacking:
        raise ModelError(
            f"{card.folder} lacks {len(lacking)} of its weights, the first is {lacking[0]}",
            hint="bring the model's folder anew: what is missing would be made up at random",
        )
    if card.adapter is not None:
        model = _adapted(model, card.adapter, card.quantisation)
    return model.eval()


def _check_writes(folder: Path) -> None:
    """Raises ModelError for what is no causal language model."""
    if (folder / "adapter_config.json").is_file() and not (folder / "config.json").is_file():
        raise ModelError(f"{folder} is an adapter", hint="name it in llm.adapter, and its base model in llm.model")
    config = read_json(folder / "config.json")
    architecture = str(next(iter(config.get("architectures") or []), ""))
    if not architecture.endswith(WRITERS) or config.get("is_encoder_decoder"):
        raise ModelError(
            f"{folder} is no causal language model: its architecture is {architecture or 'not told'}",
            hint="llm.model wants a chat model; embedder.model and rerank.model are for the others",
        )


def _window(folder: Path) -> int:
    config = read_json(folder / "config.json")
    inner = config.get("text_config")
    told = [part[key] for part in (config, inner) if isinstance(part, dict) for key in WINDOW_KEYS if part.get(key)]
    return int(told[0]) if told else UNTOLD_WINDOW


def _check_quantisation(quantisation: Quantisation, device: str) -> None:
    if quantisation == "none":
        return
    if device == "cpu" or not NVIDIA_DRIVER.exists():
        raise _needs_card(quantisation)
    if importlib.util.find_spec("bitsandbytes") is None:
        raise Misconfigured(
            f"llm.quantisation is {quantisation!r}, and bitsandbytes is not installed",
            hint="install the gpu extra, or set llm.quantisation to none",
        )


def _needs_card(quantisation: Quantisation) -> Misconfigured:
    return Misconfigured(
        f"llm.quantisation is {quantisation!r}, and there is no NVIDIA card to run on",
        hint="set llm.quantisation to none; on a processor, llama.cpp or Ollama serve quantised models "
        "(answer.generator: openai)",
    )


def _check_adapter(folder: Path) -> None:
    """Raises ModelNotFound, ModelError, Misconfigured without peft."""
    if not (folder / "adapter_config.json").is_file():
        raise ModelNotFound(
            f"llm.adapter: {folder} {'has no adapter_config.json' if folder.is_dir() else 'is not there'}",
            hint="name the folder that peft saved the adapter in",
        )
    if not (folder / ADAPTER_WEIGHTS).is_file():
        raise ModelError(
            f"llm.adapter: {folder} has no {ADAPTER_WEIGHTS}; a pickle (adapter_model.bin) is not read",
            hint="save it anew with safe_serialization, where you trust it",
        )
    kind = read_json(folder / "adapter_config.json").get("peft_type")
    if kind != "LORA":
        raise ModelError(f"llm.adapter: {folder} is of type {kind}, and only LORA is taken")
    if importlib.util.find_spec("peft") is None:
        raise Misconfigured("llm.adapter is set, and peft is not installed", hint="install the lora extra")


def _dtype(wanted: DType, device: str) -> torch.dtype:
    import torch

    if wanted == "auto":
        return torch.float32 if device == "cpu" else torch.bfloat16
    return {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}[wanted]


def _quantised(quantisation: Quantisation, device: str) -> dict[str, Any]:
    """What from_pretrained is told for 8 and 4 bits, where the weights go to the card as they are read."""
    if quantisation == "none":
        return {}
    import torch
    from transformers import BitsAndBytesConfig

    if quantisation == "8bit":
        config = BitsAndBytesConfig(load_in_8bit=True)  # type: ignore[no-untyped-call]
    else:
        config = BitsAndBytesConfig(  # type: ignore[no-untyped-call]
            load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=torch.bfloat16
        )
    return {"quantization_config": config, "device_map": {"": device}}


def _adapted(model: Any, folder: Path, quantisation: Quantisation) -> Any:
    """Return the model with the adapter's weights added to its own; beside them where those are quantised.

    Raises ModelError where the adapter was made for another model.
    """
    from peft import PeftModel, get_peft_model_state_dict
    from safetensors import SafetensorError, safe_open

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # peft says what transformers will call otherwise one day
            warnings.filterwarnings("error", message=".*missing adapter keys.*")
            adapted: Any = PeftModel.from_pretrained(model, str(folder), is_trainable=False, local_files_only=True)
        with safe_open(folder / ADAPTER_WEIGHTS, framework="pt") as file:
            brought = {key for key in file.keys() if "lora_" in key}  # noqa: SIM118  (it is no mapping)
        unused = brought - set(get_peft_model_state_dict(adapted, save_embedding_layers=False))
        if unused:
            raise ValueError(f"it has no place for {len(unused)} of the adapter's weights, as {min(unused)}")
    except (OSError, ValueError, RuntimeError, KeyError, TypeError, UserWarning, SafetensorError) as error:
        raise ModelError(
            f"llm.adapter: {folder} does not fit {type(model).__name__}: {error}",
            hint="an adapter fits the one base model that it was trained over; set llm.model to that",
        ) from error
    return adapted.merge_and_unload() if quantisation == "none" else adapted.get_base_model()
