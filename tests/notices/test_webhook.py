"""Webhooks to a real server: down, up, refusing, redirecting, hanging; signed so that others can check it."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from crawler.notices.delivery import Counts, Delivery, deliver
from crawler.notices.queue import Queue
from crawler.notices.telling import tell
from crawler.notices.webhook import Failed, post
from crawler.schedule.file import Mail, Notify
from tests.notices.receivers import AT, FAILED, Web, free_port, serving

KEY = "key-of-the-hook-4711"
MINUTE = timedelta(minutes=1)


class World:
    """A queue with one notice for a web server, a clock that stands, and what was said."""

    def __init__(self, folder: Path, web: Web) -> None:
        self.web, self.now, self.said = web, AT, []  # type: tuple[Web, object, list[str]]
        self.queue = Queue(folder / "notices.sqlite")
        self.delivery = Delivery(
            Mail, {"HOOK_KEY": KEY}, lambda: self.now, lambda: 0.0, self.said.append, webhook_timeout=0.3
        )
        tell(self.queue, FAILED, Notify(webhook=web.url, secret_env="HOOK_KEY"), AT)

    def deliver(self, after: timedelta = timedelta(0)) -> Counts:
        self.now += after
        return deliver(self.queue, self.delivery)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with serving(Web()) as web:
        yield World(tmp_path, web)


def test_a_receiver_that_is_down_gets_it_once_it_is_up(tmp_path: Path) -> None:
    web = Web(port=free_port())
    world = World(tmp_path, web)
    assert world.deliver() == Counts(put_off=1)
    assert world.deliver() == Counts(), "not at once again"
    assert world.deliver(MINUTE) == Counts(put_off=1)
    with serving(web):
        assert world.deliver(2 * MINUTE) == Counts(delivered=1)
        assert world.deliver(timedelta(days=1)) == Counts()
    assert len(web.got) == 1
    assert world.queue.counts() == {"delivered": 1}
    assert world.said == [
        "Ostan: daily of yjc: failed: not delivered to webhook at 127.0.0.1 yet: no connection: "
        "Connection refused"
    ]


def test_what_arrives_can_be_checked_with_the_key(world: World) -> None:
    world.deliver()
    path, headers, body = world.web.got[0]
    assert path == "/hook/T0-password"
    told = json.loads(body)
    assert told["id"] == headers["x-ostan-notice"]
    assert headers["content-type"] == "application/json; charset=utf-8"
    assert headers["x-ostan-timestamp"] == str(int(AT.timestamp()))
    # RFC 2104, by hand: not the library that signed it.
    padded = KEY.encode().ljust(64, b"\0")
    inner, outer = (bytes(byte ^ mask for byte in padded) for mask in (0x36, 0x5C))
    text = headers["x-ostan-timestamp"].encode() + b"." + body
    digest = hashlib.sha256(outer + hashlib.sha256(inner + text).digest()).hexdigest()
    assert headers["x-ostan-signature"] == f"sha256={digest}"
    assert digest != hmac.new(KEY.encode(), body, hashlib.sha256).hexdigest(), "the time is signed too"


ANSWERS = {
    "500": ((500, {}), Counts(put_off=1), MINUTE),
    "503 that names a time": ((503, {"Retry-After": "600"}), Counts(put_off=1), 10 * MINUTE),
    "429 that names a time": ((429, {"Retry-After": "120"}), Counts(put_off=1), 2 * MINUTE),
    "429 with a date": ((429, {"Retry-After": "Wed, 25 Nov 2026"}), Counts(put_off=1), MINUTE),
    "408": ((408, {}), Counts(put_off=1), MINUTE),
    "a redirect": ((302, {"Location": "/elsewhere"}), Counts(put_off=1), MINUTE),
    "one that keeps the method": ((307, {"Location": "/elsewhere"}), Counts(put_off=1), MINUTE),
    "silence": ("hang", Counts(put_off=1), MINUTE),
    "200, and then nothing for long": ("halt", Counts(delivered=1), None),
    "204": ((204, {}), Counts(delivered=1), None),
    "400": ((400, {}), Counts(given_up=1), None),
    "404": ((404, {}), Counts(given_up=1), None),
    "410": ((410, {}), Counts(given_up=1), None),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_what_an_answer_means(world: World, name: str) -> None:
    answer, counts, wait = ANSWERS[name]
    world.web.answers.append(answer)
    assert world.deliver() == counts
    assert len(world.web.got) == 1, "no redirect is followed"
    if wait is None:
        assert world.deliver(timedelta(days=3)) == Counts()
        return
    world.web.release.set()
    assert world.deliver(wait - MINUTE / 60) == Counts()
    assert world.deliver(MINUTE / 60) == Counts(delivered=1)
    assert len(set(world.web.ids)) == 1, "a receiver can drop the double"


def test_one_that_is_given_up_is_said_and_kept(world: World) -> None:
    world.web.answers.append((403, {}))
    world.deliver()
    assert world.said == ["error: Ostan: daily of yjc: failed: given up for webhook at 127.0.0.1: HTTP 403"]
    assert world.queue.counts() == {"given up": 1}


def test_without_its_key_nothing_is_sent(world: World) -> None:
    unkeyed = Delivery(Mail, {}, lambda: AT, lambda: 0.0, world.said.append)
    assert deliver(world.queue, unkeyed) == Counts(put_off=1)
    assert world.web.got == []
    assert world.said[0].endswith("yet: HOOK_KEY is not set where the schedule runs")
    assert world.deliver(MINUTE) == Counts(delivered=1)


def test_one_receiver_that_is_down_does_not_hold_the_others(world: World) -> None:
    dead = Notify(webhook=f"http://127.0.0.1:{free_port()}/")
    for hook in (dead, Notify(webhook=f"{world.web.url}/2")):
        tell(world.queue, FAILED, hook, AT)
    assert world.deliver() == Counts(delivered=2, put_off=1)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://127.0.0.1/x", "data:,x"])
def test_only_http_is_spoken(url: str) -> None:
    with pytest.raises(Failed, match=r"no http\(s\) address"):
        post(url, b"{}", "1", None, AT)


def test_no_secret_is_in_any_file_or_line(world: World, tmp_path: Path) -> None:
    world.web.answers += [(500, {}), (404, {})]
    world.deliver()
    world.deliver(MINUTE)
    everything = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    everything += "\n".join(world.said).encode()
    everything += b"".join(body + str(headers).encode() for _, headers, body in world.web.got)
    assert KEY.encode() not in everything
    assert all("password" not in line for line in world.said), "the path of a webhook is one, often"


def test_a_minute_is_the_first_pause_and_each_is_longer(world: World) -> None:
    world.web.answers += [(500, {})] * 4
    tried = []
    for _ in range(31):
        before = len(world.web.got)
        world.deliver(MINUTE / 2)
        if len(world.web.got) > before:
            tried.append(world.now)
    assert [(later - earlier) / MINUTE for earlier, later in pairwise(tried)] == [1, 2, 4, 8]
