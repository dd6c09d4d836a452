"""rag.evidence.trees: many small trees, added up; and those that are shipped."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from rag.evidence.sentences import LEARNT, learnt
from rag.evidence.signs import NAMES
from rag.evidence.trees import Trees

LARGEST = 300_000  # bytes of the file


def test_trees_add_up_what_their_leaves_say(tmp_path: Path) -> None:
    file = tmp_path / "two.json"
    file.write_text(
        json.dumps(
            {
                "columns": ["a", "b"],
                "depth": 2,
                "roots": [0, 5],
                "column": [0, 0, 1, 0, 0, 0],
                "limit": [0.5, 0.0, 2.0, 0.0, 0.0, 0.0],
                "right": [2, 1, 4, 3, 4, 5],
                "value": [0.0, 1.0, 0.0, 10.0, 20.0, 0.25],
            }
        )
    )
    rows = np.array([[0.5, 9.0], [0.6, 2.0], [0.6, 2.5]], np.float32)
    assert Trees.read(file).score(rows).tolist() == [1.25, 10.25, 20.25]


def test_the_trees_that_are_shipped_were_learnt_from_the_signs_that_are_looked_for() -> None:
    assert list(learnt().columns) == NAMES
    assert LEARNT.stat().st_size < LARGEST


def test_every_tree_ends_within_the_depth_that_is_told() -> None:
    trees = learnt()
    rows = np.random.default_rng(0).normal(size=(16, len(NAMES))).astype(np.float32)
    deeper = Trees(trees.columns, trees.roots, trees.column, trees.limit, trees.right, trees.value, trees.depth + 5)
    assert np.array_equal(trees.score(rows), deeper.score(rows))
