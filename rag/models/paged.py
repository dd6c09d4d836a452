"""Attention for a batch of many requests on a processor: each request looks at its own tokens and at no others.

transformers packs the requests of a step into one row. Its sdpa then lets every token look at all of them through a
mask, and throws away what does not belong: with eight askers seven eighths of the work. Flash attention knows where
each request begins, and needs a card. This does the same with torch's own kernel, a request at a time.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import torch
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface

# By "flash" in the name it is told where each request begins, and no mask as wide as the cache is made.
NAME = "flash_on_a_processor"


def look_back(
    module: Any,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,  # noqa: ARG001  (there is none)
    *,
    cu_seq_lens_q: torch.Tensor,
    cache: Any,
    scaling: float | None = None,
    sliding_window: int | None = None,
    **more: Any,
) -> tuple[torch.Tensor, None]:
    """Return (1, tokens, heads, width) for query (1, heads, tokens, width); key and value have the new tokens alone.

    cu_seq_lens_q: where each request begins, and the end. The cache puts what each knew before its new tokens.
    """
    key, value = cache.update(key_states=key, value_states=value, layer_idx=module.layer_idx, kwargs=more)
    groups = query.shape[1] // key.shape[1]
    seen = torch.empty((*query.shape[:3], value.shape[3]), dtype=query.dtype)
    spans = zip(pairwise(cu_seq_lens_q.tolist()), pairwise(more["cu_seq_lens_k"].tolist()), strict=True)
    for (first, last), (known, end) in spans:
        asked, keys, values = query[:, :, first:last], key[:, :, known:end], value[:, :, known:end]
        mask = _mask(last - first, end - known, sliding_window)
        if last - first == 1:  # heads that share a key stand where further tokens would: nothing is copied
            asked = asked.reshape(1, key.shape[1], groups, -1)
            found = scaled_dot_product_attention(asked, keys, values, attn_mask=mask, scale=scaling)
            seen[:, :, first:last] = found.reshape(1, query.shape[1], 1, -1)
            continue
        keys, values = (part.repeat_interleave(groups, dim=1) for part in (keys, values))
        whole = mask is None
        seen[:, :, first:last] = scaled_dot_product_attention(
            asked, keys, values, attn_mask=mask, is_causal=whole, scale=scaling
        )
    return seen.transpose(1, 2).contiguous(), None


def _mask(new: int, known: int, sliding_window: int | None) -> torch.Tensor | None:
    """Return which of the known tokens, the new ones at their end, each new one sees; None: all up to itself."""
    slides = sliding_window is not None and known > sliding_window
    if not slides and new in (1, known):
        return None
    place = torch.arange(known - new, known)[:, None]
    sees = torch.arange(known)[None, :] <= place
    if sliding_window is not None:
        sees &= torch.arange(known)[None, :] > place - sliding_window
    return sees


def look_back_on_a_processor(model: Any) -> None:
    """Have a model on a processor attend so, where it would by sdpa; others stay as they are."""
    if model.device.type == "cpu" and model.config._attn_implementation == "sdpa":
        AttentionInterface.register(NAME, look_back)
        model.config._attn_implementation = NAME  # the model's own method would look for a package of that name
