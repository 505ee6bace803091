"""What a collection's metrics tell of its ledger. They are written every minute: what walks over all articles
in the order of an index costs three times as much as these questions together."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from crawler.ledger.recheck import due_at
from crawler.ledger.schema import stamp
from crawler.provinces import PROVINCES

NEWEST = 100  # articles of a province and state among which the newest day is looked for: ids grow with time
_COUNTS = f"""
SELECT queue, state, number, (
    SELECT max(day) FROM (
        SELECT day, version FROM articles
        WHERE queue = counted.queue AND state = counted.state ORDER BY news_id DESC LIMIT {NEWEST}
    ) WHERE version > 0
) FROM (SELECT queue, state, count(*) AS number FROM articles GROUP BY queue, state) AS counted
"""


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
    rows = ledger.execute(_COUNTS).fetchall()
    newest: dict[str, str] = {}
    for slug, _, _, day in rows:
        if day:
            newest[slug] = max(day, newest.get(slug, ""))
    slugs = sorted({row[0] for row in rows})
    where, values = due_at(ages, PROVINCES, at)
    (due,) = ledger.execute(f"SELECT count(*) FROM articles WHERE {where}", values).fetchone()
    (retries,) = ledger.execute(
        f"SELECT count(*) FROM articles WHERE queue IN ({','.join('?' * len(slugs))})"
        " AND state = 'failed' AND retry_at <= ?",
        [*slugs, stamp(at)],
    ).fetchone()
    return Figures(
        articles={(slug, state): number for slug, state, number, _ in rows},
        newest=newest,
        waiting=sum(row[2] for row in rows if row[1] in ("discovered", "fetching")),
        retries=retries,
        due=due,
    )
