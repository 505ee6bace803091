"""A crawl that was told to end after so many pages, articles, bytes or minutes ends there, in order."""

from __future__ import annotations

from typing import Any, Self

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.utils.asyncio import CallLaterResult, call_later

from crawler.account import LIMIT
from crawler.warc.recorder import end_crawl


class Limits:
    """What is under way when a limit is reached is finished; what waits, waits for the next crawl."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._pages = self._articles = 0
        self._timer: CallLaterResult | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        limits = cls(crawler)
        crawler.signals.connect(limits.begin, signals.spider_opened)
        crawler.signals.connect(limits.page, signals.response_received)
        crawler.signals.connect(limits.article, signals.item_scraped)
        crawler.signals.connect(limits.end, signals.spider_closed)
        return limits

    def begin(self, spider: Any) -> None:
        self._most: dict[str, float] = spider.plan.most
        if minutes := self._most.get("minutes"):
            self._timer = call_later(minutes * 60, self._reached, "minutes")

    def page(self, request: Request) -> None:
        """Lists and articles are pages; robots.txt and what pages need are not. Bytes are of all."""
        if "kind" not in request.cb_kwargs and "dont_obey_robotstxt" not in request.meta:
            self._pages += 1
            self._check("pages", self._pages)
        if "bytes" in self._most:
            assert self._crawler.stats is not None
            self._check("bytes", self._crawler.stats.get_value("downloader/response_bytes", 0))

    def article(self) -> None:
        self._articles += 1
        self._check("articles", self._articles)

    def end(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _check(self, name: str, value: float) -> None:
        if value >= self._most.get(name, float("inf")):
            self._reached(name)

    def _reached(self, name: str) -> None:
        if name == "minutes":
            self._timer = None
        end_crawl(self._crawler, f"{LIMIT}{self._most[name]:,g} {name}", as_asked=True)
