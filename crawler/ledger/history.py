"""What rows said: the last version of an article, and the one before it, read from the files of rows."""

from __future__ import annotations

import sqlite3

from pydantic import ValidationError

from crawler.collection import Collection
from crawler.items import Article


def row_of(ledger: sqlite3.Connection, collection: Collection, news_id: int, version: int) -> Article | None:
    """The row of one version; None where the ledger knows none, or its file was moved away."""
    found = ledger.execute(
        "SELECT run_id, row_at FROM versions JOIN runs ON run = number WHERE news_id = ? AND version = ?",
        (news_id, version),
    ).fetchone()
    if found is None:
        return None
    run_id, row_at = found
    try:
        with collection.rows_of(run_id).open("rb") as stream:
            stream.seek(row_at)
            article = Article.model_validate_json(stream.readline())
    except (OSError, ValidationError):
        return None
    return article if (article.news_id, article.version) == (news_id, version) else None
