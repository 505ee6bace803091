"""What a frontier hands out, and the words for where an article was found and how it ended."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from crawler.provinces import Province

Lane = Literal["feed", "section", "sitemap"]  # the kinds of lists that name articles
Place = tuple[Lane, Province]
# What became of an article in a run. missing: an article of ours is not there any more, on a first look.
Outcome = Literal["written", "unchanged", "missing", "gone", "skipped", "failed"]
# Queues of articles whose province only their page will tell: listed beside a province's, or in a sitemap.
UNKNOWN = ""
SITEMAP = "(sitemap)"


@dataclass(frozen=True, slots=True)
class Found:
    """An article that is to be fetched. ``path`` is its address, from the site's root on.

    ``version``: of its last row, 0 where it has none; ``etag``: of its last good answer; ``feed_date``: of
    its publication, as a feed wrote it.
    """

    news_id: int
    path: str
    queue: str  # slug of the province whose limit it counts against
    listed_in: tuple[Place, ...] = ()
    version: int = 0
    text_sha256: str | None = None
    first_seen: int | None = None
    etag: str | None = None
    feed_date: str | None = None


def anything(path: str) -> bool:  # noqa: ARG001  # the filter that lets all pass
    """Every address is wanted."""
    return True


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which articles a crawl is to bring.

    ``limit``: articles a province, the newest; what the collection holds already counts. ``sitemaps``: also
    those that only a sitemap names.
    """

    limit: int | None = None
    provinces: tuple[Province, ...] = ()
    since: date | None = None
    until: date | None = None
    sitemaps: bool = True
    path: Callable[[str], bool] = anything

    @property
    def queues(self) -> list[str]:
        return [province.slug for province in self.provinces] + [UNKNOWN] + [SITEMAP] * self.sitemaps

    @property
    def days(self) -> tuple[str, str]:
        """First and last day, as the ledger compares them."""
        return str(self.since or "0000"), str(self.until or "9999")

    def fits(self, path: str, day: str | None, stands_in: str | None) -> bool:
        """Whether an article that was left out once is wanted now, by all that is known of it."""
        first, last = self.days
        if day is not None and not first <= day <= last:
            return False
        return self.path(path) and (stands_in is None or self.of_asked(stands_in.split()))

    def of_asked(self, slugs: Iterable[str]) -> bool:
        return any(province.slug in slugs for province in self.provinces)
