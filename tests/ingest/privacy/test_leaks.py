"""What was masked is nowhere below the data folder, and in no line of the log."""

from __future__ import annotations

import json
import logging
import re
import threading
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from ingest.pipeline import Ingest
from ingest.read import Limits, reader_version
from ingest.worker import Worker
from rag.config import IngestSettings, Settings
from rag.errors import LibraryMismatch, Malformed
from rag.library.library import Library
from rag.ports import Matrix
from rag.types import Chunk, Document
from tests.fakes import HashEmbedder
from tests.ingest.conftest import assert_adds_up, found, manifest_of, outcomes

VALUES = (
    "zhang.wei@example.com",
    "13800138000",
    "010-88886666",
    "(212) 555-0123",
    "11010519491231002X",
    "A123456789",
    "4111 1111 1111 1111",
    "GB29 NWBK 6016 1331 9268 19",
    "E12345678",
    "192.168.31.117",
    "AKIAIOSFODNN7EXAMPLE",
    "Tr0ub4dor&3",
)
PROSE = (
    "The harbour office keeps a list of those who may open the gate, and the list is read aloud every Monday. "
    "Whoever is not on it waits outside until the harbour master comes, whatever the weather may be.\n\n"
)
CONTENT = (
    f"{PROSE}Write to {VALUES[0]} or call {VALUES[3]}. 电话：{VALUES[1]}，座机{VALUES[2]}，身份证号{VALUES[4]}。\n\n"
    f"身分證字號：{VALUES[5]}。卡号：{VALUES[6]}。IBAN: {VALUES[7]}\n\n护照号码：{VALUES[8]}。"
    f"The server at {VALUES[9]} uses the key {VALUES[10]}.\n\n密码：{VALUES[11]}\n\n{PROSE}"
)


MASKING = Limits(max_bytes=1_000_000, privacy="mask")


@pytest.fixture
def library(data: Path) -> Iterator[Library]:
    manifest = replace(manifest_of(HashEmbedder()), chunker="", reader=reader_version(MASKING))
    with Library.open(data / "default", manifest) as opened:
        yield opened


@pytest.fixture(autouse=True)
def _log_as_before() -> Iterator[None]:
    before = [(handler, list(handler.filters)) for handler in logging.getLogger().handlers]
    yield
    for handler, filters in before:
        handler.filters[:] = filters


def other(seed: str, content: str = CONTENT) -> str:
    """The values in the midst of another text, so that it is no duplicate."""
    random = Random(seed)
    words = ["".join(random.choices("aeioulmnrst", k=random.randint(2, 9))) for _ in range(400)]
    return f"{' '.join(words[:200])}.\n\n{content}\n\n{' '.join(words[200:])}.\n"


def page(content: str) -> str:
    paragraphs = "".join(f"<p>{part.replace('&', '&amp;')}</p>" for part in content.split("\n\n"))
    head = f"<title>Contact {VALUES[0]}</title><meta name='author' content='{VALUES[1]}'>"
    return f"<html><head>{head}</head><body><h1>Call {VALUES[3]}</h1>{paragraphs}</body></html>"


@pytest.fixture
def filled(docs: Path) -> Path:
    (docs / "note.txt").write_text(CONTENT, encoding="utf-8")
    (docs / "wide.txt").write_text(CONTENT, encoding="utf-16")
    (docs / "page.html").write_text(page(other("page")), encoding="utf-8")
    front = f"---\nauthor: {VALUES[0]}\nphone: '{VALUES[1]}'\n---\n"
    (docs / "notes.md").write_text(f"{front}# Ask {VALUES[0]}\n\n{other('notes')}", encoding="utf-8")
    (docs / "twin.txt").write_text(CONTENT.replace("\n\n", "\n\n\n"), encoding="utf-8")
    (docs / "broken.pdf").write_bytes(b"%PDF-1.4\n" + CONTENT.encode())
    (docs / "unknown.bin").write_bytes(bytes(range(256)) + CONTENT.encode())
    with zipfile.ZipFile(docs / "packed.zip", "w") as archive:
        archive.writestr(f"{VALUES[0]}/{VALUES[1]}.txt", other("packed"))
    folder = docs / f"of {VALUES[0]}"
    folder.mkdir()
    for number in VALUES[1:3]:
        (folder / f"张三-{number}.txt").write_text(other(number), encoding="utf-8")
    (folder / f"{VALUES[4]}.bin").write_bytes(bytes(range(256)))
    (folder / f"link {VALUES[1]}").symlink_to(docs.parent)
    return docs


def forms(value: str) -> set[bytes]:
    bare = re.sub(r"[^0-9A-Za-z]", "", value)
    written = {value, bare, value.lower(), bare.lower(), json.dumps(value)[1:-1]}
    return {form.encode(encoding) for form in written for encoding in ("utf-8", "utf-16-le", "utf-16-be")}


def leaks(folder: Path, log: str) -> Iterator[str]:
    held = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert any(name.endswith("library.db") for name in held)
    held["the log"] = log.encode()
    bare = {name: re.sub(rb"[^0-9A-Za-z]", b"", data) for name, data in held.items() if name == "the log"}
    for value in VALUES:
        for name, data in [*held.items(), *bare.items()]:
            if any(form in data for form in forms(value)):
                yield f"{value} is in {name}"


