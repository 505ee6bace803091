"""Between the crawl and the network: what may be asked for, and the archive in the network's place."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest, NotConfigured
from scrapy.http import Headers, Response
from scrapy.responsetypes import responsetypes
from scrapy.utils.httpobj import urlparse_cached

from crawler.account import Account
from crawler.warc.playback import Playback


class Guard:
    """Only http(s) to the site's own hosts, whoever asks: links, redirects, requests with dont_filter."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        if not self._crawler.spider.site.may_ask(request.url):  # type: ignore[union-attr]
            parts = urlparse_cached(request)
            assert self._crawler.stats is not None
            self._crawler.stats.inc_value("guard/refused")
            raise IgnoreRequest(f"not a host of the site: {parts.scheme}://{parts.netloc}")


class Robots:
    """Scrapy takes a robots.txt that cannot be had for one that allows all; that must not go unsaid."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        if not _is_robots(request) and "kind" not in request.cb_kwargs:  # a page, not a file that it needs
            self._account.page_hosts.add(urlparse_cached(request).netloc)

    def process_response(self, request: Request, response: Response) -> Response:
        if _is_robots(request) and response.status >= 500:
            self._note(request, f"HTTP {response.status}")
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        if _is_robots(request) and not isinstance(exception, IgnoreRequest):
            self._note(request, type(exception).__name__)

    def _note(self, request: Request, what: str) -> None:
        self._account.robots[urlparse_cached(request).netloc] = what

    @property
    def _account(self) -> Account:
        return self._crawler.spider.account  # type: ignore[union-attr,no-any-return]  # our spiders have one


def _is_robots(request: Request) -> bool:
    return urlparse_cached(request).path == "/robots.txt" and "dont_obey_robotstxt" in request.meta


class Replay:
    """The archive answers, not the net: nothing that it does not hold is asked for anywhere else."""

    def __init__(self, playback: Playback) -> None:
        self._playback = playback

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        source = crawler.settings["REPLAY_FROM"]
        if not source:
            raise NotConfigured  # the network answers
        return cls(Playback(Path(source)))

    def process_request(self, request: Request) -> Response:
        played = self._playback.answer(request.url)
        if played is None:
            raise IgnoreRequest("not in the archive that is replayed")
        answer, headers = played.answer, Headers()
        for name, value in answer.headers:
            headers.appendlist(name, value.encode("latin-1"))
        kind = responsetypes.from_args(headers=headers, url=request.url, body=answer.payload)
        request.meta["capture"] = played.capture
        return kind(request.url, answer.status, headers=headers, body=answer.payload, request=request)
