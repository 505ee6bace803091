"""What a crawl is asked for, behind ``-a`` and ``-s``: read once, before the first request."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import get_args
from urllib.parse import unquote

from crawler.ledger.found import Lane, Wanted
from crawler.normalise.dates import read_day
from crawler.normalise.lexicon import NoLexicon, lexicon
from crawler.provinces import PROVINCES, Province, choose
from crawler.sites import Site, load
from crawler.warc.playback import root_of

LIMITS = ("pages", "articles", "bytes", "minutes")
SHARED = ("provinces", "include", "exclude", *LIMITS)  # what every spider takes
ALLOWED = {
    "provinces": ("provinces", "via", "since", "until", "limit", *SHARED[1:]),
    "recheck": ("age", *SHARED),
}
REQUISITES = ("none", "page", "all")  # what of a page's files is captured; "all": films and sound too
LANES: dict[str, Lane] = {f"{lane}s": lane for lane in get_args(Lane)}
AGES = "1h,1d,7d,30d"
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "s": "seconds"}
_SIZES = {"": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12}


@dataclass(frozen=True, slots=True)
class Plan:
    """What one crawl is asked to bring. Days are days in Tehran, both ends included.

    ``most``: after so many pages, articles, bytes or minutes the crawl ends in order. ``ages``: at which
    articles are looked at again; empty: all are.
    """

    provinces: tuple[Province, ...] = PROVINCES
    lanes: frozenset[Lane] = frozenset({"feed", "section"})
    since: date | None = None
    until: date | None = None
    limit: int | None = None
    include: str | None = None
    exclude: str | None = None
    most: dict[str, float] = field(default_factory=dict)
    ages: tuple[timedelta, ...] = ()

    def as_dict(self) -> dict[str, object]:
        """What was asked for, defaults included, for the report."""
        return {
            "provinces": [province.slug for province in self.provinces],
            "via": sorted(f"{lane}s" for lane in self.lanes),
            "since": str(self.since) if self.since else None,
            "until": str(self.until) if self.until else None,
            "limit": self.limit,
            "include": self.include,
            "exclude": self.exclude,
            "most": self.most,
            "ages_in_seconds": [age.total_seconds() for age in self.ages],
        }

    def covers(self, day: date | None) -> bool:
        """Whether an article of that day is wanted. One without a day is: nothing is dropped unseen."""
        if day is None:
            return True
        return (self.since is None or day >= self.since) and (self.until is None or day <= self.until)

    def names(self, path: str) -> bool:
        """Whether ``include`` and ``exclude`` let an article's address pass. It is a path, decoded."""
        if self.include is None and self.exclude is None:
            return True
        text = unquote(path)
        if self.include and not re.search(self.include, text):
            return False
        return not (self.exclude and re.search(self.exclude, text))

    def wanted(self) -> Wanted:
        """The same, as the frontier asks for it."""
        return Wanted(self.limit, self.provinces, self.since, self.until, "sitemap" in self.lanes, self.names)


def read_plan(arguments: dict[str, str], spider: str = "provinces") -> Plan:
    """The plan of a crawl's arguments. Raises ValueError that says what is wrong and what is allowed.

    >>> plan = read_plan({"provinces": "قم,IR-01", "since": "1404-07-01", "limit": "50"})
    >>> [province.slug for province in plan.provinces], str(plan.since), plan.limit
    (['gilan', 'qom'], '2025-09-23', 50)
    >>> read_plan({"age": "90m,2d", "bytes": "1.5 GB"}, "recheck").most
    {'bytes': 1500000000.0}
    """
    if unknown := sorted(set(arguments) - set(ALLOWED[spider])):
        raise ValueError(f"no argument is called {unknown[0]!r}; allowed: {', '.join(ALLOWED[spider])}")
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
        include=_pattern("include", arguments.get("include")),
        exclude=_pattern("exclude", arguments.get("exclude")),
        most={name: _most(name, arguments[name]) for name in LIMITS if name in arguments},
        ages=_ages(arguments.get("age", AGES)) if spider == "recheck" else (),
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


def restores(text: str, site: Site) -> bool:
    """Whether lost half-spaces are guessed back. Raises ValueError, with the cure, where they cannot be."""
    if text not in ("", "0", "1"):
        raise ValueError(f"RESTORE={text}: must be 0 or 1, or empty for what the site file says")
    wanted = text == "1" or (text == "" and site.half_spaces_lost)
    if wanted:
        try:
            lexicon()
        except NoLexicon as error:
            raise ValueError(f"half-spaces cannot be restored: {error}") from None
    return wanted


def _pattern(name: str, text: str | None) -> str | None:
    if text is None:
        return None
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"{name}={text}: no regular expression: {error}") from None
    return text


def _most(name: str, text: str) -> float:
    found = re.fullmatch(r"(\d+(?:\.\d+)?) ?([kmgt]?b)?", text.strip().lower())
    if not found or float(found[1]) <= 0 or (found[2] and name != "bytes"):
        sample = "5 GB" if name == "bytes" else "120"
        raise ValueError(f"{name}={text}: must be a number above 0, such as {sample}")
    return float(found[1]) * _SIZES.get(found[2] or "", 1)


def _ages(text: str) -> tuple[timedelta, ...]:
    """Ascending; empty for ``all``."""
    if text.strip() == "all":
        return ()
    ages = [re.fullmatch(r"(\d+)([smhd])", word) for word in _words(text)]
    if not ages or not all(ages):
        raise ValueError(f"age={text}: must be ages such as {AGES} (s, m, h, d), or all")
    return tuple(sorted(timedelta(**{_UNITS[age[2]]: int(age[1])}) for age in ages if age))


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