def test_nothing_that_was_masked_is_on_the_disk_or_in_the_log(
    filled: Path,
    data: Path,
    library: Library,
    make_ingest: Callable[..., Ingest],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    report = make_ingest(limits=MASKING).run([filled])
    assert_adds_up(report)
    ended = outcomes(report)
    assert sum(outcome == "indexed" for outcome in ended.values()) >= 3, ended
    library.catch_up()
    assert list(leaks(data, caplog.text + report.model_dump_json())) == []
    assert library.verify() == []
    assert found(library, "harbour master")
    again = make_ingest(limits=MASKING).run([filled])
    assert again.indexed == again.removed == 0, again
    assert list(leaks(data, caplog.text + again.model_dump_json())) == []
    [row] = [row for row in library.documents(limit=20) if row.source.endswith("note.txt")]
    assert row.metadata["masked"] is True
    assert row.metadata["personal"]["mail"] == 1
    assert "[MAIL-1]" in library.document(row.id).text


def test_the_search_for_leaks_would_find_them(
    filled: Path, data: Path, library: Library, make_ingest: Callable[..., Ingest]
) -> None:
    make_ingest(limits=Limits(max_bytes=1_000_000)).run([filled])
    seen = list(leaks(data, ""))
    assert {leak.split(" is in ")[0] for leak in seen} == set(VALUES)
    assert any("library.db" in leak for leak in seen)
    assert any("originals" in leak for leak in seen)


def test_what_went_wrong_with_a_file_does_not_quote_it(
    docs: Path,
    data: Path,
    make_ingest: Callable[..., Ingest],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def prepare(*_: object) -> Document:
        raise Malformed(f"note.txt: line 3 is no row: {VALUES[0]}")

    (docs / "note.txt").write_text(CONTENT, encoding="utf-8")
    monkeypatch.setattr("ingest.ahead.prepare", prepare)
    report = make_ingest(limits=MASKING).run([docs])
    assert [row.detail for row in report.files] == ["note.txt: line 3 is no row: [MAIL-1]"]
    assert list(leaks(data, caplog.text + report.model_dump_json())) == []


def test_two_files_that_differ_in_what_is_masked_of_their_names_stay_two(
    docs: Path, data: Path, library: Library, make_ingest: Callable[..., Ingest]
) -> None:
    for number in (13800138000, 13900139000):
        (docs / f"{number}.txt").write_text(other(str(number), PROSE), encoding="utf-8")
    assert make_ingest(limits=MASKING).run([docs]).indexed == 2
    (docs / "13800138000.txt").unlink()
    report = make_ingest(limits=MASKING).run([docs])
    assert (report.unchanged, report.removed) == (1, 1)
    (docs / "13900139000.txt").rename(docs / "13700137000.txt")
    report = make_ingest(limits=MASKING).run([docs])
    assert (report.indexed, library.count_documents()) == (0, 1), "a new name, the same bytes: nothing is read again"


def test_an_upload_is_gone_when_its_job_has_ended(
    data: Path, library: Library, caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings(data=data, ingest=IngestSettings(privacy="mask"))
    files = [("note.txt", CONTENT.encode()), ("broken.pdf", b"%PDF-1.4\n" + CONTENT.encode())]
    payload = [{"name": name, "sha256": library.keep_original(held), "size": len(held)} for name, held in files]
    job = library.jobs.enqueue("upload", {"files": payload})
    caplog.set_level(logging.DEBUG)
    with Worker(settings, HashEmbedder(), threading.Event()) as worker:
        assert worker.run_one()
    ended = library.jobs.get(job.id)
    assert ended.state == "done", ended.error
    assert list(leaks(data, caplog.text)) == []
    library.refresh()
    assert library.verify() == []


def rechunked(document: Document) -> tuple[list[Chunk], Matrix]:
    return [Chunk(0, document.id, 0, len(document.text))], HashEmbedder().embed_passages([document.text])


def test_a_library_that_was_not_masked_is_no_library_to_mask_into(
    filled: Path, data: Path, library: Library, make_ingest: Callable[..., Ingest]
) -> None:
    unmasked = replace(manifest_of(HashEmbedder()), chunker="")
    masking = replace(unmasked, reader=reader_version(MASKING))
    options = {"data": data, "limits": Limits(max_bytes=1_000_000), "max_tokens": 64}
    with Library.open(data / "open", unmasked) as opened:
        assert Ingest(opened, HashEmbedder(), **options).run([filled]).indexed  # type: ignore[arg-type]
    with pytest.raises(LibraryMismatch) as caught:
        Library.open(data / "open", masking)
    assert "masked" in str(caught.value)
    Library.rebuild(data / "open", masking, rechunked, lambda *_: None)
    with Library.open(data / "open", masking) as opened:
        report = Ingest(opened, HashEmbedder(), **options | {"limits": MASKING}).run([filled])  # type: ignore[arg-type]
        assert report.unchanged == 0, "all that was read without masking is read again"
        assert all(row.metadata["masked"] for row in opened.documents(limit=20))
        assert opened.verify() == []
    assert list((data / "open" / "originals").iterdir()) == []
