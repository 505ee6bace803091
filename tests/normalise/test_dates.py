from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import jdatetime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.normalise.dates import TEHRAN, Reading, Refusal, jalali, read, read_day
from crawler.normalise.dates.reading import _checked
from tests.normalise import spec_dates
from tests.normalise.date_cases import NOW, READ, REFUSED

Z = "\u200c"


@pytest.mark.parametrize(("raw", "moment", "rule", "precision"), READ, ids=lambda s: ascii(s)[:40])
def test_reads(raw: str, moment: str, rule: str, precision: str) -> None:
    found = read(raw, NOW)
    assert isinstance(found, Reading)
    assert (found.at.isoformat(), found.rule, found.precision) == (
        datetime.fromisoformat(moment).isoformat(),
        rule,
        precision,
    )
    assert found.calendar == ("jalali" if rule.startswith("jalali") else "gregorian")
    assert not found.fold


@pytest.mark.parametrize(("raw", "reason"), REFUSED, ids=lambda s: ascii(s)[:40])
def test_refuses(raw: str, reason: str) -> None:
    assert read(raw, NOW) == Refusal(reason)


@pytest.mark.parametrize(("raw", "moment", "precision"), spec_dates.READ, ids=lambda s: ascii(s)[:40])
def test_reads_what_the_specification_asks_for(raw: str, moment: str, precision: str) -> None:
    found = read(raw, NOW)
    assert isinstance(found, Reading), found
    assert (found.at, found.precision) == (datetime.fromisoformat(moment), precision)


@pytest.mark.parametrize(("raw", "why"), spec_dates.REFUSED, ids=lambda s: ascii(s)[:40])
def test_refuses_what_the_specification_forbids(raw: str, why: str) -> None:
    assert isinstance(read(raw, NOW), Refusal), why


def test_the_tables_are_long_enough() -> None:
    refused = {raw for raw, _ in (*REFUSED, *spec_dates.REFUSED)}
    strings = {raw for raw, *_ in (*READ, *spec_dates.READ)} | refused
    assert len(strings) >= 150
    assert len(refused) * 3 >= len(strings)


GREGORIAN = [
    "ژانویه",
    "فوریه",
    "مارس",
    "آوریل",
    "مه",
    "ژوئن",
    "ژوئیه",
    "اوت",
    "سپتامبر",
    "اکتبر",
    "نوامبر",
    "دسامبر",
]
OTHER_SPELLINGS = {"اوریل": 4, "می": 5, "ژوین": 6, "ژوييه": 7, "جولای": 7}


@pytest.mark.parametrize(
    ("month", "number"), [*zip(GREGORIAN, range(1, 13), strict=True), *OTHER_SPELLINGS.items()]
)
def test_every_gregorian_month_in_words(month: str, number: int) -> None:
    for day in (1, 5, 12, 28):
        found = read(f"{day} {month} ۲۰۲۱", NOW)
        assert found.at is not None
        assert found.at.date() == date(2021, number, day)


# The oracle for the Jalali calendar shares no code with what is tested.
MONTHS = [
    "فروردین",
    "اردیبهشت",
    "خرداد",
    "تیر",
    "مرداد",
    "شهریور",
    "مهر",
    "آبان",
    "آذر",
    "دی",
    "بهمن",
    "اسفند",
]
WEEKDAYS = ["شنبه", f"یک{Z}شنبه", "دوشنبه", f"سه{Z}شنبه", "چهار شنبه", "پنجشنبه", "جمعه"]
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


@pytest.mark.parametrize(
    ("raw", "offset"),
    [
        ("۱۳۹۸/۰۲/۱۲ - ۱۶:۱۲", 4.5),
        ("۱۳۹۸/۱۰/۱۲ - ۱۶:۱۲", 3.5),
        ("۱۳۸۴/۰۶/۰۱ - ۱۲:۰۰", 4.5),
        ("۱۳۸۵/۰۶/۰۱ - ۱۲:۰۰", 3.5),
        ("۱۳۸۶/۰۶/۰۱ - ۱۲:۰۰", 3.5),
        ("۱۳۸۷/۰۶/۰۱ - ۱۲:۰۰", 4.5),
        ("۱۴۰۱/۰۵/۰۱ - ۱۲:۰۰", 4.5),
        ("۱۴۰۲/۰۵/۰۱ - ۱۲:۰۰", 3.5),
    ],
)
def test_the_offset_is_that_of_the_day(raw: str, offset: float) -> None:
    found = read(raw, NOW)
    assert found.at is not None
    assert found.at.utcoffset() == timedelta(hours=offset)


@pytest.mark.parametrize(
    ("raw", "fold"),
    [
        ("۳۰ شهریور ۱۴۰۱ - ۲۲:۵۹", False),
        ("۳۰ شهریور ۱۴۰۱ - ۲۳:۰۰", True),
        ("۳۰ شهریور ۱۴۰۱ - ۲۳:۵۹", True),
        ("۳۱ شهریور ۱۴۰۱ - ۰۰:۰۰", False),
        ("۱ فروردین ۱۴۰۱ - ۲۳:۵۹", False),
        ("۲ فروردین ۱۴۰۱ - ۰۰:۰۰", True),
        ("۲ فروردین ۱۴۰۱ - ۰۰:۵۹", True),
        ("۲ فروردین ۱۴۰۱ - ۰۱:۰۰", False),
        ("2022-09-21T23:30:00", True),
        ("2022-09-21T23:30:00+03:30", False),
        ("۳۰ شهریور ۱۴۰۲ - ۲۳:۳۰", False),
        ("۳۰ شهریور ۱۳۸۵ - ۲۳:۳۰", False),
        ("۲ فروردین ۱۴۰۱", False),  # midnight there is ours, not the source's
    ],
)
def test_the_hours_of_the_clock_change_are_flagged(raw: str, fold: bool) -> None:
    found = read(raw, NOW)
    assert isinstance(found, Reading)
    assert (found.fold, found.at.fold) == (fold, 0)


