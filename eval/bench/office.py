"""Have LibreOffice convert many files at once: starting it is what takes long. Knows nothing of what is compared."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

SECONDS_A_FILE = 10.0
START_SECONDS = 60.0
FILES_AT_ONCE = 20  # what one that hangs keeps waiting


def is_there() -> bool:
    return shutil.which("soffice") is not None


def converted(files: Sequence[Path], to: str) -> dict[Path, bytes]:
    """Return what LibreOffice makes of each file; those it cannot open, or hangs or crashes on, are left out.

    to: "pdf", or a filter such as "txt:Text (encoded):UTF8".
    """
    made: dict[Path, bytes] = {}
    waiting = list(files)
    while waiting:
        batch, waiting = waiting[:FILES_AT_ONCE], waiting[FILES_AT_ONCE:]
        results, has_ended = _batch(batch, to)
        made |= {batch[index]: data for index, data in results.items()}
        if not has_ended:  # the one after the last that was made is to blame: the others get another try
            after = max(results, default=-1) + 2
            waiting = batch[after:] + waiting
    return made


def _batch(files: Sequence[Path], to: str) -> tuple[dict[int, bytes], bool]:
    """Return what was made, by number, and whether LibreOffice came to the end of its list."""
    with TemporaryDirectory(prefix="footnote-") as folder:
        here = Path(folder)
        (here / "in").mkdir()
        # Numbered: names may be equal but for their suffix, and the order in which they are taken must be known.
        sources = [here / "in" / f"{number:05}{path.suffix.lower()}" for number, path in enumerate(files)]
        for path, source in zip(files, sources, strict=True):
            shutil.copyfile(path, source)
        profile = f"-env:UserInstallation={(here / 'profile').as_uri()}"
        options = ["--headless", "--norestore", "--nologo", "--nolockcheck"]
        command = ["soffice", profile, *options, "--convert-to", to, "--outdir", str(here / "out"), *map(str, sources)]
        # Nothing that a file asks for is fetched.
        environment = {**os.environ, **dict.fromkeys(("http_proxy", "https_proxy"), "http://127.0.0.1:9")}
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment | {"HOME": folder, "SAL_USE_VCLPLUGIN": "svp"},
            start_new_session=True,
        )
        try:
            has_ended = process.wait(START_SECONDS + SECONDS_A_FILE * len(files)) == 0
        except subprocess.TimeoutExpired:
            has_ended = False
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        suffix = f".{to.partition(':')[0]}"
        outputs = {number: here / "out" / f"{source.stem}{suffix}" for number, source in enumerate(sources)}
        return {number: path.read_bytes() for number, path in outputs.items() if path.is_file()}, has_ended
