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
_BESIDE = ("-journal", "-wal", "-shm")  # what SQLite keeps beside a file, and a killed process leaves
_STATUS = ("new", "edited", "gone")
_MOST_VERSIONS = 1_000_000
# What a line that is no row may raise: it is of any shape, and nested as deep as it likes.
_NO_ROW = (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError)
Row = dict[str, Any]


@dataclass(slots=True)
class Updated:
    """``rows``: taken in now. ``passed_over``: whole lines that are no rows. ``anew``: all were read."""

    rows: int = 0
    passed_over: int = 0
    anew: bool = False


@dataclass(frozen=True, slots=True)
class _Version:
    """A row as the index takes it in. ``words``: title, lead, body, tags; None where it is a tombstone.
    ``about``: province, day, published, source, as in the table of articles."""

    id: str
    version: int
    status: str
    fetched: str
    title: str | None
    url: str
    words: tuple[str, ...] | None
    tags: set[str]
    about: tuple[str | None, ...]


def update(collection: Collection, *, rebuild: bool = False) -> Updated:
    """Take in what ``articles/`` holds by now. A killed update is taken up by the next one.

    Made anew, where it must be, beside the old index and put in its place when it is whole.
    """
    with locked(collection.folder):
        new = collection.search.with_name(collection.search.name + ".new")
        _remove(new)  # of a killed one
        if not rebuild:
            try:
                with closing(connect(collection.search)) as index:
                    if _grown_only(index, collection):
                        return _take_in(index, collection, Updated())
            except (NoIndex, sqlite3.DatabaseError):
                pass  # none yet, of another version, or damaged: it is derived, and made again
        try:
            return _anew(collection, new)
        finally:
            _remove(new)


def _grown_only(index: sqlite3.Connection, collection: Collection) -> bool:
    """Whether all that was read is still there, byte for byte as far as sizes tell."""
    sizes = {path.name: path.stat().st_size for path in collection.row_files()}
    return all(sizes.get(name, -1) >= read for name, read in index.execute("SELECT name, bytes FROM files"))


def _anew(collection: Collection, new: Path) -> Updated:
    with closing(make(new)) as index:
        updated = _take_in(index, collection, Updated(anew=True))
        index.execute("INSERT INTO words(words) VALUES ('optimize')")
        index.commit()
    if any(Path(f"{collection.search}{ending}").exists() for ending in _BESIDE):
        _remove(collection.search)  # or SQLite would play a killed update's journal back into the new one
    new.replace(collection.search)
    return updated


def _remove(index: Path) -> None:
    for ending in ("", *_BESIDE):
        Path(f"{index}{ending}").unlink(missing_ok=True)


def _take_in(index: sqlite3.Connection, collection: Collection, updated: Updated) -> Updated:
    read = dict(index.execute("SELECT name, bytes FROM files").fetchall())
    for path in collection.row_files():
        _read_file(index, path, read.get(path.name, 0), updated)
    index.commit()
    return updated


def _read_file(index: sqlite3.Connection, path: Path, start: int, updated: Updated) -> None:
    end = start
    for at, length, line in _lines(path, start):
        end = at + length
        try:
            version = _read(json.loads(line))
        except _NO_ROW:
            updated.passed_over += 1  # dump and verify name it
            continue
        _add(index, version, path.name, at, length)
        updated.rows += 1
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


def _read(row: Row) -> _Version:
    """All that is needed of a row, before anything is written: of a line that is no row nothing stays."""
    texts = [row["id"], row["canonical_url"], *row["tags"]]
    texts += [row.get(name) or "" for name in (*_PARTS, "source")]
    "\n".join(texts).encode()  # texts they are, and no halves of pairs are in them
    if row["status"] not in _STATUS or not 0 < int(row["version"]) <= _MOST_VERSIONS:
        raise ValueError(f"{row['id']} is of no version, or no status")
    published = (row.get("published") or {}).get("at")
    tags = {search_key(tag) for tag in row["tags"]} - {""}
    return _Version(
        id=row["id"],
        version=int(row["version"]),
        status=row["status"],
        fetched=_utc(row["fetched_at"]),
        title=row.get("title"),
        url=row["canonical_url"],
        words=_words(row, tags) if row["status"] != "gone" else None,
        tags=tags,
        about=(
            _encoded((row["province"] or {}).get("slug", "")),
            str(tehran_day(datetime.fromisoformat(published))) if published else None,
            _utc(published) if published else None,
            search_key(row["source"]) if row.get("source") else None,
        ),
    )


def _words(row: Row, tags: set[str]) -> tuple[str, ...]:
    key = keys_of(row)
    texts = (" ".join((key["kicker"], key["title"])), key["lead"], key["body"], " \n ".join(sorted(tags)))
    return tuple(_encoded(index_text(text)) for text in texts)


def _encoded(text: str) -> str:
    text.encode()
    return text


def keys_of(row: Row) -> dict[str, str]:
    """The search keys of kicker, title, lead and body; "" where the article has none."""
    present = [name for name in _PARTS if row.get(name)]
    lines = (row.get("search_key") or "").split("\n", max(len(present) - 1, 0))
    if len(lines) != len(present):  # of a schema that had no keys yet
        lines = [search_key(row[name]) for name in present]
    return dict.fromkeys(_PARTS, "") | dict(zip(present, lines, strict=False))


def _add(index: sqlite3.Connection, new: _Version, file: str, at: int, length: int) -> None:
    added = index.execute(
        "INSERT OR IGNORE INTO versions (id, version, status, fetched, title, url, file, at, length)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (new.id, new.version, new.status, new.fetched, new.title, new.url, file, at, length),
    )
    if not added.rowcount:
        return  # a version stands once in a collection; of a second one the first counts
    doc = None
    if new.words is not None:
        doc = added.lastrowid
        index.execute(
            "INSERT INTO words (rowid, title, lead, body, tags) VALUES (?, ?, ?, ?, ?)", (doc, *new.words)
        )
        index.executemany("INSERT INTO tags VALUES (?, ?)", [(tag, doc) for tag in new.tags])
    _add_article(index, new, doc)


def _add_article(index: sqlite3.Connection, new: _Version, doc: int | None) -> None:
    """The last version says how it stands, the last one with a text all else: a tombstone knows no more than
    that the article is gone. They come in any order: runs may bear any names."""
    known = index.execute(
        "SELECT a.version, v.version FROM articles a LEFT JOIN versions v ON v.doc = a.doc WHERE a.id = ?",
        (new.id,),
    ).fetchone()
    if not known:
        index.execute(
            "INSERT INTO articles VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (new.id, new.version, new.status, doc, *new.about),
        )
        return
    last, last_text = known
    if new.version > last:
        index.execute(
            "UPDATE articles SET version = ?, status = ? WHERE id = ?", (new.version, new.status, new.id)
        )
    if doc is not None and new.version > (last_text or 0):
        index.execute(
            "UPDATE articles SET doc = ?, province = ?, day = ?, published = ?, source = ? WHERE id = ?",
            (doc, *new.about, new.id),
        )


def _utc(moment: str) -> str:
    return datetime.fromisoformat(moment).astimezone(UTC).isoformat()
