"""What a run has left, and what still waits."""

from __future__ import annotations

import sqlite3
from datetime import date

from crawler.ledger.accounts import waiting
from crawler.ledger.found import Wanted
from crawler.ledger.frontier import Frontier
from crawler.ledger.overview import Left, left_by
from crawler.provinces import BY_SLUG

QOM, YAZD = BY_SLUG["qom"], BY_SLUG["yazd"]


def test_counts(ledger: sqlite3.Connection) -> None:
    articles = [
        (1, "qom", "discovered", "2026-11-01"),
        (2, "qom", "fetching", "2026-11-20"),
        (3, "qom", "done", "2026-11-20"),
        (4, "yazd", "discovered", None),
        (5, "", "discovered", None),
        (6, "(sitemap)", "discovered", None),
        (7, "gilan", "failed", None),
    ]
    ledger.executemany(
        "INSERT INTO articles (news_id, path, queue, state, day, outcome, reason, run, found_run, found_at,"
        " tries, version) VALUES (?, '/', ?, ?, ?, '', '', 2, 2, 0, 0, 0)",
        articles,
    )
    ledger.executemany("INSERT INTO versions VALUES (?, 1, 'new', ?, 0, 0, '')", [(3, 2), (9, 1)])
    assert left_by(ledger, 2) == Left(rows=1, captures=0, waiting=5)
    assert left_by(ledger, 7) == Left(rows=0, captures=0, waiting=5)

    def waits(wanted: Wanted) -> int:
        """As a crawl that is asked for it sees it; none is in flight."""
        Frontier(ledger, 3, wanted)
        return waiting(ledger, wanted)

    assert waits(Wanted(provinces=(QOM, YAZD))) == 5
    assert waits(Wanted(provinces=(QOM,), sitemaps=False)) == 3
    assert waits(Wanted(provinces=(QOM,), since=date(2026, 11, 2), sitemaps=False)) == 2
