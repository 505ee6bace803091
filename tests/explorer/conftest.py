"""One explorer that runs, over a crawled collection and some that were written by hand."""

from __future__ import annotations

import gzip
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crawler.collection import Collection
from tests.crawling import NAME, crawl
from tests.explorer.asking import Explorer, exploring
from tests.replay.written import SITE, Said, http, kept, moved, packed, page_of
from tests.site import running

FIRST, SECOND, THIRD = "20250101120000", "20250201120000", "20250301120000"
TWICE = gzip.compress(gzip.compress(b"twice", mtime=0), mtime=0)
FILM = bytes(range(256)) * 100
SLUG = f"{SITE}/fa/news/7/%D8%B3%D9%84%D8%A7%D9%85"


@pytest.fixture(scope="session")
def archives(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("archives")


@pytest.fixture(scope="session")
def explorer(
    archives: Path, written: Collection, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Explorer]:
    """Nothing that it was asked by any test may have been an error of its own."""
    with exploring(archives, tmp_path_factory.mktemp("explorer") / "errors") as running_one:
        yield running_one
        assert running_one.complaints == ""


@pytest.fixture(scope="session")
def crawled(archives: Path) -> Collection:
    """A crawl, and a second look at its articles that brings revisits."""
    with running(2) as site:
        assert crawl(archives, "provinces=qom", SITE_URL=site.url, RUN_ID="first").code == 0
        time.sleep(1)  # an index has seconds: two captures in one are one
        again: dict[str, Any] = {"spider": "recheck", "SITE_URL": site.url, "CONDITIONAL_REQUESTS": "0"}
        assert crawl(archives, "age=all", RUN_ID="second", **again).code == 0
    return Collection(archives, NAME)


@pytest.fixture(scope="session")
def written(archives: Path) -> Collection:
    """Three captures of a page and what stands around it; no ledger, no rows, no search index."""
    collection = Collection(archives, "written")
    kept(
        collection,
        Said(f"{SITE}/page", FIRST, packed(page_of("first"))),
        Said(f"{SITE}/film.mp4", FIRST, http(FILM, kind="video/mp4")),
        Said(f"{SITE}/a", FIRST, moved("/page")),
        Said(f"{SITE}/q?a=1&b=%20", FIRST, http(page_of("query"))),
        Said(SLUG, FIRST, http(page_of("سلام"))),
        Said(f"{SITE}/s.css", FIRST, http("p{background:url(film.mp4)}", kind="text/css")),
        Said(f"{SITE}/twice", FIRST, http(TWICE, "Content-Encoding: gzip", "content-encoding: GZip")),
        Said(f"{SITE}/br", FIRST, http(b"\x1b\x00", "Content-Encoding: br")),
        Said(f"{SITE}/gone", FIRST, http(page_of("no"), status="404 Not Found")),
        Said(f"{SITE}/cookie", FIRST, http(page_of("c"), "Set-Cookie: a=b", "Refresh: 0;url=//evil.example")),
    )
    kept(collection, Said(f"{SITE}/page", SECOND, packed(page_of("second"))))
    kept(collection, Said(f"{SITE}/page", THIRD, packed(page_of("first"))))
    return collection
