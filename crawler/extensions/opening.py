"""Before a crawl asks for anything: what an earlier one left is finished, and the ledger is opened."""

from __future__ import annotations

import sqlite3
import sys
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from scrapy import signals
from scrapy.crawler import Crawler

from crawler.collection import Collection
from crawler.extract import EXTRACTOR
from crawler.gate import Gate
from crawler.ledger.endings import Endings
from crawler.ledger.files import Files
from crawler.ledger.frontier import Frontier
from crawler.ledger.hosts import left_alone
from crawler.ledger.lists import Lists
from crawler.ledger.recover import recover
from crawler.ledger.runs import begin_run
from crawler.ledger.schema import LedgerError, connect, unusable
from crawler.warc.mend import Mended, mend_collection
from crawler.warc.recorder import end_crawl, settings_snapshot, software
from crawler.warc.seal import seal


class Opening:
    """Mends and seals the collection, then brings the ledger up to date with it and begins the run there."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        opening = cls(crawler)
        crawler.signals.connect(opening.open, signals.spider_opened)
        return opening

    def open(self, spider: Any) -> None:
        collection: Collection = spider.collection
        if collection.warc.exists() or collection.articles.exists():
            for done in mend_collection(collection):
                print(f"mended {done}" if isinstance(done, Mended) else f"error: {done}", file=sys.stderr)
            say_seal(collection)
        try:
            ledger = connect(collection.ledger)
            spider.resumed = recover(ledger, collection, datetime.now(UTC))
            self.begin(spider, ledger)
        except LedgerError as error:
            end_crawl(self._crawler, f"cannot use the ledger: {error}")
        except (OSError, sqlite3.Error) as error:
            end_crawl(self._crawler, f"cannot use the ledger: {unusable(collection.ledger, error)}")

    def begin(self, spider: Any, ledger: sqlite3.Connection) -> None:
        """Give the spider all that rests on the ledger."""
        settings = self._crawler.settings
        spider.ledger = ledger
        spider.run = begin_run(
            ledger,
            spider.run_id,
            spider.name,
            spider.started.isoformat(),
            spider.arguments,
            settings_snapshot(settings),
            ", ".join(software()),
        )
        second_look = timedelta(seconds=settings.getint("SECOND_LOOK_SECONDS"))
        spider.endings = Endings(ledger, spider.run, second_look, EXTRACTOR)
        spider.frontier = Frontier(
            ledger, spider.run, spider.plan.wanted(), EXTRACTOR, takes_up=spider.takes_up
        )
        spider.requisites.files = Files(ledger)
        if gate := self._crawler.get_extension(Gate):
            for host, (until, _) in left_alone(ledger, datetime.now(UTC)).items():
                gate.recall(host, until)
        spider.lists = Lists(ledger, spider.run)


def say_seal(collection: Collection) -> None:
    """Index and manifest after something was finished; what could not be taken into them is said."""
    try:
        for fault in seal(collection).faults:
            print(f"error: {fault}", file=sys.stderr)
    except OSError as error:
        print(f"error: index and manifest could not be written: {error}", file=sys.stderr)
