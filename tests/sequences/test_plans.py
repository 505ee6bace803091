"""Days, limits, provinces and looks: one run's plan takes nothing from the next."""

from __future__ import annotations

import sqlite3
from collections import Counter
from pathlib import Path

from tests.awkward import QOM, article, feed, home, section, serving
from tests.sequences import FIRST, YAZD, Site, ids, yazd_feed


def test_an_article_that_was_dated_anew_is_wanted_by_its_new_date(tmp_path: Path) -> None:
    def dated(day: str) -> str:
        item = f"<item><title>t</title><link>https://www.yjc.ir/fa/news/1001/x</link><pubDate>{day}</pubDate></item>"
        return f'<?xml version="1.0"?><rss><channel><title>قم</title>{item}</channel></rss>'

    pages = FIRST | {"/fa/rss/35": dated("10 Aug 2025 10:00:00 +0330")}
    with serving(pages) as (url, asked):
        site = Site(tmp_path, url, pages, asked)
        site.run("provinces=qom", "since=2025-09-01")
        pages["/fa/rss/35"] = dated("24 Sep 2025 10:00:00 +0330")
        done = site.run("provinces=qom", "since=2025-09-01")
    assert 1001 in ids(done)


def test_recheck_keeps_to_include(tmp_path: Path) -> None:
    pages = dict(FIRST)
    with serving(pages) as (url, asked):
        site = Site(tmp_path, url, pages, asked)
        site.run("provinces=qom")
        site.run("age=all", "include=1001", spider="recheck")
        looked = [path for path in asked if path.startswith("/fa/news/")]
    assert looked == ["/fa/news/1001/x"]


def test_chance_alone_is_no_drift_of_layouts(ledger: sqlite3.Connection) -> None:
    """Some fields stand on three of five pages, always have: 12 new articles a province, day after day."""
    import random

    from crawler.account import ARTICLES, WATCHED
    from crawler.provinces import PROVINCES
    from crawler.report.drift import drift, keep_fields

    chance, alarms = random.Random(1404), 0
    for run in range(1, 26):
        filled = {}
        for province in PROVINCES:
            counts: Counter[str] = Counter({ARTICLES: 12} | dict.fromkeys(WATCHED, 12))
            for name in ("author", "kicker", "city"):
                counts[name] = sum(chance.random() < 0.6 for _ in range(12))
            filled["C", province.slug] = counts
        alarms += bool(drift(ledger, run, filled, 0)) and run > 5
        keep_fields(ledger, run, filled)
    assert alarms <= 1, f"{alarms} of 20 days end with exit code 1"


def test_what_a_sitemap_run_for_one_province_left_out_is_written_by_a_plain_run_for_the_other(
    tmp_path: Path,
) -> None:
    from crawler.sites import load

    urls = "".join(
        f"<url><loc>https://www.yjc.ir/fa/news/{number}/x</loc></url>" for number in (1001, 2001, 2002)
    )
    pages = FIRST | {
        load("yjc").paths.sitemap_index: f'<?xml version="1.0"?><urlset>{urls}</urlset>',
        "/": home(QOM, YAZD),
        yazd_feed(): feed(2001, 2002, title="یزد"),
        "/fa/yazd": section(2002, 2001, title="یزد"),
        "2001": article(2001, "/fa/yazd", "یزد"),
        "2002": article(2002, "/fa/yazd", "یزد"),
    }
    with serving(pages) as (url, asked):
        site = Site(tmp_path, url, pages, asked)
        site.run("provinces=qom", "via=sitemaps", "since=1404-01-01")
        site.run("provinces=qom,yazd")
        done = site.run()
    assert set(ids(done)) == {1001, 1002, 2001, 2002}


def test_a_feed_that_only_the_menu_names_is_read_in_every_run(tmp_path: Path) -> None:
    pages = FIRST | {"/": home((99, "/fa/qom", "قم")), "/fa/rss/99": feed(1001)}
    with serving(pages) as (url, asked):
        site = Site(tmp_path, url, pages, asked)
        site.run("provinces=qom", "via=feeds")
        pages["/fa/rss/99"] = feed(1001, 1003)
        done = site.run("provinces=qom", "via=feeds")
    assert 1003 in ids(done)
