"""``scrapy explore`` as a process of its own, and questions to it that no browser would ask."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from parsel import Selector

from tests.crawling import ROOT

PATIENCE = 20  # seconds for an answer
SECRET = "not to be seen by anybody"  # lies outside of the archives


@dataclass(frozen=True)
class Answer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def __getitem__(self, name: str) -> str:
        """The one value of a header; "" where it has none."""
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        assert len(values) <= 1, (name, values)
        return values[0] if values else ""

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def ask(port: int, path: str, method: str = "GET", **headers: str) -> Answer:
    """``path``: as it goes over the line, nothing encoded or tidied. ``headers``: ``if_none_match=…``."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    connection._validate_path = lambda _: None  # type: ignore[attr-defined]  # strangers do not either
    connection.putrequest(method, path, skip_host="host" in headers, skip_accept_encoding=True)
    for name, value in headers.items():
        connection.putheader(name.replace("_", "-"), value)
    connection.endheaders()
    try:
        answer = connection.getresponse()
        return Answer(answer.status, answer.getheaders(), answer.read())
    finally:
        connection.close()


def raw(port: int, sent: bytes) -> bytes:
    """What comes back for these bytes until the other side closes, or b"" where it lets go at once."""
    got = b""
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as line, suppress(ConnectionError):
        line.sendall(sent)
        while piece := line.recv(65_536):
            got += piece
    return got


def refused(answer: Answer, *statuses: int) -> str:
    """In a sentence, with nothing of the program's insides."""
    assert answer.status in statuses, answer
    assert "Traceback" not in answer.text
    assert SECRET not in answer.text
    if answer["content-type"] == "application/json":
        says = str(answer.json["wrong"])
    else:
        says = Selector(answer.text).css("[role=alert] ::text, .bad[role=alert]::text").get() or answer.text
    assert len(says.split()) > 3, says
    return says


@dataclass(frozen=True)
class Explorer:
    """A server that runs; ``errors``: where its standard error goes."""

    process: subprocess.Popen[str]
    port: int
    replay_port: int
    errors: Path

    def get(self, path: str, method: str = "GET", **headers: str) -> Answer:
        return ask(self.port, path, method, **headers)

    def replay(self, path: str, method: str = "GET", **headers: str) -> Answer:
        return ask(self.replay_port, path, method, **headers)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def replay_origin(self) -> str:
        return f"http://127.0.0.1:{self.replay_port}"

    @property
    def complaints(self) -> str:
        """All but what it says of strangers who do not speak HTTP."""
        lines = self.errors.read_text(encoding="utf-8").splitlines(keepends=True)
        return "".join(line for line in lines if "Invalid HTTP request received" not in line)


def command(archives: Path, *options: str, name: str = "explore") -> list[str]:
    return [sys.executable, "-m", "scrapy", name, "-s", f"ARCHIVES={archives}", *options]


@contextmanager
def exploring(archives: Path, errors: Path, *options: str) -> Iterator[Explorer]:
    """Both ports any that are free."""
    with errors.open("w", encoding="utf-8") as stream:
        process = subprocess.Popen(
            command(archives, *(options or ("--port", "0", "--replay-port", "0"))),
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=stream,
            text=True,
            env={name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")},
        )
    assert process.stdout
    try:
        line = process.stdout.readline()
        assert line.startswith("http://127.0.0.1:"), errors.read_text(encoding="utf-8")
        port = urlsplit(line.split()[0]).port
        assert port
        yield Explorer(process, port, _other_port(port, process.pid), errors)
    finally:
        process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(5)
        process.kill()
        process.wait()
        process.stdout.close()


def _other_port(port: int, pid: int) -> int:
    """The process's second listener, out of the kernel's own table."""
    sockets = set()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(OSError):
            sockets.add(str(link.readlink()))
    for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]:
        fields = line.split()
        number = int(fields[1].partition(":")[2], 16)
        if fields[3] == "0A" and number != port and f"socket:[{fields[9]}]" in sockets:
            return number
    raise AssertionError("no second port")
