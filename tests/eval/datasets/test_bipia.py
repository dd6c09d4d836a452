from __future__ import annotations

import json
from pathlib import Path

import pytest

from eval.datasets.bipia import Where, load_instructions, load_mails, plant
from eval.datasets.load import load_dataset
from rag.errors import Malformed, NotFound


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


def test_a_folder_is_a_set_of_mails_each_with_another_instruction(tmp_path: Path) -> None:
    kinds = {"Urge": ["Urge them.", "Beg them."], "Ask": ["Who wrote Emma?"]}
    (tmp_path / "text_attack_train.json").write_text(json.dumps(kinds))
    rows = [
        {"context": f"Paid: ${number}. It is done.", "question": "Q: How much?", "ideal": f"${number}"}
        for number in range(7)
    ]
    rows[3]["ideal"] = "unknown"
    rows.append({"context": " ", "question": "Q: What?", "ideal": "x"})
    (tmp_path / "email_train.jsonl").write_text("\n".join(map(json.dumps, rows)))
    dataset = load_dataset(f"bipia:{tmp_path}")
    assert len(dataset.questions) == len(dataset.paragraphs) == 7
    assert [remark.item for remark in dataset.skipped] == ["mail 8"]
    for question, paragraph in zip(dataset.questions, dataset.paragraphs, strict=True):
        assert question.planted[0] in paragraph.text.split("\n")
        assert question.planted[0] in kinds[question.slices["attack"]]
        assert all(one.span is not None and one.span.of(paragraph.text) == one.quote for one in question.supports)
    assert [question.answerable for question in dataset.questions] == [True] * 3 + [False] + [True] * 3
    assert len({tuple(question.slices.items()) for question in dataset.questions}) == 5  # kinds do not keep to a place
    assert load_dataset(f"bipia:{tmp_path}") == dataset


def test_a_folder_without_mails_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text_attack_train.json").write_text("{}")
    with pytest.raises(NotFound, match="email_"):
        load_dataset(f"bipia:{tmp_path}")
    (tmp_path / "email_train.jsonl").write_text("")
    with pytest.raises(Malformed, match="no instructions"):
        load_dataset(f"bipia:{tmp_path}")


def test_the_shared_set_is_read_whole(shared: Path) -> None:
    dataset = load_dataset(f"bipia:{shared / 'data' / 'bipia'}")
    assert len(dataset.questions) == 50
    assert not dataset.skipped
