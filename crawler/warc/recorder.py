"""The crawl's one WARC writer.

It writes where the crawl runs: a record is packed in 16 µs, and a thread of its own costs more (CHANGELOG).
"""

from __future__ import annotations

import asyncio
import json
import logging
import platform
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import timedelta
from importlib.metadata import version
from os.path import expanduser
from typing import Self, TypeVar

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest, NotConfigured
from scrapy.settings import BaseSettings

from crawler import VERSION
from crawler.collection import Collection
from crawler.disk import free_bytes
from crawler.secret import is_secret, without_home
from crawler.warc.exchange import Capture, Exchange
from crawler.warc.hooks import check_hooks
from crawler.warc.originals import Originals
from crawler.warc.writer import Rotation, WarcWriter

logger = logging.getLogger(__name__)
T = TypeVar("T")
SOFTWARE = ("scrapy", "twisted", "warcio", "parsel", "lxml")


class Recorder:
    """Extension: opens the writer with the spider, closes it before the run's report is made."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._writer: WarcWriter | None = None
        self._least_free = crawler.settings.getint("MIN_FREE_BYTES")
        self.originals: Originals | None = None

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
        self._folder = collection.warc
        self.originals = Originals(collection.warc, collection.index)
        self._writer = WarcWriter(
            collection.warc,
            collection.name,
            _warcinfo(self._crawler, collection.name, spider.run_id),  # type: ignore[attr-defined]
            Rotation(
                settings.getint("WARC_MAX_BYTES"), timedelta(seconds=settings.getint("WARC_MAX_SECONDS"))
            ),
            self.originals,
        )

    @property
    def bytes(self) -> int:
        """Written so far."""
        return self._writer.bytes if self._writer else 0

    def keep(self, exchange: Exchange) -> Capture | None:
        """Write an exchange; its bytes are in the file then. A full disk ends the crawl, cleanly."""
        return self._write(lambda writer: writer.write(exchange))

    def annotate(self, url: str, capture: Capture, fields: Iterable[tuple[str, str]]) -> None:
        """A metadata record beside a capture."""
        with suppress(IgnoreRequest):  # the crawl ends, and has been told why
            self._write(lambda writer: writer.annotate(url, capture, fields))

    def _write(self, write: Callable[[WarcWriter], T]) -> T:
        assert self._writer is not None, "nothing is written before the spider was opened"
        try:
            done = write(self._writer)
        except OSError as error:
            reason = f"cannot write the archive: {error}"
            end_crawl(self._crawler, reason)
            raise IgnoreRequest(reason) from error
        if (free := free_bytes(self._folder)) < self._least_free:
            end_crawl(
                self._crawler, f"{free:,} bytes are free, less than MIN_FREE_BYTES={self._least_free:,}"
            )
        return done

    def close(self) -> None:
        writer, stats = self._writer, self._crawler.stats
        if writer is None:
            return
        assert stats is not None
        try:
            writer.close()
        finally:
            stats.set_value("warc/files", writer.files)
            stats.set_value("warc/records", writer.records)
            stats.set_value("warc/revisits", writer.revisits)
            stats.set_value("warc/bytes", writer.bytes)


_closing: set[asyncio.Future[None]] = set()  # the loop itself holds its tasks only weakly


def end_crawl(crawler: Crawler, reason: str, *, as_asked: bool = False) -> None:
    """Close the spider from inside a handler: what is under way ends, what is written stays readable.

    ``as_asked``: whoever began the crawl wanted it so, and need not be told at once.
    """
    engine, stats = crawler.engine, crawler.stats
    assert engine is not None
    assert stats is not None
    if engine.spider is None or stats.get_value("ended_by"):
        return
    stats.set_value("ended_by", reason)
    level = logging.INFO if as_asked else logging.ERROR
    said = "%s; the crawl ends here, what is written stays readable"
    logger.log(level, said, reason, extra={"reason": reason})
    task = asyncio.ensure_future(engine.close_spider_async(reason=reason))
    _closing.add(task)
    task.add_done_callback(_closing.discard)


def _warcinfo(crawler: Crawler, collection: str, run_id: str) -> dict[str, str]:
    """Fields that the WARC standard names for warcinfo, and the run with what was asked of it."""
    settings = crawler.settings
    return {
        "software": ", ".join(software()),
        "format": "WARC File Format 1.1",
        "conformsTo": "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
        "isPartOf": collection,
        "description": f"run {run_id} of spider {crawler.spidercls.name}",
        "operator": settings["OPERATOR"] or "",
        "robots": "obey" if settings.getbool("ROBOTSTXT_OBEY") else "ignore",
        "http-header-user-agent": settings["USER_AGENT"],
        "run-id": run_id,
        "arguments": json.dumps(getattr(crawler.spider, "arguments", {}), ensure_ascii=False),
        "settings": json.dumps(settings_snapshot(settings), default=str, ensure_ascii=False),
    }


def settings_snapshot(settings: BaseSettings) -> dict[str, object]:
    """Every setting that is not Scrapy's default, without what would let a reader in somewhere, or tell whose
    home folder the archive lies in."""
    home = expanduser("~")  # noqa: PTH111  # pathlib raises where nobody has a home
    return {
        name: {str(key): value[key] for key in value}  # classes may stand where their names do
        if isinstance(value := settings[name], BaseSettings | dict)
        else without_home(value, home)
        if isinstance(value, str)
        else value
        for name in sorted(settings)
        if settings.getpriority(name) and not is_secret(name)
    }


def software() -> list[str]:
    """What reads and writes, with versions."""
    packages = (f"{name}/{version(name)}" for name in SOFTWARE)
    return [f"ostan/{VERSION}", *packages, f"python/{platform.python_version()}"]
