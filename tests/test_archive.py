"""What a crawl's archive says of the crawl, what it keeps to itself, and when it stops."""

from __future__ import annotations

import json
import os
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from crawler.collection import Collection
from crawler.warc.verify import verify_collection
from tests.awkward import QOM, article, feed, home, section, serving
from tests.crawling import NAME, Crawl, crawl
from tests.site import running
from tests.wire.warc_bytes import Record, records

PAGES = {
    "/robots.txt": (200, {"Content-Type": "text/plain"}, "User-agent: *\nDisallow:\n"),
    "/": home(QOM),
    "/fa/rss/35": feed(1001),
    "/fa/qom": section(1001),
    "1001": article(1001),
}


def of_kind(kind: str, done: Crawl) -> list[Record]:
    return [record for path in done.warcs for record in records(path) if record["WARC-Type"] == kind]


def fields(record: Record) -> list[tuple[str, str]]:
    pairs = (line.split(": ", 1) for line in record.block.decode().split("\r\n") if line)
    return [(name, value) for name, value in pairs]


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Crawl:
    home = tmp_path_factory.mktemp("home-of-sara")
    with running(3) as site:
        found = crawl(
            home / "archives",
            "provinces=qom",
            environment={"HOME": str(home)},
            SITE_URL=site.url,
            OPERATOR="The library of Qom",
            HTTPPROXY_PASSWORD="opensesame",
            FTP_PASSWORD="opensesame",
        )
    assert (found.code, found.err) == (0, "")
    return found


def test_the_warcinfo_tells_who_with_what_and_how(done: Crawl) -> None:
    (info,) = of_kind("warcinfo", done)
    said = dict(fields(info))
    assert {"software", "format", "conformsTo", "isPartOf", "robots", "run-id"} <= said.keys()
    assert said["operator"] == "The library of Qom"
    assert said["robots"] == "obey"
    assert json.loads(said["arguments"]) == {"provinces": "qom"}
    settings = json.loads(said["settings"])
    assert settings["DOWNLOAD_VERIFY_CERTIFICATES"] is True
    assert settings["CONCURRENT_REQUESTS"] == 16, "as this crawl had it"
    for name in ("ostan", "scrapy", "twisted", "warcio", "parsel", "lxml", "python"):
        assert f"{name}/" in said["software"]


def test_no_password_is_anywhere(done: Crawl) -> None:
    assert all(b"opensesame" not in record.block for path in done.warcs for record in records(path))
    assert b"opensesame" not in b"".join(p.read_bytes() for p in done.folder.rglob("*") if p.is_file())


def test_nothing_tells_whose_home_it_lies_in(done: Crawl) -> None:
    (info,) = of_kind("warcinfo", done)
    assert json.loads(dict(fields(info))["settings"])["ARCHIVES"] == "~/archives"
    kept = [path.read_bytes() for path in done.folder.rglob("*") if path.is_file()]
    unpacked = [record.block for path in done.warcs for record in records(path)]
    assert not any(b"home-of-sara" in data for data in kept + unpacked)


def test_each_row_stands_beside_its_capture(done: Crawl) -> None:
    beside = {record["WARC-Concurrent-To"]: dict(fields(record)) for record in of_kind("metadata", done)}
    for row in done.rows:
        assert json.loads(beside.pop(row["warc"]["record_id"])["article"]) == row
    assert len(done.rows) == 3
    assert beside, "pages that were not wanted"
    assert {said["skipped"] for said in beside.values()} == {"of no province that was asked for"}


def test_where_it_was_listed_and_where_it_leads_to(done: Crawl) -> None:
    for record in of_kind("metadata", done):
        said = fields(record)
        if "skipped" in dict(said):
            continue
        assert ("listed-in", "feed qom") in said
        assert ("listed-in", "section qom") in said
        links = [value.removesuffix(" L a/@href") for name, value in said if name == "outlink"]
        assert len(links) == len(set(links)) > 30
        assert all(link.isascii() and link.startswith("http") for link in links)


def test_a_disk_that_is_full_is_told_before_anything_is_asked(tmp_path: Path) -> None:
    free = shutil.disk_usage(tmp_path).free
    with serving(PAGES) as (url, asked):
        refused = crawl(tmp_path, "provinces=qom", SITE_URL=url, MIN_FREE_BYTES=str(free * 2))
        assert refused.code == 2
        assert "MIN_FREE_BYTES" in refused.err
        assert "make room" in refused.err
        assert asked == []
        assert not refused.folder.exists()


def test_a_disk_that_fills_on_the_way_ends_the_crawl_in_order(tmp_path: Path) -> None:
    """The guard asks the real disk; a file of 200 MB is put on it while the crawl goes on."""
    least = shutil.disk_usage(tmp_path).free - 100_000_000
    with running(20) as site, ThreadPoolExecutor() as beside:
        crawling = beside.submit(crawl, tmp_path, SITE_URL=site.url, MIN_FREE_BYTES=str(least))
        while not list(tmp_path.glob("*/articles/*.jsonl")):
            assert not crawling.done()
            time.sleep(0.01)
        with (tmp_path / "ballast").open("wb") as ballast:
            os.posix_fallocate(ballast.fileno(), 0, 200_000_000)
        done = crawling.result()
    (tmp_path / "ballast").unlink()
    assert done.code == 1
    assert "bytes are free, less than MIN_FREE_BYTES" in done.report["finish_reason"]
    assert 0 < len(done.rows) < 620
    assert verify_collection(Collection(tmp_path, NAME)).faults == []
