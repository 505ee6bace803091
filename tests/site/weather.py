"""The switches that make weather on the sample site: what each is called, takes and does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, NamedTuple

DELETED_AS = ("404", "410", "soft404", "home")
_FAILURES = (400, 401, 403, 404, 410, 429, 500, 502, 503, 504)
_FLAGS = {"1": True, "true": True, "True": True, "0": False, "false": False, "False": False}


@dataclass(frozen=True, slots=True)
class Weather:
    """The state of all switches; by default each is off."""

    edits: int = 0
    deletions: int = 0
    deleted_as: str = "404"
    new: int = 0
    counters: bool = False
    redesign: str = ""
    half_spaces_lost: bool = False
    unsorted: bool = False
    pinned: int = 0
    endless: str = ""
    crawl_delay: float = 0.0
    robots_status: int = 0
    disallow: str = ""
    refuse_every: int = 0
    refuse_first: int = 0
    refuse_status: int = 429
    retry_after: int = 0
    retry_after_date: bool = False
    slow: float = 0.0
    slow_every: int = 0
    reset_every: int = 0
    challenge_after: int = 0
    challenge_for: int = 0

    def changed(self, switches: Mapping[str, str]) -> Weather:
        """With the named switches set. Raises ValueError with words that say what is allowed."""
        return replace(self, **{name: _read(name, value) for name, value in switches.items()})

    def pages(self) -> dict[str, object]:
        """The switches that change what pages say."""
        return {name: getattr(self, name) for name, switch in SWITCHES.items() if switch.in_pages}

    def as_json(self) -> dict[str, Any]:
        """All switches."""
        return asdict(self)


class Kind(NamedTuple):
    """What a switch takes. `read` raises ValueError or KeyError for anything else."""

    allowed: str
    read: Callable[[str], object]
    bare: str | None = None
    """What the option means when no value follows it."""


class Switch(NamedTuple):
    kind: Kind
    does: str
    in_pages: bool = False
    """It changes what pages say, so that they have to be made anew."""


def _count(most: int) -> Kind:
    def read(value: str) -> int:
        if not value.isdecimal() or int(value) > most:
            raise ValueError(value)
        return int(value)

    return Kind(f"a whole number, 0 to {most}", read)


def _one_of(*words: str) -> Kind:
    return Kind(" or ".join(words), {word: word for word in words}.__getitem__)


def _off_or(*words: str, bare: str | None = None) -> Kind:
    kind = _one_of(*words)
    return Kind(f"{kind.allowed}; 0 is off", lambda v: "" if v in ("", "0") else kind.read(v), bare)


def _statuses(*allowed: int) -> Kind:
    known = {str(status): status for status in allowed}
    return Kind(" or ".join(known), known.__getitem__)


def _seconds(value: str) -> float:
    seconds = float(value)
    if not 0 <= seconds <= 3600:
        raise ValueError(value)
    return seconds


def _path(value: str) -> str:
    if value and (not value.startswith("/") or not value.isprintable() or " " in value):
        raise ValueError(value)
    return value


_MANY = _count(100_000)
_FLAG = Kind("1 or 0", _FLAGS.__getitem__, "1")
_SECONDS = Kind("seconds, 0 to 3600, as 0.5", _seconds)

# "Page" in what a switch of requests does: all but /robots.txt, /files and /client.
SWITCHES = {
    "edits": Switch(_MANY, "N articles have another text than before", True),
    "deletions": Switch(_MANY, "N articles are gone, from lists and feeds too", True),
    "deleted_as": Switch(_one_of(*DELETED_AS, "mixed"), "what answers for an article that is gone", True),
    "new": Switch(_count(10_000), "N articles more, newer than all others", True),
    "counters": Switch(_FLAG, "article pages count hits at every request, and have no ETag", True),
    "redesign": Switch(_off_or("full", "partial"), "template C has other class names", True),
    "half_spaces_lost": Switch(_FLAG, "article pages have no half-space", True),
    "unsorted": Switch(_FLAG, "sections list their articles in no order", True),
    "pinned": Switch(_MANY, "N old articles stand first in each section's list", True),
    "endless": Switch(
        _off_or("1", "fresh", bare="1"), "a section's pager never ends; fresh: with invented ids", True
    ),
    "crawl_delay": Switch(_SECONDS, "Crawl-delay in robots.txt", True),
    "robots_status": Switch(_statuses(0, *_FAILURES), "the status that robots.txt answers with", True),
    "disallow": Switch(Kind("a path, as /fa/rss", _path), "a further Disallow in robots.txt", True),
    "refuse_every": Switch(_MANY, "every Nth page request is refused"),
    "refuse_first": Switch(_MANY, "the first N page requests are refused"),
    "refuse_status": Switch(_statuses(429, 503, 403), "the status of a refusal"),
    "retry_after": Switch(_count(3600), "Retry-After of refusals; until then every page is refused"),
    "retry_after_date": Switch(_FLAG, "Retry-After is a date instead of seconds"),
    "slow": Switch(_SECONDS, "seconds that the answer of a page waits"),
    "slow_every": Switch(_MANY, "only every Nth page is slow"),
    "reset_every": Switch(_MANY, "every Nth page is cut: a reset after half of its bytes"),
    "challenge_after": Switch(_MANY, "from the Nth page request on a JS challenge answers"),
    "challenge_for": Switch(_MANY, "the challenge ends after N requests"),
}


def _read(name: str, value: str) -> Any:
    if name not in SWITCHES:
        raise ValueError(f"there is no switch {name!r}; there are {', '.join(SWITCHES)}")
    kind = SWITCHES[name].kind
    try:
        return kind.read(value)
    except (ValueError, KeyError):
        raise ValueError(f"{name} takes {kind.allowed}; not {value!r}") from None
