"""The whole way, once: crawl the sample site, hold each row against the truth, take the site away, replay."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from fastwarc.warc import ArchiveIterator
from parsel import Selector

from crawler.clean import clean
from crawler.extract import Visit, read_article
from crawler.provinces import PROVINCES, named
from crawler.rows import as_line
from crawler.sites import load
from crawler.warc.pointer import WarcPointer
from crawler.warc.reader import read_at
from tests.compare import differences
from tests.crawling import Crawl, crawl
from tests.site import running

ARTICLES = 15


@pytest.fixture(scope="module")
def site() -> Iterator[dict[str, Any]]:
    """The site's address, its truth and, after the crawl, its log; the site itself is gone by then."""
    with ExitStack() as stack:
        served = stack.enter_context(running(ARTICLES))
        yield {"url": served.url, "truth": served.truth(), "served": served, "stop": stack.close}


@pytest.fixture(scope="module")
def crawled(site: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Crawl:
    settings = {"SITE_URL": site["url"], "WARC_MAX_BYTES": "3000000"}
    done = crawl(
        tmp_path_factory.mktemp("archives"), REQUISITES="none", **settings
    )  # test_requisites has them
    site["log"] = site["served"].log()
    assert done.err == ""
    assert done.code == 0
    return done


def test_every_article_is_a_row_and_every_field_is_true(site: dict[str, Any], crawled: Crawl) -> None:
    truth = {f"yjc:{article['id']}": article for article in site["truth"]["articles"]}
    rows = {row["id"]: row for row in crawled.rows}
    assert len(crawled.rows) == len(rows) == len(truth) == 31 * ARTICLES
    assert [line for name, row in rows.items() for line in differences(row, truth[name])] == []


def test_nothing_is_fetched_twice(site: dict[str, Any], crawled: Crawl) -> None:
    asked = Counter(entry["path"] for entry in site["log"])
    assert [path for path, times in asked.items() if times > 1] == []


def test_what_is_gone_is_told_with_its_reason(site: dict[str, Any], crawled: Crawl) -> None:
    gone = Counter(site["truth"]["gone"].values())
    counts = crawled.report["troubles"]["counts"]
    assert counts["article: HTTP 404"] == gone["404"]
    assert sum(number for reason, number in counts.items() if "soft 404" in reason) == gone["soft404"]
    articles = crawled.report["articles"]
    assert articles["failed"] == gone.total()
    assert articles["discovered"] == articles["written"] + articles["skipped"] + articles["failed"]


def test_the_report_names_every_province(crawled: Crawl) -> None:
    assert crawled.report["rows_by_province"] == {province.slug: ARTICLES for province in PROVINCES}
    for province in PROVINCES:
        assert f"{province.name_en:<24}{ARTICLES:>9}" in crawled.out
    assert str(crawled.folder) in crawled.out


def test_every_exchange_is_in_the_warc_files(site: dict[str, Any], crawled: Crawl) -> None:
    kept = Counter(
        url.removeprefix(site["url"])
        for path in crawled.warcs
        for kind, url in records_of(path)
        if kind == "response"
    )
    asked = Counter(entry["path"] for entry in site["log"])
    assert kept == asked
    assert {"/robots.txt", "/", "/fa/rss/35", "/fa/document"} <= kept.keys()


def test_files_are_rotated_finished_and_readable_by_others(crawled: Crawl) -> None:
    assert len(crawled.warcs) > 2
    assert all(path.name.endswith(".warc.gz") for path in crawled.warcs), "none is left .open"
    for path in crawled.warcs:
        warcio = subprocess.run(
            [sys.executable, "-m", "warcio.cli", "index", str(path)], capture_output=True, check=True
        )
        assert warcio.stdout.count(b"\n") == len(records_of(path))
        assert fastwarc_check(path) == 0


def fastwarc_check(path: Path) -> int:
    command = [str(Path(sys.executable).with_name("fastwarc")), "check", str(path)]
    return subprocess.run(command, capture_output=True).returncode


def records_of(path: Path) -> list[tuple[str, str]]:
    """(type, target) of every record, as FastWARC reads them."""
    with path.open("rb") as stream:
        return [
            (record.headers["WARC-Type"], record.headers.get("WARC-Target-URI", ""))
            for record in ArchiveIterator(stream)
        ]


def test_every_pointer_opens_its_record_and_its_payload_is_the_row(crawled: Crawl) -> None:
    yjc = load()
    for row in crawled.rows:
        captured = read_at(crawled.folder / "warc", WarcPointer.model_validate(row["warc"]))
        headers = dict(captured.headers)
        html = gzip.decompress(captured.payload) if "Content-Encoding" in headers else captured.payload
        visit = Visit(
            news_id=int(row["id"].removeprefix("yjc:")),
            url=captured.url,
            fetched_at=datetime.fromisoformat(captured.pointer.date),
            status=captured.status,
            etag=headers["ETag"],
            last_modified=headers["Last-Modified"],
            run_id=row["run_id"],
            warc=captured.pointer,
            listed_in=tuple(("section", listed) for name in row["sections"] if (listed := named(name))),
            feed_date=row["raw"]["published_feed"],
        )
        again = clean(read_article(Selector(html.decode()), visit, yjc).article)
        assert json.loads(as_line(again)) == row


def test_the_archive_answers_when_the_site_is_gone(
    site: dict[str, Any], crawled: Crawl, tmp_path: Path
) -> None:
    """Record, take the site away, replay, compare: rows equal to the last key, but for the run's own name."""
    site["stop"]()
    with pytest.raises(URLError):
        urlopen(site["url"])
    replayed = crawl(tmp_path, REPLAY_FROM=str(crawled.folder))
    assert (replayed.code, replayed.err) == (0, "")
    assert replayed.warcs == [], "what is replayed is not archived again"
    first, second = ({row["id"]: row | {"run_id": ""} for row in done.rows} for done in (crawled, replayed))
    assert second == first
