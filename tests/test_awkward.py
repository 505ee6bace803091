"""What a live site does and the sample site does not: nothing is lost unsaid, nothing is credited wrongly."""

from __future__ import annotations

import gzip
import signal
import subprocess
import sys
import time
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from tests.awkward import HTML, QOM, Answer, article, cards, feed, home, section, serving
from tests.crawling import NAME, ROOT, Crawl, crawl
from tests.site import running

Pages = dict[str, Answer]
PLAIN: Pages = {
    "/robots.txt": (200, {"Content-Type": "text/plain"}, "User-agent: *\nDisallow:\n"),
    "/": home(QOM),
    "/fa/rss/35": feed(1001),
    "/fa/qom": section(1001, 1002),
    "1001": article(1001),
    "1002": article(1002),
}


def run(tmp_path: Path, pages: Pages, *arguments: str, **settings: str) -> tuple[Crawl, list[str]]:
    with serving(PLAIN | pages) as (url, asked):
        settings = {"SITE_URL": url, "RETRY_ENABLED": "0"} | settings
        done = crawl(tmp_path, *(arguments or ("provinces=qom",)), **settings)
    assert done.report["articles"]["open"] == 0
    return done, asked


def ids(done: Crawl) -> dict[int, dict[str, Any]]:
    return {int(row["id"].partition(":")[2]): row for row in done.rows}


def troubles(done: Crawl) -> dict[str, int]:
    return dict(done.report["troubles"]["counts"])


def test_a_plain_site_of_two_articles(tmp_path: Path) -> None:
    done, _ = run(tmp_path, {})
    assert (done.code, done.err) == (0, "")
    assert set(ids(done)) == {1001, 1002}


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ((403, HTML, "no"), "article: HTTP 403"),
        ((200, {"Content-Type": "application/json"}, '{"a": 1}'), "article: not HTML"),
        ((200, {"Content-Type": "image/jpeg"}, "\x00\x01"), "article: not HTML"),
        ((200, HTML, ""), "article: no template fits"),
    ],
)
def test_an_article_that_cannot_be_had_is_said_and_costs_the_exit_code(
    answer: Answer, reason: str, tmp_path: Path
) -> None:
    done, _ = run(tmp_path, {"1001": answer})
    assert done.code == 1
    assert [said for said in troubles(done) if said.startswith(reason)]
    assert set(ids(done)) == {1002}


def test_an_address_that_is_none_costs_neither_row_nor_list(tmp_path: Path) -> None:
    pages: Pages = {
        "/fa/qom": section(
            1001, more='<h3 class="Htags"><a href="http://[bad/news/1">x</a></h3>' + cards(1002)
        ),
        "1001": article(1001, section="http://[bad"),
    }
    done, _ = run(tmp_path, pages)
    assert set(ids(done)) == {1001, 1002}


def test_a_section_that_leads_elsewhere_credits_nobody(tmp_path: Path) -> None:
    pages: Pages = {
        "/": home(QOM) + cards(3001),
        "/fa/qom": (302, {"Location": "/"}, ""),
        "3001": article(3001, section="/fa/political", name="سیاسی"),
    }
    done, _ = run(tmp_path, pages)
    assert set(ids(done)) == {1001}
    assert done.code == 1
    assert troubles(done)["list: unreadable: redirected to another page"] == 1


def test_a_fragment_that_is_a_whole_page_credits_nobody(tmp_path: Path) -> None:
    pages: Pages = {
        "/fa/qom": section(1001, 1002, more='<a class="next" href="/fa/section/ajax/35/2">x</a>'),
        "/fa/section/ajax/35/2": section(3001, title="باشگاه خبرنگاران جوان"),
        "3001": article(3001, section=""),
    }
    done, _ = run(tmp_path, pages)
    assert set(ids(done)) == {1001, 1002}
    assert done.code == 1


def test_a_news_agency_is_no_province(tmp_path: Path) -> None:
    pages: Pages = {
        "/fa-sitemap-newsarchive": '<?xml version="1.0"?><urlset>'
        "<url><loc>https://www.yjc.ir/fa/news/1003/x</loc></url></urlset>",
        "1003": article(1003, section="/fa/political", name="سیاسی", body="<p>منبع: فارس</p>"),
    }
    done, _ = run(tmp_path, pages, "provinces=fars", "via=sitemaps", "since=1404-01-01")
    assert done.rows == []
    assert done.report["articles"]["skipped"] == 1


def test_a_list_in_unknown_markup_is_read_though_a_known_card_stands_beside_it(tmp_path: Path) -> None:
    unknown = '<div class="new"><a href="/fa/news/1001/x">a</a><a href="/fa/news/1002/x">b</a></div>'
    pages: Pages = {
        "/fa/qom": section(2001, more=unknown),
        "2001": article(2001, section="/fa/political", name="سیاسی"),
    }
    done, _ = run(tmp_path, pages)
    assert {1001, 1002} <= set(ids(done))


