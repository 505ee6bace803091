"""A rule of the schedule in the words of systemd and of cron.

What they cannot say (days of the Jalali month, the last of a month in cron) gets a timer that comes too
often, and a command that looks whether something is due (``--if-due``): a start in vain each day is cheap, a
crawl on a wrong day is not.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from math import gcd
from zoneinfo import ZoneInfo

from crawler.schedule.when import CronDays, Days, Every, MonthDays, Once, OnDays, Rule, Weekdays

DAY = 24 * 60  # minutes
LEAST = 5  # minutes between two looks whether something is due: each look is a start of the program
NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
ALL_WEEK = Weekdays(frozenset(range(7)))
HORIZON = timedelta(days=400)  # a summer and a winter, and whatever is announced till then


@dataclass(frozen=True, slots=True)
class CronTime:
    """``fields``: the five of a crontab. ``exact``: it comes when the rule does; else the command looks."""

    fields: str
    exact: bool


def is_exact(rule: Rule) -> bool:
    """Whether systemd can say when the rule comes; else its timer comes too often."""
    if isinstance(rule, Every):
        return DAY % _minutes(rule) == 0
    return not (isinstance(rule, OnDays) and isinstance(rule.days, MonthDays) and rule.days.jalali)


def calendar_of(rule: Rule) -> list[str]:
    """Values for OnCalendar=. ValueError: neither systemd nor cron can say it, and what to write instead.

    >>> from crawler.schedule.when import read_when
    >>> calendar_of(read_when("mon,thu 22:15", ZoneInfo("Asia/Tehran")))
    ['Mon,Thu *-*-* 22:15:00 Asia/Tehran']
    >>> calendar_of(read_when("every 6 hours", ZoneInfo("Asia/Tehran")))
    ['*-*-* 02,08,14,20:30:00 UTC']
    """
    if isinstance(rule, Once):
        return [f"{rule.at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"]
    daily = _daily(rule)
    return [
        f"{days} {_of(hours, 24)}:{_of(minutes, 60)}:00 {daily.zone.key}"
        for days in _systemd_days(daily.days)
        for hours, minutes in _blocks(daily.times)
    ]


def _daily(rule: Rule) -> OnDays:
    """Times of days, of a rule that may be counted in minutes: those are the same each day, in UTC."""
    if isinstance(rule, OnDays):
        return rule
    assert isinstance(rule, Every)
    every = _minutes(rule)
    step = gcd(every, DAY)
    if step < LEAST and step != every:
        fitting = [minutes for minutes in range(1, DAY + 1) if DAY % minutes == 0]
        below = max(minutes for minutes in fitting if minutes < every)
        above = min(minutes for minutes in fitting if minutes > every)
        raise ValueError(
            f"every {every} minutes does not come at the same times each day, and timers and cron "
            f"know no other; write every {below} or every {above} minutes, or let `scrapy schedule run` keep "
            "time"
        )
    first = rule.after(datetime(2000, 1, 1, tzinfo=UTC))
    start = (first.hour * 60 + first.minute) % step
    times = tuple(time(*divmod(minute, 60)) for minute in range(start, DAY, step))
    return OnDays(ALL_WEEK, times, ZoneInfo("UTC"))


def _minutes(rule: Every) -> int:
    if rule.seconds % 60:
        raise ValueError(
            f"every {rule.seconds} seconds: timers and cron know minutes; `scrapy schedule run` keeps it"
        )
    return rule.seconds // 60


def _systemd_days(days: Days) -> list[str]:
    """The first half of a calendar event; more than one where a day may fit this or that."""
    if isinstance(days, Weekdays):
        return [f"{_week(days.numbers)} *-*-*".strip()]
    if isinstance(days, MonthDays):
        if days.jalali:
            return ["*-*-*"]
        return ["*-*~01" if days.number is None else f"*-*-{days.number:02}"]
    assert isinstance(days, CronDays)
    months, found = _of(days.months, 13, first=1), []
    if days.days is not None:
        found.append(f"*-{months}-{_of(days.days, 32, first=1)}")
    if days.weekdays is not None:
        found.append(f"{_week(days.weekdays)} *-{months}-*".strip())
    return found or [f"*-{months}-*"]


def _week(numbers: Iterable[int]) -> str:
    return "" if len(set(numbers)) == 7 else ",".join(NAMES[number] for number in sorted(numbers))


def _of(numbers: Iterable[int], end: int, *, first: int = 0, width: int = 2) -> str:
    """
    >>> _of({6, 18}, 24), _of(range(24), 24)
    ('06,18', '*')
    """
    ascending = sorted(set(numbers))
    if ascending == list(range(first, end)):
        return "*"
    return ",".join(f"{number:0{width}}" for number in ascending)


def _blocks(times: Iterable[time]) -> list[tuple[list[int], list[int]]]:
    """Times as (hours, minutes) of which each goes with each: 06:00, 18:00 is one, 06:00, 18:30 are two."""
    by_hour: dict[int, list[int]] = {}
    for at in sorted(times):
        by_hour.setdefault(at.hour, []).append(at.minute)
    blocks: dict[tuple[int, ...], list[int]] = {}
    for hour, minutes in by_hour.items():
        blocks.setdefault(tuple(minutes), []).append(hour)
    return [(hours, list(minutes)) for minutes, hours in blocks.items()]


# -- cron ----------------------------------------------------------------------------------------------


def cron_times(rule: Rule, machine: ZoneInfo, now: datetime) -> list[CronTime]:
    """The rule on the machine's clocks: CRON_TZ is not asked, for cron on Debian and Ubuntu reads over it.
    Where the two zones' clocks do not keep their distance, each distance gets its line.

    >>> from crawler.schedule.when import read_when
    >>> rule = read_when("mon 02:00", ZoneInfo("Asia/Tehran"))
    >>> cron_times(rule, ZoneInfo("UTC"), datetime(2025, 9, 24, tzinfo=UTC))
    [CronTime(fields='30 22 * * sun', exact=True)]
    """
    if isinstance(rule, Once):  # cron knows no years
        at = rule.at.astimezone(machine)
        return [CronTime(f"{at.minute} {at.hour} {at.day} {at.month} *", exact=False)]
    daily, found = _daily(rule), {}
    distances = _distances(daily.zone, machine, now)
    for distance in distances:
        for shift, times in _shifted(daily.times, distance).items():
            days, fits = _cron_days(daily.days, shift)
            exact = fits and is_exact(rule) and len(distances) == 1
            for hours, minutes in _blocks(times):
                clock = f"{_of(minutes, 60, width=1)} {_of(hours, 24, width=1)}"
                found[f"{clock} {days if exact else '* * *'}"] = exact
    return [CronTime(fields, exact) for fields, exact in found.items()]


def _distances(zone: ZoneInfo, machine: ZoneInfo, now: datetime) -> list[timedelta]:
    """How far the machine's clocks may be ahead of the zone's, from now on."""
    found = set()
    for days in range(HORIZON.days):
        moment = now + timedelta(days=days)
        here, there = moment.astimezone(machine).utcoffset(), moment.astimezone(zone).utcoffset()
        assert here is not None
        assert there is not None
        found.add(here - there)
    return sorted(found)


def _shifted(times: Iterable[time], distance: timedelta) -> dict[int, list[time]]:
    """The times on the machine's clocks, by how many days later they are there: -1, 0 or 1."""
    found: dict[int, list[time]] = {}
    for at in times:
        shift, minute = divmod(at.hour * 60 + at.minute + distance // timedelta(minutes=1), DAY)
        found.setdefault(shift, []).append(time(*divmod(minute, 60)))
    return found


def _cron_days(days: Days, shift: int) -> tuple[str, bool]:
    """(day, month and weekday of a crontab, whether they say it)."""
    if isinstance(days, Weekdays):
        return f"* * {_cron_week(days.numbers, shift)}", True
    if isinstance(days, MonthDays):
        return f"{days.number} * *", shift == 0 and days.number is not None and not days.jalali
    assert isinstance(days, CronDays)
    months = _of(days.months, 13, first=1, width=1)
    if days.days is None:
        week = _cron_week(days.weekdays if days.weekdays is not None else range(7), shift)
        return f"* {months} {week}", shift == 0 or months == "*"
    week = "*" if days.weekdays is None else ",".join(NAMES[day].lower() for day in sorted(days.weekdays))
    # Written out, never as *: a field that begins with * does not count as given, and the other must fit too.
    return f"{','.join(map(str, sorted(days.days)))} {months} {week}", shift == 0


def _cron_week(numbers: Iterable[int], shift: int) -> str:
    moved = sorted((number + shift) % 7 for number in numbers)
    return "*" if len(moved) == 7 else ",".join(NAMES[number].lower() for number in moved)
