"""rag.rank: both legs become one ranking, each weighed by what it can know."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import pytest

from rag.fuse import Weights, fuse
from rag.library.library import Library
from rag.plan import Found, Leg, Query
from rag.ports import Matrix
from rag.rank import CLOSELY, CLOSENESS, WEIGHTS, Ranker
from tests.fakes import HashEmbedder
from tests.rag.makers import EMBEDDER, shelve

BEASTS = "Otters sleep in the river.\nBats sleep under the bridge.\nCrabs sleep in the sand.\nMoths fly at night."


class EnglishOnly(HashEmbedder):
    languages = frozenset({"en"})


def ranked(
    library: Library,
    question: str,
    *,
    embedder: HashEmbedder = EMBEDDER,
    legs: Sequence[Leg] = tuple(Leg),
    weights: Weights = WEIGHTS,
    candidates: int = 50,
) -> Found:
    library.refresh()
    ranker = Ranker(library, embedder, weights)
    return ranker.rank(Query(question, legs=frozenset(legs)), lambda text: embed(embedder, text), candidates, None)


def embed(embedder: HashEmbedder, text: str) -> Matrix:
    return embedder.embed_queries([text])


def scores(found: Found) -> list[float]:
    return [hit.score for hit in found.ranking]


@pytest.mark.parametrize("question", ["Where do otters sleep?", "zebra", "水獭在哪里睡觉？", "bridge 在哪里"])
def test_the_ranking_is_the_union_of_the_legs_each_key_once_best_first(shelf: Library, question: str) -> None:
    shelve(shelf, BEASTS, "beasts.txt")
    shelve(shelf, "水獭睡在河里。\n蝙蝠睡在桥下。", "zh.txt")
    found = ranked(shelf, question)
    keys = [hit.key for hit in found.ranking]
    assert sorted(keys) == sorted({key for leg in Leg for key in found.legs[leg]})
    assert scores(found) == sorted(scores(found), reverse=True)
    assert all(0.0 <= score <= 1.0 for score in scores(found))


def test_what_one_leg_found_has_its_true_score_of_the_other(shelf: Library) -> None:
    for number in range(12):
        shelve(shelf, f"Otter {number} sleeps in the river with {number} others.", f"{number}.txt")
    found = ranked(shelf, "Where does otter 7 sleep?", candidates=3)
    assert found.legs[Leg.DENSE].keys() >= set(list(found.legs[Leg.LEXICAL])[:3])
    asked = embed(EMBEDDER, "Where does otter 7 sleep?")[0]
    keys = list(found.legs[Leg.DENSE])
    true = shelf.vectors(keys) @ asked
    assert np.allclose([found.legs[Leg.DENSE][key] for key in keys], true, atol=2e-3)


def test_the_note_says_how_the_legs_were_weighed_and_why(shelf: Library) -> None:
    shelve(shelf, BEASTS, "beasts.txt")
    shelve(shelf, "水獭睡在河里。", "zh.txt")
    assert "of its words" in ranked(shelf, "Where do otters sleep?").note
    unknown = ranked(shelf, "水獭睡在哪里？", embedder=EnglishOnly()).note
    assert unknown.startswith("dense 0.00, ")
    assert unknown.endswith("the embedder was not trained for zh")
    assert ranked(shelf, "zebra").note == "dense 1.00, lexical 0.00, closeness 0.00: no word of it is in any document"
    assert ranked(shelf, "otters", legs=[Leg.LEXICAL]).note.endswith("words alone were asked for")
    assert ranked(shelf, "otters", legs=[Leg.DENSE]).note.endswith("nearness alone was asked for")


def test_a_leg_that_was_not_asked_gives_nothing(shelf: Library) -> None:
    shelve(shelf, BEASTS, "beasts.txt")
    assert not ranked(shelf, "otters", legs=[Leg.LEXICAL]).legs[Leg.DENSE]
    assert not ranked(shelf, "otters", legs=[Leg.DENSE]).legs[Leg.LEXICAL]


def test_without_weight_for_nearness_or_closeness_bm25_decides(shelf: Library) -> None:
    shelve(shelf, BEASTS, "beasts.txt")
    found = ranked(shelf, "sleep under the bridge at night", weights=Weights(0.0, 0.0, 1.0, 0.0))
    assert [hit.key for hit in found.ranking] == list(found.legs[Leg.LEXICAL])


def test_the_less_of_a_question_any_candidate_says_the_more_nearness_counts(shelf: Library) -> None:
    shelve(shelf, BEASTS, "beasts.txt")
    shelf.refresh()
    ranker = Ranker(shelf, EMBEDDER)
    shares = []
    for question in ("otters sleep in the river", "otters nap in the brook", "otters zzz qqq www"):
        parts = ranker.parts(Query(question), lambda text: embed(EMBEDDER, text), 50, None)
        dense, *rest = parts.weights(WEIGHTS)
        shares.append(dense / (dense + sum(rest)))
    assert shares == sorted(shares)
    assert len(set(shares)) == len(shares)


def test_only_the_best_few_are_looked_at_closely(shelf: Library) -> None:
    shelve(shelf, "\n".join(f"Otter {number} sleeps." for number in range(3 * CLOSELY)), "otters.txt")
    assert len(ranked(shelf, "Where do otters sleep?").legs[CLOSENESS]) == CLOSELY


def test_the_chunk_that_says_it_in_one_sentence_stands_first(shelf: Library) -> None:
    shelve(
        shelf,
        "The river is cold. Otters swim. A bridge stands. Sleep comes late.\n"
        "Otters sleep under the bridge by the river, and there they are warm.",
        "otters.txt",
    )
    [first, *_] = ranked(shelf, "Do otters sleep under the bridge by the river?", legs=[Leg.LEXICAL]).ranking
    assert shelf.excerpts([first.key])[first.key].endswith("warm.")


def test_an_empty_library_has_no_ranking(shelf: Library) -> None:
    found = ranked(shelf, "otters")
    assert not found.ranking
    assert found.is_all


def test_the_weights_are_no_less_than_nothing_and_closeness_cannot_decide_alone() -> None:
    parts = [WEIGHTS.dense, WEIGHTS.dense_for_missing, WEIGHTS.lexical, WEIGHTS.closeness]
    assert all(part >= 0 for part in parts)
    assert WEIGHTS.closeness < WEIGHTS.of_dense(0.5) + WEIGHTS.lexical


def test_a_better_score_of_any_leg_never_lowers_a_chunk() -> None:
    weights = [WEIGHTS.of_dense(0.5), WEIGHTS.lexical, WEIGHTS.closeness]
    others = {1: 0.9, 2: 0.4, 3: 0.1}
    for leg, (low, high) in itertools.product(range(3), itertools.combinations((0.0, 0.3, 0.6, 1.0), 2)):
        places = []
        for score in (low, high):
            legs = [{**others, 4: 0.2} for _ in range(3)]
            legs[leg][4] = score
            places.append([hit.key for hit in fuse(legs, weights)].index(4))
        assert places[1] <= places[0]
