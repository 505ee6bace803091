"""``scrapy crawl``: Scrapy's own, after a look at what was asked for, and with an exit code that means it.

0: walked to its end · 1: something that was to be walked was not · 2: wrong arguments · 3: interrupted ·
4: another crawl holds the collection.
"""

from __future__ import annotations

import argparse
import gc
import os
import socket
import sqlite3
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from scrapy.commands.crawl import Command as ScrapyCrawl
from scrapy.crawler import Crawler
from scrapy.exceptions import UsageError
from scrapy.settings import BaseSettings

from crawler.arguments import read_plan, read_requisites, read_site, restores
from crawler.collection import Collection, check_writable, collection_name
from crawler.commands import WithLogs
from crawler.disk import Held, free_bytes, hold
from crawler.identity import check_identity, on_loopback
from crawler.ledger.hosts import left_alone
from crawler.ledger.runs import begin_run, end_run, has_run
from crawler.ledger.schema import LedgerError, connect
from crawler.report import exit_code
from crawler.sites import Site
from crawler.sites.site import host_of
from crawler.warc.playback import Playback

CONNECT_SECONDS = 15
GARBAGE = (700, 10, 5)  # read pages are cyclic garbage: looked for twice as often, 10 MB less stand around


class Command(WithLogs, ScrapyCrawl):
    """Nothing is requested and nothing is made on disk before the arguments have been found good."""

    def short_desc(self) -> str:
        return "Crawl the province sections into WARC and JSON Lines"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.epilog = (
            "-a provinces=qom,IR-01,... | all   -a via=feeds,sections,sitemaps   -a since=1404-07-01   "
            "-a until=2025-10-22   -a limit=50 (articles a province)   -a age=1h,1d,7d,30d | all (recheck)   "
            "-a include=REGEX -a exclude=REGEX (of addresses)   -a pages= -a articles= -a bytes=5GB "
            "-a minutes= (of a run). Settings and exit codes: README.md."
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
        if stopped := self._cannot_begin(args[0], opts.spargs, site):
            self.exitcode, reason = stopped
            print(f"error: {reason}", file=sys.stderr)
            return
        gc.set_threshold(*GARBAGE)
        crawler = self._create_crawler(args[0])
        self.crawler_process.crawl(crawler, **opts.spargs)
        self.crawler_process.start()
        report = getattr(crawler.spider, "report", None)
        if self.crawler_process.bootstrap_failed:
            self.exitcode = 1
        else:
            self.exitcode = self._code_without_report(crawler) if report is None else exit_code(report)

    def _code_without_report(self, crawler: Crawler) -> int:
        """Interrupted before it began, or twice: Scrapy then drops all. Or a fault, which it has told."""
        stats = crawler.stats
        if stats and any(stats.get_value(f"log_count/{level}") for level in ("ERROR", "CRITICAL")):
            return 1
        print("interrupted; what is written stays, the next crawl goes on from there", file=sys.stderr)
        return 3

    def _cannot_begin(self, spider: str, arguments: dict[str, str], site: Site) -> tuple[int, str] | None:
        """(exit code, why) where nothing can be asked for; else the collection is held until this process
        ends, however it does."""
        assert self.settings is not None
        collection = collection_of(self.settings, site)
        if not self.settings["REPLAY_FROM"] and (trouble := unreachable(site)):
            self._note_run_without(collection, spider, arguments, f"unreachable: {trouble}")
            return 1, trouble
        if spider == "recheck" and not collection.ledger.exists():
            return 2, f"nothing was crawled into {collection.folder} yet: nothing can be looked at again"
        try:
            hold(collection.lock, words_of(spider, arguments))
            ledger = connect(collection.ledger)
        except Held as error:
            return 4, f"{collection.folder} is in use: {error}"
        except (LedgerError, OSError) as error:
            return 1, str(error)
        hosts = left_alone(ledger, datetime.now(UTC))
        run_id = self.settings["RUN_ID"]
        taken = has_run(ledger, run_id)
        ledger.close()
        if taken:
            return 2, f"RUN_ID={run_id}: a run of {collection.folder} bears it; choose another, or none"
        host, longest = host_of(urlsplit(site.base_url)), self.settings.getfloat("LONGEST_WAIT")
        if reason := too_long(hosts, host, longest):
            self._note_run_without(collection, spider, arguments, reason)
            return 1, f"{reason}; nothing was requested"
        return None

    def _note_run_without(
        self, collection: Collection, spider: str, arguments: dict[str, str], reason: str
    ) -> None:
        """A run that asked for nothing is a run of the collection, if there is one already, or if somebody
        gave it an id to look for it: a schedule tells why its first crawl could not begin."""
        assert self.settings is not None
        run_id = self.settings["RUN_ID"]
        if not (run_id or collection.ledger.exists()):
            return
        at = datetime.now(UTC)
        try:
            with closing(connect(collection.ledger)) as ledger:
                if not run_id or has_run(ledger, run_id):
                    run_id = at.strftime("%Y%m%dT%H%M%S%fZ")
                number = begin_run(ledger, run_id, spider, at.isoformat(), arguments, {}, "")
                end_run(ledger, number, at.isoformat(), reason, 1, {})
        except (LedgerError, sqlite3.Error, OSError) as error:
            print(f"error: {error}", file=sys.stderr)


def collection_of(settings: BaseSettings, site: Site) -> Collection:
    """Where a crawl's files go. Raises ValueError for a name that is none."""
    name = settings["COLLECTION"] or collection_name(site.name, site.base_url, site.elsewhere)
    return Collection(settings["ARCHIVES"], name)


def too_long(hosts: dict[str, tuple[datetime, str]], host: str, longest: float) -> str | None:
    """Why no crawl may begin: the host of the pages asked the last one to be left alone for longer than is
    waited. (One of pictures is only given up, by the gate.)"""
    until, why = hosts.get(host, (datetime.min.replace(tzinfo=UTC), ""))
    if (until - datetime.now(UTC)).total_seconds() <= longest:
        return None
    return f"blocked: {host} asked to be left alone until {until:%Y-%m-%dT%H:%M:%SZ} ({why})"


def words_of(spider: str, arguments: dict[str, str]) -> str:
    """Who holds a collection, for whoever comes second."""
    asked = "".join(f" -a {name}={value}" for name, value in arguments.items())
    since = datetime.now().astimezone().isoformat(timespec="seconds")
    return f"process {os.getpid()} on {socket.gethostname()} since {since}: scrapy crawl {spider}{asked}"


def check_settings(settings: BaseSettings) -> Site:
    """The site to crawl. Raises ValueError for what would stop the crawl later."""
    site = check_values(settings)
    collection = collection_of(settings, site)
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


def check_values(settings: BaseSettings) -> Site:
    """The site to crawl. Raises ValueError for a setting that is wrong on any machine."""
    site = read_site(settings["SITE"], settings["SITE_URL"], settings["REPLAY_FROM"])
    collection = collection_of(settings, site)
    if settings["RUN_ID"]:
        collection.check_run_id(settings["RUN_ID"])
    read_requisites(settings["REQUISITES"])
    restores(settings["RESTORE"], site)
    asked = not settings["REPLAY_FROM"] and not on_loopback(site.base_url)
    check_identity(settings["CONTACT"] or "", settings["USER_AGENT"] or "", stranger=asked)
    for name, read in (
        ("WARC_MAX_BYTES", settings.getint),
        ("WARC_MAX_SECONDS", settings.getint),
        ("MIN_FREE_BYTES", settings.getint),
        ("REQUISITE_MAXSIZE", settings.getint),
        ("DOWNLOAD_DELAY", settings.getfloat),
        ("SHORTEST_WAIT", settings.getfloat),
        ("LONGEST_WAIT", settings.getfloat),
        ("MOST_REFUSALS", settings.getint),
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
        if not value >= 0:  # NaN is not either
            raise ValueError(f"{name}={settings[name]}: must not be less than 0")
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
