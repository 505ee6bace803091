"""The crawl of the province sections: lists first, then the articles they name.

Lists before articles, because an article that two provinces list is fetched once and carries both, and
because a limit takes the newest. Articles are then pulled from the frontier one by one as others end, so
that a crawl of any length holds few requests.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any, Self

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DontCloseSpider
from scrapy.http import Response, TextResponse
from scrapy.settings import BaseSettings
from twisted.python.failure import Failure

from crawler.account import Account
from crawler.arguments import read_plan, read_site
from crawler.collection import Collection, collection_name
from crawler.extract import ArticleGone, OtherArticle, Reading, Visit, read_article
from crawler.frontier import Found, Frontier
from crawler.identity import on_loopback, user_agent
from crawler.items import Article
from crawler.pages.requisites import Requisite
from crawler.pages.select import PageChanged
from crawler.sites.urls import absolute
from crawler.spiders.failures import is_redirected, pointer_of, reason_of
from crawler.spiders.lists import ListWalk
from crawler.spiders.requisites import Requisites
from crawler.warc.exchange import Capture
from crawler.warc.recorder import Recorder


class ProvincesSpider(ListWalk):
    """``scrapy crawl provinces -a provinces= -a via= -a since= -a until= -a limit=``"""

    name = "provinces"
    collection: Collection
    started: datetime
    run_id: str
    requisites: Requisites
    window: int  # articles under way at once

    def __init__(self, **arguments: str) -> None:
        super().__init__()
        self.arguments = arguments
        self.plan = read_plan(arguments)
        self.account = Account()
        self.frontier = Frontier(self.plan.limit, self.plan.provinces)
        self._probed = False
        self._held: list[tuple[Response, Found]] = []  # probes, until the lists that they led to are read
        self._tasks: set[asyncio.Future[None]] = set()

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
        crawler.signals.connect(spider.on_idle, signals.spider_idle)
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

    async def start(self) -> AsyncIterator[Request]:
        feeds = list(self._feeds_of_the_site_file())  # before the home page can answer with ids of its own
        if self.plan.lanes & {"feed", "section"}:
            yield self._list(self.site.url(self.site.paths.home), self.parse_home)
        for request in feeds:
            yield request
        if "sitemap" in self.plan.lanes:
            yield self._list(self.site.url(self.site.paths.sitemap_index), self.parse_sitemap)

    def _feeds_of_the_site_file(self) -> Iterator[Request]:
        for province in self.plan.provinces:
            if service := self.site.provinces.get(province.slug):
                yield from self._feed(service.service_id, province, proven=service.certainty == "certain")

    # -- one stage after the other -----------------------------------------------------------------

    def on_idle(self) -> None:
        """Nothing is under way: the next stage, or the next articles; the end where neither has any."""
        for stage in (self._probes, self._last_resort, self._more_articles, self._more_pages):
            if requests := list(stage()):
                for request in requests:
                    self.crawler.engine.crawl(request)
                raise DontCloseSpider
            if self._tasks:
                raise DontCloseSpider

    def _probes(self) -> Iterator[Request]:
        """One article of each province whose section the menu did not name: its breadcrumb does."""
        if "section" in self.plan.lanes and not self._probed:
            self._probed = True
            for province in self.plan.provinces:
                if province not in self._asked and (found := self.frontier.probe(province)):
                    path = self.site.paths.article.format(id=found.news_id)
                    yield self._article(found, found.url or self.site.url(path), probe=True)

    def _last_resort(self) -> Iterator[Request]:
        """Sections that neither menu nor breadcrumb told: the form of address that sister sites use."""
        for province in self.plan.provinces:
            service = self.site.provinces.get(province.slug)
            if service and self.site.paths.section and province not in self._read:
                path = self.site.paths.section.format(service_id=service.service_id)
                yield from self._section(self.site.url(path), province, proven=False)

    def _more_articles(self) -> Iterator[Request]:
        """The lists are read: what the probes brought can be written, and the others fetched."""
        held, self._held = self._held, []
        for response, found in held:
            reading = self._read_article(response, found)
            if reading:
                task = asyncio.ensure_future(
                    self.crawler.engine.scraper.start_itemproc_async(reading.article, response=response)
                )
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        yield from self._articles(self.window)

    def _more_pages(self) -> Iterator[Request]:
        """The limit seemed to be filled, but some of its articles were gone, or of other days."""
        for province in self.plan.provinces:
            if self.frontier.lacks(province) and (request := self._paused.pop(province.slug, None)):
                self._waiting_for.add(request.url)
                yield request

    # -- articles ------------------------------------------------------------------------------------

    def _articles(self, most: int) -> Iterator[Request]:
        for found in self.frontier.take(most):
            yield self._article(found, found.url)

    def _article(self, found: Found, url: str, *, probe: bool = False) -> Request:
        return Request(
            url,
            self.parse_article,
            errback=self.article_failed,
            cb_kwargs={"news_id": found.news_id, "probe": probe},
        )

    def parse_article(self, response: Response, news_id: int, probe: bool) -> Iterator[Request | Article]:
        found = self.frontier[news_id]
        if reading := self._read_article(response, found):
            if probe:
                self._held.append((response, found))
            else:
                yield reading.article
            for province, href in reading.sections:
                url = absolute(response.url, href)
                if url and province in self.plan.provinces:
                    yield from self._section(url, province)
        if self.site.news_id(response.url) == news_id:  # not led elsewhere
            # Of pages that no template fits too: a later reading of the archive must find them whole.
            yield from self.requisites.of_page(response, _files_of(reading.article) if reading else ())
        if not probe:
            yield from self._articles(1)

    def _read_article(self, response: Response, found: Found) -> Reading | None:
        try:
            if is_redirected(response) and self.site.news_id(response.url) != found.news_id:
                raise OtherArticle("redirected to another page", response.url)
            if not isinstance(response, TextResponse) or response.selector.type != "html":
                raise PageChanged("not HTML")
            return read_article(response.selector, self._visit(response, found), self.site)
        except (ArticleGone, OtherArticle, PageChanged) as error:
            self._fail(response, found.news_id, str(error))
            if isinstance(error, OtherArticle) and (listed := self.site.article_at(error.url)):
                self.frontier.add(*listed, "section", None, None)
        return None

    def article_failed(self, failure: Any) -> Iterator[Request]:  # a Failure, with the request it is of
        request = failure.request
        self._fail(request, request.cb_kwargs["news_id"], reason_of(failure))
        if not request.cb_kwargs["probe"]:
            yield from self._articles(1)

    def on_error(self, failure: Failure, response: Response) -> None:
        """A fault of this program: Scrapy logs where, the account says of which page."""
        reason = f"a fault of this program: {type(failure.value).__name__}"
        if (news_id := response.cb_kwargs.get("news_id")) is not None:
            self._fail(response, news_id, reason)
        elif "kind" in response.cb_kwargs:
            self.requisites.broke(response, reason)
        else:
            self._note(response, reason)

    def _fail(self, asked: Request | Response, news_id: int, reason: str) -> None:
        self.account.trouble("article", asked.url, reason, pointer_of(asked))
        self.frontier.settle(news_id, "failed", reason)

    def _visit(self, response: Response, found: Found) -> Visit:
        capture: Capture | None = response.meta.get("capture")
        return Visit(
            news_id=found.news_id,
            url=response.url,
            fetched_at=datetime.fromisoformat(capture.date) if capture else datetime.now(UTC),
            status=response.status,
            etag=_header(response, "ETag"),
            last_modified=_header(response, "Last-Modified"),
            run_id=self.run_id,
            warc=capture.pointer if capture else None,
            listed_in=found.listed_in,
        )

    def closed(self, reason: str) -> None:
        """Every article gets its end, and every province without a section its word."""
        finished = reason == "finished"
        for url in sorted(self._waiting_for):
            self.account.trouble("list", url, f"not reached: {reason}", None)
        self.frontier.settle_open("beyond the limit" if finished else f"not reached: {reason}")
        if finished and "section" in self.plan.lanes:
            for province in self.plan.provinces:
                if province not in self._read:
                    self.account.trouble("list", "", f"no section found for {province.slug}", None)


def _files_of(article: Article) -> Iterator[Requisite]:
    """What a row names is captured, though the page may show only a smaller one, or none before a click."""
    for image in article.raw.images:
        yield Requisite(image.url.partition("#")[0], "image")
    for video in article.videos:
        yield Requisite(video.url.partition("#")[0], "film")


def _header(response: Response, name: str) -> str | None:
    value = response.headers.get(name)
    return value.decode("latin-1") if value else None
