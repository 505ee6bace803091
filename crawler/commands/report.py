"""``scrapy report [RUN]``: what a run brought, what it missed, and why.

Exit codes: 0 printed · 1 the run has no report: it was killed, or goes on · 2 no such collection or run.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from scrapy.commands import ScrapyCommand

from crawler.collection import Collection, crawled
from crawler.disk import holder, in_use, replace_file
from crawler.ledger.overview import left_by
from crawler.ledger.runs import Run, all_runs
from crawler.ledger.schema import LedgerError, connect_to_read
from crawler.report import Report, as_text
from crawler.report.page import as_page
from crawler.report.shown import shown

MOST_NAMED = 20  # runs that an error names, the last ones


class Wrong(Exception):  # named for what it is
    """Nothing can be printed; the message says why, and what there is."""


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[RUN] [--json | --html] [--collection NAME]"

    def short_desc(self) -> str:
        return "What a run brought, what it missed, and why"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.epilog = "RUN: its id, or a beginning that no other has; without it the last one."
        parser.add_argument("--collection", metavar="NAME", help="where there are several")
        form = parser.add_mutually_exclusive_group()
        form.add_argument("--json", action="store_true", help="the whole report, as one JSON document")
        form.add_argument("--html", action="store_true", help="where its page lies")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        try:
            if len(args) > 1:
                raise Wrong("one RUN at a time")
            collection = chosen(self.settings["ARCHIVES"], opts.collection or self.settings["COLLECTION"])
            run_id, run = found(collection, args[0] if args else "")
            if not collection.report_of(run_id).exists():
                print("\n".join(map(shown, without_report(collection, run_id, run))))
                self.exitcode = 1
                return
            self._print(collection, run_id, opts)
        except (Wrong, OSError) as error:
            print(f"error: {error}", file=sys.stderr)
            self.exitcode = 2

    def _print(self, collection: Collection, run_id: str, opts: argparse.Namespace) -> None:
        path = collection.report_of(run_id)
        document = path.read_text(encoding="utf-8")
        try:
            report: Report = json.loads(document)
            if opts.json:
                print(document, end="")
            elif opts.html:
                print(page_of(collection, run_id, report))
            else:
                lines = as_text(report, str(collection.folder)).splitlines()
                print("\n".join(shown(line) for line in lines))
        except (ValueError, KeyError, TypeError) as error:
            raise Wrong(f"{path} is no report that this program reads: {error!r}") from None


def chosen(archives: str, name: str) -> Collection:
    """The collection of that name, or the only one. Raises Wrong."""
    there = crawled(archives)
    names = ", ".join(collection.name for collection in there)
    if not there:
        folder = Path(archives).expanduser().resolve()
        raise Wrong(f"no collection lies in {folder}; name another folder with -s ARCHIVES=…")
    if name:
        for collection in there:
            if collection.name == name:
                return collection
        raise Wrong(f"no collection {name!r} lies in {archives}; there are: {names}")
    if len(there) > 1:
        raise Wrong(f"several collections lie in {archives}: {names}; choose one with --collection NAME")
    return there[0]


def found(collection: Collection, beginning: str) -> tuple[str, Run | None]:
    """(id, what the ledger knows) of the run that is meant. Raises Wrong."""
    runs = runs_of(collection)
    if not runs:
        raise Wrong(f"{collection.name} has no runs")
    fitting = [run_id for run_id in runs if run_id.startswith(beginning)]
    if beginning in runs:
        fitting = [beginning]
    if not fitting or (beginning and len(fitting) > 1):
        said = f"{len(fitting)} runs begin" if fitting else "no run begins"
        last = ", ".join((fitting or list(runs))[-MOST_NAMED:])
        raise Wrong(f"{said} with {beginning!r} in {collection.name}; the last are: {last}")
    return fitting[-1], runs[fitting[-1]]


def runs_of(collection: Collection) -> dict[str, Run | None]:
    """Run id → what the ledger knows of it, oldest first; without a ledger, what reports there are."""
    reports = sorted(collection.runs.glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
    try:
        ledger = connect_to_read(collection.ledger)
    except LedgerError:
        return dict.fromkeys(path.stem for path in reports)
    known = {run.run_id: run for run in all_runs(ledger)}
    ledger.close()
    return {path.stem: None for path in reports if path.stem not in known} | known


def page_of(collection: Collection, run_id: str, report: Report) -> Path:
    """Where a report's page lies; made where the crawl could not write it, or was of an earlier program."""
    path = collection.page_of(run_id)
    if not path.exists():
        replace_file(path, as_page(report))
    return path


def without_report(collection: Collection, run_id: str, run: Run | None) -> list[str]:
    """What is known of a run all the same."""
    if run is None:  # its report went away just now
        return [f"run {run_id} has no report"]
    goes_on = run.ended is None and is_under_way(collection, run_id)
    what = "yet: it is under way" if goes_on else "and gets none: it was killed"
    if run.exit_code is not None:
        what = (
            "any more, or it could not be written"
            if run.summary
            else f"for it asked for nothing: {run.reason}"
        )
    arguments = "".join(f" -a {name}={value}" for name, value in run.arguments.items())
    lines = [
        f"run {run_id} has no report {what}",
        f"began {run.started}: scrapy crawl {run.spider}{arguments}",
    ]
    if run.exit_code is not None:
        return lines
    ledger = connect_to_read(collection.ledger)
    left = left_by(ledger, run.number)
    ledger.close()
    lines.append(f"{left.rows:,} rows, {left.captures:,} answers of articles and lists so far")
    if run.ended:
        lines.append(f"what it left was taken up at {run.ended}")
    elif not goes_on:
        lines.append(
            f"{left.waiting:,} articles wait; the next crawl of {collection.name} takes up what it left"
        )
    return lines


def is_under_way(collection: Collection, run_id: str) -> bool:
    rows = collection.rows_of(run_id)
    return holder(collection.lock) is not None or (rows.exists() and in_use(rows))
