"""What a person calls an article, as an address that the archive has captures of."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from crawler.replay.archive import Archive
from crawler.search.find import addresses_of
from crawler.search.schema import NoIndex, connect_to_read


def captured_as(archive: Archive, named: str) -> str:
    """``named``, where there are captures of it; else the address under which that article was captured. It
    may be called by its id, its canonical address, or one with another slug."""
    if archive.captures(named):
        return named
    try:
        with closing(connect_to_read(archive.collection.search)) as index:
            found = addresses_of(index, archive.collection, named)
    except (NoIndex, sqlite3.Error):
        return named
    return next((url for url in found if archive.captures(url)), named)
