"""Real fragments of the site, read where they lie beside the checkout: none of their words stand in here."""

from __future__ import annotations

import html
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit
from xml.sax.saxutils import escape

import pytest

from crawler.normalise.dates import TEHRAN, jalali

FOLDER = Path(__file__).parent.parent.parent / "shared" / "site" / "samples"
needed = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="the samples of the real site do not lie beside this checkout"
)
_MONTHS = [
    "فروردین",
    "اردیبهشت",
    "خرداد",
    "تیر",
    "مرداد",
    "شهریور",
    "مهر",
    "آبان",
    "آذر",
    "دی",
    "بهمن",
    "اسفند",
]
_PERSIAN = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")


def text(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def between(start: str, end: str, source: str) -> str:
    """What a reader finds between two pieces of markup: found by eye, not by the page classes."""
    found = re.search(f"{re.escape(start)}(.*?){re.escape(end)}", source, re.DOTALL)
    assert found, start
    return words(found[1])


def words(markup: str) -> str:
    """Markup gone, entities read, runs of blanks to one. Half-spaces stay."""
    return re.sub(r"[ \t\r\n\xa0]+", " ", html.unescape(re.sub("<[^>]+>", "", markup))).strip()


@dataclass(frozen=True)
class Item:
    """One item of the real feed."""

    news_id: int
    title: str
    lead: str
    url: str
    at: datetime

    @property
    def raw_url(self) -> str:
        """The same address as some pages write it: Persian letters, half-spaces raw."""
        return unquote(self.url)

    @property
    def printed(self) -> str:
        """As template C prints a moment: time first, Jalali day, Persian figures."""
        year, month, day = jalali(self.at).split("-")
        clock = self.at.astimezone(TEHRAN).strftime("%H:%M")
        return f"{clock} - {day} {_MONTHS[int(month) - 1]} {year}".translate(_PERSIAN)


def feed_items() -> list[Item]:
    return [
        Item(
            int(urlsplit(item["url"]).path.split("/")[3]),
            item["title"],
            item["summary"],
            item["url"],
            datetime.fromisoformat(item["publishedAt"]),
        )
        for item in json.loads(text("yjc_rss_gilan_2026-08_items.json"))
    ]


def rss(items: list[Item], *, raw: bool = False) -> bytes:
    """The feed as the content system writes it; ``raw``: slugs not percent-encoded."""
    rows = ""
    for item in items:
        lead = f"         <description>{escape(item.lead)}</description>\n" if item.lead else ""
        date = item.at.astimezone(TEHRAN).strftime("%d %b %Y %H:%M:%S %z")
        rows += (
            f"      <item>\n         <title>{escape(item.title)}</title>\n"
            f"         <link>{escape(item.raw_url if raw else item.url)}</link>\n{lead}"
            f"         <author>info@example.ir</author>\n         <pubDate>{date}</pubDate>\n      </item>\n"
        )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0">\n   <channel>\n'
        "      <title>باشگاه خبرنگاران جوان | گیلان</title>\n      <link>https://www.yjc.ir</link>\n"
        f"      <generator>SepehrFeed V1.2</generator>\n{rows}   </channel>\n</rss>\n"
    ).encode()


def template_c(
    title: str, lead: str, body: str, *, crumbs: tuple[str, ...] = (), date: str = "", after: str = ""
) -> str:
    """A page of template C around texts in hand; ``body`` and ``after`` are markup."""
    path = "".join(
        f'<i class="fa fa-circle"></i> <a href="/fa/services/{n}"> {name} </a>'
        for n, name in enumerate(crumbs)
    )
    return (
        f'<!DOCTYPE html>\n<html lang="fa"><head><meta charset="utf-8"><title>x</title></head>\n'
        f'<body><div class="news-box"><span class="photo-newspage-date">{date}</span>\n'
        f'<h1 class="Htags"><span class="title-news"> \t{escape(title)} \t</span></h1>\n'
        f'<h2 class="Htags_news_subtitle"><strong class="news_strong">{escape(lead)}</strong></h2>\n'
        f'<div class="row baznashr-body"> \t{body}\n<div class="path_bottom_body"><a href="/"> باشگاه '
        f'خبرنگاران جوان </a> {path} </div></div>\n<div class="wrapper"></div>\n{after}</div></body></html>\n'
    )


def article_page(item: Item) -> str:
    """An article page for an item of the feed: its lead is all that is known of the text."""
    body = f"<p>باشگاه خبرنگاران جوان - {escape(item.lead)}</p>"
    return template_c(item.title, item.lead, body, crumbs=("گیلان",), date=item.printed)


def whole(fragments: str, head: str = "") -> str:
    return f'<!DOCTYPE html><html><head><meta charset="utf-8">{head}</head><body>{fragments}</body></html>'


@contextmanager
def served(pages: dict[str, tuple[str, bytes]]) -> Iterator[tuple[str, list[str]]]:
    """Serve path → (content type, body) on this machine; gives the root URL and the paths asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked.append(self.path)
            kind, body = pages.get(self.path, ("text/plain", b""))
            self.send_response(200 if self.path in pages else 404)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Not on the terminal."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
