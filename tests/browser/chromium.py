"""A headless Chromium that can reach this machine and nothing else, and the explorer to look at."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import playwright.sync_api as playwright
import pytest

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium")
PICTURES = ROOT / ".screenshots"
OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


@contextmanager
def launched() -> Iterator[playwright.Browser]:
    """With a fresh profile. Skips, with the cure, where there is none."""
    if CHROMIUM is None:
        pytest.skip("no chromium: nothing was looked at in a browser; scripts/browser installs it")
    with playwright.sync_playwright() as player:
        browser = player.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Browser:
    """``left``: addresses beyond this machine that a page asked for, in vain."""

    context: playwright.BrowserContext
    left: list[str] = field(default_factory=list)

    def page(self) -> playwright.Page:
        return self.context.new_page()

    def _asked(self, request: playwright.Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.hostname != "127.0.0.1":
            self.left.append(request.url)


@contextmanager
def context_of(started: playwright.Browser, **options: Any) -> Iterator[Browser]:
    browser = Browser(started.new_context(**options))
    browser.context.on("request", browser._asked)
    try:
        yield browser
    finally:
        browser.context.close()


@contextmanager
def chromium() -> Iterator[Browser]:
    with launched() as started, context_of(started) as browser:
        yield browser


@dataclass
class Looked:
    """A page of the explorer, with what went wrong in it."""

    browser: Browser
    page: playwright.Page
    wrong: list[str] = field(default_factory=list)

    def picture(self, name: str) -> None:
        """Kept for people to look at."""
        PICTURES.mkdir(exist_ok=True)
        self.page.screenshot(path=PICTURES / f"{name}.png")

    @property
    def replayed(self) -> playwright.Frame:
        """The frame with the archived page, once it is there."""
        self.page.wait_for_selector("#replayed")
        frame = next(frame for frame in self.page.frames if frame != self.page.main_frame)
        frame.wait_for_load_state()
        return frame


@contextmanager
def looking(started: playwright.Browser, **options: Any) -> Iterator[Looked]:
    with context_of(started, viewport={"width": 1280, "height": 900}, **options) as browser:
        looked = Looked(browser, browser.page())
        looked.page.on("pageerror", lambda error: looked.wrong.append(str(error)))
        yield looked


@contextmanager
def exploring(archives: Path) -> Iterator[str]:
    """The real command; its address. The replay's port is the next one."""
    words = [sys.executable, "-m", "scrapy", "explore", "--port", "0", "-s", f"ARCHIVES={archives}"]
    process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        line = process.stdout.readline()
        assert line.startswith("http://"), line
        yield line.split()[0].rstrip("/")
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()
