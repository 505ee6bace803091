"""Where everything lies under ``archives/``: every path is spelled here and nowhere else.

<ARCHIVES>/<collection>/warc/<prefix>-<utc time>-<serial>-<host>.warc.gz    what the server sent
<ARCHIVES>/<collection>/articles/<run id>.jsonl                            what the articles say
<ARCHIVES>/<collection>/reextracted/<WARC file's name>.jsonl               rows made again from the WARC files
<ARCHIVES>/<collection>/runs/<run id>.json                                 what a run did, and why
<ARCHIVES>/<collection>/runs/<run id>.html                                 the same as a page for people
<ARCHIVES>/<collection>/index.cdxj                                         where each capture lies
<ARCHIVES>/<collection>/manifest-sha256.txt                                digests of all finished files
<ARCHIVES>/<collection>/ledger.sqlite                                      what is known of every address
<ARCHIVES>/<collection>/search.sqlite                                      words of the rows, and their places
<ARCHIVES>/<collection>/metrics.prom                                       figures for Prometheus
<ARCHIVES>/<collection>/last-success/<crawl>                               when a crawl last ended well
<ARCHIVES>/schedule.sqlite                                                 what was due, and what became of it
<ARCHIVES>/notices.sqlite                                                  what is to be told, till it is
<ARCHIVES>/schedule.lock                                                   who runs the schedule
<ARCHIVES>/cron-<crawl>.lock                                               while cron runs a crawl
<ARCHIVES>/turn-<collection>.lock                                          whose turn it is, of several timers
<ARCHIVES>/<collection>/lock                                               who is crawling into it
<ARCHIVES>/<collection>/wacz/                                              packages of WARC files to hand on
<ARCHIVES>/<collection>/dumps/<release>/                                   what is given away: see Release
<ARCHIVES>/<collection>/dumps/latest.json                                  which release is the last
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import urlsplit

from crawler.disk import nearest_folder

OPEN = ".open"  # the ending of a file that is still being written
_NAME = r"\w[\w.-]*"
_BUILDING = ".building-"


class Collection:
    """One collection: the crawls of one site, kept together. Nothing is created before it is written to."""

    def __init__(self, archives: str | Path, name: str) -> None:
        self.name = _plain("COLLECTION", name)
        self.folder = Path(archives).expanduser().resolve() / name
        self.warc = self.folder / "warc"
        self.articles = self.folder / "articles"
        self.runs = self.folder / "runs"
        self.index = self.folder / "index.cdxj"
        self.ledger = self.folder / "ledger.sqlite"
        self.search = self.folder / "search.sqlite"
        self.reextracted = self.folder / "reextracted"
        self.lock = self.folder / "lock"
        self.metrics = self.folder / "metrics.prom"
        self.manifest = self.folder / "manifest-sha256.txt"
        self.dumps = self.folder / "dumps"
        self.wacz = self.folder / "wacz"
        self.latest = self.dumps / "latest.json"
        self.next_latest = self.dumps / ".latest.json.next"  # stands only while a release gets its name
        self.dumps_lock = self.dumps / ".lock"
        self.uploads_lock = self.dumps / ".upload-lock"  # another: a dump may be made while one is uploaded

    def check_run_id(self, run_id: str) -> None:
        """Raises ValueError for a run id that is no name, or that a run of this collection bears already."""
        for path in (self.rows_of(_plain("RUN_ID", run_id)), self.report_of(run_id)):
            if path.exists():
                raise ValueError(f"RUN_ID={run_id}: {path} exists; choose another, or none")

    def rows_of(self, run_id: str) -> Path:
        return self.articles / f"{run_id}.jsonl"

    def report_of(self, run_id: str) -> Path:
        return self.runs / f"{run_id}.json"

    def page_of(self, run_id: str) -> Path:
        """A run's report as a page for people."""
        return self.runs / f"{run_id}.html"

    def last_success(self, crawl: str) -> Path:
        """For watchdogs: a file whose age and text say when the crawl of that name last ended well."""
        return self.folder / "last-success" / _plain("crawl", crawl)

    def last_successes(self) -> list[Path]:
        """A file that is being written has a dot in its name, and no crawl's name has one."""
        return sorted(path for path in (self.folder / "last-success").glob("*") if "." not in path.name)

    def row_files(self) -> list[Path]:
        return sorted(self.articles.glob("*.jsonl"))

    def release(self, name: str) -> Release:
        """Raises ValueError for a name that could not stand in every file system and address."""
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", name) or name == self.latest.name:
            raise ValueError(
                f"release {name!r}: up to 100 letters a-z, digits, '.', '-', '_', a letter or digit first, "
                f"and not {self.latest.name}; for example 2026-11"
            )
        return Release(self.dumps / name)

    def building(self, name: str) -> Release:
        """Where a release is built before it gets its name. No release can be called so."""
        return Release(self.dumps / f"{_BUILDING}{name}")

    def left_by_killed_dumps(self) -> list[Path]:
        return sorted(self.dumps.glob(f"{_BUILDING}*"))

    def relative(self, path: Path) -> str:
        """A file's name as the manifest has it: from the collection's folder on."""
        return path.relative_to(self.folder).as_posix()


