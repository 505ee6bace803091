"""``schedule.sqlite``: what was due and what became of it, what is paused, what someone asked for.

One writer at a time, and any number of readers; every change is committed at once. Times: ISO 8601, UTC.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from crawler.disk import give_to_owner

VERSION = 1
BUSY_SECONDS = 30
# started: under way, or the schedule was killed since; killed: ended without a word of its own.
Outcome = Literal["started", "ended", "killed", "skipped"]
_TABLES = """
CREATE TABLE IF NOT EXISTS entries (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    collection TEXT NOT NULL,
    due TEXT NOT NULL,
    late INTEGER NOT NULL,
    missed INTEGER NOT NULL,    -- due moments before this one that came to nothing
    outcome TEXT NOT NULL,
    reason TEXT NOT NULL,
    started TEXT,
    ended TEXT,
    exit_code INTEGER,
    run_id TEXT,
    process INTEGER,
    trial INTEGER NOT NULL      -- 1: it keeps nothing
);
CREATE INDEX IF NOT EXISTS entries_by_name ON entries (name, due);
CREATE TABLE IF NOT EXISTS handled (
    name TEXT PRIMARY KEY,
    until TEXT NOT NULL         -- moments up to that one are dealt with
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS paused (name TEXT PRIMARY KEY, since TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS asked (name TEXT PRIMARY KEY, at TEXT NOT NULL) WITHOUT ROWID;
"""


class StoreError(ValueError):
    """The file cannot be used; the message names cause and cure."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A due moment of a crawl, and what became of it."""

    number: int
    name: str
    collection: str
    due: datetime
    late: bool
    missed: int
    outcome: Outcome
    reason: str
    started: datetime | None
    ended: datetime | None
    exit_code: int | None
    run_id: str | None
    process: int | None
    trial: bool


class Store:
    """Raises StoreError where the file cannot be used."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            if not path.exists():  # whoever may only read it is not refused
                path.touch(mode=0o640)
                give_to_owner(path)
            self._db = sqlite3.connect(path, timeout=BUSY_SECONDS, check_same_thread=False)
            self._db.row_factory = sqlite3.Row
            (version,) = self._db.execute("PRAGMA user_version").fetchone()
            if version == 0:  # of several that come at once one makes the tables, the others wait
                self._db.executescript(f"BEGIN IMMEDIATE; {_TABLES} PRAGMA user_version = {VERSION}; COMMIT;")
        except (sqlite3.Error, OSError) as error:
            raise StoreError(
                f"{path}: {error}; if it is damaged, move it away: only the history is lost"
            ) from None
        if version > VERSION:
            self._db.close()
            raise StoreError(f"{path} is of a newer Ostan; use that one")

    def close(self) -> None:
        self._db.close()

    # -- what became of what was due

    def begin(
        self,
        name: str,
        collection: str,
        due: datetime,
        *,
        late: bool,
        missed: int,
        started: datetime,
        run_id: str,
        trial: bool,
    ) -> int:
        """It is under way from now on; its number."""
        with self._together():
            cursor = self._db.execute(
                "INSERT INTO entries"
                " (name, collection, due, late, missed, outcome, reason, started, run_id, trial)"
                " VALUES (?, ?, ?, ?, ?, 'started', '', ?, ?, ?)",
                (name, collection, _text(due), late, missed, _text(started), run_id, trial),
            )
            self._handled(name, due)
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def note_process(self, number: int, process: int) -> None:
        self._do("UPDATE entries SET process = ? WHERE number = ?", process, number)

    def end(self, number: int, outcome: Outcome, reason: str, exit_code: int | None, ended: datetime) -> None:
        self._do(
            "UPDATE entries SET outcome = ?, reason = ?, exit_code = ?, ended = ? WHERE number = ?",
            outcome, reason, exit_code, _text(ended), number,
        )  # fmt: skip

    def skip(self, name: str, collection: str, due: datetime, *, late: bool, missed: int, reason: str) -> int:
        with self._together():
            cursor = self._db.execute(
                "INSERT INTO entries (name, collection, due, late, missed, outcome, reason, trial)"
                " VALUES (?, ?, ?, ?, ?, 'skipped', ?, 0)",
                (name, collection, _text(due), late, missed, reason),
            )
            self._handled(name, due)
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def _handled(self, name: str, due: datetime) -> None:
        """Never back: what someone asked for is due when it was asked."""
        self._db.execute(
            "INSERT INTO handled VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET until = max(until, ?)",
            (name, _text(due), _text(due)),
        )

    def entry(self, number: int) -> Entry:
        return _entry(self._db.execute("SELECT * FROM entries WHERE number = ?", (number,)).fetchone())

    def under_way(self) -> list[Entry]:
        rows = self._db.execute("SELECT * FROM entries WHERE outcome = 'started' ORDER BY number")
        return [_entry(row) for row in rows]

    def history(self, name: str = "", most: int = 1_000_000) -> list[Entry]:
        """Oldest first; the last ``most``."""
        rows = self._db.execute(
            "SELECT * FROM entries WHERE ? IN ('', name) ORDER BY number DESC LIMIT ?", (name, most)
        )
        return [_entry(row) for row in rows][::-1]

    # -- up to when the moments of a crawl are dealt with

    def handled(self) -> dict[str, datetime]:
        return {name: _moment(until) for name, until in self._db.execute("SELECT * FROM handled")}

    def handle(self, name: str, until: datetime) -> None:
        """Of one that is new. Of another it is known."""
        self._do("INSERT OR IGNORE INTO handled VALUES (?, ?)", name, _text(until))

    def forget(self, name: str) -> None:
        """Of a crawl that is not in the file any more: comes it back, it is new."""
        self._do("DELETE FROM handled WHERE name = ?", name)

    # -- what people say

    def pause(self, name: str, since: datetime) -> None:
        self._do("INSERT OR IGNORE INTO paused VALUES (?, ?)", name, _text(since))

    def resume(self, name: str, at: datetime) -> bool:
        """From now on; what was due meanwhile is not caught up. False: it was not paused."""
        with self._together():
            self._db.execute("INSERT OR REPLACE INTO handled VALUES (?, ?)", (name, _text(at)))
            return bool(self._db.execute("DELETE FROM paused WHERE name = ?", (name,)).rowcount)

    def paused(self) -> dict[str, datetime]:
        return {name: _moment(since) for name, since in self._db.execute("SELECT * FROM paused")}

    def ask(self, name: str, at: datetime) -> None:
        self._do("INSERT OR REPLACE INTO asked VALUES (?, ?)", name, _text(at))

    def take_asked(self) -> list[tuple[str, datetime]]:
        """And they are taken."""
        with self._together():
            found = self._db.execute("SELECT name, at FROM asked ORDER BY at").fetchall()
            self._db.execute("DELETE FROM asked")
        return [(name, _moment(at)) for name, at in found]

    @contextmanager
    def _together(self) -> Iterator[None]:
        with self._db:
            self._db.execute("BEGIN IMMEDIATE")
            yield

    def _do(self, statement: str, *values: object) -> sqlite3.Cursor:
        with self._db:
            return self._db.execute(statement, values)


def _entry(row: sqlite3.Row) -> Entry:
    found = dict(row)
    for name in ("due", "started", "ended"):
        found[name] = _moment(found[name]) if found[name] else None
    return Entry(**found | {"late": bool(found["late"]), "trial": bool(found["trial"])})


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
