"""The layout of a library's vectors: made beside the one that answers, taken up by all, and never in anybody's way."""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from pathlib import Path
from threading import Event

import pytest

from rag.library import vector_cache
from rag.library.arrange import Arranger
from rag.library.follow import Head
from rag.library.library import Library
from rag.library.lists import Lists
from rag.library.vectors import FaissIndex
from tests.rag.library.shelf import EMBEDDER, found, open_shelf, place

OTTERS, DOORS = "Otters hold hands.", "Fire doors are checked."


@pytest.fixture
def lists_from_fifty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vector_cache, "Arranger", partial(Arranger, lists_from=50))


def fill(library: Library, first: int, last: int) -> None:
    for number in range(first, last):
        place(library, f"{number} and {number * 7} " * 20, f"{number}.txt")


def kind(library: Library) -> str:
    return library.stats().vector_index.split()[0].rstrip("0123456789")


def arranged(library: Library) -> None:
    """Do what is done while a library is open for writing, and once more when it is closed."""
    library.catch_up()
    library._vectors.wait()
    library.catch_up()


@pytest.mark.usefixtures("lists_from_fifty")
def test_a_reader_takes_over_a_newly_trained_layout(folder: Path) -> None:
    with open_shelf(folder) as writer, open_shelf(folder) as reader:
        fill(writer, 0, 10)
        found(reader, "7")
        assert kind(reader) == "flat"
        arranged(writer)
        assert kind(writer) == "ivf"
        last = place(writer, OTTERS, "otters.txt")
        assert found(reader, "otters hold hands") == {last.id}
        assert kind(reader) == "ivf"
        assert reader.verify() == []


@pytest.mark.usefixtures("lists_from_fifty")
def test_lists_give_the_scores_of_the_stored_vectors(folder: Path) -> None:
    with open_shelf(folder) as library:
        fill(library, 0, 10)
        arranged(library)
        assert kind(library) == "ivf"
        queries = EMBEDDER.embed_queries(["3 and 21", "7"])
        for query, hits in zip(queries, library.dense(queries, 20), strict=True):
            assert [hit.score for hit in hits] == pytest.approx(
                (library.vectors(hit.key for hit in hits) @ query).tolist(), abs=1e-6
            )


@pytest.mark.usefixtures("lists_from_fifty")
def test_documents_are_committed_changed_and_found_while_another_layout_is_made(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = Event(), Event()
    make = Arranger.made

    def slowly(arranger: Arranger) -> FaissIndex:
        made = make(arranger)
        begun.set()
        assert go_on.wait(30)
        return made

    with open_shelf(folder) as library, open_shelf(folder) as reader:
        fill(library, 0, 10)
        monkeypatch.setattr(Arranger, "made", slowly)
        library.catch_up()
        assert begun.wait(30)
        otters = place(library, OTTERS, "otters.txt")
        library.forget("file:///shelf/3.txt")
        doors = place(library, DOORS, "7.txt")
        library.catch_up()
        assert kind(library) == "flat"
        assert found(library, "otters hold hands") == {otters.id}
        go_on.set()
        library._vectors.wait()
        library.catch_up()
        for each in (library, reader):
            assert found(each, "otters hold hands") == {otters.id}
            assert found(each, "fire doors checked") == {doors.id}
            assert kind(each) == "ivf"
            assert each.verify() == []


@pytest.mark.usefixtures("lists_from_fifty")
def test_a_layout_that_was_begun_is_there_once_the_library_is_closed(folder: Path) -> None:
    with open_shelf(folder) as library:
        fill(library, 0, 10)
        library.catch_up()
    with open_shelf(folder) as library:
        assert kind(library) == "ivf"
        assert library.verify() == []


@pytest.mark.usefixtures("lists_from_fifty")
def test_a_library_left_by_an_error_waits_for_no_layout(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stopped = []

    def for_ever(arranger: Arranger) -> FaissIndex:
        try:
            while True:
                arranger._stop_if_asked()
        except Exception as error:
            stopped.append(error)
            raise

    def interrupted() -> None:
        with open_shelf(folder) as library, monkeypatch.context() as patched:
            fill(library, 0, 10)
            patched.setattr(Arranger, "made", for_ever)
            library.catch_up()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert len(stopped) == 1
    with open_shelf(folder) as library:
        assert (kind(library), library.verify()) == ("flat", [])


KILLED = """
import sys
from functools import partial
from pathlib import Path
from threading import Event
from rag.library import vector_cache
from rag.library.arrange import Arranger
from tests.rag.library.shelf import open_shelf
from tests.rag.library.test_layouts import fill

def for_ever(arranger):
    print("begun", flush=True)
    Event().wait()

with open_shelf(Path(sys.argv[1])) as library:
    library.catch_up()
    vector_cache.Arranger = partial(Arranger, lists_from=50)
    Arranger.made = for_ever
    fill(library, 0, 10)
    library.catch_up()
    library._vectors.wait()
"""


def test_a_writer_killed_while_it_makes_a_layout_leaves_the_one_there_was(folder: Path, root: Path) -> None:
    command = [sys.executable, "-c", KILLED, str(folder)]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout
        assert writer.stdout.readline() == "begun\n"
        writer.kill()
    with open_shelf(folder) as library:
        assert (kind(library), library.count_documents(), library.verify()) == ("flat", 10, [])


@pytest.mark.usefixtures("lists_from_fifty")
def test_a_layout_that_cannot_be_made_leaves_the_one_there_is(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(arranger: Arranger) -> FaissIndex:
        raise MemoryError("too little")

    with open_shelf(folder) as library:
        fill(library, 0, 10)
        monkeypatch.setattr(Arranger, "made", fails)
        arranged(library)
        assert (kind(library), "too little" in caplog.text) == ("flat", True)
        assert library.verify() == []


@pytest.mark.usefixtures("lists_from_fifty")
def test_lists_are_trained_anew_when_what_was_added_lies_elsewhere(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged: list[int] = []

    def drifted(arranger: Arranger, lists: Lists, since: int) -> bool:
        judged.append(since)
        return len(judged) > 1

    monkeypatch.setattr(Arranger, "has_drifted", drifted)
    with open_shelf(folder) as library:
        fill(library, 0, 10)
        arranged(library)
        trained = Head.read(folder / "vectors")
        assert trained is not None
        fill(library, 10, 11)
        arranged(library)
        assert judged == []  # too few to tell
        fill(library, 11, 15)
        arranged(library)
        serving = Head.read(folder / "vectors")
        assert serving is not None
        assert judged == [trained.judged_to]
        assert serving.layout == trained.layout  # they serve
        fill(library, 15, 25)
        arranged(library)
        assert judged == [trained.judged_to, serving.judged_to]
        assert serving.judged_to > trained.judged_to
        after = Head.read(folder / "vectors")
        assert after is not None
        assert after.layout != trained.layout
        assert library.verify() == []
