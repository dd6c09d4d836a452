"""An LLM of LlamaIndex's that knows how many of its streams are open. Imports LlamaIndex."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from llama_index.core.base.llms.types import CompletionResponse, LLMMetadata
from llama_index.core.bridge.pydantic import PrivateAttr
from llama_index.core.llms import CustomLLM

from tests.fakes import Streams


class CountingLLM(CustomLLM):
    """Says its pieces, whatever it is asked."""

    pieces: list[str]
    _streams: Streams = PrivateAttr(default_factory=Streams)

    @property
    def streams(self) -> Streams:
        return self._streams

    @property
    def metadata(self) -> LLMMetadata:
        return LLMMetadata(model_name="counting")

    def complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponse:
        return CompletionResponse(text="".join(self.pieces))

    def stream_complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> Iterator[CompletionResponse]:  # type: ignore[override]
        with self._streams.one():
            for number, piece in enumerate(self.pieces, 1):
                yield CompletionResponse(text="".join(self.pieces[:number]), delta=piece)
