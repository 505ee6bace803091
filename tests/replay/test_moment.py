"""Times as people write them, as archives do, and as HTTP does."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.replay.moment import http_date, read_http_date, read_moment, read_stamp, stamp_of, told

MOMENTS = [
    ("1404-07-02T12:00", "20250924083059"),
    ("1404-07-02 12:00", "20250924083059"),
    ("2025-09-24T12:00", "20250924083059"),
    ("2025-09-24T12:00:01", "20250924083001"),
    ("2025-09-24T0:05", "20250923203559"),
    ("2025-09-24", "20250924202959"),
    ("1404-07-02", "20250924202959"),
    ("  1404-07-02 ", "20250924202959"),
    # Until 1401 clocks went forward by an hour in spring.
    ("1401-05-01T12:00", "20220723073059"),
    ("1401-05-01", "20220723192959"),
    ("1401-11-01T12:00", "20230121083059"),
    ("1402-05-01T12:00", "20230723083059"),
    ("2022-07-23T12:00", "20220723073059"),
    # Of Esfand 1403, a leap year, and its last day.
    ("1403-12-30T23:59:59", "20250320202959"),
    ("20250924083000", "20250924083000"),
    ("202509240830", "20250924083059"),
    ("2025092408", "20250924085959"),
    ("20250924", "20250924235959"),
    ("202509", "20250930235959"),
    ("202402", "20240229235959"),
    ("202512", "20251231235959"),
    ("2025", "20251231235959"),
    ("9999", "99991231235959"),
    ("999912", "99991231235959"),
    ("99991231", "99991231235959"),
]


@pytest.mark.parametrize(("text", "stamp"), MOMENTS)
def test_times_are_read(text: str, stamp: str) -> None:
    assert stamp_of(read_moment(text)) == stamp


NONSENSE = [
    "",
    "yesterday",
    "1404-13-01",
    "1404-07-31",
    "1403-12-31",
    "2025-02-29",
    "2025-09-24T24:00",
    "2025-09-24T12:60",
    "2025-09-24T12:00:60",
    "2025-09-24T12",
    "2025-09-24T1200",
    "2025-09-24T12:00Z",
    "2025-09-24T12:00+03:30",
    "123",
    "20250",
    "2025092408300",
    "202509240830000",
    "20251301",
    "20250230",
    "2025092424",
    "00000000",
    "0000",
    "99999999999999",
    "۱۴۰۴۰۷۰۲",
    "0001-01-01",
    "9999-99-99",
    "1404-07-02T١٢:٠٠",
    "\x00",
    "9" * 5_000,
]


@pytest.mark.parametrize("text", NONSENSE, ids=lambda text: repr(text)[:20])
def test_nonsense_is_refused_with_what_is_allowed(text: str) -> None:
    with pytest.raises(ValueError, match=r"[A-Za-z]{2}") as refused:
        read_moment(text)
    assert "Traceback" not in str(refused.value)
    assert len(str(refused.value)) < 300


@pytest.mark.parametrize("stamp", ["0001", "000101", "00010101000000", "1404"])
def test_early_times_keep_their_digits(stamp: str) -> None:
    assert stamp_of(read_stamp(stamp)).startswith(stamp)
    assert len(stamp_of(read_stamp(stamp))) == 14


def test_http_dates() -> None:
    moment = datetime(2025, 9, 24, 8, 30, tzinfo=UTC)
    assert http_date(moment) == "Wed, 24 Sep 2025 08:30:00 GMT"
    for text in (
        "Wed, 24 Sep 2025 08:30:00 GMT",
        "Wed, 24 Sep 2025 12:00:00 +0330",
        "24 Sep 2025 08:30:00 GMT",
    ):
        assert read_http_date(text) == moment


BAD_DATES = [
    "yesterday",
    "2025-09-24",
    "20250924083000",
    "Wed, 32 Sep 2025 08:30:00 GMT",
    "Wed, 24 Sep 2025 25:30:00 GMT",
    "Wed, 24 Sep 99999 08:30:00 GMT",
    "Wed, 24 Sep 99999999999999999999999 08:30:00 GMT",
    "Fri, 31 Dec 9999 23:59:59 -2359",
    "Wed, 24 Sep 2025 08:30:00 +99999999999",
    ", , ,",
    "",
]


@pytest.mark.parametrize("text", BAD_DATES)
def test_bad_http_dates(text: str) -> None:
    with pytest.raises(ValueError, match=r"[A-Za-z]{2}"):
        stamp_of(read_http_date(text))


def test_told_in_tehran_by_both_calendars() -> None:
    assert told(datetime(2022, 7, 23, 20, tzinfo=UTC)) == ("1401-05-02 00:30:00", "2022-07-24 00:30:00")
    assert told(datetime(2023, 7, 23, 20, 45, tzinfo=UTC)) == ("1402-05-02 00:15:00", "2023-07-24 00:15:00")
