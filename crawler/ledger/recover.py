"""After a crash the ledger and the rows are made to agree. The rows are right: each was written before it was
noted, and ``mend`` has cut off those whose records were lost."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from crawler.collection import Collection
from crawler.disk import in_use
from crawler.items import Article
from crawler.ledger.endings import Endings
from crawler.ledger.facts import written_of
from crawler.ledger.found import UNKNOWN
from crawler.ledger.runs import begin_run, give_up_run
from crawler.ledger.schema import stamp

BEFORE = "known from its rows alone"  # why and how a run ended that the ledger does not know


def recover(ledger: sqlite3.Connection, collection: Collection, at: datetime) -> list[str]:
    """Take up what runs left that did not end by themselves, and what runs wrote that the ledger never knew.
    The ids of the first."""
    unfinished = dict(ledger.execute("SELECT run_id, number FROM runs WHERE ended IS NULL"))
    known = {run_id for (run_id,) in ledger.execute("SELECT run_id FROM runs")}
    for path in sorted(collection.articles.glob("*.jsonl")):
        if path.stem not in known and not in_use(path):
            unfinished[path.stem] = begin_run(ledger, path.stem, "?", at.isoformat(), {}, {}, "")
    for run_id, number in unfinished.items():
        _agree(ledger, number, collection.rows_of(run_id))
        give_up_run(ledger, number, at.isoformat(), "killed" if run_id in known else BEFORE)
        ledger.commit()
    return [run_id for run_id in unfinished if run_id in known]


def _agree(ledger: sqlite3.Connection, run: int, rows: Path) -> None:
    """The versions of a run are those that its rows say, and no others."""
    noted = dict(ledger.execute("SELECT row_at, news_id FROM versions WHERE run = ?", (run,)))
    for row_at, line in _lines(rows):
        if noted.pop(row_at, None) is None:
            with suppress(ValidationError):  # of another schema: nothing can be known of it
                _note(ledger, run, Article.model_validate_json(line), row_at)
    for row_at, news_id in noted.items():
        ledger.execute(
            "DELETE FROM versions WHERE news_id = ? AND run = ? AND row_at = ?", (news_id, run, row_at)
        )
        _back_to_last(ledger, news_id)


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """(where it begins, line) of every row."""
    row_at = 0
    if path.exists():
        with path.open("rb") as stream:
            for line in stream:
                yield row_at, line
                row_at += len(line)


def _note(ledger: sqlite3.Connection, run: int, article: Article, row_at: int) -> None:
    row = written_of(article, row_at)
    last = ledger.execute("SELECT version FROM articles WHERE news_id = ?", (row.news_id,)).fetchone()
    if last and last[0] > row.version:  # of an earlier run that is read later
        ledger.execute(
            "INSERT OR REPLACE INTO versions VALUES (?, ?, ?, ?, ?, ?, ?)",
            (row.news_id, row.version, row.status, run, row_at, stamp(row.at), row.text_sha256),
        )
        return
    ledger.execute(
        "INSERT OR IGNORE INTO articles (news_id, path, queue, state, outcome, reason, run, found_run,"
        " found_at, tries, version) VALUES (?, ?, ?, 'done', '', '', ?, ?, 0, 0, 0)",
        (row.news_id, row.path, row.stands_in[0] if row.stands_in else UNKNOWN, run, run),
    )
    Endings(ledger, run, extractor=article.extractor).written(row)
    if article.raw and article.raw.published_feed:
        ledger.execute(
            "UPDATE articles SET feed_date = coalesce(feed_date, ?) WHERE news_id = ?",
            (article.raw.published_feed, row.news_id),
        )


def _back_to_last(ledger: sqlite3.Connection, news_id: int) -> None:
    """A version that was noted, but whose row is lost: the article is as it was before."""
    last = ledger.execute(
        "SELECT version, text_sha256, status FROM versions WHERE news_id = ? ORDER BY version DESC LIMIT 1",
        (news_id,),
    ).fetchone()
    version, text_sha256, status = last or (0, None, "")
    state = "gone" if status == "gone" else "done" if version else "discovered"
    ledger.execute(
        "UPDATE articles SET version = ?, text_sha256 = ?, state = ?, outcome = '', checked_at = first_seen,"
        " etag = NULL"
        " WHERE news_id = ?",
        (version, text_sha256, state, news_id),
    )
