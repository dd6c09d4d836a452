"""Kill -9 an ingest at random moments, and look at what is left.

    python -m tests.faults.kill                             20 moments of the real pipeline, with a fake embedder
    python -m tests.faults.kill --real --moments 5          of `footnote ingest` itself
    python -m tests.faults.kill --order acknowledge-first   a wrong order of writing: this must find it, and exit 1

After each kill the library is opened as any reader would, and must hold: every document that was acknowledged, with the
text of its file; no document in part; indexes that agree with the truth. At the end one run is let through: the library
is then what the folder is, and the report adds up. Then files change, come and go, and it begins again.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from ingest.clean import clean
from ingest.near import BANDS
from ingest.read import Limits, read
from rag.build import build_embedder
from rag.config import Settings
from rag.errors import FootnoteError
from rag.library.library import Library
from rag.library.records import Manifest
from tests.faults.victim import library_manifest

Order = Literal["right", "acknowledge-first", "two-transactions"]
ROOT = Path(__file__).resolve().parents[2]
WORDS = "backup restore garden canteen lantern river copper violin harbour winter index footnote page answer".split()
SENTENCES = ("备份在夜里进行。", "餐厅星期五供应汤。", "每个句子下面都有脚注。", "答案来自文件本身。")


@dataclass
class Folder:
    """Files that change from round to round. Each has a word of its own in each of its versions."""

    path: Path
    rng: random.Random
    count: int
    round: int = 0
    words: dict[str, str] = field(default_factory=dict)  # by file name: the word of the text that stands there now
    old_words: set[str] = field(default_factory=set)

    def change(self) -> None:
        """Give most files a new text, delete some, bring some back."""
        self.round += 1
        for number in range(self.count):
            name = f"file-{number:03}.{'md' if number % 3 == 0 else 'txt'}"
            fate = self.rng.random()
            if fate < 0.1 and self.round > 1:
                (self.path / name).unlink(missing_ok=True)
                self.old_words.add(self.words.pop(name, ""))
            elif fate < 0.9 or self.round == 1:
                self.old_words.add(self.words.get(name, ""))
                self.words[name] = f"q{number}v{self.round}z"
                (self.path / name).write_text(self.text(self.words[name]), encoding="utf-8")
        self.old_words -= {""} | set(self.words.values())

    def text(self, word: str) -> str:
        paragraphs = []
        for _ in range(self.rng.randint(2, 8)):
            drawn = [self.rng.choice(WORDS) for _ in range(self.rng.randint(12, 30))]
            paragraphs.append(f"The {' '.join(drawn)} of {word}. {self.rng.choice(SENTENCES)}")
        return f"# About {word}\n\n" + "\n\n".join(paragraphs) + "\n"

    def canonical(self, name: str) -> str:
        return clean(read((self.path / name).read_bytes(), f"{self.path.name}/{name}", limits=Limits())).text


class Running(Protocol):
    pid: int

    def wait(self) -> tuple[str, int]:
        """Return its last line and how it ended."""
        ...


class Forked:
    """A child of victim.py."""

    def __init__(self, victim: subprocess.Popen[str], **given: Path) -> None:
        assert victim.stdin is not None
        assert victim.stdout is not None
        victim.stdin.write(json.dumps(given, default=str) + "\n")
        victim.stdin.flush()
        self._lines = victim.stdout
        word, pid = self._lines.readline().split()
        assert word == "begun"
        self.pid = int(pid)

    def wait(self) -> tuple[str, int]:
        last, line = "", self._lines.readline()
        while not line.startswith("ended "):
            if not line:
                raise RuntimeError("victim.py itself died")
            last, line = line, self._lines.readline()
        return last, int(line.split()[1])


class Real:
    """`footnote ingest`."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.pid = process.pid

    def wait(self) -> tuple[str, int]:
        output, _ = self._process.communicate()
        return output, self._process.returncode


