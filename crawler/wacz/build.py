"""One WACZ, made beside and named last."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from crawler import VERSION
from crawler.collection import Collection
from crawler.disk import replaced
from crawler.dump.catalogue import Catalogue, Selection
from crawler.wacz.copied import Origin, copy_chosen
from crawler.wacz.index import add_index
from crawler.wacz.originals import Holdings, choose_missing
from crawler.wacz.package import ARCHIVE, LOGS, Package
from crawler.wacz.pages import Lists, add_pages, moment_of, note_pages, rfc3339
from crawler.wacz.runs import run_of
from crawler.wacz.selection import choose_articles, note_versions
from crawler.wacz.work import Work
from crawler.warc.members import TornMember, members

MOST_FAULTS = 20  # lines that are no rows, told with their places
ONE = Lists()  # of a WACZ that is opened alone


class Nothing(Exception):
    """Nothing is there to be packed; no file was made. The message says why."""


@dataclass(frozen=True, slots=True)
class Built:
    """``bytes``: of the file; ``faults``: what could not be had, a line each."""

    path: Path
    captures: int
    pages: int
    files: int
    bytes: int
    faults: list[str] = field(default_factory=list)


def build_whole(
    collection: Collection,
    out: Path,
    files: Iterable[Path],
    title: str,
    *,
    originals: bool = True,
    lists: Lists = ONE,
) -> Built:
    """WARC files as they are. ``originals``: what their revisits refer to in other files is copied into one
    more.

    The collection's index must be up to date. Raises Nothing, ValueError, Contradiction, OSError.
    """
    with _bench(collection, out) as bench:
        for path in files:
            bench.add_whole(path)
        if originals:
            bench.add_originals()
        bench.add_versions(Selection())
        bench.finish(title, lists)
    return bench.built(out)


def build_selection(collection: Collection, out: Path, selection: Selection, title: str) -> Built:
    """The captures of some articles, what their pages need, and what revisits among them refer to.

    The collection's index must be up to date. Raises Nothing, ValueError, Contradiction, OSError.
    """
    with _bench(collection, out) as bench:
        bench.add_versions(selection)
        choose_articles(bench.catalogue, bench.work, bench.holdings, collection.index)
        if not bench.work.newest_chosen():
            raise Nothing("no capture of an article is of these provinces and days")
        bench.copy("selection", f"{title}: captures of articles and of what their pages need")
        bench.add_originals()
        bench.finish(title, ONE)
    return bench.built(out)


class Bench:
    """What a WACZ is made on: the package, and what is known on the way."""

    def __init__(self, collection: Collection, package: Package, folder: Path) -> None:
        self.collection, self.folder = collection, folder
        self.work = Work(folder / "work.sqlite")
        self.catalogue = Catalogue(folder / "rows.sqlite", collection.row_files())
        self.holdings = Holdings(collection.warc, collection.index)
        self._package = package
        self._files: list[str] = []  # in the package
        self._runs: set[str] = set()
        self._faults: list[str] = []
        self._counts = (0, 0)

    def close(self) -> None:
        self._package.leave()
        self.work.close()
        self.catalogue.close()

    def add_whole(self, path: Path) -> None:
        """A WARC file as it is. Raises ValueError where it is torn."""
        self._package.add_file(ARCHIVE + path.name, path)
        self._files.append(path.name)
        try:
            self._runs.add(run_of(path))
            for member in members(path):
                self.work.holds(member, path.name)
        except TornMember as torn:
            raise ValueError(
                f"{path} is not whole {torn}; `scrapy verify` says more; move it out of the collection"
            ) from None

    def add_originals(self) -> None:
        self._faults += choose_missing(self.work, self.holdings)
        if self.work.newest_chosen():
            self.copy("originals", "what revisits in the other files refer to, copied from the collection")

    def add_versions(self, selection: Selection) -> None:
        self.catalogue.fill()
        self._faults += [f"no row, left out: {fault}" for fault in self.catalogue.faults[:MOST_FAULTS]]
        self.catalogue.select(selection)
        note_versions(self.catalogue, self.work)

    def copy(self, kind: str, description: str) -> None:
        """What was chosen of the collection's records; then nothing is chosen any more."""
        origin = Origin(self.collection.name, kind, description, moment_of(self.work.newest_chosen()))
        self._runs |= {run_of(self.collection.warc / name) for name in self.work.files()}
        self._files += copy_chosen(self._package, self.work, self.collection.warc, origin)
        self.work.forget_chosen()

    def finish(self, title: str, lists: Lists) -> None:
        """All that stands beside the WARC files. Raises Nothing."""
        if not (last := self.work.newest()):
            raise Nothing("there is no capture in these WARC files" if self._files else "no WARC files")
        note_pages(self.work, self.catalogue)
        add_index(self._package, self.work.lines(), self.folder)
        add_pages(self._package, self.work, lists)
        for run in sorted(self._runs):
            if run and (report := self.collection.report_of(run)).exists():
                self._package.add_file(LOGS + report.name, report, deflate=True)
        self._counts = self.work.captures(), self.work.pages()
        moment = rfc3339(
            last
        )  # no clock: the newest capture's, so that the same captures make the same bytes
        main = self.work.newest_page()
        told = {
            "title": title,
            "description": f"{self._counts[0]} captures, {self._counts[1]} pages of articles. "
            "`created` is the time of the newest capture.",
            "created": moment,
            "modified": moment,
            "software": f"ostan {VERSION}",
        }
        self._package.close(told | ({"mainPageUrl": main[0], "mainPageDate": main[1]} if main else {}))

    def built(self, out: Path) -> Built:
        captures, pages = self._counts
        return Built(out, captures, pages, len(self._files), out.stat().st_size, self._faults)


@contextmanager
def _bench(collection: Collection, out: Path) -> Iterator[Bench]:
    folder = out.with_name(f".{out.name}.making")
    shutil.rmtree(folder, ignore_errors=True)  # left by one that was killed
    folder.mkdir(parents=True)
    try:
        with replaced(out) as stream, closing(Bench(collection, Package(stream), folder)) as bench:
            yield bench
    finally:
        shutil.rmtree(folder, ignore_errors=True)
