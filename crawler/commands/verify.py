"""``scrapy verify [FILE…]``: prove the archive. Exit 1 and a list where anything is wrong."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

from scrapy.commands import ScrapyCommand

from crawler.commands import asked_collections
from crawler.warc.verify import Verdict, verify_collection, verify_file


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[--json] [FILE…]"

    def short_desc(self) -> str:
        return "Prove the archive: every record, digest and pair, every row's pointer"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--json", action="store_true", help="the verdicts as one JSON document")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        start = time.monotonic()
        try:
            verdicts = {name: verify_file(Path(name)) for name in args} or {
                collection.name: verify_collection(collection)
                for collection in asked_collections(self.settings)
            }
        except OSError as error:
            print(f"error: {error}", file=sys.stderr)
            self.exitcode = 2
            return
        if opts.json:
            print(json.dumps({name: verdict.as_dict() for name, verdict in verdicts.items()}, indent=1))
        else:
            for name, verdict in verdicts.items():
                print("\n".join(_lines(name, verdict)))
            print(f"{time.monotonic() - start:.1f} s" if verdicts else "nothing to verify")
        self.exitcode = int(any(verdict.faults for verdict in verdicts.values()))


def _lines(name: str, verdict: Verdict) -> list[str]:
    revisits = f" ({verdict.revisits:,} revisits)" if verdict.revisits else ""
    return [
        *map(str, verdict.faults),
        f"{name}: {verdict.records:,} records{revisits} in {verdict.files:,} files, {verdict.rows:,} rows:"
        f" {len(verdict.faults):,} faults",
    ]
