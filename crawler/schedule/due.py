"""What is due now, what was missed, and what comes next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import merge

from crawler.schedule.file import Crawl

LATE = timedelta(minutes=2)  # a start within that is on time
MOST_MISSED = 10_000  # counted; a schedule that stood still for years


@dataclass(frozen=True, slots=True)
class Due:
    """``at``: the last moment at which it was due; ``missed``: how many before that one came to nothing;
    ``late``: it stands for those, or comes long after its own."""

    crawl: Crawl
    at: datetime
    missed: int
    late: bool


def due_now(crawls: Iterable[Crawl], handled: Mapping[str, datetime], now: datetime) -> list[Due]:
    """Crawls with a due moment behind ``handled`` (name → up to when its moments are dealt with), in the
    order of those moments; of the same moment first what comes again last, which would be missed for longest.
    What was missed is caught up once: one Due a crawl. One that is not in ``handled``
    is new, and due from now on."""
    found = []
    for crawl in crawls:
        if crawl.name not in handled:
            continue
        moments = _some(crawl.rule().between(handled[crawl.name], now))
        if moments:
            at = moments[-1]
            found.append(Due(crawl, at, len(moments) - 1, len(moments) > 1 or now - at > LATE))
    return sorted(found, key=lambda due: (due.at, -_until_next(due)))  # stable: then as the file has it


def _until_next(due: Due) -> float:
    """Seconds; infinite of what does not come again."""
    after = due.crawl.rule().after(due.at)
    return (after - due.at).total_seconds() if after else float("inf")


def _some(moments: Iterator[datetime]) -> list[datetime]:
    """Of a very long time only the last ones: the count is then a lower bound."""
    found: list[datetime] = []
    for moment in moments:
        found.append(moment)
        if len(found) > MOST_MISSED:
            del found[0]
    return found


def next_runs(crawls: Iterable[Crawl], now: datetime, until: datetime) -> Iterator[tuple[datetime, Crawl]]:
    """Every coming moment, in order."""
    each = [_of_one(place, crawl, now, until) for place, crawl in enumerate(crawls)]
    for moment, _, crawl in merge(*each, key=lambda one: one[:2]):
        yield moment, crawl


def _of_one(
    place: int, crawl: Crawl, now: datetime, until: datetime
) -> Iterator[tuple[datetime, int, Crawl]]:
    for moment in crawl.rule().between(now, until):
        yield moment, place, crawl
