"""What every test may ask for, and what none may have: the network, and the settings of whoever runs it."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from tests.fakes import HashEmbedder

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"

os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1", TOKENIZERS_PARALLELISM="false")
for _name in [name for name in os.environ if name.upper().startswith("FOOTNOTE_")]:
    del os.environ[_name]

# Two slow cores make time limits a lottery; what is slow is found by make bench, not by chance.
hypothesis.settings.register_profile("footnote", deadline=None, print_blob=True)
hypothesis.settings.load_profile("footnote")


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    connect = socket.socket.connect

    def local_only(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in ("127.0.0.1", "::1", "localhost"):
            pytest.fail(f"a test reached for the network: {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", local_only)


@pytest.fixture
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of third-party material beside the checkout; the test skips where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("no ../shared beside this checkout")
    return SHARED


@pytest.fixture(scope="session")
def embedder() -> HashEmbedder:
    return HashEmbedder()
