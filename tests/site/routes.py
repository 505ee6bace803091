"""Which path answers what."""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import lru_cache
from zlib import adler32

from . import assets, feeds
from .articles import ArticlePage, print_page
from .chrome import Chrome
from .compose import article_of
from .edits import head_of, modified
from .lists import Lists
from .places import PROVINCES
from .world import BASE62, NOW, World, short

_ARTICLE = re.compile(r"/fa/news/(\d{1,9})(/.*)?")
_MORE = re.compile(r"/fa/section/ajax/(\d{1,6})/(\d{1,6})")
_TAG = re.compile(r"/fa/tags/(\d{1,6})/(\d{1,4})/([^/]+)")
_SHORT = re.compile(r"/(00[0-9A-Za-z]{4})")
_BARE = re.compile(r"/fa/(amp/news|print)/(\d{1,9})/?")
_FEED = re.compile(r"/fa/rss/(\d{1,4})")
_MONTH = re.compile(r"/fa-sitemap-newsarchive-(\d{4}-\d\d)\.xml")

HTML, XML = "text/html; charset=utf-8", "text/xml; charset=utf-8"


@dataclass(slots=True)
class Reply:
    """An answer, ready to send. Texts are kept gzipped only: most clients ask for that."""

    status: int
    kind: str
    body: bytes
    zipped: bool = False
    location: str = ""
    etag: str = ""
    modified: str = ""
    chunked: bool = False
    counted: bool = False
    """The page has HITS on it."""
    retry_after: str = ""
    refused: bool = False
    wait: float = 0.0
    cut: bool = False


def text(content: str, kind: str = HTML, status: int = 200) -> Reply:
    """A reply of text."""
    return Reply(status, kind, gzip.compress(content.encode(), 6, mtime=0), zipped=True)


class Routes:
    """All the pages of one world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.chrome = Chrome(world)
        self.lists = Lists(world, self.chrome)
        # Some 10 kB an entry: enough for a benchmark to run warm, and never more than 50 MB.
        self.reply = lru_cache(5000)(self._reply)

    def truth(self) -> bytes:
        """/__truth__.json"""
        world = self.world
        provinces = {
            p.name: {
                "service_id": world.services[i],
                "section": world.section(i),
                "in_nav": world.in_menu(i),
                "cities": list(p.cities),
            }
            for i, p in enumerate(PROVINCES)
        }
        articles = [article_of(world, slot).as_json(world.base) for slot in world.slots]
        gone = {str(number): kind for number, kind in world.gone.items()}
        return json.dumps(
            {
                "articles": articles,
                "gone": gone,
                "edited": list(world.edited),
                "deleted": {str(number): kind for number, kind in world.deleted.items()},
                "provinces": provinces,
            },
            ensure_ascii=False,
        ).encode()

    def _reply(self, path: str) -> Reply:
        if found := _ARTICLE.fullmatch(path):
            return self._article(int(found[1]), (found[2] or "/") != "/")
        return self._machine(path) or self._file(path) or self._list(path) or self._missing()

    def _article(self, number: int, with_slug: bool) -> Reply:
        slot = self.world.by_id.get(number)
        if slot is None:
            return self._gone(number)
        if not with_slug:
            return Reply(301, HTML, b"", location=self.world.base + head_of(self.world, slot).path)
        reply = text(ArticlePage(self.world, slot).html(self.chrome))
        reply.chunked = number % 3 == 0
        if self.world.weather.counters:
            reply.counted = True
            return reply
        return _stable(reply, modified(self.world, slot))

    def _machine(self, path: str) -> Reply | None:
        world = self.world
        if path == "/robots.txt":
            return text(feeds.robots(world), "text/plain; charset=utf-8", world.weather.robots_status or 200)
        xml: str | None = None
        if found := _FEED.fullmatch(path):
            xml = feeds.feed(world, int(found[1]))
        elif path == "/fa/rss/allnews":
            xml = feeds.feed(world, None)
        elif path == "/fa-sitemap-newsarchive":
            xml = feeds.sitemap_index(world)
        elif path == "/fa-sitemap-news":
            xml = feeds.sitemap_recent(world)
        elif found := _MONTH.fullmatch(path):
            xml = feeds.sitemap_month(world, found[1])
        return _stable(text(xml, XML), self._last_change()) if xml else None

    def _last_change(self) -> datetime:
        # Later with every article that weather touches: who asks by date gets what has changed.
        weather = self.world.weather
        return NOW + timedelta(seconds=weather.edits + weather.deletions + weather.new)

    def _file(self, path: str) -> Reply | None:
        if path.startswith("/files/") and path != "/files/adv/taken-down.jpg":
            if path.endswith(".jpg"):
                return Reply(200, "image/jpeg", assets.jpeg(path))
            if path.endswith(".mp4"):
                return Reply(200, "video/mp4", assets.mp4(path))
        if path.startswith("/client/themes/fa/main/"):
            if path.endswith(".css"):
                style = assets.PRINT if "/print_" in path else assets.STYLE
                return text(style, "text/css; charset=utf-8")
            if path.endswith(".woff2"):
                return Reply(200, "font/woff2", assets.woff2(path))
            if path.endswith(".js"):
                return text(assets.SCRIPT, "application/javascript; charset=utf-8")
            if path.endswith("/img/favicon.ico"):
                return Reply(200, "image/x-icon", assets.icon())
            if path.endswith(".jpg"):
                return Reply(200, "image/jpeg", assets.jpeg(path))
        return None

    def _list(self, path: str) -> Reply | None:
        html: str | None
        if path == "/":
            html = self.lists.home()
        elif path == "/fa/rss":
            html = self.chrome.page("RSS", feeds.directory(self.world), body_id="rss")
        elif found := _MORE.fullmatch(path):
            html = self.lists.more(int(found[1]), int(found[2]))
        elif found := _TAG.fullmatch(path):
            html = self.lists.tag(int(found[1]), int(found[2]), found[3])
        elif found := _SHORT.fullmatch(path):
            return self._short(found[1])
        elif found := _BARE.fullmatch(path):
            slot = self.world.by_id.get(int(found[2]))
            html = print_page(ArticlePage(self.world, slot)) if slot else None
        else:
            html = self.lists.section(path)
        return text(html) if html else None

    def _short(self, letters: str) -> Reply | None:
        number = 0
        for letter in letters:
            number = number * 62 + BASE62.index(letter)
        slot = self.world.by_id.get(number)
        if slot is None or short(number) != letters:
            return None
        return Reply(302, HTML, b"", location=self.world.base + head_of(self.world, slot).path)

    def _gone(self, number: int) -> Reply:
        match self.world.deleted.get(number) or self.world.gone.get(number):
            case "soft404":
                return self._soft()
            case "410":
                return self._missing(410)
            case "home":
                return Reply(302, HTML, b"", location=self.world.base + "/")
        return self._missing()

    def _missing(self, status: int = 404) -> Reply:
        html = '<div class="error_404"><h1>۴۰۴</h1><p>نشانی درخواستی یافت نشد.</p></div>\n'
        return text(self.chrome.page("۴۰۴", html, body_id="error"), status=status)

    def _soft(self) -> Reply:
        html = '<div class="error_container">صفحه درخواستی شما موجود نمی باشد</div>\n'
        return text(self.chrome.page("خطا", html, body_id="error"))


def _stable(reply: Reply, at: datetime) -> Reply:
    """With what lets a client ask whether anything has changed."""
    reply.etag = f'W/"{len(reply.body):x}-{adler32(reply.body):x}"'
    reply.modified = format_datetime(at.astimezone(UTC), usegmt=True)
    return reply
