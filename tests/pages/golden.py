"""What the page classes say of a stored page, as plain JSON: the left side of every golden comparison."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from parsel import Selector

from crawler.clean import clean
from crawler.extract import ArticleGone, Visit, read_article
from crawler.normalise.text import one_line
from crawler.pages.feed import FeedPage
from crawler.pages.section import HomePage, SectionPage
from crawler.pages.select import PageChanged
from crawler.pages.sitemap import SitemapPage
from crawler.sites import load

SITE = load()
VISIT = Visit(
    news_id=9100001,
    url="https://www.yjc.ir/fa/news/9100001/%D9%86%D9%85%D9%88%D9%86%D9%87",
    fetched_at=datetime.fromisoformat("2026-11-20T00:12:00+03:30"),
    status=200,
    etag=None,
    last_modified=None,
    run_id="golden",
    warc=None,
)
# What only a page can tell of an article; the rest of a row is told by the visit.
FIELDS = (
    "template",
    "province",
    "province_from",
    "sections",
    "city",
    "kicker",
    "title",
    "lead",
    "paragraphs",
    "dateline",
    "author",
    "source",
    "tags",
    "related",
    "images",
    "videos",
    "published",
    "modified",
    "dates_disagree",
)
DATE_FIELDS = ("at", "jalali", "precision", "from", "refused")


def article(page: Path) -> Any:
    """The clean row's fields. Those that the page does not carry are left out."""
    return row_of(page.read_text(encoding="utf-8"))


def row_of(html: str, visit: Visit = VISIT) -> dict[str, Any]:
    """The same of a page in hand."""
    row = clean(read_article(Selector(html), visit, SITE).article).model_dump(mode="json", by_alias=True)
    row["province"] = row["province"] and row["province"]["slug"]
    for date in ("published", "modified"):
        row[date] = row[date] and {name: row[date][name] for name in DATE_FIELDS}
    return dict(_carried({name: row[name] for name in FIELDS}))


def template_c(body: str) -> str:
    """The least page of template C around a body's markup."""
    return (
        '<html><body><h1 class="Htags"><span class="title-news">عنوان</span></h1>'
        f'<div class="row baznashr-body">{body}</div></body></html>'
    )


def feed(page: Path) -> Any:
    found = FeedPage(page.read_bytes())
    items = [
        {"url": item.url, "title": item.title, "lead": item.lead, "published": item.published}
        for item in found.items
    ]
    return _carried({"title": found.title, "items": items})


def section(page: Path) -> Any:
    """``fragment.html`` is what the «بیشتر» link loads, ``page.html`` the section's own page."""
    html = page.read_text(encoding="utf-8")
    found = SectionPage(Selector(html), is_fragment=page.stem == "fragment")
    return _carried(
        {"title": found.title, "cards": found.cards, "others": found.others, "next": found.next_link}
    )


def home(page: Path) -> Any:
    menu = HomePage(Selector(page.read_text(encoding="utf-8"))).menu
    return [
        _carried({"name": one_line(entry.name), "href": entry.href, "service_id": entry.service_id})
        for entry in menu
    ]


def sitemap(page: Path) -> Any:
    found = SitemapPage(page.read_bytes())
    entries = [{"url": entry.url, "modified": entry.modified} for entry in found.entries]
    return _carried({"is_index": found.is_index, "entries": entries})


KINDS: dict[str, Callable[[Path], Any]] = {
    "article": article,
    "feed": feed,
    "section": section,
    "home": home,
    "sitemap": sitemap,
}


def read(kind: str, page: Path) -> Any:
    """What the page says, or by what name it is refused."""
    try:
        return KINDS[kind](page)
    except (PageChanged, ArticleGone) as error:
        return {"error": type(error).__name__}


def _carried(value: Any) -> Any:
    """Without the keys whose value is null, empty text or an empty list."""
    if isinstance(value, dict):
        kept = {name: _carried(part) for name, part in value.items()}
        return {name: part for name, part in kept.items() if part is not None and part not in ("", [])}
    return [_carried(part) for part in value] if isinstance(value, list) else value


def as_json(value: Any) -> str:
    """Indented, letters as letters. Half-spaces stay letters too: a diff shows the words as they are read."""
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"
