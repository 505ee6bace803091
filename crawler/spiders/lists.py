"""The walk over what lists articles: home page, feeds, sections, sitemaps. They are found, not fetched.

A list that was read before is asked for conditionally; one that brings nothing new is not walked on.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.http import Response, TextResponse

from crawler.dating import read_date
from crawler.ledger.found import Lane
from crawler.normalise.dates import day_of, tehran_day
from crawler.pages.feed import FeedPage
from crawler.pages.section import HomePage, SectionPage
from crawler.pages.sitemap import SitemapPage
from crawler.provinces import Province, named, named_in_title
from crawler.sites.months import may_hold
from crawler.sites.urls import absolute
from crawler.spiders.articles import ArticleWalk
from crawler.spiders.conditions import condition, header
from crawler.spiders.failures import (
    asked_path,
    kind_of,
    list_page,
    pointer_of,
    province_of,
    reason_of,
    status_of,
)
from crawler.spiders.walks import SectionWalk

OUTSIDE = "outside since..until"
MOST_PAGES = 100  # of one section's list; the site ends after about 300 articles, which is 15


class ListWalk(ArticleWalk):
    """What lists say goes into the frontier; what they do not say as expected, into the account."""

    def __init__(self, **arguments: str) -> None:
        super().__init__(**arguments)
        self._asked: set[Province] = set()  # provinces whose section's address is known and not found bad
        self._read: set[Province] = set()  # provinces whose section was read, or need not be
        self._quiet: set[Province] = set()  # provinces whose feed brought nothing new
        self._doubted = False  # a feed could not be read, or is not what the site file says
        self._feeds: set[int] = set()  # service ids whose feed was asked for
        self._waiting_for: set[str] = set()  # lists that were asked for and have not answered
        # slug → the next page, where the limit seemed to be filled, and the id from which on it was
        self._paused: dict[str, tuple[Request, int]] = {}

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
        self._remember(response, "", "", walked=True)

    @list_page
    def parse_feed(self, response: Response, province: Province, service_id: int, proven: bool) -> None:
        page = FeedPage(response.body)
        if page.fault:
            self._note(response, f"damaged, read as far as it goes: {page.fault}")
        owner = self._owner(page.title, province, service_id, proven)
        fresh = 0
        for item in page.items:
            listed = self._found(response, item.url, "feed", owner, owner or province)
            if listed is None:
                self._note(response, "names links that are no articles of this site")
                continue
            fresh += listed[1]
            if item.published:
                self._dated(listed[0], item.published, datetime.now(UTC))
        if fresh:
            self.lists.expect(province.slug)
        elif owner == province and not page.fault:
            self._quiet.add(province)
        self._remember(response, province.slug, page.title, walked=not page.fault)

    def _dated(self, news_id: int, published: str, now: datetime) -> None:
        """A date that no row would believe is none: it neither leaves an article out nor replaces another."""
        at = read_date(published, "feed", now).at
        if at is None:
            return
        day = tehran_day(at)
        self.frontier.dated(news_id, str(day), published)
        if not self.plan.covers(day):
            self.endings.skipped(news_id, OUTSIDE)

    @list_page
    def parse_section(
        self, response: TextResponse, province: Province, proven: bool, walk: SectionWalk
    ) -> Iterator[Request]:
        page, slug = SectionPage(response.selector, is_fragment=walk.number > 1), province.slug
        if walk.number == 1:
            owner = self._owner(page.title, province, self._service_id(province), proven)
            self._read.add(province)
            proven, province = owner is not None, owner or province
        listed = [
            *(
                self._found(response, href, "section", province if proven else None, province)
                for href in page.cards
            ),
            # Of a list that we do not know, or of a block beside it: the article's own page must tell.
            *(self._found(response, href, "section", None, None) for href in page.others),
        ]
        ids = {one[0]: one[1] for one in listed if one}
        goes_round = walk.read(ids, page.next_link is not None)
        if walk.number == 1:
            self._remember(response, slug, page.title, walked=walk.is_over)
        elif walk.is_over:
            self.lists.walked(walk.head)
        if goes_round or (walk.number >= MOST_PAGES and not walk.is_over):
            # Not called walked: it may have been one page that came out of a cache.
            self._note(response, "a list without end: its pages bring nothing new")
        elif not walk.is_over:
            yield from self._next_page(response, page, province, proven, walk)

    @list_page
    def parse_sitemap(self, response: Response) -> Iterator[Request]:
        page = SitemapPage(response.body)
        if page.fault:
            self._note(response, f"damaged, read as far as it goes: {page.fault}")
        left_out = False
        for entry in page.entries:
            modified = day_of(entry.modified, datetime.now(UTC)) if entry.modified else None
            if not page.is_index:
                if may_hold("", modified, self.plan.since, None):
                    self._found(response, entry.url, "sitemap", None, None)
                else:
                    left_out = True
                continue
            url = absolute(response.url, entry.url)
            own = self.site.own_url(url) if url else None
            wanted = own and may_hold(urlsplit(own).path, modified, self.plan.since, self.plan.until)
            if own and wanted and self.frontier.first_visit(own):
                yield self._list(own, self.parse_sitemap)
        # The index is always read whole: it names what to ask for.
        self._remember(response, "", "", walked=not (left_out or page.is_index or page.fault))

    # -- what they say ---------------------------------------------------------------------------

    def _found(
        self, response: Response, href: str, lane: Lane, owner: Province | None, expected: Province | None
    ) -> tuple[int, bool] | None:
        """Note an article that a list names: (its id, whether it is new in this run). None where the link
        leads to none of the site."""
        url = absolute(response.url, href)
        listed = self.site.article_at(url) if url else None
        if listed is None:
            return None
        path = self.site.path_of(listed[1])
        return listed[0], self.frontier.add(listed[0], path, lane, owner, expected)

    def _remember(self, response: Response, slug: str, title: str, *, walked: bool) -> None:
        """What the next run needs to know of a list that was read."""
        self.lists.read(
            asked_path(response),
            kind_of(response),
            slug,
            title,
            header(response, "ETag"),
            header(response, "Last-Modified"),
            walked=walked,
        )

    def list_unchanged(
        self, response: Response, province: Province | None = None, proven: bool = True, **_: Any
    ) -> None:
        """The server says that a list is as it was read last: nothing new, and the same title."""
        path = asked_path(response)
        known = self.lists.known(path)
        self.lists.unchanged(path)
        if province is None or known is None:
            return
        owner = self._owner(known.title, province, self._service_id(province), proven)
        if kind_of(response) == "section":
            self._read.add(province)
        elif owner == province:
            self._quiet.add(province)

    def _service_id(self, province: Province) -> int:
        service = self.site.provinces.get(province.slug)
        return service.service_id if service else 0

    def _owner(self, title: str, expected: Province, service_id: int, proven: bool) -> Province | None:
        """Whose list it is: what its title says. None: it names no province, and nothing else proves one."""
        said = named_in_title(title)
        self.account.service(service_id, expected, title, said)
        if said == expected or (said is None and proven):
            return expected
        self._doubted = True
        self.logger.warning(
            "service %d should be %s, its title %r names %s",
            service_id,
            expected.name_en,
            title,
            said.name_en if said else "no province",
        )
        return said

    def _next_page(
        self, response: Response, page: SectionPage, province: Province, proven: bool, walk: SectionWalk
    ) -> Iterator[Request]:
        url = absolute(response.url, page.next_link or "")
        own = self.site.own_url(url) if url else None
        if own is None or not self.frontier.first_visit(own):
            return
        request = self._list(own, self.parse_section, province=province, proven=proven, walk=walk.next_page())
        floor = walk.middle
        if self.frontier.is_full(province, floor):
            self._paused[province.slug] = (
                request,
                floor,
            )  # walked on where the limit turns out not to be filled
            self._waiting_for.discard(own)
        else:
            yield request

    def _note(self, response: Response, reason: str) -> None:
        self.account.trouble("list", response.url, reason, pointer_of(response), province_of(response))

    # -- asking ----------------------------------------------------------------------------------

    def _section(self, url: str, province: Province, *, proven: bool = True) -> Iterator[Request]:
        own = self.site.own_url(url)
        if "section" not in self.plan.lanes or own is None or province in self._asked:
            return
        # A menu entry that only opens a drop-down leads home.
        if urlsplit(own).path != "/" and self.frontier.first_visit(own):
            self._asked.add(province)
            path = self.site.path_of(own)
            known = self.lists.known(path)
            walk = SectionWalk(
                path,
                may_end_early=bool(known and known.walked),
                may_end_at_once=province in self._quiet,
            )
            yield self._list(own, self.parse_section, province=province, proven=proven, walk=walk)

    def _feed(self, service_id: int, province: Province, *, proven: bool) -> Iterator[Request]:
        if "feed" in self.plan.lanes and service_id not in self._feeds:
            self._feeds.add(service_id)
            asked = {"province": province, "service_id": service_id, "proven": proven}
            yield self._list(self.site.feed_url(service_id), self.parse_feed, **asked)

    def _list(self, url: str, callback: Any, **kwargs: Any) -> Request:
        self._waiting_for.add(url)
        request = Request(url, callback, errback=self.list_failed, cb_kwargs=kwargs)
        known = self.lists.known(self.site.path_of(url))
        # Where pages behind it were not all read, its links must be seen again.
        if known and known.walked and callback != self.parse_home and self.may_condition(url):
            condition(request, known.etag, known.last_modified)
        return request

    def list_failed(self, failure: Any) -> None:  # a Failure, to which Scrapy adds its request
        request, reason = failure.request, reason_of(failure)
        self.list_answered(request)
        self.captured(request, status_of(failure), None)
        self.list_missed(asked_path(request), kind_of(request), request.cb_kwargs, reason)
        self.account.trouble("list", request.url, reason, pointer_of(request), province_of(request))

    def list_answered(self, asked: Request | Response) -> None:
        """Whatever the answer was: the list is no longer waited for."""
        self._waiting_for.discard(asked.meta.get("redirect_urls", [asked.url])[0])

    def list_missed(self, path: str, kind: Any, asked: dict[str, Any], reason: str) -> None:
        """Of a section's address that was none: another one may be tried."""
        province = asked.get("province")
        self.lists.failed(path, kind, province.slug if province else "", reason)
        walk: SectionWalk | None = asked.get("walk")
        if walk is None or walk.number == 1:
            self._doubted = True
        if walk and walk.number == 1:
            self._asked.discard(asked["province"])
