"""What listens to a crawl and writes: rows and the report. (The WARC recorder stands in ``warc/``.)"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from time import monotonic
from typing import Any, Self

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.http import TextResponse

from crawler.collection import Collection
from crawler.disk import AppendFile, replace_file
from crawler.items import Article
from crawler.pages.links import outlinks
from crawler.pipelines import Unwanted
from crawler.report import as_text, build_report
from crawler.rows import as_line, metadata_fields
from crawler.warc.exchange import Capture
from crawler.warc.mend import Mended, mend_collection
from crawler.warc.recorder import Recorder, end_crawl
from crawler.warc.seal import seal

SYNC_SECONDS = 10  # of rows a power cut may cost; a crash of the process costs none


class Exporter:
    """Rows into ``articles/<run>.jsonl``: a line is written whole or not at all, and on disk at the end.

    The same row goes into the archive, as metadata of the capture that it was read from.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._file: AppendFile | None = None
        self._synced = 0.0

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        exporter = cls(crawler)
        crawler.signals.connect(exporter.write, signals.item_scraped)
        crawler.signals.connect(exporter.drop, signals.item_dropped)
        crawler.signals.connect(exporter.fault, signals.item_error)
        crawler.signals.connect(exporter.close, signals.spider_closed)
        return exporter

    def write(self, item: Article, response: TextResponse, spider: Any) -> None:
        line = as_line(item)
        try:
            if self._file is None:
                self._file = AppendFile(spider.collection.rows_of(spider.run_id))
            self._file.append(line)
            if monotonic() - self._synced > SYNC_SECONDS:
                self._file.sync()
                self._synced = monotonic()
        except OSError as error:
            spider.frontier.settle(item.news_id, "failed", f"cannot write its row: {error}")
            end_crawl(self._crawler, f"cannot write rows: {error}")
            return
        spider.account.row(item)
        spider.frontier.settle(item.news_id, "written")
        capture: Capture | None = response.meta.get("capture")
        recorder = self._crawler.get_extension(Recorder)
        # What a revisit's payload says stands beside the earlier capture already.
        if recorder and capture and not capture.is_revisit:
            places = spider.frontier[item.news_id].listed_in
            fields = metadata_fields(line, places, outlinks(response.selector, response.url))
            recorder.annotate(item.url, capture, fields)

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
        if not spider.collection.folder.exists():
            return
        for done in mend_collection(spider.collection):
            print(f"mended {done}" if isinstance(done, Mended) else f"error: {done}", file=sys.stderr)
        _seal(spider.collection)


def _seal(collection: Collection) -> None:
    """Index and manifest after something was finished; what could not be taken into them is said."""
    try:
        for fault in seal(collection).faults:
            print(f"error: {fault}", file=sys.stderr)
    except OSError as error:
        print(f"error: index and manifest could not be written: {error}", file=sys.stderr)


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
        if collection.folder.exists():
            _seal(collection)
