"""The ledger's tables, and how a file of an older version becomes one of this.

SQLite in WAL mode with ``synchronous=NORMAL``: what was committed outlives the end of the process; of a power
cut it outlives all but the last seconds, which ``recover`` then takes from the files that the crawl wrote.
Times are whole microseconds since 1970 in UTC. Addresses are paths from the site's root on, so that a
collection does not depend on the host or port that served it.
"""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

_FIRST = """
CREATE TABLE runs (
    number INTEGER PRIMARY KEY,
    run_id TEXT NOT NULL UNIQUE,
    spider TEXT NOT NULL,
    started TEXT NOT NULL,
    ended TEXT,                 -- NULL: under way, or killed
    reason TEXT,                -- why it ended
    exit_code INTEGER,
    arguments TEXT NOT NULL,    -- JSON
    settings TEXT NOT NULL,     -- JSON
    software TEXT NOT NULL,
    summary TEXT                -- JSON: the head of its report
);
CREATE TABLE lists (
    path TEXT PRIMARY KEY,
    kind TEXT NOT NULL,         -- home, feed, section, sitemap
    province TEXT NOT NULL,     -- slug of the province expected there; '' where none is
    run INTEGER NOT NULL,       -- the run that asked last
    state TEXT NOT NULL,        -- done, failed
    reason TEXT NOT NULL,
    read_at INTEGER,            -- when it was last read with success
    etag TEXT,
    last_modified TEXT,
    title TEXT,                 -- what it called itself
    walked INTEGER NOT NULL,    -- 1: the pages behind it were read until nothing new came
    expected INTEGER NOT NULL DEFAULT 0  -- 1: a section whose feed has brought something since
) WITHOUT ROWID;
CREATE TABLE articles (
    news_id INTEGER PRIMARY KEY,
    path TEXT NOT NULL,
    queue TEXT NOT NULL,        -- slug of the province whose limit it counts against; '' not known yet
    state TEXT NOT NULL,        -- discovered, fetching, done, failed, skipped, gone
    outcome TEXT NOT NULL,      -- what became of it in "run": see found.Outcome
    reason TEXT NOT NULL,
    run INTEGER NOT NULL,       -- the run that dealt with it last
    found_run INTEGER NOT NULL,
    found_at INTEGER NOT NULL,
    tries INTEGER NOT NULL,     -- looks in a row that brought nothing
    retry_at INTEGER,           -- from when on to look again; NULL: not of itself
    missing_since INTEGER,      -- when the site first said that it is gone
    day TEXT,                   -- Tehran day of publication, YYYY-MM-DD
    stands_in TEXT,             -- slugs of the provinces that its page names
    version INTEGER NOT NULL,   -- 0: no row yet
    text_sha256 TEXT,
    etag TEXT,
    extractor TEXT,             -- what read it last
    first_seen INTEGER,
    checked_at INTEGER          -- when it was last fetched with success
);
CREATE INDEX articles_in_turn ON articles (queue, state, news_id);
CREATE INDEX articles_under_way ON articles (state) WHERE state = 'fetching';
CREATE TABLE places (
    news_id INTEGER NOT NULL,
    lane TEXT NOT NULL,
    province TEXT NOT NULL,
    PRIMARY KEY (news_id, lane, province)
) WITHOUT ROWID;
CREATE TABLE versions (
    news_id INTEGER NOT NULL,
    version INTEGER NOT NULL,
    status TEXT NOT NULL,       -- new, edited, gone
    run INTEGER NOT NULL,       -- its row stands in this run's file
    row_at INTEGER NOT NULL,    -- from this byte on
    at INTEGER NOT NULL,
    text_sha256 TEXT,
    PRIMARY KEY (news_id, version)
) WITHOUT ROWID;
CREATE INDEX versions_of_run ON versions (run);
CREATE TABLE captures (
    path TEXT,                  -- of a list; NULL: of an article
    news_id INTEGER,            -- NULL: of a list
    run INTEGER NOT NULL,
    at INTEGER NOT NULL,
    status INTEGER NOT NULL,
    revisit INTEGER NOT NULL,
    file TEXT NOT NULL,         -- where the payload lies
    offset INTEGER NOT NULL,
    length INTEGER NOT NULL,
    payload_digest TEXT NOT NULL
);
CREATE INDEX captures_of_article ON captures (news_id, at);
CREATE TABLE fields (           -- how many articles a field was read of, for the drift of layouts
    run INTEGER NOT NULL,
    template TEXT NOT NULL,
    province TEXT NOT NULL,
    field TEXT NOT NULL,
    filled INTEGER NOT NULL,
    articles INTEGER NOT NULL,
    PRIMARY KEY (run, template, province, field)
) WITHOUT ROWID;
CREATE TABLE files (            -- that pages need, and that no run came to yet
    url TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    had INTEGER NOT NULL DEFAULT 0,   -- 1: it was answered; believed once the run has ended
    tries INTEGER NOT NULL DEFAULT 0  -- runs in which it could not be had
);
CREATE TABLE hosts (            -- hosts that asked to be left alone
    host TEXT PRIMARY KEY,
    until INTEGER NOT NULL,
    reason TEXT NOT NULL
) WITHOUT ROWID;
"""
_SECOND = "ALTER TABLE articles ADD COLUMN feed_date TEXT;"  # as a feed wrote it last
MIGRATIONS = (_FIRST, _SECOND)  # the n-th leads from version n to n + 1
BUSY_SECONDS = 30