class Ward:
    """Starts ingests of one folder into one library, kills them, and examines the library."""

    def __init__(self, home: Path, *, seed: int, count: int, order: Order, real: bool) -> None:
        self.home = home
        self.rng = random.Random(seed)
        self.data = home / "data"
        self.acknowledgements = home / "acknowledged.jsonl"
        self.order = order
        self.real = real
        (home / "docs").mkdir()
        self.folder = Folder(home / "docs", self.rng, count)
        self.manifest = self._manifest()
        self.seconds = 0.0  # of a run that nobody kills
        self._victim: subprocess.Popen[str] | None = None

    def let_through(self) -> dict[str, Any]:
        """Run to the end and return the report."""
        ending = self._start()
        began = time.monotonic()
        report, status = ending.wait()
        self.seconds = time.monotonic() - began
        if status != 0:
            raise RuntimeError(f"an ingest that nobody killed ended with {status}: {report}")
        return dict(json.loads(report))

    def kill_at(self, share: float) -> int:
        """Start, kill after this share of a whole run's time, and return how many documents were acknowledged."""
        running = self._start()
        time.sleep(share * self.seconds)
        with suppress(ProcessLookupError):  # it was faster this time
            os.kill(running.pid, signal.SIGKILL)
        running.wait()
        return len(self.acknowledged())

    def close(self) -> None:
        if self._victim is not None:
            self._victim.communicate()  # the end of its input is its end

    def _start(self) -> Running:
        """Start an ingest; the one with the fake embedder is past its imports then."""
        self.acknowledgements.write_text("")
        if self.real:
            command = ["-m", "footnote", "--data", str(self.data), "ingest", str(self.folder.path), "--json"]
            return Real(self._spawn([*command, "--acknowledge", str(self.acknowledgements)]))
        if self._victim is None:
            self._victim = self._spawn(["-m", "tests.faults.victim", self.order])
        return Forked(self._victim, data=self.data, docs=self.folder.path, acknowledge=self.acknowledgements)

    def acknowledged(self) -> dict[str, str]:
        """Document ids by file name, as the killed ingest promised them; a line cut short promises nothing."""
        promised: dict[str, str] = {}
        for line in self.acknowledgements.read_text(encoding="utf-8").splitlines():
            with suppress(json.JSONDecodeError):
                row = json.loads(line)
                promised[row["path"].split("/", 1)[1]] = row["document_id"]
        return promised

    def problems(self) -> list[str]:
        """Everything that is wrong with the library as it was left."""
        promised = self.acknowledged()
        if not (self.data / "default" / "library.db").exists():
            return [f"{len(promised)} acknowledged documents, and no library"] if promised else []
        found = self._halves()
        try:
            with Library.open(self.data / "default", self.manifest) as library:
                found += self._lost(library, promised)
                found += library.verify()
                found += self._disagreeing(library)
        except FootnoteError as error:
            found.append(f"{error.name}: {error}")
        return found

    def incomplete(self, report: dict[str, Any]) -> list[str]:
        """What is wrong after a run that went through: then the library is what the folder is."""
        found = self.problems()
        names = set(self.folder.words)
        outcomes = ("indexed", "unchanged", "duplicate", "skipped", "failed")
        if not report["discovered"] == len(report["files"]) == sum(report[name] for name in outcomes) == len(names):
            found.append(f"the report does not add up: {report}")
        if report["skipped"] or report["failed"]:
            found.append(f"not everything was read: {report}")
        with Library.open(self.data / "default", self.manifest) as library:
            library.refresh()
            stored = {Path(row.location).name: row.document_id for row in library.sources()}
            if set(stored) != names:
                found.append(f"files {sorted(names ^ set(stored))} are in the folder or the library, not in both")
            found += [
                f"{name} has not the text of its file"
                for name in names & set(stored)
                if library.document(stored[name]).text != self.folder.canonical(name)
            ]
            found += [f"{word} is still found" for word in self.folder.old_words if library.lexical(word, 1)]
        return found

    def _lost(self, library: Library, promised: dict[str, str]) -> list[str]:
        found = []
        for name, document_id in promised.items():
            row = library.source_at((self.folder.path / name).as_uri())
            if row is None or row.document_id != document_id:
                found.append(f"LOST: {name} was acknowledged and is not there")
            elif library.document(document_id).text != self.folder.canonical(name):
                found.append(f"LOST: {name} was acknowledged with another text")
        return found

    def _halves(self) -> list[str]:
        """Documents whose chunks or vectors are missing, asked of SQL itself and not of the library's own words."""
        query = """
            select d.source, d.text, count(c."key"), count(v."key"), coalesce(sum(c."end" - c.start), 0),
                (select count(*) from signatures where signatures.document = d.number)
            from documents d left join chunks c on c.document = d.number left join vectors v on v."key" = c."key"
            group by d.number
        """
        with closing(sqlite3.connect(self.data / "default" / "library.db")) as connection:
            if not connection.execute("select 1 from sqlite_master where name = 'documents'").fetchone():
                return []
            rows = connection.execute(query).fetchall()
        return [
            f"HALF: {source} has {chunks} chunks over {covered} of {len(text)} characters, {vectors} vectors"
            f" and {bands} bands"
            for source, text, chunks, vectors, covered, bands in rows
            if chunks == 0 or chunks != vectors or covered < len("".join(text.split())) or bands not in (0, BANDS)
        ]

    def _disagreeing(self, library: Library) -> list[str]:
        """Every chunk must be found by its own vector, and every document by its own word."""
        found = []
        for row in library.documents(limit=10_000):
            keys = [chunk.key for chunk in library.chunks_of(row.id)]
            for key, hits in zip(keys, library.dense(library.vectors(keys), 1), strict=True):
                if not hits or hits[0].score < 0.99:
                    found.append(f"INDEX: chunk {key} of {row.source} is not found by its vector")
            word = library.document(row.id).text.split("About ", 1)[1].split()[0]
            documents = {
                chunk.document_id for chunk in library.chunks(h.key for h in library.lexical(word, 9)).values()
            }
            if documents != {row.id}:
                found.append(f"INDEX: {word!r} finds {documents}, not {row.source}")
        return found

    def _manifest(self) -> Manifest:
        if not self.real:
            return library_manifest()
        from ingest.opening import writing_manifest

        settings = Settings(data=self.data)
        return writing_manifest(settings, build_embedder(settings))

    def _spawn(self, arguments: list[str]) -> subprocess.Popen[str]:
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        return subprocess.Popen([sys.executable, *arguments], cwd=ROOT, text=True, **pipes)


