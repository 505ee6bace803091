"""What becomes of a site that changes: new articles, edits, removals, redesigns; and of days without any."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crawler.collection import Collection
from crawler.warc.verify import verify_collection
from tests.compare import differences
from tests.crawling import NAME, Crawl, crawl
from tests.site import Site, running

ARTICLES = 7


@pytest.fixture
def site() -> Iterator[Site]:
    with running(ARTICLES) as served:
        yield served


class Days:
    """A collection of the sample site, run after run."""

    def __init__(self, folder: Path, site: Site, *arguments: str) -> None:
        self._folder, self._site, self._arguments = folder, site, arguments

    def crawl(self, *arguments: str, **settings: str) -> Crawl:
        return self._run("provinces", *arguments, **settings)

    def recheck(self, **settings: str) -> Crawl:
        return self._run("recheck", "age=all", **{"SECOND_LOOK_SECONDS": "0"} | settings)

    def _run(self, spider: str, *arguments: str, **settings: str) -> Crawl:
        settings = {"SITE_URL": self._site.url, "REQUISITES": "none"} | settings
        self._site.forget()
        done = crawl(self._folder, *self._arguments, *arguments, spider=spider, **settings)
        self.asked = [entry for entry in self._site.log() if entry["path"] != "/robots.txt"]
        return done


@pytest.fixture
def days(tmp_path: Path, site: Site) -> Days:
    return Days(tmp_path, site)


def rows_of(done: Crawl) -> list[dict[str, Any]]:
    """Of this run only."""
    return [row for row in done.rows if row["run_id"] == done.report["run_id"]]


def test_edits_become_versions_removals_tombstones_and_the_rest_stays_untouched(
    site: Site, days: Days
) -> None:
    first = {row["id"] for row in days.crawl().rows}
    assert len(first) == 31 * ARTICLES
    site.change(edits=50, deletions=20, deleted_as="mixed", new=30)
    truth = {f"yjc:{article['id']}": article for article in site.truth()["articles"]}
    edited = {f"yjc:{number}" for number in site.truth()["edited"]}
    deleted = {f"yjc:{number}": kind for number, kind in site.truth()["deleted"].items()}

    new = rows_of(second := days.crawl())
    assert (second.code, len(new), {row["version"] for row in new}) == (0, 30, {1})
    assert {row["id"] for row in new} == truth.keys() - first

    versions = rows_of(third := days.recheck())
    assert third.code == 0
    assert {row["id"] for row in versions} == edited
    assert len(versions) == 50
    assert {(row["version"], row["supersedes"], row["status"]) for row in versions} == {(2, 1, "edited")}
    assert third.report["articles"]["missing"] == 20, "a first look is no end"

    tombstones = rows_of(last := days.recheck())
    assert last.code == 0
    assert {row["id"] for row in tombstones} == deleted.keys()
    assert len(tombstones) == 20
    said = {"404": 404, "410": 410, "soft404": 200, "home": 302}
    for row in tombstones:
        assert (row["version"], row["status"], row["title"], row["raw"]) == (2, "gone", None, None)
        assert row["province"] is not None
        assert row["http"]["status"] == said[deleted[row["id"]]], (
            "of its own address, not of where that leads"
        )
        assert f"/fa/news/{row['id'][4:]}" in row["url"]

    newest = {row["id"]: row for row in last.rows}
    assert [line for name, article in truth.items() for line in differences(newest[name], article)] == []
    assert len(last.rows) == 31 * ARTICLES + 30 + 50 + 20, "and no other row"
    assert rows_of(days.recheck()) == []
    assert verify_collection(Collection(last.folder.parent, NAME)).faults == []


def test_the_report_says_what_was_edited(site: Site, days: Days) -> None:
    days.crawl("provinces=qom")
    site.change(edits=200)
    versions = days.recheck().report["versions"]
    assert versions
    for version in versions:
        signs = Counter(line[0] for line in version["diff"])
        assert signs["+"] >= 1
        assert signs.keys() <= {"+", "-"}
        assert len(version["diff"]) <= 4, "only what was changed"


def test_counters_and_the_like_make_no_version(site: Site, days: Days) -> None:
    site.change(counters=True)
    rows = len(days.crawl("provinces=qom,yazd").rows)
    done = days.recheck()
    assert done.report["articles"]["unchanged"] == rows
    assert rows_of(done) == []
    assert done.report["warc"]["revisits"] == 1, "robots.txt; of pages the bytes are others, and are kept"


def test_an_article_that_comes_back_is_not_gone(site: Site, days: Days) -> None:
    days.crawl("provinces=qom")
    site.change(deletions=31 * ARTICLES)
    assert days.recheck().report["articles"]["missing"] > 5
    site.change(deletions=0)
    assert days.recheck().report["articles"]["missing"] == 0
    site.change(deletions=31 * ARTICLES)
    done = days.recheck()
    assert (rows_of(done), done.code) == ([], 0)


def test_an_unchanged_day_costs_a_request_a_feed_at_most_one_a_section_and_no_row(days: Days) -> None:
    days.crawl()
    day = days.crawl()
    assert (day.code, rows_of(day)) == (0, [])
    assert len(days.asked) <= 62
    assert max(Counter(entry["path"] for entry in days.asked).values()) == 1
    assert {entry["status"] for entry in days.asked} == {304}


def test_without_feeds_each_section_is_looked_at_once(days: Days) -> None:
    days.crawl("via=sections", "provinces=qom,yazd,gilan")
    day = days.crawl("via=sections", "provinces=qom,yazd,gilan")
    assert (day.code, rows_of(day)) == (0, [])
    assert len(days.asked) == 3


def test_of_sitemaps_only_the_index_and_what_changed_is_read_again(site: Site, days: Days) -> None:
    asked = ("via=sitemaps", "since=1402-01-01", "provinces=qom,yazd")
    days.crawl(*asked)
    days.crawl(*asked)
    statuses = Counter(entry["status"] for entry in days.asked)
    assert statuses[200] == 1, "the index"
    assert statuses.keys() == {200, 304}
    site.change(new=31)
    assert len(rows_of(days.crawl(*asked))) == 2


def test_new_articles_are_found_in_lists_that_are_not_sorted_and_bear_pinned_ones(
    site: Site, days: Days
) -> None:
    site.change(unsorted=True, pinned=3)
    assert len(days.crawl().rows) == 31 * ARTICLES
    site.change(new=93)
    done = days.crawl()
    assert len(rows_of(done)) == 93
    assert len(days.asked) < 93 + 31 * 4, "lists are not walked to their ends"


def test_a_list_that_was_not_walked_to_its_end_is_walked_on_in_the_next_run(tmp_path: Path) -> None:
    with running(60) as site:
        days = Days(tmp_path, site, "provinces=qom")
        few = days.crawl("pages=4")
        assert few.report["finish_reason"] == "limit: 4 pages"
        assert few.code == 0
        assert len(days.asked) <= 5
        whole = days.crawl()
        assert len(whole.rows) == len(Days(tmp_path / "b", site, "provinces=qom").crawl().rows)


@pytest.mark.parametrize(
    ("limit", "reason"), [("articles=5", "limit: 5 articles"), ("bytes=100kB", "limit: 100,000 bytes")]
)
def test_a_limit_ends_a_run_in_order_and_the_next_goes_on(limit: str, reason: str, days: Days) -> None:
    done = days.crawl("provinces=qom,yazd", limit)
    assert (done.code, done.err) == (0, "")
    assert done.report["finish_reason"] == reason
    assert done.report["articles"]["open"] > 0
    whole = days.crawl("provinces=qom,yazd")
    assert whole.report["articles"]["open"] == 0
    assert len(whole.rows) >= 2 * ARTICLES


def test_minutes_are_a_limit_too(site: Site, days: Days) -> None:
    site.change(slow=0.2)
    done = days.crawl("minutes=0.02", CONCURRENT_REQUESTS="1")
    assert done.report["finish_reason"] == "limit: 0.02 minutes"


def test_include_and_exclude_go_by_the_address_as_people_read_it(site: Site, days: Days) -> None:
    done = days.crawl("provinces=qom", "include=/fa/news/", "exclude=ا")
    assert done.report["articles"]["skipped"] > 0
    assert not [row for row in done.rows if "%D8%A7" in row["url"]]
    few = len(done.rows)
    assert len(days.crawl("provinces=qom").rows) > few, "a later run that wants them takes them up"


def test_a_redesign_is_archived_named_and_nothing_is_written_half_empty(site: Site, days: Days) -> None:
    days.crawl()
    site.change(redesign="full", new=62)
    done = days.crawl()
    assert done.code == 1
    assert [row for row in rows_of(done) if row["template"] == "C"] == []
    unread = done.report["articles"]["failed"]
    assert unread > 20
    assert [fall["field"] for fall in done.report["layout_drift"]] == ["every field"]
    assert "layout: template C: every field was read of 0%" in done.out
    pointers = [trouble["warc"] for trouble in done.report["troubles"]["first"]]
    assert len([pointer for pointer in pointers if pointer]) >= unread, "their bytes are in the archive"


def test_a_partial_redesign_is_named_by_its_fields(site: Site, days: Days) -> None:
    days.crawl()
    site.change(redesign="partial", new=93)
    done = days.crawl()
    assert done.code == 1
    fallen = {fall["field"] for fall in done.report["layout_drift"] if fall["template"] == "C"}
    assert {"lead", "published"} <= fallen
    assert not fallen & {"body", "title"}, "these are still read"
    for row in rows_of(done):
        assert row["title"]
        assert row["body"] or row["images"]
        assert row["published"], "what cannot be dated is no row"


def test_what_was_outside_the_days_asked_for_is_not_fetched_again_to_learn_its_day(days: Days) -> None:
    asked = ("provinces=qom,yazd", "since=1405-08-27")
    first = days.crawl(*asked)
    assert first.report["articles"]["skipped"] > 3
    again = days.crawl(*asked)
    assert [entry["path"] for entry in days.asked if entry["path"].startswith("/fa/news/")] == []
    assert again.report["articles"]["discovered"] == 0
    assert len(days.crawl("provinces=qom,yazd").rows) > len(rows_of(first)), "until they are asked for"


def test_a_look_at_unchanged_pages_tells_no_drift(days: Days) -> None:
    days.crawl("provinces=qom,yazd,ilam")
    done = days.recheck(CONDITIONAL_REQUESTS="0")
    assert (done.code, done.report["layout_drift"]) == (0, [])
    assert done.report["templates"]


def test_a_soft_404_is_no_article(site: Site, days: Days) -> None:
    days.crawl("provinces=qom")
    site.change(deletions=31 * ARTICLES, deleted_as="soft404")
    days.recheck()
    done = days.recheck()
    assert {row["status"] for row in rows_of(done)} == {"gone"}
    assert {row["http"]["status"] for row in rows_of(done)} == {200}
