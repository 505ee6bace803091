"""The formats that the site prints, as a grammar: weekday, time and day in any order, in words or in figures.

A string fits as a whole or not at all. What fits is then checked: the day must exist, a weekday be its own.
"""

import re
from datetime import date

from crawler.normalise.dates.clock import TIME, read_clock
from crawler.normalise.dates.loose import GREGORIAN_MONTHS, gregorian_month
from crawler.normalise.dates.reading import (
    GREGORIAN_YEARS,
    JALALI_YEARS,
    Calendar,
    Reading,
    Refusal,
    gregorian,
    moment,
)
from crawler.normalise.dates.words import GAP, MONTH, MONTHS, NUMBERS, SPELLED, WEEKDAY, WEEKDAYS, joined

_MARK = r"(?: ?[-–—،؛,|•·] ?(?:در )?| [/_] | (?:در )?)"
_ERA = r"(?: ?(?P<era>(?:هجری )?(?:شمسی|خورشیدی)|هـ?(?: ?\. ?| )ش\.?|میلادی))?"
_IN_WORDS = (
    rf"(?:(?P<d>[0-9]{{1,2}})(?:{GAP}ا?م)?(?: ?[-/] ?| ?)|(?P<spelled>{SPELLED}) )"
    rf"(?P<month>{MONTH}|{'|'.join(GREGORIAN_MONTHS)})(?:{GAP}ماه)?"
    rf"(?: ?[-/،,] ?| ?)(?:سال )?(?P<y>[0-9]{{4}}){_ERA}"
)
# The year stands first: with the year last, day and month could be either way round.
_IN_FIGURES = (
    rf"(?P<y>[0-9]{{4}}) ?(?P<stroke>[-/.]) ?(?P<m>[0-9]{{1,2}}) ?(?P=stroke) ?(?P<d>[0-9]{{1,2}}){_ERA}"
)
_ORDERS = (
    "(?:{weekday}{mark})?{day}(?:{mark}{time})?",
    "(?:{time}{mark})(?:{weekday}{mark})?{day}",
    "{day}{mark}{weekday}(?:{mark}{time})?",
    "{weekday}{mark}{time}{mark}{day}",
    "{time}{mark}{day}{mark}{weekday}",
    "{day}{mark}{time}{mark}{weekday}",
)
_PATTERNS = tuple(
    re.compile(order.format(weekday=WEEKDAY, time=TIME, mark=_MARK, day=day))
    for order in _ORDERS
    for day in (_IN_WORDS, _IN_FIGURES)
)


def read_site(text: str) -> Reading | Refusal | None:
    """A reading, a refusal of what has the form but names no moment, or None: not of these forms.

    `text` is canon, on one line, its digits ASCII.

    >>> read_site("16:12 - 12 اردیبهشت 1398").at.isoformat()
    '2019-05-02T16:12:00+04:30'
    >>> read_site("چهارشنبه دوم مهرماه 1404 ساعت 5 عصر").at.isoformat()
    '2025-09-24T17:00:00+03:30'
    >>> read_site("پنجشنبه 2 مهر 1404")
    Refusal(reason="the weekday is another day's", at=None)
    """
    for pattern in _PATTERNS:
        if found := pattern.fullmatch(text):
            return _read(found)
    return None


def _read(found: re.Match[str]) -> Reading | Refusal:
    parts = found.groupdict()
    year, name = int(parts["y"]), parts.get("month")
    if year not in JALALI_YEARS and year not in GREGORIAN_YEARS:
        return Refusal("year out of range")
    calendar: Calendar = "jalali" if year in JALALI_YEARS else "gregorian"
    if name and (name in GREGORIAN_MONTHS) != (calendar == "gregorian"):
        return Refusal("the month is of one calendar, the year of another")
    if parts["era"] and (parts["era"] == "میلادی") != (calendar == "gregorian"):
        return Refusal("the era is of one calendar, the year of another")
    day = _day(parts, calendar)
    if day is None:
        return Refusal("no such day")
    if parts["weekday"] and WEEKDAYS[joined(parts["weekday"])] != day.weekday():
        return Refusal("the weekday is another day's")
    clock = read_clock(found)
    if isinstance(clock, Refusal):
        return clock
    return moment(day, clock, calendar if name else f"{calendar}-numeric", calendar)


def _day(parts: dict[str, str], calendar: Calendar) -> date | None:
    day = int(parts["d"] or NUMBERS[joined(parts["spelled"])])
    try:
        return (gregorian if calendar == "jalali" else date)(int(parts["y"]), _month(parts), day)
    except ValueError:
        return None


def _month(parts: dict[str, str]) -> int:
    name = parts.get("month")
    if name is None:
        return int(parts["m"])
    return gregorian_month(name) if name in GREGORIAN_MONTHS else MONTHS[joined(name)]
