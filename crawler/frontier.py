"""Which articles are known, where each was listed, which comes next, and how each ended.

In memory and of one run. Every discovered article ends as written, skipped or failed, with a reason, so
that the account closes: discovered = written + skipped + failed + open.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from crawler.provinces import Province

Lane = Literal["feed", "section", "sitemap"]  # the kinds of lists that name articles
Outcome = Literal["written", "skipped", "failed"]
Place = tuple[Lane, Province]
UNKNOWN = ""  # the queue of articles whose province only their own page will tell


@dataclass(slots=True)
class Found:
    """A discovered article. ``url`` is emptied when the article has ended: a long crawl stays small."""

    news_id: int
    url: str
    listed_in: tuple[Place, ...]
    queue: str  # slug of the province whose limit it counts against
    taken: bool = False
    ended: tuple[Outcome, str] | None = None


class Frontier:
    """The articles of a crawl. ``limit``: articles a province, None for all; ``provinces``: those wanted."""

    def __init__(self, limit: int | None = None, provinces: Iterable[Province] = ()) -> None:
        self._limit = limit
        self._slugs = [province.slug for province in provinces]
        self._articles: dict[int, Found] = {}
        self._queues: dict[str, list[int]] = {}  # slug → heap of negated ids: the newest comes first
        self._waiting: Counter[str] = Counter()
        self._taken: Counter[str] = Counter()  # under way or written
        self._pages: set[str] = set()

    def add(
        self, news_id: int, url: str, lane: Lane, province: Province | None, expected: Province | None
    ) -> bool:
        """Note that an article is listed somewhere. True where it was not known before.

        ``province``: whose list it surely is; ``expected``: whose limit it counts against, sure or not.
        """
        places: tuple[Place, ...] = ((lane, province),) if province else ()
        if known := self._articles.get(news_id):
            known.listed_in += tuple(place for place in places if place not in known.listed_in)
            return False
        queue = expected.slug if expected else UNKNOWN
        self._articles[news_id] = Found(news_id, url, places, queue)
        heapq.heappush(self._queues.setdefault(queue, []), -news_id)
        self._waiting[queue] += 1
        return True

    def first_visit(self, url: str) -> bool:
        """True the first time a list page is asked for: a list that links to itself ends."""
        new = url not in self._pages
        self._pages.add(url)
        return new

    def is_full(self, province: Province) -> bool:
        """True where the articles known of a province fill its limit: its list need not be walked on."""
        known = self._taken[province.slug] + self._waiting[province.slug]
        return self._limit is not None and known >= self._limit

    def lacks(self, province: Province) -> bool:
        """True where a province has neither filled its limit nor anything left to try."""
        return not self._has_enough(province.slug) and not self._waiting[province.slug]

    def _has_enough(self, queue: str) -> bool:
        if self._limit is None:
            return False
        if queue == UNKNOWN:  # perhaps of a province that still wants some
            return bool(self._slugs) and all(self._taken[slug] >= self._limit for slug in self._slugs)
        return self._taken[queue] >= self._limit

    def probe(self, province: Province) -> Found | None:
        """One article of a province, to learn from its page; one that was skipped if none waits."""
        found = self._next_of(province.slug) if province.slug in self._queues else None
        if found is None:
            skipped = (f for f in self._articles.values() if f.queue == province.slug and not f.taken)
            found = next(skipped, None)
        return found

    def take(self, most: int) -> Iterator[Found]:
        """The next articles to fetch, at most ``most``; provinces in turn, the newest of each first."""
        while most > 0:
            before = most
            for queue in list(self._queues):
                if most > 0 and (found := self._next_of(queue)):
                    most -= 1
                    yield found
            if most == before:
                return

    def _next_of(self, queue: str) -> Found | None:
        heap = self._queues.pop(queue)
        if self._has_enough(queue):
            self._queues[queue] = heap  # comes into its turn again if one of those under way fails
            return None
        while heap:
            found = self._articles[-heapq.heappop(heap)]
            if found.ended is None:
                self._waiting[queue] -= 1
                self._taken[queue] += 1
                found.taken = True
                if heap:
                    self._queues[queue] = heap  # at the end of the dict: the other provinces come first
                return found
        return None

    def claim(self, news_id: int, province: Province) -> bool:
        """Count an article against the province that its page names. False: that one is full."""
        found = self._articles[news_id]
        if found.queue != province.slug:
            if self._has_enough(province.slug):
                return False
            self._taken[found.queue] -= 1
            self._taken[province.slug] += 1
            found.queue = province.slug
        return True

    def __getitem__(self, news_id: int) -> Found:
        return self._articles[news_id]

    def settle(self, news_id: int, outcome: Outcome, reason: str = "") -> None:
        """How an article ended. One that was not written leaves its place in the limit to the next."""
        found = self._articles[news_id]
        if found.ended is not None:
            return
        found.ended = (outcome, reason)
        found.url = ""
        if not found.taken:
            self._waiting[found.queue] -= 1
        elif outcome != "written":
            self._taken[found.queue] -= 1

    def settle_open(self, reason: str) -> None:
        """The crawl is over: what was not reached is skipped, for this reason."""
        for news_id in [found.news_id for found in self._articles.values() if found.ended is None]:
            self.settle(news_id, "skipped", reason)

    def not_written(self) -> dict[str, list[int]]:
        """ "outcome: reason" → the news ids that ended so, written ones left out."""
        found: dict[str, list[int]] = {}
        for article in self._articles.values():
            outcome, reason = article.ended or ("open", "")
            if outcome != "written":
                found.setdefault(f"{outcome}: {reason}", []).append(article.news_id)
        return {reason: sorted(ids) for reason, ids in sorted(found.items())}

    def account(self) -> dict[str, Counter[tuple[str, str]]]:
        """Slug of the queue → how many articles ended so: (outcome, reason); "open" is still to come."""
        counts: dict[str, Counter[tuple[str, str]]] = {}
        for found in self._articles.values():
            counts.setdefault(found.queue, Counter())[found.ended or ("open", "")] += 1
        return counts
