"""Sums over the ledger: what became of the articles of a run, and where the collection stands."""

from __future__ import annotations

import sqlite3
from collections import Counter
from datetime import date

from crawler.ledger.found import Wanted

Outcomes = dict[str, Counter[tuple[str, str]]]  # slug of the queue → (outcome, reason) → articles
_DEALT_WITH = "run = ? AND state NOT IN ('discovered', 'fetching')"
BEYOND = "beyond the limit"


def outcomes(ledger: sqlite3.Connection, run: int, waiting: Wanted | None, *, finished: bool) -> Outcomes:
    """What became of each article that a run dealt with or left waiting.

    ``waiting``: what the run was asked for; of that, what is still discovered is open or, where the run came
    to its end, beyond its limit. None: the run takes nothing from what waits. The ledger is the one that its
    frontier was made with, which told it what fits.
    """
    found: Outcomes = {}
    for queue, outcome, reason, number in ledger.execute(
        f"SELECT queue, outcome, reason, count(*) FROM articles WHERE {_DEALT_WITH} GROUP BY 1, 2, 3", (run,)
    ):
        found.setdefault(queue, Counter())[outcome, reason] += number
    for queue, state, number in _waiting(ledger, waiting) if waiting else _in_flight(ledger, run):
        ending = ("skipped", BEYOND) if finished and state == "discovered" else ("open", "")
        found.setdefault(queue, Counter())[ending] += number
    return found


def _waiting(ledger: sqlite3.Connection, wanted: Wanted) -> list[tuple[str, str, int]]:
    queues = wanted.queues
    return ledger.execute(
        "SELECT queue, state, count(*) FROM articles WHERE state IN ('discovered', 'fetching')"
        f" AND queue IN ({','.join('?' * len(queues))}) AND fits(path, day, stands_in) GROUP BY 1, 2",
        queues,
    ).fetchall()


def _in_flight(ledger: sqlite3.Connection, run: int) -> list[tuple[str, str, int]]:
    return ledger.execute(
        "SELECT queue, state, count(*) FROM articles WHERE state = 'fetching' AND run = ? GROUP BY 1, 2",
        (run,),
    ).fetchall()


def waiting(ledger: sqlite3.Connection, wanted: Wanted) -> int:
    """Articles that wait, of those that a crawl is asked for; the ledger as for ``outcomes``."""
    return sum(number for *_, number in _waiting(ledger, wanted))


def not_written(ledger: sqlite3.Connection, run: int) -> dict[str, list[int]]:
    """ "outcome: reason" → the news ids that ended so in a run, written and unchanged ones left out."""
    found: dict[str, list[int]] = {}
    for outcome, reason, news_id in ledger.execute(
        f"SELECT outcome, reason, news_id FROM articles WHERE {_DEALT_WITH}"
        " AND outcome NOT IN ('written', 'unchanged') ORDER BY 1, 2, 3",
        (run,),
    ):
        found.setdefault(f"{outcome}: {reason}" if reason else outcome, []).append(news_id)
    return found


def standing(ledger: sqlite3.Connection) -> dict[str, dict[str, int]]:
    """Slug → state → articles of the whole collection."""
    found: dict[str, dict[str, int]] = {}
    for queue, state, number in ledger.execute(
        "SELECT queue, state, count(*) FROM articles GROUP BY queue, state ORDER BY queue, state"
    ):
        found.setdefault(queue, {})[state] = number
    return found


def by_day(ledger: sqlite3.Connection, since: date) -> dict[str, dict[str, int]]:
    """Slug → day of publication → archived articles, from ``since`` on."""
    found: dict[str, dict[str, int]] = {}
    for queue, day, number in ledger.execute(
        "SELECT queue, day, count(*) FROM articles WHERE version > 0 AND day >= ? GROUP BY queue, day"
        " ORDER BY queue, day",
        (str(since),),
    ):
        found.setdefault(queue, {})[day] = number
    return found


def new_versions(ledger: sqlite3.Connection, run: int) -> list[tuple[int, int, str]]:
    """(news id, version, status) of what a run wrote beyond first versions."""
    return ledger.execute(
        "SELECT news_id, version, status FROM versions WHERE run = ? AND status <> 'new' ORDER BY 1, 2",
        (run,),
    ).fetchall()


def lists_read(ledger: sqlite3.Connection, run: int) -> int:
    """How many lists a run read, or was told of that they are unchanged."""
    query = "SELECT count(*) FROM lists WHERE run = ? AND state = 'done'"
    (number,) = ledger.execute(query, (run,)).fetchone()
    return int(number)
