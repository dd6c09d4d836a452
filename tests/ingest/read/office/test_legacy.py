"""Old office files through LibreOffice, and what stands in the way of that."""

from __future__ import annotations

import contextlib
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.read import Limits, read
from ingest.read.office import libreoffice
from ingest.read.office.libreoffice import convert
from ingest.read.sniff import sniff
from rag.errors import Encrypted, Malformed, TooLarge, Unsupported

OFFICE_FILES = Path(__file__).parents[5] / "shared" / "awkward" / "office_web"
Office = Callable[[str], None]  # puts a program of a few lines of Python in LibreOffice's place
needs_libreoffice = pytest.mark.skipif(libreoffice.program() is None, reason="LibreOffice is not installed")


def awkward(path: str) -> bytes:
    file = OFFICE_FILES / path
    if not file.exists():
        pytest.skip(f"{file} is not here")
    return file.read_bytes()


def program_that(tmp_path: Path, script: str) -> str:
    made = tmp_path / "office"
    made.write_text(f"#!{sys.executable}\nimport os, sys, time, pathlib\n{script}\n")
    made.chmod(made.stat().st_mode | stat.S_IXUSR)
    return str(made)


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Office:
    def put(script: str) -> None:
        monkeypatch.setattr(libreoffice, "program", lambda: program_that(tmp_path, script))

    return put


COPIES = (
    "out = pathlib.Path(sys.argv[sys.argv.index('--outdir') + 1]); out.mkdir()\n(out / 'in.docx').write_bytes(b'made')"
)


def living_in_group(group: int) -> list[int]:
    """Return the processes of a group that are not dead; the dead stay listed until someone asks for them."""
    found: list[int] = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _, its_group = entry.read_text().rpartition(")")[2].split()[:3]
            if int(its_group) == group and state not in "ZX":
                found.append(int(entry.parent.name))
    return found


def test_without_libreoffice_the_row_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libreoffice, "program", lambda: None)
    with pytest.raises(Unsupported, match="needs LibreOffice") as caught:
        convert(b"x", "a.doc", Limits(), suffix=".doc", to="docx")
    assert "libreoffice-writer-nogui" in caught.value.hint


def test_it_has_a_profile_and_a_folder_of_its_own_and_macros_are_off(office: Office, tmp_path: Path) -> None:
    log = tmp_path / "log"
    office(
        f"profile = next(a for a in sys.argv if a.startswith('-env:')).split('file://')[1]\n"
        f"settings = pathlib.Path(profile, 'user', 'registrymodifications.xcu').read_text()\n"
        f"pathlib.Path({str(log)!r}).write_text(profile + chr(10) + settings + os.environ['HOME'])\n{COPIES}"
    )
    assert convert(b"x", "a.doc", Limits(), suffix=".doc", to="docx") == b"made"
    told = log.read_text()
    assert "MacroSecurityLevel" in told
    assert str(Path.home()) not in told
    assert not Path(told.splitlines()[0]).exists()  # nothing is left behind


def test_it_is_started_again_when_it_asks_for_it(office: Office, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    office(f"mark = pathlib.Path({str(mark)!r})\nif not mark.exists():\n    mark.touch(); sys.exit(81)\n{COPIES}")
    assert convert(b"x", "a.doc", Limits(), suffix=".doc", to="docx") == b"made"


def test_its_time_is_bounded_and_nothing_of_it_survives(office: Office, tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    writes = f"pathlib.Path({str(mark)!r}).write_text(str(os.getpid()))"
    office(f"{writes}\nif os.fork() == 0:\n    time.sleep(60)\ntime.sleep(60)")
    began = time.monotonic()
    with pytest.raises(TooLarge, match="LibreOffice takes more than"):
        convert(b"x", "a.doc", Limits(max_seconds=1.0), suffix=".doc", to="docx")
    assert time.monotonic() - began < 5
    assert not living_in_group(int(mark.read_text()))


def test_what_it_cannot_read_is_malformed_with_its_own_words(office: Office) -> None:
    office("print('Error: source file could not be loaded')")
    with pytest.raises(Malformed, match="source file could not be loaded"):
        convert(b"x", "a.doc", Limits(), suffix=".doc", to="docx")


def test_it_dies_with_the_process_that_started_it(office: Office, tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    script = program_that(tmp_path, f"pathlib.Path({str(mark)!r}).write_text(str(os.getpid()))\ntime.sleep(60)")
    program = (
        f"import sys; sys.path[:] = {sys.path!r}\n"
        "from ingest.read import Limits\nfrom ingest.read.office import libreoffice\n"
        f"libreoffice.program = lambda: {script!r}\n"
        "libreoffice.convert(b'x', 'a.doc', Limits(), suffix='.doc', to='docx')"
    )
    reader = subprocess.Popen([sys.executable, "-c", program], env={**os.environ, "TMPDIR": str(tmp_path)})
    while not (mark.exists() and mark.read_text()):
        assert reader.poll() is None
    reader.send_signal(signal.SIGKILL)
    reader.wait()
    process = int(mark.read_text())
    deadline = time.monotonic() + 5
    while living_in_group(process):
        assert time.monotonic() < deadline


def test_ole_files_without_a_reader_say_what_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    from ingest.read.office import legacy

    monkeypatch.setattr(legacy, "_streams", lambda data: [["VisioDocument"], ["x"]])
    with pytest.raises(Unsupported, match="a Visio drawing"):
        legacy.read_storage(b"", "a.docx", Limits())
    monkeypatch.setattr(legacy, "_streams", lambda data: [["What"]])
    with pytest.raises(Unsupported, match="no known kind .it holds 'what'"):
        legacy.read_storage(b"", "a.docx", Limits())


def test_names_of_streams_in_capitals_are_the_same_names() -> None:
    assert sniff(awkward("doc/simple_upper_case.doc"), "x.bin") == "application/msword"


def test_an_encrypted_document_opens_with_a_known_password_only() -> None:
    data = awkward("docx/protected_normal_case.docx")
    with pytest.raises(Encrypted, match="needs a password"):
        read(data, "a.docx", limits=Limits(passwords=("wrong",)))
    assert read(data, "a.docx", limits=Limits(passwords=("wrong", "password"))).text.startswith("This is a sample")


def test_an_encrypted_presentation_says_so_before_libreoffice_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libreoffice, "program", lambda: None)
    with pytest.raises(Encrypted):
        read(awkward("ppt/testPPT_protected_passtika.ppt"), "a.ppt", limits=Limits())


@needs_libreoffice
@pytest.mark.slow
def test_doc_and_ppt_are_read_with_their_structure() -> None:
    document = read(awkward("doc/testWORD.doc"), "a.doc", limits=Limits())
    assert "This is a sample Microsoft Word Document" in document.text
    assert document.metadata["read_as"] == "docx by LibreOffice"
    slides = read(awkward("ppt/testPPT.ppt"), "a.ppt", limits=Limits())
    assert slides.blocks[0].place == "slide 1"
