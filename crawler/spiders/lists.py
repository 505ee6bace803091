"""The walk over what lists articles: home page, feeds, sections, sitemaps. They are found, not fetched."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request, Spider
from scrapy.http import Response, TextResponse

from crawler.account import Account
from crawler.arguments import Plan
from crawler.frontier import Frontier, Lane
from crawler.normalise.dates import day_of
from crawler.pages.feed import FeedPage
from crawler.pages.section import HomePage, SectionPage
from crawler.pages.sitemap import SitemapPage
from crawler.provinces import Province, named, named_in_title
from crawler.sites import Site
from crawler.sites.months import may_hold
from crawler.sites.urls import absolute
from crawler.spiders.failures import list_page, pointer_of, reason_of

OUTSIDE = "outside since..until"
MOST_PAGES = 100  # of one section's list; the site ends after about 300 articles, which is 15


class ListWalk(Spider):
    """What lists say goes into the frontier; what they do not say as expected, into the account."""

    site: Site
    plan: Plan
    account: Account
    frontier: Frontier

    def __init__(self) -> None:
        super().__init__()
        self._asked: set[Province] = set()  # provinces whose section's address is known and not found bad
        self._read: set[Province] = set()  # provinces whose section was read
        self._feeds: set[int] = set()  # service ids whose feed was asked for
        self._in_list: dict[str, set[int]] = {}  # slug → ids that its section has listed
        self._waiting_for: set[str] = set()  # lists that were asked for and have not answered
        self._paused: dict[str, Request] = {}  # slug → the next page, where the limit seemed to be filled

    # -- pages -----------------------------------------------------------------------------------

    @list_page
    def parse_home(self, response: TextResponse) -> Iterator[Request]:
        """The menu names the sections' addresses and service ids: its word stands above the site file's."""
        for entry in HomePage(response.selector).menu:
            province = named(entry.name)
            url = absolute(response.url, entry.href)
            if province not in self.plan.provinces or url is None:
                continue
            yield from self._section(url, province)
            configured = self.site.provinces.get(province.slug)
            if entry.service_id and (configured is None or configured.service_id != entry.service_id):
                self.logger.warning(
                    "the menu gives %s the service id %d, the site file %s: the menu's feed is read too",
                    province.name_en,
                    entry.service_id,
                    configured.service_id if configured else "none",
                )
                yield from self._feed(entry.service_id, province, proven=True)

    @list_page
    def parse_feed(self, response: Response, province: Province, service_id: int, proven: bool) -> None:
        page = FeedPage(response.body)
        if page.fault:
            self._note(response, f"damaged, read as far as it goes: {page.fault}")
        owner = self._owner(page.title, province, service_id, proven)
        for item in page.items:
            news_id = self._found(response, item.url, "feed", owner, owner or province)
            if news_id is None:
                self._note(response, "names links that are no articles of this site")
            elif item.published and not self.plan.covers(day_of(item.published, datetime.now(UTC))):
                self.frontier.settle(news_id, "skipped", OUTSIDE)

    @list_page
    def parse_section(
        self, response: TextResponse, province: Province, proven: bool, page_number: int
    ) -> Iterator[Request]:
        page = SectionPage(response.selector, is_fragment=page_number > 1)
        if page_number == 1:
            service = self.site.provinces.get(province.slug)
            owner = self._owner(page.title, province, service.service_id if service else 0, proven)
            self._read.add(province)
            proven, province = owner is not None, owner or province
        for href in page.cards:
            self._found(response, href, "section", province if proven else None, province)
        for href in page.others:
            # Of a list that we do not know, or of a block beside it: the article's own page must tell.
            self._found(response, href, "section", None, None)
        yield from self._next_page(response, page, province, proven, page_number)

    @list_page
    def parse_sitemap(self, response: Response) -> Iterator[Request]:
        page = SitemapPage(response.body)
        if page.fault:
            self._note(response, f"damaged, read as far as it goes: {page.fault}")
        for entry in page.entries:
            modified = day_of(entry.modified, datetime.now(UTC)) if entry.modified else None
            if not page.is_index:
                if may_hold("", modified, self.plan.since, None):
                    self._found(response, entry.url, "sitemap", None, None)
                continue
            url = absolute(response.url, entry.url)
            own = self.site.own_url(url) if url else None
            wanted = own and may_hold(urlsplit(own).path, modified, self.plan.since, self.plan.until)
            if own and wanted and self.frontier.first_visit(own):
                yield self._list(own, self.parse_sitemap)

    # -- what they say ---------------------------------------------------------------------------

    def _found(
        self, response: Response, href: str, lane: Lane, owner: Province | None, expected: Province | None
    ) -> int | None:
        """Note an article that a list names; its id, or None where the link leads to none of the site."""
        url = absolute(response.url, href)
        listed = self.site.article_at(url) if url else None
        if listed is None:
            return None
        self.frontier.add(*listed, lane, owner, expected)
        return listed[0]

    def _owner(self, title: str, expected: Province, service_id: int, proven: bool) -> Province | None:
        """Whose list it is: what its title says. None: it names no province, and nothing else proves one."""
        said = named_in_title(title)
        self.account.service(service_id, expected, title, said)
        if said == expected or (said is None and proven):
            return expected
        self.logger.warning(
            "service %d should be %s, its title %r names %s",
            service_id,
            expected.name_en,
            title,
            said.name_en if said else "no province",
        )
        return said

    def _next_page(
        self, response: Response, page: SectionPage, province: Province, proven: bool, number: int
    ) -> Iterator[Request]:
        listed = self._in_list.setdefault(province.slug, set())
        ids = {self.site.news_id(href) or 0 for href in (*page.cards, *page.others)}
        new, listed_now = ids - listed, listed | ids
        self._in_list[province.slug] = listed_now
        url = absolute(response.url, page.next_link or "") if page.next_link else None
        own = self.site.own_url(url) if url else None
        if own is None or not self.frontier.first_visit(own):
            return
        if not new or number >= MOST_PAGES:
            self._note(response, "a list without end: its pages bring nothing new")
            return
        request = self._list(
            own, self.parse_section, province=province, proven=proven, page_number=number + 1
        )
        if self.frontier.is_full(province):
            self._paused[province.slug] = request  # walked on where the limit turns out not to be filled
            self._waiting_for.discard(own)
        else:
            yield request

    def _note(self, response: Response, reason: str) -> None:
        self.account.trouble("list", response.url, reason, pointer_of(response))

    # -- asking ----------------------------------------------------------------------------------

    def _section(self, url: str, province: Province, *, proven: bool = True) -> Iterator[Request]:
        own = self.site.own_url(url)
        if "section" not in self.plan.lanes or own is None or province in self._asked:
            return
        # A menu entry that only opens a drop-down leads home.
        if urlsplit(own).path != "/" and self.frontier.first_visit(own):
            self._asked.add(province)
            yield self._list(own, self.parse_section, province=province, proven=proven, page_number=1)

    def _feed(self, service_id: int, province: Province, *, proven: bool) -> Iterator[Request]:
        if "feed" in self.plan.lanes and service_id not in self._feeds:
            self._feeds.add(service_id)
            known = {"province": province, "service_id": service_id, "proven": proven}
            yield self._list(self.site.feed_url(service_id), self.parse_feed, **known)

    def _list(self, url: str, callback: Any, **kwargs: Any) -> Request:
        self._waiting_for.add(url)
        return Request(url, callback, errback=self.list_failed, cb_kwargs=kwargs)

    def list_failed(self, failure: Any) -> None:  # a Failure, to which Scrapy adds its request
        request = failure.request
        self.list_answered(request)
        self.list_missed(request.cb_kwargs)
        self.account.trouble("list", request.url, reason_of(failure), pointer_of(request))

    def list_answered(self, request: Request) -> None:
        """Whatever the answer was: the list is no longer waited for."""
        self._waiting_for.discard(request.meta.get("redirect_urls", [request.url])[0])

    def list_missed(self, asked: dict[str, Any]) -> None:
        """A section's address that was none: another one may be tried."""
        if asked.get("page_number") == 1:
            self._asked.discard(asked["province"])
