"""``scrapy mend [FILE…]``: finish what a crash left. A crawl does it by itself for its own collection."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from scrapy.commands import ScrapyCommand

from crawler.collection import collections
from crawler.warc.mend import left_over, mend


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[FILE…]"

    def short_desc(self) -> str:
        return "Finish files that a crash left: whole records stay, a torn end is cut off"

    def run(self, args: list[str], opts: argparse.Namespace) -> None:  # noqa: ARG002  # Scrapy's
        assert self.settings is not None
        named = [Path(name) for name in args]
        found = [path for c in collections(self.settings["ARCHIVES"]) for path in left_over(c)]
        if not named and not found:
            print("nothing to mend")
        for path in named or found:
            try:
                print(mend(path))
            except (ValueError, OSError) as error:
                print(f"error: {error}", file=sys.stderr)
                self.exitcode = 1
