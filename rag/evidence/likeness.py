"""How like the question each of the best sentences is in meaning, where the embedder knows its language.

By its cosine, and by how it stands to the others'. Knows nothing of words.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from rag.evidence.reading import Read

NAMES = "like unlike likelier like_before like_after".split()
COMPARED = 8  # sentences, the best by rule: an embedding takes milliseconds
NOT_COMPARED = -1.0
NO_NEIGHBOUR = -9.0  # among those that were compared


def likeness(read: Read, places: Sequence[tuple[int, int]]) -> npt.NDArray[np.float32]:
    """Return the signs of NAMES of each sentence. places: (passage, position), best by rule first.

    like: the cosine. unlike: how far it is behind the best. likelier: how many are more like the question.
    like_before, like_after: how much more like it is the sentence before, the one after.
    """
    rows = np.full((len(places), len(NAMES)), NOT_COMPARED, np.float32)
    compared = list(places[:COMPARED])
    texts = [read.readings[passage].texts[position] for passage, position in compared]
    cosines = read.alike(read.asked.question, texts) if read.alike is not None and texts else None
    if cosines is None:
        return rows
    own = dict(zip(compared, cosines, strict=True))
    for row, ((passage, position), like) in enumerate(own.items()):
        beside = [own.get((passage, position + step)) for step in (-1, 1)]
        rows[row] = [
            like,
            max(cosines) - like,
            float(sum(other > like for other in cosines)),
            *(NO_NEIGHBOUR if other is None else other - like for other in beside),
        ]
    return rows
