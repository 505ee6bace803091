"""When crawls run: what a person writes, and the moments that come of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import jdatetime
import pytest

from crawler.schedule.when import read_when

TEHRAN = ZoneInfo("Asia/Tehran")
NOON = datetime(2025, 9, 24, 8, 30, tzinfo=UTC)  # Wednesday, 1404-07-02, 12:00 in Tehran

FIRST_TWO = {
    "every 30 minutes": ("2025-09-24 12:30", "2025-09-24 13:00"),
    "every 30 seconds": ("2025-09-24 12:00", "2025-09-24 12:01"),
    "every 7 minutes": ("2025-09-24 12:02", "2025-09-24 12:09"),  # counted from 2000-01-01 on
    "every 6 hours": ("2025-09-24 18:00", "2025-09-25 00:00"),
    "hourly": ("2025-09-24 13:00", "2025-09-24 14:00"),
    "daily 06:00": ("2025-09-25 06:00", "2025-09-26 06:00"),
    "Daily  18:00, 06:30": ("2025-09-24 18:00", "2025-09-25 06:30"),
    "mon,thu 22:15": ("2025-09-25 22:15", "2025-09-29 22:15"),
    "sat, wed 12:00": ("2025-09-27 12:00", "2025-10-01 12:00"),
    "1st of month 03:00": ("2025-10-01 03:00", "2025-11-01 03:00"),
    "31st of month 03:00": ("2025-10-31 03:00", "2025-12-31 03:00"),
    "last of month 23:59": ("2025-09-30 23:59", "2025-10-31 23:59"),
    "1st of jalali month 03:00": ("2025-10-23 03:00", "2025-11-22 03:00"),
    "30th of jalali month 03:00": ("2025-10-22 03:00", "2025-11-21 03:00"),
    "last of jalali month 03:00": ("2025-10-22 03:00", "2025-11-21 03:00"),
    "once 1404-07-15 10:00": ("2025-10-07 10:00", None),
    "once 2025-10-07 10:00": ("2025-10-07 10:00", None),
    "once 1404-07-02 11:59": (None, None),
    "cron 30 6 * * mon-fri": ("2025-09-25 06:30", "2025-09-26 06:30"),
    "cron */20 12 * * *": ("2025-09-24 12:20", "2025-09-24 12:40"),
    "cron 0 0 1,15 * *": ("2025-10-01 00:00", "2025-10-15 00:00"),
    "cron 0 5 13 * fri": ("2025-09-26 05:00", "2025-10-03 05:00"),  # one of both, as cron has it
    "cron 0 5 * 3 *": ("2026-03-01 05:00", "2026-03-02 05:00"),
    "cron 0 5 * * sat-mon": ("2025-09-27 05:00", "2025-09-28 05:00"),
}


@pytest.mark.parametrize("words", FIRST_TWO)
def test_the_first_moments_are_those_that_the_words_say(words: str) -> None:
    rule = read_when(words, TEHRAN)
    found = islice(rule.between(NOON, NOON + timedelta(days=400)), 2)
    told = [moment.astimezone(TEHRAN).strftime("%Y-%m-%d %H:%M") for moment in found]
    assert [*told, None, None][:2] == list(FIRST_TWO[words])


REFUSED = {
    "": "is no time that is understood",
    "sometimes": "is no time that is understood",
    "daily": "is no time that is understood",
    "daily 24:00": "24:00 is no time of a day",
    "daily 6": "is no time that is understood",
    "every 0 minutes": "from 10 seconds to 24 hours",
    "every 25 hours": "from 10 seconds to 24 hours",
    "every 9 seconds": "from 10 seconds to 24 hours",
    "funday 06:00": "is no time that is understood",
    "mon,fun 06:00": "'fun' is no day of the week; allowed: mon",
    "32nd of month 03:00": "no month has such a day",
    "0th of jalali month 03:00": "no month has such a day",
    "once 1404-07-31 10:00": "is no day of the calendar",
    "once 1404-13-01 10:00": "is no day of the calendar",
    "cron 0 6 * *": "five fields",
    "cron 0 6 * * 1": "names only",
    "cron 0 6 * * 0-6": "names only",
    "cron 60 6 * * *": "'60' is no minute; numbers 0 to 59",
    "cron 0 6 0 * *": "'0' is no day",
    "cron */0 * * * *": "is no minute",
    "cron 5-1 * * * *": "is no minute",
}


@pytest.mark.parametrize("words", REFUSED)
def test_what_is_no_time_is_refused_with_what_is_allowed(words: str) -> None:
    with pytest.raises(ValueError, match=REFUSED[words]):
        read_when(words, TEHRAN)


def test_a_day_that_never_comes_is_never_due() -> None:
    assert read_when("31st of jalali month 03:00", TEHRAN).after(NOON) is not None, "of the first six months"
    assert read_when("cron 0 0 30 2 *", TEHRAN).after(NOON) is None


def test_jalali_months_begin_when_another_calendar_says_so() -> None:
    rule = read_when("1st of jalali month 00:00", TEHRAN)
    found = list(rule.between(datetime(2021, 1, 1, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC)))
    days = [jdatetime.date.fromgregorian(date=moment.astimezone(TEHRAN).date()) for moment in found]
    assert {day.day for day in days} == {1}
    assert len(days) == 120


# 1401: at 00:00 of 2 Farvardin clocks were put forward, at 24:00 of 30 Shahrivar back.
def test_a_time_that_the_clocks_skip_runs_when_they_have_been_put_forward() -> None:
    start = datetime(2022, 3, 20, 12, 0, tzinfo=UTC)
    rule = read_when("daily 00:30", TEHRAN)
    found = [moment.isoformat() for moment in rule.between(start, start + timedelta(days=3))]
    assert found == [
        "2022-03-20T21:00:00+00:00",  # 00:30 +03:30
        "2022-03-21T20:30:00+00:00",  # 00:30 was not: 01:00 +04:30
        "2022-03-22T20:00:00+00:00",  # 00:30 +04:30
    ]


def test_a_time_that_is_shown_twice_runs_the_first_time_only() -> None:
    start = datetime(2022, 9, 20, 12, 0, tzinfo=UTC)
    rule = read_when("daily 23:30", TEHRAN)
    found = [moment.isoformat() for moment in rule.between(start, start + timedelta(days=3))]
    assert found == [
        "2022-09-20T19:00:00+00:00",  # +04:30
        "2022-09-21T19:00:00+00:00",  # +04:30, and an hour later it is 23:30 again
        "2022-09-22T20:00:00+00:00",  # +03:30
    ]


def test_spans_do_not_mind_the_clocks() -> None:
    start = datetime(2022, 9, 21, 18, 0, tzinfo=UTC)
    found = list(read_when("every 30 minutes", TEHRAN).between(start, start + timedelta(hours=5)))
    assert {later - earlier for earlier, later in pairwise(found)} == {timedelta(minutes=30)}


@pytest.mark.parametrize("words", [words for words in FIRST_TWO if not words.startswith("once")])
def test_the_moments_of_a_span_are_the_same_however_it_is_cut(words: str) -> None:
    rule = read_when(words, TEHRAN)
    end = NOON + timedelta(days=70)
    whole = list(rule.between(NOON, end))
    middle = NOON + timedelta(days=31, minutes=17)
    assert list(rule.between(NOON, middle)) + list(rule.between(middle, end)) == whole
    assert all(NOON < moment <= end for moment in whole)
