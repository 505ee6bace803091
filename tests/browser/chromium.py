"""A headless browser that is allowed this machine and nothing else, and the explorer to look at."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[2]
CHROMIUM = Path("/usr/bin/chromium")
# Without these it asks for things of its own.
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-default-apps"
).split()
PICTURES = ROOT / ".screenshots"


@contextmanager
def chromium() -> Iterator[Browser]:
    """Skips, with the cure, where there is none."""
    if not CHROMIUM.exists():
        pytest.skip(f"no {CHROMIUM}: nothing was looked at in a browser; scripts/browser installs it")
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Looked:
    """A page, with what went wrong in it and where it asked."""

    page: Page
    wrong: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)

    def picture(self, name: str) -> None:
        """Kept for people to look at."""
        PICTURES.mkdir(exist_ok=True)
        self.page.screenshot(path=PICTURES / f"{name}.png")

    @property
    def replayed(self) -> Any:
        """The frame with the archived page, once it is there."""
        self.page.wait_for_selector("#replayed")
        frame = next(frame for frame in self.page.frames if frame != self.page.main_frame)
        frame.wait_for_load_state()
        return frame


@contextmanager
def looking(browser: Browser, **options: Any) -> Iterator[Looked]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, **options)
    looked = Looked(context.new_page())
    looked.page.on("request", lambda request: looked.hosts.add(urlsplit(request.url).hostname or ""))
    looked.page.on("pageerror", lambda error: looked.wrong.append(str(error)))
    try:
        yield looked
    finally:
        context.close()


@contextmanager
def exploring(archives: Path) -> Iterator[str]:
    """The real command; its address."""
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
