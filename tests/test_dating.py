"""Which of an article's dates is believed, and when they are said to disagree."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from crawler.dating import chosen, dates_of, disagree, read_date
from crawler.items import Article, Http, ImageRef, Raw

NOW = datetime.fromisoformat("2025-09-25T12:00+03:30")
META, PRINTED, DAY = "2025-09-24T12:30:00+03:30", "۱۲:۳۰ - ۰۲ مهر ۱۴۰۴", "۰۲ مهر ۱۴۰۴"
FEED = "24 Sep 2025 12:29:31 +0330"


def article(meta: str | None, printed: str | None, feed: str | None, **more: Any) -> Article:
    images = [ImageRef(url=more["image"], alt=None, caption=None)] if "image" in more else []
    raw = Raw(
        kicker=None,
        title="ت",
        lead=None,
        body="",
        published=printed,
        published_meta=meta,
        published_feed=feed,
        modified_meta=None,
        tags=[],
        source=None,
        related=[],
        images=images,
    )
    return Article.model_construct(
        raw=raw, http=Http(status=200, etag=None, last_modified=more.get("header")), fetched_at=NOW
    )


@pytest.mark.parametrize(
    ("meta", "printed", "feed", "origin", "at"),
    [
        (META, PRINTED, FEED, "meta", "2025-09-24T12:30:00+03:30"),
        (None, PRINTED, FEED, "printed", "2025-09-24T12:30:00+03:30"),
        (None, None, FEED, "feed", "2025-09-24T12:29:31+03:30"),
        # a day without a time gives way to whoever tells the time
        (None, DAY, FEED, "feed", "2025-09-24T12:29:31+03:30"),
        ("1404/07/02", PRINTED, None, "printed", "2025-09-24T12:30:00+03:30"),
        ("1404/07/02", DAY, None, "meta", "2025-09-24T00:00:00+03:30"),
        # what is refused gives way, and stands alone if need be
        ("۳۱ مهر ۱۴۰۴", PRINTED, None, "printed", "2025-09-24T12:30:00+03:30"),
        ("2025-09-27T12:30:00+03:30", None, None, "meta", None),
        (None, "۱ رمضان ۱۴۴۶", None, "printed", None),
        (None, None, "24 Sep 1999 12:29:31 +0330", "feed", None),
    ],
)
def test_the_first_that_tells_the_time_is_believed(
    meta: str | None, printed: str | None, feed: str | None, origin: str, at: str | None
) -> None:
    date = chosen(dates_of(article(meta, printed, feed)))
    assert date is not None
    assert date.origin == origin
    assert (date.at.isoformat() if date.at else None) == at
    assert bool(date.refused) == (at is None)


def test_pictures_and_headers_are_kept_and_never_believed() -> None:
    header, image = "Wed, 24 Sep 2025 09:10:00 GMT", "https://cdn.yjc.ir/files/fa/news/1404/7/2/1_2.jpg"
    dates = dates_of(article(None, None, None, header=header, image=image))
    assert [(date.origin, date.raw) for date in dates] == [("image", "1404/7/2"), ("header", header)]
    assert all(date.at for date in dates)
    assert chosen(dates) is None
    assert disagree(dates) is None


def test_each_date_is_kept_as_it_was_written() -> None:
    dates = dates_of(article(META, f"تاریخ انتشار: {PRINTED}", "gestern"))
    assert [date.raw for date in dates] == [META, f"تاریخ انتشار: {PRINTED}", "gestern"]
    assert [date.refused for date in dates] == [None, None, "no known format"]


@pytest.mark.parametrize(
    ("dates", "wanted"),
    [
        ((META, PRINTED, FEED), False),
        ((META, PRINTED, None), False),
        ((META, "۱۳:۳۰ - ۰۲ مهر ۱۴۰۴", None), False),  # an hour to the minute
        ((META, "۱۳:۳۱ - ۰۲ مهر ۱۴۰۴", None), True),
        ((META, PRINTED, "24 Sep 2025 14:29:31 +0330"), True),
        ((META, DAY, None), False),
        ((META, "۰۳ مهر ۱۴۰۴", None), True),
        (("1404/07/02", DAY, None), False),
        ((META, None, None), None),
        ((META, "۳۱ مهر ۱۴۰۴", None), None),
        ((None, None, None), None),
    ],
)
def test_dates_disagree(dates: tuple[str | None, str | None, str | None], wanted: bool | None) -> None:
    assert disagree(dates_of(article(*dates))) is wanted


def test_what_is_too_late_is_refused_with_its_reason() -> None:
    assert read_date("2025-09-26T12:00:00+03:30", "meta", NOW).refused is None
    late = read_date("2025-09-26T12:00:01+03:30", "meta", NOW)
    assert (late.at, late.refused) == (None, "later than the day after its capture")
