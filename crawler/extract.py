"""One page in, one Article out, raw texts only. The crawl and every re-reading of the archive pass here."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from parsel import Selector

from crawler.cities import city_named, province_of
from crawler.items import Article, Http, ImageRef, Link, ProvinceRef, Raw, VideoRef
from crawler.ledger.found import Place
from crawler.normalise.names import tidy_name
from crawler.normalise.text import one_line
from crawler.pages.article import ArticlePage
from crawler.pages.select import PageChanged
from crawler.pages.templates import article_page, says_missing
from crawler.provinces import Province, named
from crawler.sites import Site
from crawler.sites.urls import absolute
from crawler.warc.pointer import WarcPointer

EXTRACTOR = "ostan-pages/1"  # counts up when a page class reads the same bytes differently


class ArticleGone(ValueError):
    """The server answered 200 with its "no such page" page."""


class OtherArticle(ValueError):
    """The answer is the page of another address, ``url``: it must never stand under the one asked for."""

    def __init__(self, words: str, url: str) -> None:
        super().__init__(words)
        self.url = url


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
    feed_date: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """``article``: raw, see ``clean``. ``sections``: addresses that the breadcrumb gives for provinces."""

    article: Article
    sections: tuple[tuple[Province, str], ...]


def read_article(root: Selector, visit: Visit, site: Site) -> Reading:
    """What one article page says.

    Raises ArticleGone for a soft 404, OtherArticle where the page names another id as its own, PageChanged
    where no template fits or title or content is missing.
    """
    if says_missing(root):
        raise ArticleGone("the page says that the article does not exist (soft 404)")
    page = article_page(root)
    if (own := site.article_at(page.own_address)) and own[0] != visit.news_id:
        raise OtherArticle("the page says that it is another article", own[1])
    raw = _raw(page, visit, site)
    videos = [VideoRef(url=url) for href in page.videos if (url := absolute(visit.url, href))]
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


def tombstone(last: Article, visit: Visit) -> Article:
    """The version that says that an article is gone: who it was, no text, and the answer that says so."""
    return Article(
        id=last.id,
        version=last.version + 1,
        status="gone",
        supersedes=last.version,
        site=last.site,
        url=visit.url,
        canonical_url=last.canonical_url,
        short_url=last.short_url,
        province=last.province,
        province_from=last.province_from,
        sections=last.sections,
        city=last.city,
        videos=[],
        template=None,
        extractor=EXTRACTOR,
        fetched_at=visit.fetched_at,
        first_seen=last.first_seen,
        http=Http(status=visit.status, etag=visit.etag, last_modified=visit.last_modified),
        run_id=visit.run_id,
        warc=visit.warc,
    )


def _raw(page: ArticlePage, visit: Visit, site: Site) -> Raw:
    return Raw(
        kicker=page.kicker,
        title=page.title,
        lead=page.lead,
        body=page.body.raw,
        paragraphs=page.body.paragraphs,
        published=page.printed_date,
        published_meta=page.meta.get("article:published_time"),
        published_feed=visit.feed_date,
        modified_meta=page.meta.get("article:modified_time"),
        tags=page.tags,
        source=page.body.source,
        related=_links(page.related, visit.url, site),
        images=[
            ImageRef(url=url, alt=image.alt, caption=image.caption)
            for image in page.images
            if (url := absolute(visit.url, image.href))
        ],
        crumbs=[crumb.raw for crumb in page.crumbs],
    )


def _links(links: Iterable[tuple[str, str]], base: str, site: Site) -> list[Link]:
    """One link an article: the id is the key, whatever the address."""
    found: dict[object, Link] = {}
    for href, title in links:
        if url := absolute(base, href):
            found.setdefault(site.news_id(url) or url, Link(url=url, title=title))
    return list(found.values())


# -- which province: the page's own word first, then where it was listed, then its text --------------


# «منبع: شهروندخبرنگار - قم». Without those words «منبع: فارس» is a news agency.
_CITIZEN = re.compile(r"شهروند[ \u200c]?خبرنگار ?[-–] ?(.{2,40})")
Origin = Literal["breadcrumb", "header", "meta", "feed", "section", "source", "dateline"]


def _province(page: ArticlePage, visit: Visit) -> tuple[Province | None, Origin | None]:
    for crumb in page.crumbs:
        if province := named(crumb.name):
            return province, "breadcrumb" if page.has_breadcrumb else "header"
    if province := named(one_line(page.meta.get("article:section", ""))):
        return province, "meta"
    for wanted in ("feed", "section"):
        listed = {province for lane, province in visit.listed_in if lane == wanted}
        if len(listed) == 1:
            return listed.pop(), "feed" if wanted == "feed" else "section"
    citizen = _CITIZEN.fullmatch(tidy_name(page.body.source) or "")
    if citizen and (province := province_of(citizen[1])):
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
    if len(page.crumbs) > 1 and (province := named(page.crumbs[0].name)):
        name = page.crumbs[1].name
        return city_named(name, province) or name
    return None
