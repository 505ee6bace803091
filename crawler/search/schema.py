"""``search.sqlite``: which version of which article says what, and where its row lies.

Made from the rows alone. A file that is of another version, or damaged, is thrown away and made again.
No WAL: it must be readable where nothing can be written.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

VERSION = 2
BUSY_SECONDS = 30
TABLES = """
CREATE TABLE files (
    name TEXT PRIMARY KEY,      -- of a file of rows
    bytes INTEGER NOT NULL      -- read so far
) WITHOUT ROWID;
CREATE TABLE versions (
    doc INTEGER PRIMARY KEY,    -- in the order of the rows
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    status TEXT NOT NULL,       -- new, edited, gone
    fetched TEXT NOT NULL,      -- ISO 8601, UTC
    title TEXT,
    url TEXT NOT NULL,          -- the canonical one
    file TEXT NOT NULL,         -- the row: its file …
    at INTEGER NOT NULL,        -- … its first byte …
    length INTEGER NOT NULL,    -- … and how many
    UNIQUE (id, version)
);
CREATE TABLE articles (         -- the last version of each
    id TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    status TEXT NOT NULL,
    doc INTEGER,                -- its last version that has a text
    province TEXT NOT NULL,     -- slug; '' where none is known
    day TEXT,                   -- Tehran day of publication, YYYY-MM-DD
    published TEXT,             -- ISO 8601, UTC
    source TEXT                 -- its search key
) WITHOUT ROWID;
CREATE INDEX articles_by_doc ON articles (doc, published);
CREATE INDEX articles_by_day ON articles (province, day);
CREATE INDEX articles_by_age ON articles (published);
CREATE TABLE tags (
    tag TEXT NOT NULL,          -- its search key
    doc INTEGER NOT NULL,
    PRIMARY KEY (tag, doc)
) WITHOUT ROWID;
CREATE VIRTUAL TABLE words USING fts5(
    title, lead, body, tags, content='', tokenize='unicode61 remove_diacritics 0', prefix='2 3'
);
"""


class NoIndex(ValueError):
    """There is no index that can be read; the message says how one is made."""


def make(path: Path) -> sqlite3.Connection:
    """A new, empty one. ``path`` must not exist."""
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS)
    connection.executescript(f"BEGIN; {TABLES} PRAGMA user_version = {VERSION}; COMMIT;")
    return connection


def connect(path: Path) -> sqlite3.Connection:
    """The one that is there, for writing; what a killed update left half written is taken back. NoIndex:
    there is none of this version that is sound in all its pages."""
    connection = _opened(path, "rw")
    try:
        if connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            raise NoIndex(f"{path} is damaged")
        if _tables(connection) != _tables_meant():
            raise NoIndex(f"{path} has other tables")
    except (NoIndex, sqlite3.DatabaseError):
        connection.close()
        raise
    return connection


def connect_to_read(path: Path) -> sqlite3.Connection:
    """Rows come as sqlite3.Row. NoIndex: there is none of this version."""
    connection = _opened(path, "ro")
    connection.row_factory = sqlite3.Row
    return connection


def _opened(path: Path, mode: str) -> sqlite3.Connection:
    cure = "scrapy index --rebuild makes it"
    if not path.exists():
        raise NoIndex(f"{path}: no such file; {cure}")
    connection = sqlite3.connect(f"{path.as_uri()}?mode={mode}", uri=True, timeout=BUSY_SECONDS)
    try:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
    except sqlite3.DatabaseError as error:
        connection.close()
        raise NoIndex(f"{path}: {error}; {cure} anew") from None
    if version != VERSION:
        connection.close()
        raise NoIndex(f"{path} is of another version; {cure} anew")
    return connection


def _tables(connection: sqlite3.Connection) -> list[tuple[str]]:
    return connection.execute("SELECT name FROM sqlite_master ORDER BY name").fetchall()


def _tables_meant() -> list[tuple[str]]:
    with closing(sqlite3.connect(":memory:")) as empty:
        empty.executescript(TABLES)
        return _tables(empty)
