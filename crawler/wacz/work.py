"""What is known while a WACZ is made, on disk: memory does not grow with the collection."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from crawler.warc.cdxj import Entry, as_line, entry_of
from crawler.warc.members import Member, headers_of, type_of

_SCHEMA = """
PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -64000;
CREATE TABLE line (line BLOB PRIMARY KEY, timestamp TEXT) WITHOUT ROWID;  -- of the index
CREATE TABLE response (url TEXT, date TEXT, PRIMARY KEY (url, date)) WITHOUT ROWID;  -- in the package
CREATE TABLE referred (url TEXT, date TEXT, PRIMARY KEY (url, date)) WITHOUT ROWID;  -- to, by its revisits
CREATE TABLE chosen (  -- to be copied
    file TEXT, offset INTEGER, timestamp TEXT, PRIMARY KEY (file, offset)
) WITHOUT ROWID;
CREATE TABLE redirect (target TEXT, url TEXT, PRIMARY KEY (target, url)) WITHOUT ROWID;
CREATE TABLE version (  -- of an article: where its row lies
    url TEXT, fetched TEXT, number INTEGER, file INTEGER, offset INTEGER, length INTEGER,
    PRIMARY KEY (url, fetched, number)
) WITHOUT ROWID;
CREATE TABLE page (
    timestamp TEXT, url TEXT, line BLOB, short BLOB, PRIMARY KEY (timestamp, url)
) WITHOUT ROWID;
"""


class Place(NamedTuple):
    """A row: the number of its file, offset and length in it."""

    file: int
    offset: int
    length: int


class Work:
    """A database that is thrown away."""

    def __init__(self, path: Path) -> None:
        self.database = sqlite3.connect(path, isolation_level=None)
        self.database.executescript(_SCHEMA)

    def close(self) -> None:
        self.database.close()

    def _number(self, query: str) -> int:
        return int(self.database.execute(query).fetchone()[0] or 0)

    def _text(self, query: str) -> str:
        return str(self.database.execute(query).fetchone()[0] or "")

    # -- what the package holds --------------------------------------------------------------------

    def holds(self, member: Member, filename: str) -> None:
        """A record that is in the package now, at that place of that file."""
        kind = type_of(member)
        if kind not in ("response", "revisit"):
            return
        headers = headers_of(member)
        if kind == "response":
            self._add("response", headers["warc-target-uri"], headers["warc-date"])
        elif original := refers_to(headers):
            self._add("referred", *original)
        if entry := entry_of(member, filename):
            # CDXJ lets times have milliseconds, and ReplayWeb.page must have them: it looks for a revisit's
            # original by the whole WARC-Date, and passes over one whose time was cut to the second, for
            # whatever the address said later.
            moment = milliseconds(headers["warc-date"])
            self._add("line", as_line(replace(entry, timestamp=moment)), moment)

    def _add(self, table: str, *values: object) -> None:
        marks = ", ".join("?" * len(values))
        self.database.execute(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", values)

    def lines(self) -> Iterator[bytes]:
        """Of the index, sorted."""
        for (line,) in self.database.execute("SELECT line FROM line ORDER BY line"):
            yield line

    def captures(self) -> int:
        return self._number("SELECT count(*) FROM line")

    def newest(self) -> str:
        """17 digits; empty where the package holds no capture."""
        return self._text("SELECT max(timestamp) FROM line")

    def missing(self) -> Iterator[tuple[str, str]]:
        """(address, WARC-Date) of what revisits in the package refer to and the package does not hold."""
        yield from self.database.execute(
            "SELECT url, date FROM referred EXCEPT SELECT url, date FROM response ORDER BY 1, 2"
        )

    # -- what is to be copied into it --------------------------------------------------------------

    def choose(self, entry: Entry) -> None:
        self._add("chosen", entry.filename, entry.offset, entry.timestamp)

    def newest_chosen(self) -> str:
        """14 digits; empty where nothing was chosen."""
        return self._text("SELECT max(timestamp) FROM chosen")

    def chosen_in(self, file: str) -> set[int]:
        """Offsets."""
        found = self.database.execute("SELECT offset FROM chosen WHERE file = ?", (file,))
        return {offset for (offset,) in found}

    def forget_chosen(self) -> None:
        self.database.execute("DELETE FROM chosen")

    def files(self) -> list[str]:
        """That records were chosen of."""
        return [name for (name,) in self.database.execute("SELECT DISTINCT file FROM chosen ORDER BY file")]

    # -- articles ----------------------------------------------------------------------------------

    def add_version(self, url: str, fetched: str, number: int, place: Place) -> None:
        """``fetched``: 17 digits."""
        self._add("version", url, fetched, number, *place)

    def add_redirect(self, url: str, target: str) -> None:
        self._add("redirect", target, url)

    def addresses(self) -> Iterator[str]:
        """Of articles, and those that lead to them."""
        for (url,) in self.database.execute(
            "WITH RECURSIVE wanted (url) AS (SELECT url FROM version UNION SELECT redirect.url FROM redirect "
            "JOIN wanted ON redirect.target = wanted.url) SELECT url FROM wanted ORDER BY url"
        ):
            yield url

    def versions(self, url: str) -> list[Place]:
        """Of the article at an address, oldest first."""
        return [
            Place(*values)
            for values in self.database.execute(
                "SELECT file, offset, length FROM version WHERE url = ? ORDER BY fetched, number", (url,)
            )
        ]

    def version_at(self, url: str, timestamp: str) -> Place | None:
        """What the article at an address was at that time: the last version until then, else the first.
        None: no row tells of the address."""
        query = "SELECT file, offset, length FROM version WHERE url = ?"
        found = self.database.execute(
            f"{query} AND fetched <= ? ORDER BY fetched DESC, number DESC LIMIT 1", (url, timestamp)
        ).fetchone()
        if found is None:
            found = self.database.execute(f"{query} ORDER BY fetched, number LIMIT 1", (url,)).fetchone()
        return Place(*found) if found else None

    # -- pages -------------------------------------------------------------------------------------

    def add_page(self, timestamp: str, page: dict[str, str], text: str) -> None:
        lines = (json_line(page | {"text": text}), json_line(page))
        self._add("page", timestamp, page["url"], *lines)

    def pages(self) -> int:
        return self._number("SELECT count(*) FROM page")

    def newest_page(self) -> tuple[str, str] | None:
        """(address, moment) of the newest; None where there is no page."""
        for line in self.page_lines(text=False, most=1):
            page = json.loads(line)
            return page["url"], page["ts"]
        return None

    def page_lines(self, *, text: bool, most: int = -1) -> Iterable[bytes]:
        """The newest first."""
        column = "line" if text else "short"
        query = f"SELECT {column} FROM page ORDER BY timestamp DESC, url LIMIT ?"
        return (line for (line,) in self.database.execute(query, (most,)))

    def text_size(self) -> int:
        return self._number("SELECT sum(length(line)) FROM page")


def milliseconds(date: str) -> str:
    """17 digits.

    >>> milliseconds("2026-11-26T23:31:15.222089Z"), milliseconds("2026-11-26T23:31:15+00:00")
    ('20261126233115222', '20261126233115000')
    """
    return (re.sub(r"\D", "", date.partition("+")[0]) + "000")[:17]


def refers_to(headers: dict[str, str]) -> tuple[str, str] | None:
    """(address, WARC-Date) of a revisit's original; None where it does not say."""
    url, date = headers.get("warc-refers-to-target-uri"), headers.get("warc-refers-to-date")
    return (url, date) if url and date else None


def json_line(page: dict[str, Any]) -> bytes:
    return (json.dumps(page, ensure_ascii=False) + "\n").encode()
