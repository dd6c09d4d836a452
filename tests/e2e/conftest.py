"""A headless Chromium, and the two things it is pointed at: the whole of Footnote, and the page over a canned API."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import BrowserContext, Page, Playwright, expect, sync_playwright

from tests.ui.fake_api import FakeApi
from ui.supervise import free_port

ROOT = Path(__file__).resolve().parents[2]
SCREENSHOTS = ROOT / "build" / "screenshots"
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
START_SECONDS = 240.0  # the first run loads the embedder and reads examples/, on two slow cores
PATIENCE_MS = 60_000
STOPS_WITHIN_SECONDS = 20.0

expect.set_options(timeout=PATIENCE_MS)


@dataclass(frozen=True, slots=True)
class Stack:
    """A running `footnote up`."""

    page: str
    api: str
    data: Path
    process: subprocess.Popen[str]


class Visitor:
    """One visitor's browser window, and what it was seen to do."""

    def __init__(self, context: BrowserContext) -> None:
        self.page: Page = context.pages[0]
        self.elsewhere: list[str] = []  # requests to other machines
        self.broken: list[str] = []  # errors of the page's scripts
        self.page.on("request", lambda request: self._note(request.url))
        self.page.on("pageerror", lambda error: self.broken.append(str(error)))

    def _note(self, url: str) -> None:
        if not re.match(r"(?:https?|wss?)://127\.0\.0\.1[:/]|data:|blob:", url):
            self.elsewhere.append(url)

    def ask(self, question: str) -> None:
        box = self.page.get_by_test_id("stChatInputTextArea")
        box.fill(question)
        box.press("Enter")

    def ask_and_wait(self, question: str) -> None:
        before = self.page.locator(".meta").count()
        self.ask(question)
        expect(self.page.locator(".meta")).to_have_count(before + 1)

    def picture(self, name: str) -> None:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self.page.wait_for_timeout(400)  # fonts and transitions; nothing is asserted on what it shows
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png")


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    if not CHROMIUM.exists():
        pytest.skip(f"no {CHROMIUM}: apt-get install chromium fonts-noto-cjk")
    with sync_playwright() as running:
        yield running


def _visitor(playwright: Playwright, locale: str) -> Iterator[Visitor]:
    with tempfile.TemporaryDirectory() as profile:
        context = playwright.chromium.launch_persistent_context(
            profile,
            executable_path=CHROMIUM,
            args=FLAGS,
            headless=True,
            locale=locale,
            viewport={"width": 1440, "height": 900},
        )
        context.set_default_timeout(PATIENCE_MS)
        try:
            yield Visitor(context)
        finally:
            context.close()


@pytest.fixture
def chinese(playwright: Playwright) -> Iterator[Visitor]:
    yield from _visitor(playwright, "zh-CN")


@pytest.fixture
def english(playwright: Playwright) -> Iterator[Visitor]:
    yield from _visitor(playwright, "en-US")


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """`footnote up` on free ports and an empty data folder."""
    folder = tmp_path_factory.mktemp("up")
    data = folder / "data"
    started = start_up(folder, data)
    yield started
    stop_up(started)


def start_up(folder: Path, data: Path, *, seconds: float = START_SECONDS) -> Stack:
    """Start `footnote up` and return when it has told its addresses."""
    command = [sys.executable, "-m", "footnote", "up", "--data", str(data), "--port", "0", "--ui-port", "0"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    log = folder / "up.err"
    with log.open("w") as err:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=err, text=True)
    assert process.stdout is not None
    watchdog = threading.Timer(seconds, process.kill)
    watchdog.start()
    found: dict[str, str] = {}
    try:
        for line in process.stdout:
            if match := re.match(r"\s+(Ask|API)\s+(http://\S+)", line):
                found[match[1]] = match[2]
            if len(found) == 2:
                break
    finally:
        watchdog.cancel()
    if len(found) < 2:
        process.wait()
        pytest.fail(f"`footnote up` ended with {process.returncode}:\n{log.read_text()}")
    return Stack(found["Ask"], found["API"], data, process)


def stop_up(stack: Stack) -> None:
    stack.process.send_signal(signal.SIGINT)
    stack.process.wait(STOPS_WITHIN_SECONDS)
    assert stack.process.stdout is not None
    stack.process.stdout.close()


@pytest.fixture
def canned() -> Iterator[FakeApi]:
    with FakeApi() as api:
        yield api


@pytest.fixture
def canned_page(canned: FakeApi, tmp_path: Path) -> Iterator[str]:
    """The page alone, over the canned API; its address."""
    port = free_port("127.0.0.1", 0)
    script = ROOT / "ui" / "app.py"
    flags = ["--server.address=127.0.0.1", f"--server.port={port}"]
    command = [sys.executable, "-m", "streamlit", "run", str(script), *flags, "--", "--api", canned.address]
    with (tmp_path / "page.log").open("w") as log:
        process = subprocess.Popen(
            command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=log, stderr=log
        )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(address)
        yield address
    finally:
        process.terminate()
        process.wait(STOPS_WITHIN_SECONDS)
        shutil.rmtree(tmp_path, ignore_errors=True)


def wait_for(address: str, *, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            httpx.get(f"{address}/_stcore/health", trust_env=False).raise_for_status()
            return
        except httpx.HTTPError:
            assert time.monotonic() < deadline, f"nothing answers at {address}"
            time.sleep(0.1)
