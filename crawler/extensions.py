"""What listens to a crawl and writes: rows and the report. (The WARC recorder stands in ``warc/``.)"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import Any, Self

from scrapy import Spider, signals
from scrapy.crawler import Crawler

from crawler.collection import Collection
from crawler.disk import AppendFile, replace_file
from crawler.items import Article
from crawler.pipelines import Unwanted
from crawler.report import as_text, build_report
from crawler.rows import as_line
from crawler.warc.mend import left_over, mend
from crawler.warc.recorder import end_crawl


class Exporter:
    """Rows into ``articles/<run>.jsonl``: a line is written whole or not at all, and on disk at the end."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._file: AppendFile | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        exporter = cls(crawler)
        crawler.signals.connect(exporter.write, signals.item_scraped)
        crawler.signals.connect(exporter.drop, signals.item_dropped)
        crawler.signals.connect(exporter.fault, signals.item_error)
        crawler.signals.connect(exporter.close, signals.spider_closed)
        return exporter

    def write(self, item: Article, spider: Any) -> None:
        try:
            if self._file is None:
                self._file = AppendFile(spider.collection.rows_of(spider.run_id))
            self._file.append(as_line(item))
        except OSError as error:
            spider.frontier.settle(item.news_id, "failed", f"cannot write its row: {error}")
            end_crawl(self._crawler, f"cannot write rows: {error}")
            return
        spider.account.row(item)
        spider.frontier.settle(item.news_id, "written")

    def drop(self, item: Article, exception: Exception, spider: Any) -> None:
        if isinstance(exception, Unwanted):
            spider.frontier.settle(item.news_id, "skipped", str(exception))
            return
        spider.account.trouble("article", item.url, f"invalid: {exception}", item.warc)
        spider.frontier.settle(item.news_id, "failed", f"invalid: {exception}")

    def fault(self, item: Article, failure: Any, spider: Any) -> None:
        reason = f"a fault of this program: {type(failure.value).__name__}"
        spider.account.trouble("article", item.url, reason, item.warc)
        spider.frontier.settle(item.news_id, "failed", reason)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


class Mender:
    """Before a crawl writes, what an earlier one left unfinished in its collection is finished, and said."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        mender = cls()
        crawler.signals.connect(mender.mend, signals.spider_opened)
        return mender

    def mend(self, spider: Any) -> None:
        for path in left_over(spider.collection):
            try:
                print(f"mended {mend(path)}", file=sys.stderr)
            except (ValueError, OSError) as error:
                print(f"error: cannot mend {path}: {error}", file=sys.stderr)


class Report:
    """The run's report, once rows and WARC files are closed: ``runs/<run>.json``, and a terminal's lines."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._spider: Any = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        report = cls(crawler)
        crawler.signals.connect(report.opened, signals.spider_opened)
        crawler.signals.connect(report.write, signals.engine_stopped)
        return report

    def opened(self, spider: Spider) -> None:
        self._spider = spider

    def write(self) -> None:
        spider = self._spider
        if spider is None:
            return
        collection: Collection = spider.collection
        assert self._crawler.stats is not None
        report = build_report(
            run=spider.about(),
            plan=spider.plan,
            account=spider.account,
            frontier=spider.frontier,
            stats=self._crawler.stats.get_stats(),
            finished=datetime.now(UTC),
        )
        spider.report = report
        print(as_text(report, str(collection.folder)))
        try:
            replace_file(
                collection.report_of(spider.run_id), json.dumps(report, ensure_ascii=False, indent=1) + "\n"
            )
        except OSError as error:
            print(f"error: the report could not be written: {error}", file=sys.stderr)
