"""How long a host must be left alone. Pure: clocks and randomness are handed in, nothing is asked for here.

``now`` is seconds of a clock that only runs forward (a clock that is set back must not shorten a wait);
UTC times are for people, and for servers that name a date.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from random import random
from typing import Any

MOST_NOTED = 100  # refusals of a host in full; beyond it they are only counted
A_CENTURY = 100 * 365 * 86_400.0  # seconds; what is longer is not understood better than this
REFUSING = {403: "HTTP 403", 429: "HTTP 429", 503: "HTTP 503"}
CHALLENGE = "challenge page"
MOST_DOUBLINGS = 30
MOST_SILENCES = 12  # in a row: four addresses, each tried three times, and nothing in between


@dataclass(frozen=True, slots=True)
class Manners:
    """What a crawl keeps to with every host. Times in seconds."""

    delay: float = 4.0  # at least, between the starts of two requests
    shortest_wait: float = 1.0  # after a refusal that does not say how long
    longest_wait: float = 3_600.0  # a host that asks for more is not waited for
    most_refusals: int = 5  # in a row


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer that means: not now, or not you."""

    time: datetime
    what: str  # HTTP 429, challenge page …
    status: int
    url: str


class Host:
    """One host: when it may be asked next, and how often it has refused.

    ``chance``: a number from 0 to 1, anew at each call.
    """

    def __init__(self, name: str, manners: Manners, chance: Callable[[], float] = random) -> None:
        self.name = name
        self.crawl_delay: float | None = None  # seconds; what its robots.txt asks for
        self.throttle = 0.0  # seconds; what the time that its answers take asks for
        self.until: datetime | None = None  # what it was, or is, left alone until
        self.blocked: str | None = None  # why it is asked no more
        self.refused = 0
        self.refusals: list[Refusal] = []  # the first of them
        self._manners, self._chance = manners, chance
        self._in_a_row = self._silent = 0
        self._silent_since = float("-inf")
        self._last = self._free = self._backed_off = float("-inf")

    @property
    def delay(self) -> float:
        """Seconds between the starts of two requests: the longest of all that ask for one."""
        return max(self._manners.delay, self.crawl_delay or 0.0, self.throttle)

    def wait(self, now: float) -> float:
        """Seconds until a request may leave; 0: now."""
        return max(0.0, self._free - now, self._last + self.delay - now)

    def left(self, now: float) -> None:
        """A request has left, or has tried to."""
        self._last = max(now, self._last)

    def recall(self, until: datetime, now: float, utc: datetime) -> None:
        """What it asked of an earlier crawl counts for this one."""
        seconds = (until - utc).total_seconds()
        self._leave_alone(seconds, now, utc)
        if seconds > self._manners.longest_wait:
            self.blocked = _asks_for(self.name, utc, seconds)

    def served(self) -> None:
        """A good answer: whatever was refused before, the row ends."""
        self._in_a_row = 0

    def spoke(self) -> None:
        """An answer, whatever it says."""
        self._silent = 0

    def kept_silent(self, cause: str, now: float, left: float) -> str | None:
        """Take note that no answer came. Returns why the host must be asked no more, where that is so.
        Requests that were under way together count once."""
        if left >= self._silent_since:
            self._silent_since = now
            self._silent += 1
        if self._silent >= MOST_SILENCES:
            self.blocked = f"{cause} {self._silent} times in a row from {self.name}"
        return self.blocked

    def refuse(self, refusal: Refusal, now: float, left: float, retry_after: float | None) -> str | None:
        """Take note of a refusal. Returns why the host must be asked no more, where that is so.

        ``left``: when the refused request left. Requests that were under way together are refused together:
        they count once in the row. ``retry_after``: seconds that the host asks for, if it says so.
        """
        self.refused += 1
        if len(self.refusals) < MOST_NOTED:
            self.refusals.append(refusal)
        if left >= self._backed_off:
            self._backed_off = now
            self._in_a_row += 1
            self._leave_alone(self._back_off() if retry_after is None else retry_after, now, refusal.time)
        elif retry_after is not None:
            self._leave_alone(retry_after, now, refusal.time)
        if retry_after is not None and retry_after > self._manners.longest_wait:
            self.blocked = _asks_for(self.name, refusal.time, retry_after)
        elif self._in_a_row >= self._manners.most_refusals:
            self.blocked = f"{refusal.what} {self._in_a_row} times in a row from {self.name}"
        return self.blocked

    def asks_delay(self, seconds: float | None, utc: datetime) -> str | None:
        """Take note of its Crawl-delay. Returns why it must be asked no more, where that is so."""
        self.crawl_delay = seconds
        if seconds is not None and seconds > self._manners.longest_wait:
            self.blocked = _asks_for(self.name, utc, seconds)
        return self.blocked

    def _back_off(self) -> float:
        """Twice as long each time, and by chance up to half as much again: clients must not come together."""
        base = max(2 * self.delay, self._manners.shortest_wait)
        wait = base * 2.0 ** min(self._in_a_row - 1, MOST_DOUBLINGS) * (1 + self._chance() / 2)
        return min(wait, max(base, self._manners.longest_wait))

    def _leave_alone(self, seconds: float, now: float, utc: datetime) -> None:
        if now + seconds > self._free:
            self._free, self.until = now + seconds, _later(utc, seconds)

    def as_dict(self) -> dict[str, Any]:
        """For the report. Seconds; times in UTC; ``until`` and ``blocked`` are null where they never were."""
        return {
            "delay": self.delay,
            "crawl_delay": self.crawl_delay,
            "until": self.until.isoformat(timespec="seconds") if self.until else None,
            "refused": self.refused,
            "refusals": [
                asdict(refusal) | {"time": refusal.time.isoformat(timespec="milliseconds")}
                for refusal in self.refusals
            ],
            "blocked": self.blocked,
        }


def refusal_of(status: int, *, challenge: bool) -> str | None:
    """What kind of refusal an answer is; None where it is none.

    >>> refusal_of(429, challenge=False), refusal_of(200, challenge=True), refusal_of(404, challenge=False)
    ('HTTP 429', 'challenge page', None)
    """
    return CHALLENGE if challenge else REFUSING.get(status)


def retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds that Retry-After asks for (RFC 9110 §10.2.3: seconds, or an HTTP date). None: it says nothing
    that can be understood, or names a time that is over. ``now``: UTC.

    >>> now = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
    >>> retry_after("120", now), retry_after("Wed, 25 Nov 2026 12:00:30 GMT", now)
    (120.0, 30.0)
    >>> [retry_after(value, now) for value in (None, "-5", "soon", "Wed, 25 Nov 2026 11:00:00 GMT")]
    [None, None, None, None]
    """
    value = (value or "").strip()
    if value.isascii() and value.isdigit():
        return min(float(value), A_CENTURY)
    try:
        date = parsedate_to_datetime(value)
        seconds = (date if date.tzinfo else date.replace(tzinfo=UTC)) - now
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return seconds.total_seconds() if seconds >= timedelta(0) else None


def _asks_for(name: str, utc: datetime, seconds: float) -> str:
    return f"{name} asks to be left alone until {_later(utc, seconds):%Y-%m-%dT%H:%M:%SZ}"


def _later(utc: datetime, seconds: float) -> datetime:
    return utc + timedelta(seconds=min(seconds, A_CENTURY))
