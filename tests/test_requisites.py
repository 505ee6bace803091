"""What article pages need is in the archive with them: each once, of the site's hosts, counted apart."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from weakref import finalize

import pytest
from scrapy import Request
from scrapy.exceptions import IgnoreRequest
from scrapy.http import HtmlResponse
from scrapy.settings import Settings
from twisted.python.failure import Failure
from warcio import ArchiveIterator

from crawler.account import RequisiteCount
from crawler.ledger.files import Files
from crawler.ledger.schema import connect
from crawler.sites import load
from crawler.spiders.failures import reason_of
from crawler.spiders.requisites import Requisites
from tests.crawling import Crawl, crawl
from tests.site import running

PROVINCES = "provinces=razavi-khorasan,bushehr"  # films; an album
# The sample site's files all lie under these two, and its pages name each in full.
FILE = re.compile(r"(?<=[\"'(, ])/(?:files|client)/[^\"') ]+\.[a-z0-9]+")
OF_STYLES = ("css/print_51207.css", "fonts/sample_51207.woff2", "img/logo.jpg", "img/print.jpg")


@dataclass(frozen=True)
class Ran:
    """A crawl of the sample site, what the site was asked for, and what is true of it."""

    crawl: Crawl
    asked: Counter[str]
    truth: dict[str, Any]
    url: str


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Ran]:
    """By what REQUISITES says; ``page`` is the default and not said."""
    found = {}
    with running(2) as site:
        for mode in ("page", "none", "all"):
            site.forget()
            said = {} if mode == "page" else {"REQUISITES": mode}
            done = crawl(tmp_path_factory.mktemp(mode), PROVINCES, SITE_URL=site.url, **said)
            asked = Counter(entry["path"] for entry in site.log())
            found[mode] = Ran(done, asked, site.truth(), site.url)
    return found


def responses(warcs: list[Path]) -> list[tuple[str, int, bytes]]:
    """(address, status, body decoded) of every response, as warcio reads them."""
    found = []
    for path in warcs:
        with path.open("rb") as stream:
            for record in ArchiveIterator(stream):
                if record.rec_type == "response":
                    url, status = record.rec_headers["WARC-Target-URI"], record.http_headers.statusline
                    found.append((url, int(status.split()[0]), record.content_stream().read()))
    return found


def files_of_pages(ran: Ran) -> set[str]:
    """Found by eye in the article pages of the archive, not by the classes under test."""
    needed = {f"/client/themes/fa/main/{name}" for name in OF_STYLES}
    for url, status, body in responses(ran.crawl.warcs):
        if urlsplit(url).path.startswith("/fa/news/") and status == 200 and b"error_container" not in body:
            needed |= set(FILE.findall(body.decode()))
    return needed


def is_film(path: str) -> bool:
    return path.endswith(".mp4")


@pytest.mark.parametrize("mode", ["page", "all"])
def test_all_that_the_article_pages_need_is_in_the_archive_once(mode: str, ran: dict[str, Ran]) -> None:
    wanted = {path for path in files_of_pages(ran[mode]) if mode == "all" or not is_film(path)}
    kept = Counter(urlsplit(url).path for url, _, _ in responses(ran[mode].crawl.warcs))
    assert len(wanted) > 40
    assert {path: kept[path] for path in wanted} == dict.fromkeys(wanted, 1)
    assert {path for path in kept if FILE.search(f" {path}")} == wanted, "and nothing that only lists need"
    assert kept == ran[mode].asked


def test_films_come_only_where_all_is_asked_for(ran: dict[str, Ran]) -> None:
    films = {mode: {path for path in done.asked if is_film(path)} for mode, done in ran.items()}
    assert films["page"] == films["none"] == set()
    rows = [video["url"] for row in ran["all"].crawl.rows for video in row["videos"]]
    assert films["all"] == {urlsplit(url).path for url in rows} != set()


def test_what_rows_name_is_in_the_archive(ran: dict[str, Ran]) -> None:
    kept = {url for url, status, _ in responses(ran["page"].crawl.warcs) if status == 200}
    named = {image["url"] for row in ran["page"].crawl.rows for image in row["images"]}
    assert named
    assert named <= kept


def test_rows_and_the_articles_account_are_the_same_with_and_without(ran: dict[str, Ran]) -> None:
    assert [(done.crawl.code, done.crawl.err) for done in ran.values()] == [(0, "")] * 3
    page, none, every = (done.crawl.report for done in ran.values())
    for name in ("articles", "rows_by_province", "outcomes_by_list", "not_written", "templates"):
        assert page[name] == none[name] == every[name]
    assert page["troubles"]["counts"] == none["troubles"]["counts"] == every["troubles"]["counts"]
    ids = [{row["id"] for row in done.crawl.rows} for done in ran.values()]
    assert ids[0] == ids[1] == ids[2] != set()


@pytest.mark.parametrize("mode", ["page", "all"])
def test_the_report_says_what_the_sites_log_says(mode: str, ran: dict[str, Ran]) -> None:
    done = ran[mode]
    count = done.crawl.report["requisites"]
    files = [path for path in done.asked if FILE.search(f" {path}")]
    assert count["mode"] == mode
    assert count["failed"] == {"HTTP 404": 1, "not a host of the site": 1}
    assert [missed["url"].removeprefix(done.url) for missed in sorted(count["missed"], key=str)] == [
        "/files/adv/taken-down.jpg",
        "https://seal.example/logo.png",
    ]
    assert count["asked"] == len(files) == count["kept"] + 1
    assert count["found"] == count["kept"] + count["held"] + 2
    assert (count["held"], count["open"]) == (0, 0)
    assert f"{count['found']:,} page requisites = {count['kept']:,} kept + 0 held already + 2 failed\n" in (
        done.crawl.out
    )
    assert "1 × not a host of the site\n" in done.crawl.out


def test_none_asks_for_none_and_says_nothing(ran: dict[str, Ran]) -> None:
    done = ran["none"]
    assert [path for path in done.asked if FILE.search(f" {path}")] == []
    assert done.crawl.report["requisites"]["found"] == 0
    assert "requisites" not in done.crawl.out


# -- without a crawl ---------------------------------------------------------------------------------

BASE = "https://www.yjc.ir/fa/news/1/x"
PAGE = (
    '<link rel="stylesheet" href="/s.css"><script src="/s.js"></script><img src="/a.jpg"><img src="/b.jpg">'
)


def requisites(**settings: str) -> tuple[Requisites, RequisiteCount]:
    count = RequisiteCount()
    defaults: dict[str, Any] = {"REQUISITES": "page", "REQUISITE_MAXSIZE": 100, "WARC_ENABLED": True}
    asking = Requisites(Settings(defaults | settings), load(), count)
    ledger = connect(Path(":memory:"))
    finalize(asking, ledger.close)
    asking.files = Files(ledger)
    return asking, count


def of(asking: Requisites, html: str = PAGE) -> list[Request]:
    return list(asking.of_page(HtmlResponse(BASE, body=html.encode(), encoding="utf-8")))


def test_what_the_collection_holds_is_not_asked_for_again() -> None:
    asking, count = requisites()
    looked_for = []

    def holds(url: str) -> bool:
        looked_for.append(url)
        return url.endswith("/a.jpg")

    asking.holds = holds
    again = [request.url for _ in range(3) for request in of(asking)]
    assert again == [f"https://www.yjc.ir/{name}" for name in ("s.css", "s.js", "b.jpg")]
    assert looked_for == ["https://www.yjc.ir/a.jpg", "https://www.yjc.ir/b.jpg"], "pictures, once each"
    assert (count.found, count.asked, count.held) == (4, 3, 1)


@pytest.mark.parametrize("setting", ["REQUISITES=none", "WARC_ENABLED=0", "REPLAY_FROM=archives/demo"])
def test_nothing_is_asked_for_where_nobody_would_keep_it(setting: str) -> None:
    name, value = setting.split("=")
    asking, count = requisites(**{name: value})
    assert of(asking) == []
    assert (count.mode, count.found) == ("none", 0)


def test_films_have_the_limit_of_pages() -> None:
    asking, _ = requisites(REQUISITES="all")
    limits = {
        request.url[-6:]: request.meta.get("download_maxsize")
        for request in of(asking, PAGE + "<video src=/f.mp4>")
    }
    assert limits == {"/s.css": 100, "r/s.js": 100, "/a.jpg": 100, "/b.jpg": 100, "/f.mp4": None}


def test_a_page_of_very_many_files_does_not_fill_the_memory() -> None:
    asking, count = requisites()
    assert len(of(asking, "".join(f'<img src="/{n}.jpg">' for n in range(5_000)))) == 2_000
    assert count.failed.total() == 3_000


def test_a_reason_holds_no_address() -> None:
    said = "Ignored response <200 http://a.ir/x> because its body (9 B compressed, 900 B decompressed so far)"
    failure = Failure(IgnoreRequest(f"{said} exceeded DOWNLOAD_MAXSIZE (100 B) during decompression."))
    assert reason_of(failure) == "larger than DOWNLOAD_MAXSIZE once decoded"
