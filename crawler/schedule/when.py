"""When a crawl runs: words that a person writes, as rules that say the next moment after any other.

Times are of a time zone's clocks. A time that the clocks skip (summer begins) runs when they have been put
forward; one that they show twice (summer ends) runs the first time only.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from crawler.normalise.dates import read_day
from crawler.normalise.dates.spoken import jalali_day

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FARTHEST = timedelta(days=366 * 5)  # what does not come in five years never comes: 31st of Esfand
ALLOWED = (
    "every 30 minutes · every 6 hours · hourly · daily 06:00 · daily 06:00, 18:00 · mon,thu 22:15 · "
    "1st of month 03:00 · 1st of jalali month 03:00 · last of month 03:00 · once 1404-07-15 10:00 · "
    "cron 30 6 * * mon-fri"
)


class Rule(ABC):
    """When something is due."""

    @abstractmethod
    def after(self, moment: datetime) -> datetime | None:
        """The first due moment behind another one, in UTC; None where none comes any more."""

    def between(self, since: datetime, until: datetime) -> Iterator[datetime]:
        """Those behind ``since``, as far as ``until``, that one included."""
        moment = since
        while (found := self.after(moment)) is not None and found <= until:
            yield found
            moment = found


@dataclass(frozen=True, slots=True)
class Every(Rule):
    """Each so many seconds, from midnight of some day on, whatever the clocks do."""

    seconds: int
    zone: ZoneInfo

    def after(self, moment: datetime) -> datetime:
        start = datetime(2000, 1, 1, tzinfo=self.zone).astimezone(UTC)
        step = timedelta(seconds=self.seconds)
        return start + ((moment - start) // step + 1) * step


@dataclass(frozen=True, slots=True)
class Once(Rule):
    at: datetime

    def after(self, moment: datetime) -> datetime | None:
        return self.at if self.at > moment else None


@dataclass(frozen=True, slots=True)
class OnDays(Rule):
    """At these times of the days that fit."""

    days: Days
    times: tuple[time, ...]  # ascending
    zone: ZoneInfo

    def after(self, moment: datetime) -> datetime | None:
        day = moment.astimezone(self.zone).date() - timedelta(days=1)  # its last time may be put forward
        for _ in range(FARTHEST.days):
            if self.days.fit(day):
                for at in self.times:
                    if (due := on_clock(day, at, self.zone)) > moment:
                        return due
            day += timedelta(days=1)
        return None


class Days(ABC):
    @abstractmethod
    def fit(self, day: date) -> bool:
        """Whether the day is one of them."""


@dataclass(frozen=True, slots=True)
class Weekdays(Days):
    numbers: frozenset[int]  # 0: Monday

    def fit(self, day: date) -> bool:
        return day.weekday() in self.numbers


@dataclass(frozen=True, slots=True)
class MonthDays(Days):
    """``number`` None: the last day."""

    number: int | None
    jalali: bool

    def fit(self, day: date) -> bool:
        if self.number is None:
            return self._number(day + timedelta(days=1)) == 1
        return self._number(day) == self.number

    def _number(self, day: date) -> int:
        return int(jalali_day(day)[8:]) if self.jalali else day.day


@dataclass(frozen=True, slots=True)
class CronDays(Days):
    """cron's own rule: where both day fields are given, a day that fits one of them fits."""

    days: frozenset[int] | None
    months: frozenset[int]
    weekdays: frozenset[int] | None

    def fit(self, day: date) -> bool:
        if day.month not in self.months:
            return False
        of_month = self.days is not None and day.day in self.days
        of_week = self.weekdays is not None and day.weekday() in self.weekdays
        return of_month or of_week or (self.days is None and self.weekdays is None)


