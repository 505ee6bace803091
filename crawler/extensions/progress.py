"""Where the crawl stands, on stderr: a display on a terminal, elsewhere a line a minute (PROGRESS_SECONDS).

Nothing of it is on stdout, and it is gone before the run's report is printed there.
"""

from __future__ import annotations

import io
import logging
import sys
from collections import deque
from contextlib import suppress
from datetime import datetime
from time import monotonic
from typing import Any, Self, TextIO

from rich.console import Console
from rich.live import Live
from rich.text import Text
from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.utils.asyncio import create_looping_call

from crawler.gate import Gate
from crawler.items import Article
from crawler.ledger.accounts import waiting
from crawler.pipelines import Unchanged, Unwanted
from crawler.provinces import BY_SLUG, Province
from crawler.report.live import Standing, as_display, as_line
from crawler.warc.recorder import Recorder

DISPLAY_SECONDS = 0.5
COUNT_SECONDS = 1  # how often what waits is counted
AT_MOST = 0.01  # of the crawl's time that the counting may take
A_MINUTE = 60.0


class Progress:
    """Watches the crawl, and says what it saw when the loop has a moment."""

    def __init__(self, crawler: Crawler, every: int) -> None:
        self._crawler, self._every = crawler, every
        self._spider: Any = None
        self._pages = self._passed = 0
        self._province: Province | None = None
        self._began = self._count_at = 0.0
        self._discovered: int | None = None
        self._past: deque[tuple[float, int]] = deque()  # (moment, articles dealt with) of the last minute
        self._display: Display | None = None
        self._call: Any = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        every = crawler.settings.getint("PROGRESS_SECONDS")
        if every <= 0:
            raise NotConfigured  # nobody wants to see it
        progress = cls(crawler, every)
        connect = crawler.signals.connect
        connect(progress.open, signals.spider_opened)
        connect(progress.answered, signals.response_received)
        connect(progress.wrote, signals.item_scraped)
        connect(progress.dropped, signals.item_dropped)
        for end in (signals.spider_closed, signals.engine_stopped):  # the report is printed at the second
            connect(progress.stop, end)
        return progress

    def open(self, spider: Spider) -> None:
        self._spider, self._began = spider, monotonic()
        self._display = Display.on(sys.stderr)
        self._call = create_looping_call(self._show if self._display else self._say)
        self._call.start(DISPLAY_SECONDS if self._display else self._every, now=False)

    def answered(self, request: Request) -> None:
        self._pages += "kind" not in request.cb_kwargs  # else a file that a page needs

    def wrote(self, item: Article) -> None:
        self._province = BY_SLUG.get(item.province.slug) if item.province else None

    def dropped(self, exception: Exception) -> None:
        self._passed += isinstance(exception, Unchanged | Unwanted)

    def stop(self) -> None:
        if self._call is not None and self._call.running:
            self._call.stop()
        if self._display is not None:
            self._display.close()
            self._display = None

    # -- what is said ------------------------------------------------------------------------------

    def _say(self) -> None:
        print(as_line(self._standing(), datetime.now()), file=sys.stderr, flush=True)

    def _show(self) -> None:
        if self._display is not None:
            self._display.show(self._standing())

    def _standing(self) -> Standing:
        account, now = self._spider.account, monotonic()
        failed = sum(n for reason, n in account.trouble_count.items() if reason.startswith("article: "))
        dealt = account.rows.total() + self._passed + failed
        recorder = self._crawler.get_extension(Recorder)
        return Standing(
            run_id=self._spider.run_id,
            articles=account.rows.total(),
            dealt=dealt,
            discovered=self._count(now, dealt),
            pages=self._pages,
            bytes=recorder.bytes if recorder else 0,
            province=self._province,
            errors=dict(account.trouble_count),
            a_minute=self._rate(now, dealt),
            pause=self._pause(now),
            seconds=now - self._began,
        )

    def _count(self, now: float, dealt: int) -> int | None:
        """Of a million it takes long: then it is done seldom. A recheck takes nothing from what waits."""
        if self._spider.takes_up and hasattr(self._spider, "frontier") and now >= self._count_at:
            self._discovered = dealt + waiting(self._spider.ledger, self._spider.plan.wanted())
            self._count_at = now + max(COUNT_SECONDS, (monotonic() - now) / AT_MOST)
        return None if self._discovered is None else max(self._discovered, dealt)

    def _rate(self, now: float, dealt: int) -> float:
        """Articles a minute, over the last minute."""
        self._past.append((now, dealt))
        while now - self._past[0][0] > A_MINUTE:
            self._past.popleft()
        since, before = self._past[0]
        return (dealt - before) / (now - since) * A_MINUTE if now > since else 0.0

    def _pause(self, now: float) -> float:
        """Seconds until the host may be asked again; of several hosts, the longest."""
        gate = self._crawler.get_extension(Gate)
        return max((host.wait(now) for host in gate.hosts.values()), default=0.0) if gate else 0.0


class Display:
    """A few lines at the foot of a terminal; what is logged meanwhile goes above them."""

    def __init__(self, console: Console, stderr: TextIO) -> None:
        self._stderr = stderr
        self._live = Live(console=console, auto_refresh=False, transient=True, redirect_stdout=False)
        self._live.start()
        console.show_cursor(True)  # a crawl that is killed must not leave a terminal without one
        self._loggers = _handlers_of(stderr)
        for handler in self._loggers:
            handler.setStream(Above(console))

    @classmethod
    def on(cls, stderr: TextIO) -> Self | None:
        """None where it is no terminal, or one that cannot go back a line."""
        console = Console(file=stderr)
        can = stderr.isatty() and console.is_terminal and not console.is_dumb_terminal
        return cls(console, stderr) if can else None

    def show(self, standing: Standing) -> None:
        self._live.update(as_display(standing), refresh=True)

    def close(self) -> None:
        with suppress(OSError):  # the terminal is gone
            self._live.stop()
        for handler in self._loggers:
            handler.setStream(self._stderr)


class Above(io.TextIOBase):
    """Takes whole lines. The display's own stream would break long ones at words: nobody could copy them."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def write(self, text: str) -> int:
        if text.strip():
            self._console.print(Text(text.rstrip("\n")), soft_wrap=True)
        return len(text)


def _handlers_of(stream: TextIO) -> list[logging.StreamHandler[Any]]:
    return [
        handler
        for handler in logging.getLogger().handlers
        if isinstance(handler, logging.StreamHandler) and handler.stream is stream
    ]