def test_sections_that_only_breadcrumbs_know_are_read_before_the_articles(tmp_path: Path) -> None:
    """1001 stands in both sections, and neither is in the menu."""
    gilan = {"section": "/fa/gilan", "name": "گیلان"}
    pages: Pages = {
        "/": home((3, "/fa/political", "سیاسی")),
        "/fa/rss/35": feed(1002, 1001),
        "/fa/rss/41": feed(1003, title="گیلان"),
        "/fa/qom": section(1002, 1001),
        "/fa/gilan": section(1003, 1001, title="گیلان"),
        "1003": article(1003, **gilan),
    }
    done, asked = run(tmp_path, pages, "provinces=qom,gilan")
    assert ids(done)[1001]["sections"] == ["قم", "گیلان"]
    assert ids(done)[1002]["sections"] == ["قم"]
    assert len(asked) == len(set(asked)), "probes are not fetched again"
    assert done.code == 0


def test_a_menu_entry_that_only_opens_a_drop_down_is_no_section(tmp_path: Path) -> None:
    done, asked = run(tmp_path, {"/": home((35, "#", "قم"))})
    assert set(ids(done)) == {1001, 1002}
    assert "/fa/qom" in asked


def test_two_links_to_the_same_next_page_are_one(tmp_path: Path) -> None:
    again = '<a class="next" href="/fa/section/ajax/35/2">x</a>'
    pages: Pages = {
        "/fa/qom": section(1001, more=again + again + '<a class="next" href="#">slider</a>'),
        "/fa/section/ajax/35/2": cards(1002),
    }
    done, _ = run(tmp_path, pages)
    assert set(ids(done)) == {1001, 1002}
    assert done.code == 0


def test_an_endless_list_ends(tmp_path: Path) -> None:
    pages: Pages = {
        f"/fa/section/ajax/35/{n}": cards(1001) + f'<a class="next" href="/fa/section/ajax/35/{n + 1}">x</a>'
        for n in range(2, 400)
    }
    pages["/fa/qom"] = section(1001, 1002, more='<a class="next" href="/fa/section/ajax/35/2">x</a>')
    done, asked = run(tmp_path, pages)
    assert set(ids(done)) == {1001, 1002}
    assert len(asked) < 12
    assert troubles(done)["list: a list without end: its pages bring nothing new"] == 1
    assert done.code == 1


@pytest.mark.parametrize(
    ("pages", "said"),
    [
        ({"/": (200, HTML, "<html>x</html>")}, "list: unreadable: 'a[id^="),
        ({"/": (200, HTML, "<html>Transferring to the website</html>")}, "list: blocked: challenge page"),
        (
            {"/fa/qom": (200, HTML, "<html><div class=error_container>x</div></html>")},
            "list: unreadable: the page",
        ),
        ({"/fa/qom": (500, HTML, "x")}, "list: HTTP 500"),
        ({"/fa/rss/35": (200, HTML, "")}, "list: unreadable: expected a whole XML document"),
        ({"/fa/rss/35": feed()}, "list: unreadable: no item"),
        ({"/fa/rss/35": feed(1001).replace("<item>", "<item><b>z", 1)}, "list: damaged"),
    ],
)
def test_a_list_that_cannot_be_had_is_said_and_costs_the_exit_code(
    pages: Pages, said: str, tmp_path: Path
) -> None:
    done, _ = run(tmp_path, pages)
    assert done.code == 1
    assert [reason for reason in troubles(done) if reason.startswith(said)], troubles(done)
    assert 1001 in ids(done), "and all else goes on"


def test_a_page_of_another_article_never_stands_under_this_one(tmp_path: Path) -> None:
    canonical = '<link rel="canonical" href="https://www.yjc.ir/fa/news/1003">'
    pages: Pages = {
        "1001": article(1001, head=canonical),
        "1002": (302, {"Location": "/fa/news/1004/x"}, ""),
        "1003": article(1003),
        "1004": article(1004),
    }
    done, _ = run(tmp_path, pages)
    assert set(ids(done)) == {1003, 1004}
    assert done.report["articles"]["failed"] == 2


def test_a_machine_date_from_the_future_is_refused_and_the_printed_one_taken(tmp_path: Path) -> None:
    head = '<meta property="article:published_time" content="2131-10-01T10:00:00+03:30">'
    done, _ = run(tmp_path, {"1001": article(1001, head=head)})
    published = ids(done)[1001]["published"]
    assert (published["jalali"], published["from"]) == ("1404-07-02", "printed")


