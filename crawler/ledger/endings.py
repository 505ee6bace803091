"""How an article ends in a run, and when it is to be looked at again.

Noted after the record and the row that it is about were written, so that the ledger never knows too much.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Literal

from crawler.ledger.schema import stamp

Failing = Literal["gone", "unreadable", "transient"]
SECOND_LOOK = timedelta(hours=1)  # after which a page that is gone is looked for once more
PATIENCE = 5  # tries in a row, each in a run of its own, before a day is waited
A_DAY = timedelta(days=1)
LONGEST = timedelta(days=30)  # between two looks at what is not there, or cannot be read
# What has a row keeps its state, however later looks end: done, or gone.
KEPT = (
    "CASE (SELECT status FROM versions WHERE versions.news_id = articles.news_id"
    " ORDER BY version DESC LIMIT 1)"
    " WHEN 'gone' THEN 'gone' ELSE 'done' END"
)
COMMIT_SECONDS = 0.2
_OPEN = "('discovered', 'fetching')"


def now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Written:
    """A version whose row is in the file of rows. ``row_at``: the byte at which it begins."""

    news_id: int
    version: int
    status: Literal["new", "edited", "gone"]
    row_at: int
    at: datetime
    path: str
    text_sha256: str | None
    day: str | None
    stands_in: tuple[str, ...]
    first_seen: datetime
    etag: str | None


class Endings:
    """Writes endings into the ledger. ``second_look``: the least time between two looks at what is gone."""

    def __init__(
        self,
        ledger: sqlite3.Connection,
        run: int,
        second_look: timedelta = SECOND_LOOK,
        extractor: str = "",
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._ledger, self._run, self._clock = ledger, run, clock
        self._second_look, self._extractor = second_look, extractor
        self._committed = 0.0

    def written(self, row: Written) -> None:
        """A new version, or a tombstone: ``status`` gone."""
        gone = row.status == "gone"
        self._ledger.execute(
            "INSERT OR REPLACE INTO versions VALUES (?, ?, ?, ?, ?, ?, ?)",
            (row.news_id, row.version, row.status, self._run, row.row_at, stamp(row.at), row.text_sha256),
        )
        self._ledger.execute(
            "UPDATE articles SET state = ?, outcome = ?, reason = '', run = ?, path = ?, version = ?,"
            " text_sha256 = ?, day = coalesce(?, day), stands_in = ?, first_seen = ?, etag = ?,"
            " extractor = ?, checked_at = ?, tries = 0, retry_at = ?, missing_since = NULL"
            " WHERE news_id = ?",
            (
                *(("gone", "gone") if gone else ("done", "written")),
                self._run,
                row.path,
                row.version,
                row.text_sha256,
                row.day,
                " ".join(row.stands_in),
                stamp(row.first_seen),
                row.etag,
                self._extractor,
                stamp(row.at),
                stamp(row.at + A_DAY) if gone else None,  # one that is listed again is looked at then
                row.news_id,
            ),
        )
        self._commit()

    def unchanged(self, news_id: int, at: datetime, etag: str | None) -> None:
        """The page says what its last row says."""
        also = "checked_at = ?, etag = ?, retry_at = NULL, missing_since = NULL"
        self._end(news_id, "done", "unchanged", "", also, [stamp(at), etag], 0)

    def skipped(
        self, news_id: int, reason: str, day: str | None = None, stands_in: tuple[str, ...] = ()
    ) -> None:
        """Not wanted by this crawl; a later one that wants it takes it up, by what is known of it then."""
        known: list[object] = [day, " ".join(stands_in) or None]
        also = "day = coalesce(?, day), stands_in = coalesce(?, stands_in)"
        self._end(news_id, "skipped", "skipped", reason, also, known, 0)

    def failed(self, news_id: int, reason: str, failing: Failing) -> bool:
        """A look that brought nothing. True where an article of ours is gone for the second time: then its
        tombstone is to be written.

        gone: looked for once more after a while, and if it never was there, after longer and longer whiles.
        unreadable: in the next run, for it may have been a page of the moment, then the same; and when
        another extractor is there. transient: in the next run; after some such runs, not before a day.
        """
        row = self._ledger.execute(
            f"SELECT version, tries, missing_since, {KEPT} FROM articles"
            f" WHERE news_id = ? AND state IN {_OPEN}",
            (news_id,),
        ).fetchone()
        if row is None:
            return False
        (version, tries, since, kept), moment = row, self._clock()
        # One blink of the site is no end: only a look some time after the first is the second.
        second = since is not None and stamp(moment - self._second_look) >= since
        was_gone = version > 0 and kept == "gone"
        if failing == "gone":
            if second and version and not was_gone:
                return True
            since = since if since is not None else stamp(moment)
        elif failing == "unreadable":
            since = None  # something is there
        outcome = "failed" if not version or failing != "gone" else "gone" if was_gone else "missing"
        again = moment + (A_DAY if was_gone else self._pause(failing, tries, second=second))
        values = [stamp(again), since, self._extractor]
        also = "retry_at = ?, missing_since = ?, extractor = ?"
        self._end(news_id, "failed", outcome, reason, also, values, tries + 1)
        return False

    def _pause(self, failing: Failing, tries: int, *, second: bool) -> timedelta:
        """How long to wait before the next look. ``tries``: looks in vain before this one."""
        if failing == "transient":
            return A_DAY if tries + 1 >= PATIENCE else timedelta()
        if failing == "unreadable":
            return min(A_DAY * 2 ** min(tries - 1, 8), LONGEST) if tries else timedelta()
        return min(self._second_look * 4 ** min(tries, 8), LONGEST) if second else self._second_look

    def _end(
        self,
        news_id: int,
        state: str,
        outcome: str,
        reason: str,
        also: str,
        values: list[object],
        tries: int,
    ) -> None:
        """The first ending counts, later ones of the same fetch do not. What has a row stays done."""
        self._ledger.execute(
            f"UPDATE articles SET state = CASE version WHEN 0 THEN ? ELSE {KEPT} END, outcome = ?,"
            f" reason = ?, run = ?, tries = ?, {also} WHERE news_id = ? AND state IN {_OPEN}",
            [state, outcome, reason, self._run, tries, *values, news_id],
        )
        self._commit()

    def _commit(self) -> None:
        """A few times a second: what a crash takes back is found in the rows again, or fetched again."""
        if monotonic() - self._committed > COMMIT_SECONDS:
            self._ledger.commit()
            self._committed = monotonic()
