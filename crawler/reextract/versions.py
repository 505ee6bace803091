"""Which captures become rows: what a crawl's ledger does day by day, done at once over the whole archive."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Literal

from crawler.reextract.candidates import Event

Status = Literal["new", "edited", "gone"]


@dataclass(frozen=True, slots=True)
class Decision:
    """A row to be written. ``source``: the capture that has the payload: its own, or the one that a revisit
    refers to. ``before``: the version before it, which a tombstone tells of."""

    event: Event
    source: Event
    version: int
    status: Status
    first_seen: datetime
    before: Decision | None = None


def decide(events: Iterable[Event]) -> Iterator[Decision]:
    """The rows of an archive, article by article. ``events``: of all files, in any order."""
    ordered = sorted(events, key=lambda event: (event.news_id, event.visit.fetched_at, _place(event)))
    for _, of_article in groupby(ordered, key=attrgetter("news_id")):
        yield from _of_article(list(of_article))


def _place(event: Event) -> tuple[str, int]:
    assert event.visit.warc is not None
    return event.visit.warc.file, event.visit.warc.offset


def _of_article(events: list[Event]) -> Iterator[Decision]:
    originals: dict[tuple[str, str], Event] = {}
    last: Decision | None = None
    missing: datetime | None = None  # since when nothing was there
    for event in events:
        at, source = event.visit.fetched_at, _source(event, originals)
        if event.visit.warc:
            originals[event.visit.url, event.visit.warc.date] = source or event
            originals[event.visit.url, event.visit.warc.payload_digest] = source or event
        kind = source.kind if source else event.kind
        if kind == "gone":
            second = missing is not None and at - event.second_look >= missing
            if last and last.status != "gone" and second:
                last, missing = _next(last, event, source or event, "gone"), None
                yield last
            else:
                missing = missing or at
        elif kind in ("unchanged", "unreadable"):
            missing = None
        elif kind == "page" and source and not event.skipped:
            missing = None
            if last is None:
                last = Decision(event, source, 1, "new", at)
                yield last
            elif last.status == "gone" or source.digest != last.source.digest:
                last = _next(last, event, source, "edited")
                yield last


def _next(last: Decision, event: Event, source: Event, status: Status) -> Decision:
    return Decision(event, source, last.version + 1, status, last.first_seen, last)


def _source(event: Event, originals: dict[tuple[str, str], Event]) -> Event | None:
    """The capture that has the payload; None where it is in no file that was read."""
    if event.refers_to is None:
        return event
    # Some programs give no date, or one with fewer figures: the digest is the same.
    digest = event.visit.warc.payload_digest if event.visit.warc else ""
    return originals.get(event.refers_to) or originals.get((event.refers_to[0], digest))
