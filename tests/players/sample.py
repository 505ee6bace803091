"""An archive of the demo's size with all that is hard to replay, and two hundred captures of it."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from crawler.collection import Collection
from crawler.warc.cdxj import Entry, read_line
from crawler.warc.exchange import Attempt, Exchange
from crawler.warc.members import member_at
from crawler.warc.seal import seal
from crawler.warc.writer import Rotation, WarcWriter
from tests.crawling import NAME, crawl
from tests.site import Site, running

ARTICLES = 40  # a province
_ARTICLE = re.compile(r"/fa/news/\d+/[^/]+$")


class Sampled(NamedTuple):
    """A capture, and why it was chosen."""

    kind: str
    url: str
    timestamp: str


def archived(archives: Path) -> Collection:
    """All provinces; then every article again: whole answers, so that there are revisits; then after edits
    and removals that lead to the home page; addresses without slug, which lead to those with it."""
    with running(ARTICLES) as site:
        assert crawl(archives, SITE_URL=site.url).code == 0
        again = {"SITE_URL": site.url, "CONDITIONAL_REQUESTS": "0", "SECOND_LOOK_SECONDS": "0"}
        assert crawl(archives, "age=all", spider="recheck", **again).code == 0
        site.change(edits="5", deletions="30", deleted_as="home")
        crawl(archives, "age=all", spider="recheck", **again)
        site.change(deletions="0")
        collection = Collection(archives, NAME)
        _without_slugs(collection, site)
    seal(collection)
    return collection


def _without_slugs(collection: Collection, site: Site) -> None:
    writer = WarcWriter(collection.warc, NAME, {"run-id": "by hand"}, Rotation(10**9, timedelta(1)))
    rows = [json.loads(line) for line in collection.row_files()[0].read_bytes().splitlines()]
    for row in sorted(rows, key=lambda row: row["url"])[::60]:
        url = row["url"].rpartition("/")[0]
        parts = urlsplit(url)
        request = f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n".encode()
        with socket.create_connection((parts.hostname or "", parts.port or 80)) as line:
            line.sendall(request)
            answer = b"".join(iter(lambda line=line: line.recv(65536), b""))
        writer.write(Exchange(url, [Attempt(datetime.now(UTC), request, answer)]))
    writer.close()


def sampled(collection: Collection) -> list[Sampled]:
    """The same of the same archive: of each kind, as many as are said, evenly spread over its addresses."""
    entries = [read_line(line) for line in collection.index.read_bytes().splitlines()]
    kinds: list[tuple[str, int, Callable[[Entry], bool]]] = [
        ("redirect", 30, lambda entry: entry.status in (301, 302)),
        ("revisit", 60, lambda entry: entry.is_revisit and _is_article(entry)),
        (
            "chunked",
            40,
            lambda entry: _is_page(entry) and _is_article(entry) and _is_chunked(collection, entry),
        ),
        ("article", 40, lambda entry: _is_page(entry) and _is_article(entry)),
        ("list", 15, lambda entry: _is_page(entry) and not _is_article(entry)),
        ("missing", 5, lambda entry: entry.status in (404, 410)),
        ("picture", 10, lambda entry: entry.mime == "image/jpeg"),
    ]
    chosen: list[Sampled] = []
    for kind, most, fits in kinds:
        taken = {(one.url, one.timestamp) for one in chosen}
        fitting = [entry for entry in entries if (entry.url, entry.timestamp) not in taken and fits(entry)]
        step = max(1, len(fitting) // most)
        chosen += [Sampled(kind, entry.url, entry.timestamp) for entry in fitting[::step][:most]]
    return chosen


def _is_article(entry: Entry) -> bool:
    return _ARTICLE.search(entry.url) is not None


def _is_page(entry: Entry) -> bool:
    return entry.mime == "text/html" and entry.status == 200


def _is_chunked(collection: Collection, entry: Entry) -> bool:
    record = member_at(collection.warc / entry.filename, entry.offset).record
    return b"\r\nTransfer-Encoding: chunked\r\n" in record[:3000]
