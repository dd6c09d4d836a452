"""eval.tune_fusion: weights are learnt from what the parts say of right and wrong candidates."""

from random import Random

import numpy as np
import pytest

from eval.tune_fusion import SCALE, UNKNOWN, Example, fold_of, learn, reworded
from rag.rank import Parts


def example(dice: Random, *, telling: int) -> Example:
    """Five candidates, of which one part alone tells the right one, most of the time."""
    rows = np.array([[dice.random() for _ in range(4)] for _ in range(5)])
    right = dice.randrange(5)
    rows[right, telling] += 0.5
    return Example(Parts({}, {}, {}, 0.0, {}, True, ""), rows, np.eye(5)[right], {}, {}, 0)


@pytest.mark.parametrize("telling", range(4))
def test_the_part_that_tells_the_right_candidate_gets_the_weight(telling: int) -> None:
    dice = Random(7)
    weights = learn([[example(dice, telling=telling) for _ in range(200)]])
    parts = [weights.dense, weights.dense_for_missing, weights.lexical, weights.closeness]
    assert parts[telling] > SCALE / 2
    assert sum(parts) == pytest.approx(SCALE, abs=0.05)
    assert min(parts) >= 0.0


def test_rewording_is_the_same_every_time_and_leaves_the_words_that_tell_nothing() -> None:
    text = "which of the otters sleeps in the river and what is it that they eat at night?"
    changed = reworded(text, UNKNOWN).split()
    assert changed == reworded(text, UNKNOWN).split()
    assert len(changed) == len(text.split())
    assert any(word.startswith("qx") for word in changed)
    assert {"of", "the", "in"} <= set(changed)
    assert reworded(text, 0.0) == text


def test_translations_of_an_article_stay_together() -> None:
    assert len({fold_of("Otter") for _ in range(3)}) == 1
    assert len({fold_of(str(number)) for number in range(50)}) == 5
