"""Articles that were listed and could not be had, by the day on which they were found."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from crawler.ledger.schema import moment, stamp
from crawler.normalise.dates import TEHRAN, tehran_day


@dataclass(frozen=True, slots=True)
class Missed:
    """``path``: its address, from the site's root on; ``day``: of Tehran, when it was first listed."""

    news_id: int
    path: str
    province: str
    day: date
    reason: str
    tries: int


def missed(ledger: sqlite3.Connection, since: date, until: date) -> list[Missed]:
    """Both days included; of every province."""
    first, behind = (datetime.combine(day, time(), TEHRAN) for day in (since, until + timedelta(days=1)))
    return [
        Missed(news_id, path, queue, tehran_day(moment(found_at)), reason, tries)
        for news_id, path, queue, found_at, reason, tries in ledger.execute(
            "SELECT news_id, path, queue, found_at, reason, tries FROM articles"
            " WHERE state = 'failed' AND found_at >= ? AND found_at < ? ORDER BY queue, news_id",
            (stamp(first), stamp(behind)),
        )
    ]


def last_found(ledger: sqlite3.Connection) -> date | None:
    """The Tehran day on which an article was listed for the first time, the last such day."""
    (found_at,) = ledger.execute("SELECT max(found_at) FROM articles").fetchone()
    return tehran_day(moment(found_at)) if found_at else None
