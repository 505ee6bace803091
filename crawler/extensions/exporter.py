"""Rows into ``articles/<run>.jsonl``, and into the ledger how each article ended."""

from __future__ import annotations

import sqlite3
from time import monotonic
from typing import Any, Self

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.http import TextResponse

from crawler.disk import AppendFile
from crawler.items import Article
from crawler.ledger.facts import day_of_publication, stands_in, written_of
from crawler.pages.links import outlinks
from crawler.pipelines import NoRow, Unchanged, Unwanted
from crawler.rows import as_line, metadata_fields
from crawler.warc.exchange import Capture
from crawler.warc.recorder import Recorder, end_crawl

SYNC_SECONDS = 10  # of rows a power cut may cost; a crash of the process costs none


class Exporter:
    """A line is written whole or not at all, and on disk at the end; only then does the ledger say so.

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

    def write(self, item: Article, response: Any, spider: Any) -> None:
        """``response`` is none where a request failed and a tombstone came of it."""
        line = as_line(item)
        try:
            if self._file is None:
                self._file = AppendFile(spider.collection.rows_of(spider.run_id))
            spider.requisites.files.keep()
            row_at = self._file.append(line)
            if monotonic() - self._synced > SYNC_SECONDS:
                self._file.sync()
                self._synced = monotonic()
            spider.endings.written(written_of(item, row_at))
        except (OSError, sqlite3.Error) as error:  # the next run finds the row, if it was written
            spider.rows_are_noted = False
            end_crawl(self._crawler, f"cannot write rows or ledger: {error}")
            return
        spider.account.row(item)
        if item.status != "gone":
            self._annotate(item, line, response, spider)

    def _annotate(
        self, item: Article, line: bytes | None, response: TextResponse, spider: Any, skipped: str = ""
    ) -> None:
        capture: Capture | None = response.meta.get("capture")
        recorder = self._crawler.get_extension(Recorder)
        # What a revisit's payload says stands beside the earlier capture already.
        if recorder and capture and (line or not capture.is_revisit):
            found = spider.frontier[item.news_id]
            fields = metadata_fields(line, found, outlinks(response.selector, response.url), skipped)
            recorder.annotate(item.url, capture, fields)

    def drop(self, exception: NoRow, response: Any, spider: Any) -> None:
        item = exception.article
        if isinstance(exception, Unchanged):
            spider.account.read(item)
            spider.endings.unchanged(item.news_id, item.fetched_at, item.http.etag)
            self._annotate(item, None, response, spider)  # of other bytes that say the same
        elif isinstance(exception, Unwanted):
            day = day_of_publication(item)
            spider.endings.skipped(item.news_id, str(exception), str(day) if day else None, stands_in(item))
            self._annotate(item, None, response, spider, skipped=str(exception))
        else:
            self._annotate(item, None, response, spider)
            reason = f"invalid: {exception}"
            spider.account.read(item)
            province = item.province.slug if item.province else ""
            spider.account.trouble("article", item.url, reason, item.warc, province)
            spider.endings.failed(item.news_id, reason, "unreadable")

    def fault(self, item: Article, failure: Any, spider: Any) -> None:
        reason = f"a fault of this program: {type(failure.value).__name__}"
        spider.account.trouble("article", item.url, reason, item.warc)
        spider.endings.failed(item.news_id, reason, "unreadable")

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
