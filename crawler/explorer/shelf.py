"""The collections that the explorer shows, opened anew for each question: a crawl may be writing them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from crawler.collection import Collection, crawled
from crawler.ledger.schema import LedgerError
from crawler.ledger.schema import connect_to_read as open_ledger
from crawler.search.schema import NoIndex
from crawler.search.schema import connect_to_read as open_index


class NotThere(LookupError):
    """Nothing of that name; the message is for people."""


class Shelf:
    """Everything under one ARCHIVES folder. Nothing is ever written."""

    def __init__(self, archives: str | Path) -> None:
        self._archives = archives

    def collections(self) -> list[Collection]:
        return crawled(self._archives)

    def collection(self, name: str) -> Collection:
        """Raises NotThere."""
        found = next((one for one in self.collections() if one.name == name), None)
        if found is None:
            raise NotThere(f"there is no collection {name[:80]!r}")
        return found


@contextmanager
def index_of(collection: Collection) -> Iterator[sqlite3.Connection]:
    """The search index, to be read. NotThere: it must be made first."""
    try:
        index = open_index(collection.search)
    except NoIndex as error:
        raise NotThere(str(error)) from None
    try:
        with closing(index):
            yield index
    except sqlite3.DatabaseError as error:
        raise NotThere(f"{collection.search}: {error}; scrapy index --rebuild makes it anew") from None


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
