"""Receivers of notices, real ones: a web server on loopback that does what it is told, and an ended crawl."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

from crawler.notices.events import EndedCrawl
from tests.report.example import report

AT = datetime(2026, 11, 25, 6, 0, tzinfo=UTC)


@dataclass
class Web:
    """``answers``: status and headers of the next answers, then 200; "hang": none till
    ``release``; "halt": 200, and what it says besides not before ``release``.
    ``got``: (path, headers, body) of each request, as it came."""

    port: int = 0
    answers: list[tuple[int, dict[str, str]] | str] = field(default_factory=list)
    got: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    asked: Event = field(default_factory=Event)
    release: Event = field(default_factory=Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook/T0-password"

    @property
    def ids(self) -> list[str]:
        return [headers.get("x-ostan-notice", "") for _, headers, _ in self.got]


class _Server(ThreadingHTTPServer):
    web: Web
    daemon_threads = False  # their ends are waited for: nothing is left open

    def handle_error(self, *_: Any) -> None:
        """Of a client that was killed or did not wait."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        web = self.server.web
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        web.got.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
        answer = web.answers.pop(0) if web.answers else (200, {})
        web.asked.set()
        if answer == "hang":
            web.release.wait(10)
        status, headers = (200, {}) if isinstance(answer, str) else answer
        self.send_response(status)
        for name, value in ({"Content-Length": str(1000 * (answer == "halt"))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        if answer == "halt":
            web.release.wait(10)

    do_GET = do_POST  # noqa: N815  # http.server's

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving(web: Web) -> Iterator[Web]:
    server = _Server(("127.0.0.1", web.port), _Handler)
    server.web, web.port = web, server.server_address[1]
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield web
    finally:
        web.release.set()
        server.shutdown()
        thread.join()
        server.server_close()


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def ended(**changed: Any) -> EndedCrawl:
    """A crawl that ended as it should."""
    given: dict[str, Any] = {
        "name": "daily",
        "collection": "yjc",
        "run_id": "run1",
        "due": AT,
        "started": AT,
        "ended": AT,
        "outcome": "ended",
        "exit_code": 0,
        "reason": "finished",
        "report": report(),
    }
    return EndedCrawl(**given | changed)


FAILED = ended(exit_code=1, reason="unreachable: timed out")
