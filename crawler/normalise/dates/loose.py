"""What dateparser is asked, and how far it is believed.

On its own it reads ۱۴۰۴/۰۷/۰۲ as the Gregorian year 1404, turns 31 Mehr into 1 Aban and fills gaps from the
clock. So it is handed only strings that a pattern of ours let through, and its answer is held against them.
"""

import re
from datetime import UTC, date, datetime, time, timedelta

from crawler.normalise.dates.reading import TEHRAN, Precision, Reading, Refusal

# The spellings that it reads right (version 1.5); it does not know آگوست.
GREGORIAN_MONTHS = (
    "ژانویه", "فوریه", "مارس", "آوریل", "اوریل", "مه", "می", "ژوئن", "ژوین", "ژوئیه", "ژوییه", "جولای",
    "اوت", "سپتامبر", "اکتبر", "نوامبر", "دسامبر",
)  # fmt: skip
# Weeks, months and years ago are left out: sites round them, and the rounding reaches other days.
_RELATIVE = re.compile(r"[0-9]{1,3} (?P<unit>ثانیه|دقیقه|ساعت|روز) (?:پیش|قبل)|دیروز|امروز")
_FIRST_DAY = date(1998, 1, 1)


def read_relative(text: str, now: datetime) -> Reading | Refusal | None:
    """«۵ دقیقه پیش», «۲ ساعت پیش», «۳ روز پیش», «دیروز», «امروز», counted from `now`; None: none of these.

    Minutes are precise to the minute. Hours are rounded by whoever writes them: they stay in `at`, trusted to
    the day. Days are midnight of that day in Tehran.

    >>> now = datetime.fromisoformat("2025-09-24T12:30+03:30")
    >>> read_relative("2 ساعت پیش", now).at.isoformat()
    '2025-09-24T10:30:00+03:30'
    >>> read_relative("دیروز", now).at.isoformat()
    '2025-09-23T00:00:00+03:30'
    """
    found = _RELATIVE.fullmatch(text)
    if not found:
        return None
    base = now.astimezone(TEHRAN).replace(tzinfo=None)
    then = _dateparser(text.replace("قبل", "پیش"), base)  # of the two words it knows one
    if then is None or then > base:
        return Refusal("dateparser could not read it")
    precision: Precision = "minute" if found["unit"] in ("ثانیه", "دقیقه") else "day"
    if found["unit"] in (None, "روز"):
        at = datetime.combine(then.date(), time(), TEHRAN)
    else:
        # Taken off the moment, not off the clock on the wall: that one may have been changed in between.
        at = (now.astimezone(UTC) - (base - then)).astimezone(TEHRAN).replace(second=0, microsecond=0)
    return fenced(Reading(at, "dateparser", precision, "gregorian"), now)


def gregorian_in_words(day: str, month: str, year: str) -> date | None:
    """The day, its month one of GREGORIAN_MONTHS; None if there is no such day.

    >>> gregorian_in_words("24", "سپتامبر", "2025")
    datetime.date(2025, 9, 24)
    """
    # A fixed base: if it should ever fill something in, it shall not be from the clock.
    at = _dateparser(f"{day} {month} {year}", datetime(2000, 1, 1))
    # It moves some days that do not exist to others that do, so what was written must come back.
    return at.date() if at and (at.day, at.year) == (int(day), int(year)) else None


def fenced(reading: Reading | Refusal, now: datetime) -> Reading | Refusal:
    """What dateparser had a part in must lie in the life of the site: from 1998 to a day after the fetch."""
    if isinstance(reading, Refusal) or (
        reading.at.date() >= _FIRST_DAY and reading.at <= now + timedelta(days=1)
    ):
        return reading
    return Refusal("outside 1998 to a day after the fetch")


def _dateparser(text: str, base: datetime) -> datetime | None:
    # Imported here: loading it takes long, and few strings of a crawl come this far.
    import dateparser  # type: ignore[import-untyped] # it has no types of its own

    # The zone is named lest the machine's be used; all is naive, so nothing is converted.
    settings = {"RELATIVE_BASE": base, "TIMEZONE": "Asia/Tehran", "RETURN_AS_TIMEZONE_AWARE": False}
    answer = dateparser.parse(text, languages=["fa", "en"], settings=settings)
    return answer if isinstance(answer, datetime) else None