def test_hours_ago_are_counted_in_time_and_not_on_the_wall() -> None:
    # Two hours before 00:30 of the first winter day it was 23:30 for the first time.
    now = datetime(2022, 9, 22, 0, 30, tzinfo=TEHRAN)
    found = read("۲ ساعت پیش", now)
    assert found.at is not None
    assert found.at.astimezone(UTC) == now.astimezone(UTC) - timedelta(hours=2)


def test_days_ago_are_days_of_tehran_wherever_the_clock_is() -> None:
    now = datetime(2025, 9, 23, 21, 0, tzinfo=UTC)  # 00:30 of the 24th in Tehran
    found = read("دیروز", now)
    assert found.at is not None
    assert found.at.isoformat() == "2025-09-23T00:00:00+03:30"


def test_now_must_be_aware() -> None:
    with pytest.raises(ValueError, match="aware"):
        read("۲ مهر ۱۴۰۴", datetime(2025, 9, 24))


def test_zone_data_from_before_2022_is_not_worked_with() -> None:
    assert _checked(ZoneInfo("Asia/Tehran")) is TEHRAN
    with pytest.raises(RuntimeError, match="update"):
        _checked(ZoneInfo("Asia/Kabul"))


BITS = st.one_of(
    st.sampled_from(
        [
            *MONTHS,
            *WEEKDAYS,
            *GREGORIAN,
            *"0123456789۰۱۴٤/-:.|،Tz+ ",
            Z,
            "ساعت",
            "پیش",
            "روز",
            "تاریخ:",
            "کد خبر",
        ]
    ),
    st.integers(0, 3000).map(str),
    st.characters(),
)


@settings(max_examples=1500, deadline=None)
@given(st.lists(BITS, max_size=14).flatmap(lambda bits: st.sampled_from(["".join(bits), " ".join(bits)])))
def test_read_never_raises_and_never_takes_the_clock(raw: str) -> None:
    found = read(raw, NOW)
    assert isinstance(found, (Reading, Refusal))
    if isinstance(found, Reading) and "پیش" not in raw:
        later = read(raw, NOW + timedelta(days=400, hours=5, minutes=7))
        assert later == found


@settings(max_examples=300, deadline=None)
@given(st.datetimes(datetime(2001, 3, 22), datetime(2030, 1, 1)))
def test_what_is_written_comes_back(at: datetime) -> None:
    at = at.replace(microsecond=0, tzinfo=TEHRAN)
    written = jdatetime.date.fromgregorian(date=at.date())
    for raw, precision in (
        (f"{written.year}/{written.month}/{written.day} {at:%H:%M:%S}", "second"),
        (f"{at:%H:%M} - {written.day} {MONTHS[written.month - 1]} {written.year}", "minute"),
        (f"{at:%Y-%m-%d %H:%M:%S}", "second"),
    ):
        found = read(raw, NOW)
        assert isinstance(found, Reading)
        assert found.at == at.replace(second=at.second if precision == "second" else 0)
        assert found.precision == precision


MANY = 50_000


@pytest.mark.parametrize("odd", [" ", "\xa0", "\u200f", "\n", Z, "\ufeff"], ids=ascii)
def test_read_ends_on_floods_that_mean_nothing(odd: str) -> None:
    found = read(f"{odd * MANY}۲ مهر{' ' + odd * MANY + ' '}۱۴۰۴{odd * MANY}", NOW)
    assert found.at == datetime(2025, 9, 24, tzinfo=TEHRAN)


@pytest.mark.parametrize(
    "odd", ["\u0640", "\u064e", "\u0301", "1", "۱", "/", "-", ":", "٣", "\xad", "1/", "2 مهر "], ids=ascii
)
def test_read_ends_on_floods_that_spoil_it(odd: str) -> None:
    assert read(odd * MANY, NOW) == Refusal("longer than any date")
    assert isinstance(read(f"۲ مهر {odd * MANY}۱۴۰۴", NOW), Refusal)


@pytest.mark.parametrize(
    ("raw", "day"),
    [
        ("1404-07-01", date(2025, 9, 23)),
        ("1404/7/1", date(2025, 9, 23)),
        ("۱۴۰۴/۰۷/۰۱", date(2025, 9, 23)),
        ("2025-09-23", date(2025, 9, 23)),
        (" 2025/09/23 ", date(2025, 9, 23)),
        ("1403-12-30", date(2025, 3, 20)),
    ],
)
def test_read_day(raw: str, day: date) -> None:
    assert read_day(raw) == day


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "yesterday",
        "1404-07",
        "1404-07-31",
        "1402-12-30",
        "01/07/1404",
        "04-07-01",
        "1404-07/01",
        "1600-01-01",
    ],
)
def test_read_day_names_what_is_allowed(raw: str) -> None:
    with pytest.raises(ValueError, match=r"write 1404-07-01 \(Jalali, .* or 2025-09-23 \(Gregorian"):
        read_day(raw)


def test_jalali_is_the_day_in_tehran() -> None:
    assert jalali(datetime(2025, 9, 23, 20, 29, tzinfo=UTC)) == "1404-07-01"
    assert jalali(datetime(2025, 9, 23, 20, 30, tzinfo=UTC)) == "1404-07-02"
    with pytest.raises(ValueError, match="offset"):
        jalali(datetime(2025, 9, 23))
