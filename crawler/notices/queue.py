"""``notices.sqlite``: what is to be told, till it is. Any number of processes may put and deliver at once.

A notice is taken for LEASE before it is sent. Whoever is killed while sending leaves it due again after that:
it is delivered at least once, and bears an id by which a receiver drops doubles. Every change is on the disk
when its call returns. Times: whole microseconds since 1970, UTC.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from crawler.disk import give_to_owner
from crawler.ledger.schema import moment, stamp

Kind = Literal["webhook", "mail"]
VERSION = 1
BUSY_SECONDS = 30
LEASE = timedelta(minutes=5)  # longer than any attempt takes
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=6)
GIVEN_UP_AFTER = timedelta(days=7)
KEPT = timedelta(days=90)  # of what is delivered or given up: its id is not put twice, people can look
_TABLE = """
CREATE TABLE notices (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,         -- webhook, mail
    address TEXT NOT NULL,      -- where to
    secret_env TEXT,            -- name of the environment variable with the key; never the key
    collection TEXT NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,         -- JSON
    put_at INTEGER NOT NULL,
    tries INTEGER NOT NULL,
    next_try INTEGER NOT NULL,
    state TEXT NOT NULL,        -- waiting, delivered, given up
    reason TEXT NOT NULL        -- why the last try was in vain
) WITHOUT ROWID
"""
_TOLD = """
CREATE TABLE told (
    subject TEXT PRIMARY KEY,
    what TEXT NOT NULL,
    at INTEGER NOT NULL
) WITHOUT ROWID
"""
_INDEX = "CREATE INDEX notices_due ON notices (state, next_try)"
_COLUMNS = "id, kind, address, secret_env, collection, subject, body, put_at, tries"


class QueueError(ValueError):
    """The file cannot be used, or not now; the message names cause and cure."""


@dataclass(frozen=True, slots=True)
class Notice:
    """``address``: a webhook's URL, or a mail address; ``body``: JSON; ``tries``: before this one."""

    id: str
    kind: Kind
    address: str
    secret_env: str | None
    collection: str
    subject: str
    body: str
    put_at: datetime
    tries: int = 0

    @property
    def place(self) -> str:
        """Fit for logs: the path of a webhook is often a password.

        >>> at = datetime(2026, 11, 25)
        >>> Notice("1", "webhook", "https://hooks.example/T0/secret", None, "", "", "{}", at).place
        'webhook at hooks.example'
        """
        return f"webhook at {urlsplit(self.address).hostname}" if self.kind == "webhook" else self.address


