"""The crawl of the province sections: lists first, then the articles they name that are not archived yet.

Lists before articles, because an article that two provinces list is fetched once and carries both, and
because a limit takes the newest. Articles are then pulled from the frontier one by one as others end, so
that a crawl of any length holds few requests.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from datetime import UTC, datetime, timedelta

from scrapy import Request
from scrapy.http import Response

from crawler.account import LIMIT
from crawler.extract import Reading
from crawler.items import Article
from crawler.ledger.found import Found
from crawler.ledger.lists import Known, is_due
from crawler.provinces import BY_SLUG, Province
from crawler.sites.urls import absolute
from crawler.spiders.lists import ListWalk
from crawler.spiders.own import Stage

# A feed names the 20 newest, of about 7 a day: what it does not name as new, the section will not either.
SECTION_EVERY = timedelta(days=3)  # it is read at the latest after so long, whatever the feed says
HOME_EVERY = timedelta(days=7)  # the menu seldom changes


class ProvincesSpider(ListWalk):
    """``scrapy crawl provinces -a provinces= -a via= -a since= -a until= -a limit=``"""

    name = "provinces"

    def __init__(self, **arguments: str) -> None:
        super().__init__(**arguments)
        self._menu_asked = self._probed = False
        self._held: list[tuple[Response, Found]] = []  # probes, until the lists that they led to are read
        self._tasks: set[asyncio.Future[None]] = set()

    async def start(self) -> AsyncIterator[Request]:
        if not hasattr(self, "frontier"):
            return  # the ledger could not be used, and the crawl ends
        for province in self.plan.provinces:
            if service := self.site.provinces.get(province.slug):
                for request in self._feed(
                    service.service_id, province, proven=service.certainty == "certain"
                ):
                    yield request
        for path, slug in self.lists.feeds():  # those that only the menu named
            number = self.site.service_of(path)
            if number and (province := BY_SLUG[slug]) in self.plan.provinces:
                for request in self._feed(number, province, proven=True):
                    yield request
        if "sitemap" in self.plan.lanes:
            yield self._list(self.site.url(self.site.paths.sitemap_index), self.parse_sitemap)

    # -- one stage after the other -----------------------------------------------------------------

    def stages(self) -> Iterable[Stage]:
        yield from (self.files_left, self._sections, self._menu, self._probes, self._last_resort)
        yield from (self._articles, self._more_pages)

    def is_busy(self) -> bool:
        """What a probe brought is on its way to its row."""
        return bool(self._tasks)

    def _sections(self) -> Iterator[Request]:
        """Those whose address an earlier run found, where they may bring something."""
        if "section" not in self.plan.lanes:
            return
        for province in self.plan.provinces:
            known = None if province in self._asked else self.lists.section_of(province.slug)
            if known is None:
                continue
            if self._need_not_be_read(known, province):
                self._asked.add(province)
                self._read.add(province)
            else:
                yield from self._section(self.site.at_path(known.path), province)

    def _need_not_be_read(self, known: Known, province: Province) -> bool:
        recent = not is_due(known, SECTION_EVERY, datetime.now(UTC))
        return province in self._quiet and known.walked and recent and not known.expected

    def _menu(self) -> Iterator[Request]:
        """The home page: where something is not known or not as expected, and now and then in any case."""
        if self._menu_asked or not self.plan.lanes & {"feed", "section"}:
            return
        self._menu_asked = True
        known = self.lists.known(self.site.paths.home)
        unknown = "section" in self.plan.lanes and set(self.plan.provinces) - self._read
        if unknown or self._doubted or known is None or is_due(known, HOME_EVERY, datetime.now(UTC)):
            yield self._list(self.site.url(self.site.paths.home), self.parse_home)

    def _probes(self) -> Iterator[Request]:
        """One article of each province whose section the menu did not name: its breadcrumb does."""
        if "section" in self.plan.lanes and not self._probed:
            self._probed = True
            for province in self.plan.provinces:
                if province not in self._asked and (found := self.frontier.probe(province)):
                    yield self.article(found, probe=True)

    def _last_resort(self) -> Iterator[Request]:
        """Sections that neither menu nor breadcrumb told: the form of address that sister sites use."""
        for province in self.plan.provinces:
            service = self.site.provinces.get(province.slug)
            if service and self.site.paths.section and province not in self._read:
                path = self.site.paths.section.format(service_id=service.service_id)
                yield from self._section(self.site.url(path), province, proven=False)

    def _articles(self) -> Iterator[Request]:
        """The lists are read: what the probes brought can be written, and the others fetched."""
        held, self._held = self._held, []
        for response, found in held:
            # Read again: the lists that were read since may say more of where it stands.
            reading = self.read(response, self.frontier[found.news_id])
            task = asyncio.ensure_future(
                self.crawler.engine.scraper.start_itemproc_async(reading.article, response=response)
            )
            self._tasks.add(task)
            task.add_done_callback(self._written)
        yield from self.more_articles(self.window)

    def _written(self, task: asyncio.Future[None]) -> None:
        """Nothing else may be under way: without a nudge the engine would look again after five seconds."""
        self._tasks.discard(task)
        if slot := self.crawler.engine._slot:
            slot.nextcall.schedule()

    def _more_pages(self) -> Iterator[Request]:
        """The limit seemed to be filled, but some of its articles were gone, or of other days."""
        for province in self.plan.provinces:
            request, floor = self._paused.get(province.slug, (None, 0))
            if request and self.frontier.lacks(province, floor):
                del self._paused[province.slug]
                self._waiting_for.add(request.url)
                yield request

    # -- articles ------------------------------------------------------------------------------------

    def article_read(self, response: Response, found: Found, reading: Reading) -> Iterator[Request | Article]:
        """Its breadcrumb may tell the address of a section."""
        if response.cb_kwargs["probe"]:
            self._held.append((response, found))
        else:
            yield reading.article
        for province, href in reading.sections:
            url = absolute(response.url, href)
            if url and province in self.plan.provinces:
                yield from self._section(url, province)

    def closed(self, reason: str) -> None:
        """Every list gets its end, and every province without a section its word."""
        for url in [] if reason.startswith(LIMIT) else sorted(self._waiting_for):
            self.account.trouble("list", url, f"not reached: {reason}", None)
        if reason == "finished" and "section" in self.plan.lanes:
            for province in self.plan.provinces:
                if province not in self._read:
                    self.account.trouble("list", "", f"no section found for {province.slug}", None)
