"""What the ledger keeps of rows and of answers is what they say."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from crawler.items import Dated
from crawler.ledger.facts import written_of
from tests.awkward import HTML, QOM, article, home, section, serving
from tests.crawling import crawl
from tests.ledger.test_recover import row


@pytest.mark.parametrize(
    ("published", "day"),
    [
        ("2026-11-20T20:29:59+00:00", "2026-11-20"),
        ("2026-11-20T20:30:00+00:00", "2026-11-21"),  # midnight in Tehran
        ("2026-11-21T00:00:00+03:30", "2026-11-21"),
        ("2022-08-20T19:30:00+00:00", "2022-08-21"),  # in summer, until 2022
    ],
)
def test_the_day_is_the_day_in_tehran(published: str, day: str) -> None:
    dated = Dated(at=datetime.fromisoformat(published), origin="meta", raw=published)
    assert written_of(row(1).model_copy(update={"published": dated}), 0).day == day


def test_a_row_without_a_date_has_no_day() -> None:
    refused = Dated(origin="printed", raw="soon", refused="no date")
    assert written_of(row(1).model_copy(update={"published": refused}), 0).day is None


def test_every_answer_of_lists_and_articles_is_noted_those_too_that_could_not_be_read(tmp_path: Path) -> None:
    pages = {
        "/": home(QOM),
        "/fa/rss/35": (200, HTML, "<p>no feed</p>"),
        "/fa/qom": section(1001, 1002),
        "1001": article(1001),
        "1002": (404, HTML, "gone"),
    }
    with serving(pages) as (url, _):  # type: ignore[arg-type]  # of the kinds that it takes
        done = crawl(tmp_path, "provinces=qom", SITE_URL=url, RETRY_ENABLED="0", REQUISITES="none")
    with closing(sqlite3.connect(done.folder / "ledger.sqlite")) as ledger:
        noted = set(ledger.execute("SELECT coalesce(path, news_id), status FROM captures"))
    assert noted == {("/", 200), ("/fa/rss/35", 200), ("/fa/qom", 200), (1001, 200), (1002, 404)}
