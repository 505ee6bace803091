"""What every crawl of ours has: the collection, the ledger, and stages that follow one another."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, Self

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DontCloseSpider
from scrapy.settings import BaseSettings

from crawler.account import Account
from crawler.arguments import Plan, read_plan, read_site
from crawler.collection import Collection, collection_name
from crawler.identity import on_loopback, user_agent
from crawler.ledger.endings import Endings
from crawler.ledger.frontier import Frontier
from crawler.ledger.lists import Lists
from crawler.ledger.schema import unusable
from crawler.logs import note_run
from crawler.sites import Site
from crawler.spiders.requisites import Requisites
from crawler.warc.recorder import Recorder, end_crawl

Stage = Callable[[], Iterator[Request]]


class OwnSpider(Spider):
    """``ledger`` and what rests on it is there once the spider is opened."""

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
        note_run(spider.run_id)
        spider.requisites = Requisites(settings, site, spider.account.requisites)
        spider.requisites.holds = spider.holds
        spider.window = settings.getint("CONCURRENT_REQUESTS")
        crawler.signals.connect(spider.idle, signals.spider_idle)
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
        yield self.files_left

    def is_busy(self) -> bool:
        """Whether something is under way that is no request."""
        return False

    def files_left(self) -> Iterator[Request]:
        """Once: what pages need that an earlier run read and was then cut off."""
        if not self._took_up_files:
            self._took_up_files = True
            yield from self.requisites.left()

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
