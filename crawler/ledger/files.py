"""Files that pages need and that were not had yet: a crawl that is cut off leaves them to the next."""

from __future__ import annotations

import sqlite3

from crawler.pages.css import Kind

MOST_TRIES = 3  # runs in which a file could not be had, after which it is asked for with another page only


class Files:
    """Addresses are whole: files lie on other hosts too. What was had is believed once the run has ended: a
    power cut may take its record."""

    def __init__(self, ledger: sqlite3.Connection) -> None:
        self._ledger, self._noted = ledger, False

    def want(self, url: str, kind: Kind) -> None:
        self._noted = True
        self._ledger.execute("INSERT OR IGNORE INTO files (url, kind) VALUES (?, ?)", (url, kind))

    def keep(self) -> None:
        """To be called before the row of their page is written: after a crash a row says that all is done."""
        if self._noted:
            self._ledger.commit()
            self._noted = False

    def had(self, url: str) -> None:
        """It was answered, or will never be."""
        self._ledger.execute("UPDATE files SET had = 1 WHERE url = ?", (url,))

    def missed(self, url: str) -> None:
        """It may be had another time."""
        self._ledger.execute(
            "UPDATE files SET tries = tries + 1, had = tries + 1 >= ? WHERE url = ?", (MOST_TRIES, url)
        )

    def left(self) -> list[tuple[str, Kind]]:
        """(address, kind) of what earlier runs did not come to, or had when they were cut off."""
        return self._ledger.execute("SELECT url, kind FROM files ORDER BY rowid").fetchall()

    def ended(self) -> None:
        """The run's WARC files are on disk: what was had is."""
        self._ledger.execute("DELETE FROM files WHERE had = 1")
