"""The run's report, once rows and WARC files are closed: ``runs/<run>.json``, a page beside it, a terminal's
lines."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from scrapy import Spider, signals
from scrapy.crawler import Crawler

from crawler.collection import Collection
from crawler.disk import replace_file
from crawler.extensions.opening import say_seal
from crawler.gate import Gate
from crawler.ledger.hosts import note_hosts
from crawler.ledger.runs import end_run
from crawler.report import Ended, Report, as_text, build_report, exit_code, head_of
from crawler.report.page import as_page


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
        if spider is None or not hasattr(spider, "frontier"):
            return
        collection: Collection = spider.collection
        assert self._crawler.stats is not None
        finished = datetime.now(UTC)
        say_seal(collection)  # the report names digests of the WARC files
        report = build_report(
            Ended(
                about=spider.about(),
                plan=spider.plan,
                account=spider.account,
                collection=collection,
                ledger=spider.ledger,
                run=spider.run,
                known=spider.frontier.known,
                resumed=spider.resumed,
                takes_waiting=spider.takes_up,
                stats=self._crawler.stats.get_stats(),
                at=finished,
            )
        )
        spider.report = report
        if spider.tells_its_report:
            print(as_text(report, str(collection.folder)))
        end_run(
            spider.ledger,
            spider.run,
            finished.isoformat(),
            report["finish_reason"],
            exit_code(report),
            head_of(report),
        )
        if gate := self._crawler.get_extension(Gate):
            note_hosts(spider.ledger, gate.hosts, gate.left_alone(finished))
        spider.ledger.close()
        try:
            replace_file(
                collection.report_of(spider.run_id), json.dumps(report, ensure_ascii=False, indent=1) + "\n"
            )
        except OSError as error:
            print(f"error: the report could not be written: {error}", file=sys.stderr)
        write_page(collection.page_of(spider.run_id), report)
        say_seal(collection)


def write_page(path: Path, report: Report) -> None:
    """Whatever is wrong with the page, the report is written, and the crawl ends as it would."""
    try:
        replace_file(path, as_page(report))
    except Exception as error:  # noqa: BLE001  # an edge: a fault of the template may be of any kind
        print(f"error: {path} could not be written: {type(error).__name__}: {error}", file=sys.stderr)
