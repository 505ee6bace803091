"""Settings of the bare crawl: the same spider and pages, Scrapy's own download handler, nothing written."""

from crawler.settings import *  # noqa: F403  # all of the crawl's settings, but for what is switched off here

DOWNLOAD_HANDLERS = {"file": None, "data": None, "ftp": None, "s3": None}
ITEM_PIPELINES: dict[str, int] = {}
EXTENSIONS: dict[str, int] = {}
