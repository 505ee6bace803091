"""The run's report, once rows and WARC files are closed: ``runs/<run>.json``, a page beside it, a terminal's
lines; then the collection's figures for Prometheus."""

from __future__ import annotations

import json
import logging
import sqlite3
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from scrapy import Spider, signals
from scrapy.crawler import Crawler

from crawler import metrics
from crawler.collection import Collection
from crawler.disk import replace_file
from crawler.extensions.opening import say_seal
from crawler.gate import Gate
from crawler.ledger.hosts import note_hosts
from crawler.ledger.runs import end_run
from crawler.ledger.schema import unusable
from crawler.report import Ended, Report, as_text, build_report, exit_code, head_of
from crawler.report.drift import keep_fields
from crawler.report.page import as_page
from crawler.search.update import update

logger = logging.getLogger(__name__)


class Closing:
    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._spider: Any = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        closing = cls(crawler)
        crawler.signals.connect(closing.opened, signals.spider_opened)
        crawler.signals.connect(closing.write, signals.engine_stopped)
        return closing

    def opened(self, spider: Spider) -> None:
        self._spider = spider

    def write(self) -> None:
        spider = self._spider
        if spider is None:
            return
        if hasattr(spider, "frontier"):
            self._write(spider)
        say_metrics(spider.collection, datetime.now(UTC))

    def _write(self, spider: Any) -> None:
        collection: Collection = spider.collection
        finished = datetime.now(UTC)
        say_seal(collection)  # the report names digests of the WARC files
        say_search(collection)
        try:
            report = build_report(self._ended(spider, finished))
        except sqlite3.Error as error:
            logger.error("no report can be made: %s", unusable(collection.ledger, error))
            return
        spider.report = report
        if spider.tells_its_report:
            print(as_text(report, str(collection.folder)))
        try:
            self._note(spider, report, finished)
        except sqlite3.Error as error:  # then the next run looks what was written
            print(f"error: the ledger could not be written: {error}", file=sys.stderr)
        spider.ledger.close()
        try:
            replace_file(
                collection.report_of(spider.run_id), json.dumps(report, ensure_ascii=False, indent=1) + "\n"
            )
        except OSError as error:
            print(f"error: the report could not be written: {error}", file=sys.stderr)
        write_page(collection.page_of(spider.run_id), report)
        say_seal(collection)

    def _ended(self, spider: Any, finished: datetime) -> Ended:
        assert self._crawler.stats is not None
        return Ended(
            about=spider.about(),
            plan=spider.plan,
            account=spider.account,
            collection=spider.collection,
            ledger=spider.ledger,
            run=spider.run,
            known=spider.frontier.known,
            resumed=spider.resumed,
            takes_waiting=spider.takes_up,
            stats=self._crawler.stats.get_stats(),
            at=finished,
        )

    def _note(self, spider: Any, report: Report, finished: datetime) -> None:
        """The run has ended by itself. Where a row may not be noted it has not: then the next one looks."""
        ledger: sqlite3.Connection = spider.ledger
        keep_fields(ledger, spider.run, spider.account.filled)
        if gate := self._crawler.get_extension(Gate):
            note_hosts(ledger, gate.hosts, gate.left_alone(finished))
        if spider.rows_are_noted:
            spider.requisites.files.ended()
            reason, code = report["finish_reason"], exit_code(report)
            end_run(ledger, spider.run, finished.isoformat(), reason, code, head_of(report))


def say_search(collection: Collection) -> None:
    """The words of the new rows into the search index. Whatever is wrong with it, it is derived: the crawl
    ends as it would."""
    try:
        update(collection)
    except (OSError, sqlite3.Error) as error:
        print(f"error: {collection.search} could not be written: {error}", file=sys.stderr)


def say_metrics(collection: Collection, now: datetime) -> None:
    """Whatever is wrong with the figures, the crawl ends as it would."""
    try:
        metrics.write(collection, now)
    except Exception as error:  # noqa: BLE001  # an edge: nothing rests on them
        what = f"{type(error).__name__}: {error}"
        print(f"error: {collection.metrics} could not be written: {what}", file=sys.stderr)


def write_page(path: Path, report: Report) -> None:
    """Whatever is wrong with the page, the report is written, and the crawl ends as it would."""
    try:
        replace_file(path, as_page(report))
    except Exception as error:  # noqa: BLE001  # an edge: a fault of the template may be of any kind
        print(f"error: {path} could not be written: {type(error).__name__}: {error}", file=sys.stderr)
