"""ISO 8601 (the pages' meta tags) and RFC 822 (feeds, HTTP headers): Gregorian, strictly read."""

import re
from datetime import UTC, date, time, timedelta, timezone, tzinfo

from crawler.normalise.dates.reading import (
    GREGORIAN_YEARS,
    JALALI_YEARS,
    TEHRAN,
    Clock,
    Reading,
    Refusal,
    moment,
)

_ISO = re.compile(
    r"(?P<y>[0-9]{4})-(?P<m>[0-9]{2})-(?P<d>[0-9]{2})"
    r"(?:[T ](?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})"
    r"(?::(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]{1,9}))?)?"
    r"(?: ?(?P<offset>Z|[+-][0-9]{2}(?::?[0-9]{2})?))?)?"
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
# The site's feeds leave the weekday out. The American zone names of RFC 822 are not let in: never seen here.
_RFC822 = re.compile(
    rf"(?:(?P<weekday>{'|'.join(_WEEKDAYS)}), ?)?"
    rf"(?P<d>[0-9]{{1,2}}) (?P<month>{'|'.join(_MONTHS)}) (?P<y>[0-9]{{4}})"
    r" (?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2}))?"
    r" (?P<offset>GMT|UTC?|Z|[+-][0-9]{4})"
)


def read_standard(text: str) -> Reading | Refusal | None:
    """A reading, a refusal of what has the form but names no moment, or None: not of these forms.

    >>> read_standard("Sat, 06 May 2017 13:25:11 +0430").at.isoformat()
    '2017-05-06T13:25:11+04:30'
    >>> read_standard("2026-10-01T15:45:01").at.isoformat()
    '2026-10-01T15:45:01+03:30'
    """
    if found := _ISO.fullmatch(text):
        # A Jalali day written with hyphens looks the same; that one is the site grammar's.
        if int(found["y"]) in JALALI_YEARS:
            return None
        return _read(found, int(found["m"]), None, "iso")
    if found := _RFC822.fullmatch(text):
        return _read(found, _MONTHS.index(found["month"]) + 1, found["weekday"], "rfc822")
    return None


def _read(found: re.Match[str], month: int, weekday: str | None, rule: str) -> Reading | Refusal:
    year = int(found["y"])
    if year not in GREGORIAN_YEARS:
        return Refusal("year out of range")
    try:
        day = date(year, month, int(found["d"]))
    except ValueError:
        return Refusal("no such day")
    if weekday and _WEEKDAYS.index(weekday) != day.weekday():
        return Refusal("the weekday is another day's")
    zone = _zone(found["offset"])
    if zone is None:
        return Refusal("no such offset")
    if found["hour"] is None:
        return moment(day, None, rule, "gregorian", zone)
    # datetime counts millionths. Further figures are cut off: rounding could reach the next second, and day.
    micro = int((found.groupdict().get("fraction") or "")[:6].ljust(6, "0"))
    try:
        clock = time(int(found["hour"]), int(found["minute"]), int(found["second"] or 0), micro)
    except ValueError:
        return Refusal("no such time of day")
    return moment(day, Clock(clock, "second" if found["second"] else "minute"), rule, "gregorian", zone)


def _zone(offset: str | None) -> tzinfo | None:
    """The zone of a written offset, Tehran where none is written, None where no place on earth has it."""
    if offset is None:
        return TEHRAN
    if offset[0] not in "+-":
        return UTC
    hours, minutes = int(offset[1:3]), int(offset[-2:]) if len(offset) > 3 else 0
    ahead = timedelta(hours=hours, minutes=minutes)
    if minutes > 59 or ahead > timedelta(hours=14):
        return None
    return timezone(ahead if offset[0] == "+" else -ahead)
