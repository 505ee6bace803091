"""What lists name is brought, however earlier runs ended and whatever they were asked for."""

from __future__ import annotations

from pathlib import Path

from tests.awkward import HTML, QOM, article, feed, home, section, serving
from tests.sequences import ALL, FIRST, LATER, YAZD, Site, following, fragment, ids, old_section, yazd_feed


def test_what_only_the_section_names_is_not_missed_after_a_run_of_feeds_alone(tmp_path: Path) -> None:
    pages = dict(FIRST)
    with serving(pages) as (url, asked):
        site = Site(tmp_path, url, pages, asked)
        assert set(ids(site.run("provinces=qom"))) == {1001, 1002}
        pages.update(LATER)
        site.run("provinces=qom", "via=feeds")
        site.run("provinces=qom")
        old_section(tmp_path)
        done = site.run("provinces=qom")
        assert "/fa/qom" in asked
    assert set(ids(done)) == ALL


def test_what_only_the_section_names_is_not_missed_after_a_run_that_ended_between_feed_and_section(
    tmp_path: Path,
) -> None:
    pages = dict(FIRST)
    with serving(pages) as (url, asked):
        site = Site(tmp_path, url, pages, asked)
        site.run("provinces=qom")
        pages.update(LATER)
        cut = site.run("provinces=qom", "pages=1")
        assert cut.report["finish_reason"] == "limit: 1 pages"
        site.run("provinces=qom")
        old_section(tmp_path)
        done = site.run("provinces=qom")
        assert "/fa/qom" in asked
    assert set(ids(done)) == ALL


def test_what_only_the_section_names_is_not_missed_behind_a_first_page_of_pinned_ones(tmp_path: Path) -> None:
    pages = dict(FIRST)
    with serving(pages) as (url, asked):
        site = Site(tmp_path, url, pages, asked)
        site.run("provinces=qom")
        pages.update(
            {
                "/fa/rss/35": feed(1006, 1005),
                "/fa/qom": section(1002, 1001, more=following(2)),  # pinned
                "/fa/section/ajax/35/2": fragment(1006, 1005, 1004, 1003),
            }
        )
        site.run("provinces=qom")
        old_section(tmp_path)
        done = site.run("provinces=qom")
    assert set(ids(done)) == ALL


def test_what_stands_behind_a_page_that_came_stale_once_is_not_missed(tmp_path: Path) -> None:
    """The list seems to go round: it was not walked to its end."""
    pages = FIRST | LATER | {"/fa/section/ajax/35/2": fragment(1006, 1005, more=following(3))}
    with serving(pages) as (url, asked):
        site = Site(tmp_path, url, pages, asked)
        assert site.run("provinces=qom").code == 1
        pages.update(LATER)
        site.run("provinces=qom")
        old_section(tmp_path)
        done = site.run("provinces=qom")
    assert set(ids(done)) == ALL


def test_what_waits_for_one_province_is_brought_for_another_that_lists_it(tmp_path: Path) -> None:
    pages = FIRST | {
        "/": home(QOM, YAZD),
        yazd_feed(): feed(1001, 2001, title="یزد"),
        "/fa/yazd": section(1001, 2001, title="یزد"),
        "1001": article(1001, "/fa/yazd", "یزد"),
        "2001": article(2001, "/fa/yazd", "یزد"),
    }
    with serving(pages) as (url, asked):
        site = Site(tmp_path, url, pages, asked)
        first = site.run("provinces=qom", "limit=1")
        assert set(ids(first)) == {1002}
        done = site.run("provinces=yazd")
    assert set(ids(done)) == {1002, 1001, 2001}


def test_what_waits_of_a_sitemap_is_brought_by_a_crawl_whose_feed_names_it(tmp_path: Path) -> None:
    urls = "".join(
        f"<url><loc>https://www.yjc.ir/fa/news/{number}/x</loc></url>" for number in range(1001, 1005)
    )
    from crawler.sites import load

    pages = FIRST | {
        load("yjc").paths.sitemap_index: f'<?xml version="1.0"?><urlset>{urls}</urlset>',
        "/fa/rss/35": feed(*range(1001, 1005)),
        "/fa/qom": section(*range(1001, 1005)),
    }
    with serving(pages) as (url, asked):
        site = Site(tmp_path, url, pages, asked)
        first = site.run(
            "provinces=qom", "via=sitemaps", "since=1404-01-01", "articles=1", CONCURRENT_REQUESTS="1"
        )
        assert first.report["finish_reason"] == "limit: 1 articles"
        done = site.run("provinces=qom")
    assert set(ids(done)) == {1001, 1002, 1003, 1004}


def test_what_was_of_no_province_asked_for_is_written_once_a_section_asked_for_lists_it(
    tmp_path: Path,
) -> None:
    """«One that is listed in a section asked for but belongs to another province is written under that.»"""
    from crawler.sites import load

    urls = "<url><loc>https://www.yjc.ir/fa/news/1003/x</loc></url>"
    pages = FIRST | {
        load("yjc").paths.sitemap_index: f'<?xml version="1.0"?><urlset>{urls}</urlset>',
        "1003": article(1003, "/fa/yazd", "یزد"),
    }
    with serving(pages) as (url, asked):
        site = Site(tmp_path, url, pages, asked)
        site.run("provinces=qom", "via=feeds,sections,sitemaps", "since=1404-01-01")
        pages.update({"/fa/qom": section(1003, 1002, 1001), "/fa/rss/35": feed(1003, 1002)})
        done = site.run("provinces=qom", "via=feeds,sections,sitemaps", "since=1404-01-01")
    assert set(ids(done)) == {1001, 1002, 1003}


