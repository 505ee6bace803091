"""Where everything lies under ``archives/``: every path is spelled here and nowhere else.

<ARCHIVES>/<collection>/warc/<prefix>-<utc time>-<serial>-<host>.warc.gz    what the server sent
<ARCHIVES>/<collection>/articles/<run id>.jsonl                            what the articles say
<ARCHIVES>/<collection>/reextracted/<WARC file's name>.jsonl               rows made again from the WARC files
<ARCHIVES>/<collection>/runs/<run id>.json                                 what a run did, and why
<ARCHIVES>/<collection>/runs/<run id>.html                                 the same as a page for people
<ARCHIVES>/<collection>/index.cdxj                                         where each capture lies
<ARCHIVES>/<collection>/manifest-sha256.txt                                digests of all finished files
<ARCHIVES>/<collection>/ledger.sqlite                                      what is known of every address
<ARCHIVES>/<collection>/lock                                               who is crawling into it
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import urlsplit

from crawler.disk import nearest_folder

OPEN = ".open"  # the ending of a file that is still being written
_NAME = r"\w[\w.-]*"


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
        self.reextracted = self.folder / "reextracted"
        self.lock = self.folder / "lock"
        self.manifest = self.folder / "manifest-sha256.txt"

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

    def relative(self, path: Path) -> str:
        """A file's name as the manifest has it: from the collection's folder on."""
        return path.relative_to(self.folder).as_posix()


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