class Release:
    """One dump. ``ending``: of its shards, "zst" or "gz".

    articles-<crawl day>-<nnn>.jsonl.<ending>   the rows
    parquet/articles-<crawl day>-<nnn>.parquet  the same, typed
    delta-<from>-<to>/upserts-<nnn>.jsonl.<ending>, tombstones.jsonl.<ending>
    manifest.json schema.json datapackage.json croissant.json README.md quality.json quality.html
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.parquet = folder / "parquet"
        self.manifest = folder / "manifest.json"
        self.schema = folder / "schema.json"
        self.datapackage = folder / "datapackage.json"
        self.croissant = folder / "croissant.json"
        self.card = folder / "README.md"
        self.quality = folder / "quality.json"
        self.quality_page = folder / "quality.html"
        self.catalogue = folder / ".catalogue.sqlite"  # gone before the release gets its name

    def shard(self, day: str, number: int, ending: str) -> Path:
        return self.folder / f"articles-{day}-{number:03d}.jsonl.{ending}"

    def parquet_of(self, shard: Path) -> Path:
        return self.parquet / f"{shard.name.partition('.')[0]}.parquet"

    def delta(self, since: str, release: str) -> Path:
        return self.folder / f"delta-{since}-{release}"

    def upserts(self, since: str, release: str, number: int, ending: str) -> Path:
        return self.delta(since, release) / f"upserts-{number:03d}.jsonl.{ending}"

    def tombstones(self, since: str, release: str, ending: str) -> Path:
        return self.delta(since, release) / f"tombstones.jsonl.{ending}"

    def shards(self) -> list[Path]:
        return sorted(self.folder.glob("articles-*.jsonl.*"))

    def relative(self, path: Path) -> str:
        return path.relative_to(self.folder).as_posix()


class Standing:
    """What stands beside the collections: the schedule's own files."""

    def __init__(self, archives: str | Path) -> None:
        self.folder = Path(archives).expanduser().resolve()
        self.schedule = self.folder / "schedule.sqlite"
        self.notices = self.folder / "notices.sqlite"
        self.lock = self.folder / "schedule.lock"

    def trial(self, run_id: str) -> Path:
        """Where a crawl that keeps nothing works: an ARCHIVES folder of its own, gone when it is over."""
        return self.folder / f".trial-{run_id}"

    def turn(self, collection: str) -> Path:
        """While a crawl is run into that collection by a timer or cron, or is about to be."""
        return self.folder / f"turn-{_plain('collection', collection)}.lock"

    def cron_lock(self, crawl: str) -> Path:
        """While cron runs the crawl of that name."""
        return self.folder / f"cron-{_plain('crawl', crawl)}.lock"


def report_name(collection: str, run_id: str) -> str:
    """A run's report, from ARCHIVES on: for whoever reads of it on another machine.

    >>> report_name("yjc", "run1")
    'yjc/runs/run1.json'
    """
    found = Collection("/", collection)
    return found.report_of(_plain("RUN_ID", run_id)).relative_to(found.folder.parent).as_posix()


def warc_beside(rows: Path) -> Path:
    """The folder of WARC files of the collection that a file of rows lies in."""
    return rows.parent.with_name("warc")


def collections(archives: str | Path, name: str = "") -> list[Collection]:
    """The collections that lie in a folder, or the one of that name. ValueError: it is not there."""
    if not Path(archives).expanduser().is_dir():
        raise ValueError(f"ARCHIVES={archives}: there is no such folder")
    if name and not Collection(archives, name).folder.is_dir():
        raise ValueError(f"COLLECTION={name}: there is no such collection in {archives}")
    folders = sorted(
        path
        for path in Path(archives).expanduser().glob("*/")
        if (path / "warc").is_dir() and name in ("", path.name)
    )
    return [Collection(archives, folder.name) for folder in folders]


def crawled(archives: str | Path) -> list[Collection]:
    """Those in which a run left something: also replays, which keep no WARC files."""
    folders = sorted(Path(archives).expanduser().glob("*/"))
    every = [Collection(archives, folder.name) for folder in folders if re.fullmatch(_NAME, folder.name)]
    return [collection for collection in every if collection.runs.is_dir() or collection.ledger.exists()]


def _plain(setting: str, name: str) -> str:
    """A name that stays in its folder."""
    if not re.fullmatch(_NAME, name):
        raise ValueError(f"{setting}={name!r}: letters, digits, '.', '-' and '_' only")
    return name


def collection_name(site: str, base_url: str, elsewhere: bool) -> str:
    """The site's own name; for another root its address too, so that no copy mixes with the real site.

    >>> collection_name("yjc", "http://127.0.0.1:8765", elsewhere=True)
    'yjc-at-127.0.0.1-8765'
    """
    if not elsewhere:
        return site
    return f"{site}-at-{re.sub(r'[^0-9a-z.]+', '-', urlsplit(base_url).netloc)}"


def check_writable(archives: str | Path) -> None:
    """Raises ValueError, before anything is made, where nothing can be written at ``archives``."""
    folder = nearest_folder(Path(archives).expanduser().resolve())
    if not folder.is_dir():
        raise ValueError(f"ARCHIVES={archives}: {folder} is a file, not a folder")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ValueError(f"ARCHIVES={archives}: no permission to write in {folder}")
