"""The crawl's one WARC writer, in a thread of its own: compression and disk do not hold up the crawl."""

from __future__ import annotations

import asyncio
import logging
import platform
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from typing import Self

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest, NotConfigured

from crawler import VERSION
from crawler.collection import Collection
from crawler.warc.exchange import Exchange
from crawler.warc.hooks import check_hooks
from crawler.warc.pointer import WarcPointer
from crawler.warc.writer import WarcWriter

logger = logging.getLogger(__name__)

SOFTWARE = ("scrapy", "twisted", "warcio")


class Recorder:
    """Extension: opens the writer with the spider, closes it before the run's report is made."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="warc")
        self._writer: WarcWriter | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        if crawler.settings["REPLAY_FROM"] or not crawler.settings.getbool("WARC_ENABLED"):
            raise NotConfigured  # the archive answers, or none is wanted
        check_hooks()
        recorder = cls(crawler)
        crawler.signals.connect(recorder.open, signals.spider_opened)
        crawler.signals.connect(recorder.close, signals.spider_closed)
        return recorder

    def open(self, spider: Spider) -> None:
        collection: Collection = spider.collection  # type: ignore[attr-defined]  # our spiders have one
        settings = self._crawler.settings
        self._writer = WarcWriter(
            collection.warc,
            collection.name,
            _warcinfo(self._crawler, collection.name, spider.run_id),  # type: ignore[attr-defined]
            settings.getint("WARC_MAX_BYTES"),
        )

    async def keep(self, exchange: Exchange) -> WarcPointer | None:
        """Write an exchange; returns when its bytes are in the file. A full disk ends the crawl, cleanly."""
        assert self._writer is not None, "an exchange before the spider was opened"
        try:
            return await asyncio.get_running_loop().run_in_executor(
                self._thread, self._writer.write, exchange
            )
        except OSError as error:
            reason = f"cannot write the archive: {error}"
            end_crawl(self._crawler, reason)
            raise IgnoreRequest(reason) from error

    async def close(self) -> None:
        writer = self._writer
        if writer is None:
            return
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, writer.close)
        finally:
            self._thread.shutdown()
            stats = self._crawler.stats
            assert stats is not None
            stats.set_value("warc/files", writer.files)
            stats.set_value("warc/records", writer.records)
            stats.set_value("warc/bytes", writer.bytes)


_closing: set[asyncio.Future[None]] = set()  # the loop itself holds its tasks only weakly


def end_crawl(crawler: Crawler, reason: str) -> None:
    """Close the spider from inside a handler: what is under way ends, what is written stays readable."""
    engine, stats = crawler.engine, crawler.stats
    assert engine is not None
    assert stats is not None
    if engine.spider is None or stats.get_value("ended_by"):
        return
    stats.set_value("ended_by", reason)
    logger.error("%s; the crawl ends here, what is written stays readable", reason)
    task = asyncio.ensure_future(engine.close_spider_async(reason=reason))
    _closing.add(task)
    task.add_done_callback(_closing.discard)


def _warcinfo(crawler: Crawler, collection: str, run_id: str) -> dict[str, str]:
    """Fields that the WARC standard names for warcinfo, and the run."""
    settings = crawler.settings
    return {
        "software": ", ".join(_software()),
        "format": "WARC File Format 1.1",
        "conformsTo": "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
        "isPartOf": collection,
        "description": f"run {run_id} of spider {crawler.spidercls.name}",
        "operator": settings["OPERATOR"] or "",
        "robots": "obey" if settings.getbool("ROBOTSTXT_OBEY") else "ignore",
        "http-header-user-agent": settings["USER_AGENT"],
        "run-id": run_id,
    }


def _software() -> list[str]:
    packages = (f"{name}/{version(name)}" for name in SOFTWARE)
    return [f"ostan/{VERSION}", *packages, f"python/{platform.python_version()}"]
