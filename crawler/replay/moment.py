"""Times by which captures are asked for: as people write them, as archives do, as HTTP does."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, datetime, time, timedelta
from email.utils import format_datetime, parsedate_to_datetime

from crawler.normalise.dates import TEHRAN, jalali, read_day

_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?")
_STAMP = re.compile(r"[0-9]{4,14}")


def read_moment(text: str) -> datetime:
    """What ``--at`` takes, in UTC: a day, Jalali or Gregorian, alone (its end) or with a time of Tehran (a
    minute: its end); or the 4 to 14 digits of an archive's timestamp, in UTC. Raises ValueError.

    >>> read_moment("1404-07-02T12:00").isoformat()
    '2025-09-24T08:30:59+00:00'
    >>> read_moment("2025-09-24").isoformat(), read_moment("20250924083000").isoformat()
    ('2025-09-24T20:29:59+00:00', '2025-09-24T08:30:00+00:00')
    """
    if _STAMP.fullmatch(text):
        return read_stamp(text)
    if len(text) > 40:
        raise ValueError(f"{text[:40]!r} …: no time has so many letters; write 1404-07-02T12:00, in Tehran")
    day, _, clock = text.strip().replace(" ", "T", 1).partition("T")
    on = read_day(day)
    if not clock:
        return datetime.combine(on, time(23, 59, 59), TEHRAN).astimezone(UTC)
    found = _CLOCK.fullmatch(clock)
    if not found or int(found[1]) > 23 or int(found[2]) > 59 or int(found[3] or 0) > 59:
        raise ValueError(f"{clock!r} is no time of a day: write 1404-07-02T12:00, in Tehran")
    at = time(int(found[1]), int(found[2]), int(found[3] or 59))
    return datetime.combine(on, at, TEHRAN).astimezone(UTC)


def read_stamp(stamp: str) -> datetime:
    """4 to 14 digits; what is left out is the end of that year, month, day …, as of which it is asked.

    >>> read_stamp("202509").isoformat()
    '2025-09-30T23:59:59+00:00'
    """
    if not _STAMP.fullmatch(stamp) or len(stamp) % 2:
        raise ValueError(f"{stamp[:20]!r} is no timestamp: 4 to 14 digits of YYYYMMDDhhmmss")
    parts = [int(stamp[:4]), *(int(stamp[at : at + 2]) for at in range(4, len(stamp), 2))]
    try:
        year, month, day, hour, minute, second = parts + [0, 1, 1, 0, 0, 0][len(parts) :]
        return _end(datetime(year, month, day, hour, minute, second, tzinfo=UTC), len(parts))
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{stamp!r} is no time: {error}") from None


def _end(start: datetime, parts: int) -> datetime:
    if parts == 1:
        return start.replace(month=12, day=31, hour=23, minute=59, second=59)
    if parts == 2:
        last = monthrange(start.year, start.month)[1]
        return start.replace(day=last, hour=23, minute=59, second=59)
    step = {3: timedelta(days=1), 4: timedelta(hours=1), 5: timedelta(minutes=1)}.get(parts)
    return start + (step - timedelta(seconds=1)) if step else start


def stamp_of(moment: datetime) -> str:
    """
    >>> stamp_of(datetime(2025, 9, 24, 8, 30, tzinfo=UTC))
    '20250924083000'
    """
    return f"{moment.astimezone(UTC):%Y%m%d%H%M%S}".zfill(14)  # %Y: the year 1 has one digit


def http_date(moment: datetime) -> str:
    """
    >>> http_date(datetime(2025, 9, 24, 8, 30, tzinfo=UTC))
    'Wed, 24 Sep 2025 08:30:00 GMT'
    """
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def read_http_date(text: str) -> datetime:
    """An Accept-Datetime. ValueError: it is none."""
    try:
        moment = parsedate_to_datetime(text)
        return (moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"{text[:80]!r} is no time of HTTP, such as Wed, 24 Sep 2025 08:30:00 GMT") from None


def told(moment: datetime) -> tuple[str, str]:
    """(Jalali, Gregorian), both in Tehran, for people.

    >>> told(datetime(2025, 9, 24, 8, 30, tzinfo=UTC))
    ('1404-07-02 12:00:00', '2025-09-24 12:00:00')
    """
    there = moment.astimezone(TEHRAN)
    return f"{jalali(moment)} {there:%H:%M:%S}", f"{there:%Y-%m-%d %H:%M:%S}"
