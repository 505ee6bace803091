"""``scrapy crawl``: Scrapy's own, after a look at what was asked for, and with an exit code that means it.

0: walked to its end · 1: something that was to be walked was not · 2: wrong arguments · 3: interrupted.
"""

from __future__ import annotations

import argparse
import gc
import socket
import sys
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from scrapy.commands.crawl import Command as ScrapyCrawl
from scrapy.exceptions import UsageError
from scrapy.settings import BaseSettings

from crawler.arguments import read_plan, read_requisites, read_site
from crawler.collection import Collection, check_writable, collection_name
from crawler.disk import free_bytes
from crawler.report import exit_code
from crawler.sites import Site
from crawler.warc.playback import Playback

CONNECT_SECONDS = 15
GARBAGE = (700, 10, 5)  # read pages are cyclic garbage: looked for twice as often, 10 MB less stand around


class Command(ScrapyCrawl):
    """Nothing is requested and nothing is made on disk before the arguments have been found good."""

    def short_desc(self) -> str:
        return "Crawl the province sections into WARC and JSON Lines"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.epilog = (
            "-a provinces=qom,IR-01,... | all   -a via=feeds,sections,sitemaps   -a since=1404-07-01   "
            "-a until=2025-10-22   -a limit=50 (articles a province). Settings and exit codes: README.md."
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        assert self.crawler_process is not None
        if len(args) != 1 or args[0] not in self.crawler_process.spider_loader.list():
            known = ", ".join(self.crawler_process.spider_loader.list())
            raise UsageError(f"name one spider: {known}", print_help=False)
        try:
            read_plan(opts.spargs, args[0])
            site = check_settings(self.settings)
        except ValueError as error:
            raise UsageError(str(error), print_help=False) from None
        if not self.settings["REPLAY_FROM"] and (trouble := unreachable(site)):
            print(f"error: {trouble}", file=sys.stderr)
            self.exitcode = 1
            return
        gc.set_threshold(*GARBAGE)
        crawler = self._create_crawler(args[0])
        self.crawler_process.crawl(crawler, **opts.spargs)
        self.crawler_process.start()
        report = getattr(crawler.spider, "report", None)
        self.exitcode = 1 if self.crawler_process.bootstrap_failed or report is None else exit_code(report)


def check_settings(settings: BaseSettings) -> Site:
    """The site to crawl. Raises ValueError for a setting that would stop the crawl later."""
    site = read_site(settings["SITE"], settings["SITE_URL"], settings["REPLAY_FROM"])
    name = settings["COLLECTION"] or collection_name(site.name, site.base_url, site.elsewhere)
    collection = Collection(settings["ARCHIVES"], name)
    if settings["RUN_ID"]:
        collection.check_run_id(settings["RUN_ID"])
    read_requisites(settings["REQUISITES"])
    for name, read in (
        ("WARC_MAX_BYTES", settings.getint),
        ("WARC_MAX_SECONDS", settings.getint),
        ("MIN_FREE_BYTES", settings.getint),
        ("REQUISITE_MAXSIZE", settings.getint),
        ("DOWNLOAD_DELAY", settings.getfloat),
        ("WARC_ENABLED", settings.getbool),
        ("SECOND_LOOK_SECONDS", settings.getint),
        ("CONDITIONAL_REQUESTS", settings.getbool),
        ("KEEP_ALIVE", settings.getbool),
        ("PROGRESS_SECONDS", settings.getint),
    ):
        try:
            value = read(name)
        except ValueError:
            kind = "0 or 1" if read == settings.getbool else "a number, such as 1000000000 or 4"
            raise ValueError(f"{name}={settings[name]}: must be {kind}") from None
        if value < 0:
            raise ValueError(f"{name}={settings[name]}: must not be less than 0")
    check_writable(settings["ARCHIVES"])
    free, least = free_bytes(collection.folder), settings.getint("MIN_FREE_BYTES")
    if free < least:
        raise ValueError(
            f"{free:,} bytes are free where {collection.folder} lies, less than MIN_FREE_BYTES={least:,}; "
            "make room, or put the collection elsewhere with -s ARCHIVES=…"
        )
    if settings["REPLAY_FROM"]:
        Playback(Path(settings["REPLAY_FROM"]))
    return site


def unreachable(site: Site) -> str | None:
    """One line with cause and cure where no connection to the site can be made; None where it can."""
    parts = urlsplit(site.base_url)
    host = parts.hostname or ""
    if parts.scheme in getproxies() and not proxy_bypass(host):
        return None  # the proxy reaches it, or says why not
    try:
        socket.create_connection(
            (host, parts.port or (443 if parts.scheme == "https" else 80)), CONNECT_SECONDS
        ).close()
    except OSError as error:
        return (
            f"cannot reach {site.base_url}: {error}; nothing was requested or written. "
            "Check this machine's network and name resolution, or name another root with -s SITE_URL=…"
        )
    return None