def torment(ward: Ward, moments: int, tell: Callable[[str], None]) -> list[str]:
    """Kill at so many random moments; return the first problems that are seen, [] where there are none."""
    ward.folder.change()
    problems = ward.incomplete(ward.let_through())
    for moment in range(1, moments + 1):
        if problems:
            return problems
        ward.folder.change()
        share = ward.rng.random()
        kept = ward.kill_at(share)
        problems = ward.problems()
        tell(f"moment {moment}: killed at {share:.0%}, {kept} acknowledged, {len(problems)} problems")
    return problems or ward.incomplete(ward.let_through())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--moments", type=int, default=20)
    parser.add_argument("--files", type=int, default=40)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--order", choices=("right", "acknowledge-first", "two-transactions"), default="right")
    parser.add_argument("--real", action="store_true", help="kill `footnote ingest` with the real embedder")
    given = parser.parse_args()
    seed = random.randrange(2**32) if given.seed is None else given.seed
    home = Path(tempfile.mkdtemp(prefix="footnote-kill-"))
    ward = Ward(home, seed=seed, count=given.files, order=given.order, real=given.real)

    def tell(line: str) -> None:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    tell(f"seed {seed}, {given.files} files, order {given.order}")
    try:
        problems = torment(ward, given.moments, tell)
    finally:
        ward.close()
    for problem in problems:
        tell(problem)
    if problems:
        tell(f"FAILED; what is left lies in {home}")
        return 1
    shutil.rmtree(home)
    tell(f"{given.moments} kills: nothing lost, nothing half there, the indexes agree")
    return 0


if __name__ == "__main__":
    sys.exit(main())
