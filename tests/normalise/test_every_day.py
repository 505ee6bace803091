"""Every day of 1380 to 1410 in every form that is read, against a calendar that shares no code with ours."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import jdatetime
import pytest

from crawler.normalise.dates import TEHRAN, Reading, Refusal, jalali, read
from tests.normalise.date_cases import GREGORIAN, MONTHS, NOW, WEEKDAYS

Z = "\u200c"
PERSIAN = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")


def every_day() -> Iterator[jdatetime.date]:
    day = jdatetime.date(1380, 1, 1)
    while day <= jdatetime.date(1410, 12, 29):
        yield day
        day += timedelta(days=1)


# Every form that the grammar has, each over all days; {t} stands for a time.
FORMATS = {
    "era B": ("تاریخ انتشار: {d:02} {name} {y} - 16:12", "jalali"),
    "era C": ("16:12 - {d:02} {name} {y}", "jalali"),
    "day alone": ("{d} {name} {y}", "jalali"),
    "month of": ("{d} {name}ماه {y}", "jalali"),
    "spelled": ("{spelled} {name} {y}", "jalali"),
    "cardinal": ("{cardinal} {name} ماه سال {y} هجری شمسی", "jalali"),
    "weekday": ("{weekday} {d} {name} {y} ساعت 16:12:00", "jalali"),
    "weekday spelled": ("{weekday}، {spelled} {name} {y} ساعت 4:12 عصر", "jalali"),
    "weekday behind": ("{d} {name} {y}، {weekday} - 16:12", "jalali"),
    "time between": ("{weekday} 16:12 - {d} {name} {y}", "jalali"),
    "time first": ("ساعت 16 و 12 دقیقه {weekday} {d} {name} {y}", "jalali"),
    "meta": ("{y}/{m:02}/{d:02} - 16:12", "jalali-numeric"),
    "comment": ("16:12 - {y}/{m:02}/{d:02}", "jalali-numeric"),
    "list": ("کد خبر: 1   تاریخ انتشار : {y}/{m:02}/{d:02}", "jalali-numeric"),
    "archive": ("{y}-{m}-{d}", "jalali-numeric"),
    "dots": ("{weekday} {y}.{m:02}.{d:02} ساعت 16:12", "jalali-numeric"),
    "iso": ("{g:%Y-%m-%d}T16:12:00+03:30", "iso"),
    "rfc822": ("{g:%a, %d %b %Y} 16:12:00 +0330", "rfc822"),
    "gregorian": ("{g.day} {gregorian} {g.year}", "gregorian"),
    "gregorian figures": ("{g:%Y/%m/%d} - 16:12", "gregorian-numeric"),
}  # fmt: skip
ORDINALS = (
    "اول دوم سوم چهارم پنجم ششم هفتم هشتم نهم دهم یازدهم دوازدهم سیزدهم چهاردهم پانزدهم شانزدهم هفدهم هجدهم"
    " نوزدهم بیستم بیست‌و‌یکم بیست‌و‌دوم بیست‌و‌سوم بیست‌و‌چهارم بیست‌و‌پنجم بیست‌و‌ششم بیست‌و‌هفتم بیست‌و‌هشتم"
    " بیست‌و‌نهم سی‌ام سی‌و‌یکم"
).split()
CARDINALS = (
    "یک دو سه چهار پنج شش هفت هشت نه ده یازده دوازده سیزده چهارده پانزده شانزده هفده هجده نوزده بیست"
    " بیست‌و‌یک بیست‌و‌دو بیست‌و‌سه بیست‌و‌چهار بیست‌و‌پنج بیست‌و‌شش بیست‌و‌هفت بیست‌و‌هشت بیست‌و‌نه سی سی‌و‌یک"
).split()
DAYS = list(every_day())
LATER = datetime(2033, 1, 1, tzinfo=TEHRAN)


@pytest.mark.parametrize("name", FORMATS)
def test_every_day_of_the_site_against_an_oracle(name: str) -> None:
    form, rule = FORMATS[name]
    for day in DAYS:
        g = day.togregorian()
        raw = form.format(
            y=day.year,
            m=day.month,
            d=day.day,
            g=g,
            name=MONTHS[day.month - 1],
            weekday=WEEKDAYS[day.weekday()],
            gregorian=GREGORIAN[g.month - 1],
            spelled=ORDINALS[day.day - 1].replace(Z, " " if day.day % 2 else Z),
            cardinal=CARDINALS[day.day - 1].replace(Z, " "),
        )
        found = read(raw if rule in ("iso", "rfc822") else raw.translate(PERSIAN), LATER)
        assert isinstance(found, Reading), raw
        assert (found.at.date(), found.rule) == (g, rule), raw
        assert found.at.hour == (16 if "12" in form.replace("{m:02}", "") else 0), raw


def test_the_jalali_day_of_a_moment_is_the_one_that_was_read() -> None:
    for day in DAYS:
        at = datetime(day.togregorian().year, day.togregorian().month, day.togregorian().day, tzinfo=TEHRAN)
        assert jalali(at) == f"{day.year}-{day.month:02}-{day.day:02}"


def test_days_that_no_year_has_are_refused_in_every_year() -> None:
    for year in range(1380, 1411):
        for month, name in enumerate(MONTHS, 1):
            last = 31 if month < 7 else 30 if month < 12 or jdatetime.date(year, 1, 1).isleap() else 29
            assert read(f"{year}/{month}/{last}", NOW).at is not None
            for day in range(last + 1, 100):
                assert read(f"{year}/{month}/{day}", NOW) == Refusal("no such day")
                assert read(f"16:12 - {day} {name} {year}", NOW) == Refusal("no such day")
            for day in range(last + 1, 32):
                assert read(f"{ORDINALS[day - 1]} {name} {year}", NOW) == Refusal("no such day")


def test_a_weekday_of_another_day_is_refused_of_every_day() -> None:
    for day in DAYS[::5]:
        for wrong in {*WEEKDAYS} - {WEEKDAYS[day.weekday()]}:
            found = read(f"{wrong} {day.day} {MONTHS[day.month - 1]} {day.year}", NOW)
            assert found == Refusal("the weekday is another day's")
