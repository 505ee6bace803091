"""The walk over the province sections: feeds, section lists and sitemaps first, then the articles they name.

Lists before articles, because an article that two provinces list is fetched once and carries both, and
because a limit takes the newest. Articles are then pulled from the frontier one by one as others end, so
that a crawl of any length holds few requests.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any, Self
from urllib.parse import urlsplit

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DontCloseSpider
from scrapy.http import Response, TextResponse
from scrapy.settings import BaseSettings

from crawler.account import Account
from crawler.arguments import read_plan
from crawler.collection import Collection, collection_name
from crawler.extract import ArticleGone, Visit, read_article
from crawler.frontier import Found, Frontier
from crawler.items import Article
from crawler.normalise.dates import day_of
from crawler.pages.feed import FeedPage
from crawler.pages.section import HomePage, SectionPage
from crawler.pages.select import PageChanged
from crawler.pages.sitemap import SitemapPage
from crawler.provinces import Province, named, named_in_title
from crawler.sites import Site, load
from crawler.sites.months import may_hold
from crawler.spiders.failures import noting_change, reason_of

LOOPBACK = ("127.0.0.1", "localhost", "::1")
OUTSIDE = "outside since..until"


class ProvincesSpider(Spider):
    """``scrapy crawl provinces -a provinces= -a via= -a since= -a until= -a limit=``"""

    name = "provinces"
    site: Site
    collection: Collection
    started: datetime
    run_id: str
    window: int  # articles under way at once

    def __init__(self, **arguments: str) -> None:
        super().__init__()
        self.arguments = arguments
        self.plan = read_plan(arguments)
        self.account = Account()
        self.frontier = Frontier(self.plan.limit)
        self._sectioned: set[Province] = set()  # provinces whose section's address is known
        self._feeds: set[int] = set()  # service ids whose feed was asked for

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        super().update_settings(settings)
        if urlsplit(settings["SITE_URL"] or "").hostname in LOOPBACK:
            # Nobody is burdened by requests to one's own machine. What -s says still stands above this.
            settings.set("DOWNLOAD_DELAY", 0, priority="spider")
            settings.set("CONCURRENT_REQUESTS_PER_DOMAIN", 16, priority="spider")

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        settings = crawler.settings
        site = load(settings["SITE"])
        spider.site = site.at(settings["SITE_URL"]) if settings["SITE_URL"] else site
        name = settings["COLLECTION"] or collection_name(
            site.name, spider.site.base_url, spider.site.elsewhere
        )
        spider.collection = Collection(settings["ARCHIVES"], name)
        spider.started = datetime.now(UTC)
        spider.run_id = settings["RUN_ID"] or spider.started.strftime("%Y%m%dT%H%M%S%fZ")
        spider.window = settings.getint("CONCURRENT_REQUESTS")
        crawler.signals.connect(spider.on_idle, signals.spider_idle)
        return spider

    def about(self) -> dict[str, Any]:
        """The head of the run's report."""
        return {
            "run_id": self.run_id,
            "spider": self.name,
            "site": self.site.name,
            "base_url": self.site.base_url,
            "collection": self.collection.name,
            "arguments": self.arguments,
            "started": self.started.isoformat(),
        }

    # -- lists ---------------------------------------------------------------------------------

    async def start(self) -> AsyncIterator[Request]:
        if self.plan.lanes & {"feed", "section"}:
            yield self._list(self.site.url(self.site.paths.home), self.parse_home)
        if "feed" in self.plan.lanes:
            for province in self.plan.provinces:
                if service := self.site.provinces.get(province.slug):
                    proven = service.certainty == "certain"
                    for request in self._feed(service.service_id, province, proven=proven):
                        yield request
        if "sitemap" in self.plan.lanes:
            yield self._list(self.site.url(self.site.paths.sitemap_index), self.parse_sitemap)

    @noting_change
    def parse_home(self, response: TextResponse) -> Iterator[Request]:
        """The menu names the sections' addresses and service ids: its word stands above the site file's."""
        for entry in HomePage(response.selector).menu:
            province = named(entry.name)
            if province not in self.plan.provinces:
                continue
            yield from self._section(response.urljoin(entry.href), province)
            configured = self.site.provinces.get(province.slug)
            if entry.service_id and (configured is None or configured.service_id != entry.service_id):
                self.logger.warning(
                    "the menu gives %s the service id %d, the site file %s: the menu's feed is read too",
                    province.name_en,
                    entry.service_id,
                    configured.service_id if configured else "none",
                )
                yield from self._feed(entry.service_id, province, proven=True)

    @noting_change
    def parse_feed(self, response: Response, province: Province, service_id: int, proven: bool) -> None:
        page = FeedPage(response.body)
        owner = self._owner(page.title, province, service_id, proven)
        for item in page.items:
            if listed := self.site.article_at(response.urljoin(item.url)):
                self.frontier.add(*listed, "feed", owner, owner or province)
                if item.published and not self.plan.covers(day_of(item.published, datetime.now(UTC))):
                    self.frontier.settle(listed[0], "skipped", OUTSIDE)

    @noting_change
    def parse_section(
        self, response: TextResponse, province: Province, proven: bool, first: bool
    ) -> Iterator[Request]:
        page = SectionPage(response.selector, is_fragment=not first)
        if first:
            service = self.site.provinces.get(province.slug)
            owner = self._owner(page.title, province, service.service_id if service else 0, proven)
            # A list built in a way that we do not know: its articles' own breadcrumbs must tell the province.
            proven = owner is not None and bool(page.cards)
            province = owner or province
        for href in page.cards or page.links:
            if listed := self.site.article_at(response.urljoin(href)):
                self.frontier.add(*listed, "section", province if proven else None, province)
        if page.next_link and not self.frontier.is_full(province):
            url = self.site.own_url(response.urljoin(page.next_link))
            if url and self.frontier.first_visit(url):
                yield self._list(url, self.parse_section, province=province, proven=proven, first=False)

    @noting_change
    def parse_sitemap(self, response: Response) -> Iterator[Request]:
        page = SitemapPage(response.body)
        for entry in page.entries:
            modified = day_of(entry.modified, datetime.now(UTC)) if entry.modified else None
            url = response.urljoin(entry.url)
            if page.is_index:
                own = self.site.own_url(url)
                wanted = may_hold(entry.url, modified, self.plan.since, self.plan.until)
                if own and wanted and self.frontier.first_visit(own):
                    yield self._list(own, self.parse_sitemap)
            elif (listed := self.site.article_at(url)) and may_hold("", modified, self.plan.since, None):
                self.frontier.add(*listed, "sitemap", None, None)

    def _owner(self, title: str, expected: Province, service_id: int, proven: bool) -> Province | None:
        """Whose list it is: what its title says. None: it names no province, and nothing else proves one."""
        said = named_in_title(title)
        verdict = self.account.service(service_id, expected, title, said)
        if said == expected or (said is None and proven):
            return expected
        self.logger.warning(
            "service %d should be %s, its title %r says %s", service_id, expected.name_en, title, verdict
        )
        return said

    def _section(self, url: str, province: Province, *, proven: bool = True) -> Iterator[Request]:
        own = self.site.own_url(url)
        if "section" in self.plan.lanes and own and province not in self._sectioned:
            self._sectioned.add(province)
            if self.frontier.first_visit(own):
                yield self._list(own, self.parse_section, province=province, proven=proven, first=True)

    def _feed(self, service_id: int, province: Province, *, proven: bool) -> Iterator[Request]:
        if "feed" in self.plan.lanes and service_id not in self._feeds:
            self._feeds.add(service_id)
            url = self.site.feed_url(service_id)
            known = {"province": province, "service_id": service_id, "proven": proven}
            yield self._list(url, self.parse_feed, **known)

    def _list(self, url: str, callback: Any, **kwargs: Any) -> Request:
        return Request(url, callback, errback=self.list_failed, cb_kwargs=kwargs)

    def list_failed(self, failure: Any) -> None:  # a Failure, to which Scrapy adds its request
        request = failure.request
        # A section's address that was only tried for want of another one: no list was promised there.
        guessed = request.cb_kwargs.get("first") and not request.cb_kwargs["proven"]
        kind = "guess" if guessed else "list"
        self.account.trouble(kind, request.url, reason_of(failure), request.meta.get("capture"))

    # -- articles ------------------------------------------------------------------------------

    def on_idle(self) -> None:
        """The lists are read, or the articles under way are: more of them, until there are none."""
        requests = list(self._articles(self.window)) or list(self._last_resort())
        for request in requests:
            self.crawler.engine.crawl(request)
        if requests:
            raise DontCloseSpider

    def _articles(self, most: int) -> Iterator[Request]:
        for found in self.frontier.take(most):
            yield Request(
                found.url,
                self.parse_article,
                errback=self.article_failed,
                cb_kwargs={"news_id": found.news_id},
            )

    def _last_resort(self) -> Iterator[Request]:
        """Sections that neither menu nor breadcrumb told: the form of address that sister sites use."""
        for province in self.plan.provinces:
            service = self.site.provinces.get(province.slug)
            if service and self.site.paths.section:
                path = self.site.paths.section.format(service_id=service.service_id)
                yield from self._section(self.site.url(path), province, proven=False)

    def parse_article(self, response: Response, news_id: int) -> Iterator[Request | Article]:
        found = self.frontier[news_id]
        try:
            if self.site.news_id(response.url) != news_id:
                raise ArticleGone(f"redirected to {response.url}")
            if not isinstance(response, TextResponse):
                raise PageChanged("not a text")
            reading = read_article(response.selector, self._visit(response, found), self.site)
        except (ArticleGone, PageChanged) as error:
            self._fail(response, news_id, str(error))
        else:
            for province, href in reading.sections:
                if province in self.plan.provinces:
                    yield from self._section(response.urljoin(href), province)
            yield reading.article
        yield from self._articles(1)

    def article_failed(self, failure: Any) -> Iterator[Request]:
        request = failure.request
        self._fail(request, request.cb_kwargs["news_id"], reason_of(failure))
        yield from self._articles(1)

    def _fail(self, asked: Request | Response, news_id: int, reason: str) -> None:
        self.account.trouble("article", asked.url, reason, asked.meta.get("capture"))
        self.frontier.settle(news_id, "failed", reason)

    def _visit(self, response: Response, found: Found) -> Visit:
        pointer = response.meta.get("capture")
        return Visit(
            news_id=found.news_id,
            url=response.url,
            fetched_at=datetime.fromisoformat(pointer.date) if pointer else datetime.now(UTC),
            status=response.status,
            etag=_header(response, "ETag"),
            last_modified=_header(response, "Last-Modified"),
            run_id=self.run_id,
            warc=pointer,
            listed_in=found.listed_in,
        )


def _header(response: Response, name: str) -> str | None:
    value = response.headers.get(name)
    return value.decode("latin-1") if value else None
