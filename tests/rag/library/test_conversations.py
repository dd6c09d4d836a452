"""rag.library.conversations: what was asked stays until it is removed, whoever asks at the same time."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rag.errors import Conflict, LibraryDamaged, LibraryMismatch, NotFound
from rag.library import conversations as module
from rag.library.conversations import FILE_NAME, Conversations
from rag.types import Turn


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def kept(tmp_path: Path, clock: Clock) -> Iterator[Conversations]:
    with Conversations(tmp_path, keep_days=30, clock=clock) as kept:
        yield kept


def ask(kept: Conversations, conversation: str, question: str, answer: str = "Yes. [1]") -> tuple[Turn, ...]:
    begun = kept.begin(conversation, question)
    kept.finish(begun.number, answer, '{"a": 1}', state="answered")
    return begun.earlier


def test_a_question_comes_with_the_turns_before_it(kept: Conversations) -> None:
    made = kept.create()
    assert ask(kept, made.id, "Who?", "Ada. [1]") == ()
    assert ask(kept, made.id, "When?") == (Turn("Who?", "Ada. [1]"),)
    found, turns = kept.get(made.id)
    assert [(turn.question, turn.state, turn.answer) for turn in turns] == [
        ("Who?", "answered", "Ada. [1]"),
        ("When?", "answered", "Yes. [1]"),
    ]
    assert (found.title, found.count) == ("Who?", 2)


def test_a_question_without_an_answer_stays_as_one(kept: Conversations) -> None:
    made = kept.create()
    kept.begin(made.id, "Who?")
    assert kept.begin(made.id, "When?").earlier == (Turn("Who?"),)
    assert [turn.state for turn in kept.get(made.id)[1]] == ["asked", "asked"]


def test_what_is_kept_is_there_for_the_next_process(kept: Conversations, tmp_path: Path) -> None:
    made = kept.create()
    ask(kept, made.id, "Who?")
    script = (
        "import sys; from pathlib import Path; from rag.library.conversations import Conversations\n"
        "kept = Conversations(Path(sys.argv[1])); print(kept.begin(sys.argv[2], 'When?').earlier[0].question)"
    )
    run = [sys.executable, "-c", script, str(tmp_path), made.id]
    done = subprocess.run(run, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "Who?"
    assert kept.get(made.id)[0].count == 2


def test_many_who_ask_at_once_lose_no_turn(kept: Conversations, tmp_path: Path) -> None:
    made = kept.create()
    others = [Conversations(tmp_path) for _ in range(3)]  # as other processes would have them
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda number: ask([kept, *others][number % 4], made.id, f"q{number}"), range(40)))
    _, turns = kept.get(made.id)
    assert sorted(turn.question for turn in turns) == sorted(f"q{number}" for number in range(40))
    assert all(turn.state == "answered" for turn in turns)
    for other in others:
        other.close()


def test_to_look_makes_no_file(kept: Conversations, tmp_path: Path) -> None:
    assert kept.list(10) == []
    for look in (kept.get, kept.remove, kept.check, lambda name: kept.begin(name, "Who?")):
        with pytest.raises(NotFound) as raised:
            look("nowhere")
        assert "POST /conversations" in raised.value.hint
    assert not (tmp_path / FILE_NAME).exists()


def test_they_are_listed_by_their_last_question_page_by_page(kept: Conversations) -> None:
    names = [kept.create().id for _ in range(5)]
    ask(kept, names[1], "Who?")
    first = kept.list(2)
    assert [row.id for row in first] == [names[1], names[4]]
    assert [row.id for row in kept.list(9, after=first[-1].id)] == [names[3], names[2], names[0]]
    with pytest.raises(NotFound):
        kept.list(2, after="nowhere")


def test_what_is_removed_is_nowhere_in_the_file(kept: Conversations, tmp_path: Path) -> None:
    kept.create()
    made = kept.create()
    ask(kept, made.id, "About the whistleblower?", "She is called Ada Kern.")
    kept.remove(made.id)
    kept.close()
    held = b"".join(path.read_bytes() for path in tmp_path.glob(f"{FILE_NAME}*"))
    assert b"whistleblower" not in held
    assert b"Ada Kern" not in held
    assert len(kept.list(10)) == 1
    with pytest.raises(NotFound):
        kept.remove(made.id)


def test_an_answer_to_what_was_removed_meanwhile_is_forgotten(kept: Conversations) -> None:
    made = kept.create()
    begun = kept.begin(made.id, "Who?")
    kept.remove(made.id)
    kept.finish(begun.number, "Ada.", "{}", state="answered")
    other = kept.create()
    assert kept.begin(other.id, "When?").number > begun.number
    with pytest.raises(NotFound):
        kept.get(made.id)


def test_what_is_not_asked_for_long_is_gone(kept: Conversations, clock: Clock) -> None:
    old, fresh = kept.create(), kept.create()
    clock.now += timedelta(days=20)
    ask(kept, fresh.id, "Who?")
    clock.now += timedelta(days=20)
    assert [row.id for row in kept.list(10)] == [fresh.id]
    with pytest.raises(NotFound):
        kept.begin(old.id, "Who?")
    kept.create()
    clock.now -= timedelta(days=30)
    assert old.id not in [row.id for row in kept.list(10)]


def test_without_an_age_they_stay(tmp_path: Path, clock: Clock) -> None:
    with Conversations(tmp_path, keep_days=0, clock=clock) as kept:
        made = kept.create()
        clock.now += timedelta(days=5000)
        kept.check(made.id)


def test_a_full_conversation_says_how_to_go_on(kept: Conversations, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_TURNS", 2)
    made = kept.create()
    ask(kept, made.id, "Who?")
    kept.check(made.id)
    ask(kept, made.id, "When?")
    for look in (kept.check, lambda name: kept.begin(name, "Where?")):
        with pytest.raises(Conflict, match="is full") as raised:
            look(made.id)
        assert "new one" in raised.value.hint


def test_there_are_not_more_than_a_collection_can_hold(kept: Conversations, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_CONVERSATIONS", 1)
    kept.create()
    with pytest.raises(Conflict):
        kept.create()


def test_a_file_that_is_none_of_ours_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"x" * 4096)
    with pytest.raises(LibraryDamaged) as raised:
        Conversations(tmp_path).list(1)
    assert FILE_NAME in raised.value.hint
    assert (tmp_path / FILE_NAME).read_bytes() == b"x" * 4096


def test_a_newer_file_is_left_to_the_newer_version(kept: Conversations, tmp_path: Path) -> None:
    import sqlite3

    kept.create()
    kept.close()
    with sqlite3.connect(tmp_path / FILE_NAME) as connection:
        connection.execute("PRAGMA user_version = 9")
    connection.close()
    with pytest.raises(LibraryMismatch):
        kept.list(1)
