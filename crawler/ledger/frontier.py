"""Which articles are known, where each was listed, which comes next, and how each ended.

A crawl's frontier is the ledger's table of articles, seen through what the crawl is asked for. It outlives
the crawl: what one run leaves waiting, or loses in a crash, the next one takes up.

discovered → fetching → done · failed · skipped; a done one that is not there any more: gone. What became of
it in a run is its outcome; for each run discovered = written + unchanged + gone + skipped + failed + open.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from crawler.ledger.endings import KEPT, Endings, now
from crawler.ledger.found import SITEMAP, UNKNOWN, Found, Lane, Place, Wanted
from crawler.ledger.schema import stamp
from crawler.provinces import BY_SLUG, Province

AT_HAND = 256  # more than are ever under way at once
_COLUMNS = "news_id, path, queue, version, text_sha256, first_seen, etag, feed_date"
EXCLUDED = "left out by include= or exclude="
FITS = "fits(path, day, stands_in)"  # the crawl's own question, see Wanted
_IN_DAYS = "(day IS NULL OR day BETWEEN ? AND ?)"


class Frontier:
    """The articles of one crawl. ``run``: its number in the ledger; ``extractor``: what reads its pages;
    ``takes_up``: whether the crawl brings what earlier ones left."""

    def __init__(
        self,
        ledger: sqlite3.Connection,
        run: int,
        wanted: Wanted,
        extractor: str = "",
        *,
        takes_up: bool = True,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._ledger, self._run, self._wanted, self._clock = ledger, run, wanted, clock
        self._endings = Endings(ledger, run, clock=clock)
        self._turn = wanted.queues
        self._pages: set[str] = set()
        self._at_hand: dict[int, Found] = {}  # the last that were taken: each is asked for several times
        self._known: set[int] = set()  # listed in this run, dealt with in an earlier one
        ledger.create_function("fits", 3, wanted.fits, deterministic=True)
        self._put_down()
        if takes_up:
            self._take_up(extractor)
        ledger.commit()

    def _put_down(self) -> None:
        """What was in flight when an earlier run was killed."""
        self._ledger.execute(f"UPDATE articles SET state = {KEPT} WHERE state = 'fetching' AND version > 0")
        self._ledger.execute("UPDATE articles SET state = 'discovered' WHERE state = 'fetching'")

    def _take_up(self, extractor: str) -> None:
        """What earlier runs left that is due again, or was not wanted then."""
        asked = f"queue IN ({','.join('?' * len(self._wanted.queues))})"
        execute, queues = self._ledger.execute, self._wanted.queues
        execute(
            f"UPDATE articles SET state = 'discovered' WHERE state = 'skipped' AND {asked} AND {FITS}",
            queues,
        )
        execute(
            f"UPDATE articles SET state = 'discovered' WHERE state = 'failed' AND {asked}"
            " AND (retry_at <= ? OR (missing_since IS NULL AND extractor <> ?))",
            [*queues, stamp(self._clock()), extractor],
        )

    # -- discovery ---------------------------------------------------------------------------------

    def add(
        self, news_id: int, path: str, lane: Lane, province: Province | None, expected: Province | None
    ) -> bool:
        """Note that an article is listed somewhere. True where it was not known to stand there before.

        ``province``: whose list it surely is; ``expected``: whose limit it counts against, sure or not.
        """
        row = self._ledger.execute(
            "SELECT state, queue, version, day, stands_in, retry_at, found_run, run FROM articles"
            " WHERE news_id = ?",
            (news_id,),
        ).fetchone()
        if row is None:
            stray = SITEMAP if lane == "sitemap" else UNKNOWN
            self._insert(news_id, path, expected.slug if expected else stray)
        elif self._run not in row[-2:]:
            if lane != "sitemap":
                self._known.add(news_id)
            self._listed_again(news_id, path, expected, row)
        fresh = row is None or row[-2] == self._run
        if province:
            self._at_hand.pop(news_id, None)
            place = self._ledger.execute(
                "INSERT OR IGNORE INTO places VALUES (?, ?, ?)", (news_id, lane, province.slug)
            )
            # It may be known from another list, whose run did not come to this one.
            fresh = place.rowcount > 0
        return fresh

    def _listed_again(self, news_id: int, path: str, expected: Province | None, row: tuple[Any, ...]) -> None:
        """What another plan left, under another province or for its own reasons, may be wanted now."""
        state, queue, version, day, stands_in, retry_at, *_ = row
        if expected and not version:
            if queue not in self._wanted.queues or queue in (UNKNOWN, SITEMAP):
                queue = expected.slug
            if stands_in is not None and expected.slug not in stands_in.split():
                stands_in = f"{stands_in} {expected.slug}"
        due = retry_at is not None and retry_at <= stamp(self._clock())
        again = (state == "skipped" and self._wanted.fits(path, day, stands_in)) or (
            state in ("failed", "gone") and due
        )
        self._ledger.execute(
            "UPDATE articles SET state = ?, queue = ?, stands_in = ? WHERE news_id = ?",
            ("discovered" if again else state, queue, stands_in, news_id),
        )

    def _insert(self, news_id: int, path: str, queue: str) -> None:
        self._ledger.execute(
            "INSERT INTO articles (news_id, path, queue, state, outcome, reason, run, found_run, found_at,"
            " tries, version) VALUES (?, ?, ?, 'discovered', '', '', ?, ?, ?, 0, 0)",
            (news_id, path, queue, self._run, self._run, stamp(self._clock())),
        )
        if not self._wanted.path(path):
            self._endings.skipped(news_id, EXCLUDED)

    def dated(self, news_id: int, day: str, raw: str) -> None:
        """A feed tells when an article was published. Of one that is not archived it may have told another
        day before."""
        self._at_hand.pop(news_id, None)
        self._ledger.execute("UPDATE articles SET feed_date = ? WHERE news_id = ?", (raw, news_id))
        self._ledger.execute(
            "UPDATE articles SET day = ?, state = CASE WHEN state = 'skipped' AND run <> ?"
            " AND fits(path, ?, stands_in) THEN 'discovered' ELSE state END"
            " WHERE news_id = ? AND version = 0 AND state IN ('discovered', 'skipped')",
            (day, self._run, day, news_id),
        )

    def first_visit(self, url: str) -> bool:
        """True the first time a list page is asked for: a list that links to itself ends."""
        new = url not in self._pages
        self._pages.add(url)
        return new

    @property
    def known(self) -> int:
        """How many articles were listed that earlier runs had dealt with."""
        return len(self._known)

    # -- limits ------------------------------------------------------------------------------------

    def is_full(self, province: Province, floor: int) -> bool:
        """True where what is known from this id on fills a province's limit: its list can wait."""
        where = "state IN ('done', 'fetching', 'discovered') AND news_id >= ?"
        return self._fills(province.slug, where, [floor])

    def lacks(self, province: Province, floor: int) -> bool:
        """True where a province's limit is not filled from this id on, and nothing is left to try."""
        return not self._has_enough(province.slug, floor - 1) and self._next_of(province.slug) is None

    def _has_enough(self, queue: str, newer_than: int = 0) -> bool:
        """Whether the limit is filled by what is newer, or by what this run has brought or is fetching."""
        if self._wanted.limit is None:
            return False
        if queue in (UNKNOWN, SITEMAP):  # perhaps of a province that still wants some
            return all(self._has_enough(province.slug) for province in self._wanted.provinces)
        held = "state IN ('done', 'fetching')"
        return self._fills(queue, f"{held} AND news_id > ?", [newer_than]) or self._fills(
            queue, f"{held} AND run = ?", [self._run]
        )

    def _fills(self, queue: str, where: str, values: list[object]) -> bool:
        """Whether as many articles of a queue as its limit says are so."""
        limit = self._wanted.limit
        if limit is None:
            return False
        (number,) = self._ledger.execute(
            f"SELECT count(*) FROM (SELECT 1 FROM articles WHERE queue = ? AND {where} AND {_IN_DAYS}"
            " LIMIT ?)",
            [queue, *values, *self._wanted.days, limit],
        ).fetchone()
        return bool(number >= limit)

    def claim(self, news_id: int, province: Province) -> bool:
        """Count an article against the province that its page names. False: that one is full; then it waits
        there, and for no other."""
        queue = self[news_id].queue
        if queue == province.slug:
            return True
        is_full = self._has_enough(province.slug, news_id)
        self._at_hand.pop(news_id, None)
        self._ledger.execute("UPDATE articles SET queue = ? WHERE news_id = ?", (province.slug, news_id))
        return not is_full

    # -- what comes next ---------------------------------------------------------------------------

    def take(self, most: int) -> Iterator[Found]:
        """The next articles to fetch, at most ``most``; provinces in turn, the newest of each first."""
        empty = 0
        while most > 0 and empty < len(self._turn):
            queue = self._turn.pop(0)
            self._turn.append(queue)
            found = self._next_of(queue)
            if found is None or self._has_enough(queue, found.news_id):
                empty += 1
                continue
            empty, most = 0, most - 1
            yield self._fetching(found)

    def probe(self, province: Province) -> Found | None:
        """One article of a province, to learn from its page; one that was dealt with if none waits."""
        found = self._next_of(province.slug)
        if found is None or self._has_enough(province.slug, found.news_id):
            found = self._first_of("queue = ? AND state IN ('skipped', 'done')", [province.slug])
        return self._fetching(found) if found else None

    def due(self, where: str, values: list[object]) -> list[int]:
        """Archived articles that are to be looked at again, by a condition on the table (see ``recheck``)."""
        rows = self._ledger.execute(
            f"SELECT news_id FROM articles WHERE {where} AND fits(path, NULL, NULL) ORDER BY news_id", values
        )
        return [news_id for (news_id,) in rows]

    def take_again(self, news_id: int) -> Found:
        """An archived article, to be fetched once more."""
        return self._fetching(self[news_id])

    def _next_of(self, queue: str) -> Found | None:
        return self._first_of(f"queue = ? AND state = 'discovered' AND {FITS}", [queue])

    def _first_of(self, where: str, values: list[object]) -> Found | None:
        row = self._ledger.execute(
            f"SELECT {_COLUMNS} FROM articles WHERE {where} ORDER BY news_id DESC LIMIT 1", values
        ).fetchone()
        return self._found(row) if row else None

    def _fetching(self, found: Found) -> Found:
        self._ledger.execute(
            "UPDATE articles SET state = 'fetching', run = ?, outcome = '', reason = '' WHERE news_id = ?",
            (self._run, found.news_id),
        )
        self._at_hand[found.news_id] = found
        if len(self._at_hand) > AT_HAND:
            del self._at_hand[next(iter(self._at_hand))]
        return found

    def __getitem__(self, news_id: int) -> Found:
        """With all the places where it was listed by now. KeyError."""
        if found := self._at_hand.get(news_id):
            return found
        row = self._ledger.execute(
            f"SELECT {_COLUMNS} FROM articles WHERE news_id = ?", (news_id,)
        ).fetchone()
        if row is None:
            raise KeyError(news_id)
        return self._found(row)

    def _found(self, row: tuple[Any, ...]) -> Found:
        news_id, path, queue, *known = row
        places: list[Place] = [
            (lane, BY_SLUG[slug])
            for lane, slug in self._ledger.execute(
                "SELECT lane, province FROM places WHERE news_id = ? ORDER BY lane, province", (news_id,)
            )
        ]
        return Found(news_id, path, queue, tuple(places), *known)