def test_an_article_that_is_listed_again_after_it_was_gone_is_archived_again(tmp_path: Path) -> None:
    pages = dict(FIRST)
    with serving(pages) as (url, asked):
        site = Site(tmp_path, url, pages, asked)
        site.run("provinces=qom")
        page = pages.pop("1001")
        for _ in range(2):
            done = site.run("age=all", spider="recheck", SECOND_LOOK_SECONDS="0")
        assert ids(done)[1001] == 2
        pages["1001"] = str(page).replace("متن خبر", "متن دیگر")
        pages["/fa/rss/35"] = feed(1001, 1002, 1003)
        site.run("provinces=qom")
        done = site.run("age=all", spider="recheck", SECOND_LOOK_SECONDS="0")
    last = [row for row in done.rows if row["id"].endswith(":1001")]
    assert max(last, key=lambda row: row["version"])["status"] != "gone"


def test_an_article_whose_address_is_too_long_is_no_silent_skip(tmp_path: Path) -> None:
    long = f'<h3 class="Htags"><a href="/fa/news/1001/{"x" * 2500}">t</a></h3>'
    pages = FIRST | {"/fa/rss/35": feed(1002, 1003), "/fa/qom": section(1002, 1003, more=long)}
    with serving(pages) as (url, asked):
        done = Site(tmp_path, url, pages, asked).run("provinces=qom", CONCURRENT_REQUESTS="1")
    account = done.report["outcomes_by_list"]
    assert 1001 in ids(done) or done.code == 1, account


def test_what_is_beyond_a_limit_is_not_fetched_by_the_same_command_again(tmp_path: Path) -> None:
    from crawler.sites import load

    urls = "".join(
        f"<url><loc>https://www.yjc.ir/fa/news/{number}/x</loc></url>" for number in range(1001, 1005)
    )
    pages = FIRST | {load("yjc").paths.sitemap_index: f'<?xml version="1.0"?><urlset>{urls}</urlset>'}
    words = ("provinces=qom,yazd", "via=sitemaps", "since=1404-01-01", "limit=1")
    with serving(pages) as (url, asked):
        site = Site(tmp_path, url, pages, asked)
        first = site.run(*words, CONCURRENT_REQUESTS="1")
        assert set(ids(first)) == {1004}
        site.run(*words, CONCURRENT_REQUESTS="1")
        again = [path for path in asked if path.startswith("/fa/news/")]
    assert again == []


def test_a_limit_brings_the_newest_though_older_ones_are_archived(tmp_path: Path) -> None:
    pages = dict(FIRST)
    with serving(pages) as (url, asked):
        site = Site(tmp_path, url, pages, asked)
        site.run("provinces=qom")
        pages.update(LATER)
        site.run("provinces=qom", "limit=4")
        done = site.run("provinces=qom", "limit=4")
    assert set(ids(done)) >= {1003, 1004, 1005, 1006}


def test_a_damaged_list_is_not_believed_to_be_unchanged(tmp_path: Path) -> None:
    """«Not modified» of what was read only as far as it went."""
    pages = dict(FIRST)
    damaged = feed(1002, 1003).replace("1003/x</link>", "1003/x</li")
    kind = {"Content-Type": "text/xml; charset=utf-8", "ETag": '"a"'}
    pages["/fa/rss/35"] = (200, kind, damaged)
    with serving(pages) as (url, asked):
        site = Site(tmp_path, url, pages, asked)
        first = site.run("provinces=qom")
        pages["/fa/rss/35"] = (304, {"ETag": '"a"'}, "")
        again = site.run("provinces=qom")
    assert first.code == 1
    assert again.code == 1, "it is damaged still, and 304 was taken for an answer"


def test_an_article_for_which_a_maintenance_page_came_is_brought_when_it_is_there(tmp_path: Path) -> None:
    pages = dict(FIRST)
    page = pages["1001"]
    pages["1001"] = (200, HTML, "<html><body><h1>Maintenance</h1></body></html>")
    with serving(pages) as (url, asked):
        site = Site(tmp_path, url, pages, asked)
        site.run("provinces=qom")
        pages["1001"] = page
        done = site.run("provinces=qom")
    assert 1001 in ids(done)


def test_an_article_that_was_missing_twice_and_is_there_now_is_brought(tmp_path: Path) -> None:
    pages = dict(FIRST)
    page = pages.pop("1001")
    with serving(pages) as (url, asked):
        site = Site(tmp_path, url, pages, asked)
        for _ in range(2):
            site.run("provinces=qom", SECOND_LOOK_SECONDS="0")
        pages["1001"] = page
        pages["/fa/rss/35"] = feed(1003, 1002, 1001)
        done = site.run("provinces=qom", SECOND_LOOK_SECONDS="0")
    assert 1001 in ids(done)