class LedgerError(ValueError):
    """A ledger that cannot be used; the message names the cause and the cure."""


def connect(path: Path) -> sqlite3.Connection:
    """The ledger at ``path``, made or brought up to date. Raises LedgerError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS)
    try:
        version: int = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > len(MIGRATIONS):
            raise LedgerError(
                f"{path} is of version {version}, this program knows {len(MIGRATIONS)}: use a newer Ostan"
            )
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        for number, script in enumerate(MIGRATIONS[version:], version + 1):
            connection.executescript(f"BEGIN; {script} PRAGMA user_version = {number}; COMMIT;")
    except sqlite3.DatabaseError as error:
        connection.close()
        raise LedgerError(unusable(path, error)) from None
    except LedgerError:
        connection.close()
        raise
    return connection


def unusable(path: Path, error: Exception) -> str:
    """Cause and cure."""
    if "full" in str(error):
        return f"{path}: {error}; make room, the next crawl goes on from there"
    return (
        f"{path}: {error}; if it is damaged, move it and its -wal file away: "
        "the next crawl makes it anew from the rows"
    )


def connect_to_read(path: Path) -> sqlite3.Connection:
    """An existing ledger, never written to. Raises LedgerError where there is none of this version."""
    if not path.exists():
        raise LedgerError(f"{path} is not there: nothing was crawled into this collection yet")
    address = path.absolute().as_uri()
    connection = sqlite3.connect(f"{address}?mode=ro", uri=True, timeout=BUSY_SECONDS)
    try:
        try:
            version: int = connection.execute("PRAGMA user_version").fetchone()[0]
        except sqlite3.OperationalError:  # a disk that nobody can write to: WAL wants a file beside it
            connection.close()
            connection = sqlite3.connect(f"{address}?immutable=1", uri=True)
            version = connection.execute("PRAGMA user_version").fetchone()[0]
    except sqlite3.DatabaseError as error:
        connection.close()
        raise LedgerError(unusable(path, error)) from None
    if version != len(MIGRATIONS):
        connection.close()
        raise LedgerError(
            f"{path} is of version {version}, this program reads {len(MIGRATIONS)}: the next crawl brings it "
            "up to date, or use a newer Ostan"
        )
    return connection


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def stamp(moment: datetime) -> int:
    """Whole microseconds since 1970.

    >>> stamp(datetime(1970, 1, 1, 0, 0, 1, 5, tzinfo=UTC))
    1000005
    """
    return (moment - _EPOCH) // timedelta(microseconds=1)


def moment(stamped: int) -> datetime:
    """
    >>> moment(1000005).isoformat()
    '1970-01-01T00:00:01.000005+00:00'
    """
    return _EPOCH + timedelta(microseconds=stamped)
