"""Between the crawl and the network: what may be asked for, and the archive in the network's place."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest, NotConfigured
from scrapy.http import Headers, Response, TextResponse
from scrapy.http.request import NO_CALLBACK
from scrapy.responsetypes import responsetypes
from scrapy.robotstxt import RobotParser
from scrapy.utils.httpobj import urlparse_cached
from scrapy.utils.misc import build_from_crawler

from crawler.account import NOTHING_ALLOWED, Account
from crawler.causes import cause_of
from crawler.gate import Gate, NotReached
from crawler.pages.challenge import MOST_BYTES, is_challenge
from crawler.politeness import CHALLENGE
from crawler.sites.site import host_of
from crawler.warc.playback import Playback
from crawler.warc.recorder import Recorder

logger = logging.getLogger(__name__)
MOST_OF_ROBOTS = 500 * 1024  # bytes that are read; RFC 9309 2.5 asks for so many


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


class Refusals:
    """What the gate has to say of requests and answers: see to it that nothing else is made of them."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._is_replay = bool(crawler.settings["REPLAY_FROM"])
        self._retries = crawler.settings.getbool("RETRY_ENABLED")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        if not _is_robots(request) and "kind" not in request.cb_kwargs:  # a page, not a file that it needs
            account_of(self._crawler).page_hosts.add(host_of(urlsplit(request.url)))

    def process_response(self, request: Request, response: Response) -> Response | Request:
        """A challenge is asked again like a 429, and then fails; nobody reads it, from an archive neither."""
        if response.status != 200 or not isinstance(response, TextResponse):
            return response
        if len(response.body) > MOST_BYTES or not is_challenge(response.text):
            return response
        assert self._crawler.spider is not None
        if self._retries and not self._is_replay:
            again = get_retry_request(request, spider=self._crawler.spider, reason=CHALLENGE)
            if again is not None:
                return again
        raise IgnoreRequest(f"blocked: {CHALLENGE}")

    def process_exception(self, request: Request, exception: Exception) -> Request | None:
        """What the end of the crawl caught waiting goes back to the queue: it was not reached."""
        return request if isinstance(exception, NotReached) and not _is_robots(request) else None


class Robots(RobotsTxtMiddleware):
    """Scrapy's, but as RFC 9309 has it where robots.txt cannot be had (2.3.1.4): then nothing may be asked of
    the host, unless the archive holds an earlier one. And its Crawl-delay is kept.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._rules: dict[str, asyncio.Future[RobotParser | None]] = {}
        self._agent = crawler.settings["ROBOTSTXT_USER_AGENT"] or crawler.settings["USER_AGENT"]

    async def robot_parser(self, request: Request) -> RobotParser | None:
        parts = urlparse_cached(request)
        if parts.netloc not in self._rules:
            url = f"{parts.scheme}://{parts.netloc}/robots.txt"
            self._rules[parts.netloc] = asyncio.ensure_future(self._read(url))
        return await self._rules[parts.netloc]

    async def _read(self, url: str) -> RobotParser | None:
        """The rules of a host, None where all is allowed. Raises IgnoreRequest where nothing is."""
        asked = Request(
            url,
            priority=self.DOWNLOAD_PRIORITY,
            meta={"dont_obey_robotstxt": True},
            callback=NO_CALLBACK,
        )
        try:
            response = await self.crawler.engine.download_async(asked)
        except Exception as error:  # whatever it was: there is no robots.txt
            if self.crawler.settings["REPLAY_FROM"]:
                return None  # nobody is asked anything
            if isinstance(error, NotReached) or str(error).startswith("host given up"):
                raise
            return self._earlier(
                url, str(error) if isinstance(error, IgnoreRequest) else f"no answer: {cause_of(error)}"
            )
        if response.status >= 500 or response.status == 429:
            return self._earlier(url, f"HTTP {response.status}")
        if response.status >= 400:  # 2.3.1.3: there is none
            return None
        return self._parsed(url, response.body)

    def _earlier(self, url: str, why: str) -> RobotParser:
        recorder = self.crawler.get_extension(Recorder)
        held = recorder.originals.last_said(url, MOST_OF_ROBOTS) if recorder and recorder.originals else None
        found = held is not None and not is_challenge(held.body.decode("utf-8", "replace"))
        what = f"the one of {held.date} is obeyed" if held and found else NOTHING_ALLOWED
        account_of(self.crawler).robots[host_of(urlsplit(url))] = f"{why}; {what}"
        logger.warning("%s: %s; %s", url, why, what, extra={"url": url, "reason": why})
        if held is None or not found:
            raise IgnoreRequest(f"robots.txt could not be had ({why}): {what}")
        return self._parsed(url, held.body)

    def _parsed(self, url: str, body: bytes) -> RobotParser:
        rules: RobotParser = build_from_crawler(self._parserimpl, self.crawler, body[:MOST_OF_ROBOTS])
        if gate := self.crawler.get_extension(Gate):
            gate.crawl_delay(url, rules.crawl_delay(self._agent))
        return rules


def account_of(crawler: Crawler) -> Account:
    return crawler.spider.account  # type: ignore[union-attr,no-any-return]  # our spiders have one


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