def test_links_and_redirects_to_other_hosts_are_not_followed(tmp_path: Path) -> None:
    with serving({"/secret": "x"}) as (elsewhere, asked):
        pages: Pages = {"1001": (302, {"Location": f"{elsewhere}/secret"}, "")}
        done, _ = run(tmp_path, pages)
    assert asked == []
    assert [reason for reason in troubles(done) if "not a host of the site" in reason]


def test_a_limit_is_reached_though_articles_are_gone_or_stand_elsewhere(tmp_path: Path) -> None:
    with running(40) as site:
        done = crawl(tmp_path, "limit=20", "via=sections", SITE_URL=site.url, REQUISITES="none")
        few = crawl(tmp_path / "few", "limit=1", SITE_URL=site.url)
    assert few.code == 0, "a list that was not walked to its end, because enough was known, is not missed"
    assert set(done.report["rows_by_province"].values()) == {20}
    articles = done.report["articles"]
    assert articles["open"] == 0
    assert articles["discovered"] == articles["written"] + articles["skipped"] + articles["failed"]


def test_a_limit_bounds_what_a_sitemap_brings(tmp_path: Path) -> None:
    with running(10) as site:
        done = crawl(
            tmp_path, "provinces=qom", "limit=1", "via=sitemaps", "since=1380-01-01", SITE_URL=site.url
        )
        asked = [entry for entry in site.log() if entry["path"].startswith("/fa/news/")]
    assert len(done.rows) == 1
    assert len(asked) < 100, "not all 310"


def test_a_proxys_password_is_not_in_the_archive(tmp_path: Path) -> None:
    """The test's server stands for both proxy and site: it is asked with whole addresses."""
    with serving(PLAIN) as (url, _):
        proxy = url.replace("http://", "http://user:s3cret@")
        settings = {"SITE_URL": "http://site.invalid", "DOWNLOAD_DELAY": "0", "CONTACT": "a@b.example"}
        done = crawl(tmp_path, "provinces=qom", environment={"http_proxy": proxy}, **settings)
    assert set(ids(done)) == {1001, 1002}
    kept = b"".join(gzip.decompress(path.read_bytes()) for path in done.warcs)
    assert b"Proxy-Authorization: \r\n" in kept
    assert b64encode(b"user:s3cret") not in kept
    assert b"s3cret" not in kept


@pytest.mark.parametrize("name", ["../escaped", "a/b", ""])
def test_a_run_id_stays_in_its_folder(name: str, tmp_path: Path) -> None:
    done = crawl(tmp_path, SITE_URL="http://127.0.0.1:1", RUN_ID=name)
    assert done.code == (2 if name else 1)
    assert list(tmp_path.iterdir()) == []


def test_a_run_id_names_one_run(tmp_path: Path) -> None:
    run(tmp_path, {}, RUN_ID="nightly")
    with serving(PLAIN) as (url, asked):
        again = crawl(tmp_path, "provinces=qom", SITE_URL=url, RUN_ID="nightly")
        first = crawl(tmp_path, "provinces=qom", SITE_URL=url, RUN_ID="nightly", COLLECTION="")
        second = crawl(tmp_path, "provinces=qom", SITE_URL=url, RUN_ID="nightly", COLLECTION="")
    assert (first.code, second.code) == (0, 2)
    assert again.code == 2
    assert "exists; choose another" in again.err
    assert len(asked) == 6, "of the first run under that name"


def test_an_interrupted_crawl_ends_soon_and_says_what_it_did_not_reach(tmp_path: Path) -> None:
    """At a live site's pace: one request is waited for, not all that were thought of."""
    pages: Pages = {f"{number}": article(number) for number in range(1001, 1060)}
    pages |= {"/fa/qom": section(*range(1001, 1060))}
    with serving(PLAIN | pages) as (url, asked):
        command = [sys.executable, "-m", "scrapy", "crawl", "provinces", "-a", "provinces=qom"]
        settings = {"SITE_URL": url, "ARCHIVES": str(tmp_path), "COLLECTION": NAME, "DOWNLOAD_DELAY": "0.5"}
        settings |= {"CONCURRENT_REQUESTS": "1", "CONCURRENT_REQUESTS_PER_DOMAIN": "1"}
        for setting in settings.items():
            command += ["-s", "=".join(setting)]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        while len(asked) < 6:
            time.sleep(0.1)
        reached = len(asked)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=20)
        done = Crawl(process.returncode, out, "", tmp_path / NAME)
    assert done.code == 3
    assert len(asked) <= reached + 2
    assert done.report["articles"]["open"] > 50
    assert all(path.name.endswith(".warc.gz") for path in done.warcs)
