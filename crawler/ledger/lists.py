"""What is known of pages that list articles: whether they changed, whether all behind them was read."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from crawler.ledger.endings import now
from crawler.ledger.schema import moment, stamp

Kind = Literal["home", "feed", "section", "sitemap"]


@dataclass(frozen=True, slots=True)
class Known:
    """A list as an earlier run read it. ``walked``: so were the pages behind it, until nothing new came."""

    path: str
    title: str
    read_at: datetime
    etag: str | None
    last_modified: str | None
    walked: bool
    expected: bool  # a section whose feed has brought something since


class Lists:
    """Nothing is committed here but failures: what a list names must be in the ledger before its validators
    are, and goes with them."""

    def __init__(self, ledger: sqlite3.Connection, run: int, clock: Callable[[], datetime] = now) -> None:
        self._ledger, self._run, self._clock = ledger, run, clock

    def known(self, path: str) -> Known | None:
        """None where it was never read, or not in the run that asked last."""
        return self._one("path = ?", path)

    def section_of(self, slug: str) -> Known | None:
        """The first page of a province's section, where it was read the last time that it was asked for."""
        return self._one("kind = 'section' AND province = ?", slug)

    def _one(self, where: str, value: str) -> Known | None:
        row = self._ledger.execute(
            "SELECT path, title, read_at, etag, last_modified, walked, expected FROM lists"
            f" WHERE {where} AND state = 'done' ORDER BY read_at DESC LIMIT 1",
            (value,),
        ).fetchone()
        return _known(row) if row else None

    def read(
        self,
        path: str,
        kind: Kind,
        province: str,
        title: str,
        etag: str | None,
        last_modified: str | None,
        *,
        walked: bool,
    ) -> None:
        """It was read, and all that it names is in the ledger."""
        self._ledger.execute(
            "INSERT OR REPLACE INTO lists VALUES (?, ?, ?, ?, 'done', '', ?, ?, ?, ?, ?, 0)",
            (path, kind, province, self._run, stamp(self._clock()), etag, last_modified, title, walked),
        )

    def unchanged(self, path: str) -> None:
        """The server says that it is as it was."""
        self._ledger.execute(
            "UPDATE lists SET run = ?, read_at = ?, reason = '', expected = 0 WHERE path = ?",
            (self._run, stamp(self._clock()), path),
        )

    def expect(self, slug: str) -> None:
        """A province's feed has brought something: its section is to be read, if need be by the next run."""
        self._ledger.execute("UPDATE lists SET expected = 1 WHERE kind = 'section' AND province = ?", (slug,))

    def feeds(self) -> list[tuple[str, str]]:
        """(path, slug) of the feeds that were read the last time that they were asked for."""
        return self._ledger.execute(
            "SELECT path, province FROM lists WHERE kind = 'feed' AND state = 'done' ORDER BY path"
        ).fetchall()

    def walked(self, path: str) -> None:
        """The pages behind a section's first were read as far as anything new came."""
        self._ledger.execute("UPDATE lists SET walked = 1 WHERE path = ?", (path,))

    def failed(self, path: str, kind: Kind, province: str, reason: str) -> None:
        """Asked for in vain; what was known of it counts no more."""
        self._ledger.execute(
            "INSERT INTO lists (path, kind, province, run, state, reason, walked)"
            " VALUES (?, ?, ?, ?, 'failed', ?, 0)"
            " ON CONFLICT (path) DO UPDATE SET state = 'failed', reason = excluded.reason,"
            " run = excluded.run, walked = 0",
            (path, kind, province, self._run, reason),
        )
        self._ledger.commit()


def _known(row: tuple[str, str | None, int, str | None, str | None, int, int]) -> Known:
    path, title, read_at, etag, last_modified, walked, expected = row
    return Known(path, title or "", moment(read_at), etag, last_modified, bool(walked), bool(expected))


def is_due(known: Known, every: timedelta, at: datetime) -> bool:
    """Whether a list was last read so long ago."""
    return at - known.read_at >= every
