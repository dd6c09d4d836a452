"""The indexes are caches: whatever befalls them, the answers are those of the truth."""

from __future__ import annotations

import json
import logging
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from rag.errors import LibraryMismatch
from rag.library import vector_cache
from rag.library.library import Library
from rag.types import Chunk, Document
from tests.fakes import HashEmbedder
from tests.rag.library.shelf import EMBEDDER, MANIFEST, chunked, found, open_shelf, place

OTTERS, DOORS = "Otters hold hands.", "Fire doors are checked."


def snapshot(folder: Path) -> Path:
    head = json.loads((folder / "vectors" / "head.json").read_text())
    return folder / "vectors" / str(head["name"])


def lexical_folder(folder: Path) -> Path:
    head = json.loads((folder / "lexical" / "head.json").read_text())
    return folder / "lexical" / str(head["name"])


def truncate(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)


def flip_a_byte(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)


def rewrite_head(path: Path, **changes: object) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def drop_lexical_segments(folder: Path) -> None:
    for path in lexical_folder(folder).glob("*.term"):
        truncate(path)


DAMAGE: dict[str, Callable[[Path], object]] = {
    "snapshot truncated": lambda folder: truncate(snapshot(folder)),
    "snapshot with a flipped byte": lambda folder: flip_a_byte(snapshot(folder)),
    "snapshot of garbage": lambda folder: snapshot(folder).write_bytes(b"IxMp" * 50),
    "snapshot gone": lambda folder: snapshot(folder).unlink(),
    "vectors' head gone": lambda folder: (folder / "vectors" / "head.json").unlink(),
    "vectors' head no JSON": lambda folder: (folder / "vectors" / "head.json").write_text("{"),
    "vectors' head climbing out": lambda folder: rewrite_head(folder / "vectors" / "head.json", name="../../x"),
    "vectors' head of numbers": lambda folder: rewrite_head(folder / "vectors" / "head.json", name=3, sha256=None),
    "vectors' head ahead": lambda folder: rewrite_head(folder / "vectors" / "head.json", applied_seq=99),
    "vectors' head of another history": lambda folder: rewrite_head(folder / "vectors" / "head.json", mark="other"),
    "vectors' head of another library": lambda folder: rewrite_head(folder / "vectors" / "head.json", library_id="x"),
    "vectors' folder gone": lambda folder: shutil.rmtree(folder / "vectors"),
    "lexical folder gone": lambda folder: shutil.rmtree(folder / "lexical"),
    "lexical files gone": lambda folder: shutil.rmtree(lexical_folder(folder)),
    "lexical meta gone": lambda folder: (lexical_folder(folder) / "meta.json").unlink(),
    "lexical meta of garbage": lambda folder: (lexical_folder(folder) / "meta.json").write_text("{}"),
    "lexical segments truncated": drop_lexical_segments,
    "lexical head gone": lambda folder: (folder / "lexical" / "head.json").unlink(),
    "lexical head ahead": lambda folder: rewrite_head(folder / "lexical" / "head.json", applied_seq=99),
    "lexical head of another history": lambda folder: rewrite_head(folder / "lexical" / "head.json", mark="other"),
    "lexical head of another schema": lambda folder: rewrite_head(folder / "lexical" / "head.json", schema=0),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_index_is_made_anew_from_the_truth(folder: Path, damage: str) -> None:
    with open_shelf(folder) as library:
        otters = place(library, OTTERS, "a.txt")
        doors = place(library, DOORS, "b.txt")
        library.catch_up()
    DAMAGE[damage](folder)
    with open_shelf(folder) as library:
        assert found(library, "otters hold hands") == {otters.id}
        assert found(library, "fire doors checked") == {doors.id}
        assert library.verify() == []


def test_an_undamaged_snapshot_is_not_made_anew(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    with open_shelf(folder) as library:
        place(library, OTTERS, "a.txt")
        library.catch_up()
    with caplog.at_level(logging.WARNING), open_shelf(folder) as library:
        library.refresh()
    assert caplog.text == ""


def test_indexes_that_stayed_behind_replay_what_they_lack(folder: Path) -> None:
    with open_shelf(folder) as library:
        gone = place(library, OTTERS, "a.txt")
        library.catch_up()
        doors = place(library, DOORS, "b.txt")
        library.remove(gone.id)
        flying = place(library, "Bats fly at night.", "c.txt")
        place(library, "Bats fly by day.", "c.txt")
    with open_shelf(folder) as library:  # as after a kill: nothing was caught up
        assert found(library, "otters hold hands") == set()
        assert found(library, "fire doors checked") == {doors.id}
        assert flying.id not in found(library, "bats fly")
        assert library.verify() == []


def test_a_cache_of_a_longer_past_is_not_trusted_by_a_restored_backup(folder: Path, tmp_path: Path) -> None:
    with open_shelf(folder) as library:
        place(library, OTTERS, "a.txt")
        library.catch_up()
    backup = tmp_path / "backup.db"
    shutil.copy(folder / "library.db", backup)
    with open_shelf(folder) as library:
        place(library, DOORS, "b.txt")
        library.catch_up()
    for name in ("library.db-wal", "library.db-shm"):
        (folder / name).unlink(missing_ok=True)
    shutil.copy(backup, folder / "library.db")
    with open_shelf(folder) as library:
        other = place(library, "Bats fly at night.", "c.txt")  # as many operations as before, and others
        assert found(library, "fire doors checked") == set()
        assert found(library, "bats fly night") == {other.id}
        assert library.verify() == []


def test_replaying_twice_is_harmless(folder: Path) -> None:
    with open_shelf(folder) as library:
        place(library, OTTERS, "a.txt")
        library.catch_up()
        heads = {name: (folder / name / "head.json").read_text() for name in ("vectors", "lexical")}
        doors = place(library, DOORS, "b.txt")
        library.forget("file:///shelf/a.txt")
        library.catch_up()
    # Killed after tantivy's commit, before the note of it.
    (folder / "lexical" / "head.json").write_text(heads["lexical"])
    with open_shelf(folder) as library:
        assert found(library, "fire doors checked") == {doors.id}
        assert library.verify() == []


def test_a_large_snapshot_is_not_written_for_a_few_documents(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vector_cache, "SAVE_ALWAYS_BELOW", 0)
    monkeypatch.setattr(vector_cache, "SAVE_SHARE", 0.5)
    with open_shelf(folder) as library:
        place(library, "words " * 40, "a.txt")
        library.catch_up()
        first = snapshot(folder)
        place(library, OTTERS, "b.txt")
        library.catch_up()
        assert snapshot(folder) == first
        place(library, "other " * 40, "c.txt")
        library.catch_up()
        assert snapshot(folder) != first
    with open_shelf(folder) as library:
        assert library.verify() == []


def test_snapshots_do_not_pile_up(folder: Path) -> None:
    with open_shelf(folder) as library:
        for number in range(6):
            place(library, f"text number {number}", f"{number}.txt")
            library.catch_up()
    assert len(list((folder / "vectors").glob("*.faiss"))) == 2
    assert len(list((folder / "lexical").glob("index-*"))) == 1


def test_a_reader_follows_a_writer_without_reopening(folder: Path) -> None:
    with open_shelf(folder) as writer, open_shelf(folder) as reader:
        with writer.lease():
            otters = place(writer, OTTERS, "a.txt")
            writer.catch_up()
            assert found(reader, "otters hold hands") == {otters.id}
            doors = place(writer, DOORS, "a.txt")
            writer.catch_up()
        assert found(reader, "otters hold hands") == set()
        assert found(reader, "fire doors checked") == {doors.id}
        writer.rebuild_indexes()
        assert found(reader, "fire doors checked") == {doors.id}
        assert reader.verify() == []


def test_a_reader_never_writes_while_another_holds_the_lease(folder: Path) -> None:
    with open_shelf(folder) as writer, open_shelf(folder) as reader, writer.lease():
        place(writer, OTTERS, "a.txt")
        reader.refresh()
        assert reader.dense(EMBEDDER.embed_queries([OTTERS]), 1)[0] != []  # its own copy, in memory
        assert not (folder / "vectors").exists()
        assert not (folder / "lexical").exists()


def test_a_rebuild_with_another_embedder_changes_everything_at_once(folder: Path) -> None:
    other = HashEmbedder(16)
    manifest = replace(MANIFEST, embedder=other.name, fingerprint=other.fingerprint, dimension=other.dimension)
    steps: list[tuple[int, int]] = []

    def rechunk(document: Document) -> tuple[list[Chunk], object]:
        return [Chunk(0, document.id, 0, len(document.text))], other.embed_passages([document.text])

    with open_shelf(folder) as old:
        otters = place(old, OTTERS * 5, "a.txt")
        place(old, DOORS, "b.txt")
        old.catch_up()

        def watched(document: Document) -> tuple[list[Chunk], object]:
            assert found(old, "otters hold hands") == {otters.id}  # the old generation answers meanwhile
            return rechunk(document)

        Library.rebuild(folder, manifest, watched, lambda done, total: steps.append((done, total)))  # type: ignore[arg-type]
        with pytest.raises(LibraryMismatch):
            old.refresh()
    assert steps == [(0, 2), (1, 2), (2, 2)]
    with pytest.raises(LibraryMismatch):
        open_shelf(folder)
    with open_shelf(folder, manifest) as library:
        assert [chunk.end for chunk in library.chunks_of(otters.id)] == [len(OTTERS * 5)]
        library.refresh()
        assert library.dense(other.embed_queries([DOORS]), 1)[0][0].score > 0.99
        assert (len(library), library.verify()) == (2, [])


def test_a_rebuild_that_breaks_off_leaves_the_old_library_answering(folder: Path) -> None:
    with open_shelf(folder) as library:
        otters = place(library, OTTERS, "a.txt")
        place(library, DOORS, "b.txt")
        calls = iter(range(10))

        def rechunk(document: Document) -> tuple[list[Chunk], object]:
            if next(calls):
                raise KeyboardInterrupt
            return chunked(document, 5)

        with pytest.raises(KeyboardInterrupt):
            Library.rebuild(folder, replace(MANIFEST, chunker="chunker 2"), rechunk, lambda *_: None)  # type: ignore[arg-type]
        assert found(library, "otters hold hands") == {otters.id}
        assert library.verify() == []
    Library.rebuild(folder, replace(MANIFEST, chunker="chunker 2"), lambda it: chunked(it, 5), lambda *_: None)
    with open_shelf(folder, replace(MANIFEST, chunker="chunker 2")) as library:
        assert len(library.chunks_of(otters.id)) == 4
        assert library.verify() == []


READER = """
import sys
from pathlib import Path
from tests.rag.library.shelf import found, open_shelf
with open_shelf(Path(sys.argv[1])) as library:
    for line in sys.stdin:
        print(",".join(sorted(found(library, line.strip()))), flush=True)
"""


def test_other_processes_see_each_change_without_reopening(folder: Path, root: Path) -> None:
    with open_shelf(folder) as writer:
        readers = [
            subprocess.Popen(
                [sys.executable, "-c", READER, str(folder)],
                cwd=root,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for _ in range(2)
        ]

        def ask(query: str) -> list[set[str]]:
            for reader in readers:
                assert reader.stdin
                reader.stdin.write(query + "\n")
                reader.stdin.flush()
            return [
                set(filter(None, reader.stdout.readline().strip().split(","))) for reader in readers if reader.stdout
            ]

        with writer.lease():
            otters = place(writer, OTTERS, "a.txt")
            writer.catch_up()
            assert ask("otters hold hands") == [{otters.id}] * 2
            doors = place(writer, DOORS, "a.txt")
            writer.catch_up()
            assert ask("otters hold hands") == [set()] * 2
            assert ask("fire doors checked") == [{doors.id}] * 2
            writer.remove(doors.id)
            assert ask("fire doors checked") == [set()] * 2
        for reader in readers:
            reader.communicate()
            assert reader.returncode == 0
