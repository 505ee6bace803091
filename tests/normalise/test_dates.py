from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import jdatetime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.normalise.dates import TEHRAN, Reading, Refusal, jalali, read, read_day
from crawler.normalise.dates.reading import _checked
from tests.normalise import spec_dates, spec_refused
from tests.normalise.date_cases import GREGORIAN, MONTHS, NOW, READ, REFUSED, WEEKDAYS

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


@pytest.mark.parametrize(("raw", "why"), spec_refused.REFUSED, ids=lambda s: ascii(s)[:40])
def test_refuses_what_the_specification_forbids(raw: str, why: str) -> None:
    assert isinstance(read(raw, NOW), Refusal), why


def test_the_tables_are_long_enough() -> None:
    refused = {raw for raw, _ in (*REFUSED, *spec_refused.REFUSED)}
    strings = {raw for raw, *_ in (*READ, *spec_dates.READ)} | refused
    assert len(strings) >= 150
    assert len(refused) * 3 >= len(strings)


OTHER_SPELLINGS = {"اوریل": 4, "می": 5, "ژوین": 6, "ژوييه": 7, "جولای": 7}


@pytest.mark.parametrize(
    ("month", "number"), [*zip(GREGORIAN, range(1, 13), strict=True), *OTHER_SPELLINGS.items()]
)
def test_every_gregorian_month_in_words(month: str, number: int) -> None:
    for day in (1, 5, 12, 28):
        found = read(f"{day} {month} ۲۰۲۱", NOW)
        assert found.at is not None
        assert found.at.date() == date(2021, number, day)


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


def test_nothing_is_later_than_now_whatever_zone_now_is_in() -> None:
    """At 01:10 the clocks have been put forward by an hour: 00:30 was never there."""
    now = datetime(2022, 3, 22, 1, 10, tzinfo=TEHRAN)
    for moment in (now, now.astimezone(UTC)):
        assert read("امروز ۰۰:۳۰", moment) == read("امروز ۰۰:۳۰", now.astimezone(UTC))
        at = read("امروز ۰۰:۰۵", moment).at
        assert at is None or at.astimezone(UTC) <= now.astimezone(UTC)


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


@pytest.mark.parametrize("odd", [" ", "\xa0", "\u200f", "\n", Z, "\ufeff", "\u064e"], ids=ascii)
def test_read_ends_on_floods_that_mean_nothing(odd: str) -> None:
    found = read(f"{odd * MANY}۲ مهر{' ' + odd * MANY + ' '}۱۴۰۴{odd * MANY}", NOW)
    assert found.at == datetime(2025, 9, 24, tzinfo=TEHRAN)


@pytest.mark.parametrize(
    "odd", ["\u0640", "\u0301", "1", "۱", "/", "-", ":", "٣", "\xad", "1/", "2 مهر "], ids=ascii
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
