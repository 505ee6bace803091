"""Collections of a few articles with words of their own, and what is asked of their index."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

from crawler.collection import Collection
from crawler.items import Article, Dated
from crawler.normalise.text import canon, search_key
from crawler.search.asked import Asked
from crawler.search.find import Answer, find
from crawler.search.schema import connect_to_read
from crawler.search.update import update
from tests.dump.rows import article, written

RUN = "run1"
QUERIES = ["", "برف", "می\u200cشود", "باران -برف", '"برف سنگین"', "خبر", "دادا", "نینی -برف"]


def news(number: int, body: str, title: str | None = None, **fields: Any) -> Article:
    """A row as a crawl writes it. ``day``: of capture; without a title: its number."""
    title, body = canon(title or f"خبر شماره {number}"), canon(body)
    words: dict[str, Any] = {"title": title, "paragraphs": body.split("\n"), "lead": None, "kicker": None}
    words |= {name: canon(fields.pop(name)) for name in ("lead", "kicker") if fields.get(name)}
    parts = [words["kicker"], title, words["lead"], body]
    key = "\n".join(search_key(str(part)) for part in parts if part)
    day = fields.pop("day", 0)
    return article(number, body, day, **(words | {"search_key": key} | fields))


def edited(number: int, body: str, version: int = 2, **fields: Any) -> Article:
    fields = {"day": version - 1, "status": "edited", "supersedes": version - 1} | fields
    return news(number, body, version=version, **fields)


def on(day: str, clock: str = "12:00") -> Dated:
    """A date of publication: that day, that time, of UTC."""
    at = datetime.fromisoformat(f"{day}T{clock}:00+00:00")
    return Dated(at=at, precision="second", origin="meta", rule="iso8601", raw=at.isoformat())


def indexed(archives: Path, rows: dict[str, Iterable[Article]] | Iterable[Article]) -> Collection:
    collection = written(archives, rows if isinstance(rows, dict) else {RUN: rows})
    update(collection)
    return collection


def answer(collection: Collection, text: str = "", **asked: Any) -> Answer:
    with closing(connect_to_read(collection.search)) as index:
        return find(index, collection, Asked(text, **asked))


def numbers(collection: Collection, text: str = "", **asked: Any) -> list[int]:
    """Of the articles that are found, the best first."""
    return [int(hit.id.partition(":")[2]) for hit in answer(collection, text, **asked).hits]


def articles(collection: Collection) -> list[tuple[Any, ...]]:
    """What the index knows of each article. The numbers that it gives to versions are its own affair."""
    with closing(sqlite3.connect(collection.search)) as index:
        index.row_factory = sqlite3.Row
        rows = index.execute(
            "SELECT a.*, v.version AS words, v.file, v.at, v.length FROM articles a LEFT JOIN versions v "
            "ON v.doc = a.doc ORDER BY a.id"
        )
        return [tuple(row[name] for name in row.keys() if name != "doc") for row in rows]  # noqa: SIM118


def everything(collection: Collection, queries: Iterable[str] = QUERIES) -> object:
    """All that can be told of an index, to be held against that of another."""
    orders: Any = ("rank", "newest", "oldest")
    found = [
        [(hit.id, hit.status, hit.versions, hit.province, hit.day, hit.text) for hit in said.hits]
        for order in orders
        for text in queries
        for said in [answer(collection, text, order=order)]
    ]
    return articles(collection), found


def rebuilt(collection: Collection, folder: Path) -> Collection:
    """The same rows in another place, with an index made of all of them at once."""
    shutil.copytree(collection.articles, folder / collection.name / "articles")
    other = Collection(folder, collection.name)
    update(other)
    return other
