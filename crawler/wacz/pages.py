"""The list of pages in a WACZ: what a player shows first, and looks words up in."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple
from uuid import NAMESPACE_URL, uuid5

from crawler.dump.catalogue import Catalogue
from crawler.wacz.package import PAGES, Package
from crawler.wacz.selection import row_at
from crawler.wacz.work import Work, json_line
from crawler.warc.cdxj import Entry, read_line

FIRST, ALL = "pages.jsonl", "extraPages.jsonl"
_TEXTS = ("kicker", "title", "lead", "body")


class Lists(NamedTuple):
    """``newest``: so many pages stand in ``pages.jsonl``; with 20,000 ReplayWeb.page needs 8.4 s before it
    shows anything. ``both``: write ``extraPages.jsonl`` too where they are no more than that."""

    newest: int = 500
    both: bool = False


def note_pages(work: Work, catalogue: Catalogue) -> None:
    """A page for each capture of an article in the package, with what the article was then."""
    for line in work.lines():
        entry = read_line(line)
        place = work.version_at(entry.url, entry.timestamp) if entry.status == 200 else None
        if place is None:
            continue
        row = row_at(catalogue, place)
        if row["title"]:  # else it was gone
            text = "\n".join(row[name] for name in _TEXTS if row[name])
            work.add_page(entry.timestamp, _page(entry, row["title"]), text)


def add_pages(package: Package, work: Work, lists: Lists) -> None:
    """``pages.jsonl`` has the newest; where there are more, ``extraPages.jsonl`` has all of them.

    All, not only the others: where there are extra pages, ReplayWeb.page looks for words in those alone (in
    the first MiB as it is packed, so the newest come first).
    """
    more = lists.both or work.pages() > lists.newest
    header = {"format": "json-pages-1.0", "id": "pages", "title": "Articles, the newest first"}
    first = [json_line(header | ({} if more else {"hasText": True}))]
    first += work.page_lines(text=not more, most=lists.newest)
    package.add(PAGES + FIRST, first, deflate=True)
    if more:
        head = json_line(header | {"id": "extra", "title": "All articles", "hasText": True})
        with package.entry(PAGES + ALL, size=len(head) + work.text_size(), deflate=True) as entry:
            entry.write(head)
            for line in work.page_lines(text=True):
                entry.write(line)


def rfc3339(timestamp: str) -> str:
    """
    >>> rfc3339("20261126233115222")
    '2026-11-26T23:31:15Z'
    """
    return moment_of(timestamp).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment_of(timestamp: str) -> datetime:
    """Of 14 digits; of 17 the first."""
    return datetime.strptime(timestamp[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)


def _page(entry: Entry, title: str) -> dict[str, str]:
    return {
        "id": uuid5(NAMESPACE_URL, f"{entry.timestamp}/{entry.url}").hex,
        "url": entry.url,
        "ts": rfc3339(entry.timestamp),
        "title": title,
    }
