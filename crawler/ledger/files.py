"""Files that pages need and that were not asked for yet: a crawl that is cut off leaves them to the next."""

from __future__ import annotations

import sqlite3

from crawler.pages.requisites import Kind


class Files:
    """Addresses are whole: files lie on other hosts too."""

    def __init__(self, ledger: sqlite3.Connection) -> None:
        self._ledger, self._noted = ledger, False

    def want(self, url: str, kind: Kind) -> None:
        self._noted = True
        self._ledger.execute("INSERT OR IGNORE INTO files VALUES (?, ?)", (url, kind))

    def keep(self) -> None:
        """To be called before the row of their page is written: after a crash a row says that all is done."""
        if self._noted:
            self._ledger.commit()
            self._noted = False

    def had(self, url: str) -> None:
        """It was answered, or could not be had."""
        self._ledger.execute("DELETE FROM files WHERE url = ?", (url,))

    def left(self) -> list[tuple[str, Kind]]:
        """(address, kind) of what an earlier run did not come to."""
        return self._ledger.execute("SELECT url, kind FROM files ORDER BY rowid").fetchall()
