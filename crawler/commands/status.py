"""``scrapy status``: runs, what is under way, what is due, last success a province."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime

from scrapy.commands import ScrapyCommand

from crawler.arguments import AGES, read_plan
from crawler.collection import Collection
from crawler.commands import asked_collections
from crawler.disk import holder
from crawler.ledger.overview import Overview, overview
from crawler.ledger.runs import Run
from crawler.ledger.schema import LedgerError, connect_to_read
from crawler.normalise.dates import TEHRAN
from crawler.provinces import BY_SLUG

MOST_RUNS = 10  # the last ones; --json has all


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[--json] [--age=1h,1d,7d,30d]"

    def short_desc(self) -> str:
        return "Runs, what is under way, what is due, and the last success of each province"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--json", action="store_true", help="all of it as one JSON document")
        parser.add_argument("--age", default=AGES, help=f"ages at which articles are due again ({AGES})")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:  # noqa: ARG002  # Scrapy's
        assert self.settings is not None
        found = asked_collections(self.settings)
        at, states = datetime.now(UTC), {}
        try:
            ages = read_plan({"age": opts.age}, "recheck").ages
            for collection in found:
                if not collection.ledger.exists():  # of an older Ostan: its next crawl makes one of its rows
                    continue
                ledger = connect_to_read(collection.ledger)
                states[collection.name] = overview(ledger, ages, at)
                ledger.close()
        except ValueError as error:
            print(f"error: {error}", file=sys.stderr)
            self.exitcode = 1 if isinstance(error, LedgerError) else 2
            return
        if opts.json:
            print(json.dumps(_document(found, states), ensure_ascii=False, default=str, indent=1))
            return
        for collection in found:
            if collection.name not in states:
                where = f"{collection.name} in {collection.folder}"
                print(f"{where}: no ledger; its next crawl makes one of its rows")
                continue
            print("\n".join(_lines(collection, states[collection.name])))
        if not found:
            print("no collection yet; scrapy crawl provinces makes one")


def _document(found: list[Collection], states: dict[str, Overview]) -> dict[str, object]:
    return {
        one.name: asdict(states[one.name]) | {"under_way": holder(one.lock)}
        for one in found
        if one.name in states
    }


def _lines(collection: Collection, state: Overview) -> Iterator[str]:
    under_way = holder(collection.lock)
    yield f"{collection.name} in {collection.folder}"
    yield f"under way: {under_way}" if under_way else "nothing is under way"
    yield ""
    yield f"{'province':<24}{'archived':>9}{'gone':>6}{'waiting':>9}{'failed':>8}  {'newest':<12}read"
    for slug, of in state.provinces.items():
        name = BY_SLUG[slug].name_en if slug in BY_SLUG else slug or "(not known yet)"
        read = f"{of.read.astimezone(TEHRAN):%Y-%m-%d %H:%M}" if of.read else "–"
        yield (
            f"{name:<24}{of.archived:>9,}{of.gone:>6,}{of.waiting:>9,}{of.failed:>8,}"
            f"  {of.newest or '–':<12}{read}"
        )
    yield ""
    yield (
        f"{state.due:,} articles are due for scrapy crawl recheck; {state.waiting:,} wait, and"
        f" {state.retries:,} are to be tried again, by scrapy crawl provinces"
    )
    for host, (until, reason) in state.hosts.items():
        yield f"{host} asked to be left alone until {until:%Y-%m-%d %H:%M} UTC ({reason})"
    yield ""
    yield "last runs:"
    yield from (f"  {_run_line(run, under_way)}" for run in state.runs[-MOST_RUNS:])


def _run_line(run: Run, under_way: str | None) -> str:
    if run.ended is None:
        how = "under way" if under_way else "cut off; the next crawl goes on where it was"
    else:
        code = "" if run.exit_code is None else f", exit {run.exit_code}"
        how = f"{run.reason}{code}{_counts(run)}"
    asked = "".join(f" {name}={value}" for name, value in run.arguments.items())
    return f"{run.run_id} {run.spider}{asked}: {how}"


def _counts(run: Run) -> str:
    counts = run.summary.get("articles", {})
    told = [f"{number:,} {name}" for name, number in counts.items() if number and name != "discovered"]
    return f": {', '.join(told) or 'nothing new'}" if counts else ""
