"""Fetching articles, one after the other out of the frontier, each to its end."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Self

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DontCloseSpider
from scrapy.http import Response, TextResponse
from scrapy.settings import BaseSettings
from twisted.python.failure import Failure

from crawler.account import Account
from crawler.arguments import Plan, read_plan, read_site
from crawler.collection import Collection, collection_name
from crawler.extract import ArticleGone, OtherArticle, Reading, Visit, read_article, tombstone
from crawler.identity import on_loopback, user_agent
from crawler.items import Article
from crawler.ledger.captures import note_capture
from crawler.ledger.endings import Endings, Failing
from crawler.ledger.found import Found
from crawler.ledger.frontier import Frontier
from crawler.ledger.history import row_of
from crawler.ledger.lists import Lists
from crawler.ledger.schema import unusable
from crawler.pages.select import PageChanged
from crawler.sites import Site
from crawler.spiders.conditions import NOT_MODIFIED, condition, header
from crawler.spiders.failures import failing_of, is_redirected, pointer_of, reason_of, status_of
from crawler.spiders.requisites import Requisites, files_of
from crawler.warc.exchange import Capture
from crawler.warc.recorder import Recorder, end_crawl

Stage = Callable[[], Iterator[Request]]


class ArticleWalk(Spider):
    """What every crawl of ours has; the ledger and what rests on it, once the spider is opened."""

    tells_its_report = True  # at the end, on the terminal
    takes_up = True  # what earlier runs left waiting
    rows_are_noted = True  # False: a row may be written that the ledger does not know
    site: Site
    plan: Plan
    collection: Collection
    started: datetime
    run_id: str
    requisites: Requisites
    window: int  # articles under way at once
    ledger: sqlite3.Connection
    run: int  # number of this run in the ledger
    resumed: list[str]  # ids of the runs that were cut off, which this one takes up
    frontier: Frontier
    endings: Endings
    lists: Lists

    def __init__(self, **arguments: str) -> None:
        super().__init__()
        self.arguments = arguments
        self.plan = read_plan(arguments, self.name)
        self.account = Account()
        self._took_up_files = False

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        super().update_settings(settings)
        if not settings["USER_AGENT"]:
            settings.set("USER_AGENT", user_agent(settings["CONTACT"]), priority="spider")
        if on_loopback(settings["SITE_URL"] or ""):
            # Nobody is burdened by requests to one's own machine. What -s says still stands above this.
            settings.set("DOWNLOAD_DELAY", 0, priority="spider")
            settings.set("AUTOTHROTTLE_ENABLED", False, priority="spider")
            settings.set("CONCURRENT_REQUESTS", 16, priority="spider")
            settings.set("CONCURRENT_REQUESTS_PER_DOMAIN", 16, priority="spider")

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        settings = crawler.settings
        site = read_site(settings["SITE"], settings["SITE_URL"], settings["REPLAY_FROM"])
        spider.site = site
        name = settings["COLLECTION"] or collection_name(site.name, site.base_url, site.elsewhere)
        spider.collection = Collection(settings["ARCHIVES"], name)
        spider.started = datetime.now(UTC)
        spider.run_id = settings["RUN_ID"] or spider.started.strftime("%Y%m%dT%H%M%S%fZ")
        spider.requisites = Requisites(settings, site, spider.account.requisites)
        spider.requisites.holds = spider.holds
        spider.window = settings.getint("CONCURRENT_REQUESTS")
        crawler.signals.connect(spider.idle, signals.spider_idle)
        crawler.signals.connect(spider.on_error, signals.spider_error)
        return spider

    def holds(self, url: str) -> bool:
        """Whether the collection has an address from an earlier run."""
        recorder = self.crawler.get_extension(Recorder)
        return bool(recorder and recorder.originals and recorder.originals.holds(url))

    def about(self) -> dict[str, Any]:
        """The head of the run's report."""
        return {
            "run_id": self.run_id,
            "spider": self.name,
            "site": self.site.name,
            "base_url": self.site.base_url,
            "collection": self.collection.name,
            "replay_from": self.settings["REPLAY_FROM"] or None,
            "operator": self.settings["OPERATOR"] or None,
            "arguments": self.arguments,
            "plan": self.plan.as_dict(),
            "started": self.started.isoformat(),
        }

    def stages(self) -> Iterable[Stage]:
        """What is done one after the other, each as long as it has requests."""
        return self.files_left, lambda: self.more_articles(self.window)

    def is_busy(self) -> bool:
        """Whether something is under way that is no request."""
        return False

    def files_left(self) -> Iterator[Request]:
        """Once: what pages need that an earlier run read and was then cut off."""
        if not self._took_up_files:
            self._took_up_files = True
            yield from self.requisites.left()

    # -- asking ------------------------------------------------------------------------------------

    def more_articles(self, most: int) -> Iterator[Request]:
        """Requests for the articles that come next."""
        for found in self.frontier.take(most):
            yield self.article(found)

    def article(self, found: Found, *, probe: bool = False) -> Request:
        url = self.site.at_path(found.path)
        request = Request(
            url,
            self.parse_article,
            errback=self.article_failed,
            cb_kwargs={"news_id": found.news_id, "probe": probe},
        )
        # A date alone may be that of its publication, whatever was edited since: only an ETag is believed.
        if found.version and found.etag and not probe and self.may_condition(url):
            condition(request, found.etag, None)
        return request

    def may_condition(self, url: str) -> bool:
        """Whether "not modified" would be an answer: what was not modified must be in the archive."""
        asks = self.settings.getbool("CONDITIONAL_REQUESTS") and not self.settings["REPLAY_FROM"]
        return asks and self.holds(url)

    # -- answers -----------------------------------------------------------------------------------

    def parse_article(self, response: Response, news_id: int, probe: bool) -> Iterator[Request | Article]:
        found = self.frontier[news_id]
        self.captured(response, response.status, news_id)
        if response.status == NOT_MODIFIED:
            self.endings.unchanged(news_id, datetime.now(UTC), found.etag)
        else:
            yield from self.article_answered(response, found)
        if not probe:
            yield from self.more_articles(1)

    def article_answered(self, response: Response, found: Found) -> Iterator[Request | Article]:
        try:
            reading: Reading | None = self.read(response, found)
        except (ArticleGone, OtherArticle, PageChanged) as error:
            reading = None
            yield from self.not_read(response, found, error)
        files: list[Request] = []
        if self.site.news_id(response.url) == found.news_id:  # not led elsewhere
            # Of pages that no template fits too: a later reading of the archive must find them whole. They
            # are noted before the row is written: once it is, nobody looks at the page again.
            files += self.requisites.of_page(response, files_of(reading.article) if reading else ())
        if reading:
            yield from self.article_read(response, found, reading)
        yield from files

    def article_read(self, response: Response, found: Found, reading: Reading) -> Iterator[Request | Article]:  # noqa: ARG002  # others need them
        """What becomes of a page that could be read."""
        yield reading.article

    def read(self, response: Response, found: Found) -> Reading:
        """Raises what ``read_article`` does, for an answer that is no page too."""
        if is_redirected(response) and self.site.news_id(response.url) != found.news_id:
            raise OtherArticle("redirected to another page", response.url)
        if not isinstance(response, TextResponse) or response.selector.type != "html":
            raise PageChanged("not HTML")
        return read_article(response.selector, self.visit(response, found), self.site)

    def not_read(
        self, response: Response, found: Found, error: ArticleGone | OtherArticle | PageChanged
    ) -> Iterator[Article]:
        failing: Failing = "unreadable" if isinstance(error, PageChanged) else "gone"
        yield from self.fail(response, found.news_id, str(error), failing, response)
        if isinstance(error, OtherArticle) and (listed := self.site.article_at(error.url)):
            self.frontier.add(listed[0], self.site.path_of(listed[1]), "section", None, None)

    def article_failed(self, failure: Any) -> Iterator[Request | Article]:  # a Failure, with its request
        request, reason = failure.request, reason_of(failure)
        news_id, response = request.cb_kwargs["news_id"], getattr(failure.value, "response", None)
        self.captured(request, status_of(failure), news_id)
        yield from self.fail(request, news_id, reason, failing_of(reason), response)
        if not request.cb_kwargs["probe"]:
            yield from self.more_articles(1)

    def fail(
        self,
        asked: Request | Response,
        news_id: int,
        reason: str,
        failing: Failing,
        response: Response | None = None,
    ) -> Iterator[Article]:
        """Note how it ended; the tombstone of an article that is gone for the second time."""
        url = asked.meta.get("redirect_urls", [asked.url])[0]
        self.account.trouble("article", url, reason, pointer_of(asked))
        if self.endings.failed(news_id, reason, failing) and response is not None:
            found = self.frontier[news_id]
            last = row_of(self.ledger, self.collection, news_id, found.version)
            if last is None:
                why = f"its row (version {found.version}) is not there any more: no tombstone can be written"
                self.account.trouble("article", asked.url, why, None)
                self.endings.skipped(news_id, why)
            else:
                yield tombstone(last, self.last_word(response, found))

    def idle(self) -> None:
        """Nothing is under way: the next stage, or the end. A ledger that cannot be written ends the crawl;
        Scrapy would take it for one that is finished."""
        if not hasattr(self, "frontier"):
            return  # the ledger could not be used, and the crawl ends
        try:
            goes_on = self._next_stage()
        except sqlite3.Error as error:
            end_crawl(self.crawler, f"cannot write the ledger: {unusable(self.collection.ledger, error)}")
            raise DontCloseSpider from error
        if goes_on:
            raise DontCloseSpider

    def _next_stage(self) -> bool:
        """Ask for what the first stage has that has anything. One waits for what is not through."""
        for stage in self.stages():
            if requests := list(stage()):
                for request in requests:
                    self.crawler.engine.crawl(request)
                return True
            if self.is_busy():
                return True
        return False

    def on_error(self, failure: Failure, response: Any) -> None:  # a Failure, where an errback failed
        """A fault of this program: Scrapy logs where, the account says of which page."""
        if isinstance(failure.value, sqlite3.Error):
            end_crawl(
                self.crawler, f"cannot write the ledger: {unusable(self.collection.ledger, failure.value)}"
            )
            return
        reason = f"a fault of this program: {type(failure.value).__name__}"
        asked: Request | None = getattr(response, "request", None)
        if asked is None:  # before anything was asked for
            self.account.trouble("list", self.site.base_url, reason, None)
        elif (news_id := asked.cb_kwargs.get("news_id")) is not None:
            list(self.fail(asked, news_id, reason, "unreadable"))
        elif "kind" in asked.cb_kwargs:
            self.requisites.broke(asked, reason)
        else:
            self.account.trouble("list", asked.url, reason, pointer_of(asked))

    def captured(self, asked: Request | Response, status: int, news_id: int | None) -> None:
        """Note that the archive holds an answer; with what it led to it is committed."""
        self.account.took(asked.url, asked.meta.get("download_latency", 0.0))
        capture: Capture | None = asked.meta.get("capture")
        if capture:
            note_capture(self.ledger, self.run, self.site.path_of(asked.url), news_id, status, capture)

    def last_word(self, response: Response, found: Found) -> Visit:
        """What the article's own address answered: where that leads home, the redirect."""
        visit, urls = self.visit(response, found), response.meta.get("redirect_urls", [])
        own = [place for place, url in enumerate(urls) if self.site.news_id(url) == found.news_id]
        if not own or self.site.news_id(response.url) == found.news_id:
            return visit
        url, status = urls[own[-1]], response.meta["redirect_reasons"][own[-1]]
        capture: Capture | None = response.meta.get("captures", {}).get(url)
        pointer = capture.pointer if capture else None
        return replace(visit, url=url, status=status, etag=None, last_modified=None, warc=pointer)

    def visit(self, response: Response, found: Found) -> Visit:
        capture: Capture | None = response.meta.get("capture")
        return Visit(
            news_id=found.news_id,
            url=response.url,
            fetched_at=datetime.fromisoformat(capture.date) if capture else datetime.now(UTC),
            status=response.status,
            etag=header(response, "ETag"),
            last_modified=header(response, "Last-Modified"),
            run_id=self.run_id,
            warc=capture.pointer if capture else None,
            listed_in=found.listed_in,
        )
