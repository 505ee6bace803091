"""What a crawl is asked for, behind ``-a`` and ``-s``: read once, before the first request."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import get_args

from crawler.frontier import Lane
from crawler.normalise.dates import read_day
from crawler.provinces import PROVINCES, Province, choose
from crawler.sites import Site, load
from crawler.warc.playback import root_of

ALLOWED = ("provinces", "via", "since", "until", "limit")
REQUISITES = ("none", "page", "all")  # what of a page's files is captured; "all": films and sound too
LANES: dict[str, Lane] = {f"{lane}s": lane for lane in get_args(Lane)}


@dataclass(frozen=True, slots=True)
class Plan:
    """What one crawl is asked to bring. Days are days in Tehran, both ends included."""

    provinces: tuple[Province, ...] = PROVINCES
    lanes: frozenset[Lane] = frozenset({"feed", "section"})
    since: date | None = None
    until: date | None = None
    limit: int | None = None

    def as_dict(self) -> dict[str, object]:
        """What was asked for, defaults included, for the report."""
        return {
            "provinces": [province.slug for province in self.provinces],
            "via": sorted(f"{lane}s" for lane in self.lanes),
            "since": str(self.since) if self.since else None,
            "until": str(self.until) if self.until else None,
            "limit": self.limit,
        }

    def covers(self, day: date | None) -> bool:
        """Whether an article of that day is wanted. One without a day is: nothing is dropped unseen."""
        if day is None:
            return True
        return (self.since is None or day >= self.since) and (self.until is None or day <= self.until)


def read_plan(arguments: dict[str, str]) -> Plan:
    """The plan of a crawl's arguments. Raises ValueError that says what is wrong and what is allowed.

    >>> plan = read_plan({"provinces": "قم,IR-01", "since": "1404-07-01", "limit": "50"})
    >>> [province.slug for province in plan.provinces], str(plan.since), plan.limit
    (['gilan', 'qom'], '2025-09-23', 50)
    """
    if unknown := sorted(set(arguments) - set(ALLOWED)):
        raise ValueError(f"no argument is called {unknown[0]!r}; allowed: {', '.join(ALLOWED)}")
    since, until = (_day(name, arguments.get(name)) for name in ("since", "until"))
    if since and until and since > until:
        raise ValueError(f"since={arguments['since']} is later than until={arguments['until']}")
    lanes = _lanes(arguments.get("via", "feeds,sections"))
    if "sitemap" in lanes and since is None:
        raise ValueError(
            "via=sitemaps needs since=: without it every article since 2012 would be fetched; "
            "if that is what you want, write since=1380-01-01"
        )
    return Plan(
        provinces=choose(_words(arguments.get("provinces", "all"))),
        lanes=lanes,
        since=since,
        until=until,
        limit=_limit(arguments.get("limit")),
    )


def read_site(name: str, url: str, replay_from: str) -> Site:
    """The site to crawl: the real one, or one served at ``url``, or as the archive to be replayed knew it.

    Raises ValueError that says what is wrong.
    """
    site = load(name)
    if not url and replay_from:
        root = root_of(Path(replay_from))
        url = "" if root == site.base_url else root
    return site.at(url) if url else site


def read_requisites(text: str) -> str:
    """Which of a page's files are captured. Raises ValueError that says what is allowed."""
    if text not in REQUISITES:
        raise ValueError(f"REQUISITES={text}: must be one of {', '.join(REQUISITES)}")
    return text


def _words(text: str) -> list[str]:
    return [word for part in text.replace("،", ",").split(",") if (word := part.strip())]


def _lanes(text: str) -> frozenset[Lane]:
    words = _words(text)
    wrong = [word for word in words if word not in LANES]
    if wrong or not words:
        raise ValueError(
            f"via={text}: {', '.join(wrong) or 'nothing'} is no lane; allowed: {', '.join(LANES)}"
        )
    return frozenset(LANES[word] for word in words)


def _day(name: str, text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return read_day(text)
    except ValueError as error:
        raise ValueError(f"{name}={text}: {error}") from None


def _limit(text: str | None) -> int | None:
    if text is None:
        return None
    if not text.isdecimal() or int(text) < 1:  # Persian digits too
        raise ValueError(f"limit={text}: must be a whole number from 1 on (articles a province)")
    return int(text)
