"""A day as Persian readers write it."""

from datetime import date, datetime, time

from crawler.normalise.dates.reading import TEHRAN, jalali

MONTHS = (
    *("فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور"),
    *("مهر", "آبان", "آذر", "دی", "بهمن", "اسفند"),
)
_DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")


def persian_digits(text: str) -> str:
    """
    >>> persian_digits("12:30")
    '۱۲:۳۰'
    """
    return text.translate(_DIGITS)


def jalali_day(on: date) -> str:
    """
    >>> jalali_day(date(2026, 11, 25))
    '1405-09-04'
    """
    return jalali(datetime.combine(on, time(12), TEHRAN))


def spoken(on: date, *, year: bool = True) -> str:
    """
    >>> spoken(date(2026, 11, 25)), spoken(date(2026, 11, 25), year=False)
    ('۴ آذر ۱۴۰۵', '۴ آذر')
    """
    of_year, month, day = jalali_day(on).split("-")
    words = [str(int(day)), MONTHS[int(month) - 1], *([of_year] if year else [])]
    return persian_digits(" ".join(words))
