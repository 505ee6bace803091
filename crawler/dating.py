"""The dates of an article, each read or refused by itself, and which of them is its date of publication.

In this order, the first that tells a time of day; where none does, the first that could be read: the page's
machine date (it has an offset), the printed one, the feed's. The path of the lead image and the Last-Modified
header are kept beside them and never chosen: pictures are used again after years, and a page that a server
makes anew has no other age than that of its making.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import combinations

from crawler.items import Article, Dated, DateOrigin
from crawler.normalise.dates import jalali, read
from crawler.sites.urls import day_in_path

CHOSEN_FROM: tuple[DateOrigin, ...] = ("meta", "printed", "feed")
DISAGREEMENT = timedelta(hours=1)
_AHEAD = timedelta(days=1)


def dates_of(article: Article) -> list[Dated]:
    """Every date of publication that is told, in the order of choice, then the two that are only kept."""
    return [read_date(raw, origin, article.fetched_at) for origin, raw in _told(article)]


def _told(article: Article) -> Iterator[tuple[DateOrigin, str]]:
    raw = article.raw
    told: dict[DateOrigin, str | None] = {
        "meta": raw.published_meta if raw else None,
        "printed": raw.published if raw else None,
        "feed": raw.published_feed if raw else None,
        "image": day_in_path(raw.images[0].url) if raw and raw.images else None,
        "header": article.http.last_modified,
    }
    for origin, words in told.items():
        if words is not None:
            yield origin, words


def read_date(raw: str, origin: DateOrigin, now: datetime) -> Dated:
    """``now``: when it was fetched. A date over a day later is refused (seen on a sister site)."""
    found = read(raw, now)
    if found.at is None:
        return Dated(origin=origin, raw=raw, refused=found.reason)
    if found.at > now + _AHEAD:
        return Dated(origin=origin, raw=raw, refused="later than the day after its capture")
    return Dated(
        at=found.at,
        jalali=jalali(found.at),
        precision=found.precision,
        ambiguous=found.fold,
        origin=origin,
        rule=found.rule,
        raw=raw,
    )


def chosen(dates: Iterable[Dated]) -> Dated | None:
    """The date of publication; a refused one where none could be read, None where none is told."""
    told = [date for date in dates if date.origin in CHOSEN_FROM]
    read = [date for date in told if date.at]
    timed = [date for date in read if date.precision != "day"]
    return next(iter(timed or read or told), None)


def disagree(dates: Iterable[Dated]) -> bool | None:
    """Whether two of those that are chosen from differ by more than an hour, or name different days where one
    tells no time; None where fewer than two could be read."""
    pairs = [*combinations((date for date in dates if date.at and date.origin in CHOSEN_FROM), 2)]
    return any(_differ(one, other) for one, other in pairs) if pairs else None


def _differ(one: Dated, other: Dated) -> bool:
    if "day" in (one.precision, other.precision) or one.at is None or other.at is None:
        return one.jalali != other.jalali
    return abs(one.at - other.at) > DISAGREEMENT
