"""Convert a file with LibreOffice, where it is installed: one at a time, without network, macros or anyone's profile.

LibreOffice is a large program that opens files nobody vouches for. It runs in a session of its own that is killed when
its time is up, and with this process when that is killed; the system sees that it takes no more memory than allowed.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from ingest.read.limits import Limits
from rag.errors import Malformed, TooLarge, Unsupported

MAX_SECONDS = 180.0
SHARE_OF_TIME = 0.8  # of the file's own: what is left is for reading the result
LEAST_MEMORY_BYTES = 2 * 2**30  # it does not start with much less
_ALONE = threading.Lock()
_AGAIN = 81  # LibreOffice's exit code for "start me again": it has just made its profile
_HINT = "needs LibreOffice; install it (Debian: apt install libreoffice-writer-nogui libreoffice-impress-nogui)"
# Before it becomes LibreOffice, the new process sees to its own end: at its parent's death, and after its time. It asks
# for a network of its own, with nothing in it, and goes without where the system grants none.
_LAUNCHER = """
import ctypes, os, resource, sys
parent, seconds, memory = map(int, sys.argv[1:4])
system = ctypes.CDLL(None)
system.prctl(1, 9)
if os.getppid() != parent:
    sys.exit(1)
system.unshare(0x50000000)
for kind, most in ((resource.RLIMIT_DATA, memory), (resource.RLIMIT_CPU, seconds), (resource.RLIMIT_CORE, 0)):
    hard = resource.getrlimit(kind)[1]
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(kind, (most, hard))
os.execv(sys.argv[4], sys.argv[4:])
"""
# No macros, no active content, no links followed; what is fetched all the same goes to a proxy that is not there.
_SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
{items}
</oor:items>
"""
_ITEM = (
    '<item oor:path="/org.openoffice.{path}"><prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop></item>'
)
_VALUES = (
    ("Office.Common/Security/Scripting", "MacroSecurityLevel", "3"),
    ("Office.Common/Security/Scripting", "DisableMacrosExecution", "true"),
    ("Office.Common/Security/Scripting", "DisableActiveContent", "true"),
    ("Office.Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    ("Office.Writer/Content/Update", "Link", "0"),
    ("Inet/Settings", "ooInetProxyType", "2"),
    ("Inet/Settings", "ooInetHTTPProxyName", "127.0.0.1"),
    ("Inet/Settings", "ooInetHTTPProxyPort", "9"),
    ("Inet/Settings", "ooInetHTTPSProxyName", "127.0.0.1"),
    ("Inet/Settings", "ooInetHTTPSProxyPort", "9"),
)


def program() -> str | None:
    """Return LibreOffice's path; None where it is not installed."""
    found = shutil.which("soffice") or shutil.which("libreoffice")
    if found is None:
        return None
    itself = Path(found).resolve().with_name("soffice.bin")  # without the script before it, which leaves children
    return str(itself) if itself.exists() else found


def convert(data: bytes, name: str, limits: Limits, *, suffix: str, to: str) -> bytes:
    """Return the file in another format.

    suffix: ".doc", by which LibreOffice knows the old one; to: "docx", the new one's.
    Raises Unsupported where LibreOffice is not installed, TooLarge past its time, Malformed where it makes nothing.
    """
    office = program()
    if office is None:
        raise Unsupported(f"{name}: needs LibreOffice", hint=_HINT.removeprefix("needs LibreOffice; "))
    seconds = min(MAX_SECONDS, SHARE_OF_TIME * limits.max_seconds)
    with _ALONE, TemporaryDirectory(prefix="footnote-") as folder:
        here = Path(folder)
        source, made = here / f"in{suffix}", here / "out" / f"in.{to}"
        source.write_bytes(data)
        settings = here / "profile" / "user" / "registrymodifications.xcu"
        settings.parent.mkdir(parents=True)
        items = "\n".join(_ITEM.format(path=path, name=key, value=value) for path, key, value in _VALUES)
        settings.write_text(_SETTINGS.format(items=items), encoding="utf-8")
        options = ["--headless", "--norestore", "--nologo", "--nodefault", "--nolockcheck", "--nofirststartwizard"]
        profile = f"-env:UserInstallation={(here / 'profile').as_uri()}"
        command = [office, profile, *options, "--convert-to", to, "--outdir", str(made.parent), str(source)]
        said = _ran(command, here, name, seconds, max(limits.max_memory_bytes, LEAST_MEMORY_BYTES))
        if not made.is_file():
            why = f": {said}" if said else ""
            raise Malformed(f"{name}: LibreOffice makes nothing of it{why}", hint="open it and save it anew")
        most = limits.expanded_bytes(len(data))
        if made.stat().st_size > most:
            raise TooLarge(f"{name}: it grows past {most / 2**20:.0f} MiB", hint="split it")
        return made.read_bytes()


def _ran(command: list[str], folder: Path, name: str, seconds: float, memory_bytes: int) -> str:
    """Run LibreOffice to its end; return the last thing it said."""
    environment = {
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "LANG": "C.UTF-8",
        "SAL_USE_VCLPLUGIN": "svp",
        **dict.fromkeys(("http_proxy", "https_proxy", "ftp_proxy"), "http://127.0.0.1:9"),
    }
    before = [str(os.getpid()), str(int(seconds) + 5), str(memory_bytes)]
    launched = [sys.executable, "-I", "-S", "-c", _LAUNCHER, *before, *command]
    log = folder / "said"
    for _ in range(2):
        with log.open("wb") as said:
            process = subprocess.Popen(
                launched,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                cwd=folder,
                env=environment,
                start_new_session=True,
            )
            try:
                code = process.wait(seconds)
            except subprocess.TimeoutExpired as error:
                raise TooLarge(
                    f"{name}: LibreOffice takes more than {seconds:.0f} s for it",
                    hint="raise ingest.max_seconds, or save it in a newer format",
                ) from error
            finally:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        if code != _AGAIN:
            break
    lines = log.read_bytes()[-2000:].decode("utf-8", errors="replace").strip().splitlines()
    return lines[-1].replace(str(folder), "")[:200] if lines else ""
