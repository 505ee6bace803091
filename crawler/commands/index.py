"""``scrapy index [FILE…]``: CDXJ and search index of the collections, kept beside them; or the lines of
single files, printed."""

from __future__ import annotations

import argparse
import sqlite3
import sys
from pathlib import Path

from scrapy.commands import ScrapyCommand

from crawler.collection import Collection
from crawler.commands import asked_collections, end_on_ctrl_c
from crawler.search.update import update
from crawler.warc.cdxj import as_line, entries_of
from crawler.warc.members import TornMember
from crawler.warc.seal import missing, seal


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[--rebuild] [FILE…]"

    def short_desc(self) -> str:
        return (
            "Indexes of each collection, of its captures and of its words; or CDXJ of FILE… on the terminal"
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--collection", metavar="NAME", help="of this one alone")
        parser.add_argument(
            "--rebuild", action="store_true", help="make them anew, from every WARC file and every row"
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        end_on_ctrl_c()
        if args:
            self._print([Path(name) for name in args])
            return
        found = asked_collections(self.settings, opts.collection)
        if not found:
            print("no collection to index")
        for collection in found:
            try:
                sealed = seal(collection, rebuild=opts.rebuild)
            except OSError as error:
                self._wrong(error)
                continue
            for fault in sealed.faults:
                self._wrong(fault)
            for name in missing(collection):
                self._wrong(f"{collection.folder / name} is not there, though the manifest names it")
            with collection.index.open("rb") as lines:
                captures = sum(1 for _ in lines)
            print(f"{collection.index}: {captures:,} captures, {len(sealed.new):,} new files")
            self._search(collection, rebuild=opts.rebuild)

    def _search(self, collection: Collection, *, rebuild: bool) -> None:
        try:
            updated = update(collection, rebuild=rebuild)
        except (OSError, sqlite3.Error) as error:
            self._wrong(f"{collection.search}: {error}")
            return
        if updated.passed_over:
            self._wrong(
                f"{updated.passed_over:,} lines in {collection.articles} are no rows; scrapy verify has them"
            )
        print(f"{collection.search}: {updated.rows:,} rows taken in")

    def _print(self, paths: list[Path]) -> None:
        try:
            lines = sorted(as_line(entry) for path in paths for entry in entries_of(path))
        except (OSError, TornMember) as error:
            self._wrong(error)
            return
        sys.stdout.buffer.writelines(lines)

    def _wrong(self, what: object) -> None:
        print(f"error: {what}", file=sys.stderr)
        self.exitcode = 1
