"""Collections written by hand: answers of chosen bytes at chosen times, sealed as a crawl seals them."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import NamedTuple

from crawler.collection import Collection
from crawler.warc.exchange import Attempt, Exchange
from crawler.warc.originals import Originals
from crawler.warc.seal import seal
from crawler.warc.writer import Rotation, WarcWriter

SITE = "http://site.example"
_ids, _files = count(1), count(1)


class Said(NamedTuple):
    """``at``: 14 digits of UTC."""

    url: str
    at: str
    response: bytes
    request: bytes = b"GET / HTTP/1.1\r\nHost: site.example\r\n\r\n"


def http(
    body: bytes | str = b"", *headers: str, status: str = "200 OK", kind: str = "text/html; charset=utf-8"
) -> bytes:
    """An answer as it crosses the line. ``kind`` "": without Content-Type."""
    entity = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status}", *([f"Content-Type: {kind}"] if kind else []), *headers]
    head = "\r\n".join([*lines, f"Content-Length: {len(entity)}"])
    return head.encode() + b"\r\n\r\n" + entity


def moved(target: str, status: str = "302 Found") -> bytes:
    return http(b"", f"Location: {target}", status=status)


def packed(body: bytes | str) -> bytes:
    entity = body.encode() if isinstance(body, str) else body
    return http(gzip.compress(entity, mtime=0), "Content-Encoding: gzip")


def page_of(text: str) -> str:
    return f"<!DOCTYPE html><meta charset=utf-8><title>{text}</title><p>{text}"


def kept(collection: Collection, *said: Said, revisits: bool = True) -> Path:
    """A finished WARC file with these answers, sealed. What is there already becomes a revisit."""
    collection.runs.mkdir(parents=True, exist_ok=True)
    collection.warc.mkdir(exist_ok=True)
    begun = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=next(_files))
    writer = WarcWriter(
        collection.warc,
        "site",
        {"software": "ostan"},
        Rotation(10**9, timedelta(days=1)),
        Originals(collection.warc, collection.index) if revisits else None,
        lambda: begun,
        lambda: f"<urn:uuid:{next(_ids):08}-0000-4000-8000-000000000000>",
        "here",
    )
    for one in said:
        started = datetime.strptime(one.at, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        attempt = Attempt(started, request=one.request, response=one.response, peer="192.0.2.1")
        attempt.complete = True
        writer.write(Exchange(one.url, [attempt]))
    writer.close()
    seal(collection)
    return collection.warc / writer.files[0]
