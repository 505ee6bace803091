"""``scrapy doctor``: one feed, one section, one article a province; says what is not as believed.

Exit 0: all is · 1: something is not · 2: wrong arguments · 3: interrupted · 4: a crawl is under way.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from dataclasses import asdict
from typing import Any

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from crawler.arguments import read_plan
from crawler.collection import Collection
from crawler.commands import WithLogs
from crawler.commands.crawl import check_settings, collection_of, unreachable
from crawler.disk import holder
from crawler.doctor import Found, as_lines, examine
from crawler.ledger.schema import connect_to_read
from crawler.sites import Site
from crawler.spiders.provinces import ProvincesSpider


class Look(ProvincesSpider):
    """A crawl of one article a province that is thrown away."""

    tells_its_report = False


class Command(WithLogs, ScrapyCommand):
    requires_project = True

    def syntax(self) -> str:
        return "[--json] [--provinces=all]"

    def short_desc(self) -> str:
        return "Is the site still as we believe? One feed, one section, one article a province"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--json", action="store_true", help="what was found as one JSON document")
        parser.add_argument("--provinces", default="all", help="as -a provinces= of a crawl")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:  # noqa: ARG002  # Scrapy's
        assert self.settings is not None
        asked = {"provinces": opts.provinces, "limit": "1"}
        try:
            plan = read_plan(asked)
            site = check_settings(self.settings)
        except ValueError as error:
            raise UsageError(str(error), print_help=False) from None
        collection = collection_of(self.settings, site)
        if who := holder(collection.lock):
            print(f"error: a crawl of this site is under way: {who}", file=sys.stderr)
            self.exitcode = 4
            return
        if trouble := unreachable(site):
            print(f"error: {trouble}", file=sys.stderr)
            self.exitcode = 1
            return
        with tempfile.TemporaryDirectory(prefix="ostan-doctor-") as folder:
            report = self._look(folder, asked)
            if report is None or report["finish_reason"] == "shutdown":
                print("error: the look was not finished", file=sys.stderr)
                self.exitcode = 1 if report is None else 3
                return
            found = self._examine(Collection(folder, "look"), collection, site, plan.provinces)
        self._tell(found, report, as_json=opts.json)
        self.exitcode = int(not all(one.is_well for one in found.values()) or _of_all(report) != [])

    def _look(self, folder: str, asked: dict[str, str]) -> dict[str, Any] | None:
        assert self.crawler_process is not None
        settings = self.crawler_process.settings
        look = {"ARCHIVES": folder, "COLLECTION": "look", "REQUISITES": "none", "WARC_ENABLED": False}
        settings.setdict(look, "cmdline")
        crawler = self.crawler_process.create_crawler(Look)
        self.crawler_process.crawl(crawler, **asked)
        self.crawler_process.start()
        return getattr(crawler.spider, "report", None)

    def _examine(
        self, look: Collection, collection: Collection, site: Site, provinces: Any
    ) -> dict[str, Found]:
        past = connect_to_read(collection.ledger) if collection.ledger.exists() else None
        ledger = connect_to_read(look.ledger)
        try:
            return examine(ledger, past, site, provinces)
        finally:
            ledger.close()
            if past:
                past.close()

    def _tell(self, found: dict[str, Found], report: dict[str, Any], *, as_json: bool) -> None:
        if as_json:
            provinces = {slug: asdict(one) for slug, one in found.items()}
            print(json.dumps({"provinces": provinces, "site": _of_all(report)}, ensure_ascii=False, indent=1))
            return
        print("\n".join([*as_lines(found), *_of_all(report)]))
        well = sum(one.is_well for one in found.values())
        print(f"{well} of {len(found)} provinces are as believed")


def _of_all(report: dict[str, Any]) -> list[str]:
    """What is wrong with pages that are of no single province: the home page, robots.txt."""
    home = report["base_url"].rstrip("/") + "/"
    return [
        f"{trouble['url']}: {trouble['reason']}"
        for trouble in report["troubles"]["first"]
        if trouble["kind"] == "list" and (trouble["url"] == home or trouble["url"].endswith("/robots.txt"))
    ]
