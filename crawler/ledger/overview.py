"""What ``scrapy status`` tells: where a collection stands, which runs there were, what is due."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from crawler.ledger.accounts import standing
from crawler.ledger.hosts import left_alone
from crawler.ledger.recheck import due_at
from crawler.ledger.runs import Run, all_runs
from crawler.ledger.schema import moment, stamp
from crawler.provinces import PROVINCES


@dataclass(frozen=True, slots=True)
class ProvinceState:
    """``archived``, ``gone``, ``waiting``, ``failed``, ``skipped``: articles. ``newest``: the last day of
    publication that is archived. ``read``: when its feed or section was last read."""

    archived: int
    gone: int
    waiting: int
    failed: int
    skipped: int
    newest: str | None
    read: datetime | None


@dataclass(frozen=True, slots=True)
class Overview:
    """``due``: articles to look at again; ``retries``: failed ones to be tried in the next crawl."""

    runs: list[Run]
    provinces: dict[str, ProvinceState]
    due: int
    retries: int
    waiting: int
    hosts: dict[str, tuple[datetime, str]] = field(default_factory=dict)  # that asked to be left alone


def overview(ledger: sqlite3.Connection, ages: tuple[timedelta, ...], at: datetime) -> Overview:
    """The state at a moment. ``ages``: at which articles are to be looked at again."""
    where, values = due_at(ages, PROVINCES, at)
    provinces = _provinces(ledger)
    return Overview(
        runs=all_runs(ledger),
        provinces=provinces,
        due=_count(ledger, "articles", where, values),
        retries=_count(ledger, "articles", "state = 'failed' AND retry_at <= ?", [stamp(at)]),
        waiting=sum(state.waiting for state in provinces.values()),
        hosts=left_alone(ledger, at),
    )


@dataclass(frozen=True, slots=True)
class Left:
    """``rows``: versions that it wrote; ``captures``: answers that it kept of articles and lists;
    ``waiting``: articles of the whole collection that are listed and not fetched."""

    rows: int
    captures: int
    waiting: int


def left_by(ledger: sqlite3.Connection, run: int) -> Left:
    """What a run has brought so far, or had when it was killed."""
    waits = "state IN ('discovered', 'fetching')"
    return Left(
        rows=_count(ledger, "versions", "run = ?", [run]),
        captures=_count(ledger, "captures", "run = ?", [run]),
        waiting=_count(ledger, "articles", waits, []),
    )


def _count(ledger: sqlite3.Connection, table: str, where: str, values: list[object]) -> int:
    (number,) = ledger.execute(f"SELECT count(*) FROM {table} WHERE {where}", values).fetchone()
    return int(number)


def _provinces(ledger: sqlite3.Connection) -> dict[str, ProvinceState]:
    """By slug, in the list's order; at the end those that no province is known of, under ''."""
    states = standing(ledger)
    newest = dict(
        ledger.execute("SELECT queue, max(day) FROM articles WHERE version > 0 GROUP BY queue").fetchall()
    )
    read = dict(
        ledger.execute(
            "SELECT province, max(read_at) FROM lists WHERE kind IN ('feed', 'section') GROUP BY province"
        ).fetchall()
    )
    known = [province.slug for province in PROVINCES if states.get(province.slug) or read.get(province.slug)]
    others = sorted(states.keys() - {province.slug for province in PROVINCES})
    found: dict[str, ProvinceState] = {}
    for slug in known + others:
        count = states.get(slug, {})
        at = read.get(slug)
        found[slug] = ProvinceState(
            archived=count.get("done", 0),
            gone=count.get("gone", 0),
            waiting=count.get("discovered", 0) + count.get("fetching", 0),
            failed=count.get("failed", 0),
            skipped=count.get("skipped", 0),
            newest=newest.get(slug),
            read=moment(at) if at else None,
        )
    return found
