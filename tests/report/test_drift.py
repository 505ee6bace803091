"""Layout drift, gaps and diffs: what is called a change, and what is not."""

from __future__ import annotations

import sqlite3
from collections import Counter
from datetime import date

import pytest

from crawler.account import ARTICLES
from crawler.report.drift import EVERY, drift, keep_fields
from crawler.report.gaps import gaps

Filled = dict[tuple[str, str], Counter[str]]


def filled(articles: int, template: str = "C", slug: str = "qom", **fields: int) -> Filled:
    """Every field is on each article, but for those named."""
    names = ("kicker", "lead", "body", "dateline", "author", "source", "city", "province", "published")
    counts = Counter({name: fields.get(name, articles) for name in names})
    counts[ARTICLES] = articles
    return {(template, slug): counts}


@pytest.mark.parametrize(
    ("before", "now", "unfit", "fallen"),
    [
        (filled(100), filled(100), 0, []),
        (filled(100), filled(100, lead=0), 0, [("C", "(all)", "lead")]),
        (filled(100), filled(100, lead=60, body=0), 0, [("C", "(all)", "lead"), ("C", "(all)", "body")]),
        (filled(100), filled(100, lead=80), 0, []),  # not by so much
        (filled(100, lead=45), filled(10, lead=0), 0, []),  # comes by chance now and then
        (filled(100, lead=45), filled(40, lead=0), 0, [("C", "(all)", "lead")]),
        (filled(100), filled(9, lead=0), 0, []),  # too few
        (filled(22), filled(11, lead=7), 0, []),  # that all of 22 had it does not say that each has
        (filled(22), filled(11, lead=0), 0, [("C", "(all)", "lead")]),
        (filled(2000), filled(11, lead=7), 0, [("C", "(all)", "lead")]),
        (filled(9), filled(100, lead=0), 0, []),
        (filled(100, lead=0), filled(100), 0, []),  # a rise is no fall
        (filled(100), {}, 30, [("C", "(all)", EVERY)]),
        (filled(100), {}, 0, []),  # no pages came at all
        (
            filled(300) | filled(20, slug="yazd"),
            filled(300) | filled(20, slug="yazd", city=0),
            0,
            [("C", "yazd", "city")],
        ),
    ],
)
def test_what_is_called_drift(
    before: Filled, now: Filled, unfit: int, fallen: list[tuple[str, str, str]], ledger: sqlite3.Connection
) -> None:
    keep_fields(ledger, 1, before)
    found = drift(ledger, 2, now, unfit)
    assert [(fall["template"], fall["province"], fall["field"]) for fall in found] == fallen


def test_only_the_last_runs_are_compared_with(ledger: sqlite3.Connection) -> None:
    """A redesign whose new page class is there: after some runs the alarm ends."""
    keep_fields(ledger, 1, filled(1000))
    for run in range(2, 7):
        keep_fields(ledger, run, filled(100, lead=0))
    assert drift(ledger, 7, filled(100, lead=0), 0) == []


def test_gaps_are_of_provinces_with_a_rhythm() -> None:
    daily = {f"2026-11-{day:02}": 3 for day in range(1, 15) if day != 9}
    found = gaps({"qom": daily, "yazd": {"2026-11-01": 1}, "": daily}, date(2026, 11, 25))
    assert found == {
        "qom": {"silent_days": 11, "usual_days": 3, "days_without_any": ["2026-11-09"]},
    }
