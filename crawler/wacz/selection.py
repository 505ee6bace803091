"""Captures of chosen articles, and of what their pages need to look like themselves."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from crawler.dump.catalogue import Catalogue
from crawler.pages.requisites import MOST_STEPS
from crawler.wacz.bodies import leads_to, needed_by
from crawler.wacz.originals import Holdings
from crawler.wacz.work import Place, Work, milliseconds
from crawler.warc.cdxj import Entry, read_line
from crawler.warc.http1 import REDIRECTS

_MAY_REDIRECT = b'"status": "3'


def row_at(catalogue: Catalogue, place: Place) -> dict[str, Any]:
    return dict(json.loads(catalogue.line(*place)))


def note_versions(catalogue: Catalogue, work: Work) -> None:
    """Where the rows of the articles lie that were selected."""
    for entry in catalogue.entries():
        place = Place(entry.file, entry.offset, entry.length)
        row = row_at(catalogue, place)
        work.add_version(row["url"], milliseconds(row["fetched_at"]), row["version"], place)


def choose_articles(catalogue: Catalogue, work: Work, holdings: Holdings, index: Path) -> None:
    """Choose all captures of the articles whose versions are noted, and of the files they need.

    An address that leads to an article's belongs to it. Raises TornMember, OSError.
    """
    note_redirects(work, holdings, index)
    requisites = Requisites(holdings)
    for url in work.addresses():
        named = {needed for place in work.versions(url) for needed in _files_of(row_at(catalogue, place))}
        for capture in holdings.captures(url):
            work.choose(capture)
            for entry in requisites.of(capture, sorted(named)):
                work.choose(entry)


def note_redirects(work: Work, holdings: Holdings, index: Path) -> None:
    """All redirects of a collection, so that those to an article are found."""
    with index.open("rb") as lines:
        for line in lines:
            if _MAY_REDIRECT not in line:
                continue
            entry = read_line(line)
            if target := leads_to(holdings.member(entry)):
                work.add_redirect(entry.url, target)


class Requisites:
    """Finds what pages need among the captures of a collection."""

    def __init__(self, holdings: Holdings) -> None:
        self._holdings = holdings
        self._needed_by = lru_cache(1024)(self._read)

    def of(self, page: Entry, also: Iterable[str] = ()) -> Iterator[Entry]:
        """``also``: addresses of files that the page's article names. Each capture once."""
        waiting = [*self._needed_by(page, "html"), *also]
        seen: set[str] = set()
        for _ in range(MOST_STEPS + 1):
            found = [
                entry
                for url in dict.fromkeys(waiting)
                if url not in seen and (entry := nearest(self._holdings.captures(url), page.timestamp))
            ]
            seen.update(waiting)
            yield from found
            waiting = [url for entry in found for url in self._needed_by(entry, "css")]

    def _read(self, entry: Entry, kind: str) -> tuple[str, ...]:
        if entry.status in REDIRECTS:
            target = leads_to(self._holdings.member(entry))
            return (target,) if target else ()
        if not entry.is_revisit and kind not in (entry.mime or ""):
            return ()
        original = self._holdings.original(entry)
        return tuple(needed_by(self._holdings.member(original), kind)) if original else ()


def nearest(captures: list[Entry], timestamp: str) -> Entry | None:
    """The newest at or before a page's time, else the first after it; those with an answer before errors.

    >>> def entry(timestamp, status): return Entry("u", timestamp, None, status, "", 0, 0, "")
    >>> three = [entry("20260101000000", 200), entry("20260102000000", 200), entry("20260103000000", 404)]
    >>> [nearest(three, day).timestamp[:8] for day in ("20251231000000", "20260101120000", "2027")]
    ['20260101', '20260101', '20260102']
    """
    good = [entry for entry in captures if entry.status is not None and entry.status < 400] or captures
    before = [entry for entry in good if entry.timestamp <= timestamp]
    return before[-1] if before else next(iter(good), None)


def _files_of(row: dict[str, Any]) -> Iterator[str]:
    """What a row names is captured, though the page may show only a smaller one, or none before a click."""
    for image in (row["raw"] or {}).get("images", []):
        yield image["url"].partition("#")[0]
    for video in row["videos"]:
        yield video["url"].partition("#")[0]
