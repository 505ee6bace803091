"""Dates as the site, its feeds and other tools write them → a moment with its offset, or a refusal.

The whole string must be a date, in one of three kinds tried in this order: ISO 8601 and RFC 822
(`standard`); the formats that Persian news sites print (`grammar`); and, behind a gate of our own, what
dateparser knows (`loose`). A part that is not written is never filled in: a wrong date in an archive is worse
than none, and the raw string is kept beside it.
"""

import re
from datetime import UTC, date, datetime, timedelta

from crawler.normalise.dates.grammar import read_site
from crawler.normalise.dates.loose import read_relative
from crawler.normalise.dates.reading import (
    GREGORIAN_YEARS,
    JALALI_YEARS,
    TEHRAN,
    Reading,
    Refusal,
    gregorian,
    jalali,
)
from crawler.normalise.dates.standard import read_standard
from crawler.normalise.text import one_line

__all__ = ["TEHRAN", "Reading", "Refusal", "day_of", "gregorian", "jalali", "read", "read_day", "tehran_day"]

_FIRST_DAY = gregorian(1380, 1, 1)  # the site is younger: an older day is a misprint or not a publication
_LONGEST = 120  # characters; the longest date seen, with its label, has about 70

_ASCII_DIGITS = str.maketrans("۰۱۲۳۴۵۶۷۸۹", "0123456789")
_AHEAD = 20  # years; beyond, a date in Jalali figures is of the lunar calendar rather (1447 is 2026)
_CODE = r"(?:کد|شناسه) (?:خبر|مطلب) ?:? ?[0-9]{1,10}"
_LABEL = re.compile(
    rf"(?:{_CODE} ?(?:[-|،] ?|(?=تاریخ|زمان|انتشار|منتشر)))?"
    r"(?:(?:تاریخ|زمان|ساعت)(?: و (?:زمان|ساعت))?(?: انتشار| درج| ارسال| ثبت)(?: خبر| مطلب)?"
    r"|تاریخ(?: و (?:زمان|ساعت))?(?: خبر| مطلب)?|زمان(?: خبر)?|انتشار|مورخ"
    r"|(?:منتشر|درج|ارسال|ثبت) شده(?: در(?: تاریخ)?)?)? ?:? ?"
)
_UNREAD = dict.fromkeys((*range(0x64B, 0x653), 0x200D), "")  # vowel signs and joiners say nothing of a date
_CODE_BEHIND = re.compile(rf" ?[-|،]? {_CODE}$")

# Only for the wording of a refusal; nothing is read by these.
_LUNAR = re.compile("محرم|صفر|ربیع|جمادی|رجب|شعبان|رمضان|شوال|ذی[ \u200c]?(?:ال)?(?:قعده|حجه)")
_DAY_FIRST = re.compile(r"(?<![0-9])[0-9]{1,2} ?[-/.] ?[0-9]{1,2} ?[-/.] ?[0-9]{4}(?![0-9])")
_SHORT_YEAR = re.compile(r"[0-9]{1,2} ?(?:[-/.] ?[0-9]{1,2} ?[-/.]|[^0-9 :]+) ?[0-9]{2}(?![0-9:])")


def read(raw: str, now: datetime) -> Reading | Refusal:
    """The moment that `raw` names, if all of `raw` is a date we know how to read. Never raises on any str.

    `now` (aware, else ValueError) is the time of the fetch. It is what «۲ ساعت پیش» counts from, and a date
    in Gregorian words must not be later; nothing else is taken from it. Where no offset is written, times are
    Tehran's.

    >>> now = datetime(2025, 9, 25, tzinfo=TEHRAN)
    >>> read("تاریخ انتشار: ۱۲ اردیبهشت ۱۳۹۸ - ۱۶:۱۲", now).at.isoformat()
    '2019-05-02T16:12:00+04:30'
    >>> read("22 Aug 2026 22:08:05 +0330", now).rule
    'rfc822'
    >>> read("۳۱ مهر ۱۴۰۴", now)
    Refusal(reason='no such day', at=None)
    """
    if now.utcoffset() is None:
        raise ValueError("now must be aware: a time without an offset is no moment")
    text = _plain(raw)
    if not text:
        return Refusal("empty")
    if len(text) > _LONGEST:
        return Refusal("longer than any date")
    found = read_standard(text) or read_site(text) or read_relative(text, now)
    return _believed(found, now) if found else Refusal(_why_unknown(text))


def _believed(found: Reading | Refusal, now: datetime) -> Reading | Refusal:
    if found.at is None:
        return found
    if found.at.astimezone(TEHRAN).date() < _FIRST_DAY:
        return Refusal("before 1380")
    if found.calendar == "jalali" and found.at.year > now.year + _AHEAD:
        return Refusal("a year too far ahead: of the lunar calendar, perhaps")
    # What dateparser had a part in must not lie in the future; what our own grammar reads is as written.
    if found.rule == "gregorian" and found.at.astimezone(UTC) > now.astimezone(UTC) + timedelta(days=1):
        return Refusal("later than the day after the fetch")
    return found


def _plain(raw: str) -> str:
    """Canon text on one line, its digits ASCII, without a label such as «تاریخ انتشار:»."""
    text = one_line(raw.translate(_UNREAD)).translate(_ASCII_DIGITS)
    text = text[1:-1] if text[:1] == "(" and text.find(")") == len(text) - 1 else text
    text = text.removesuffix(".")
    label = _LABEL.match(text)
    return _CODE_BEHIND.sub("", text[label.end() :] if label else text)


def _why_unknown(text: str) -> str:
    if _LUNAR.search(text):
        return "a lunar month"
    if _DAY_FIRST.search(text):
        return "day and month in figures before the year: their order is not certain"
    if _SHORT_YEAR.match(text):
        return "a year of two digits"
    return "no known format"


def read_day(raw: str) -> date:
    """A day given on the command line, Jalali or Gregorian as its year says; ValueError names the forms.

    >>> read_day("1404-07-01") == read_day("۱۴۰۴/۷/۱") == read_day("2025-09-23") == date(2025, 9, 23)
    True
    """
    allowed = "write 1404-07-01 (Jalali, years 1300 to 1499) or 2025-09-23 (Gregorian, 1900 to 2100)"
    found = re.fullmatch(
        r"([0-9]{4})([-/])([0-9]{1,2})\2([0-9]{1,2})", one_line(raw).translate(_ASCII_DIGITS)
    )
    if not found:
        raise ValueError(f"{raw!r} is no day: {allowed}")
    year, month, day = int(found[1]), int(found[3]), int(found[4])
    try:
        if year in JALALI_YEARS:
            return gregorian(year, month, day)
        if year in GREGORIAN_YEARS:
            return date(year, month, day)
    except ValueError as error:
        raise ValueError(f"{raw!r} is no day of the calendar ({error.args[0]}): {allowed}") from error
    raise ValueError(f"{raw!r} is of no year we know: {allowed}")


def tehran_day(at: datetime) -> date:
    """The Gregorian date in Tehran at that moment.

    >>> from datetime import UTC
    >>> tehran_day(datetime(2025, 9, 23, 21, 0, tzinfo=UTC))
    datetime.date(2025, 9, 24)
    """
    return at.astimezone(TEHRAN).date()


def day_of(raw: str, now: datetime) -> date | None:
    """The Tehran day of what `read` reads, or None where it refuses."""
    at = read(raw, now).at
    return tehran_day(at) if at else None
