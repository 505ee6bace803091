"""What a date is once read, and the two calendars and the one time zone it is read in."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from persiantools.jdatetime import JalaliDate

Calendar = Literal["jalali", "gregorian"]
Precision = Literal["second", "minute", "hour", "day"]

# The year alone says which calendar a date is in: no news is of the Gregorian 1404 or the Jalali 2025.
JALALI_YEARS = range(1300, 1500)
GREGORIAN_YEARS = range(1900, 2101)


@dataclass(frozen=True, slots=True)
class Reading:
    """A date that was read: `at` is to be trusted as far as `precision` says; a bare day is its midnight."""

    at: datetime  # aware: the offset written in the source, else Tehran's of that day
    rule: str  # iso, rfc822, jalali, jalali-numeric, gregorian, gregorian-numeric or relative
    precision: Precision
    calendar: Calendar
    fold: bool = False  # the clocks were changed in that hour: it came twice or never; `at` has fold=0


@dataclass(frozen=True, slots=True)
class Refusal:
    """A string that is no date for us, and why, in words for the run report."""

    reason: str
    at: None = None


def _checked(zone: tzinfo) -> tzinfo:
    # Iran gave up summer time in 2022. Older zone data would put every later summer's news an hour off.
    if datetime(2023, 7, 1, tzinfo=zone).utcoffset() != timedelta(hours=3, minutes=30):
        raise RuntimeError(
            "the time zone data of this machine is older than 2022: update it, or set PYTHONTZPATH to "
            "an empty value, so that the tzdata package is used"
        )
    return zone


TEHRAN = _checked(ZoneInfo("Asia/Tehran"))


def gregorian(year: int, month: int, day: int) -> date:
    """The Gregorian date of a Jalali day; ValueError if that year has no such day.

    >>> gregorian(1403, 12, 30)
    datetime.date(2025, 3, 20)
    """
    return JalaliDate(year, month, day).to_gregorian()  # type: ignore[no-untyped-call] # its __init__ has no types


def jalali(at: datetime) -> str:
    """The Jalali day in Tehran at that moment; ValueError for a time without an offset.

    >>> from datetime import UTC
    >>> jalali(datetime(2025, 9, 23, 21, 0, tzinfo=UTC))
    '1404-07-02'
    """
    if at.utcoffset() is None:
        raise ValueError("a time without an offset has no day in Tehran")
    day = JalaliDate(at.astimezone(TEHRAN).date())  # type: ignore[no-untyped-call] # as above
    return f"{day.year:04}-{day.month:02}-{day.day:02}"


class Clock(NamedTuple):
    """A time of the day, as exact as it was written."""

    time: time
    precision: Precision


def moment(day: date, clock: Clock | None, rule: str, calendar: Calendar, zone: tzinfo = TEHRAN) -> Reading:
    """The reading of a day, or of a time on it."""
    if clock is None:
        return Reading(datetime.combine(day, time(), zone), rule, "day", calendar)
    at = datetime.combine(day, clock.time, zone)
    # Where the clocks are changed the two folds differ: the hour came twice (September) or never (March).
    return Reading(at, rule, clock.precision, calendar, at.utcoffset() != at.replace(fold=1).utcoffset())
