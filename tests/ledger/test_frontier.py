"""The frontier: one article once, provinces in turn, limits, what one run leaves to the next."""

from __future__ import annotations

import sqlite3
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from crawler.ledger import accounts
from crawler.ledger.endings import Endings, Written
from crawler.ledger.found import Wanted
from crawler.ledger.frontier import Frontier
from crawler.ledger.runs import begin_run
from crawler.provinces import BY_SLUG

QOM, YAZD = BY_SLUG["qom"], BY_SLUG["yazd"]
START = datetime(2026, 11, 25, 6, tzinfo=UTC)


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


class Runs:
    """One ledger, run after run."""

    def __init__(self, ledger: sqlite3.Connection) -> None:
        self.ledger = ledger
        self.clock = Clock()
        self.number = 0
        self.wanted = Wanted()

    def begin(self, limit: int | None = None, extractor: str = "x/1", **wanted: object) -> Frontier:
        self.number = begin_run(self.ledger, f"{self.number}", "provinces", "", {}, {}, "")
        self.wanted = Wanted(limit, **{"provinces": (QOM, YAZD)} | wanted)  # type: ignore[arg-type]
        self.end = Endings(self.ledger, self.number, timedelta(hours=1), extractor, self.clock)
        return Frontier(self.ledger, self.number, self.wanted, extractor, clock=self.clock)

    def written(self, news_id: int, version: int = 1, day: str | None = None) -> None:
        row = Written(
            news_id, version, "new", 0, self.clock(), f"/{news_id}", "d", day, ("qom",), START, None
        )
        self.end.written(row)

    def account(self, *, finished: bool = True) -> accounts.Outcomes:
        return accounts.outcomes(self.ledger, self.number, self.wanted, finished=finished)


@pytest.fixture
def runs(ledger: sqlite3.Connection) -> Runs:
    return Runs(ledger)


def ids(frontier: Frontier, most: int) -> list[int]:
    return [found.news_id for found in frontier.take(most)]


def listed(frontier: Frontier, *news_ids: int) -> list[bool]:
    return [frontier.add(news_id, f"/{news_id}", "feed", QOM, QOM) for news_id in news_ids]


def test_an_article_of_two_lists_is_one_and_carries_both(runs: Runs) -> None:
    frontier = runs.begin()
    assert frontier.add(7, "/u", "feed", QOM, QOM)
    assert frontier.add(7, "/u", "section", YAZD, YAZD), "new in this run, whichever list says it"
    (found,) = frontier.take(5)
    assert found.listed_in == (("feed", QOM), ("section", YAZD))


def test_provinces_come_in_turn_and_the_newest_of_each_first(runs: Runs) -> None:
    frontier = runs.begin()
    listed(frontier, 1, 3, 2)
    frontier.add(9, "/u", "feed", YAZD, YAZD)
    assert ids(frontier, 2) == [3, 9]
    assert ids(frontier, 1) == [2]
    assert ids(frontier, 9) == [1]
    assert ids(frontier, 9) == []


def test_a_limit_is_filled_by_what_is_written(runs: Runs) -> None:
    frontier = runs.begin(limit=2)
    listed(frontier, 1, 2, 3, 4)
    assert frontier.is_full(QOM, 3)
    assert not frontier.is_full(YAZD, 3)
    assert ids(frontier, 1) + ids(frontier, 1) + ids(frontier, 1) == [4, 3]
    runs.end.failed(4, "HTTP 404", "gone")
    assert ids(frontier, 1) == [2]
    runs.written(3)
    runs.written(2)
    assert ids(frontier, 1) == []
    assert runs.account()["qom"]["skipped", accounts.BEYOND] == 1


def test_the_same_limit_again_brings_only_what_is_newer(runs: Runs) -> None:
    frontier = runs.begin(limit=2)
    listed(frontier, 1, 2, 3)
    assert ids(frontier, 5) == [3, 2]
    runs.written(3)
    runs.written(2)
    assert ids(runs.begin(limit=2), 5) == []
    frontier = runs.begin(limit=2)
    assert listed(frontier, 3, 4) == [False, True]
    assert ids(frontier, 5) == [4]
    assert ids(runs.begin(), 5) == [4, 1], "without a limit, what was left; 4 was cut off"


def test_what_is_skipped_while_it_waits_is_never_taken(runs: Runs) -> None:
    frontier = runs.begin()
    listed(frontier, 1, 2)
    runs.end.skipped(2, "outside since..until")
    assert ids(frontier, 5) == [1]
    assert runs.account(finished=False) == {
        "qom": Counter({("skipped", "outside since..until"): 1, ("open", ""): 1})
    }


def test_an_article_ends_once(runs: Runs) -> None:
    frontier = runs.begin(limit=1)
    listed(frontier, 1)
    assert ids(frontier, 1) == [1]
    runs.end.failed(1, "HTTP 500", "transient")
    runs.end.unchanged(1, START, None)
    assert runs.account()["qom"] == Counter({("failed", "HTTP 500"): 1})


def test_an_article_of_a_sitemap_counts_where_its_page_says(runs: Runs) -> None:
    frontier = runs.begin(limit=1)
    for news_id in (1, 2):
        frontier.add(news_id, "/u", "sitemap", None, None)
    assert ids(frontier, 5) == [2, 1]
    assert frontier.claim(2, QOM)
    assert not frontier.claim(1, QOM)
    assert frontier.claim(1, YAZD)


def test_a_list_that_links_to_itself_ends(runs: Runs) -> None:
    frontier = runs.begin()
    assert frontier.first_visit("u")
    assert not frontier.first_visit("u")


