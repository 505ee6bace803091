"""The time of a day: ۱۶:۱۲, «ساعت ۱۸», «ساعت ۵ و ۳۰ دقیقه», «۵:۳۰ عصر»."""

import re
from datetime import time

from crawler.normalise.dates.reading import Clock, Precision, Refusal
from crawler.normalise.dates.words import GAP, joined

_SAME = {hour: hour for hour in range(24)}


_MORNING = {hour: hour for hour in range(12)}
_PM = {hour: hour + 12 for hour in range(1, 12)}
_AFTER = _PM | {hour: hour for hour in range(12, 24)}


def _only(hours: dict[int, int], *allowed: int) -> dict[int, int]:
    return {hour: hours[hour] for hour in allowed}


# Part of the day → the hours it is written with, and what they are on a clock of 24. Left out: twelve and one
# to five at night, for writers disagree which day they are of; twelve in the morning, noon or midnight. Of
# بامداد and ق.ظ it is midnight (CLDR).
_PARTS = {
    "صبح": _MORNING,
    **dict.fromkeys(("بامداد", "قظ", "قبلازظهر", "پیشازظهر"), _MORNING | {12: 0}),
    "ظهر": _only(_AFTER, 1, 2, 12, 13, 14) | {11: 11},
    **dict.fromkeys(("بظ", "بعدازظهر", "پسازظهر"), _AFTER),
    "عصر": _only(_AFTER, *range(1, 9), *range(13, 21)),
    "شب": _only(_AFTER, *range(6, 12), *range(18, 24)) | {0: 0},
}
_PART = rf"(?:(?:قبل|پیش|بعد|پس){GAP}از{GAP})?ظهر|صبح|بامداد|عصر|شب|[قب] ?\.? ?ظ\.?"

TIME = (
    r"(?:(?:ساعت ?:? ?)?(?P<hour>[0-9]{1,2}) ?: ?(?P<minute>[0-9]{2})(?: ?: ?(?P<second>[0-9]{2}))?"
    r"|ساعت ?:? ?(?P<full_hour>[0-9]{1,2})(?: و (?P<past>[0-9]{1,2}|نیم)(?: ?دقیقه)?)?"
    rf"|(?P<part_hour>[0-9]{{1,2}})(?= ?(?:{_PART})))"
    rf"(?: ?(?P<part>{_PART}))?"
)


def read_clock(found: re.Match[str]) -> Clock | Refusal | None:
    """What the groups of `TIME` in a match say; None where no time is written.

    >>> read_clock(re.fullmatch(TIME, "ساعت 5 و 30 دقیقه عصر"))
    Clock(time=datetime.time(17, 30), precision='minute')
    >>> read_clock(re.fullmatch(TIME, "12:10 شب"))
    Refusal(reason='the part of the day does not fit the hour', at=None)
    """
    said = found.groupdict()
    hour = said["hour"] or said["full_hour"] or said["part_hour"]
    if hour is None:
        return None
    minute = said["minute"] or (said["past"] or "").replace("نیم", "30")
    hours = _PARTS[joined(said["part"]).replace(".", "")] if said["part"] else _SAME
    if int(hour) in _SAME and int(hour) not in hours:
        return Refusal("the part of the day does not fit the hour")
    precision: Precision = "second" if said["second"] else "minute" if minute else "hour"
    try:
        at = time(hours.get(int(hour), 24), int(minute or 0), int(said["second"] or 0))
    except ValueError:
        return Refusal("no such time of day")
    return Clock(at, precision)
