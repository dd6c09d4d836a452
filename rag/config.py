"""Settings: defaults < footnote.toml < FOOTNOTE_* < flags; unknown keys are refused.

Knows nothing of what it configures.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from rag.errors import InvalidRequest, Misconfigured

PREFIX = "FOOTNOTE_"
# Collection names become folder names, so they stay portable and cannot climb out of the data folder.
COLLECTION_NAME = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?")
RESERVED_NAMES = frozenset({"models"})
SHOW_HINT = "`footnote config show` lists every key and its value"
# Names of options that nobody is shown; those that only count tokens are none.
SECRET = re.compile(
    r"(?:^|[_-])(?:key|token|secret|passw(?:or)?d|passphrase|credentials?|authorization)$|apikey$", re.I
)


LogLevel = Annotated[
    Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"],
    BeforeValidator(lambda value: value.upper() if isinstance(value, str) else value),
]


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class EmbedderSettings(Section):
    model: str = Field("all-MiniLM-L6-v2", description="name or folder of a sentence-transformers model")
    languages: tuple[str, ...] | None = Field(None, description="ISO codes it knows; None: what its card says")
    query_prompt: str | None = Field(None, description="put before each question; None: the model's own")
    passage_prompt: str | None = Field(None, description="put before each passage; None: the model's own")
    device: str = Field("auto", description="auto, cpu, cuda or cuda:N")
    runtime: Literal["auto", "openvino", "torch"] = Field(
        "auto", description="auto: OpenVINO on a CPU where the model fits it, else torch"
    )
    batch_size: int = Field(32, ge=1, le=4096)
    dimension: int | None = Field(
        None, ge=8, description="keep so many of each vector's first numbers, where the model was trained for it"
    )


class ChunkSettings(Section):
    max_tokens: int = Field(240, ge=16, description="in the embedder's tokens; cut down to what it can read")
    overlap_sentences: int = Field(0, ge=0, le=4)


class IngestSettings(Section):
    processes: int = Field(0, ge=0, le=256, description="that read files side by side; 0: one a processor")
    max_file_mb: int = Field(200, ge=1, description="a larger file is skipped, and its row says so")
    max_pages: int = Field(5000, ge=1)
    max_seconds: int = Field(120, ge=1, description="that reading one file may take, not counting OCR of its pages")
    max_memory_mb: int = Field(4096, ge=256, description="that reading one file may take")
    max_expansion: int = Field(100, ge=1, description="bytes unpacked, or of memory, to one byte of a file")
    max_nesting: int = Field(3, ge=0, le=20, description="files within files: archives, attachments")
    max_members: int = Field(10_000, ge=1, description="files of one archive")
    passwords: tuple[SecretStr, ...] = Field((), description="tried on encrypted files")
    ocr: bool = Field(True, description="read scans and pictures, where the ocr extra is installed")
    privacy: Literal["off", "flag", "mask"] = Field("off", description="what is done about personal data")
    ignore: tuple[str, ...] = Field((), description="patterns as in .gitignore, beside those of .footnoteignore")
    include: tuple[str, ...] = Field((), description="patterns; other files are skipped. None: every file")
    readers: dict[str, str] = Field({}, description="suffix or type to a LlamaIndex reader's import path")


class RetrieveSettings(Section):
    candidates: int = Field(100, ge=1, le=10_000, description="taken from each leg before fusion")
    keep: int = Field(8, ge=1, le=100, description="passages handed to the generator")
    budget_characters: int = Field(12_000, ge=500, description="of all passages together, after widening")
    diversity: float = Field(0.0, ge=0.0, le=1.0, description="0: the best first; 1: the most different first (MMR)")
    stages: tuple[Literal["follow_up", "parts", "translate", "multi_query", "hyde", "hop"], ...] = Field(
        ("follow_up", "parts", "translate", "hop"),
        description="done to a question, in this order; translate, multi_query and hyde only where an LLM is set",
    )
    writer_seconds: float = Field(20.0, gt=0, description="that an LLM may take for one of them; then rules do it")


class RerankSettings(Section):
    model: str | None = Field(None, description="name or folder of a CrossEncoder; none by default")
    device: str = Field("auto", description="auto, cpu, cuda or cuda:N")
    candidates: int = Field(40, ge=1, le=1000, description="of the fused ranking that it looks at")
    budget_ms: int = Field(400, ge=1, description="when it is spent, the rest keep their order behind those read")


class AnswerSettings(Section):
    generator: str = Field(
        "extractive", description="extractive, transformers, openai, or the import path of a LlamaIndex LLM"
    )
    accepted_error: float = Field(
        0.03, ge=0.0, le=1.0, description="share of the questions that the documents do answer that may be refused"
    )
    min_confidence: float | None = Field(
        None, ge=0.0, le=1.0, description="below it the answer is refused; None: by accepted_error and the language"
    )
    unsupported: Literal["flag", "drop", "retry"] = Field(
        "flag",
        description="done with a generated sentence that its source does not say; retry: ask once more, then flag",
    )
    entailment: str | None = Field(None, description="name or folder of an NLI model that helps to check sentences")
    keep_conversations_days: int = Field(90, ge=0, le=36_500, description="since their last question; 0: for good")


class LlmSettings(Section):
    """What answer.generator needs when it is not extractive."""

    model: str | None = Field(None, description="name or folder of a causal LM; for openai, the server's name for it")
    adapter: str | None = Field(None, description="folder of a LoRA adapter; transformers only")
    device: str = Field("auto", description="auto, cpu, cuda or cuda:N")
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = Field("auto", description="auto: bfloat16 on a card")
    quantisation: Literal["none", "8bit", "4bit"] = Field("none", description="through bitsandbytes, on a card")
    base_url: str | None = Field(None, description="of an OpenAI-compatible server, as http://127.0.0.1:11434/v1")
    api_key: SecretStr | None = Field(None, description="where that server wants one")
    context_tokens: int | None = Field(
        None, ge=256, description="prompt and answer; None: what the model's config says; 8192 for openai"
    )
    max_tokens: int = Field(512, ge=1, description="of an answer")
    temperature: float = Field(0.0, ge=0.0, le=2.0, description="0: always the likeliest word")
    top_p: float = Field(1.0, gt=0.0, le=1.0)
    seed: int = Field(0, ge=0)
    stop: tuple[str, ...] = Field((), description="an answer ends before any of these")
    concurrent: int = Field(16, ge=1, le=1024, description="answers that share the model at once; transformers only")
    deadline_seconds: float = Field(120.0, gt=0, description="that a whole answer may take")
    first_token_seconds: float = Field(60.0, gt=0, description="that its first word may take, and a silence later")
    retries: int = Field(2, ge=0, le=10, description="where the server does not answer; openai only")
    options: dict[str, Any] = Field(
        {}, description="keyword arguments of a LlamaIndex LLM; for openai, further fields of a request"
    )

    def __hash__(self) -> int:
        """Options are a dict, which has none of its own."""
        return hash(repr(self))


class ServerSettings(Section):
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=0, le=65535)
    ui_port: int = Field(8501, ge=0, le=65535)
    concurrent_answers: int | None = Field(
        None,
        ge=1,
        description="more askers wait, then get 503 with Retry-After; None: 4, or llm.concurrent",
    )
    waiting_answers: int = Field(64, ge=0)
    max_upload_mb: int = Field(200, ge=1)
    ingest_roots: tuple[Path, ...] = Field((), description="folders that POST /jobs may read; none by default")


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True, toml_file="footnote.toml"
    )

    data: Path = Field(Path("data"), description="where everything lives")
    collection: str = Field("default", description="used where none is named")
    log_level: LogLevel = "INFO"
    embedder: EmbedderSettings = EmbedderSettings()
    chunk: ChunkSettings = ChunkSettings()
    ingest: IngestSettings = IngestSettings()
    retrieve: RetrieveSettings = RetrieveSettings()
    rerank: RerankSettings = RerankSettings()
    answer: AnswerSettings = AnswerSettings()
    llm: LlmSettings = LlmSettings()
    server: ServerSettings = ServerSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


def load_settings(**flags: Any) -> Settings:
    """Read the settings of this folder and environment; flags that are None were not given.

    Raises Misconfigured, naming the key and the nearest one that exists.
    """
    _refuse_unknown_environment(os.environ)
    try:
        return Settings(**{name: value for name, value in flags.items() if value is not None})
    except ValidationError as error:
        faults = [(".".join(map(str, item["loc"])), item) for item in error.errors()]
        unknown = [key for key, item in faults if item["type"] == "extra_forbidden"]
        lines = [f"{key} is not a setting" if key in unknown else f"{key}: {item['msg']}" for key, item in faults]
        hint = _nearest(unknown[0], _known_keys()) if unknown else SHOW_HINT
        raise Misconfigured("settings: " + "; ".join(lines), hint=hint) from error
    except SettingsError as error:  # a variable that holds a whole section is not JSON
        raise Misconfigured(f"settings: {error}: {error.__cause__}", hint=SHOW_HINT) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise Misconfigured(f"footnote.toml: {error}", hint="mend the file, or move it away") from error


def is_secret(name: str) -> bool:
    """Tell whether an option of this name is one to be hidden."""
    return SECRET.search(name) is not None


def check_collection_name(name: str) -> str:
    """Return the name, or raise InvalidRequest: it becomes a folder's name."""
    if not COLLECTION_NAME.fullmatch(name) or name in RESERVED_NAMES:
        raise InvalidRequest(
            f"{name!r} cannot be a collection's name",
            hint="use 1 to 64 of a-z, 0-9, - and _, beginning and ending with a letter or digit; not 'models'",
        )
    return name


def _known_keys() -> list[str]:
    keys = []
    for name, field in Settings.model_fields.items():
        annotation = field.annotation
        if isinstance(annotation, type) and issubclass(annotation, Section):
            keys += [f"{name}.{inner}" for inner in annotation.model_fields]
        keys.append(name)
    return keys


def _refuse_unknown_environment(environment: Mapping[str, str]) -> None:
    known = [f"{PREFIX}{key.replace('.', '__')}".upper() for key in _known_keys()]
    for name in environment:
        if name.upper().startswith(PREFIX) and name.upper() not in known:
            raise Misconfigured(f"{name} is not a setting", hint=_nearest(name.upper(), known))


def _nearest(name: str, known: Iterable[str]) -> str:
    nearest = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {nearest[0]}?" if nearest else SHOW_HINT
