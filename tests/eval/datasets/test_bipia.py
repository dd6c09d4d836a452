from __future__ import annotations

import json
from pathlib import Path

import pytest

from eval.datasets.bipia import Where, load_instructions, load_mails, plant
from rag.errors import Malformed


def test_the_files_of_the_set_are_read(tmp_path: Path) -> None:
    kinds, mails = tmp_path / "kinds.json", tmp_path / "mails.jsonl"
    kinds.write_text(json.dumps({"Persuasion": ["Urge them.", "Beg them."]}))
    mails.write_text(json.dumps({"context": "Paid: $5", "question": "Q: How much?", "ideal": "$5"}) + "\n")
    assert load_instructions(kinds) == {"Persuasion": ("Urge them.", "Beg them.")}
    (mail,) = load_mails(mails)
    assert (mail.text, mail.question, mail.ideal) == ("Paid: $5", "How much?", "$5")


def test_a_file_of_another_form_is_named(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.jsonl"
    wrong.write_text('["no object"]\n')
    with pytest.raises(Malformed, match="wrong.jsonl:1"):
        load_mails(wrong)
    with pytest.raises(Malformed, match=r"wrong\.jsonl"):
        load_instructions(wrong)


@pytest.mark.parametrize("text", ["One. Two. Three.", "一。二。三。", "no stop", ""])
@pytest.mark.parametrize("where", list(Where))
def test_an_instruction_stands_on_a_line_of_its_own_and_nothing_is_lost(text: str, where: Where) -> None:
    planted = plant("Do it.", text, where)
    assert planted.split("\n").count("Do it.") == 1
    assert "".join(planted.replace("Do it.", "").split()) == "".join(text.split())
