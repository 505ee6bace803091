"""``scrapy mend [FILE…]``: finish what a crash left. A crawl does it by itself for its own collection."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

from scrapy.commands import ScrapyCommand

from crawler.commands import asked_collections
from crawler.warc.mend import Mended, mend_collection, tried
from crawler.warc.seal import seal


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[FILE…]"

    def short_desc(self) -> str:
        return "Finish files that a crash left: whole records stay, a torn end is put aside"

    def run(self, args: list[str], opts: argparse.Namespace) -> None:  # noqa: ARG002  # Scrapy's
        assert self.settings is not None
        done = [mended for name in args for mended in tried(Path(name))]
        for collection in [] if args else asked_collections(self.settings):
            here = list(mend_collection(collection))
            done += here
            if here:
                self._tell(map(ValueError, seal(collection).faults))
        self._tell(done)
        if not done:
            print("nothing to mend")

    def _tell(self, done: Iterable[Mended | Exception]) -> None:
        for mended in done:
            if isinstance(mended, Mended):
                print(mended)
            else:
                print(f"error: {mended}", file=sys.stderr)
                self.exitcode = 1
