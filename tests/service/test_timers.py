"""A rule comes when systemd's and cron's words for it do, over summers that begin and end."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest

from crawler.schedule.when import WEEKDAYS, read_when
from crawler.service.timers import CronTime, calendar_of, cron_times, is_exact

TEHRAN = ZoneInfo("Asia/Tehran")
ANALYZE = shutil.which("systemd-analyze")
needs_systemd = pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not here")
NEXT = 50
BEGINS, ENDS = datetime(2022, 3, 18, tzinfo=UTC), datetime(2022, 9, 18, tzinfo=UTC)  # of the summer of 1401

EXACT = [
    "every 30 minutes",
    "every 45 minutes",
    "every 6 hours",
    "every 1 minute",
    "hourly",
    "daily 06:00",
    "daily 23:30",  # shown twice on 2022-09-21: the first time only, to both
    "daily 06:00, 18:30, 18:45",
    "mon,thu 22:15",
    "fri 03:00, 04:00",
    "1st of month 03:00",
    "31st of month 03:00",
    "last of month 03:00",
    "cron 30 6 * * mon-fri",
    "cron */20 8-10 * * *",
    "cron 0 6 1,15 * mon",
    "cron 5 4 13 2,9 fri",
    "cron 0 6 * 3,9 sun",
]
INEXACT = [
    "every 16 hours",
    "1st of jalali month 03:00",
    "last of jalali month 23:00",
    "every 50 minutes",
    "every 7 hours",
]


def elapses(events: list[str], base: datetime) -> list[datetime]:
    """The next moments at which systemd says that a timer with these events comes."""
    found: set[datetime] = set()
    last = datetime.max.replace(tzinfo=UTC)
    for event in events:
        told = subprocess.run(
            [
                str(ANALYZE),
                "calendar",
                f"--iterations={NEXT}",
                f"--base-time={base:%Y-%m-%d %H:%M:%S UTC}",
                event,
            ],
            env=os.environ | {"TZ": "UTC", "LC_ALL": "C"},
            capture_output=True,
            text=True,
        )
        assert told.returncode == 0, told.stderr
        moments = [
            datetime.strptime(f"{text} +0000", "%Y-%m-%d %H:%M:%S %z")
            for text in re.findall(r"(?:Next elapse|Iter\. #\d+): \w+ (\S+ \S+) UTC", told.stdout)
        ]
        found.update(moments)
        if len(moments) == NEXT:
            last = min(last, moments[-1])
    return [moment for moment in sorted(found) if moment <= last][:NEXT]


@needs_systemd
@pytest.mark.parametrize("base", [BEGINS, ENDS], ids=["summer begins", "summer ends"])
@pytest.mark.parametrize("when", EXACT)
def test_systemd_comes_when_the_rule_does(when: str, base: datetime) -> None:
    rule = read_when(when, TEHRAN)
    said = elapses(calendar_of(rule), base)
    assert is_exact(rule)
    assert len(said) == NEXT
    assert said == list(rule.between(base, said[-1]))


@needs_systemd
def test_a_time_that_the_clocks_skip_is_left_out_by_systemd_alone() -> None:
    """The README says so. It was 00:00 and then 01:00 on that day."""
    rule = read_when("daily 00:30", TEHRAN)
    said = elapses(calendar_of(rule), BEGINS)
    ours = list(rule.between(BEGINS, said[-1]))
    assert sorted(set(ours) ^ set(said)) == [datetime(2022, 3, 21, 20, 30, tzinfo=UTC)]
    assert elapses(calendar_of(rule), ENDS) == list(rule.between(ENDS, ENDS + timedelta(days=NEXT)))


@needs_systemd
@pytest.mark.parametrize("when", INEXACT)
def test_what_systemd_cannot_say_is_looked_at_in_time(when: str) -> None:
    rule = read_when(when, TEHRAN)
    said = elapses(calendar_of(rule), BEGINS)
    assert not is_exact(rule)
    assert set(rule.between(BEGINS, said[-1])) <= set(said)
    assert said[1] - said[0] >= timedelta(minutes=5)


@needs_systemd
def test_once_is_once() -> None:
    rule = read_when("once 1401-01-05 10:00", TEHRAN)
    assert elapses(calendar_of(rule), BEGINS) == [datetime(2022, 3, 25, 5, 30, tzinfo=UTC)]
    assert elapses(calendar_of(rule), ENDS) == []


@pytest.mark.parametrize("when", ["every 7 minutes", "every 59 minutes", "every 1439 minutes"])
def test_what_would_need_a_look_each_minute_is_refused_with_the_cure(when: str) -> None:
    rule = read_when(when, TEHRAN)
    with pytest.raises(
        ValueError, match=r"write every \d+ or every \d+ minutes, or let `scrapy schedule run`"
    ):
        calendar_of(rule)
    with pytest.raises(ValueError, match="write every"):
        cron_times(rule, TEHRAN, BEGINS)


# -- cron ----------------------------------------------------------------------------------------------


def numbers(field: str, first: int, end: int) -> set[int]:
    return set(range(first, end)) if field == "*" else {int(number) for number in field.split(",")}


def comes(line: CronTime, machine: ZoneInfo, since: datetime, days: int) -> Iterator[datetime]:
    """As crontab(5) has it: where day and weekday are both given, one of them must fit."""
    minutes, hours, of_month, months, of_week = line.fields.split()
    week = {WEEKDAYS.index(name) for name in (of_week.split(",") if of_week != "*" else WEEKDAYS)}
    for after in range(-1, days + 1):
        day: date = since.date() + timedelta(days=after)
        fits = [day.day in numbers(of_month, 1, 32), day.weekday() in week]
        both = "*" in (of_month, of_week)
        if day.month in numbers(months, 1, 13) and (all(fits) if both else any(fits)):
            for hour, minute in product(numbers(hours, 0, 24), numbers(minutes, 0, 60)):
                for fold in (0, 1):
                    local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=machine, fold=fold)
                    moment = local.astimezone(UTC)
                    if since < moment <= since + timedelta(days=days):
                        yield moment


MACHINES = ["UTC", "Asia/Tehran", "Asia/Kathmandu", "Europe/Berlin", "America/New_York", "Pacific/Auckland"]


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("when", [*EXACT, *INEXACT])
def test_cron_comes_when_the_rule_does_or_the_command_looks(when: str, machine: str) -> None:
    """Two months in which Berlin, New York and Auckland change their clocks; Tehran does not any more."""
    now, days, zone = datetime(2026, 3, 1, tzinfo=UTC), 62, ZoneInfo(machine)
    rule = read_when(when, TEHRAN)
    lines = cron_times(rule, zone, now)
    due = set(rule.between(now, now + timedelta(days=days)))
    said = {moment for line in lines for moment in comes(line, zone, now, days)}
    assert due <= said
    if all(line.exact for line in lines):
        assert due == said


def test_exact_lines_read_as_a_person_would_write_them() -> None:
    now = datetime(2026, 3, 1, tzinfo=UTC)

    def fields(when: str, machine: str) -> list[tuple[str, bool]]:
        lines = cron_times(read_when(when, TEHRAN), ZoneInfo(machine), now)
        return [(line.fields, line.exact) for line in lines]

    assert fields("daily 06:00", "Asia/Tehran") == [("0 6 * * *", True)]
    assert fields("daily 06:00", "UTC") == [("30 2 * * *", True)]
    assert fields("mon,thu 02:00", "UTC") == [("30 22 * * wed,sun", True)]
    assert fields("daily 06:00", "Europe/Berlin") == [("30 3 * * *", False), ("30 4 * * *", False)]
    assert fields("1st of month 03:00", "UTC") == [("30 23 * * *", False)]
    assert fields("1st of month 06:00", "UTC") == [("30 2 1 * *", True)]
    assert fields("every 30 minutes", "UTC") == [("0,30 * * * *", True)]
    assert fields("once 1405-01-05 10:00", "UTC") == [("30 6 25 3 *", False)], "cron knows no years"
