"""One page in, one Article out, raw texts only. The crawl and every re-reading of the archive pass here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from urllib.parse import urljoin

from parsel import Selector

from crawler.frontier import Place
from crawler.items import Article, Http, ImageRef, Link, ProvinceRef, Raw, VideoRef
from crawler.normalise.text import one_line
from crawler.pages.article import ArticlePage
from crawler.pages.select import PageChanged
from crawler.pages.templates import article_page, says_missing
from crawler.provinces import Province, named
from crawler.sites import Site
from crawler.sites.urls import ascii_url
from crawler.warc.pointer import WarcPointer

EXTRACTOR = "ostan-pages/1"  # counts up when a page class reads the same bytes differently


class ArticleGone(ValueError):
    """The server answered 200 with its "no such page" page."""


@dataclass(frozen=True, slots=True)
class Visit:
    """All that a row knows from outside the page: the exchange, and where the article was listed."""

    news_id: int
    url: str
    fetched_at: datetime
    status: int
    etag: str | None
    last_modified: str | None
    run_id: str
    warc: WarcPointer | None
    listed_in: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """``article``: raw, see ``clean``. ``sections``: addresses that the breadcrumb gives for provinces."""

    article: Article
    sections: tuple[tuple[Province, str], ...]


def read_article(root: Selector, visit: Visit, site: Site) -> Reading:
    """What one article page says.

    Raises ArticleGone for a soft 404, PageChanged where no template fits or title or content is missing.
    """
    if says_missing(root):
        raise ArticleGone("the page says that the article does not exist (soft 404)")
    page = article_page(root)
    raw = _raw(page, visit.url, site)
    videos = [VideoRef(url=url) for href in page.videos if (url := _absolute(visit.url, href))]
    if not (raw.paragraphs or raw.images or videos):
        raise PageChanged(f"template {page.name}: neither text, image nor video in {page.body_css!r}")
    province, origin = _province(page, visit)
    article = Article(
        id=f"{site.name}:{visit.news_id}",
        site=site.name,
        url=visit.url,
        canonical_url=site.canonical_url(visit.news_id),
        short_url=site.short_url(visit.news_id),
        province=ProvinceRef.of(province) if province else None,
        province_from=origin,
        sections=_sections(page, visit),
        city=_city(page),
        raw=raw,
        videos=videos,
        template=page.name,
        extractor=EXTRACTOR,
        fetched_at=visit.fetched_at,
        first_seen=visit.fetched_at,
        http=Http(status=visit.status, etag=visit.etag, last_modified=visit.last_modified),
        run_id=visit.run_id,
        warc=visit.warc,
    )
    crumbs = ((named(crumb.name), crumb.href) for crumb in page.crumbs[:1])
    return Reading(article, tuple((province, href) for province, href in crumbs if province))


def _raw(page: ArticlePage, base: str, site: Site) -> Raw:
    return Raw(
        kicker=page.kicker,
        title=page.title,
        lead=page.lead,
        body=page.body.raw,
        paragraphs=page.body.paragraphs,
        published=page.printed_date,
        published_meta=page.meta.get("article:published_time"),
        modified_meta=page.meta.get("article:modified_time"),
        tags=page.tags,
        source=page.body.source,
        related=_links(page.related, base, site),
        images=[
            ImageRef(url=url, alt=image.alt, caption=image.caption)
            for image in page.images
            if (url := _absolute(base, image.href))
        ],
    )


def _links(links: Iterable[tuple[str, str]], base: str, site: Site) -> list[Link]:
    """One link an article: the id is the key, whatever the address."""
    found: dict[object, Link] = {}
    for href, title in links:
        if url := _absolute(base, href):
            found.setdefault(site.news_id(url) or url, Link(url=url, title=title))
    return list(found.values())


def _absolute(base: str, href: str) -> str | None:
    """Percent-encoded ASCII, http or https. None for what is no address: ``javascript:``, ``data:``…"""
    if href.startswith("#"):
        return None
    try:
        url = urljoin(base, href.strip())
        return ascii_url(url) if url.startswith(("http://", "https://")) else None
    except ValueError:
        return None


# -- which province: the page's own word first, then where it was listed, then its text --------------


Origin = Literal["breadcrumb", "meta", "feed", "section", "source", "dateline"]


def _province(page: ArticlePage, visit: Visit) -> tuple[Province | None, Origin | None]:
    for crumb in page.crumbs:
        if province := named(crumb.name):
            return province, "breadcrumb"
    if province := named(one_line(page.meta.get("article:section", ""))):
        return province, "meta"
    for wanted in ("feed", "section"):
        listed = {province for lane, province in visit.listed_in if lane == wanted}
        if len(listed) == 1:
            return listed.pop(), "feed" if wanted == "feed" else "section"
    # «منبع: شهروندخبرنگار - قم»
    if page.body.source and (province := named(page.body.source.rpartition("-")[2])):
        return province, "source"
    return None, None


def _sections(page: ArticlePage, visit: Visit) -> list[str]:
    own = [_section_name(crumb.name) for crumb in page.crumbs[:1]]
    listed = sorted(province.name_fa for _, province in visit.listed_in)
    return list(dict.fromkeys(own + listed))


def _section_name(name: str) -> str:
    province = named(name)
    return province.name_fa if province else name


def _city(page: ArticlePage) -> str | None:
    if len(page.crumbs) > 1 and named(page.crumbs[0].name):
        return page.crumbs[1].name
    return None