class Queue:
    """Opened for each call: it may be shared by threads, and holds nothing between calls."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def put(self, notice: Notice) -> bool:
        """On disk when it returns. False: one of that id is there already. Raises QueueError."""
        values = (
            notice.id, notice.kind, notice.address, notice.secret_env, notice.collection,
            notice.subject, notice.body, stamp(notice.put_at), stamp(notice.put_at),
        )  # fmt: skip
        with self._changing() as db:
            db.execute(
                "DELETE FROM notices WHERE state <> 'waiting' AND put_at < ?", (stamp(notice.put_at - KEPT),)
            )
            done = db.execute(
                "INSERT OR IGNORE INTO notices VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, ?, 'waiting', '')", values
            )
            return done.rowcount == 1

    def due(self, now: datetime) -> Notice | None:
        """The one that has been due for longest, taken for LEASE; None where none is. Raises QueueError."""
        with self._changing() as db:
            row = db.execute(
                f"SELECT {_COLUMNS} FROM notices WHERE state = 'waiting' AND next_try <= ?"
                " ORDER BY next_try, id LIMIT 1",
                (stamp(now),),
            ).fetchone()
            if row is None:
                return None
            db.execute("UPDATE notices SET next_try = ? WHERE id = ?", (stamp(now + LEASE), row[0]))
        found = dict(zip(_COLUMNS.split(", "), row, strict=True))
        return Notice(**found | {"put_at": moment(found["put_at"])})

    def delivered(self, notice: Notice) -> None:
        with self._changing() as db:
            db.execute(
                "UPDATE notices SET state = 'delivered', tries = tries + 1, reason = '' WHERE id = ?",
                (notice.id,),
            )

    def failed(
        self,
        notice: Notice,
        now: datetime,
        reason: str,
        jitter: float,
        *,
        at_least: timedelta = timedelta(0),
        final: bool = False,
    ) -> datetime | None:
        """When it is tried again; None where it is given up: ``final``, or after GIVEN_UP_AFTER. It stays in
        the file, with the reason. ``at_least``: what the receiver asked for."""
        again = now + min(max(pause(notice.tries, jitter), at_least), LONGEST_PAUSE)
        over = final or again > notice.put_at + GIVEN_UP_AFTER
        with self._changing() as db:
            # One that another process has delivered meanwhile stays so.
            db.execute(
                "UPDATE notices SET state = ?, tries = tries + 1, next_try = ?, reason = ?"
                " WHERE id = ? AND state = 'waiting'",
                ("given up" if over else "waiting", stamp(again), reason, notice.id),
            )
        return None if over else again

    def was_told(self, subject: str, what: str, since: datetime) -> bool:
        """Whether the last that was told of it is just that, and not older."""
        if not self._has_any():
            return False
        with self._opened(read_only=True) as db:
            query = "SELECT 1 FROM told WHERE subject = ? AND what = ? AND at > ?"
            return db.execute(query, (subject, what, stamp(since))).fetchone() is not None

    def note_told(self, subject: str, what: str, at: datetime) -> None:
        with self._changing() as db:
            db.execute("INSERT OR REPLACE INTO told VALUES (?, ?, ?)", (subject, what, stamp(at)))

    def _has_any(self) -> bool:
        return self.path.exists() and self.path.stat().st_size > 0

    def counts(self, collection: str | None = None) -> Mapping[str, int]:
        """State → notices, of all collections or of one. Empty where there is no file. Raises QueueError."""
        if not self._has_any():
            return {}
        with self._opened(read_only=True) as db:
            return dict(
                db.execute(
                    "SELECT state, count(*) FROM notices WHERE ? IS NULL OR collection = ? GROUP BY state",
                    (collection, collection),
                ).fetchall()
            )

    @contextmanager
    def _changing(self) -> Iterator[sqlite3.Connection]:
        with self._opened() as db:
            db.execute("BEGIN IMMEDIATE")
            yield db
            db.execute("COMMIT")

    @contextmanager
    def _opened(self, *, read_only: bool = False) -> Iterator[sqlite3.Connection]:
        db = None
        try:
            if not read_only:
                _make(self.path)
            address = f"{self.path.absolute().as_uri()}?mode={'ro' if read_only else 'rw'}"
            db = sqlite3.connect(address, uri=True, timeout=BUSY_SECONDS, isolation_level=None)
            db.execute("PRAGMA synchronous = FULL")
            (version,) = db.execute("PRAGMA user_version").fetchone()
            if version > VERSION:
                raise QueueError(f"{self.path} is of a newer Ostan: use that one")
            if version == 0 and not read_only:
                _begin(db)
            yield db
        except (sqlite3.Error, OSError) as error:
            raise QueueError(_unusable(self.path, error)) from None
        finally:
            if db is not None:
                db.close()  # what was begun and not committed is undone


def _make(path: Path) -> None:
    """Nobody else may read it: addresses of webhooks are often passwords."""
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    give_to_owner(path)


def _begin(db: sqlite3.Connection) -> None:
    """Of two processes that come at once, one makes the table."""
    db.execute("BEGIN IMMEDIATE")
    if db.execute("PRAGMA user_version").fetchone() == (0,):
        db.execute(_TABLE)
        db.execute(_INDEX)
        db.execute(_TOLD)
        db.execute(f"PRAGMA user_version = {VERSION}")
    db.execute("COMMIT")


def pause(tries: int, jitter: float) -> timedelta:
    """After so many tries before this one: a minute, doubled each time, six hours at the most. ``jitter``,
    from 0 to 1, makes it up to a quarter longer, so that many do not come back at once.

    >>> [str(pause(tries, 0)) for tries in (0, 1, 2, 20)], str(pause(0, 1))
    (['0:01:00', '0:02:00', '0:04:00', '6:00:00'], '0:01:15')
    """
    whole: timedelta = min(FIRST_PAUSE * (1 << min(tries, 16)), LONGEST_PAUSE)
    return min(whole * (1 + jitter / 4), LONGEST_PAUSE)


def _unusable(path: Path, error: Exception) -> str:
    if "full" in str(error) or "No space" in str(error):
        return f"{path}: {error}; make room: what is in it stays, and is delivered later"
    if "locked" in str(error):
        return f"{path}: {error}: another process has held it for {BUSY_SECONDS} s"
    return f"{path}: {error}; if it is damaged, move it away: only what waits in it is lost"
