"""robots.txt that cannot be had: then nothing is asked, unless an earlier one lies in the archive."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest

from crawler.collection import Collection
from crawler.warc.originals import Originals
from tests.awkward import article, two_hosts
from tests.conftest import Twice
from tests.crawling import Crawl, crawl
from tests.moody import CHALLENGE, Moody, moody, refusal, robots, site

QUICK = {"SHORTEST_WAIT": "0.05"}


def run(folder: Path, asked: Moody, **settings: str) -> Crawl:
    return crawl(folder, "provinces=qom", SITE_URL=asked.url, **QUICK, **settings)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_a_host_that_has_none_allows_all(status: int, tmp_path: Path) -> None:
    """RFC 9309 2.3.1.3."""
    with moody(site() | {"/robots.txt": refusal(status)}) as asked:
        done = run(tmp_path, asked)
    assert (done.code, len(done.rows)) == (0, 4)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (refusal(500), "HTTP 500"),
        (refusal(503), "HTTP 503"),
        (refusal(429), "HTTP 429"),
        (CHALLENGE, "blocked: challenge page"),
    ],
)
def test_of_a_host_that_keeps_it_back_nothing_else_is_asked(answer: Any, why: str, tmp_path: Path) -> None:
    """RFC 9309 2.3.1.4; 429 too says nothing about what is allowed."""
    with moody(site() | {"/robots.txt": answer}) as asked:
        done = run(tmp_path, asked)
    assert asked.log == ["/robots.txt"] * 3
    assert (done.code, done.rows) == (1, [])
    troubles = done.report["troubles"]["counts"]
    assert troubles[f"list: robots.txt: {why}; nothing may be asked"] == 1
    assert troubles[f"list: robots.txt could not be had ({why}): nothing may be asked"] == 3, (
        "home, feed, section"
    )


def test_an_earlier_one_in_the_archive_is_obeyed(tmp_path: Path) -> None:
    rules = robots("Disallow: /fa/news/1002\nCrawl-delay: 0.1")
    moods: Any = {"/robots.txt": [rules, refusal(500)]}
    with moody(site() | moods) as asked:
        first = run(tmp_path, asked, RUN_ID="1")
        again = crawl(tmp_path, "provinces=qom", SITE_URL=asked.url, RUN_ID="2", RETRY_ENABLED="0", **QUICK)
    assert (first.code, again.code) == (1, 1), "an article that robots.txt forbids was not had"
    assert asked.log.count("/robots.txt") == 2
    assert asked.log.count("/fa/rss/35") == 2
    assert "/fa/news/1002/x" not in asked.log
    report = Collection(tmp_path, "sample").report_of("2").read_text(encoding="utf-8")
    assert "requisite: robots.txt: HTTP 500; the one of 20" in report
    assert '"crawl_delay": 0.1' in report


def test_a_page_that_came_packed_is_read_unpacked(twice: Twice) -> None:
    collection = Collection(twice.folder.parent, twice.folder.name)
    said = Originals(collection.warc, collection.index).last_said(f"{twice.url}/", 6)
    assert said is not None
    assert said.body.lower().startswith((b"<!doct", b"<html>"))


@pytest.mark.parametrize("dead", [True, False], ids=["nobody answers", "HTTP 500"])
def test_a_dead_host_of_pictures_costs_its_pictures_and_no_exit_code(dead: bool, tmp_path: Path) -> None:
    with socket.socket() as bound, moody({"/robots.txt": refusal(500)}) as broken:
        bound.bind(("127.0.0.1", 0))  # and nobody listens
        files = f"http://127.0.0.1:{bound.getsockname()[1]}" if dead else broken.url
        pages = site(2) | {str(n): article(n, body=f'<img src="{files}/a.jpg">') for n in (1001, 1002)}
        with moody(pages) as asked:
            toml = str(two_hosts(tmp_path, asked.url, files))
            settings = {"SITE": toml, "DOWNLOAD_DELAY": "0", "AUTOTHROTTLE_ENABLED": "0"}
            done = crawl(tmp_path, "provinces=qom", **QUICK, **settings)
    why = "no answer: connection refused" if dead else "HTTP 500"
    assert (done.code, len(done.rows)) == (0, 2)
    assert done.report["requisites"]["failed"] == {
        f"robots.txt could not be had ({why}): nothing may be asked": 1
    }
    assert done.report["troubles"]["counts"] == {f"requisite: robots.txt: {why}; nothing may be asked": 1}
