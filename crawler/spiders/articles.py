"""Fetching articles, one after the other out of the frontier, each to its end."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Self

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.http import Response, TextResponse
from twisted.python.failure import Failure

from crawler.extract import ArticleGone, OtherArticle, Reading, Visit, read_article, tombstone
from crawler.items import Article
from crawler.ledger.captures import note_capture
from crawler.ledger.endings import Failing
from crawler.ledger.found import Found
from crawler.ledger.history import row_of
from crawler.ledger.schema import unusable
from crawler.pages.select import PageChanged
from crawler.rows import metadata_fields
from crawler.spiders.conditions import NOT_MODIFIED, condition, header
from crawler.spiders.failures import failing_of, is_redirected, pointer_of, reason_of, status_of
from crawler.spiders.own import OwnSpider, Stage
from crawler.spiders.requisites import files_of
from crawler.warc.exchange import Capture
from crawler.warc.recorder import Recorder, end_crawl


class ArticleWalk(OwnSpider):
    """What comes next is asked for when something ends, so that a crawl of any length holds few requests."""

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.on_error, signals.spider_error)
        return spider

    def stages(self) -> Iterable[Stage]:
        yield from super().stages()
        yield lambda: self.more_articles(self.window)

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
        if failing == "unreadable":
            self._annotate(response, found)
        yield from self.fail(response, found.news_id, str(error), failing, response)
        if isinstance(error, OtherArticle) and (listed := self.site.article_at(error.url)):
            self.frontier.add(listed[0], self.site.path_of(listed[1]), "section", None, None)

    def _annotate(self, response: Response, found: Found) -> None:
        """A later page class that can read it must know where it was listed."""
        capture: Capture | None = response.meta.get("capture")
        recorder = self.crawler.get_extension(Recorder)
        if recorder and capture and not capture.is_revisit:
            recorder.annotate(response.url, capture, metadata_fields(None, found, ()))

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
        self.account.trouble("article", url, reason, pointer_of(asked), self.frontier[news_id].queue)
        if self.endings.failed(news_id, reason, failing) and response is not None:
            found = self.frontier[news_id]
            last = row_of(self.ledger, self.collection, news_id, found.version)
            if last is None:
                why = f"its row (version {found.version}) is not there any more: no tombstone can be written"
                self.account.trouble("article", asked.url, why, None)
                self.endings.skipped(news_id, why)
            else:
                yield tombstone(last, self.last_word(response, found))

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
            feed_date=found.feed_date,
        )
