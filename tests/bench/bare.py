"""Settings of the bare crawl: the same spider, pages and pipelines, Scrapy's own handler, nothing written."""

from pathlib import Path
from typing import Any

from crawler.extensions.opening import Opening
from crawler.ledger.schema import connect
from crawler.settings import *  # noqa: F403  # all of the crawl's settings, but for what is switched off here


class InMemory(Opening):
    """The frontier lives in a ledger; this one is gone with the crawl."""

    def open(self, spider: Any) -> None:
        spider.resumed = []
        self.begin(spider, connect(Path(":memory:")))


DOWNLOAD_HANDLERS = {"file": None, "data": None, "ftp": None, "s3": None}
EXTENSIONS = {InMemory: 50}
