"""What a collection's metrics tell of its ledger, in one walk over the articles: it is done every minute."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from crawler.ledger.recheck import due_at
from crawler.ledger.schema import stamp
from crawler.provinces import PROVINCES


@dataclass(frozen=True, slots=True)
class Figures:
    """``articles``: (slug, state) → how many; ``newest``: slug → the last archived day of publication;
    the others as an Overview has them."""

    articles: dict[tuple[str, str], int]
    newest: dict[str, str]
    waiting: int
    retries: int
    due: int


def figures(ledger: sqlite3.Connection, ages: Iterable[timedelta], at: datetime) -> Figures:
    where, values = due_at(ages, PROVINCES, at)
    rows = ledger.execute(
        "SELECT queue, state, count(*), max(CASE WHEN version > 0 THEN day END),"
        f" sum(state = 'failed' AND retry_at <= ?), sum({where})"
        " FROM articles GROUP BY queue, state",
        [stamp(at), *values],
    ).fetchall()
    newest: dict[str, str] = {}
    for slug, _, _, day, _, _ in rows:
        if day:
            newest[slug] = max(day, newest.get(slug, ""))
    return Figures(
        articles={(slug, state): number for slug, state, number, *_ in rows},
        newest=newest,
        waiting=sum(row[2] for row in rows if row[1] in ("discovered", "fetching")),
        retries=sum(row[4] or 0 for row in rows),
        due=sum(row[5] or 0 for row in rows),
    )
