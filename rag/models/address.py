"""Where a server is, and what opens it, as the settings give them."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from rag.errors import Misconfigured

EXAMPLE = "as http://127.0.0.1:11434/v1"
ROUTE = "/chat/completions"  # which people copy along


def checked_address(base_url: str) -> str:
    """Return the address that all its routes share. Raises Misconfigured, and never repeats a password in it."""
    address = base_url.strip().rstrip("/").removesuffix(ROUTE)
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError as error:
        raise Misconfigured(f"llm.base_url is no address: {error}", hint=EXAMPLE) from None
    if parts.username is not None or parts.password is not None:
        raise Misconfigured("llm.base_url holds a name or a password", hint="take it out; a key goes into llm.api_key")
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise Misconfigured(f"llm.base_url is no address: {address!r}", hint=EXAMPLE)
    if parts.query or parts.fragment:
        raise Misconfigured(f"llm.base_url goes on after its path: {parts.path!r}", hint=EXAMPLE)
    return address


def checked_key(key: str | None) -> str | None:
    """Return the key as a header can carry it; None for an empty one. Raises Misconfigured, without the key."""
    key = (key or "").strip()
    if not key.isascii() or not key.isprintable():
        raise Misconfigured("llm.api_key has characters that no header can carry", hint="copy it anew")
    return key or None


def is_loopback(address: str) -> bool:
    host = urlsplit(address).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
