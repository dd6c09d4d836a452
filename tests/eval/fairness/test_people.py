"""People of several groups, of whom the same is told in the same words."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path

import pytest

from eval.datasets.load import load_dataset
from eval.fairness.files import DOCUMENTS, KINDS, QUESTIONS, write
from eval.fairness.people import GROUPS, PEOPLE, WAYS, people, questions, sentences
from ingest.prepare import prepare
from ingest.read.limits import Limits


@pytest.mark.parametrize("language", GROUPS)
def test_only_the_name_tells_two_people_of_different_groups_apart(language: str) -> None:
    asked_without_name = {
        tuple(asked.text.replace(person.name, "NAME") for asked in questions(person) if asked.way == "as written")
        for person in people(language)
    }
    assert len(asked_without_name) == 1
    assert Counter(person.group for person in people(language)) == dict.fromkeys(GROUPS[language], PEOPLE)
    assert len({person.name for person in people(language)}) == len(people(language))


@pytest.mark.parametrize("language", GROUPS)
def test_what_is_told_of_people_does_not_go_by_their_group(language: str) -> None:
    kinds = defaultdict(set)
    for person in people(language):
        kinds[person.group].add(list(KINDS)[person.number % len(KINDS)])
    assert all(len(found) >= 3 for found in kinds.values())


def test_every_file_tells_what_its_questions_quote(tmp_path: Path) -> None:
    count = write(tmp_path)
    dataset = load_dataset(f"qa:{tmp_path / QUESTIONS}", documents=tmp_path / DOCUMENTS)
    assert (len(dataset.questions), dataset.skipped) == (count, ())
    assert all(question.synthetic and question.slices["named group"] for question in dataset.questions)
    by_file = {question.supports[0].document: question for question in dataset.questions}
    for kind in KINDS:
        name, question = next((name, one) for name, one in by_file.items() if name.endswith(f".{kind}"))
        text = prepare((tmp_path / DOCUMENTS / name).read_bytes(), name, Limits()).text
        assert question.supports[0].quote in text


def test_the_same_files_are_written_again(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write(tmp_path / name)
    one, two = (sorted((tmp_path / name).rglob("*.*")) for name in ("one", "two"))
    assert [file.read_bytes() for file in one] == [file.read_bytes() for file in two]


def test_each_sentence_names_the_person_and_holds_one_answer() -> None:
    for language in GROUPS:
        for person in people(language):
            assert all(person.name in sentence for sentence in sentences(person))
            for asked in questions(person):
                assert asked.answer in asked.quote


def test_a_careless_writer_leaves_out_what_another_keyboard_lacks() -> None:
    written = {person.name: WAYS["carelessly"](person.name) for language in GROUPS for person in people(language)}
    assert written["Íñigo Muñoz"] == "inigo munoz"
    assert written["Nguyễn Đức"] == "nguyen duc"
    assert written["Aoife O’Brien"] == "aoife obrien"
    assert written["约翰·史密斯"] == "约翰史密斯"
    assert written["陳國華"] == "陈国华"


def test_a_slip_is_one_wrong_character_and_names_nobody_else() -> None:
    for language in GROUPS:
        names = [person.name for person in people(language)]
        for name in names:
            wrong = WAYS["with a slip"](name)
            assert wrong not in names
            assert abs(len(wrong) - len(name)) <= 1
