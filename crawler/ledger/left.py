"""What a run has left so far, and what still waits: for a run that has no report yet, or never will."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from crawler.ledger.found import Wanted


@dataclass(frozen=True, slots=True)
class Left:
    """``rows``: versions that it wrote; ``captures``: answers that it kept of articles and lists;
    ``waiting``: articles of the whole collection that are listed and not fetched."""

    rows: int
    captures: int
    waiting: int


def left_by(ledger: sqlite3.Connection, run: int) -> Left:
    waits = "state IN ('discovered', 'fetching')"
    return Left(
        rows=_count(ledger, "versions WHERE run = ?", [run]),
        captures=_count(ledger, "captures WHERE run = ?", [run]),
        waiting=_count(ledger, f"articles WHERE {waits}", []),
    )


def waiting(ledger: sqlite3.Connection, wanted: Wanted) -> int:
    """Articles that wait, of those that a crawl is asked for. Without bounds the index alone answers: 500,000
    take 30 ms, with them 750."""
    queues = wanted.queues
    what = f"articles WHERE state IN ('discovered', 'fetching') AND queue IN ({','.join('?' * len(queues))})"
    if wanted.since or wanted.until:
        return _count(ledger, f"{what} AND (day IS NULL OR day BETWEEN ? AND ?)", [*queues, *wanted.days])
    return _count(ledger, what, list(queues))


def _count(ledger: sqlite3.Connection, what: str, values: list[object]) -> int:
    (number,) = ledger.execute(f"SELECT count(*) FROM {what}", values).fetchone()
    return int(number)
