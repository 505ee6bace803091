"""``scrapy dump RELEASE``: the rows of a collection as a release for people who want the data.

With ``--to`` it is uploaded too: the release of that name as it stands on disk; where none does, it is made.

Exit codes: 0 made, whole, or uploaded · 1 made but lines were left out, or refused by a gate, or found
faulty, or another release has that name at the far end, or an upload broke off (the same command goes on) ·
2 bad arguments, packages missing, a crawl, dump or upload under way, a storage that cannot be used.
"""

from __future__ import annotations

import argparse
import re
import sqlite3
import sys
from pathlib import Path

from scrapy.commands import ScrapyCommand

from crawler.arguments import read_plan
from crawler.collection import Collection
from crawler.commands.report import Wrong, chosen
from crawler.disk import Held, holder
from crawler.dump.build import build
from crawler.dump.catalogue import Contradiction, Selection
from crawler.dump.check import faults_of
from crawler.dump.gates import Refused
from crawler.dump.manifest import Asked, read_manifest
from crawler.dump.packages import check_packages
from crawler.dump.storage import StorageFailed
from crawler.dump.upload import check_made, check_new, opened, upload
from crawler.provinces import PROVINCES

MOST_FAULTS = 20  # named on the terminal


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return (
            "RELEASE [--check] [--provinces=… --since=… --until=…] [--delta-from=RELEASE] [--gzip] [--to=URL]"
        )

    def short_desc(self) -> str:
        return "A release of the rows: sorted shards, Parquet, deltas, manifest, quality; --check, upload"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.epilog = "RELEASE: a new name, such as 2026-11; letters, digits, '.', '_' and '-'."
        parser.add_argument(
            "--check", action="store_true", help="open a release again, count, hash; no change"
        )
        parser.add_argument("--collection", metavar="NAME", help="where there are several")
        parser.add_argument(
            "--provinces", default="all", help="as for a crawl: names with commas between them"
        )
        parser.add_argument("--since", metavar="DAY", help="of publication, as for a crawl")
        parser.add_argument("--until", metavar="DAY")
        parser.add_argument(
            "--without", type=Path, metavar="FILE", help="ids to leave out, one a line: articles taken down"
        )
        parser.add_argument(
            "--rows", type=Path, metavar="FOLDER", help="these rows, such as reextracted/, not the crawl's"
        )
        parser.add_argument("--delta-from", default="", metavar="RELEASE", help="what is new since that one")
        parser.add_argument("--gzip", action="store_true", help=".gz for old tools, in place of .zst")
        parser.add_argument("--no-parquet", action="store_true")
        parser.add_argument(
            "--allow-fewer",
            default="",
            metavar="WHY",
            help="than the last release; WHY is kept in the manifest",
        )
        parser.add_argument(
            "--to",
            default="",
            metavar="URL",
            help="upload it, made or not yet: s3://bucket/prefix, file:///…",
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        try:
            if len(args) != 1:
                raise Wrong("one RELEASE, a new name, such as: scrapy dump 2026-11")
            if opts.check and opts.to:
                raise Wrong("--check or --to, not both: an upload checks the release first")
            collection = chosen(self.settings["ARCHIVES"], opts.collection or self.settings["COLLECTION"])
            check_packages()
            if opts.check:
                self._check(collection, args[0])
            elif opts.to:
                self._upload(collection, opts.rows, asked(args[0], opts), opts.to)
            else:
                self._dump(collection, row_files(collection, opts.rows), asked(args[0], opts))
        except (Refused, Contradiction) as error:
            self._wrong(error, 1)
        except Held as error:
            self._wrong(f"another dump is under way: {error}; wait for its end", 2)
        except (Wrong, ValueError) as error:
            self._wrong(error, 2)
        except StorageFailed as error:
            self._wrong(f"{error}; what was sent stays, and the same command goes on", 1)
        except (OSError, sqlite3.Error) as error:  # the catalogue's disk may be full too
            self._wrong(error, 1)

    def _dump(self, collection: Collection, files: list[Path], asked: Asked) -> None:
        if who := holder(collection.lock):
            raise Wrong(f"a crawl writes into {collection.name}: {who}; dump when it has ended")
        built = build(collection, files, asked)
        told = built.manifest
        print(
            f"{built.release.folder}: {told['rows']:,} rows of {told['articles']:,} articles, "
            f"{len(told['files']):,} files, {told['near_duplicates']:,} near duplicates"
        )
        for fault in built.faults[:MOST_FAULTS]:
            self._wrong(f"left out: {fault}", 1)
        if (more := told["faulty_lines"] - MOST_FAULTS) > 0:
            self._wrong(f"{more:,} more lines were left out: {built.release.manifest}", 1)

    def _upload(self, collection: Collection, rows: Path | None, asked: Asked, url: str) -> None:
        release = collection.release(asked.release)
        storage = opened(url, release)
        if release.folder.exists():
            check_made(release, asked, rows)
        else:
            check_new(storage, release)
            self._dump(collection, row_files(collection, rows), asked)
        done = upload(collection, release, storage)
        print(
            f"{storage.url}/{asked.release}: {done.objects:,} objects, of which {done.sent:,} were sent now "
            f"({done.sent_bytes:,} bytes); the last release there is {done.latest}"
        )

    def _check(self, collection: Collection, name: str) -> None:
        release = collection.release(name)
        if not release.folder.is_dir():
            raise Wrong(f"{release.folder}: there is no such release")
        faults = list(faults_of(release))
        for fault in faults:
            self._wrong(fault, 1)
        if not faults:
            told = read_manifest(release)
            print(f"{release.folder}: whole, {told['rows']:,} rows, {len(told['files']):,} files")

    def _wrong(self, what: object, code: int) -> None:
        print(f"error: {what}", file=sys.stderr)
        self.exitcode = code


def row_files(collection: Collection, folder: Path | None) -> list[Path]:
    """Raises ValueError where a folder that was named holds no rows."""
    if folder is None:
        return collection.row_files()
    files = sorted(folder.glob("*.jsonl"))
    if not files:
        raise ValueError(f"--rows={folder}: no rows (*.jsonl) there; `scrapy reextract` makes some")
    return files


def ids_of(path: Path | None) -> tuple[str, ...]:
    """The ids in a file, sorted. Raises ValueError for a line that is none, OSError."""
    if path is None:
        return ()
    lines = [line.partition("#")[0].strip() for line in path.read_text(encoding="utf-8").splitlines()]
    ids = sorted({line for line in lines if line})
    for one in ids:
        if not re.fullmatch(r"[a-z0-9-]+:[0-9]+", one):
            raise ValueError(f"{path}: {one!r} is no id; write yjc:9012345, one a line")
    return tuple(ids)


def asked(release: str, opts: argparse.Namespace) -> Asked:
    """Raises ValueError for an argument that cannot be read."""
    given = {"provinces": opts.provinces, "since": opts.since, "until": opts.until}
    plan = read_plan({name: value for name, value in given.items() if value is not None})
    every = plan.provinces == PROVINCES
    return Asked(
        release=release,
        selection=Selection(
            provinces=() if every else tuple(province.slug for province in plan.provinces),
            since=plan.since,
            until=plan.until,
            without=ids_of(opts.without),
        ),
        delta_from=opts.delta_from,
        gzip=opts.gzip,
        parquet=not opts.no_parquet,
        allow_fewer=opts.allow_fewer.strip(),
    )
