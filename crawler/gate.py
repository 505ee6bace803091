"""The one gate before the wire: no request leaves for a host that must be left alone, whoever asks it.

All pauses are kept here, so that a crawl that ends need not wait for any. Scrapy's downloader pauses nothing.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from time import monotonic
from typing import Any, Self
from urllib.parse import urlsplit

from scrapy import Request, Spider, signals
from scrapy.core.downloader import Slot
from scrapy.core.engine import ExecutionEngine
from scrapy.crawler import Crawler
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
)
from scrapy.extensions.throttle import AutoThrottle
from scrapy.http import Response

from crawler.causes import cause_of
from crawler.pages.challenge import MOST_BYTES, is_challenge
from crawler.politeness import Host, Manners, Refusal, refusal_of, retry_after
from crawler.sites.site import host_of
from crawler.warc.capture import Door
from crawler.warc.identify import unpacked
from crawler.warc.recorder import end_crawl

SILENCES = (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
)
LOOK_UP = 0.25  # seconds: how soon one who waits sees that the crawl ends


class NotReached(IgnoreRequest):
    """The crawl ended before the request might leave."""


class Gate(Door):
    """Extension. ``hosts``: what is known of each host that was asked, under ``host`` or ``host:port``."""

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self._crawler = crawler
        self._manners = Manners(
            delay=settings.getfloat("DOWNLOAD_DELAY"),
            shortest_wait=settings.getfloat("SHORTEST_WAIT"),
            longest_wait=settings.getfloat("LONGEST_WAIT"),
            most_refusals=settings.getint("MOST_REFUSALS"),
        )
        self._ended = False
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.hosts: dict[str, Host] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        gate = cls(crawler)
        crawler.signals.connect(gate.open, signals.spider_opened)
        crawler.signals.connect(gate.close, signals.spider_closed)
        return gate

    def open(self) -> None:
        self._crawler.engine.downloader._delay = 0.0  # the gate keeps it

    def close(self) -> None:
        assert self._crawler.stats is not None
        hosts = {name: host.as_dict() for name, host in sorted(self.hosts.items())}
        self._crawler.stats.set_value("hosts", hosts)

    def host(self, url: str) -> Host:
        name = host_of(urlsplit(url))
        if name not in self.hosts:
            self.hosts[name] = Host(name, self._manners)
        return self.hosts[name]

    async def enter(self, request: Request) -> Turn:
        host = self.host(request.url)
        lock = self._turns[host.name]
        self._check(host)
        if not lock.locked() and host.delay == 0 and host.wait(monotonic()) == 0:
            return Turn(self, request, host, lambda: None)
        await lock.acquire()  # who comes first goes first
        with ExitStack() as until_it_may:
            until_it_may.callback(lock.release)
            while (wait := host.wait(monotonic())) > 0:
                self._check(host)
                await asyncio.sleep(min(wait, LOOK_UP))
            self._check(host)
            # The next one's pause begins when this one's bytes go out: a connection may take its time.
            return Turn(self, request, host, until_it_may.pop_all().close)

    def _check(self, host: Host) -> None:
        if self._is_over():
            raise NotReached("not reached: the crawl has ended")
        if host.blocked:
            raise IgnoreRequest(f"host given up: {host.blocked}")

    def _is_over(self) -> bool:
        engine = self._crawler.engine
        return self._ended or engine is None or not engine.running or _is_closing(engine)

    def silent(self, cause: str, host: Host, left: float) -> None:
        """A host that is not there any more need not be asked for thousands of pages."""
        if reason := host.kept_silent(cause, monotonic(), left):
            self._give_up(host, reason, "unreachable")

    def answered(self, request: Request, response: Response, host: Host, left: float) -> None:
        host.spoke()
        what = refusal_of(response.status, challenge=_is_challenge(response))
        if what is None:
            if response.status < 500:
                host.served()
            return
        utc = datetime.now(UTC)
        refusal = Refusal(utc, what, response.status, request.url)
        asked = response.headers.get("Retry-After") or b""
        if reason := host.refuse(refusal, monotonic(), left, retry_after(asked.decode("latin-1"), utc)):
            self._give_up(host, reason)

    def recall(self, name: str, until: datetime) -> None:
        """A host, as ``hosts`` names it, that asked an earlier crawl to be left alone."""
        host = self.hosts[name] = Host(name, self._manners)
        host.recall(until, monotonic(), datetime.now(UTC))

    def left_alone(self, at: datetime) -> dict[str, tuple[datetime, str]]:
        """Hosts that are to be left alone beyond a moment: until when, and why."""
        return {
            name: (host.until, host.refusals[-1].what if host.refusals else "Crawl-delay")
            for name, host in self.hosts.items()
            if host.until and host.until > at
        }

    def crawl_delay(self, url: str, seconds: float | None) -> None:
        """What robots.txt asks of this host, in seconds."""
        host = self.host(url)
        if reason := host.asks_delay(seconds, datetime.now(UTC)):
            self._give_up(host, reason)

    def _give_up(self, host: Host, reason: str, what: str = "blocked") -> None:
        """The crawl lives on lists and articles; a host of pictures is only asked no more."""
        spider: Any = self._crawler.spider
        if host.name in spider.account.page_hosts:
            self._ended = True
            end_crawl(self._crawler, f"{what}: {reason}")


class Turn:
    """One request's leave to go; the next one waits until it has gone, or was given up."""

    def __init__(self, gate: Gate, request: Request, host: Host, release: Callable[[], None]) -> None:
        self._gate, self._request, self._host = gate, request, host
        self._release: Callable[[], None] | None = release
        self._left = monotonic()

    def sent(self) -> None:
        self._host.left(monotonic())
        self._free()

    def ended(self, response: Response | None, error: BaseException | None) -> None:
        self._host.left(self._left)  # a connection that came to nothing is a knock at the door too
        if response is not None:
            self._gate.answered(self._request, response, self._host, self._left)
        elif isinstance(error, SILENCES):
            self._gate.silent(cause_of(error), self._host, self._left)
        self._free()

    def _free(self) -> None:
        if self._release is not None:
            self._release()
            self._release = None


class Throttle(AutoThrottle):
    """Scrapy's AutoThrottle, by host: the pause that it finds is kept by the gate, beside the others."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._slots: dict[str, Slot] = {}

    def _spider_opened(self, spider: Spider) -> None:
        super()._spider_opened(spider)
        self.crawler.engine.downloader._delay = 0.0  # Scrapy's own would come on top

    def _get_slot(self, request: Request, spider: Spider) -> tuple[str, Slot]:  # noqa: ARG002  # Scrapy's
        name = host_of(urlsplit(request.url))
        if name not in self._slots:
            self._slots[name] = Slot(1, self._start_delay(), 0.0)
        return name, self._slots[name]

    def _adjust_delay(self, slot: Slot, latency: float, response: Response) -> None:
        super()._adjust_delay(slot, latency, response)
        if gate := self.crawler.get_extension(Gate):
            gate.host(response.url).throttle = slot.delay


def _is_closing(engine: ExecutionEngine) -> bool:
    return engine._slot is None or engine._slot.closing is not None


def _is_challenge(response: Response) -> bool:
    """As it came: content-encoding still on. Pictures, styles and scripts are none."""
    kind, coding = (response.headers.get(name) or b"" for name in ("Content-Type", "Content-Encoding"))
    if response.status != 200 or (kind and b"html" not in kind.lower()):
        return False
    start = unpacked(response.body, coding.decode("latin-1"), MOST_BYTES + 1)
    return len(start) <= MOST_BYTES and is_challenge(start.decode("utf-8", "replace"))
