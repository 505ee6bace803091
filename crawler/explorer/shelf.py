"""The collections that the explorer shows, opened anew for each question: a crawl may be writing them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

from crawler.collection import Collection, crawled
from crawler.disk import holder
from crawler.ledger.schema import LedgerError
from crawler.ledger.schema import connect_to_read as open_ledger
from crawler.schedule.due import next_runs
from crawler.schedule.file import read_schedule
from crawler.search.schema import NoIndex
from crawler.search.schema import connect_to_read as open_index

MOST_COMING = 8
FARTHEST = timedelta(days=40)


class NotThere(LookupError):
    """Nothing of that name; the message is for people."""


class Shelf:
    """Everything under one ARCHIVES folder, and the schedule's file. Nothing is ever written."""

    def __init__(self, archives: str | Path, schedule: Path | None = None) -> None:
        self._archives, self._schedule = archives, schedule

    def coming(self, name: str, now: datetime) -> list[tuple[datetime, str]]:
        """(when, name) of the next crawls into a collection, or into one that the schedule does not name;
        none where there is no schedule. Raises ScheduleError."""
        if self._schedule is None or not self._schedule.exists():
            return []
        crawls = [one for one in read_schedule(self._schedule).crawl if one.collection in ("", name)]
        found = islice(next_runs(crawls, now, now + FARTHEST), MOST_COMING)
        return [(moment, crawl.name) for moment, crawl in found]

    def collections(self) -> list[Collection]:
        return crawled(self._archives)

    def collection(self, name: str) -> Collection:
        """Raises NotThere."""
        found = next((one for one in self.collections() if one.name == name), None)
        if found is None:
            raise NotThere(f"there is no collection {name[:80]!r}")
        return found


class NotReady(NotThere):
    """It will be there, or can be made; the message says how."""


@contextmanager
def index_of(collection: Collection) -> Iterator[sqlite3.Connection]:
    """The search index, to be read. NotThere: it must be made first."""
    try:
        index = open_index(collection.search)
    except NoIndex as error:
        if holder(collection.lock):
            raise NotReady("a crawl is under way; what it brings is found here when it has ended") from None
        raise NotReady(str(error)) from None
    try:
        with closing(index):
            yield index
    except sqlite3.DatabaseError as error:
        raise NotReady(f"{collection.search}: {error}; scrapy index --rebuild makes it anew") from None


@contextmanager
def ledger_of(collection: Collection) -> Iterator[sqlite3.Connection | None]:
    """None where there is none that can be read: rows and WARC files were handed on without it."""
    try:
        ledger = open_ledger(collection.ledger)
    except LedgerError:
        yield None
        return
    with closing(ledger):
        yield ledger
