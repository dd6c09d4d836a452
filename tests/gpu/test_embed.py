from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rag.models.embed import LazyEmbedder

pytestmark = pytest.mark.gpu

TEXTS = [
    f"Passage {number} speaks of {'backups and restores ' * (number % 40)}语言模型。".strip() for number in range(200)
]


@pytest.fixture(scope="module")
def on_the_card(tmp_path_factory: pytest.TempPathFactory) -> LazyEmbedder:
    torch = pytest.importorskip("torch")
    if not torch.cuda.is_available():
        pytest.skip("torch finds no CUDA device")
    return LazyEmbedder.find("all-MiniLM-L6-v2", models=tmp_path_factory.mktemp("models"), batch_size=64)


def test_auto_takes_the_card(on_the_card: LazyEmbedder) -> None:
    assert on_the_card.device.startswith("cuda")


def test_the_card_gives_the_vectors_that_the_processor_gives(on_the_card: LazyEmbedder, tmp_path: Path) -> None:
    processor = LazyEmbedder.find("all-MiniLM-L6-v2", models=tmp_path, device="cpu")
    np.testing.assert_allclose(on_the_card.embed_passages(TEXTS), processor.embed_passages(TEXTS), atol=2e-3)
    assert on_the_card.fingerprint == processor.fingerprint
