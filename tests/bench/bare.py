"""Settings of the bare crawl: the same spider, pages and pipelines, Scrapy's own handler, nothing written."""

from crawler.settings import *  # noqa: F403  # all of the crawl's settings, but for what is switched off here

DOWNLOAD_HANDLERS = {"file": None, "data": None, "ftp": None, "s3": None}
EXTENSIONS: dict[str, int] = {}
