"""Which monthly sitemap can hold an article of the days asked for.

How the site names its months is not known (2026-11): so a year and month are looked for in the address,
Jalali or Gregorian by the year's range, then in ``<lastmod>``; a map that says neither is read.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from crawler.normalise.dates import gregorian

_YEAR_MONTH = re.compile(r"(?<!\d)(1[34]\d\d|20\d\d)[-_/.]?(0?[1-9]|1[0-2])(?!\d)")


def month_of(url: str) -> tuple[date, date] | None:
    """First and last day of the month that an address names, or None.

    >>> [str(day) for day in month_of("https://www.yjc.ir/sitemap-1404-07.xml")]
    ['2025-09-23', '2025-10-22']
    >>> [str(day) for day in month_of("/fa-sitemap-2025-2")]
    ['2025-02-01', '2025-02-28']
    """
    match = _YEAR_MONTH.search(url)
    if match is None:
        return None
    year, month = int(match[1]), int(match[2])
    following = (year + month // 12, month % 12 + 1)
    if year < 1900:
        first, after = gregorian(year, month, 1), gregorian(*following, 1)
    else:
        first, after = date(year, month, 1), date(*following, 1)
    return first, after - timedelta(days=1)


def may_hold(url: str, modified: date | None, since: date | None, until: date | None) -> bool:
    """False only where the map surely has no article of since..until.

    >>> [may_hold(f"/m-1404-{month}", None, date(2025, 10, 1), None) for month in ("07", "06")]
    [True, False]
    >>> may_hold("/m?p=3", date(2020, 1, 1), date(2025, 10, 1), None)
    False
    """
    if month := month_of(url):
        return (since is None or month[1] >= since) and (until is None or month[0] <= until)
    # Nothing that a map lists was published after the map was last changed.
    return since is None or modified is None or modified >= since