def on_clock(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The moment at which the zone's clocks show that time, in UTC.

    >>> tehran = ZoneInfo("Asia/Tehran")
    >>> on_clock(date(2022, 3, 22), time(0, 30), tehran).isoformat()  # skipped: at 00:00 it was 01:00
    '2022-03-21T20:30:00+00:00'
    >>> on_clock(date(2022, 9, 21), time(23, 30), tehran).isoformat()  # shown twice: the first time
    '2022-09-21T19:00:00+00:00'
    """
    local = datetime.combine(day, at, zone)
    moment = local.astimezone(UTC)
    shown = moment.astimezone(zone)
    if shown.replace(tzinfo=None) == local.replace(tzinfo=None):
        return moment
    # Skipped: with the offset of before and of behind the change it is two moments; the change lies between.
    return _change(local.replace(fold=1).astimezone(UTC), moment, zone)


def _change(low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    """The minute at which the zone's offset changes, between two moments."""
    before = low.astimezone(zone).utcoffset()
    while high - low > timedelta(minutes=1):
        middle = low + (high - low) // timedelta(minutes=2) * timedelta(minutes=1)
        if middle.astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high


# -- what a person writes -------------------------------------------------------------------------------

_CLOCK = r"([0-9]{1,2}):([0-9]{2})"
_TIMES = rf"{_CLOCK}(?:\s*,\s*{_CLOCK})*"
_EVERY = re.compile(r"every ([0-9]{1,5}) (second|minute|hour)s?")
_SECONDS = {"second": 1, "minute": 60, "hour": 3600}
LEAST_SECONDS = 10
_DAILY = re.compile(rf"daily ({_TIMES})")
_WEEKLY = re.compile(rf"([a-z]{{3}}(?:\s*,\s*[a-z]{{3}})*) ({_TIMES})")
_MONTHLY = re.compile(rf"(last|[0-9]{{1,2}}(?:st|nd|rd|th)) (?:day )?of (jalali )?month ({_TIMES})")
_ONCE = re.compile(rf"once ([0-9]{{4}}[-/][0-9]{{1,2}}[-/][0-9]{{1,2}}) {_CLOCK}")


def read_when(text: str, zone: ZoneInfo) -> Rule:
    """The rule of ``when = "…"``. ValueError says what is wrong, or all that is allowed.

    >>> tehran = ZoneInfo("Asia/Tehran")
    >>> read_when("1st of jalali month 03:00", tehran).after(datetime(2025, 9, 24, tzinfo=UTC)).isoformat()
    '2025-10-22T23:30:00+00:00'
    """
    words = " ".join(text.lower().split())
    if words == "hourly":
        return Every(3600, zone)
    if found := _EVERY.fullmatch(words):
        return _every(int(found[1]), found[2], zone)
    if found := _DAILY.fullmatch(words):
        return OnDays(Weekdays(frozenset(range(7))), _times(found[1]), zone)
    if words.startswith("cron "):
        return _cron(words.removeprefix("cron ").split(), zone)
    if found := _ONCE.fullmatch(words):
        return Once(on_clock(read_day(found[1]), _time(found[2], found[3]), zone))
    if found := _MONTHLY.fullmatch(words):
        return OnDays(_month_days(found[1], bool(found[2])), _times(found[3]), zone)
    if found := _WEEKLY.fullmatch(words):
        return OnDays(Weekdays(frozenset(_weekdays(found[1]))), _times(found[2]), zone)
    raise ValueError(f"when = {text!r} is no time that is understood; allowed: {ALLOWED}")


def _every(number: int, unit: str, zone: ZoneInfo) -> Every:
    seconds = number * _SECONDS[unit]
    if not LEAST_SECONDS <= seconds <= 24 * 3600:
        raise ValueError(
            f"every {number} {unit}s: from {LEAST_SECONDS} seconds to 24 hours; for less often: daily 06:00"
        )
    return Every(seconds, zone)


def _time(hour: str, minute: str) -> time:
    if int(hour) > 23 or int(minute) > 59:
        raise ValueError(f"{hour}:{minute} is no time of a day")
    return time(int(hour), int(minute))


def _times(text: str) -> tuple[time, ...]:
    return tuple(sorted({_time(hour, minute) for hour, minute in re.findall(_CLOCK, text)}))


def _weekdays(text: str) -> Iterable[int]:
    for name in re.split(r"\s*,\s*", text):
        if name not in WEEKDAYS:
            raise ValueError(f"{name!r} is no day of the week; allowed: {', '.join(WEEKDAYS)}")
        yield WEEKDAYS.index(name)


def _month_days(text: str, jalali: bool) -> MonthDays:
    if text == "last":
        return MonthDays(None, jalali)
    number = int(re.sub(r"\D", "", text))
    if not 1 <= number <= 31:
        raise ValueError(f"{text}: no month has such a day; 1st to 31st, or last")
    return MonthDays(number, jalali)


_CRON = (("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("month", 1, 12))


def _cron(fields: list[str], zone: ZoneInfo) -> OnDays:
    if len(fields) != 5:
        raise ValueError(f"cron takes five fields: minute hour day month weekday; {len(fields)} are given")
    numbers = [
        _numbers(name, field, low, high) for field, (name, low, high) in zip(fields, _CRON, strict=False)
    ]
    minutes, hours, days, months = numbers
    times = (time(hour, minute) for hour in hours or range(24) for minute in minutes or range(60))
    weekdays = None if fields[4] == "*" else frozenset(_cron_weekdays(fields[4]))
    return OnDays(CronDays(days, months or frozenset(range(1, 13)), weekdays), tuple(sorted(times)), zone)


def _numbers(name: str, field: str, low: int, high: int) -> frozenset[int] | None:
    """None: every one of them."""
    if field == "*":
        return None
    found: set[int] = set()
    for part in field.split(","):
        match = re.fullmatch(r"(?:\*|([0-9]{1,2})(?:-([0-9]{1,2}))?)(?:/([0-9]{1,2}))?", part)
        if not match:
            raise ValueError(f"cron: {part!r} is no {name}; numbers {low} to {high}, 1-5, */10, or *")
        first = int(match[1]) if match[1] else low
        last = int(match[2]) if match[2] else first if match[1] and not match[3] else high
        if not (low <= first <= last <= high) or match[3] in ("0", "00"):
            raise ValueError(f"cron: {part!r} is no {name}; numbers {low} to {high}")
        found.update(range(first, last + 1, int(match[3] or 1)))
    return frozenset(found)


def _cron_weekdays(field: str) -> Iterator[int]:
    """By name alone: 0 is Sunday to some programs and Monday to others."""
    for part in field.split(","):
        first, _, last = part.partition("-")
        if first not in WEEKDAYS or (last and last not in WEEKDAYS):
            raise ValueError(
                f"cron: {part!r} is no day of the week; names only: {', '.join(WEEKDAYS)}, mon-fri"
            )
        start, end = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
        yield from (number % 7 for number in range(start, end + 1 if end >= start else end + 8))
