"""Sequences of commands on one collection: what must hold whatever was asked before."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

from tests.awkward import QOM, Answer, article, cards, feed, home, section
from tests.crawling import NAME, Crawl, crawl

YAZD = (40, "/fa/yazd", "یزد")
ROBOTS: Answer = (200, {"Content-Type": "text/plain"}, "User-agent: *\nDisallow:\n")


def yazd_feed() -> str:
    from crawler.sites import load

    return f"/fa/rss/{load('yjc').provinces['yazd'].service_id}"


def ids(done: Crawl) -> Counter[int]:
    return Counter(int(row["id"].partition(":")[2]) for row in done.rows)


class Site:
    """Pages that a test may change between two runs."""

    def __init__(self, folder: Path, url: str, pages: dict[str, Answer], asked: list[str]) -> None:
        self.folder, self.url, self.pages, self.asked = folder, url, pages, asked

    def run(self, *arguments: str, spider: str = "provinces", **settings: str) -> Crawl:
        self.asked.clear()
        settings = {"SITE_URL": self.url, "RETRY_ENABLED": "0"} | settings
        return crawl(self.folder, *arguments, spider=spider, **settings)


def fragment(*numbers: int, more: str = "") -> str:
    return f"<div>{cards(*numbers)}{more}</div>"


def following(number: int) -> str:
    return f'<a class="next" href="/fa/section/ajax/35/{number}">بیشتر</a>'


FIRST: dict[str, Answer] = {
    "/robots.txt": ROBOTS,
    "/": home(QOM),
    "/fa/rss/35": feed(1001, 1002),
    "/fa/qom": section(1002, 1001),
} | {str(number): article(number) for number in range(1001, 1007)}
# Four new ones: two of them stand in the feed, the others on the section's second page.
LATER: dict[str, Answer] = {
    "/fa/rss/35": feed(1005, 1006),
    "/fa/qom": section(1006, 1005, more=following(2)),
    "/fa/section/ajax/35/2": fragment(1004, 1003, more=following(3)),
    "/fa/section/ajax/35/3": fragment(1002, 1001),
}
ALL = {1001, 1002, 1003, 1004, 1005, 1006}


def old_section(folder: Path) -> None:
    """Four days pass: the section is due."""
    with closing(sqlite3.connect(folder / NAME / "ledger.sqlite")) as ledger, ledger:
        ledger.execute("UPDATE lists SET read_at = read_at - 345600000000 WHERE kind = 'section'")
