"""eval.bench.generate: the model that it makes is asked both ways, answer by answer."""

from __future__ import annotations

from pathlib import Path

from eval.bench.generate import make_model, measure


def test_every_answer_is_held_to_the_one_that_is_given_alone(tmp_path: Path) -> None:
    folder = make_model(tmp_path / "made", layers=1, hidden=64)
    report = measure(folder, askers=3, rounds=1, first=2, loads={"short": (8, 6)})
    row = report["loads"]["short"]
    assert row["identical"] == "3 of 3"
    assert (row["prompt_tokens"], row["answer_tokens"]) == (10, 6)
    assert len(row["each_round"]) == 1
    assert report["first_token"]["prompts"] == 2
