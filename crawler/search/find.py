"""Asking the index: which articles have these words, and what is known of each."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from crawler.collection import Collection
from crawler.normalise.text import search_key
from crawler.search.asked import Asked
from crawler.search.snippet import Pieces, marked, snippet
from crawler.search.words import Query, Term, read_query

MOST_RANKED = 5_000  # of the matches, the last captured: ranking 100,000 takes 60 ms, 5,000 take 5
MOST_COUNTED = MOST_RANKED  # others are on no page; to count them takes as long as to find them
PAGE = 20
_NUMBER = re.compile(r"/news/([0-9]{1,18})(?:[/?#]|$)")
# Left to itself SQLite may begin with a province's articles and look for the words anew for each of them.
_WORDS_FIRST = "words CROSS JOIN articles INDEXED BY articles_by_doc ON articles.doc = words.rowid"
# How much a word counts in title, lead, body and tags.
_WEIGHTS = "12.0, 3.0, 1.0, 1.0"
_ORDERS = {"newest": "published DESC, id DESC", "oldest": "published IS NULL, published, id"}


@dataclass(frozen=True, slots=True)
class Hit:
    """An article, as its last version with a text says it. ``row``: that version; ``kicker``, ``title``,
    ``text`` and ``tags``: pieces, each with whether it is what was looked for; no kicker and no tags where
    it does not stand there."""

    id: str
    status: str
    versions: int
    province: str
    day: str | None
    kicker: Pieces
    title: Pieces
    text: Pieces
    tags: Pieces
    row: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """One page. ``total``: how many there are, at most MOST_COUNTED + 1: then there are more."""

    total: int
    hits: list[Hit]

    @property
    def pages(self) -> int:
        """How many pages can be asked for."""
        return max(1, -(-min(self.total, MOST_RANKED) // PAGE))


def find(index: sqlite3.Connection, collection: Collection, asked: Asked) -> Answer:
    """Raises QueryError."""
    query = read_query(asked.text) if asked.text.strip() else None
    where, values = _conditions(asked)
    source, condition = "articles", where
    if query:
        source, condition = _WORDS_FIRST, f"words MATCH ? AND {where}"
        values = [query.match, *values]
    found: list[sqlite3.Row] = []
    if asked.page <= MOST_RANKED // PAGE:
        found = index.execute(_ordered(source, condition, asked, ranked=bool(query)), values).fetchall()
    total = found[0]["matches"] if found else None
    if total is None:
        (total,) = index.execute(
            f"SELECT count(*) FROM (SELECT 1 FROM {source} WHERE {condition} LIMIT {MOST_COUNTED + 1})",
            values,
        ).fetchone()
    return Answer(total, [_hit(index, collection, article["id"], query) for article in found])


def _ordered(source: str, condition: str, asked: Asked, *, ranked: bool) -> str:
    """``id``, and ``matches``: how many there are, as far as they are looked at; NULL: they are not counted.
    All that is read of each match stands in an index."""
    columns, matches = "articles.id, doc, published", "NULL"
    order = _ORDERS.get(asked.order) or _ORDERS["newest"]
    if ranked and asked.order == "rank":
        columns += f", bm25(words, {_WEIGHTS}) AS rank"
        condition += f" ORDER BY words.rowid DESC LIMIT {MOST_COUNTED + 1}"
        order, matches = f"rank, {order}", "count(*) OVER ()"
    inner = f"SELECT {columns} FROM {source} WHERE {condition}"
    offset = (max(asked.page, 1) - 1) * PAGE
    return f"SELECT id, {matches} AS matches FROM ({inner}) ORDER BY {order} LIMIT {PAGE} OFFSET {offset}"


def _conditions(asked: Asked) -> tuple[str, list[object]]:
    """SQL with a question mark for each value: nothing that was typed stands in it."""
    conditions: list[tuple[str, list[object]]] = []
    if asked.provinces:
        conditions.append((f"province IN ({','.join('?' * len(asked.provinces))})", [*asked.provinces]))
    if asked.since:
        conditions.append(("day >= ?", [str(asked.since)]))
    if asked.until:
        conditions.append(("day <= ?", [str(asked.until)]))
    if asked.tag:
        conditions.append(("doc IN (SELECT doc FROM tags WHERE tag = ?)", [search_key(asked.tag)]))
    if asked.source:
        conditions.append(("source = ?", [search_key(asked.source)]))
    if asked.status:
        meant = {"there": "status <> 'gone'", "gone": "status = 'gone'", "edited": "version > 1"}
        conditions.append((meant[asked.status], []))
    where = " AND ".join(condition for condition, _ in conditions) or "1"
    return where, [value for _, values in conditions for value in values]


def _hit(index: sqlite3.Connection, collection: Collection, id: str, query: Query | None) -> Hit:
    article = index.execute("SELECT * FROM articles WHERE id = ?", (id,)).fetchone()
    row = row_at(index, collection, article["doc"]) or {}
    terms = query.terms if query else ()
    body = "\n".join(text for text in (row.get("lead"), row.get("body")) if text)
    return Hit(
        id=id,
        status=article["status"],
        versions=article["version"],
        province=article["province"],
        day=article["day"],
        kicker=_if_meant(row.get("kicker") or "", terms),
        title=marked(row.get("title") or "", terms),
        text=snippet(body, terms),
        tags=_if_meant("، ".join(row.get("tags") or ()), terms),
        row=row,
    )


def _if_meant(text: str, terms: Sequence[Term]) -> Pieces:
    pieces = marked(text, terms)
    return pieces if any(meant for _, meant in pieces) else []


def row_at(index: sqlite3.Connection, collection: Collection, doc: int | None) -> dict[str, Any] | None:
    """The row of a version, as it lies in its file; None where that was moved away or changed."""
    place = index.execute("SELECT * FROM versions WHERE doc = ?", (doc,)).fetchone()
    return _read_row(collection, place) if place else None


def versions_of(index: sqlite3.Connection, collection: Collection, id: str) -> list[dict[str, Any]]:
    """The rows of an article, first version first. Empty: the index knows no such article."""
    places = index.execute("SELECT * FROM versions WHERE id = ? ORDER BY version", (id,)).fetchall()
    return [row for place in places if (row := _read_row(collection, place))]


def _read_row(collection: Collection, place: sqlite3.Row) -> dict[str, Any] | None:
    try:
        with (collection.articles / place["file"]).open("rb") as stream:
            stream.seek(place["at"])
            row: dict[str, Any] = json.loads(stream.read(place["length"]))
    except (OSError, ValueError):
        return None
    return row if row.get("id") == place["id"] and row.get("version") == place["version"] else None


def id_of(index: sqlite3.Connection, named: str) -> str | None:
    """The article that is meant by its id, or by an address with its number, whatever slug it bears; None
    where the index knows none. A collection is of one site."""
    number = _NUMBER.search(named)
    any_id = index.execute("SELECT id FROM articles LIMIT 1").fetchone()
    id = f"{any_id[0].rpartition(':')[0]}:{number[1]}" if number and any_id else named
    known = index.execute("SELECT 1 FROM articles WHERE id = ?", (id,)).fetchone()
    return id if known else None


def addresses_of(index: sqlite3.Connection, collection: Collection, named: str) -> list[str]:
    """Under which addresses an article was captured, the last first. ``named``: as id_of takes it."""
    id = id_of(index, named)
    rows = reversed(versions_of(index, collection, id)) if id else ()
    return list(dict.fromkeys(str(row["url"]) for row in rows))
