"""What dateparser is asked, and how far it is believed.

On its own it reads ۱۴۰۴/۰۷/۰۲ as the Gregorian year 1404, turns 31 Mehr into 1 Aban and fills gaps from the
clock. So it is handed only words that a pattern of ours let through, against a base that is no clock, and
gives a month or a span of time, never a date. It takes milliseconds: what it said is remembered.
"""

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

from crawler.normalise.dates.clock import TIME, read_clock
from crawler.normalise.dates.reading import TEHRAN, Precision, Reading, Refusal, moment
from crawler.normalise.dates.words import COUNTED, GAP, NUMBERS, joined

# The spellings that it reads right (version 1.5), and some that it does not know.
_UNKNOWN = {"آگوست": "اوت", "جون": "ژوئن", "آپریل": "آوریل"}
GREGORIAN_MONTHS = (
    "ژانویه", "فوریه", "مارس", "آوریل", "اوریل", "مه", "می", "ژوئن", "ژوین", "ژوئیه", "ژوییه", "جولای",
    "اوت", "سپتامبر", "اکتبر", "نوامبر", "دسامبر", *_UNKNOWN,
)  # fmt: skip
_AGO = "(?:پیش|قبل)"
_SPAN = re.compile(
    rf"(?:(?P<count>[0-9]{{1,3}})|(?P<spelled>{COUNTED}|نیم)){GAP}(?P<unit>ثانیه|دقیقه|ساعت|روز) {_AGO}"
)
_NOW = re.compile(
    rf"(?:لحظاتی|چند لحظه|لحظه{GAP}ای) {_AGO}|هم{GAP}(?:اکنون|اینک)|اکنون|الان|همین (?:حالا|الان)"
)
_MINUTES = re.compile(rf"(?:دقایقی|چند دقیقه) {_AGO}")
_MARK = r"(?: ?[-–—،,|] ?| )"
_DAY = "(?P<day>امروز|دیروز|پریروز)"
_DAYS = tuple(re.compile(form) for form in (rf"{_DAY}(?:{_MARK}{TIME})?", rf"{TIME}{_MARK}{_DAY}"))
# Weeks, months and years ago are rounded by whoever writes them: not even the day is certain.
_VAGUE = re.compile(
    rf"(?:.{{1,12}} )?(?:ساعاتی|ساعت|روز|روزهایی|هفته|ماه|سال)(?:{GAP}ها)?(?:ی)? (?:{_AGO}|گذشته)"
)
_BASE = datetime(2000, 1, 31, 12)


def read_relative(text: str, now: datetime) -> Reading | Refusal | None:
    """«۲ ساعت پیش», «دیروز ساعت ۱۸:۳۰», «لحظاتی پیش», counted from `now`; None: nothing of the kind.

    Hours are rounded by whoever writes them, "some minutes ago" is within the hour: both are precise to the
    hour. A day without a time is its midnight in Tehran.

    >>> now = datetime.fromisoformat("2025-09-24T12:30+03:30")
    >>> read_relative("2 ساعت پیش", now).at.isoformat()
    '2025-09-24T10:30:00+03:30'
    >>> read_relative("دیروز ساعت 18:30", now).at.isoformat()
    '2025-09-23T18:30:00+03:30'
    >>> read_relative("امروز 18:30", now)
    Refusal(reason='later than the time it is counted from', at=None)
    """
    if _NOW.fullmatch(text):
        return _back(now, timedelta(), "minute")
    if _MINUTES.fullmatch(text):
        return _back(now, timedelta(), "hour")
    if found := _SPAN.fullmatch(text):
        return _span(found, now)
    for form in _DAYS:
        if found := form.fullmatch(text):
            return _day(found, now)
    return Refusal("not even the day is certain") if _VAGUE.fullmatch(text) else None


def _span(found: re.Match[str], now: datetime) -> Reading | Refusal:
    count, unit = found["count"], found["unit"]
    if found["spelled"] == "نیم":
        if unit != "ساعت":
            return Refusal("no known format")
        count, unit = "30", "دقیقه"
    span = _asked(f"{count or NUMBERS[joined(found['spelled'])]} {unit} پیش")  # of the two words it knows one
    if span is None:
        return Refusal("dateparser could not read it")
    if unit == "روز":
        return moment(now.astimezone(TEHRAN).date() - span, None, "relative", "gregorian")
    return _back(now, span, "hour" if unit == "ساعت" else "minute")


def _back(now: datetime, span: timedelta, precision: Precision) -> Reading:
    # Taken off the moment, not off the clock on the wall: that one may have been changed in between.
    at = (now.astimezone(UTC) - span).astimezone(TEHRAN).replace(second=0, microsecond=0)
    if at.fold:  # of an hour that came twice it is the second: that is known, so its offset says it
        at = at.replace(tzinfo=timezone(at.utcoffset() or timedelta()), fold=0)
    return Reading(at, "relative", precision, "gregorian")


def _day(found: re.Match[str], now: datetime) -> Reading | Refusal:
    span, clock = _asked(found["day"].replace("پریروز", "2 روز پیش")), read_clock(found)
    if isinstance(clock, Refusal):
        return clock
    if span is None:
        return Refusal("dateparser could not read it")
    # Calendar days of Tehran: a day of the clock change is no 24 hours long.
    day = now.astimezone(TEHRAN).date() - span
    read = moment(day, clock, "relative", "gregorian")
    # Of two moments in one zone Python compares the clocks on the wall.
    late = read.at.astimezone(UTC) > now.astimezone(UTC)
    return Refusal("later than the time it is counted from") if late else read


@lru_cache(maxsize=1024)
def _asked(words: str) -> timedelta | None:
    """How long ago that is; None where dateparser does not know, or says that it is to come."""
    then = _dateparser(words)
    return _BASE - then if then and then <= _BASE else None


@lru_cache(maxsize=len(GREGORIAN_MONTHS))
def gregorian_month(name: str) -> int:
    """The number of one of GREGORIAN_MONTHS.

    >>> gregorian_month("سپتامبر")
    9
    """
    at = _dateparser(f"1 {_UNKNOWN.get(name, name)} 2001")
    assert at, name
    return at.month


def _dateparser(text: str) -> datetime | None:
    # Imported here: loading it takes long, and few strings of a crawl come this far.
    import dateparser  # type: ignore[import-untyped] # it has no types of its own

    # The zone is named lest the machine's be used; all is naive, so nothing is converted.
    settings = {"RELATIVE_BASE": _BASE, "TIMEZONE": "Asia/Tehran", "RETURN_AS_TIMEZONE_AWARE": False}
    answer = dateparser.parse(text, languages=["fa", "en"], settings=settings)
    return answer if isinstance(answer, datetime) else None
