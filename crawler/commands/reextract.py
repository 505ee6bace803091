"""``scrapy reextract [FILE…]``: rows made again from the archive, without the network."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from crawler.arguments import Plan, read_plan, read_site, restores
from crawler.commands import asked_collections
from crawler.items import Article
from crawler.ledger.facts import day_of_publication, stands_in
from crawler.provinces import BY_SLUG
from crawler.reextract.beside import settings_of
from crawler.reextract.candidates import FileRead
from crawler.reextract.run import Done, cluster, local, reextract
from crawler.sites import Site


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[--into=FOLDER] [--provinces=…] [--since=DAY] [--workers=N | --cluster=tcp://…] [FILE…]"

    def short_desc(self) -> str:
        return "Make the rows again from WARC files, with today's page classes and no network"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "--into", type=Path, help="folder for the rows; of a collection: its reextracted/"
        )
        parser.add_argument("--provinces", help="only articles of these, as in a crawl")
        parser.add_argument("--since", help="only articles published from that day on")
        parser.add_argument("--until", help="only articles published until that day")
        parser.add_argument(
            "--workers", type=int, help="processes; as many as there are processors if not given"
        )
        parser.add_argument("--cluster", help="address of a Dask scheduler, such as tcp://host:8786")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        if opts.workers is not None and opts.workers < 1:
            raise UsageError(f"--workers={opts.workers}: must be at least 1", print_help=False)
        try:
            plan, places = _plan(opts), self._places(args, opts.into)
            sites = [self._site(files) for files, _ in places]
        except ValueError as error:
            raise UsageError(str(error), print_help=False) from None
        if not places:
            print("no collection to read")
        for (files, into), site in zip(places, sites, strict=True):
            self._make(files, into, site, plan, opts)

    def _places(self, args: list[str], into: Path | None) -> list[tuple[list[Path], Path]]:
        """(WARC files, folder of rows) of each collection, or of the files that were named. ValueError."""
        assert self.settings is not None
        if args:
            return [(_files(args), into or Path("reextracted"))]
        found = asked_collections(self.settings)
        return [
            (sorted(one.warc.glob("*.warc.gz")), into / one.name if into else one.reextracted)
            for one in found
        ]

    def _site(self, files: list[Path]) -> Site:
        """The site that the settings name; else the one that the first file says its crawl was of."""
        assert self.settings is not None
        name, url = self.settings["SITE"], self.settings["SITE_URL"]
        if not url and files:
            told = settings_of(files[0])
            name, url = str(told.get("SITE") or name), str(told.get("SITE_URL") or "")
        site = read_site(name, url, "")
        restores(self.settings["RESTORE"], site)
        return site

    def _make(
        self, files: list[Path], into: Path, site: Site, plan: Plan | None, opts: argparse.Namespace
    ) -> None:
        assert self.settings is not None
        told = self.settings["RESTORE"]
        try:
            with (
                cluster(opts.cluster) if opts.cluster else local(opts.workers, len(files)) as executor,
                _progress(len(files)) as progress,
            ):
                done = reextract(
                    files,
                    into,
                    site,
                    executor,
                    restores=told == "1" if told else None,
                    wanted=partial(_is_wanted, plan) if plan else None,
                    progress=progress,
                )
        except ModuleNotFoundError:
            raise UsageError(
                "--cluster needs Dask: pip install -r requirements-cluster.txt", print_help=False
            ) from None
        except ValueError as error:
            raise UsageError(str(error), print_help=False) from None
        except OSError as error:
            print(f"error: {error}", file=sys.stderr)
            self.exitcode = 1
            return
        self._tell(done, into)

    def _tell(self, done: Done, into: Path) -> None:
        for fault in done.faults:
            print(f"error: {fault}", file=sys.stderr)
            self.exitcode = 1
        print(
            f"{into}: {done.rows:,} rows in {len(done.shards):,} files, of {done.captures:,} captures of"
            f" articles among {done.records:,} records; {len(done.faults):,} faults"
        )
        for reason, count in done.unread.most_common():
            print(f"{count:8,} × unreadable: {reason}")


def _files(names: list[str]) -> list[Path]:
    files = [Path(name) for name in names]
    for path in files:
        if not path.is_file():
            raise ValueError(f"{path}: no such file")
    return files


def _plan(opts: argparse.Namespace) -> Plan | None:
    """What of the rows is wanted; None: all. Raises ValueError."""
    asked = {name: getattr(opts, name) for name in ("provinces", "since", "until") if getattr(opts, name)}
    return read_plan(asked) if asked else None


def _is_wanted(plan: Plan, article: Article) -> bool:
    if not plan.covers(day_of_publication(article)):
        return False
    named = {BY_SLUG[slug] for slug in stands_in(article)}
    return bool(named & {*plan.provinces}) or len(plan.provinces) == len(BY_SLUG)


@contextmanager
def _progress(files: int) -> Iterator[Callable[[FileRead], None]]:
    """A bar on a terminal, nothing elsewhere."""
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("reading", total=files)
        yield lambda _: bar.advance(task)
