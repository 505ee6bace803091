"""ReplayWeb.page over WACZ files in a folder, on a loopback server that answers ranges."""

from __future__ import annotations

import html
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import uvicorn
from playwright.sync_api import Frame, Page, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from tests.crawling import ROOT

PLAYER = ROOT / ".judges" / "replaywebpage"
INSIDE = '<!doctype html><script src="ui.js"></script><replay-app-main></replay-app-main>'
OUTSIDE = """<!doctype html><meta charset="utf-8"><script src="/replay/ui.js"></script>
<style>html, body, replay-web-page {{ height: 100%; margin: 0 }}</style>
<replay-web-page replayBase="/replay/" embed="default" source="{source}" {place}></replay-web-page>"""
PATIENCE = 30  # seconds
REPLAYED = re.compile(r"/replay/w/\S*mp_/https?://")


@dataclass(frozen=True)
class Player:
    """``url``: of the server."""

    url: str

    def address(self, name: str, url: str = "", timestamp: str = "") -> str:
        """Of the player with a WACZ, or a list of them, open at a capture or at its pages."""
        return f"{self.url}/?source={name}&url={quote(url, safe='')}&ts={timestamp}"

    def finds(self, page: Page, name: str, words: str, pages: int) -> None:
        """Look for words in the texts of all pages. AssertionError: so many are not found."""
        page.goto(self.address(name))
        inside = page.frame_locator("replay-web-page >> iframe")
        inside.get_by_placeholder("Search by Page URL").fill(words)
        expect(inside.locator(".num-results")).to_have_text(f"{pages} pages", timeout=PATIENCE * 1000)

    def replayed(self, page: Page, name: str, url: str, timestamp: str) -> Frame:
        """The frame that shows a capture, loaded."""
        page.goto(self.address(name, url, timestamp))
        return frame_of(page)


def frame_of(page: Page) -> Frame:
    """The frame of what is replayed, loaded; of a redirect that is where it leads. Raises TimeoutError, with
    the frames that there are."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        for frame in page.frames:
            if REPLAYED.search(address := frame.url):
                frame.wait_for_load_state("load")
                page.wait_for_timeout(50)
                if frame.url == address:
                    return frame
        page.wait_for_timeout(50)
    raise TimeoutError(f"nothing is shown, but {[frame.url for frame in page.frames]}")


def _outside(request: Request) -> HTMLResponse:
    asked = {name: html.escape(value) for name, value in request.query_params.items()}
    place = f'url="{asked["url"]}" ts="{asked["ts"]}"' if asked["url"] else 'view="pages"'
    return HTMLResponse(OUTSIDE.format(source=f"/wacz/{asked['source']}", place=place))


def _inside(_: Request) -> HTMLResponse:
    """What the player's frame is before its service worker answers itself."""
    return HTMLResponse(INSIDE)


@contextmanager
def playing(folder: Path) -> Iterator[Player]:
    """``folder``: of WACZ files and lists of them."""
    routes = [
        Route("/", _outside),
        Route("/replay/", _inside),
        Mount("/replay", StaticFiles(directory=PLAYER)),
        Mount("/wacz", StaticFiles(directory=folder)),
    ]
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(Starlette(routes=routes), log_level="error"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        try:
            yield Player(f"http://127.0.0.1:{listening.getsockname()[1]}")
        finally:
            server.should_exit = True
            thread.join(PATIENCE)