# -- from one run to the next ------------------------------------------------------------------------


def test_what_a_killed_run_had_in_flight_is_fetched_again_and_what_it_wrote_is_not(runs: Runs) -> None:
    frontier = runs.begin()
    listed(frontier, 1, 2, 3)
    assert ids(frontier, 2) == [3, 2]
    runs.written(3)
    frontier = runs.begin()
    assert ids(frontier, 9) == [2, 1]


def test_what_was_archived_is_known_and_not_fetched(runs: Runs) -> None:
    listed(frontier := runs.begin(), 1)
    ids(frontier, 1)
    runs.written(1)
    frontier = runs.begin()
    assert listed(frontier, 1) == [False]
    assert (frontier.known, ids(frontier, 9)) == (1, [])


@pytest.mark.parametrize(
    ("failing", "hours", "again"),
    [
        ("transient", 0, True),
        ("gone", 0, False),
        ("gone", 2, True),
        ("unreadable", 0, True),
    ],
)
def test_when_a_failure_is_looked_at_again(runs: Runs, failing: str, hours: int, again: bool) -> None:
    listed(frontier := runs.begin(), 1)
    ids(frontier, 1)
    runs.end.failed(1, "why", failing)  # type: ignore[arg-type]
    runs.clock.now += timedelta(hours=hours)
    assert ids(runs.begin(), 1) == [1] * again


def test_what_could_not_be_read_is_fetched_for_another_extractor(runs: Runs) -> None:
    listed(runs.begin(), 1)
    for _ in range(2):
        assert ids(runs.begin(), 1) == [1]
        runs.end.failed(1, "no template fits", "unreadable")
    assert ids(runs.begin(), 1) == [], "not before a day"
    assert ids(runs.begin(extractor="x/2"), 1) == [1]


def test_after_some_runs_in_vain_a_day_is_waited(runs: Runs) -> None:
    listed(runs.begin(), 1)
    for _ in range(5):
        assert ids(runs.begin(), 1) == [1]
        runs.end.failed(1, "timed out", "transient")
    assert ids(runs.begin(), 1) == []
    runs.clock.now += timedelta(days=1)
    assert ids(runs.begin(), 1) == [1]


def test_what_one_plan_did_not_want_another_takes_up_without_its_being_listed_again(runs: Runs) -> None:
    listed(frontier := runs.begin(), 1, 2)
    ids(frontier, 2)
    runs.end.skipped(1, "outside since..until", "2026-11-01", ("qom",))
    runs.end.skipped(2, "of no province that was asked for", None, ("tehran",))
    assert ids(runs.begin(since=START.date()), 9) == []
    assert ids(runs.begin(), 9) == [1]
    assert ids(runs.begin(provinces=(QOM, BY_SLUG["tehran"])), 9) == [2, 1], "1 was in flight"


def test_a_run_leaves_to_others_what_it_was_not_asked_for(runs: Runs) -> None:
    frontier = runs.begin()
    listed(frontier, 1)
    frontier.add(2, "/2", "sitemap", None, None)
    assert ids(runs.begin(provinces=(YAZD,), sitemaps=False), 9) == []
    assert ids(runs.begin(sitemaps=False), 9) == [1]
    assert ids(runs.begin(), 9) == [1, 2]


def test_include_and_exclude_go_by_the_address(runs: Runs) -> None:
    frontier = runs.begin(path=lambda path: path != "/2")
    listed(frontier, 1, 2)
    assert ids(frontier, 9) == [1]
    assert ids(runs.begin(), 9) == [2, 1]


def test_what_waits_is_not_taken_by_a_run_that_was_not_asked_for_it(runs: Runs) -> None:
    frontier = runs.begin()
    listed(frontier, 1, 2, 3)
    frontier.dated(3, "2026-11-01", "2026-11-01")
    assert ids(runs.begin(path=lambda path: path != "/2", since=START.date()), 9) == [1]
    assert runs.account() == {"qom": Counter({("open", ""): 1})}, "the other two are nothing of this run's"


# -- what is gone ------------------------------------------------------------------------------------


def test_gone_is_said_after_a_second_look_some_time_after_the_first(runs: Runs) -> None:
    listed(frontier := runs.begin(), 1)
    ids(frontier, 1)
    runs.written(1)
    looks = []
    for hours in (1, 0.5, 0.6):
        runs.clock.now += timedelta(hours=hours)
        runs.begin().take_again(1)
        looks.append(runs.end.failed(1, "HTTP 404", "gone"))
    assert looks == [False, False, True]


def test_an_article_that_comes_back_was_not_gone(runs: Runs) -> None:
    listed(frontier := runs.begin(), 1)
    ids(frontier, 1)
    runs.written(1)
    for end in ("gone", "back", "gone"):
        runs.clock.now += timedelta(hours=2)
        runs.begin().take_again(1)
        if end == "back":
            runs.end.unchanged(1, runs.clock(), None)
        else:
            assert not runs.end.failed(1, "HTTP 404", "gone")


def test_a_look_that_failed_leaves_what_is_archived_as_it_was(runs: Runs) -> None:
    listed(frontier := runs.begin(), 1)
    ids(frontier, 1)
    runs.written(1)
    frontier = runs.begin()
    frontier.take_again(1)
    runs.end.failed(1, "timed out", "transient")
    assert runs.account()["qom"] == Counter({("failed", "timed out"): 1})
    assert accounts.standing(runs.ledger) == {"qom": {"done": 1}}
