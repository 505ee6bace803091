"""Where a collection may have holes: provinces that fell silent, and days without any article."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from itertools import pairwise
from statistics import quantiles

WINDOW = timedelta(days=60)  # of days of publication that are looked at
FEWEST_DAYS = 5  # with fewer there is no rhythm to speak of


def silent(days: Iterable[date], today: date) -> tuple[int, int] | None:
    """(days since the last article, days that are usual) where that is longer than usual; else None.

    Usual is the longest pause but for one in ten, and a day more.

    >>> week = [date(2026, 11, day) for day in range(1, 8)]
    >>> silent(week, date(2026, 11, 9)), silent(week, date(2026, 11, 12))
    (None, (5, 2))
    """
    known = sorted(set(days))
    if len(known) < FEWEST_DAYS:
        return None
    pauses = [(later - earlier).days for earlier, later in pairwise(known)]
    usual = round(quantiles(pauses, n=10)[-1]) + 1
    since = (today - known[-1]).days
    return (since, usual) if since > usual else None


def missing(days: Iterable[date]) -> list[date]:
    """Days without any article between two days with some.

    >>> [str(day) for day in missing([date(2026, 11, 1), date(2026, 11, 4)])]
    ['2026-11-02', '2026-11-03']
    """
    known = set(days)
    if not known:
        return []
    span = (max(known) - min(known)).days
    return [day for n in range(span) if (day := min(known) + timedelta(days=n)) not in known]


def gaps(articles: Mapping[str, Mapping[str, int]], today: date) -> dict[str, dict[str, object]]:
    """Slug → what looks like a hole in it. ``articles``: slug → day → how many, of the window."""
    found: dict[str, dict[str, object]] = {}
    for slug, counts in articles.items():
        days = [date.fromisoformat(day) for day in counts if date.fromisoformat(day) <= today]
        said: dict[str, object] = {}
        if pause := silent(days, today):
            said["silent_days"], said["usual_days"] = pause
        if holes := missing(days):
            said["days_without_any"] = [str(day) for day in holes]
        if said and slug:
            found[slug] = said
    return found
