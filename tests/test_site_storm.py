"""How the sample site's weather is set, and what it does to single requests: refusals, waits, cuts."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from .site import Site, running
from .site.client import Client
from .site.weather import Weather


@pytest.fixture(scope="module")
def running_site() -> Iterator[Site]:
    with running(articles=1) as site:
        yield site


@pytest.fixture
def site(running_site: Site) -> Iterator[Site]:
    running_site.forget()
    yield running_site
    running_site.change(**Weather().as_json())


@pytest.fixture
def client(site: Site) -> Iterator[Client]:
    client = Client(site)
    yield client
    client.close()


def _statuses(client: Client, count: int, path: str = "/") -> list[int]:
    return [client.get(path)[0].status for _ in range(count)]


@pytest.mark.parametrize(
    ("switches", "words"),
    [
        ({"edit": 1}, "no switch 'edit'; there are edits, deletions"),
        ({"edits": -1}, "edits takes a whole number, 0 to 100000; not '-1'"),
        ({"edits": 30, "deletions": 4}, "together are 34; the site has 31 articles"),
        ({"deleted_as": "405"}, "404 or 410 or soft404 or home or mixed"),
        ({"slow": "nan"}, "seconds, 0 to 3600"),
        ({"counters": 2}, "1 or 0"),
        ({"refuse_status": 500}, "429 or 503 or 403"),
        ({"robots_status": 200}, "0 or 400 or 401"),
        ({"disallow": "/a\nAllow: /b"}, "a path"),
        ({"redesign": "1"}, "full or partial; 0 is off"),
    ],
)
def test_wrong_switches_are_refused_with_what_is_allowed(
    site: Site, switches: dict[str, Any], words: str
) -> None:
    before = site.truth()
    with pytest.raises(ValueError, match=re.escape(words)):
        site.change(new=1, **switches)
    assert site.truth() == before


def test_a_change_keeps_the_log_and_the_other_switches_and_is_not_logged(client: Client) -> None:
    client.text("/")
    client.site.change(edits=2)
    client.site.change(new=1)
    truth = client.site.truth()
    assert (len(truth["edited"]), len(truth["articles"])) == (2, 32)
    assert [entry["path"] for entry in client.site.log()] == ["/"]
    assert "refused" not in client.site.log()[0]


def test_switches_are_options_too() -> None:
    with running(1, edits=2, deletions=3, counters=True, deleted_as="410") as site:
        truth = site.truth()
    assert len(truth["edited"]) == 2
    assert list(truth["deleted"].values()) == ["410"] * 3
    command = [sys.executable, "-m", "tests.site", "--port", "0", "--slow", "soon"]
    done = subprocess.run(command, cwd=Path(__file__).parents[1], capture_output=True, text=True)
    assert (done.returncode, "slow takes seconds" in done.stderr) == (2, True)


def test_every_nth_page_is_refused(client: Client) -> None:
    client.site.change(refuse_every=3)
    assert _statuses(client, 7) == [200, 200, 429, 200, 200, 429, 200]
    assert [entry.get("refused", False) for entry in client.site.log()] == [False, False, True] * 2 + [False]
    client.site.change(refuse_every=1, refuse_status=503)
    for path in ("/robots.txt", "/files/a.jpg", "/client/themes/fa/main/css/style_1.css"):
        assert client.get(path)[0].status == 200
    answer, _ = client.get("/")
    assert (answer.status, answer.headers["Retry-After"]) == (503, None)


def test_the_first_pages_are_refused(client: Client) -> None:
    client.site.change(refuse_first=3, refuse_status=403)
    assert _statuses(client, 5) == [403, 403, 403, 200, 200]


@pytest.mark.parametrize("as_date", [False, True])
def test_all_is_refused_while_retry_after_runs(client: Client, as_date: bool) -> None:
    client.site.change(refuse_first=1, retry_after=1, retry_after_date=as_date)
    answers = [client.get("/")[0] for _ in range(3)]
    assert {answer.status for answer in answers} == {429}
    (header,) = {answer.headers["Retry-After"] for answer in answers}
    if as_date:
        time.sleep(parsedate_to_datetime(header).timestamp() - time.time() + 0.01)
    else:
        assert header == "1"
        time.sleep(1)
    assert client.get("/")[0].status == 200


def test_slow(client: Client) -> None:
    client.site.change(slow=0.5, slow_every=2)
    took = []
    for path in ("/", "/files/a.jpg", "/"):
        start = time.monotonic()
        client.get(path)
        took.append(time.monotonic() - start >= 0.5)
    assert took == [False, False, True]
    client.site.change(slow_every=0)
    start = time.monotonic()
    client.get("/")
    assert time.monotonic() - start >= 0.5


def test_a_slow_page_holds_up_no_other(client: Client) -> None:
    client.site.change(slow=0.5, slow_every=2)
    other = Client(client.site)
    assert client.get("/")[0].status == 200
    host, port = urlsplit(client.site.url).netloc.split(":")
    with socket.create_connection((host, int(port))) as waiting:
        waiting.sendall(b"GET / HTTP/1.1\r\n\r\n")
        while len(client.site.log()) < 2:
            time.sleep(0.01)
        assert other.get("/")[0].status == 200
        waiting.setblocking(False)
        with pytest.raises(BlockingIOError):
            waiting.recv(1)
    other.close()


def test_a_reset_comes_after_half_of_the_bytes(client: Client) -> None:
    def ask() -> tuple[int, bool]:
        host, port = urlsplit(client.site.url).netloc.split(":")
        got = 0
        with socket.create_connection((host, int(port)), timeout=10) as line:
            line.sendall(b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n")
            try:
                while piece := line.recv(65536):
                    got += len(piece)
            except ConnectionResetError:
                return got, True
        return got, False

    client.site.change(reset_every=2)
    (whole, first), (half, second), (_, third) = ask(), ask(), ask()
    assert (first, second, third) == (False, True, False)
    assert half == whole // 2


def test_a_challenge_answers_for_a_while(client: Client) -> None:
    client.site.change(challenge_after=2, challenge_for=2)
    answers = [client.get("/") for _ in range(4)]
    assert {answer.status for answer, _ in answers} == {200}
    assert [b"__arcsjs" in body for _, body in answers] == [False, True, True, False]
    page = answers[1][1].decode()
    assert "<title>Transferring to the website...</title>" in page
    assert "arvancloud" in page
    assert len(page) < 5000
    client.site.change(challenge_after=1, challenge_for=0)
    assert all(b"__arcsjs" in client.get("/fa/rss/35")[1] for _ in range(3))
    assert b"User-agent" in client.get("/robots.txt")[1]
