"""``scrapy wacz OUT.wacz``: a collection, a run or some articles as one file that ReplayWeb.page opens.

Exit codes: 0 made · 1 nothing to pack, or made but rows were left out, or what a revisit refers to is not in
the collection, or the disk is full · 2 wrong arguments, no such run, a file of that name is there.
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
from pathlib import Path

from scrapy.commands import ScrapyCommand

from crawler.arguments import read_plan
from crawler.collection import OPEN, Collection, collections
from crawler.commands import end_on_ctrl_c
from crawler.dump.catalogue import Contradiction, Selection
from crawler.provinces import PROVINCES
from crawler.wacz.build import Built, Nothing, build_selection, build_whole
from crawler.wacz.daily import Daily
from crawler.wacz.package import ENDING
from crawler.wacz.runs import NoSuchRun, files_of_run
from crawler.warc.seal import seal

ARTICLES = ("provinces", "since", "until")


class Wrong(ValueError):
    """An argument; the message says what is allowed."""


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[--run=RUN | --provinces=… --since=DAY --until=DAY] OUT.wacz | --daily FOLDER"

    def short_desc(self) -> str:
        return "A collection, a run or some articles as one file that ReplayWeb.page opens"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--collection", metavar="NAME", help="where there are several")
        parser.add_argument("--run", metavar="RUN", help="its id, or a beginning that no other has")
        parser.add_argument("--provinces", help="only articles of these, as in a crawl")
        parser.add_argument("--since", metavar="DAY", help="only articles published from that day on")
        parser.add_argument("--until", metavar="DAY", help="only articles published until that day")
        parser.add_argument(
            "--daily",
            metavar="FOLDER",
            type=Path,
            help="a file a day there, and a list of them; again: what is new",
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        end_on_ctrl_c()
        try:
            out = _target(args, opts)
            selection = _selection(opts)
            collection = self._collection(opts)
            for fault in seal(collection).faults:
                self._wrong(fault, 1)
            if opts.daily:
                self._daily(Daily(collection, out), out)
            else:
                self._tell(_built(collection, out, selection, opts.run))
        except (Nothing, Contradiction) as error:
            self._wrong(error, 1)
        except (Wrong, NoSuchRun) as error:
            self._wrong(error, 2)
        except OSError as error:
            where = error.filename or opts.daily or out
            kept = "the days that were made before stay" if opts.daily else "nothing was left behind"
            self._wrong(f"{where}: {error.strerror or error}; {kept}", 1)
        except (ValueError, sqlite3.Error) as error:
            self._wrong(error, 1)

    def _collection(self, opts: argparse.Namespace) -> Collection:
        assert self.settings is not None
        archives, name = self.settings["ARCHIVES"], opts.collection or self.settings["COLLECTION"] or ""
        try:
            found = collections(archives, name)
        except ValueError as error:
            raise Wrong(str(error)) from None
        if len(found) > 1:
            names = ", ".join(collection.name for collection in found)
            raise Wrong(f"several collections lie in {archives}: {names}; choose one with --collection NAME")
        if not found:
            raise Wrong(
                f"no collection with WARC files lies in {archives}; name another folder with -s ARCHIVES=…"
            )
        return found[0]

    def _daily(self, daily: Daily, folder: Path) -> None:
        days = 0
        for built in daily.build():
            self._tell(built)
            days += 1
        print(f"{daily.manifest}: {days:,} days made, {len(list(folder.glob(f'*{ENDING}'))):,} listed")

    def _tell(self, built: Built) -> None:
        print(
            f"{built.path}: {built.captures:,} captures, {built.pages:,} pages, {built.files:,} WARC files, "
            f"{built.bytes:,} bytes"
        )
        for fault in built.faults:
            self._wrong(fault, 1)

    def _wrong(self, what: object, code: int) -> None:
        print(f"error: {what}", file=sys.stderr)
        self.exitcode = code


def _target(args: list[str], opts: argparse.Namespace) -> Path:
    """Where the file is to be. Raises Wrong."""
    if opts.daily:
        if args or opts.run or any(getattr(opts, name) for name in ARTICLES):
            raise Wrong("--daily FOLDER packs all days of the collection: no file, run or articles beside it")
        return Path(opts.daily).expanduser().resolve()
    if len(args) != 1 or not args[0].endswith(ENDING):
        raise Wrong(f"one OUT{ENDING}, a new file, such as: scrapy wacz qom{ENDING} --provinces=qom")
    out = Path(args[0]).expanduser().resolve()
    if out.exists():
        raise Wrong(f"{out} exists; choose another name, or move it away")
    return out


def _selection(opts: argparse.Namespace) -> Selection | None:
    """Which articles are asked for; None: all there is. Raises Wrong."""
    asked = {name: getattr(opts, name) for name in ARTICLES if getattr(opts, name)}
    if asked and opts.run:
        raise Wrong("--run packs whole WARC files: articles cannot be chosen beside it")
    if not asked:
        return None
    try:
        plan = read_plan(asked)
    except ValueError as error:
        raise Wrong(str(error)) from None
    slugs = () if plan.provinces == PROVINCES else tuple(province.slug for province in plan.provinces)
    return Selection(slugs, plan.since, plan.until)


def _built(collection: Collection, out: Path, selection: Selection | None, run: str | None) -> Built:
    name = f"Ostan: {collection.name}"
    if selection:
        asked = {name: value for name, value in selection.as_dict().items() if value}
        told = " ".join(f"{key} {','.join(v) if isinstance(v, list) else v}" for key, v in asked.items())
        return build_selection(collection, out, selection, f"{name}, articles: {told}")
    files = sorted(collection.warc.glob("*.warc.gz"))
    if not files and (left := sorted(collection.warc.glob(f"*{OPEN}"))):
        raise Nothing(f"{left[0]} is still being written, or was cut off: then scrapy mend finishes it")
    if run:
        return build_whole(collection, out, files_of_run(files, run), f"{name}, run {run}")
    return build_whole(collection, out, files, name)
