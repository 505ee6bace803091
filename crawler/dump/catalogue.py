"""What is known of every row, on disk: the memory of a dump does not grow with the collection."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass, fields
from datetime import date
from pathlib import Path
from typing import BinaryIO

from crawler.dump.rows_in import Fault, Found, label, rows_in

_COLUMNS = [field.name for field in fields(Found)]
_SCHEMA = f"""
CREATE TABLE row (file INTEGER, {", ".join(_COLUMNS)}, near_dup_of TEXT);
CREATE UNIQUE INDEX row_version ON row (id, version);
"""
MOST_FAULTS = 1000  # kept with their places; all of them are counted
CACHE = 64_000  # kB of SQLite's page cache
# Sorted as the shards are: by crawl day, then as a reader looks for an article.
ORDER = "crawl_day, province, number, version, id"


class Contradiction(ValueError):
    """The same version of the same article stands in two places with different bytes."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which articles a dump takes. ``provinces``: slugs, empty for all and those without. Days of
    publication in Tehran, both included. ``without``: ids that were asked to be taken down."""

    provinces: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    without: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, object]:
        return {
            "provinces": list(self.provinces) or None,
            "since": str(self.since) if self.since else None,
            "until": str(self.until) if self.until else None,
            "without": len(self.without) or None,
        }


@dataclass(frozen=True, slots=True)
class Entry:
    """A row that is taken: where its bytes are, and what the dump adds."""

    file: int
    offset: int
    length: int
    id: str
    version: int
    status: str
    province: str
    crawl_day: str
    near_dup_of: str | None


class Catalogue:
    """The rows of some files. ``faults``: the first ``faulty`` lines; ``repeated``: rows
    that stood there again."""

    def __init__(self, path: Path, files: Iterable[Path]) -> None:
        self.files = sorted(files, key=lambda file: (label(file), str(file)))
        self.faults: list[Fault] = []
        self.faulty = self.repeated = 0
        self.database = sqlite3.connect(path, isolation_level=None)
        # The file is thrown away at the end, and made anew after a crash: it need not outlive one.
        self.database.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" + _SCHEMA)
        self.database.execute(f"PRAGMA cache_size = -{CACHE}")
        self._streams: dict[int, BinaryIO] = {}

    def close(self) -> None:
        for stream in self._streams.values():
            stream.close()
        self.database.close()

    def fill(self) -> None:
        """Read every file. Raises Contradiction, OSError."""
        for number, path in enumerate(self.files):
            for found in rows_in(path):
                if isinstance(found, Fault):
                    self.faulty += 1
                    if self.faulty <= MOST_FAULTS:
                        self.faults.append(found)
                else:
                    self._add(number, found)

    def _add(self, file: int, found: Found) -> None:
        marks = ", ".join("?" * (len(_COLUMNS) + 1))
        added = self.database.execute(
            f"INSERT OR IGNORE INTO row (file, {', '.join(_COLUMNS)}) VALUES ({marks})",
            (file, *astuple(found)),
        )
        if added.rowcount:
            return
        other, offset, digest = self.database.execute(
            "SELECT file, offset, digest FROM row WHERE id = ? AND version = ?", (found.id, found.version)
        ).fetchone()
        if digest != found.digest:
            raise Contradiction(
                f"version {found.version} of {found.id} stands twice with different bytes: "
                f"{label(self.files[other])} at byte {offset} and {label(self.files[file])} at byte "
                f"{found.offset}; move the file with the wrong one away, and dump again"
            )
        self.repeated += 1

    def select(self, wanted: Selection) -> None:
        """Drop the articles that are not asked for. An article is taken with all its versions, where one of
        them is of a province and one of a day that is asked for; one without any date always is: nothing is
        dropped unseen."""
        self.database.executemany("DELETE FROM row WHERE id = ?", ((one,) for one in wanted.without))
        if wanted.provinces:
            marks = ", ".join("?" * len(wanted.provinces))
            self.database.execute(
                f"DELETE FROM row WHERE id NOT IN (SELECT id FROM row WHERE province IN ({marks}))",
                wanted.provinces,
            )
        since, until = str(wanted.since or "0000"), str(wanted.until or "9999")
        self.database.execute(
            "DELETE FROM row WHERE id IN (SELECT id FROM row WHERE published_day IS NOT NULL) AND id NOT IN "
            "(SELECT id FROM row WHERE published_day BETWEEN ? AND ?)",
            (since, until),
        )

    def entries(self) -> Iterator[Entry]:
        """Every row that is taken, sorted; the same whatever the order of files and lines."""
        names = ", ".join(field.name for field in fields(Entry))
        for values in self.database.execute(f"SELECT {names} FROM row ORDER BY {ORDER}"):
            yield Entry(*values)

    def line(self, file: int, offset: int, length: int) -> bytes:
        """A row's bytes, without line end."""
        stream = self._streams.get(file)
        if stream is None:
            if len(self._streams) >= 200:  # a process may hold some hundred files open
                self._streams.pop(next(iter(self._streams))).close()
            stream = self._streams[file] = self.files[file].open("rb")
        stream.seek(offset)
        return stream.read(length)

    def counts(self, column: str) -> dict[str, int]:
        """Value → rows, sorted by value."""
        counted = self.database.execute(f"SELECT {column}, count(*) FROM row GROUP BY 1 ORDER BY 1")
        return dict(counted.fetchall())

    def articles_by_province(self, where: str) -> dict[str, int]:
        """Slug → articles of which a row fits ``where``, SQL. One that moved counts in both."""
        counted = self.database.execute(
            f"SELECT province, count(DISTINCT id) FROM row WHERE {where} GROUP BY 1 ORDER BY 1"
        )
        return dict(counted.fetchall())

    def span(self, column: str) -> dict[str, str | None]:
        """First and last moment of a column."""
        first, last = self.database.execute(f"SELECT min({column}), max({column}) FROM row").fetchone()
        return {"first": first, "last": last}

    def number(self, what: str) -> int:
        """``what``: an aggregate of SQL over the rows, 0 where there are none."""
        return int(self.database.execute(f"SELECT {what} FROM row").fetchone()[0] or 0)
