"""The hybrid is never below its better leg, whether the embedder knows the language or not."""

from pathlib import Path

import pytest

from eval.asking import Scope
from eval.datasets.load import load_dataset
from eval.run import Run, evaluate
from rag.build import build_embedder
from rag.config import load_settings
from rag.errors import ModelNotFound


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_hybrid_is_never_below_its_better_leg(tmp_path: Path, shared: Path, language: str) -> None:
    file = shared / "data" / "xquad" / f"xquad.{language}.json"
    settings = load_settings(data=tmp_path)
    try:
        embedder = build_embedder(settings)
    except ModelNotFound as error:
        pytest.skip(str(error))
    dataset = load_dataset(f"squad:{file}").limited(300)
    run = Run(dataset, settings, embedder, Scope.RETRIEVAL, tmp_path / "run", {})
    summary = evaluate(run, lambda _doing, _done, _of: None)
    hybrid, legs = summary["retrieval"], summary["legs"]
    for figure in ("recall@1", "mrr@10"):
        assert hybrid[figure] >= max(legs["dense"][figure], legs["lexical"][figure])
