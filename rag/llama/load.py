"""Make an LLM of LlamaIndex's from its import path and options. Knows nothing of any one LLM."""

from __future__ import annotations

import difflib
import importlib
import inspect
import logging
from collections.abc import Mapping
from typing import Any

from llama_index.core.base.llms.base import BaseLLM
from llama_index.core.bridge.pydantic import ValidationError

from rag.config import is_secret
from rag.errors import Misconfigured

CORE = ("llama_index.core.", "pydantic.")  # where a class takes its fields and nothing else

log = logging.getLogger(__name__)


def find_llm(path: str) -> type[BaseLLM]:
    """Return the class that a path names, as "package.module:Class" or "package.module.Class".

    Raises Misconfigured where it cannot be imported, and where it is no LLM.
    """
    module, _, name = path.replace(":", ".").rpartition(".")
    try:
        found = getattr(importlib.import_module(module), name)
    except (ImportError, ValueError) as error:
        message = f"answer.generator: {path} cannot be imported: {error}"
        raise Misconfigured(message, hint=f"pip install {_package(module)}, or mend answer.generator") from error
    except AttributeError as error:
        message = f"answer.generator: there is no {name} in {module}"
        raise Misconfigured(message, hint="it names a class, as package.module:Class") from error
    if not (inspect.isclass(found) and issubclass(found, BaseLLM)):
        hint = "it names a class of LlamaIndex's LLMs, as llama_index.llms.ollama:Ollama"
        raise Misconfigured(f"answer.generator: {path} is no LLM", hint=hint)
    return found


def load_llm(path: str, options: Mapping[str, Any]) -> BaseLLM:
    """Make it with the options as keyword arguments. Raises Misconfigured, in which no secret of theirs stands."""
    made = find_llm(path)
    _check_names(made, options)
    try:
        return made(**options)
    except ValidationError as error:  # its own text repeats what was given
        faults = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
        raise Misconfigured(f"llm.options: {path}: {faults}", hint="they are its keyword arguments") from None
    except Exception as error:  # noqa: BLE001  an edge: somebody else's code, whose words may hold a key
        message = f"llm.options: {path} cannot be made: {type(error).__name__}: {_without_secrets(str(error), options)}"
        raise Misconfigured(
            message, hint="see what it wants to be made with, and whether it is all installed"
        ) from None


def _check_names(made: type[BaseLLM], options: Mapping[str, Any]) -> None:
    """Refuse what it does not take: pydantic would pass it over in silence."""
    parameters = inspect.signature(made).parameters
    known = {
        *parameters,
        *made.model_fields,
        *(str(field.alias) for field in made.model_fields.values() if field.alias),
    }
    unknown = [name for name in options if name not in known]
    if not unknown or any(one.kind is one.VAR_KEYWORD for one in parameters.values()):
        return
    maker = next(one for one in made.__mro__ if "__init__" in vars(one))
    own = inspect.signature(vars(maker)["__init__"]).parameters.values()
    if not maker.__module__.startswith(CORE) and any(one.kind is one.VAR_KEYWORD for one in own):
        log.warning("llm.options: %s may not know %s", made.__name__, ", ".join(unknown))
        return
    nearest = difflib.get_close_matches(unknown[0], known, n=1)
    hint = f"did you mean {nearest[0]}?" if nearest else f"it takes {', '.join(sorted(known))}"
    raise Misconfigured(f"llm.options: {made.__name__} takes no {', '.join(unknown)}", hint=hint)


def _without_secrets(text: str, options: Mapping[str, Any]) -> str:
    for name, value in options.items():
        if is_secret(name) and isinstance(value, str) and value:
            text = text.replace(value, "***")
    return text


def _package(module: str) -> str:
    """Guess what to install for a module: llama_index.llms.ollama comes in llama-index-llms-ollama."""
    parts = module.split(".")
    distribution = parts[:3] if parts[0] == "llama_index" else parts[:1]
    return "-".join(distribution).replace("_", "-") or "the package that it is in"
