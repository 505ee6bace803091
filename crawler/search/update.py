"""Rows into the index: those that came since it was last brought up to date, or all."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crawler.collection import Collection
from crawler.disk import locked
from crawler.normalise.dates import tehran_day
from crawler.normalise.text import search_key
from crawler.search.schema import NoIndex, connect, make
from crawler.search.words import index_text

_PARTS = ("kicker", "title", "lead", "body")
Row = dict[str, Any]


@dataclass(slots=True)
class Updated:
    """``rows``: taken in now. ``passed_over``: whole lines that are no rows. ``anew``: all were read."""

    rows: int = 0
    passed_over: int = 0
    anew: bool = False


def update(collection: Collection, *, rebuild: bool = False) -> Updated:
    """Take in what ``articles/`` holds by now. A killed update is taken up by the next one.

    Made anew, where it must be, beside the old index and put in its place when it is whole.
    """
    with locked(collection.folder):
        if not rebuild:
            try:
                with closing(connect(collection.search)) as index:
                    if _grown_only(index, collection):
                        return _take_in(index, collection, Updated())
            except (NoIndex, sqlite3.DatabaseError):
                pass  # none yet, of another version, or damaged: it is derived, and made again
        return _anew(collection)


def _grown_only(index: sqlite3.Connection, collection: Collection) -> bool:
    """Whether all that was read is still there, byte for byte as far as sizes tell."""
    sizes = {path.name: path.stat().st_size for path in collection.row_files()}
    return all(sizes.get(name, -1) >= read for name, read in index.execute("SELECT name, bytes FROM files"))


def _anew(collection: Collection) -> Updated:
    new = collection.search.with_name(collection.search.name + ".new")
    new.unlink(missing_ok=True)
    with closing(make(new)) as index:
        updated = _take_in(index, collection, Updated(anew=True))
        index.execute("INSERT INTO words(words) VALUES ('optimize')")
        index.commit()
    new.replace(collection.search)
    return updated


def _take_in(index: sqlite3.Connection, collection: Collection, updated: Updated) -> Updated:
    read = dict(index.execute("SELECT name, bytes FROM files").fetchall())
    for path in collection.row_files():
        _read_file(index, path, read.get(path.name, 0), updated)
    index.commit()
    return updated


def _read_file(index: sqlite3.Connection, path: Path, start: int, updated: Updated) -> None:
    end = start
    for at, length, line in _lines(path, start):
        try:
            _add(index, json.loads(line), path.name, at, length)
            updated.rows += 1
        except (ValueError, KeyError, TypeError, AttributeError):
            updated.passed_over += 1  # dump and verify name it
        end = at + length
    if end > start:
        index.execute("INSERT OR REPLACE INTO files VALUES (?, ?)", (path.name, end))


def _lines(path: Path, start: int) -> Iterator[tuple[int, int, bytes]]:
    """Whole lines: (first byte, bytes, line). A torn end is none; it may still be written."""
    with path.open("rb") as stream:
        stream.seek(start)
        at = start
        for line in stream:
            if line.endswith(b"\n"):
                yield at, len(line), line
                at += len(line)


def _add(index: sqlite3.Connection, row: Row, file: str, at: int, length: int) -> None:
    fetched = _utc(row["fetched_at"])
    added = index.execute(
        "INSERT OR IGNORE INTO versions (id, version, status, fetched, title, url, file, at, length)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(row["id"], int(row["version"]), row["status"], fetched),
            *(row["title"], row["canonical_url"], file, at, length),
        ),
    )
    if not added.rowcount:
        return  # a version stands once in a collection; of a second one the first counts
    doc = added.lastrowid if row["status"] != "gone" else None
    if doc is not None:
        _add_words(index, doc, row)
    _add_article(index, row, doc)


def _add_words(index: sqlite3.Connection, doc: int, row: Row) -> None:
    key = keys_of(row)
    tags = {search_key(tag) for tag in row["tags"]} - {""}
    texts = (" ".join((key["kicker"], key["title"])), key["lead"], key["body"], " \n ".join(sorted(tags)))
    index.execute(
        "INSERT INTO words (rowid, title, lead, body, tags) VALUES (?, ?, ?, ?, ?)",
        (doc, *map(index_text, texts)),
    )
    index.executemany("INSERT OR IGNORE INTO tags VALUES (?, ?)", [(tag, doc) for tag in tags])


def keys_of(row: Row) -> dict[str, str]:
    """The search keys of kicker, title, lead and body; "" where the article has none."""
    present = [name for name in _PARTS if row[name]]
    lines = (row.get("search_key") or "").split("\n", max(len(present) - 1, 0))
    if len(lines) != len(present):  # of a schema that had no keys yet
        lines = [search_key(row[name]) for name in present]
    return dict.fromkeys(_PARTS, "") | dict(zip(present, lines, strict=False))


def _add_article(index: sqlite3.Connection, row: Row, doc: int | None) -> None:
    """A tombstone knows no more than that the article is gone: the rest stays as it was last seen."""
    known = index.execute("SELECT version FROM articles WHERE id = ?", (row["id"],)).fetchone()
    if known and known[0] > int(row["version"]):
        return
    if doc is None and known:
        index.execute(
            "UPDATE articles SET version = ?, status = ? WHERE id = ?",
            (row["version"], row["status"], row["id"]),
        )
        return
    published = (row["published"] or {}).get("at")
    index.execute(
        "INSERT OR REPLACE INTO articles VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(row["id"], row["version"], row["status"], doc, (row["province"] or {}).get("slug", "")),
            str(tehran_day(datetime.fromisoformat(published))) if published else None,
            _utc(published) if published else None,
            search_key(row["source"]) if row["source"] else None,
        ),
    )


def _utc(moment: str) -> str:
    return datetime.fromisoformat(moment).astimezone(UTC).isoformat()
