"""The formats that the site prints, as a grammar: day and time in either order, in words or in figures.

A string fits as a whole or not at all. What fits is then checked: the day must exist, a weekday be its own.
"""

import re
from datetime import date, datetime

from crawler.normalise.dates.loose import GREGORIAN_MONTHS, fenced, gregorian_in_words
from crawler.normalise.dates.reading import (
    GREGORIAN_YEARS,
    JALALI_YEARS,
    Calendar,
    Reading,
    Refusal,
    gregorian,
    timed,
)
from crawler.normalise.text import ZWNJ

# Names are looked up without blanks and half-spaces: سه شنبه is spelled with either and with none.
_MONTHS = {
    "فروردین": 1, "اردیبهشت": 2, "خرداد": 3, "تیر": 4, "مرداد": 5, "امرداد": 5, "شهریور": 6,
    "مهر": 7, "آبان": 8, "ابان": 8, "آذر": 9, "اذر": 9, "دی": 10, "بهمن": 11, "اسفند": 12,
}  # fmt: skip
_WEEKDAYS = {
    "دوشنبه": 0, "سهشنبه": 1, "چهارشنبه": 2, "پنجشنبه": 3, "جمعه": 4, "آدینه": 4, "شنبه": 5, "یکشنبه": 6,
}  # fmt: skip
_FIRST_DAY = gregorian(1380, 1, 1)  # the site is younger: an older day is a misprint or not a publication

_GAP = f"[ {ZWNJ}]?"
_MARK = r"(?: ?[-–—،,|] ?| )"
_IN_WORDS = (
    r"(?P<d>[0-9]{1,2})(?: ?[-/] ?| ?)"
    rf"(?P<month>{'|'.join(_MONTHS)}|اردی{_GAP}بهشت|{'|'.join(GREGORIAN_MONTHS)})(?:{_GAP}ماه)?"
    r"(?: ?[-/،,] ?| ?)(?P<y>[0-9]{4})"
)
# The year stands first: with the year last, day and month could be either way round.
_IN_FIGURES = r"(?P<y>[0-9]{4}) ?(?P<stroke>[-/.]) ?(?P<m>[0-9]{1,2}) ?(?P=stroke) ?(?P<d>[0-9]{1,2})"
_WEEKDAY = rf"(?:(?:روز )?(?P<weekday>(?:(?:یک|دو|سه|چهار|پنج){_GAP})?شنبه|جمعه|آدینه){_MARK})?"
_TIME = r"(?:ساعت ?:? ?)?(?P<hour>[0-9]{1,2}) ?: ?(?P<minute>[0-9]{2})(?: ?: ?(?P<second>[0-9]{2}))?"
_PATTERNS = tuple(
    re.compile(pattern)
    for day in (_IN_WORDS, _IN_FIGURES)
    for pattern in (f"{_WEEKDAY}{day}(?:{_MARK}{_TIME})?", f"{_TIME}{_MARK}{_WEEKDAY}{day}")
)


def read_site(text: str, now: datetime) -> Reading | Refusal | None:
    """A reading, a refusal of what has the form but names no moment, or None: not of these forms.

    `text` is canon, on one line, its digits ASCII.

    >>> now = datetime.fromisoformat("2025-09-25T00:00+03:30")
    >>> read_site("16:12 - 12 اردیبهشت 1398", now).at.isoformat()
    '2019-05-02T16:12:00+04:30'
    >>> read_site("پنجشنبه 2 مهر 1404", now)
    Refusal(reason="the weekday is another day's", at=None)
    """
    for pattern in _PATTERNS:
        if found := pattern.fullmatch(text):
            return _moment(found, now)
    return None


def _moment(found: re.Match[str], now: datetime) -> Reading | Refusal:
    parts = found.groupdict()
    year, name = int(parts["y"]), parts.get("month")
    if year not in JALALI_YEARS and year not in GREGORIAN_YEARS:
        return Refusal("year out of range")
    calendar: Calendar = "jalali" if year in JALALI_YEARS else "gregorian"
    if name and (name in GREGORIAN_MONTHS) != (calendar == "gregorian"):
        return Refusal("the month is of one calendar, the year of another")
    day = _day(parts, calendar)
    if day is None:
        return Refusal("no such day")
    if parts["weekday"] and _WEEKDAYS[_joined(parts["weekday"])] != day.weekday():
        return Refusal("the weekday is another day's")
    if calendar == "jalali" and day < _FIRST_DAY:
        return Refusal("before 1380")
    if name is None:
        return timed(day, found, f"{calendar}-numeric", calendar)
    if calendar == "jalali":
        return timed(day, found, "jalali", calendar)
    return fenced(timed(day, found, "dateparser", calendar), now)


def _day(parts: dict[str, str], calendar: Calendar) -> date | None:
    name = parts.get("month")
    if name in GREGORIAN_MONTHS:
        return gregorian_in_words(parts["d"], name, parts["y"])
    month = _MONTHS[_joined(name)] if name else int(parts["m"])
    try:
        return (gregorian if calendar == "jalali" else date)(int(parts["y"]), month, int(parts["d"]))
    except ValueError:
        return None


def _joined(name: str) -> str:
    return name.replace(" ", "").replace(ZWNJ, "")
